/* SPDX-License-Identifier: Apache-2.0
 *
 * What is open: the index has it by unit, state and due day, so a page is a range of each unit, in
 * the order in which the units are asked for. `next` is the first key that the page does not have.
 */
#include "aggregate/tables.h"
#include "base/localday.h"
#include "services/aggregation/page.h"

struct open_scan {
    struct answer *answer;
    const Hoso__V1__ScanOpenRequest *request;
    Hoso__V1__DossierPage *page;
    uint32_t limit;
    int32_t due_before;
    unsigned counted;
};

static enum status read_request(struct open_scan *scan)
{
    const Hoso__V1__ScanOpenRequest *request = scan->request;
    struct error *error = scan->answer->error;
    const int32_t last_day = localday_of_ms(TIME_MAX_MS);
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

static enum status add_line(struct open_scan *scan, const struct dossier_standing *open,
                            struct slice dossier)
{
    const struct page_line line = {.dossier = dossier,
                                   .unit = open->unit,
                                   .procedure = open->procedure,
                                   .field = open->field,
                                   .amount = 1,
                                   .standing = open,
                                   .at_day = scan->request->day};
    return page_add_line(scan->answer, scan->page, &line);
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
    struct dossier_standing open;
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
    return status == STATUS_OK ? page_add_count(scan->answer, scan->page, unit, count) : status;
}

static enum status scan_units(struct open_scan *scan, struct slice resume)
{
    const Hoso__V1__ScanOpenRequest *request = scan->request;
    size_t first = 0;
    enum status status =
        page_find_unit(scan->answer, resume, request->units, request->n_units, &first);
    for (size_t i = first; i < request->n_units && status == STATUS_OK; i++) {
        uint8_t key[OPEN_KEY_MAX];
        const struct dossier_standing from = {.state = (enum dossier_state)request->state,
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
    const Hoso__V1__ScanOpenRequest *request = answer->request->scan_open;
    struct open_scan scan = {.answer = answer, .request = request};
    struct slice resume = {0};
    enum status status = page_check_units(answer, "scan_open", request->units, request->n_units);
    if (status == STATUS_OK) {
        status = read_request(&scan);
    }
    if (status == STATUS_OK) {
        status = token_parse(answer, request->after, OPEN_KEY_MAX, &resume);
    }
    if (status == STATUS_OK) {
        status = page_begin(answer, request->day, scan.limit, request->n_units, &scan.page);
    }
    if (status != STATUS_OK) {
        return status;
    }
    scan.page->head = request->head;
    status = scan_units(&scan, resume);
    answer->reply->body_case = HOSO__V1__LEDGER_REPLY__BODY_DOSSIERS;
    answer->reply->dossiers = scan.page;
    return status;
}
