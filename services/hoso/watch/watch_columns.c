/* SPDX-License-Identifier: Apache-2.0
 *
 * Which figures hoso watch shows, and what they are called.
 */
#include "services/hoso/watch/watch_columns.h"

#include <string.h>

#include "ledger/measure.h"

#define RECEIVED                \
    {                           \
        "Tiếp nhận", "Received" \
    }
#define RESOLVED                                        \
    {                                                   \
        "Giải quyết trong tháng", "Resolved this month" \
    }
#define PROCESSING                      \
    {                                   \
        "Đang giải quyết", "In process" \
    }
#define WAITING                   \
    {                             \
        "Đang chờ", "Waiting for" \
    }

static const struct watch_column usual[] = {
    {RECEIVED, {"Hôm nay", "Today"}, {"received", NULL}, SPAN_TODAY, 0},
    {RECEIVED, {"Tháng", "Month"}, {"received", NULL}, SPAN_MONTH, 1},
    {RECEIVED, {"Năm", "Year"}, {"received", NULL}, SPAN_YEAR, 7},
    {RESOLVED, {"Trước hạn", "Early"}, {"resolved_early", NULL}, SPAN_MONTH, 6},
    {RESOLVED, {"Đúng hạn", "On time"}, {"resolved_on_time", NULL}, SPAN_MONTH, 5},
    {RESOLVED,
     {"Quá hạn", "Late"},
     {"resolved_late_apology", "resolved_late_no_apology"},
     SPAN_MONTH,
     4},
    {PROCESSING, {"Trong hạn", "In time"}, {"processing_in_time", NULL}, SPAN_NOW, 3},
    {PROCESSING, {"Quá hạn", "Overdue"}, {"processing_overdue", NULL}, SPAN_NOW, 2},
    {WAITING, {"Bổ sung", "Supplement"}, {"waiting_supplement", NULL}, SPAN_NOW, 8},
    {WAITING, {"Tài chính", "Payment"}, {"waiting_payment", NULL}, SPAN_NOW, 9},
};

static const char *const spans[][2] = {
    [SPAN_TODAY] = {"Hôm nay", "Today"},
    [SPAN_MONTH] = {"Tháng", "Month"},
    [SPAN_YEAR] = {"Năm", "Year"},
    [SPAN_NOW] = {"Hiện có", "Now"},
};

void watch_columns_default(struct watch_columns *columns)
{
    columns->count = sizeof usual / sizeof *usual;
    memcpy(columns->items, usual, sizeof usual);
}

static void add(struct watch_columns *columns, enum measure measure, enum watch_span span)
{
    columns->items[columns->count] = (struct watch_column){
        .group = {measure_label(measure, false), measure_label(measure, true)},
        .label = {spans[span][0], spans[span][1]},
        .measures = {measure_name(measure), NULL},
        .span = span,
        .rank = columns->count,
    };
    columns->count++;
}

bool watch_columns_parse(const char *text, struct watch_columns *ret_columns,
                         const char **ret_wrong)
{
    struct watch_columns columns = {.count = 0};
    while (*text != '\0') {
        const size_t size = strcspn(text, ",");
        const enum measure measure = measure_of(slice_of(text, size));
        const bool stock = measure != MEASURE_COUNT && measure_is_stock(measure);
        const unsigned more = stock ? 1 : 3;
        if (measure == MEASURE_COUNT || columns.count + more > WATCH_COLUMNS_MAX) {
            *ret_wrong = text;
            return false;
        }
        for (unsigned i = 0; i < more; i++) {
            add(&columns, measure, stock ? SPAN_NOW : (enum watch_span)i);
        }
        text += size + (text[size] == ',');
    }
    *ret_wrong = text;
    if (columns.count == 0) {
        return false;
    }
    *ret_columns = columns;
    return true;
}

static int64_t figure(const struct hoso_unit_totals *unit, const char *measure,
                      enum watch_span span)
{
    if (span == SPAN_NOW) {
        return hoso_totals_stock(unit, measure);
    }
    const struct hoso_flow_total flow = hoso_totals_flow(unit, measure);
    return span == SPAN_TODAY ? flow.today : span == SPAN_MONTH ? flow.month : flow.year;
}

int64_t watch_column_value(const struct watch_column *column, const struct hoso_unit_totals *unit)
{
    return figure(unit, column->measures[0], column->span) +
           (column->measures[1] != NULL ? figure(unit, column->measures[1], column->span) : 0);
}
