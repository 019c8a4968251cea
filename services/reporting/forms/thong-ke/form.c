/* SPDX-License-Identifier: Apache-2.0
 *
 * thong-ke: every measure of every unit, for machines. A column's id is its measure's name: all
 * flows, then what was carried over, then each stock as at the end of the period. A new measure
 * appears here by itself.
 */
#include "services/reporting/engine/form.h"

#define COLUMN(name, column, side, vi, en) \
    {.id = (column), .label = {vi, en}, .value = EXPRESSION(TERM(name, side, SLOTS_ALL, 1))},
#define NO_COLUMN(name, id, side, vi, en)
#define FLOWS_FLOW COLUMN
#define FLOWS_STOCK NO_COLUMN
#define STOCKS_FLOW NO_COLUMN
#define STOCKS_STOCK COLUMN
#define FLOW_COLUMN(name, id, type, vi, en) FLOWS_##type(name, id, SIDE_FLOW, vi, en)
#define STOCK_COLUMN(name, id, type, vi, en) STOCKS_##type(name, id, SIDE_CLOSE, vi, en)

static const struct form_figure figures[] = {
    MEASURE_LIST(FLOW_COLUMN){.id = "carried_over",
                              .label = {"Kỳ trước chuyển qua", "Carried over"},
                              .value = EXPRESSION(TERMS_CARRIED_OVER)},
    MEASURE_LIST(STOCK_COLUMN)};

static const struct text2 notes[] = {
    {"Các cột luồng tính trong kỳ; các cột tồn tính đến hết ngày cuối kỳ; carried_over là số chưa "
     "giải quyết xong đầu kỳ.",
     "Flows are counted in the period, stocks at the end of its last day; carried_over is what was "
     "open at its start."},
    {"Đã giải quyết = resolved_early + resolved_on_time + resolved_late_apology + "
     "resolved_late_no_apology; trả lại và công dân rút đứng riêng.",
     "Resolved = resolved_early + resolved_on_time + resolved_late_apology + "
     "resolved_late_no_apology; returned and withdrawn stand apart."},
};

const struct form form_thong_ke = {
    .id = "thong-ke",
    .title = {"THỐNG KÊ TẤT CẢ CHỈ TIÊU", "ALL MEASURES"},
    .rows = ROWS_UNITS,
    .figures = figures,
    .figure_count = COUNT_OF(figures),
    .notes = notes,
    .note_count = COUNT_OF(notes),
};
