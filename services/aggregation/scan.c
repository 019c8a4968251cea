/* SPDX-License-Identifier: Apache-2.0
 *
 * The dossiers behind a cell, unit by unit in the order asked for, and of a unit by due day and
 * code. Two indexes lead to a unit's candidates (scan_cell.c); each is folded again to see what it
 * adds to the cell. No index has them in the order of the list, so all of a unit are looked at, and
 * the first ones after the continuation are kept: as many as the page has room for.
 *
 * A page ends at its limit, or after the unit in which SCAN_STEPS_MAX records were looked at;
 * `next` is the last line's place, or where the next unit begins.
 */
#include <stdlib.h>

#include "services/aggregation/page.h"
#include "services/aggregation/scan_internal.h"

enum { FOLD_ARENA_BYTES = 16 << 20 };

/* A line of the unit that is being looked at. */
struct found {
    struct slice dossier; /* its key */
    struct scan_part part;
};

struct scan {
    struct answer *answer;
    const Hoso__V1__ScanDossiersRequest *request;
    struct scan_cell cell;
    Hoso__V1__DossierPage *page;
    struct arena fold_arena;
    struct found *found; /* room for twice the limit, and one */
    uint32_t limit;
    unsigned steps; /* records looked at */
    /* Of the unit: */
    struct slice unit;
    struct slice after; /* the dossier after which the page goes on, at this due day; none = all */
    int32_t after_due;
    uint32_t found_count;
    uint32_t kept_max; /* lines that the page has room for, and one to know that there are more */
    uint64_t count;
    unsigned unit_steps;
};

static int by_place(const void *a, const void *b)
{
    const struct found *x = a;
    const struct found *y = b;
    const int32_t dx = x->part.standing.due_day;
    const int32_t dy = y->part.standing.due_day;
    return dx != dy ? (dx > dy) - (dx < dy) : slice_compare(x->dossier, y->dossier);
}

/* Keeps the first ones. */
static void keep(struct scan *scan)
{
    qsort(scan->found, scan->found_count, sizeof *scan->found, by_place);
    scan->found_count = scan->found_count < scan->kept_max ? scan->found_count : scan->kept_max;
}

static void add_found(struct scan *scan, struct slice dossier, const struct scan_part *part)
{
    const struct found found = {dossier, *part};
    const struct found after = {scan->after, {.standing = {.due_day = scan->after_due}}};
    const int32_t due_before = scan->request->due_before;
    if (due_before != 0 && part->standing.due_day >= due_before) {
        return;
    }
    scan->count++;
    if (scan->request->count || by_place(&found, &after) <= 0) {
        return;
    }
    scan->found[scan->found_count++] = found;
    if (scan->found_count == 2 * scan->limit + 1) {
        keep(scan);
    }
}

static enum status look_at(struct scan *scan, struct slice dossier, uint16_t month, bool open)
{
    struct slice stored;
    struct history history;
    struct scan_part part;
    arena_reset(&scan->fold_arena);
    if (!store_get(scan->answer->txn, TABLE_DOSSIERS, dossier, &stored)) {
        return STATUS_CORRUPT;
    }
    enum status status = history_decode(dossier, stored, 0, &scan->fold_arena, &history);
    if (status == STATUS_OK) {
        status = scan_part_of(&scan->cell, &history, scan->unit, month, &scan->fold_arena, &part);
    }
    if (status == STATUS_OK && part.amount != 0 &&
        (open || (part.is_here && !part.seen_before && !(scan->cell.by_open && part.is_open)))) {
        add_found(scan, dossier, &part);
    }
    return status;
}

static enum status count_step(struct scan *scan)
{
    scan->steps++;
    if (++scan->unit_steps <= SCAN_UNIT_STEPS_MAX) {
        return STATUS_OK;
    }
    return error_set(scan->answer->error, STATUS_INVALID,
                     "unit %.*s has more than %d dossiers to look at: ask for a shorter or a later "
                     "period",
                     SLICE_ARG(scan->unit), SCAN_UNIT_STEPS_MAX);
}

/* Those of the unit with amounts in the months. */
static enum status scan_touched(struct scan *scan)
{
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    struct slice at_unit;
    struct slice dossier;
    uint8_t first[TOUCHED_KEY_MAX];
    uint16_t month = 0;
    enum status status = STATUS_OK;
    store_cursor_open(scan->answer->txn, TABLE_TOUCHED, &cursor);
    bool more = store_cursor_seek(
        &cursor, touched_key(scan->unit, scan->cell.from_month, (struct slice){0}, first), &key,
        &value);
    while (more && status == STATUS_OK && touched_parse(key, &at_unit, &month, &dossier) &&
           slice_equal(at_unit, scan->unit) && month <= scan->cell.to_month) {
        status = count_step(scan);
        if (status == STATUS_OK) {
            status = look_at(scan, dossier, month, false);
        }
        more = store_cursor_next(&cursor, &key, &value);
    }
    store_cursor_close(&cursor);
    return status;
}

/* Those that are open in the unit now. */
static enum status scan_open(struct scan *scan)
{
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    struct slice dossier;
    struct dossier_standing open = {.state = OPEN_PROCESSING, .unit = scan->unit};
    uint8_t first[OPEN_KEY_MAX];
    enum status status = STATUS_OK;
    store_cursor_open(scan->answer->txn, TABLE_OPEN, &cursor);
    bool more = store_cursor_seek(&cursor, open_key(&open, (struct slice){0}, first), &key, &value);
    while (more && status == STATUS_OK) {
        if (!open_parse(key, value, &open, &dossier)) {
            status = STATUS_CORRUPT;
        } else if (!slice_equal(open.unit, scan->unit)) {
            break;
        } else {
            status = count_step(scan);
        }
        if (status == STATUS_OK) {
            status = look_at(scan, dossier, 0, true);
        }
        more = store_cursor_next(&cursor, &key, &value);
    }
    store_cursor_close(&cursor);
    return status;
}

/* The place of a line, from which a later page goes on. */
static enum status set_next(struct scan *scan, struct slice unit, int32_t due_day,
                            struct slice dossier)
{
    uint8_t key[OPEN_KEY_MAX];
    const struct dossier_standing place = {.unit = unit, .due_day = due_day};
    scan->page->next = token_of(scan->answer->arena, open_key(&place, dossier, key));
    return scan->page->next != NULL ? STATUS_OK : STATUS_TOO_LARGE;
}

static bool place_parse(struct slice key, int32_t *ret_due_day, struct slice *ret_dossier)
{
    struct reader reader = reader_of(key);
    (void)reader_closed_text(&reader);
    (void)reader_u8(&reader);
    *ret_due_day = (int32_t)reader_u32(&reader);
    *ret_dossier = reader_take(&reader, reader_left(&reader));
    return !reader.failed && *ret_due_day >= 0;
}

static enum status put_lines(struct scan *scan)
{
    enum status status = STATUS_OK;
    keep(scan);
    const uint32_t room = scan->kept_max - 1;
    for (uint32_t i = 0; i < scan->found_count && i < room && status == STATUS_OK; i++) {
        const struct scan_part *part = &scan->found[i].part;
        const struct page_line line = {.dossier = scan->found[i].dossier,
                                       .unit = scan->unit,
                                       .procedure = part->procedure,
                                       .field = part->field,
                                       .amount = part->amount,
                                       .standing = &part->standing,
                                       .at_day = scan->request->to_day - 1};
        status = page_add_line(scan->answer, scan->page, &line);
    }
    if (status == STATUS_OK && scan->found_count > room) {
        const struct found *last = &scan->found[room - 1];
        status = set_next(scan, scan->unit, last->part.standing.due_day, last->dossier);
    }
    return status;
}

static enum status scan_unit(struct scan *scan, struct slice unit)
{
    scan->unit = unit;
    scan->found_count = 0;
    scan->count = 0;
    scan->unit_steps = 0;
    scan->kept_max = scan->limit - (uint32_t)scan->page->n_lines + 1;
    enum status status = scan->cell.by_open ? scan_open(scan) : STATUS_OK;
    if (status == STATUS_OK) {
        status = scan_touched(scan);
    }
    if (status != STATUS_OK) {
        return status;
    }
    return scan->request->count ? page_add_count(scan->answer, scan->page, unit, scan->count)
                                : put_lines(scan);
}

static enum status scan_units(struct scan *scan, size_t first)
{
    const Hoso__V1__ScanDossiersRequest *request = scan->request;
    enum status status = STATUS_OK;
    for (size_t i = first; i < request->n_units && status == STATUS_OK; i++) {
        if (scan->page->n_lines == scan->limit || scan->steps >= SCAN_STEPS_MAX) {
            return set_next(scan, slice_text(request->units[i]), 0, (struct slice){0});
        }
        status = scan_unit(scan, slice_text(request->units[i]));
        if (scan->page->next[0] != '\0') {
            break;
        }
        scan->after = (struct slice){0};
        scan->after_due = 0;
    }
    return status;
}

static enum status find_place(struct scan *scan, size_t *ret_first)
{
    struct answer *answer = scan->answer;
    struct slice resume = {0};
    enum status status = token_parse(answer, scan->request->after, OPEN_KEY_MAX, &resume);
    if (status != STATUS_OK || resume.size == 0) {
        return status;
    }
    if (!place_parse(resume, &scan->after_due, &scan->after)) {
        return error_set(answer->error, STATUS_INVALID, "after: not a continuation");
    }
    return page_find_unit(answer, resume, scan->request->units, scan->request->n_units, ret_first);
}

enum status answer_dossiers(struct answer *answer)
{
    const Hoso__V1__ScanDossiersRequest *request = answer->request->scan_dossiers;
    struct scan scan = {.answer = answer, .request = request};
    size_t first = 0;
    scan.limit =
        request->limit != 0 && request->limit < SCAN_LIMIT_MAX ? request->limit : SCAN_LIMIT_MAX;
    enum status status =
        page_check_units(answer, "scan_dossiers", request->units, request->n_units);
    if (status == STATUS_OK) {
        status = scan_cell_read(request, answer->error, &scan.cell);
    }
    if (status == STATUS_OK) {
        status = find_place(&scan, &first);
    }
    if (status == STATUS_OK) {
        status = page_begin(answer, request->to_day - 1, scan.limit, request->n_units, &scan.page);
    }
    if (status != STATUS_OK) {
        return status;
    }
    scan.page->head = request->head;
    scan.found = arena_array(answer->arena, 2 * (size_t)scan.limit + 1, sizeof *scan.found);
    arena_init(&scan.fold_arena, FOLD_ARENA_BYTES);
    status = scan.found != NULL ? scan_units(&scan, first) : STATUS_TOO_LARGE;
    arena_fini(&scan.fold_arena);
    answer->reply->body_case = HOSO__V1__LEDGER_REPLY__BODY_DOSSIERS;
    answer->reply->dossiers = scan.page;
    return status;
}
