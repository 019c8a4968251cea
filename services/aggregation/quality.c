/* SPDX-License-Identifier: Apache-2.0
 *
 * Data quality: the findings, page by page; and the continuation tokens that all pages share.
 */
#include <sodium.h>

#include "aggregate/tables.h"
#include "services/aggregation/aggregation.h"

/* Continuation tokens are the last key looked at, in hexadecimal. */
char *token_of(struct arena *arena, struct slice key)
{
    const size_t size = 2 * key.size + 1;
    char *token = arena_alloc(arena, size);
    return token != NULL ? sodium_bin2hex(token, size, key.data, key.size) : NULL;
}

enum status token_parse(struct answer *answer, const char *token, size_t max, struct slice *ret_key)
{
    uint8_t *key = arena_alloc(answer->arena, max);
    size_t size = 0;
    if (key == NULL) {
        return STATUS_TOO_LARGE;
    }
    if (sodium_hex2bin(key, max, token, strlen(token), NULL, &size, NULL) != 0) {
        return error_set(answer->error, STATUS_INVALID,
                         "after: not a continuation that was handed out here");
    }
    *ret_key = slice_of(key, size);
    return STATUS_OK;
}

static bool unit_wanted(const Hoso__V1__ScanQualityRequest *request, struct slice unit)
{
    bool wanted = request->n_units == 0;
    for (size_t i = 0; i < request->n_units && !wanted; i++) {
        wanted = slice_equal(unit, slice_text(request->units[i]));
    }
    return wanted;
}

static enum status add_finding(struct answer *answer, Hoso__V1__QualityPage *page,
                               const struct finding_line *line)
{
    Hoso__V1__Finding *finding = arena_alloc(answer->arena, sizeof *finding);
    if (finding == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__finding__init(finding);
    finding->kind = (Hoso__V1__FindingKind)line->kind;
    finding->space = arena_string(answer->arena, line->space);
    finding->dossier = arena_string(answer->arena, line->dossier);
    finding->source = arena_string(answer->arena, line->source);
    finding->event_id = arena_string(answer->arena, line->event_id);
    finding->event_kind = (Hoso__V1__Kind)line->event_kind;
    finding->occurred_at = line->occurred_at_ms;
    finding->unit = arena_string(answer->arena, line->unit);
    finding->position = line->position;
    finding->count = line->count;
    page->findings[page->n_findings++] = finding;
    return answer->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

static enum status scan_findings(struct answer *answer, Hoso__V1__QualityPage *page,
                                 struct slice start, uint32_t limit)
{
    const Hoso__V1__ScanQualityRequest *request = answer->request->scan_quality;
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    struct finding_line line;
    enum status status = STATUS_OK;
    unsigned steps = 0;
    store_cursor_open(answer->txn, TABLE_FINDINGS, &cursor);
    bool more = store_cursor_seek(&cursor, start, &key, &value);
    while (more && status == STATUS_OK &&
           (request->kind == 0 || key.data[0] == (uint8_t)request->kind)) {
        if (page->n_findings == limit || ++steps > SCAN_STEPS_MAX) {
            page->next = token_of(answer->arena, key);
            status = page->next != NULL ? STATUS_OK : STATUS_TOO_LARGE;
            break;
        }
        if (!finding_parse(key, value, &line)) {
            status = STATUS_CORRUPT;
        } else if (unit_wanted(request, line.unit)) {
            status = add_finding(answer, page, &line);
        }
        more = store_cursor_next(&cursor, &key, &value);
    }
    store_cursor_close(&cursor);
    return status;
}

enum status findings_of(struct answer *answer, const struct finding_line *first,
                        Hoso__V1__QualityPage *page)
{
    uint8_t buffer[FINDING_KEY_MAX];
    struct store_cursor cursor;
    struct finding_line line;
    struct slice key;
    struct slice value;
    enum status status = STATUS_OK;
    store_cursor_open(answer->txn, TABLE_FINDINGS, &cursor);
    bool more = store_cursor_seek(&cursor, finding_key(first, buffer), &key, &value);
    while (more && status == STATUS_OK && page->n_findings < SCAN_LIMIT_MAX) {
        if (!finding_parse(key, value, &line)) {
            status = STATUS_CORRUPT;
        } else if (line.kind != first->kind || !slice_equal(line.space, first->space) ||
                   !slice_equal(line.dossier, first->dossier)) {
            break;
        } else {
            status = add_finding(answer, page, &line);
        }
        more = store_cursor_next(&cursor, &key, &value);
    }
    store_cursor_close(&cursor);
    return status;
}

enum status answer_quality(struct answer *answer)
{
    const Hoso__V1__ScanQualityRequest *request = answer->request->scan_quality;
    const uint32_t limit =
        request->limit != 0 && request->limit < SCAN_LIMIT_MAX ? request->limit : SCAN_LIMIT_MAX;
    const uint8_t kind = (uint8_t)request->kind;
    struct slice start = {0};
    enum status status = token_parse(answer, request->after, FINDING_KEY_MAX, &start);
    if (status == STATUS_OK && (request->kind < 0 || request->kind > UINT8_MAX)) {
        status = error_set(answer->error, STATUS_INVALID, "scan_quality.kind: no such kind");
    }
    Hoso__V1__QualityPage *page = arena_alloc(answer->arena, sizeof *page);
    if (status != STATUS_OK || page == NULL) {
        return status != STATUS_OK ? status : STATUS_TOO_LARGE;
    }
    hoso__v1__quality_page__init(page);
    page->findings = arena_array(answer->arena, limit, sizeof(Hoso__V1__Finding *));
    status = page->findings != NULL
                 ? cut_message(answer, aggregate_read_cut(answer->txn), &page->cut)
                 : STATUS_TOO_LARGE;
    if (status == STATUS_OK) {
        status = scan_findings(answer, page, start.size != 0 ? start : slice_of(&kind, 1), limit);
    }
    answer->reply->body_case = HOSO__V1__LEDGER_REPLY__BODY_QUALITY;
    answer->reply->quality = page;
    return status;
}
