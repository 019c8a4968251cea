/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests are decided in the order they came, inside one write transaction, so each sees what the
 * ones before it did. Their answers wait in `answers` for the commit. When the commit is rejected
 * for lack of space, nothing of the transaction happened, and every Append in it is answered FULL.
 */
#include "services/intake/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/require.h"
#include "log/log.h"
#include "services/intake/metrics.h"
#include "services/intake/sequence.h"

enum status writer_init(struct journal_writer *writer, const struct writer_options *options,
                        struct catalogue_ref *catalogue)
{
    *writer = (struct journal_writer){.options = *options, .catalogue = catalogue};
    writer->answers = calloc(QUEUE_REQUESTS_MAX, sizeof *writer->answers);
    return writer->answers != NULL ? STATUS_OK : STATUS_TOO_LARGE;
}

void writer_fini(struct journal_writer *writer)
{
    catalogue_ref_drop(&writer->catalogue);
    catalogue_ref_drop(&writer->next);
    free(writer->answers);
    writer->answers = NULL;
}

static void decide_open(struct journal_writer *writer, const struct writer_request *request,
                        struct writer_answer *answer)
{
    struct journal *journal = writer->options.journal;
    const struct slice name = slice_text(request->caller.user);
    struct journal_source source;
    journal_get_source(journal, name, &source);
    journal_open_epoch(journal, name, &source);
    answer->kind = ANSWER_OPEN;
    answer->epoch = source.epoch;
    answer->next_sequence = source.next_sequence;
    answer->position = journal_end(journal)->position;
}

/* The first `count` records, and what follows them. */
static struct slice split_records(struct slice records, uint32_t count, struct slice *ret_rest)
{
    struct reader reader = reader_of(records);
    for (uint32_t i = 0; i < count; i++) {
        (void)reader_text(&reader);
    }
    const size_t rest = reader_left(&reader);
    *ret_rest = slice_of(reader.at, rest);
    return slice_of(records.data, records.size - rest);
}

static struct journal_origin origin_of(const struct writer_request *request)
{
    return (struct journal_origin){slice_text(request->caller.user), slice_text(request->space)};
}

/* Journals what is new, once what is old turned out to be the same. */
static void append_new(struct journal_writer *writer, const struct writer_request *request,
                       uint32_t old, struct journal_source *source, struct writer_answer *answer)
{
    struct journal *journal = writer->options.journal;
    const struct journal_origin origin = origin_of(request);
    struct slice fresh;
    const struct slice known = split_records(request->records, old, &fresh);
    if (!journal_matches(journal, origin.name, request->first_sequence, old, known,
                         &answer->position)) {
        answer->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_CONFLICT;
        answer->position = 0;
    } else if (old == request->count) {
        answer->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_DUPLICATE;
    } else if (writer->full) {
        answer->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_FULL;
        answer->position = 0;
    } else {
        journal_append(journal, &origin, source, request->count - old, fresh);
        answer->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_ACK;
        answer->position = journal_end(journal)->position;
        answer->count = request->count - old;
    }
}

/* Without sequences: nothing says what of it was journaled before, and nothing needs to. */
static void append_unnumbered(struct journal_writer *writer, const struct writer_request *request,
                              struct writer_answer *answer)
{
    struct journal *journal = writer->options.journal;
    const struct journal_origin origin = origin_of(request);
    answer->kind = ANSWER_APPEND;
    answer->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_FULL;
    if (!writer->full) {
        journal_append(journal, &origin, NULL, request->count, request->records);
        answer->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_ACK;
        answer->position = journal_end(journal)->position;
        answer->count = request->count;
    }
}

/* The catalogue that is in force, or will be when the open transaction is committed. */
static const struct catalogue_ref *current_of(const struct journal_writer *writer)
{
    return writer->next != NULL ? writer->next : writer->catalogue;
}

/* Was the request checked against a catalogue with ids that are gone meanwhile? */
static bool is_outdated(const struct journal_writer *writer, const struct writer_request *request)
{
    const struct catalogue_ref *current = current_of(writer);
    return current != NULL && current->drops && request->checked_by != current->number;
}

/* To be sent again, and checked anew. */
static void answer_busy(struct journal_writer *writer, const struct writer_request *request,
                        struct writer_answer *answer)
{
    struct journal_source source;
    journal_get_source(writer->options.journal, slice_text(request->caller.user), &source);
    answer->kind = ANSWER_APPEND;
    answer->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_BUSY;
    answer->next_sequence = request->first_sequence != 0 ? source.next_sequence : 0;
}

static void decide_append(struct journal_writer *writer, const struct writer_request *request,
                          struct writer_answer *answer)
{
    struct journal_source source;
    uint32_t old = 0;
    if (is_outdated(writer, request)) {
        answer_busy(writer, request, answer);
        return;
    }
    if (request->first_sequence == 0) {
        append_unnumbered(writer, request, answer);
        return;
    }
    journal_get_source(writer->options.journal, slice_text(request->caller.user), &source);
    answer->kind = ANSWER_APPEND;
    switch (
        sequence_judge(&source, request->epoch, request->first_sequence, request->count, &old)) {
    case SEQUENCE_NOT_OPEN:
        answer->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_NOT_OPEN;
        break;
    case SEQUENCE_FENCED:
        answer->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_FENCED;
        break;
    case SEQUENCE_GAP:
        answer->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_GAP;
        break;
    case SEQUENCE_NEW:
    case SEQUENCE_PARTLY:
    case SEQUENCE_OLD:
        append_new(writer, request, old, &source, answer);
        break;
    }
    answer->next_sequence = source.next_sequence;
}

static void answer_error(struct writer_answer *answer, enum status status, const char *field,
                         const char *text)
{
    answer->kind = ANSWER_ERROR;
    answer->field = field;
    (void)error_set(&answer->error, status, "%s", text);
}

static void decide_catalogue(struct journal_writer *writer, const struct writer_request *request,
                             struct writer_answer *answer)
{
    struct journal *journal = writer->options.journal;
    const struct catalogue_ref *current = current_of(writer);
    const struct catalogue *before = current != NULL ? current->catalogue : NULL;
    const struct slice packed = catalogue_packed(request->catalogue->catalogue);
    struct error error;
    answer->kind = ANSWER_CATALOGUE;
    answer->position = journal_end(journal)->catalogue_position;
    answer->unchanged = before != NULL && slice_equal(packed, catalogue_packed(before));
    if (answer->unchanged) {
        return;
    }
    const struct catalogue *next = request->catalogue->catalogue;
    const bool drops = catalogue_may_replace(before, next, &error) != STATUS_OK;
    if (drops && !uses_may_drop(journal, before, next, &request->proof)) {
        answer_error(answer, STATUS_INVALID, "catalogue", error.text);
    } else if (writer->full) {
        answer_error(answer, STATUS_FULL, "",
                     "the disk or the map of intake is at its reserve; make room and try again");
    } else {
        journal_append_catalogue(journal, slice_text(request->caller.user), packed);
        answer->position = journal_end(journal)->position;
        answer->count = 1;
        answer->catalogue = catalogue_ref_take(request->catalogue);
        catalogue_ref_drop(&writer->next);
        writer->next = catalogue_ref_take(request->catalogue);
        writer->next->drops = drops;
    }
}

/* The same close again is answered as the first time, however long ago that was. */
static void decide_close(struct journal_writer *writer, const struct writer_request *request,
                         struct writer_answer *answer)
{
    struct journal *journal = writer->options.journal;
    struct close close;
    struct journal_close known;
    require(close_decode(request->records, &close));
    answer->kind = ANSWER_CLOSE;
    if (journal_find_close(journal, &close, &known)) {
        answer->unchanged = true;
        answer->number = known.number;
        answer->position = known.position;
        if (!known.same) {
            answer_error(answer, STATUS_INVALID, "id",
                         "this id was used for another close: draw a new one");
        }
    } else if (is_outdated(writer, request)) {
        answer_error(answer, STATUS_BUSY, "", "another catalogue came into force: try again");
    } else if (writer->full) {
        answer_error(answer, STATUS_FULL, "",
                     "the disk or the map of intake is at its reserve; make room and try again");
    } else {
        answer->number = journal_append_close(journal, slice_text(request->caller.user), &close);
        answer->position = journal_end(journal)->position;
        answer->count = 1;
    }
}

static void decide(struct journal_writer *writer, const struct writer_request *request)
{
    struct writer_answer *answer = &writer->answers[writer->answer_count++];
    *answer = (struct writer_answer){.caller = request->caller, .field = ""};
    switch (request->kind) {
    case REQUEST_OPEN:
        decide_open(writer, request, answer);
        return;
    case REQUEST_APPEND:
        decide_append(writer, request, answer);
        return;
    case REQUEST_CATALOGUE:
        decide_catalogue(writer, request, answer);
        return;
    case REQUEST_CLOSE:
        decide_close(writer, request, answer);
        return;
    }
}

/* What a source should send next, after the transaction that knew is gone. */
static uint64_t next_sequence(struct journal *journal, const char *name)
{
    struct journal_source source;
    journal_begin(journal);
    journal_get_source(journal, slice_text(name), &source);
    journal_abort(journal);
    return source.next_sequence;
}

/* The answers of a transaction that was rejected for lack of space. */
static void answer_full(struct journal_writer *writer, const struct writer_batch *batch)
{
    for (unsigned i = 0; i < writer->answer_count; i++) {
        struct writer_answer *answer = &writer->answers[i];
        catalogue_ref_drop(&answer->catalogue);
        answer->count = 0;
        answer->position = 0;
        if (answer->kind == ANSWER_APPEND) {
            answer->result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_FULL;
            answer->next_sequence =
                next_sequence(writer->options.journal, batch->requests[i]->caller.user);
        } else {
            answer_error(answer, STATUS_FULL, "",
                         "the disk or the map of intake is full; make room and try again");
        }
    }
    catalogue_ref_drop(&writer->next);
}

/* What an acknowledged Append repeated of an earlier one are duplicates. */
static void count_answers(struct journal_writer *writer, const struct writer_batch *batch)
{
    struct metrics *metrics = writer->options.metrics;
    uint64_t journaled = 0;
    uint64_t repeated = 0;
    for (unsigned i = 0; i < writer->answer_count; i++) {
        const struct writer_answer *answer = &writer->answers[i];
        const bool acknowledged = answer->kind == ANSWER_APPEND &&
                                  answer->result == HOSO__V1__APPEND_RESULT__APPEND_RESULT_ACK;
        if (acknowledged) {
            count_append(metrics, answer->result, answer->count);
            journaled += answer->count;
            repeated += batch->requests[i]->count - answer->count;
        } else if (answer->kind == ANSWER_APPEND) {
            count_append(metrics, answer->result, batch->requests[i]->count);
        }
    }
    metrics_add(metrics, INTAKE_EVENTS, HOSO__V1__APPEND_RESULT__APPEND_RESULT_DUPLICATE - 1,
                repeated);
    if (journaled != 0) {
        metrics_observe(metrics, INTAKE_BATCH_EVENTS, 0, journaled);
    }
}

static void log_catalogue(const struct journal_writer *writer)
{
    char position[24];
    (void)snprintf(position, sizeof position, "%" PRIu64,
                   journal_end(writer->options.journal)->catalogue_position);
    log_event(LOG_INFO, "intake.catalogue", "a new catalogue is in force", "position", position,
              NULL);
}

/* After a commit that holds: what it changed becomes visible, and the feed is woken. */
static void publish(struct journal_writer *writer)
{
    const struct writer_options *options = &writer->options;
    const struct journal_end *end = journal_end(options->journal);
    if (writer->next != NULL) {
        catalogue_ref_drop(&writer->catalogue);
        writer->catalogue = writer->next;
        writer->next = NULL;
        log_catalogue(writer);
    }
    metrics_add(options->metrics, INTAKE_COMMITS, 0, 1);
    metrics_set(options->metrics, INTAKE_SOURCES, 0, end->sources);
    metrics_set(options->metrics, INTAKE_CATALOGUE, 0, end->catalogue_position);
    atomic_store(options->position, end->position);
    bus_wake_signal(options->committed);
}

/* Logged when it begins and when it ends, not for every Append. */
static void note_full(struct journal_writer *writer, bool full)
{
    if (full && !writer->full) {
        log_event(LOG_ERROR, "intake.full",
                  "the disk or the map is at its reserve: events are refused until there is room",
                  NULL);
    } else if (!full && writer->full) {
        log_event(LOG_WARNING, "intake.room", "there is room again: events are taken", NULL);
    }
    writer->full = full;
}

static bool commit(struct journal_writer *writer, const struct writer_batch *batch)
{
    const uint64_t begun_us = clock_us();
    const enum status status = journal_commit(writer->options.journal);
    metrics_observe(writer->options.metrics, INTAKE_COMMIT_TIME, 0, clock_us() - begun_us);
    if (status == STATUS_OK) {
        publish(writer);
    } else if (status == STATUS_FULL) {
        note_full(writer, true);
        answer_full(writer, batch);
    } else {
        for (unsigned i = 0; i < writer->answer_count; i++) {
            catalogue_ref_drop(&writer->answers[i].catalogue);
        }
        log_event(LOG_ERROR, "intake.commit_failed",
                  "a commit failed and may or may not be on disk: ending without an answer",
                  "status", status_text(status), NULL);
        return false;
    }
    count_answers(writer, batch);
    queue_answer(writer->options.queue, writer->answers, writer->answer_count);
    return true;
}

bool writer_batch(struct journal_writer *writer, const struct writer_batch *batch)
{
    struct journal *journal = writer->options.journal;
    note_full(writer, journal_is_full(journal));
    writer->answer_count = 0;
    journal_begin(journal);
    for (unsigned i = 0; i < batch->count; i++) {
        decide(writer, batch->requests[i]);
    }
    return commit(writer, batch);
}

static void *writer_main(void *argument)
{
    struct journal_writer *writer = argument;
    const struct writer_batch *batch;
    bool alive = true;
    while (alive && (batch = queue_take(writer->options.queue)) != NULL) {
        alive = writer_batch(writer, batch);
    }
    if (!alive) {
        service_fail(writer->options.service);
    }
    queue_finish(writer->options.queue);
    return NULL;
}

enum status writer_start(struct journal_writer *writer)
{
    writer->running = pthread_create(&writer->thread, NULL, writer_main, writer) == 0;
    return writer->running ? STATUS_OK : STATUS_IO;
}

void writer_join(struct journal_writer *writer)
{
    if (writer->running) {
        (void)pthread_join(writer->thread, NULL);
        writer->running = false;
    }
}
