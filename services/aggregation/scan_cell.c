/* SPDX-License-Identifier: Apache-2.0
 *
 * What a cell counts, and what one dossier adds to it.
 *
 * Which dossiers can be behind a cell? Behind a flow those with amounts in its period. Behind a
 * stock at the start of day D those with amounts before D that come to something. As events stand
 * now such a dossier is open still, or it has amounts on D or later, by which it ceased to be; so
 * of stocks of open dossiers the index of what is open and the months from D on have them all. Of
 * other stocks, and of the events as they stood at an earlier time, all months have. The months do
 * not have what the calendar alone changes: each of these dossiers has an event, too.
 */
#include "base/localday.h"
#include "services/aggregation/scan_internal.h"

/* Does what is in this stock for ever stand in the index of open dossiers? */
static bool is_of_open(enum measure measure)
{
    static const enum measure stocks[] = {MEASURE_PROCESSING_IN_TIME,
                                          MEASURE_PROCESSING_OVERDUE,
                                          MEASURE_WAITING_SUPPLEMENT,
                                          MEASURE_WAITING_PAYMENT,
                                          MEASURE_STOPPED,
                                          MEASURE_AWAITING_RECEPTION,
                                          MEASURE_AWAITING_RECEPTION_OVERDUE};
    bool found = false;
    for (unsigned i = 0; i < sizeof stocks / sizeof *stocks; i++) {
        found = found || stocks[i] == measure;
    }
    return found;
}

/* The day at whose start a stock is asked for. */
static int32_t boundary(const struct scan_cell *cell, const struct scan_term *term)
{
    return (term->side == SIDE_OPEN ? cell->request->from_day : cell->request->to_day) + term->days;
}

static enum status read_terms(struct scan_cell *cell, struct error *error)
{
    for (size_t i = 0; i < cell->request->n_terms; i++) {
        const Hoso__V1__CellTerm *wire = cell->request->terms[i];
        struct scan_term *term = &cell->terms[cell->term_count++];
        term->measure = measure_of(slice_text(wire->measure));
        term->side = (enum side)wire->side;
        term->slots = wire->slots;
        term->coefficient = wire->coefficient;
        term->days = (int32_t)(wire->days <= SCAN_DAYS_MAX ? wire->days : SCAN_DAYS_MAX);
        if (term->measure == MEASURE_COUNT || wire->side < HOSO__V1__SIDE__SIDE_FLOW ||
            wire->side > HOSO__V1__SIDE__SIDE_CLOSE) {
            return error_set(error, STATUS_INVALID,
                             "scan_dossiers.terms[%zu]: no such measure or side: \"%s\"", i,
                             wire->measure);
        }
    }
    return STATUS_OK;
}

/* Which dossiers are looked at (above). */
static void choose_months(struct scan_cell *cell)
{
    const Hoso__V1__ScanDossiersRequest *request = cell->request;
    const int32_t last_day = localday_of_ms(TIME_MAX_MS);
    bool has_stock = false;
    bool all_open = request->until_position == 0 && !request->restated;
    int32_t from_day = request->from_day;
    int32_t to_day = request->to_day;
    for (unsigned i = 0; i < cell->term_count; i++) {
        const struct scan_term *term = &cell->terms[i];
        if (term->side != SIDE_FLOW) {
            const int32_t day = boundary(cell, term);
            has_stock = true;
            all_open = all_open && is_of_open(term->measure);
            from_day = day < from_day ? day : from_day;
            to_day = day > to_day ? day : to_day;
        } else if (measure_is_stock(term->measure)) {
            has_stock = true; /* the calendar may have turned it in the period */
            all_open = false;
        }
    }
    cell->by_open = has_stock && all_open;
    cell->from_month = has_stock && !all_open ? 0 : touched_month(from_day);
    cell->to_month =
        cell->by_open ? UINT16_MAX : touched_month(to_day <= last_day ? to_day - 1 : last_day);
}

enum status scan_cell_read(const Hoso__V1__ScanDossiersRequest *request, struct error *error,
                           struct scan_cell *ret_cell)
{
    const int32_t first_day = localday_of_ms(TIME_MIN_MS);
    const int32_t last_day = localday_of_ms(TIME_MAX_MS) + 1;
    *ret_cell = (struct scan_cell){.request = request};
    if (request->n_terms == 0 || request->n_terms > SCAN_TERMS_MAX) {
        return error_set(error, STATUS_INVALID, "scan_dossiers.terms: 1 to %d are needed",
                         SCAN_TERMS_MAX);
    }
    if (request->from_day < first_day || request->to_day > last_day ||
        request->from_day >= request->to_day) {
        return error_set(error, STATUS_INVALID, "scan_dossiers.from_day, to_day: not a period");
    }
    if (request->restated && request->until_position == 0) {
        return error_set(error, STATUS_INVALID, "scan_dossiers.restated: since which position?");
    }
    const enum status status = read_terms(ret_cell, error);
    if (status == STATUS_OK) {
        choose_months(ret_cell);
    }
    return status;
}

static int64_t term_amount(const struct scan_cell *cell, const struct scan_term *term,
                           const struct amount *amount)
{
    const Hoso__V1__ScanDossiersRequest *request = cell->request;
    const bool counts = term->side == SIDE_FLOW
                            ? amount->day >= request->from_day && amount->day < request->to_day
                            : amount->day < boundary(cell, term);
    const bool fits = amount->measure == term->measure && (term->slots >> amount->slot & 1U) != 0;
    return counts && fits ? (int64_t)term->coefficient * amount->delta : 0;
}

static bool filter_fits(const Hoso__V1__ScanDossiersRequest *request, const struct amount *amount)
{
    return (!request->no_field || amount->field.size == 0) &&
           (request->field[0] == '\0' || slice_equal(amount->field, slice_text(request->field))) &&
           (request->procedure[0] == '\0' ||
            slice_equal(amount->procedure, slice_text(request->procedure)));
}

static void add_amounts(const struct scan_cell *cell, const struct fold_result *result,
                        struct slice unit, uint16_t month, int sign, struct scan_part *part)
{
    for (unsigned i = 0; i < result->amount_count; i++) {
        const struct amount *amount = &result->amounts[i];
        if (!slice_equal(amount->unit, unit)) {
            continue;
        }
        if (!amount->turns) {
            const uint16_t touched = touched_month(amount->day);
            part->seen_before |= touched >= cell->from_month && touched < month;
            part->is_here |= touched == month;
        }
        if (!filter_fits(cell->request, amount)) {
            continue;
        }
        for (unsigned k = 0; k < cell->term_count; k++) {
            part->amount += sign * term_amount(cell, &cell->terms[k], amount);
        }
        if (amount->field.size != 0 || part->procedure.size == 0) {
            part->field = amount->field;
            part->procedure = amount->procedure;
        }
    }
}

/* The events up to a position, 0 = all. */
static enum status add_version(const struct scan_cell *cell, const struct history *history,
                               uint64_t position, struct slice unit, uint16_t month, int sign,
                               struct arena *arena, struct scan_part *part)
{
    struct history_event *events = arena_array(arena, history->count + 1U, sizeof *events);
    struct fold_result result = {.amount_count = 0};
    unsigned count = 0;
    if (events == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < history->count; i++) {
        if (position == 0 || history->events[i].position <= position) {
            events[count++] = history->events[i];
        }
    }
    const enum status status =
        count != 0 ? fold_before(events, count, cell->request->to_day, arena, &result) : STATUS_OK;
    if (status != STATUS_OK) {
        return status;
    }
    add_amounts(cell, &result, unit, month, sign, part);
    part->is_open |= result.open.state != OPEN_NONE && slice_equal(result.open.unit, unit);
    if (part->standing.state == OPEN_NONE) { /* a petition has no procedure */
        part->standing = part->procedure.size != 0 ? result.dossier : result.petition;
    }
    return STATUS_OK;
}

enum status scan_part_of(const struct scan_cell *cell, const struct history *history,
                         struct slice unit, uint16_t month, struct arena *arena,
                         struct scan_part *ret_part)
{
    const Hoso__V1__ScanDossiersRequest *request = cell->request;
    struct scan_part part = {
        .standing = {.received_day = INT32_MAX, .due_day = INT32_MAX, .ended_day = INT32_MAX}};
    enum status status = add_version(cell, history, request->restated ? 0 : request->until_position,
                                     unit, month, 1, arena, &part);
    if (status == STATUS_OK && request->restated) {
        status = add_version(cell, history, request->until_position, unit, month, -1, arena, &part);
    }
    *ret_part = part;
    return status;
}
