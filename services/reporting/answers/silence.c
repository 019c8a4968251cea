/* SPDX-License-Identifier: Apache-2.0
 *
 * A source that sent events of a unit before the days in question, and none of it in them, may be
 * silent; whether it sent any at all is looked up once for each such source.
 */
#include "services/reporting/answers/silence.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/source.h"
#include "replica/replica.h"

struct suspect {
    const char *source;
    struct suspect *next;
};

struct search {
    struct arena *arena;
    int32_t begin, last_day;
    struct suspect *suspects; /* newest first, may repeat */
    size_t count;
};

static void suspect(void *context, struct slice source, const struct source_unit *days)
{
    struct search *search = context;
    const bool used_to =
        days->first_day < search->begin && days->last_day >= search->begin - SOURCE_USUAL_DAYS;
    const bool sent = days->last_day >= search->begin && days->last_day <= search->last_day;
    const bool known =
        search->suspects != NULL && slice_equal(slice_text(search->suspects->source), source);
    if (!used_to || sent || known) {
        return;
    }
    struct suspect *added = arena_alloc(search->arena, sizeof *added);
    const char *name = arena_string(search->arena, source);
    if (added != NULL && name != NULL) {
        *added = (struct suspect){name, search->suspects};
        search->suspects = added;
        search->count++;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum status silence_of(struct store_txn *txn, const struct scope *scope, int32_t last_day,
                       struct arena *arena, struct engine_silence *ret_silence)
{
    struct search search = {
        .arena = arena, .begin = source_silence_begin(last_day), .last_day = last_day};
    for (uint32_t i = 0; i < scope->unit_count; i++) {
        source_scan_unit(txn, REPLICA_LEDGER, scope->units[i]->id, suspect, &search);
    }
    const char **names = arena_array(arena, search.count + 1, sizeof *names);
    struct engine_silent *sources = arena_array(arena, search.count + 1, sizeof *sources);
    if (names == NULL || sources == NULL || arena->exceeded) {
        return STATUS_TOO_LARGE;
    }
    size_t count = 0;
    for (const struct suspect *at = search.suspects; at != NULL; at = at->next) {
        names[count++] = at->source;
    }
    qsort(names, count, sizeof *names, by_name);
    const char *previous = "";
    unsigned silent = 0;
    for (size_t i = 0; i < count; previous = names[i++]) {
        struct engine_silent source = {.name = names[i]};
        if (strcmp(previous, names[i]) != 0 &&
            source_is_silent(txn, REPLICA_LEDGER, slice_text(names[i]), last_day,
                             &source.sent_day)) {
            sources[silent++] = source;
        }
    }
    *ret_silence = (struct engine_silence){search.begin, last_day, sources, silent};
    return STATUS_OK;
}
