/* SPDX-License-Identifier: Apache-2.0
 *
 * truc-tuyen: what each unit received online. The rate is the one of bao-cao-thang: among
 * receptions of procedures that are offered online.
 */
#include "services/reporting/engine/form.h"

static const struct form_figure figures[] = {
    {.id = "received",
     .label = {"Tổng số hồ sơ tiếp nhận", "Received"},
     .number = "(3)=(4)+(5)",
     .value = EXPRESSION(TERM_FLOW(RECEIVED))},
    {.id = "online",
     .label = {"Trực tuyến", "Online"},
     .number = "(4)",
     .value = EXPRESSION(TERM_FLOW_OF(RECEIVED, SLOTS_ONLINE))},
    {.id = "direct_postal",
     .label = {"Trực tiếp, dịch vụ bưu chính", "Direct, postal"},
     .number = "(5)",
     .value = EXPRESSION(TERM_FLOW_OF(RECEIVED, SLOTS_DIRECT_POSTAL))},
    {.id = "rate_online",
     .label = {"Tỷ lệ trực tuyến", "Online rate"},
     .number = "(6)",
     .value = EXPRESSION(TERM_FLOW_OF(RECEIVED, (SLOTS_ONLINE & SLOTS_OFFERED_ONLINE))),
     .under = EXPRESSION(TERM_FLOW_OF(RECEIVED, SLOTS_OFFERED_ONLINE))},
};

static const struct form_check checks[] = {
    {"column_3", {"(3)=(4)+(5)", "(3)=(4)+(5)"}, {"received"}, {"online", "direct_postal"}},
};

static const struct text2 notes[] = {
    {"Tỷ lệ (6) chỉ tính hồ sơ của thủ tục cung cấp dịch vụ công trực tuyến toàn trình hoặc một "
     "phần.",
     "The rate (6) counts only dossiers of procedures offered online, fully or partly."},
};

const struct form form_truc_tuyen = {
    .id = "truc-tuyen",
    .title = {"TÌNH HÌNH TIẾP NHẬN HỒ SƠ TRỰC TUYẾN", "DOSSIERS RECEIVED ONLINE"},
    .rows = ROWS_UNITS,
    .figures = figures,
    .figure_count = COUNT_OF(figures),
    .checks = checks,
    .check_count = COUNT_OF(checks),
    .notes = notes,
    .note_count = COUNT_OF(notes),
};
