/* SPDX-License-Identifier: Apache-2.0
 *
 * bao-cao-thang: sections 1.2, 1.3, 2.4 and 3 of a district's monthly report, as sentences, for cấp
 * huyện, cấp xã and both. Lines that are rarely needed (transfers, withdrawn, waiting for payment,
 * stopped) are printed when they are not zero, so that what is printed always balances.
 */
#include "catalogue/catalogue.h"
#include "services/reporting/form.h"

#define RECEIVED_ONLINE TERM_FLOW_OF(RECEIVED, SLOTS_ONLINE)
#define RECEIVED_DIRECT_POSTAL TERM_FLOW_OF(RECEIVED, SLOTS_DIRECT_POSTAL)
#define RATE(slots)                                                      \
    .value = EXPRESSION(TERM_FLOW_OF(RECEIVED, SLOTS_ONLINE & (slots))), \
    .under = EXPRESSION(TERM_FLOW_OF(RECEIVED, slots))
#define RATE_SENTENCE(what_vi, what_en, id)                                                     \
    {                                                                                           \
        "- Tỷ lệ hồ sơ " what_vi " toàn {area} đạt {" id ".total} (trong đó cấp huyện đạt {" id \
        ".district}; cấp xã đạt {" id ".commune})",                                             \
            "- Rate of " what_en " in the {area}: {" id ".total} (district level {" id          \
            ".district}; commune level {" id ".commune})"                                       \
    }
#define PETITION_LINES(class, slots_of_class, about_vi, about_en)                                      \
    {.id = "petitions_" class "_received",                                                             \
     .label = {"PAKN về " about_vi ": đã tiếp nhận", "Petitions on " about_en ": received"},           \
     .value = EXPRESSION(TERM_FLOW_OF(PETITION_RECEIVED, slots_of_class)),                             \
     .sentence = {"- Tình hình tiếp nhận và xử lý phản ánh, kiến nghị (PAKN) về " about_vi             \
                  ": Tổng số PAKN đã tiếp nhận: {petitions_" class "_received.total}; số PAKN đã " \
                                                                   "xử lý đúng hạn: "           \
                                                                   "{petitions_" class                 \
                  "_resolved_on_time.total}; số PAKN đã xử lý quá hạn: {petitions_" class              \
                  "_resolved_late.total}; số PAKN đang xử lý: {petitions_" class "_open.total}",       \
                  "- Petitions on " about_en                                                           \
                  ": received {petitions_" class "_received.total}; resolved on time "                 \
                                                 "{petitions_" class "_resolved_on_time.total}; "      \
                                                                     "resolved late "                  \
                                                                     "{petitions_" class               \
                  "_resolved_late.total}; in process {petitions_" class "_open.total}"}},              \
        {.id = "petitions_" class "_resolved_on_time",                                                 \
         .label = {"Đã xử lý đúng hạn", "Resolved on time"},                                           \
         .level = 1,                                                                                   \
         .value = EXPRESSION(TERM_FLOW_OF(PETITION_RESOLVED_ON_TIME, slots_of_class))},                \
        {.id = "petitions_" class "_resolved_late",                                                    \
         .label = {"Đã xử lý quá hạn", "Resolved late"},                                               \
         .level = 1,                                                                                   \
         .value = EXPRESSION(TERM_FLOW_OF(PETITION_RESOLVED_LATE, slots_of_class))},                   \
    {                                                                                                  \
        .id = "petitions_" class "_open", .label = {"Đang xử lý", "In process"}, .level = 1,           \
        .value = EXPRESSION(TERM_CLOSE_OF(PETITION_OPEN_IN_TIME, slots_of_class),                      \
                            TERM_CLOSE_OF(PETITION_OPEN_OVERDUE, slots_of_class))                      \
    }
#define HEADING(name, vi, en)                                   \
    {                                                           \
        .id = (name), .label = {vi, en}, .sentence = { vi, en } \
    }

static const struct form_figure figures[] = {
    HEADING("section_1_2", "1.2. Kết quả giải quyết TTHC",
            "1.2. Administrative procedures resolved"),
    {.id = "dossiers",
     .label = {"Tổng số hồ sơ", "Dossiers in total"},
     .value = EXPRESSION(TERM_FLOW(RECEIVED), TERMS_CARRIED_OVER, TERM_FLOW(TRANSFERRED_IN),
                         TERM_LESS(TRANSFERRED_OUT)),
     .sentence = {"Tổng số hồ sơ TTHC được tiếp nhận và giải quyết ở 2 cấp chính quyền trên địa "
                  "bàn {area} (tính từ {from} đến "
                  "{to}): {dossiers.total} hồ sơ, cụ thể: cấp huyện tiếp nhận: {dossiers.district} "
                  "hồ sơ; cấp xã tiếp nhận: "
                  "{dossiers.commune} hồ sơ, trong đó:",
                  "Dossiers received and handled at both levels in the {area} (from {from} to "
                  "{to}): {dossiers.total}; district "
                  "level {dossiers.district}; commune level {dossiers.commune}; of which:"}},
    {.id = "online",
     .label = {"Mới tiếp nhận trực tuyến", "Received online"},
     .level = 1,
     .value = EXPRESSION(RECEIVED_ONLINE),
     .sentence = {"- Số hồ sơ mới tiếp nhận trực tuyến là: {online.total} hồ sơ (Cấp huyện tiếp "
                  "nhận {online.district} "
                  "hồ sơ, cấp xã tiếp nhận {online.commune} hồ sơ)",
                  "- Newly received online: {online.total} (district level {online.district}, "
                  "commune level "
                  "{online.commune})"}},
    {.id = "direct_postal",
     .label = {"Mới tiếp nhận trực tiếp hoặc dịch vụ bưu chính", "Received directly or by post"},
     .level = 1,
     .value = EXPRESSION(RECEIVED_DIRECT_POSTAL),
     .sentence = {"- Số mới tiếp nhận (trực tiếp hoặc dịch vụ bưu chính) là {direct_postal.total} "
                  "hồ sơ (Huyện tiếp nhận "
                  "{direct_postal.district} hồ sơ; cấp xã tiếp nhận {direct_postal.commune} hồ sơ)",
                  "- Newly received directly or by post: {direct_postal.total} (district level "
                  "{direct_postal.district}; commune level {direct_postal.commune})"}},
    {.id = "carried_over",
     .label = {"Kỳ trước chuyển qua", "Carried over"},
     .level = 1,
     .value = EXPRESSION(TERMS_CARRIED_OVER),
     .sentence = {"- Số hồ sơ kỳ trước chuyển qua là {carried_over.total} hồ sơ (Huyện tiếp nhận "
                  "{carried_over.district} "
                  "hồ sơ; cấp xã tiếp nhận {carried_over.commune} hồ sơ)",
                  "- Carried over from before: {carried_over.total} (district level "
                  "{carried_over.district}; commune "
                  "level {carried_over.commune})"}},
    {.id = "transferred_in",
     .label = {"Chuyển đến từ đơn vị khác", "Transferred in"},
     .level = 1,
     .value = EXPRESSION(TERM_FLOW(TRANSFERRED_IN)),
     .sentence =
         {"- Cộng số hồ sơ chuyển đến từ đơn vị khác là {transferred_in.total|2} hồ sơ (cấp huyện "
          "{transferred_in.district|2} hồ sơ; cấp xã {transferred_in.commune|2} hồ sơ)",
          "- Plus transferred in: {transferred_in.total} (district level "
          "{transferred_in.district}; commune "
          "level {transferred_in.commune})"},
     .optional = true},
    {.id = "transferred_out",
     .label = {"Chuyển đi đơn vị khác", "Transferred out"},
     .level = 1,
     .value = EXPRESSION(TERM_FLOW(TRANSFERRED_OUT)),
     .sentence =
         {"- Trừ số hồ sơ chuyển đi đơn vị khác là {transferred_out.total|2} hồ sơ (cấp huyện "
          "{transferred_out.district|2} hồ sơ; cấp xã {transferred_out.commune|2} hồ sơ)",
          "- Less transferred out: {transferred_out.total} (district level "
          "{transferred_out.district}; commune "
          "level {transferred_out.commune})"},
     .optional = true},
    {.id = "resolved",
     .label = {"Đã giải quyết", "Resolved"},
     .value = EXPRESSION(TERMS_RESOLVED),
     .sentence =
         {"- Tổng số hồ sơ đã giải quyết là {resolved.total} hồ sơ (trả trước hạn và đúng hạn "
          "{resolved_early_or_on_time.total} hồ sơ; quá hạn {resolved_late.total|2} hồ sơ).",
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
    HEADING("section_1_3", "1.3. Kết quả thực hiện dịch vụ công trực tuyến (DVCTT)",
            "1.3. Online public services"),
    {.id = "rate_online",
     .label = {"Tỷ lệ hồ sơ trực tuyến", "Online rate"},
     RATE(SLOTS_OFFERED_ONLINE),
     .sentence = RATE_SENTENCE("trực tuyến", "online dossiers", "rate_online")},
    {.id = "rate_full",
     .label = {"Tỷ lệ hồ sơ trực tuyến toàn trình", "Online rate, fully online procedures"},
     RATE(SLOTS_FULL),
     .sentence = RATE_SENTENCE("trực tuyến toàn trình",
                               "online dossiers of fully online procedures", "rate_full")},
    {.id = "rate_partial",
     .label = {"Tỷ lệ hồ sơ trực tuyến một phần", "Online rate, partly online procedures"},
     RATE(SLOTS_PARTIAL),
     .sentence = RATE_SENTENCE("trực tuyến một phần", "online dossiers of partly online procedures",
                               "rate_partial")},
    HEADING("section_2_4", "2.4. Kết quả số hóa hồ sơ, kết quả giải quyết TTHC",
            "2.4. Digitisation of dossiers and results"),
    {.id = "rate_digitised",
     .label = {"Tỷ lệ số hóa hồ sơ", "Digitisation rate"},
     .value = EXPRESSION(TERM_FLOW_OF(COMPONENTS_DIGITISED, SLOTS_OFFERED_ONLINE)),
     .under = EXPRESSION(TERM_FLOW_OF(RECEIVED, SLOTS_OFFERED_ONLINE)),
     .sentence = {"- Tỷ lệ số hóa hồ sơ cấp huyện đạt {rate_digitised.district}; tỷ lệ hồ sơ số "
                  "hóa cấp xã đạt "
                  "{rate_digitised.commune}",
                  "- Digitisation rate: district level {rate_digitised.district}; commune level "
                  "{rate_digitised.commune}"}},
    HEADING("section_3", "3. Kết quả tiếp nhận và xử lý phản ánh, kiến nghị", "3. Petitions"),
    PETITION_LINES("administrative", SLOTS_ADMINISTRATIVE, "quy định và hành vi hành chính",
                   "administrative rules and acts"),
    PETITION_LINES("business", SLOTS_BUSINESS, "quy định kinh doanh", "business regulations"),
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
      "+ chờ nghĩa vụ tài chính "
      "+ dừng xử lý",
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
     "cung cấp dịch vụ công "
     "trực tuyến (toàn trình hoặc một phần, theo mức độ vào ngày tiếp nhận).",
     "Online and digitisation rates divide by the period's receptions of procedures offered online "
     "(full or partial, "
     "by the level on the day of reception)."},
    {"Cấp huyện và cấp xã theo cấp của đơn vị đang giữ hồ sơ; cột tổng số gồm mọi đơn vị thuộc "
     "phạm vi báo cáo.",
     "District and commune level are those of the unit that holds the dossier; the total covers "
     "every unit of the "
     "report."},
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
