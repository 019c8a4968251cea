/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass over the blocks after a position. The ids are sorted, so each event costs three
 * searches.
 */
#include "services/intake/uses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "catalogue/catalogue_diff.h"
#include "journal/close.h"

enum { ARENA_BYTES_MAX = 256 << 20 };

struct id_counts {
    char *const *ids; /* sorted, each once */
    size_t count;
    uint64_t *events;
};

struct uses {
    struct id_counts units, fields, procedures;
    uint64_t position; /* counted up to here */
    uint64_t events;
};

static int compare(const void *sought, const void *element)
{
    const struct slice *id = sought;
    return slice_compare(*id, slice_text(*(char *const *)element));
}

static void count(struct id_counts *counts, struct slice id)
{
    char *const *found =
        id.size != 0 && counts->count != 0
            ? bsearch(&id, counts->ids, counts->count, sizeof *counts->ids, compare)
            : NULL;
    if (found != NULL) {
        counts->events[found - counts->ids]++;
    }
}

static enum status count_block(struct uses *uses, struct slice bytes, uint64_t after)
{
    struct block block;
    struct close close;
    const enum status status = block_decode(bytes, &block);
    if (status != STATUS_OK) {
        return status;
    }
    struct reader payload = reader_of(block.payload);
    for (uint32_t i = 0; block.kind == BLOCK_EVENTS && i < block.count; i++) {
        struct event event = {.kind = KIND_NONE};
        block_next_event(&payload, &event);
        if (block.first_position + i > after) {
            count(&uses->units, event.unit);
            count(&uses->fields, event.field);
            count(&uses->procedures, event.procedure);
        }
    }
    if (block.kind == BLOCK_CLOSE && close_decode(block.payload, &close)) {
        count(&uses->units, close.unit);
    }
    uses->position = block.first_position + block.count - 1;
    uses->events += block.count;
    return payload.failed ? STATUS_CORRUPT : STATUS_OK;
}

static enum status count_stretch(struct journal *journal, uint64_t after, struct uses *uses,
                                 uint64_t *ret_end)
{
    struct journal_reader reader;
    struct slice block;
    enum status status = STATUS_OK;
    uses->position = after;
    journal_read_begin(journal, after, &reader);
    *ret_end = reader.end;
    while (status == STATUS_OK && uses->events < USES_EVENTS_MAX &&
           journal_read_next(&reader, &block)) {
        status = count_block(uses, block, after);
    }
    return status_first(journal_read_end(&reader), status);
}

static bool begin(struct id_counts *counts, char **ids, size_t count, struct arena *arena)
{
    *counts = (struct id_counts){ids, count, arena_array(arena, count + 1, sizeof(uint64_t))};
    bool sorted = counts->events != NULL;
    for (size_t i = 1; i < count && sorted; i++) {
        sorted = strcmp(ids[i - 1], ids[i]) < 0;
    }
    return sorted;
}

static uint64_t digest_of(const struct uses *uses)
{
    const struct id_counts *const lists[] = {&uses->units, &uses->fields, &uses->procedures};
    uint64_t digest = 0;
    for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (size_t k = 0; k < lists[i]->count; k++) {
            const char *id = lists[i]->ids[k];
            digest = XXH3_64bits_withSeed(id, strlen(id) + 1, digest);
        }
        digest = XXH3_64bits_withSeed(&i, sizeof i, digest);
    }
    return digest;
}

static bool all_unused(const struct uses *uses)
{
    const struct id_counts *const lists[] = {&uses->units, &uses->fields, &uses->procedures};
    bool unused = true;
    for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (size_t k = 0; k < lists[i]->count; k++) {
            unused = unused && lists[i]->events[k] == 0;
        }
    }
    return unused;
}

/* A proof goes from the journal's beginning, stretch by stretch, for the same ids. */
static void carry_on(struct uses_proof *proof, const char *user, uint64_t after,
                     const struct uses *uses)
{
    const uint64_t digest = digest_of(uses);
    const bool same = strcmp(proof->user, user) == 0 && proof->digest == digest && proof->unused &&
                      proof->position == after;
    if (after != 0 && !same) {
        *proof = (struct uses_proof){.unused = false};
        return;
    }
    (void)snprintf(proof->user, sizeof proof->user, "%s", user);
    proof->digest = digest;
    proof->position = uses->position;
    proof->unused = all_unused(uses);
}

enum status uses_answer(struct endpoint_request *request, struct journal *journal,
                        const Hoso__V1__CountUsesRequest *question, struct uses_proof *proof)
{
    struct uses uses = {.position = 0};
    Hoso__V1__CountUsesReply answer = HOSO__V1__COUNT_USES_REPLY__INIT;
    Hoso__V1__IntakeReply reply = HOSO__V1__INTAKE_REPLY__INIT;
    Hoso__V1__Cut cut = HOSO__V1__CUT__INIT;
    if (question->n_units + question->n_fields + question->n_procedures > USES_IDS_MAX ||
        !begin(&uses.units, question->units, question->n_units, request->arena) ||
        !begin(&uses.fields, question->fields, question->n_fields, request->arena) ||
        !begin(&uses.procedures, question->procedures, question->n_procedures, request->arena)) {
        return endpoint_fail(request, STATUS_INVALID, "count_uses",
                             "at most %d ids, sorted by their bytes, each once", USES_IDS_MAX);
    }
    const enum status status =
        count_stretch(journal, question->after_position, &uses, &cut.position);
    if (status != STATUS_OK) {
        return status;
    }
    carry_on(proof, request->caller.user, question->after_position, &uses);
    cut.incarnation = journal_incarnation(journal);
    answer.cut = &cut;
    answer.position = uses.position;
    answer.n_units = uses.units.count;
    answer.units = uses.units.events;
    answer.n_fields = uses.fields.count;
    answer.fields = uses.fields.events;
    answer.n_procedures = uses.procedures.count;
    answer.procedures = uses.procedures.events;
    reply.body_case = HOSO__V1__INTAKE_REPLY__BODY_COUNT_USES;
    reply.count_uses = &answer;
    return endpoint_answer(request, &reply.base);
}

/* The ids that go. */
struct dropped {
    struct uses uses;
    struct arena arena;
    size_t room;
    uint64_t after;
    enum status status;
};

static void add_dropped(void *context, const struct catalogue_change *change)
{
    struct dropped *dropped = context;
    struct id_counts *counts = strcmp(change->table, "units") == 0    ? &dropped->uses.units
                               : strcmp(change->table, "fields") == 0 ? &dropped->uses.fields
                                                                      : &dropped->uses.procedures;
    char *id = change->kind == CHANGE_GONE ? arena_string(&dropped->arena, change->id) : NULL;
    if (id != NULL && counts->count < dropped->room) {
        char **ids = (char **)(uintptr_t)counts->ids;
        ids[counts->count++] = id;
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool find_dropped(struct dropped *dropped, const struct catalogue *current,
                         const struct catalogue *next)
{
    struct id_counts *const lists[] = {&dropped->uses.units, &dropped->uses.fields,
                                       &dropped->uses.procedures};
    dropped->room = USES_IDS_MAX;
    for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++) {
        lists[i]->ids = arena_array(&dropped->arena, dropped->room, sizeof(char *));
        lists[i]->events = arena_array(&dropped->arena, dropped->room, sizeof(uint64_t));
    }
    if (dropped->arena.exceeded ||
        catalogue_diff(current, next, &dropped->arena, add_dropped, dropped) != STATUS_OK ||
        dropped->arena.exceeded) {
        return false;
    }
    for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++) {
        qsort((char **)(uintptr_t)lists[i]->ids, lists[i]->count, sizeof(char *), by_text);
    }
    return true;
}

static bool count_later(void *context, struct slice block)
{
    struct dropped *dropped = context;
    dropped->status = count_block(&dropped->uses, block, dropped->after);
    return dropped->status == STATUS_OK;
}

bool uses_may_drop(struct journal *journal, const struct catalogue *current,
                   const struct catalogue *next, const struct uses_proof *proof)
{
    struct dropped dropped = {.after = proof->position, .status = STATUS_OK};
    if (!proof->unused) {
        return false;
    }
    arena_init(&dropped.arena, ARENA_BYTES_MAX);
    bool may = find_dropped(&dropped, current, next) && digest_of(&dropped.uses) == proof->digest;
    if (may) {
        journal_scan(journal, proof->position, count_later, &dropped);
        may = dropped.status == STATUS_OK && all_unused(&dropped.uses);
    }
    arena_fini(&dropped.arena);
    return may;
}
