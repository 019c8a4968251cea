/* SPDX-License-Identifier: Apache-2.0
 *
 * A page of dossiers, whichever list it is of.
 */
#include "base/localday.h"
#include "services/aggregation/page.h"

char *day_text(struct arena *arena, int32_t day)
{
    char text[DATE_TEXT_SIZE] = "";
    if (day != INT32_MAX) {
        localday_format(day, text);
    }
    return arena_string(arena, slice_text(text));
}

enum status page_begin(struct answer *answer, int32_t at_day, uint32_t limit, size_t units,
                       Hoso__V1__DossierPage **ret_page)
{
    struct arena *arena = answer->arena;
    Hoso__V1__DossierPage *page = arena_alloc(arena, sizeof *page);
    if (page == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__dossier_page__init(page);
    page->at = day_text(arena, at_day);
    page->lines = arena_array(arena, limit, sizeof(Hoso__V1__DossierLine *));
    page->counts = arena_array(arena, units, sizeof(Hoso__V1__UnitCount *));
    *ret_page = page;
    return page->lines != NULL && page->counts != NULL
               ? cut_message(answer, aggregate_read_cut(answer->txn), &page->cut)
               : STATUS_TOO_LARGE;
}

enum status page_add_line(struct answer *answer, Hoso__V1__DossierPage *page,
                          const struct page_line *given)
{
    struct arena *arena = answer->arena;
    const struct dossier_standing *standing = given->standing;
    Hoso__V1__DossierLine *line = arena_alloc(arena, sizeof *line);
    struct slice space;
    struct slice code;
    if (!dossier_parse(given->dossier, &space, &code)) {
        return STATUS_CORRUPT;
    }
    if (line == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__dossier_line__init(line);
    line->space = arena_string(arena, space);
    line->dossier = arena_string(arena, code);
    line->unit = arena_string(arena, given->unit);
    line->procedure = arena_string(arena, given->procedure);
    line->field = arena_string(arena, given->field);
    line->amount = given->amount;
    line->state = (Hoso__V1__DossierState)standing->state;
    line->received = day_text(arena, standing->received_day);
    line->due = day_text(arena, standing->due_day);
    const bool ended = standing->state >= OPEN_STATE_COUNT && standing->ended_day != INT32_MAX;
    line->ended = day_text(arena, ended ? standing->ended_day : INT32_MAX);
    if (standing->due_day != INT32_MAX) {
        line->days_left = standing->due_day - (ended ? standing->ended_day : given->at_day);
    }
    if (standing->procedure.size != 0) { /* it is no petition */
        line->channel = (Hoso__V1__Channel)channel_of_slot(standing->slot);
        line->service_level = (Hoso__V1__ServiceLevel)level_of_slot(standing->slot);
    }
    page->lines[page->n_lines++] = line;
    return arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

enum status page_add_count(struct answer *answer, Hoso__V1__DossierPage *page, struct slice unit,
                           uint64_t count)
{
    Hoso__V1__UnitCount *line = count != 0 ? arena_alloc(answer->arena, sizeof *line) : NULL;
    if (line == NULL) {
        return count != 0 ? STATUS_TOO_LARGE : STATUS_OK;
    }
    hoso__v1__unit_count__init(line);
    line->unit = arena_string(answer->arena, unit);
    line->count = count;
    page->counts[page->n_counts++] = line;
    return answer->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

enum status page_check_units(struct answer *answer, const char *request, char *const *units,
                             size_t count)
{
    if (count == 0 || count > SCAN_UNITS_MAX) {
        return error_set(answer->error, STATUS_INVALID, "%s.units: 1 to %d are needed", request,
                         SCAN_UNITS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        const size_t size = strlen(units[i]);
        if (size == 0 || size > EVENT_CODE_MAX) {
            return error_set(answer->error, STATUS_INVALID, "%s.units[%zu]: 1 to %d bytes", request,
                             i, EVENT_CODE_MAX);
        }
    }
    return STATUS_OK;
}

enum status page_find_unit(struct answer *answer, struct slice resume, char *const *units,
                           size_t count, size_t *ret_at)
{
    struct reader reader = reader_of(resume);
    const struct slice unit = reader_closed_text(&reader);
    size_t at = 0;
    while (resume.size != 0 && at < count && !slice_equal(slice_text(units[at]), unit)) {
        at++;
    }
    if (at == count) {
        return error_set(answer->error, STATUS_INVALID,
                         "after: the continuation is of a list of other units");
    }
    *ret_at = at;
    return STATUS_OK;
}
