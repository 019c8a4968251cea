/* SPDX-License-Identifier: Apache-2.0
 *
 * bao-cao-thang: sections 1.2, 1.3, 2.4 and 3 of a district's monthly report, as sentences, for cấp
 * huyện, cấp xã and both. Lines that are rarely needed (transfers, withdrawn, waiting for payment,
 * stopped) are printed when they are not zero, so that what is printed always balances.
 */
#include "catalogue/catalogue.h"
#include "services/reporting/engine/form.h"

#define RECEIVED_ONLINE TERM_FLOW_OF(RECEIVED, SLOTS_ONLINE)
#define RECEIVED_DIRECT_POSTAL TERM_FLOW_OF(RECEIVED, SLOTS_DIRECT_POSTAL)
#define RATE(slots)                                                      \
    .value = EXPRESSION(TERM_FLOW_OF(RECEIVED, SLOTS_ONLINE & (slots))), \
    .under = EXPRESSION(TERM_FLOW_OF(RECEIVED, slots))
#define PETITIONS(measure, class) EXPRESSION(TERM_FLOW_OF(PETITION_##measure, class))
#define PETITIONS_OPEN(class)                               \
    EXPRESSION(TERM_CLOSE_OF(PETITION_OPEN_IN_TIME, class), \
               TERM_CLOSE_OF(PETITION_OPEN_OVERDUE, class))

static const struct form_figure figures[] = {
    {.id = "section_1_2",
     .label = {"1.2. Kết quả giải quyết TTHC", "1.2. Administrative procedures resolved"}},
    {.id = "dossiers",
     .label = {"Tổng số hồ sơ", "Dossiers in total"},
     .value = EXPRESSION(TERM_FLOW(RECEIVED), TERMS_CARRIED_OVER, TERM_FLOW(TRANSFERRED_IN),
                         TERM_LESS(TRANSFERRED_OUT)),
     .sentence =
         {"Tổng số hồ sơ TTHC được tiếp nhận và giải quyết ở 2 cấp chính quyền trên địa bàn {area} "
          "(tính từ {from} đến {to}): {dossiers.total|2} hồ sơ, cụ thể: cấp huyện tiếp nhận: "
          "{dossiers.district|2} hồ sơ; cấp xã tiếp nhận: {dossiers.commune|2} hồ sơ, trong đó:",
          "Dossiers received and handled at both levels in the {area} (from {from} to {to}): "
          "{dossiers.total}; district level {dossiers.district}; commune level {dossiers.commune}; "
          "of which:"}},
    {.id = "online",
     .label = {"Mới tiếp nhận trực tuyến", "Received online"},
     .level = 1,
     .value = EXPRESSION(RECEIVED_ONLINE),
     .sentence = {"- Số hồ sơ mới tiếp nhận trực tuyến là: {online.total|2} hồ sơ (Cấp huyện tiếp "
                  "nhận {online.district|2} hồ sơ, cấp xã tiếp nhận {online.commune|2} hồ sơ)",
                  "- Newly received online: {online.total} (district level {online.district}, "
                  "commune level {online.commune})"}},
    {.id = "direct_postal",
     .label = {"Mới tiếp nhận trực tiếp hoặc dịch vụ bưu chính", "Received directly or by post"},
     .level = 1,
     .value = EXPRESSION(RECEIVED_DIRECT_POSTAL),
     .sentence =
         {"- Số mới tiếp nhận (trực tiếp hoặc dịch vụ bưu chính) là {direct_postal.total|2} "
          "hồ sơ (Huyện tiếp nhận {direct_postal.district|2} hồ sơ; cấp xã tiếp nhận "
          "{direct_postal.commune|2} hồ sơ)",
          "- Newly received directly or by post: {direct_postal.total} (district level "
          "{direct_postal.district}; commune level {direct_postal.commune})"}},
    {.id = "carried_over",
     .label = {"Kỳ trước chuyển qua", "Carried over"},
     .level = 1,
     .value = EXPRESSION(TERMS_CARRIED_OVER),
     .sentence =
         {"- Số hồ sơ kỳ trước chuyển qua là {carried_over.total|2} hồ sơ (Huyện tiếp nhận "
          "{carried_over.district|2} hồ sơ; cấp xã tiếp nhận {carried_over.commune|2} hồ sơ)",
          "- Carried over from before: {carried_over.total} (district level "
          "{carried_over.district}; commune level {carried_over.commune})"}},
    {.id = "transferred_in",
     .label = {"Chuyển đến từ đơn vị khác", "Transferred in"},
     .level = 1,
     .value = EXPRESSION(TERM_FLOW(TRANSFERRED_IN)),
     .sentence =
         {"- Cộng số hồ sơ chuyển đến từ đơn vị khác là {transferred_in.total|2} hồ sơ (cấp huyện "
          "{transferred_in.district|2} hồ sơ; cấp xã {transferred_in.commune|2} hồ sơ)",
          "- Plus transferred in: {transferred_in.total} (district level "
          "{transferred_in.district}; commune level {transferred_in.commune})"},
     .optional = true},
    {.id = "transferred_out",
     .label = {"Chuyển đi đơn vị khác", "Transferred out"},
     .level = 1,
     .value = EXPRESSION(TERM_FLOW(TRANSFERRED_OUT)),
     .sentence =
         {"- Trừ số hồ sơ chuyển đi đơn vị khác là {transferred_out.total|2} hồ sơ (cấp huyện "
          "{transferred_out.district|2} hồ sơ; cấp xã {transferred_out.commune|2} hồ sơ)",
          "- Less transferred out: {transferred_out.total} (district level "
          "{transferred_out.district}; commune level {transferred_out.commune})"},
     .optional = true},
    {.id = "resolved",
     .label = {"Đã giải quyết", "Resolved"},
     .value = EXPRESSION(TERMS_RESOLVED),
     .sentence =
         {"- Tổng số hồ sơ đã giải quyết là {resolved.total|2} hồ sơ (trả trước hạn và đúng hạn "
          "{resolved_early_or_on_time.total|2} hồ sơ; quá hạn {resolved_late.total|2} hồ sơ).",
          "- Resolved: {resolved.total} (early or on time {resolved_early_or_on_time.total}; late "
          "{resolved_late.total})."}},
    {.id = "resolved_early_or_on_time",
     .label = {"Trước hạn và đúng hạn", "Early or on time"},
     .level = 1,
     .value = EXPRESSION(TERM_FLOW(RESOLVED_EARLY), TERM_FLOW(RESOLVED_ON_TIME))},
    {.id = "resolved_late",
     .label = {"Quá hạn", "Late"},
     .level = 1,
     .value = EXPRESSION(TERMS_RESOLVED_LATE)},
    {.id = "processing",
     .label = {"Đang giải quyết", "In process"},
     .value = EXPRESSION(TERM_CLOSE(PROCESSING_IN_TIME), TERM_CLOSE(PROCESSING_OVERDUE)),
     .sentence = {"- Tổng số hồ sơ đang giải quyết là {processing.total|2} hồ sơ.",
                  "- In process: {processing.total}."}},
    {.id = "returned",
     .label = {"Trả lại", "Returned"},
     .value = EXPRESSION(TERM_FLOW(RETURNED)),
     .sentence = {"- Số hồ sơ trả lại {returned.total|2} hồ sơ;", "- Returned: {returned.total};"}},
    {.id = "withdrawn",
     .label = {"Công dân rút", "Withdrawn"},
     .value = EXPRESSION(TERM_FLOW(WITHDRAWN)),
     .sentence = {"- Số hồ sơ công dân rút {withdrawn.total|2} hồ sơ;",
                  "- Withdrawn: {withdrawn.total};"},
     .optional = true},
    {.id = "waiting_supplement",
     .label = {"Yêu cầu bổ sung", "Waiting for supplement"},
     .value = EXPRESSION(TERM_CLOSE(WAITING_SUPPLEMENT)),
     .sentence = {"- Số hồ sơ yêu cầu bổ sung: {waiting_supplement.total|2} hồ sơ",
                  "- Waiting for supplement: {waiting_supplement.total}"}},
    {.id = "waiting_payment",
     .label = {"Chờ nghĩa vụ tài chính", "Waiting for payment"},
     .value = EXPRESSION(TERM_CLOSE(WAITING_PAYMENT)),
     .sentence = {"- Số hồ sơ chờ thực hiện nghĩa vụ tài chính: {waiting_payment.total|2} hồ sơ",
                  "- Waiting for payment: {waiting_payment.total}"},
     .optional = true},
    {.id = "stopped",
     .label = {"Dừng xử lý", "Stopped"},
     .value = EXPRESSION(TERM_CLOSE(STOPPED)),
     .sentence = {"- Số hồ sơ dừng xử lý: {stopped.total|2} hồ sơ", "- Stopped: {stopped.total}"},
     .optional = true},
    {.id = "section_1_3",
     .label = {"1.3. Kết quả thực hiện dịch vụ công trực tuyến (DVCTT)",
               "1.3. Online public services"}},
    {.id = "rate_online",
     .label = {"Tỷ lệ hồ sơ trực tuyến", "Online rate"},
     RATE(SLOTS_OFFERED_ONLINE),
     .sentence = {"- Tỷ lệ hồ sơ trực tuyến toàn {area} đạt {rate_online.total} (trong đó cấp "
                  "huyện đạt {rate_online.district}; cấp xã đạt {rate_online.commune})",
                  "- Rate of online dossiers in the {area}: {rate_online.total} (district level "
                  "{rate_online.district}; commune level {rate_online.commune})"}},
    {.id = "rate_full",
     .label = {"Tỷ lệ hồ sơ trực tuyến toàn trình", "Online rate, fully online procedures"},
     RATE(SLOTS_FULL),
     .sentence =
         {"- Tỷ lệ hồ sơ trực tuyến toàn trình toàn {area} đạt {rate_full.total} (trong đó cấp "
          "huyện đạt {rate_full.district}; cấp xã đạt {rate_full.commune})",
          "- Rate of online dossiers of fully online procedures in the {area}: {rate_full.total} "
          "(district level {rate_full.district}; commune level {rate_full.commune})"}},
    {.id = "rate_partial",
     .label = {"Tỷ lệ hồ sơ trực tuyến một phần", "Online rate, partly online procedures"},
     RATE(SLOTS_PARTIAL),
     .sentence = {"- Tỷ lệ hồ sơ trực tuyến một phần toàn {area} đạt {rate_partial.total} (trong "
                  "đó cấp huyện đạt {rate_partial.district}; cấp xã đạt {rate_partial.commune})",
                  "- Rate of online dossiers of partly online procedures in the {area}: "
                  "{rate_partial.total} (district level {rate_partial.district}; commune level "
                  "{rate_partial.commune})"}},
    {.id = "section_2_4",
     .label = {"2.4. Kết quả số hóa hồ sơ, kết quả giải quyết TTHC",
               "2.4. Digitisation of dossiers and results"}},
    {.id = "rate_digitised",
     .label = {"Tỷ lệ số hóa hồ sơ", "Digitisation rate"},
     .value = EXPRESSION(TERM_FLOW_OF(COMPONENTS_DIGITISED, SLOTS_OFFERED_ONLINE)),
     .under = EXPRESSION(TERM_FLOW_OF(RECEIVED, SLOTS_OFFERED_ONLINE)),
     .sentence = {"- Tỷ lệ số hóa hồ sơ cấp huyện đạt {rate_digitised.district}; tỷ lệ hồ sơ số "
                  "hóa cấp xã đạt {rate_digitised.commune}",
                  "- Digitisation rate: district level {rate_digitised.district}; commune level "
                  "{rate_digitised.commune}"}},
    {.id = "section_3",
     .label = {"3. Kết quả tiếp nhận và xử lý phản ánh, kiến nghị", "3. Petitions"}},
    {.id = "petitions_administrative_received",
     .label = {"PAKN về quy định và hành vi hành chính: đã tiếp nhận",
               "Petitions on administrative rules and acts: received"},
     .value = PETITIONS(RECEIVED, SLOTS_ADMINISTRATIVE),
     .sentence =
         {"- Tình hình tiếp nhận và xử lý phản ánh, kiến nghị (PAKN) về quy định và hành vi hành "
          "chính: Tổng số PAKN đã tiếp nhận: {petitions_administrative_received.total}; số PAKN đã "
          "xử lý đúng hạn: {petitions_administrative_resolved_on_time.total}; số PAKN đã xử lý quá "
          "hạn: {petitions_administrative_resolved_late.total}; số PAKN đang xử lý: "
          "{petitions_administrative_open.total}",
          "- Petitions on administrative rules and acts: received "
          "{petitions_administrative_received.total}; resolved on time "
          "{petitions_administrative_resolved_on_time.total}; resolved late "
          "{petitions_administrative_resolved_late.total}; in process "
          "{petitions_administrative_open.total}"}},
    {.id = "petitions_administrative_resolved_on_time",
     .label = {"Đã xử lý đúng hạn", "Resolved on time"},
     .level = 1,
     .value = PETITIONS(RESOLVED_ON_TIME, SLOTS_ADMINISTRATIVE)},
    {.id = "petitions_administrative_resolved_late",
     .label = {"Đã xử lý quá hạn", "Resolved late"},
     .level = 1,
     .value = PETITIONS(RESOLVED_LATE, SLOTS_ADMINISTRATIVE)},
    {.id = "petitions_administrative_open",
     .label = {"Đang xử lý", "In process"},
     .level = 1,
     .value = PETITIONS_OPEN(SLOTS_ADMINISTRATIVE)},
    {.id = "petitions_business_received",
     .label = {"PAKN về quy định kinh doanh: đã tiếp nhận",
               "Petitions on business regulations: received"},
     .value = PETITIONS(RECEIVED, SLOTS_BUSINESS),
     .sentence =
         {"- Tình hình tiếp nhận và xử lý phản ánh, kiến nghị (PAKN) về quy định kinh doanh: Tổng "
          "số PAKN đã tiếp nhận: {petitions_business_received.total}; số PAKN đã xử lý đúng hạn: "
          "{petitions_business_resolved_on_time.total}; số PAKN đã xử lý quá hạn: "
          "{petitions_business_resolved_late.total}; số PAKN đang xử lý: "
          "{petitions_business_open.total}",
          "- Petitions on business regulations: received {petitions_business_received.total}; "
          "resolved on time {petitions_business_resolved_on_time.total}; resolved late "
          "{petitions_business_resolved_late.total}; in process {petitions_business_open.total}"}},
    {.id = "petitions_business_resolved_on_time",
     .label = {"Đã xử lý đúng hạn", "Resolved on time"},
     .level = 1,
     .value = PETITIONS(RESOLVED_ON_TIME, SLOTS_BUSINESS)},
    {.id = "petitions_business_resolved_late",
     .label = {"Đã xử lý quá hạn", "Resolved late"},
     .level = 1,
     .value = PETITIONS(RESOLVED_LATE, SLOTS_BUSINESS)},
    {.id = "petitions_business_open",
     .label = {"Đang xử lý", "In process"},
     .level = 1,
     .value = PETITIONS_OPEN(SLOTS_BUSINESS)},
};

static const struct form_scope scopes[] = {
    {"total", {"Tổng số", "Total"}, 0},
    {"district", {"Cấp huyện", "District level"}, UINT32_C(1) << TIER_DISTRICT},
    {"commune", {"Cấp xã", "Commune level"}, UINT32_C(1) << TIER_COMMUNE},
};

static const struct form_check checks[] = {
    {"dossiers_in",
     {"Tổng số hồ sơ + chuyển đi = trực tuyến + trực tiếp, bưu chính + kỳ trước chuyển qua + "
      "chuyển đến",
      "Dossiers + transferred out = online + direct, postal + carried over + transferred in"},
     {"dossiers", "transferred_out"},
     {"online", "direct_postal", "carried_over", "transferred_in"}},
    {"dossiers_out",
     {"Tổng số hồ sơ = đã giải quyết + đang giải quyết + trả lại + công dân rút + yêu cầu bổ sung "
      "+ chờ nghĩa vụ tài chính + dừng xử lý",
      "Dossiers = resolved + in process + returned + withdrawn + waiting for supplement + waiting "
      "for payment + stopped"},
     {"dossiers"},
     {"resolved", "processing", "returned", "withdrawn", "waiting_supplement", "waiting_payment",
      "stopped"}},
    {"resolved_split",
     {"Đã giải quyết = trước hạn và đúng hạn + quá hạn", "Resolved = early or on time + late"},
     {"resolved"},
     {"resolved_early_or_on_time", "resolved_late"}},
};

static const struct text2 notes[] = {
    {"Đã giải quyết không gồm hồ sơ trả lại và hồ sơ công dân rút; các hồ sơ đó có dòng riêng.",
     "Resolved does not include returned and withdrawn dossiers; they have lines of their own."},
    {"Tỷ lệ hồ sơ trực tuyến và tỷ lệ số hóa tính trên số hồ sơ tiếp nhận trong kỳ của các TTHC có "
     "cung cấp dịch vụ công trực tuyến (toàn trình hoặc một phần, theo mức độ vào ngày tiếp nhận).",
     "Online and digitisation rates divide by the period's receptions of procedures offered online "
     "(full or partial, by the level on the day of reception)."},
    {"Cấp huyện và cấp xã theo cấp của đơn vị đang giữ hồ sơ; cột tổng số gồm mọi đơn vị thuộc "
     "phạm vi báo cáo.",
     "District and commune level are those of the unit that holds the dossier; the total covers "
     "every unit of the report."},
};

const struct form form_bao_cao_thang = {
    .id = "bao-cao-thang",
    .title = {"BÁO CÁO TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH",
              "REPORT ON THE RESOLUTION OF ADMINISTRATIVE PROCEDURES"},
    .rows = ROWS_SECTION_LINES,
    .figures = figures,
    .figure_count = COUNT_OF(figures),
    .scopes = scopes,
    .scope_count = COUNT_OF(scopes),
    .checks = checks,
    .check_count = COUNT_OF(checks),
    .notes = notes,
    .note_count = COUNT_OF(notes),
};
