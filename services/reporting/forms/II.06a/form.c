/* SPDX-License-Identifier: Apache-2.0
 *
 * II.06a: reception and resolution by field under each unit. Returned and withdrawn dossiers count
 * as resolved on time, waiting and stopped ones as open in time; transfers go into what was carried
 * over, so that (3)=(7)+(11) always.
 */
#include "services/reporting/engine/form.h"

#define ONLINE TERM_FLOW_OF(RECEIVED, SLOTS_ONLINE)
#define DIRECT_POSTAL TERM_FLOW_OF(RECEIVED, SLOTS_DIRECT_POSTAL)
#define CARRIED_OVER TERMS_CARRIED_OVER, TERM_FLOW(TRANSFERRED_IN), TERM_LESS(TRANSFERRED_OUT)
#define EARLY TERM_FLOW(RESOLVED_EARLY)
#define ON_TIME TERM_FLOW(RESOLVED_ON_TIME), TERM_FLOW(RETURNED), TERM_FLOW(WITHDRAWN)
#define IN_TIME                                                                                  \
    TERM_CLOSE(PROCESSING_IN_TIME), TERM_CLOSE(WAITING_SUPPLEMENT), TERM_CLOSE(WAITING_PAYMENT), \
        TERM_CLOSE(STOPPED)
#define OVERDUE TERM_CLOSE(PROCESSING_OVERDUE)

static const struct form_figure figures[] = {
    {.id = "received_total",
     .label = {"Số hồ sơ nhận giải quyết: Tổng số", "To resolve: total"},
     .number = "(3)=(4)+(5)+(6)",
     .value = EXPRESSION(ONLINE, DIRECT_POSTAL, CARRIED_OVER)},
    {.id = "online",
     .label = {"Trong kỳ: trực tuyến", "In the period: online"},
     .number = "(4)",
     .value = EXPRESSION(ONLINE)},
    {.id = "direct_postal",
     .label = {"Trong kỳ: trực tiếp, dịch vụ bưu chính", "In the period: direct, postal"},
     .number = "(5)",
     .value = EXPRESSION(DIRECT_POSTAL)},
    {.id = "carried_over",
     .label = {"Từ kỳ trước", "Carried over"},
     .number = "(6)",
     .value = EXPRESSION(CARRIED_OVER)},
    {.id = "resolved_total",
     .label = {"Số hồ sơ đã giải quyết: Tổng số", "Resolved: total"},
     .number = "(7)=(8)+(9)+(10)",
     .value = EXPRESSION(EARLY, ON_TIME, TERMS_RESOLVED_LATE)},
    {.id = "early", .label = {"Trước hạn", "Early"}, .number = "(8)", .value = EXPRESSION(EARLY)},
    {.id = "on_time",
     .label = {"Đúng hạn", "On time"},
     .number = "(9)",
     .value = EXPRESSION(ON_TIME)},
    {.id = "late",
     .label = {"Quá hạn", "Late"},
     .number = "(10)",
     .value = EXPRESSION(TERMS_RESOLVED_LATE)},
    {.id = "open_total",
     .label = {"Số hồ sơ đang giải quyết: Tổng số", "In process: total"},
     .number = "(11)=(12)+(13)",
     .value = EXPRESSION(IN_TIME, OVERDUE)},
    {.id = "in_time",
     .label = {"Trong hạn", "In time"},
     .number = "(12)",
     .value = EXPRESSION(IN_TIME)},
    {.id = "overdue",
     .label = {"Quá hạn", "Overdue"},
     .number = "(13)",
     .value = EXPRESSION(OVERDUE)},
};

static const struct form_check checks[] = {
    {"column_3",
     {"(3)=(4)+(5)+(6)", "(3)=(4)+(5)+(6)"},
     {"received_total"},
     {"online", "direct_postal", "carried_over"}},
    {"column_7",
     {"(7)=(8)+(9)+(10)", "(7)=(8)+(9)+(10)"},
     {"resolved_total"},
     {"early", "on_time", "late"}},
    {"column_11", {"(11)=(12)+(13)", "(11)=(12)+(13)"}, {"open_total"}, {"in_time", "overdue"}},
    {"columns_3_7_11",
     {"(3)=(7)+(11)", "(3)=(7)+(11)"},
     {"received_total"},
     {"resolved_total", "open_total"}},
};

static const struct text2 notes[] = {
    {"Đã giải quyết (7) gồm cả hồ sơ trả lại và hồ sơ công dân rút, tính vào cột (9) đúng hạn.",
     "Resolved (7) includes returned and withdrawn dossiers; they count in (9), on time."},
    {"Đang giải quyết (11) gồm cả hồ sơ chờ bổ sung, chờ nghĩa vụ tài chính và dừng xử lý, tính "
     "vào cột (12) trong hạn.",
     "In process (11) includes dossiers that wait for a supplement or a payment or are stopped; "
     "they count in (12)."},
    {"Từ kỳ trước (6) cộng hồ sơ chuyển đến và trừ hồ sơ chuyển đi giữa các đơn vị trong kỳ, nên "
     "(3)=(7)+(11) với mọi dòng.",
     "Carried over (6) adds dossiers transferred in and subtracts those transferred out in the "
     "period, so that (3)=(7)+(11) holds in every row."},
};

const struct form form_ii_06a = {
    .id = "II.06a",
    .title = {"TÌNH HÌNH, KẾT QUẢ TIẾP NHẬN VÀ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH THEO LĨNH VỰC",
              "RECEPTION AND RESOLUTION OF ADMINISTRATIVE PROCEDURES BY FIELD"},
    .rows = ROWS_FIELDS_UNDER_UNITS,
    .figures = figures,
    .figure_count = COUNT_OF(figures),
    .checks = checks,
    .check_count = COUNT_OF(checks),
    .notes = notes,
    .note_count = COUNT_OF(notes),
};
