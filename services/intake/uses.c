/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass over the blocks after a position. The ids are sorted, so each event costs three
 * searches.
 */
#include "services/intake/uses.h"

#include <stdlib.h>
#include <string.h>

#include "journal/close.h"

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

enum status uses_answer(struct endpoint_request *request, struct journal *journal,
                        const Hoso__V1__CountUsesRequest *question)
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
