/* SPDX-License-Identifier: Apache-2.0
 *
 * What is open: the index has it by unit, state and due day, so a page is a range of each unit, in
 * the order in which the units are asked for. `next` is the first key that the page does not have.
 */
#include "aggregate/tables.h"
#include "base/localday.h"
#include "services/aggregation/aggregation.h"

struct open_scan {
    struct answer *answer;
    const Hoso__V1__ScanOpenRequest *request;
    Hoso__V1__OpenPage *page;
    uint32_t limit;
    int32_t due_before;
    unsigned counted;
};

static char *day_text(struct arena *arena, int32_t day)
{
    char text[DATE_TEXT_SIZE];
    localday_format(day, text);
    return arena_string(arena, slice_text(text));
}

static enum status read_request(struct open_scan *scan)
{
    const Hoso__V1__ScanOpenRequest *request = scan->request;
    struct error *error = scan->answer->error;
    const int32_t last_day = localday_of_ms(TIME_MAX_MS);
    if (request->n_units == 0 || request->n_units > SCAN_UNITS_MAX) {
        return error_set(error, STATUS_INVALID, "scan_open.units: 1 to %d are needed",
                         SCAN_UNITS_MAX);
    }
    for (size_t i = 0; i < request->n_units; i++) {
        const size_t size = strlen(request->units[i]);
        if (size == 0 || size > EVENT_CODE_MAX) {
            return error_set(error, STATUS_INVALID, "scan_open.units[%zu]: 1 to %d bytes", i,
                             EVENT_CODE_MAX);
        }
    }
    if ((int)request->state <= OPEN_NONE || (int)request->state >= OPEN_STATE_COUNT) {
        return error_set(error, STATUS_INVALID, "scan_open.state: no such state");
    }
    if (request->day < localday_of_ms(TIME_MIN_MS) || request->day > last_day ||
        request->due_before < 0) {
        return error_set(error, STATUS_INVALID, "scan_open.day, due_before: not a day");
    }
    scan->limit =
        request->limit != 0 && request->limit < SCAN_LIMIT_MAX ? request->limit : SCAN_LIMIT_MAX;
    scan->due_before = request->due_before;
    return STATUS_OK;
}

static enum status add_line(struct open_scan *scan, const struct open_dossier *open,
                            struct slice dossier)
{
    struct arena *arena = scan->answer->arena;
    Hoso__V1__OpenLine *line = arena_alloc(arena, sizeof *line);
    struct slice space;
    struct slice code;
    if (!dossier_parse(dossier, &space, &code)) {
        return STATUS_CORRUPT;
    }
    if (line == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__open_line__init(line);
    line->space = arena_string(arena, space);
    line->dossier = arena_string(arena, code);
    line->unit = arena_string(arena, open->unit);
    line->procedure = arena_string(arena, open->procedure);
    line->field = arena_string(arena, open->field);
    line->state = (Hoso__V1__OpenState)open->state;
    line->received = day_text(arena, open->received_day);
    if (open->due_day != INT32_MAX) {
        line->due = day_text(arena, open->due_day);
        line->days_left = open->due_day - scan->request->day;
    }
    line->channel = (Hoso__V1__Channel)channel_of_slot(open->slot);
    line->service_level = (Hoso__V1__ServiceLevel)level_of_slot(open->slot);
    scan->page->lines[scan->page->n_lines++] = line;
    return arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

static enum status add_count(struct open_scan *scan, struct slice unit, unsigned count)
{
    struct arena *arena = scan->answer->arena;
    Hoso__V1__OpenCount *line = count != 0 ? arena_alloc(arena, sizeof *line) : NULL;
    if (line == NULL) {
        return count != 0 ? STATUS_TOO_LARGE : STATUS_OK;
    }
    hoso__v1__open_count__init(line);
    line->unit = arena_string(arena, unit);
    line->count = count;
    scan->page->counts[scan->page->n_counts++] = line;
    return arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

static bool is_full(const struct open_scan *scan, unsigned count)
{
    return scan->request->count ? scan->counted + count == COUNT_STEPS_MAX
                                : scan->page->n_lines == scan->limit;
}

/* One unit's range from `start` on; sets page->next when the page is full. */
static enum status scan_unit(struct open_scan *scan, struct slice unit, struct slice start)
{
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    struct slice dossier;
    struct open_dossier open;
    unsigned count = 0;
    enum status status = STATUS_OK;
    store_cursor_open(scan->answer->txn, TABLE_OPEN, &cursor);
    bool more = store_cursor_seek(&cursor, start, &key, &value);
    while (more && status == STATUS_OK) {
        if (!open_parse(key, value, &open, &dossier)) {
            status = STATUS_CORRUPT;
        } else if (!slice_equal(open.unit, unit) || (int)open.state != (int)scan->request->state ||
                   (scan->due_before != 0 && open.due_day >= scan->due_before)) {
            break;
        } else if (is_full(scan, count)) {
            scan->page->next = token_of(scan->answer->arena, key);
            status = scan->page->next != NULL ? STATUS_OK : STATUS_TOO_LARGE;
            break;
        } else if (scan->request->count) {
            count++;
        } else {
            status = add_line(scan, &open, dossier);
        }
        more = store_cursor_next(&cursor, &key, &value);
    }
    store_cursor_close(&cursor);
    scan->counted += count;
    return status == STATUS_OK ? add_count(scan, unit, count) : status;
}

/* Where the unit of a continuation stands in the request; n_units = nowhere. */
static size_t find_unit(const Hoso__V1__ScanOpenRequest *request, struct slice resume)
{
    struct reader reader = reader_of(resume);
    const struct slice unit = reader_closed_text(&reader);
    size_t at = 0;
    while (at < request->n_units && !slice_equal(slice_text(request->units[at]), unit)) {
        at++;
    }
    return at;
}

static enum status scan_units(struct open_scan *scan, struct slice resume)
{
    const Hoso__V1__ScanOpenRequest *request = scan->request;
    const size_t first = resume.size != 0 ? find_unit(request, resume) : 0;
    enum status status = STATUS_OK;
    if (first == request->n_units) {
        return error_set(scan->answer->error, STATUS_INVALID,
                         "after: the continuation is of a list of other units");
    }
    for (size_t i = first; i < request->n_units && status == STATUS_OK; i++) {
        uint8_t key[OPEN_KEY_MAX];
        const struct open_dossier from = {.state = (enum open_state)request->state,
                                          .unit = slice_text(request->units[i])};
        const struct slice start =
            i == first && resume.size != 0 ? resume : open_key(&from, (struct slice){0}, key);
        status = scan_unit(scan, from.unit, start);
        if (scan->page->next[0] != '\0') {
            break;
        }
    }
    return status;
}

enum status answer_open(struct answer *answer)
{
    struct open_scan scan = {.answer = answer, .request = answer->request->scan_open};
    struct arena *arena = answer->arena;
    struct slice resume = {0};
    enum status status = read_request(&scan);
    if (status == STATUS_OK) {
        status = token_parse(answer, scan.request->after, OPEN_KEY_MAX, &resume);
    }
    if (status != STATUS_OK) {
        return status;
    }
    scan.page = arena_alloc(arena, sizeof *scan.page);
    if (scan.page == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__open_page__init(scan.page);
    scan.page->at = day_text(arena, scan.request->day);
    scan.page->lines = arena_array(arena, scan.limit, sizeof(Hoso__V1__OpenLine *));
    scan.page->counts = arena_array(arena, scan.request->n_units, sizeof(Hoso__V1__OpenCount *));
    status = scan.page->lines != NULL && scan.page->counts != NULL
                 ? cut_message(answer, aggregate_read_cut(answer->txn), &scan.page->cut)
                 : STATUS_TOO_LARGE;
    if (status == STATUS_OK) {
        status = scan_units(&scan, resume);
    }
    answer->reply->body_case = HOSO__V1__LEDGER_REPLY__BODY_OPEN;
    answer->reply->open = scan.page;
    return status;
}
