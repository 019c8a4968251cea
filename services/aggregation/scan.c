/* SPDX-License-Identifier: Apache-2.0
 *
 * The dossiers behind a cell. They are found by (unit, month) in which they have amounts, and
 * folded again to see what they add to the cell: only a flow's own months are looked at, a stock
 * needs all months before its day. A page ends at its limit or after SCAN_STEPS_MAX records; `next`
 * goes on from there.
 */
#include <stdlib.h>

#include "aggregate/history.h"
#include "aggregate/tables.h"
#include "base/localday.h"
#include "services/aggregation/aggregation.h"

enum { TERMS_MAX = 64, DAYS_MAX = 366, FOLD_ARENA_BYTES = 16 << 20 };

struct scan_term {
    enum measure measure;
    enum side side;
    uint32_t slots;
    int32_t coefficient;
    int32_t days; /* of a stock: later than its side */
};

struct scan {
    struct answer *answer;
    const Hoso__V1__ScanDossiersRequest *request;
    Hoso__V1__DossierPage *page;
    struct arena fold_arena;
    struct scan_term terms[TERMS_MAX];
    unsigned term_count;
    uint16_t from_month;
    uint16_t to_month; /* inclusive */
    uint32_t limit;
    unsigned steps;
    int32_t days; /* the most of any term */
    bool has_stock;
};

static enum status read_terms(struct scan *scan)
{
    for (size_t i = 0; i < scan->request->n_terms; i++) {
        const Hoso__V1__CellTerm *wire = scan->request->terms[i];
        struct scan_term *term = &scan->terms[scan->term_count++];
        term->measure = measure_of(slice_text(wire->measure));
        term->side = (enum side)wire->side;
        term->slots = wire->slots;
        term->coefficient = wire->coefficient;
        term->days = (int32_t)(wire->days <= DAYS_MAX ? wire->days : DAYS_MAX);
        scan->days = term->days > scan->days ? term->days : scan->days;
        if (term->measure == MEASURE_COUNT || wire->side < HOSO__V1__SIDE__SIDE_FLOW ||
            wire->side > HOSO__V1__SIDE__SIDE_CLOSE) {
            return error_set(scan->answer->error, STATUS_INVALID,
                             "scan_dossiers.terms[%zu]: no such measure or side: \"%s\"", i,
                             wire->measure);
        }
        scan->has_stock |= term->side != SIDE_FLOW;
    }
    return STATUS_OK;
}

static enum status read_request(struct scan *scan)
{
    const Hoso__V1__ScanDossiersRequest *request = scan->request;
    const int32_t first_day = localday_of_ms(TIME_MIN_MS);
    const int32_t last_day = localday_of_ms(TIME_MAX_MS) + 1;
    if (request->n_terms == 0 || request->n_terms > TERMS_MAX || request->n_units == 0 ||
        request->n_units > SCAN_UNITS_MAX) {
        return error_set(scan->answer->error, STATUS_INVALID,
                         "scan_dossiers: 1 to %d terms and 1 to %d units are needed", TERMS_MAX,
                         SCAN_UNITS_MAX);
    }
    if (request->from_day < first_day || request->to_day > last_day ||
        request->from_day >= request->to_day) {
        return error_set(scan->answer->error, STATUS_INVALID,
                         "scan_dossiers.from_day, to_day: not a period");
    }
    if (request->restated && request->until_position == 0) {
        return error_set(scan->answer->error, STATUS_INVALID,
                         "scan_dossiers.restated: since which position?");
    }
    const enum status status = read_terms(scan);
    scan->limit =
        request->limit != 0 && request->limit < SCAN_LIMIT_MAX ? request->limit : SCAN_LIMIT_MAX;
    scan->from_month = scan->has_stock ? 0 : touched_month(request->from_day);
    const int32_t end = request->to_day + scan->days;
    scan->to_month = touched_month((end < last_day ? end : last_day) - 1);
    return status;
}

static int64_t term_amount(const struct scan *scan, const struct scan_term *term,
                           const struct amount *amount)
{
    const int32_t from_day = scan->request->from_day;
    const int32_t to_day = scan->request->to_day;
    const bool counts = term->side == SIDE_FLOW   ? amount->day >= from_day && amount->day < to_day
                        : term->side == SIDE_OPEN ? amount->day < from_day + term->days
                                                  : amount->day < to_day + term->days;
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

/* One dossier's part in the cell, for one unit. */
struct part {
    int64_t amount;
    struct slice field;
    struct slice procedure;
    bool seen_before; /* it was met in an earlier month of this scan */
    bool is_here; /* it has amounts in this month: the index of a closed one keeps others, too */
};

static void add_part(const struct scan *scan, const struct fold_result *result, struct slice unit,
                     uint16_t month, int sign, struct part *ret_part)
{
    struct part part = *ret_part;
    for (unsigned i = 0; i < result->amount_count; i++) {
        const struct amount *amount = &result->amounts[i];
        if (!slice_equal(amount->unit, unit)) {
            continue;
        }
        const uint16_t touched = touched_month(amount->day);
        part.seen_before |= touched >= scan->from_month && touched < month;
        part.is_here |= touched == month;
        if (!filter_fits(scan->request, amount)) {
            continue;
        }
        for (unsigned k = 0; k < scan->term_count; k++) {
            part.amount += sign * term_amount(scan, &scan->terms[k], amount);
        }
        if (amount->field.size != 0 || part.procedure.size == 0) {
            part.field = amount->field;
            part.procedure = amount->procedure;
        }
    }
    *ret_part = part;
}

/* The history as it was: only the events up to a position, 0 = all. */
static enum status fold_until(struct scan *scan, const struct history *history, uint64_t position,
                              struct fold_result *ret_result)
{
    struct history_event *events =
        arena_array(&scan->fold_arena, history->count + 1U, sizeof *events);
    unsigned count = 0;
    if (events == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < history->count; i++) {
        if (position == 0 || history->events[i].position <= position) {
            events[count++] = history->events[i];
        }
    }
    *ret_result = (struct fold_result){0};
    return count != 0 ? fold(events, count, &scan->fold_arena, ret_result) : STATUS_OK;
}

/* What the request's version of the dossier adds to the cell: now, as it was, or the difference. */
static enum status part_of(struct scan *scan, const struct history *history, struct slice unit,
                           uint16_t month, struct part *ret_part)
{
    const Hoso__V1__ScanDossiersRequest *request = scan->request;
    struct fold_result result;
    *ret_part = (struct part){0};
    enum status status =
        fold_until(scan, history, request->restated ? 0 : request->until_position, &result);
    if (status == STATUS_OK) {
        add_part(scan, &result, unit, month, 1, ret_part);
    }
    if (status == STATUS_OK && request->restated) {
        status = fold_until(scan, history, request->until_position, &result);
        if (status == STATUS_OK) {
            add_part(scan, &result, unit, month, -1, ret_part);
        }
    }
    return status;
}

static enum status add_line(struct scan *scan, struct slice dossier, struct slice unit,
                            const struct part *part)
{
    struct slice space;
    struct slice code;
    if (!dossier_parse(dossier, &space, &code)) {
        return STATUS_CORRUPT;
    }
    struct arena *arena = scan->answer->arena;
    Hoso__V1__DossierLine *line = arena_alloc(arena, sizeof *line);
    if (line == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__dossier_line__init(line);
    line->space = arena_string(arena, space);
    line->dossier = arena_string(arena, code);
    line->unit = arena_string(arena, unit);
    line->field = arena_string(arena, part->field);
    line->procedure = arena_string(arena, part->procedure);
    line->amount = part->amount;
    scan->page->lines[scan->page->n_lines++] = line;
    return arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

static enum status look_at(struct scan *scan, struct slice unit, uint16_t month,
                           struct slice dossier)
{
    struct slice stored;
    struct slice space;
    struct slice code;
    struct history history;
    struct part part;
    arena_reset(&scan->fold_arena);
    if (!store_get(scan->answer->txn, TABLE_DOSSIERS, dossier, &stored)) {
        return STATUS_CORRUPT;
    }
    enum status status = dossier_parse(dossier, &space, &code)
                             ? history_decode(space, stored, 0, &scan->fold_arena, &history)
                             : STATUS_CORRUPT;
    if (status == STATUS_OK) {
        status = part_of(scan, &history, unit, month, &part);
    }
    return status == STATUS_OK && part.amount != 0 && part.is_here && !part.seen_before
               ? add_line(scan, dossier, unit, &part)
               : status;
}

/* One unit's months, from `start` on; sets page->next when the page is full. */
static enum status scan_unit(struct scan *scan, struct slice unit, struct slice start)
{
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    struct slice at_unit;
    struct slice dossier;
    uint16_t month = 0;
    enum status status = STATUS_OK;
    store_cursor_open(scan->answer->txn, TABLE_TOUCHED, &cursor);
    bool more = store_cursor_seek(&cursor, start, &key, &value);
    while (more && status == STATUS_OK && touched_parse(key, &at_unit, &month, &dossier) &&
           slice_equal(at_unit, unit) && month <= scan->to_month) {
        if (scan->page->n_lines == scan->limit || ++scan->steps > SCAN_STEPS_MAX) {
            scan->page->next = token_of(scan->answer->arena, key);
            status = scan->page->next != NULL ? STATUS_OK : STATUS_TOO_LARGE;
            break;
        }
        status = look_at(scan, unit, month, dossier);
        more = store_cursor_next(&cursor, &key, &value);
    }
    store_cursor_close(&cursor);
    return status;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Units in key order, so that a continuation is one key. */
static enum status scan_units(struct scan *scan, struct slice resume)
{
    const Hoso__V1__ScanDossiersRequest *request = scan->request;
    enum status status = STATUS_OK;
    qsort(request->units, request->n_units, sizeof *request->units, by_text);
    for (size_t i = 0; i < request->n_units && status == STATUS_OK && scan->page->next[0] == '\0';
         i++) {
        const struct slice unit = slice_text(request->units[i]);
        if (unit.size == 0 || unit.size > EVENT_CODE_MAX) {
            return error_set(scan->answer->error, STATUS_INVALID,
                             "scan_dossiers.units[%zu]: 1 to %d bytes", i, EVENT_CODE_MAX);
        }
        uint8_t key[TOUCHED_KEY_MAX];
        const struct slice first = touched_key(unit, scan->from_month, (struct slice){0}, key);
        const struct slice last = slice_of(key, unit.size + 1);
        if (slice_compare(resume, first) > 0) {
            const bool inside =
                resume.size >= last.size && memcmp(resume.data, key, last.size) == 0;
            status = inside ? scan_unit(scan, unit, resume) : STATUS_OK;
        } else {
            status = scan_unit(scan, unit, first);
        }
    }
    return status;
}

enum status answer_dossiers(struct answer *answer)
{
    struct scan scan = {.answer = answer, .request = answer->request->scan_dossiers};
    struct slice resume = {0};
    enum status status = read_request(&scan);
    if (status == STATUS_OK) {
        status = token_parse(answer, scan.request->after, TOUCHED_KEY_MAX, &resume);
    }
    if (status != STATUS_OK) {
        return status;
    }
    scan.page = arena_alloc(answer->arena, sizeof *scan.page);
    if (scan.page == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__dossier_page__init(scan.page);
    scan.page->lines = arena_array(answer->arena, scan.limit, sizeof(Hoso__V1__DossierLine *));
    status = scan.page->lines != NULL
                 ? cut_message(answer, aggregate_read_cut(answer->txn), &scan.page->cut)
                 : STATUS_TOO_LARGE;
    arena_init(&scan.fold_arena, FOLD_ARENA_BYTES);
    if (status == STATUS_OK) {
        status = scan_units(&scan, resume);
    }
    arena_fini(&scan.fold_arena);
    answer->reply->body_case = HOSO__V1__LEDGER_REPLY__BODY_DOSSIERS;
    answer->reply->dossiers = scan.page;
    return status;
}
