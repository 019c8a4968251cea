/* SPDX-License-Identifier: Apache-2.0
 *
 * Series: the figures of each day of a period, added up over a subtree, out of one read
 * transaction. Three records of a unit make a day of it, however much was counted.
 */
#include "base/localday.h"
#include "services/reporting/answers/request.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name

enum {
    SERIES_DAYS_MAX = 366,
    SERIES_QUICK_READS_MAX = 400 /* days of units that are read at once: a millisecond or two */
};

/* The measures that are flows, or those that are stocks, in the list's order. */
static char **names_of(struct arena *arena, bool stocks, size_t *ret_count)
{
    char **names = arena_array(arena, MEASURE_COUNT, sizeof *names);
    *ret_count = 0;
    for (unsigned measure = 0; names != NULL && measure < MEASURE_COUNT; measure++) {
        if (measure_is_stock((enum measure)measure) == stocks) {
            names[(*ret_count)++] = message_text(measure_name((enum measure)measure));
        }
    }
    return names;
}

static void read_day(struct request *request, const struct scope *scope, int32_t day,
                     struct figures *figures)
{
    const struct ledger_view view = ledger_now(&request->copy.txn, REPLICA_LEDGER);
    figures_clear(figures);
    for (uint32_t i = 0; i < scope->unit_count; i++) {
        const struct ledger_cell cell = {.unit = scope->units[i]->id, .all = true};
        ledger_read(&view, &cell, day, day + 1, figures);
    }
}

static bool fill_day(struct request *request, const struct figures *figures, int32_t day,
                     Hoso__V1__SeriesDay *ret_day)
{
    char text[DATE_TEXT_SIZE];
    hoso__v1__series_day__init(ret_day);
    localday_format(day, text);
    ret_day->day = arena_string(request->arena, slice_text(text));
    ret_day->flows = arena_array(request->arena, MEASURE_COUNT, sizeof *ret_day->flows);
    ret_day->stocks = arena_array(request->arena, MEASURE_COUNT, sizeof *ret_day->stocks);
    if (ret_day->day == NULL || ret_day->flows == NULL || ret_day->stocks == NULL) {
        return false;
    }
    for (unsigned i = 0; i < MEASURE_COUNT; i++) {
        const enum measure measure = (enum measure)i;
        if (measure_is_stock(measure)) {
            ret_day->stocks[ret_day->n_stocks++] =
                figures_value(figures, measure, SIDE_CLOSE, SLOTS_ALL);
        } else {
            ret_day->flows[ret_day->n_flows++] =
                figures_value(figures, measure, SIDE_FLOW, SLOTS_ALL);
        }
    }
    return true;
}

static bool fill_days(struct request *request, const struct report_scope *scope,
                      Hoso__V1__Series *series)
{
    const struct scope_question *question = &scope->question;
    const size_t count = (size_t)(question->to_day - question->from_day);
    struct figures *figures = arena_alloc(request->arena, sizeof *figures);
    Hoso__V1__SeriesDay *days = arena_array(request->arena, count, sizeof *days);
    series->days = arena_array(request->arena, count, sizeof(Hoso__V1__SeriesDay *));
    if (figures == NULL || days == NULL || series->days == NULL) {
        return false;
    }
    for (int32_t day = question->from_day; day < question->to_day; day++) {
        Hoso__V1__SeriesDay *next = &days[series->n_days];
        read_day(request, &scope->units, day, figures);
        if (!fill_day(request, figures, day, next)) {
            return false;
        }
        series->days[series->n_days++] = next;
    }
    return true;
}

enum outcome answer_series(struct request *request)
{
    const Hoso__V1__SeriesRequest *asked = request->body->series;
    const struct report_question question = {
        .unit = asked->unit, .period = asked->period, .tree_at = asked->tree_at};
    struct report_scope scope = {.form = NULL};
    if (!request_area(request, &question, &scope)) {
        return REQUEST_ANSWERED;
    }
    const int32_t days = scope.question.to_day - scope.question.from_day;
    if (days > SERIES_DAYS_MAX) {
        return request_refuse(request, CODE(INVALID), "period", "%d days are over %d", days,
                              SERIES_DAYS_MAX);
    }
    if (request->at->lane == ENDPOINT_QUICK &&
        (uint64_t)days * scope.units.unit_count > SERIES_QUICK_READS_MAX) {
        return REQUEST_LONG;
    }
    Hoso__V1__Series *series = arena_alloc(request->arena, sizeof *series);
    if (series == NULL) {
        return request_fail(request, STATUS_TOO_LARGE);
    }
    hoso__v1__series__init(series);
    series->unit = asked->unit;
    series->unit_name = arena_string(request->arena, scope.units.rows[0].unit->name);
    series->flows = names_of(request->arena, false, &series->n_flows);
    series->stocks = names_of(request->arena, true, &series->n_stocks);
    series->cut = request_cut(request);
    if (!fill_days(request, &scope, series) || request->arena->exceeded) {
        return request_fail(request, STATUS_TOO_LARGE);
    }
    if (request->copy.txn.status != STATUS_OK) {
        return request_fail(request, request->copy.txn.status);
    }
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_SERIES;
    request->reply->series = series;
    return REQUEST_ANSWERED;
}
