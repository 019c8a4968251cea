/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks intake for the blocks after the cursor and applies them, so that batches are as large as
 * what waits: small when live. Behind, blocks are held until a commit's worth is there, which then
 * writes each record once; the next answer is on its way meanwhile. Replicas are sent a batch as
 * soon as it is applied; it is committed at the pace of commit_pace.h. A stop waits for no commit:
 * what is missing then is counted again after the start.
 */
#include "base/clock.h"
#include "base/reminder.h"
#include "base/require.h"
#include "bus/exchange.h"
#include "hoso/v1/journal.pb-c.h"
#include "log/log.h"
#include "services/aggregation/metrics.h"
#include "store/commit_pace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    REPLY_ARENA_BYTES = 48 << 20,
    HELD_BYTES_MAX = 256 << 20, /* a commit's worth of the largest events, and a reply */
    BEHIND_EVENTS = 16384,      /* with so many to come, a batch waits for them */
    BATCH_BYTES = 4 << 20,
    ASK_EVERY_MS = 20, /* live: what several events change is then sent, and copied, once */
    FULL_PAUSE_MS = 1000,
    REFUSED_PAUSE_MS = 5000
};

struct intake_reader {
    struct aggregation *owner;
    struct exchange *exchange;
    struct arena arena;
    int64_t asked_ms;
    int64_t next_ms; /* when to ask, if no question is under way */
    struct arena held_arena;
    struct slice *held; /* blocks that wait for others, room for AGGREGATE_BATCH_MAX */
    unsigned held_count;
    uint64_t held_events;
    uint64_t held_position; /* of the last of them */
    uint64_t incarnation;   /* of their journal */
    int64_t held_ms;        /* since when */
    struct commit_pace pace;
    bool knows_end;       /* where the journal ended at the start */
    uint64_t batch_max;   /* events of one commit: AGGREGATE_BATCH_MAX, or less after TOO_LARGE */
    struct reminder full; /* of the log */
    struct reminder refused; /* likewise */
};

static void ask(struct intake_reader *reader, uint64_t after_position)
{
    Hoso__V1__ReadJournalRequest read = HOSO__V1__READ_JOURNAL_REQUEST__INIT;
    Hoso__V1__JournalRequest request = HOSO__V1__JOURNAL_REQUEST__INIT;
    read.after_position = after_position;
    read.max_bytes = BATCH_BYTES;
    /* Until it is known that intake answers it is to answer at once. */
    read.wait_ms = exchange_is_heard(reader->exchange) ? JOURNAL_WAIT_MS : 0;
    request.body_case = HOSO__V1__JOURNAL_REQUEST__BODY_READ;
    request.read = &read;
    reader->asked_ms = clock_ms();
    require(exchange_ask(reader->exchange, &request.base, JOURNAL_WAIT_MS + JOURNAL_GRACE_MS) ==
            STATUS_OK);
}

/* Of what is applied, and held behind it. */
static uint64_t reached(const struct intake_reader *reader)
{
    return reader->held_count != 0 ? reader->held_position
                                   : aggregate_applied(reader->owner->aggregate).position;
}

static void ask_on(struct intake_reader *reader)
{
    ask(reader, reached(reader));
}

/* Where the journal's blocks end: the next question starts there. */
static enum status end_of(const Hoso__V1__ReadJournalReply *reply, uint64_t *ret_end)
{
    struct block last;
    const ProtobufCBinaryData *bytes = &reply->blocks[reply->n_blocks - 1];
    const enum status status = block_decode(slice_of(bytes->data, bytes->len), &last);
    *ret_end = status == STATUS_OK ? last.first_position + last.count - 1 : 0;
    return status;
}

static uint64_t looked_at(const struct aggregation *owner)
{
    const struct aggregate_counts counts = aggregate_counts(owner->aggregate);
    return counts.events + counts.duplicates + counts.conflicts;
}

static void note_recounted(struct aggregation *owner)
{
    const uint64_t position = aggregate_cut(owner->aggregate).position;
    if (position >= atomic_load(&owner->complete_at) &&
        atomic_exchange(&owner->recounting, false)) {
        log_event(LOG_INFO, "aggregation.recounted", "the journal was counted anew", NULL);
    }
}

static enum status commit(struct intake_reader *reader, struct error *error)
{
    struct aggregation *owner = reader->owner;
    struct metrics *metrics = owner->service->metrics;
    const uint64_t before = looked_at(owner);
    const uint64_t begun_us = clock_us();
    if (aggregate_pending(owner->aggregate) == 0) {
        return STATUS_OK;
    }
    const enum status status = aggregate_commit(owner->aggregate, error);
    if (status == STATUS_OK) {
        atomic_store(&owner->full, false);
        note_recounted(owner);
        if (reminder_end(&reader->full)) {
            log_event(LOG_WARNING, "aggregation.room", "there is room again: counting goes on",
                      NULL);
        }
        metrics_observe(metrics, AGGREGATION_COMMIT_TIME, 0, clock_us() - begun_us);
        metrics_observe(metrics, AGGREGATION_BATCH_EVENTS, 0, looked_at(owner) - before);
        bus_wake_signal(&owner->progress);
    }
    return status;
}

static void drop_held(struct intake_reader *reader)
{
    reader->held_count = 0;
    reader->held_events = 0;
    arena_reset(&reader->held_arena);
}

/* Applies what is held. */
static enum status apply(struct intake_reader *reader, struct error *error)
{
    struct aggregation *owner = reader->owner;
    const uint64_t begun_us = clock_us();
    const bool first = aggregate_pending(owner->aggregate) == 0;
    if (reader->held_count == 0) {
        return STATUS_OK;
    }
    if (store_is_full(owner->store)) { /* what was counted before is stored; no more is counted */
        drop_held(reader);
        const enum status stored = commit(reader, error);
        return stored == STATUS_OK ? STATUS_FULL : stored;
    }
    const enum status status = aggregate_apply(owner->aggregate, reader->incarnation, reader->held,
                                               reader->held_count, error);
    drop_held(reader);
    if (status == STATUS_OK) {
        metrics_observe(owner->service->metrics, AGGREGATION_APPLY_TIME, 0, clock_us() - begun_us);
        commit_pace_applied(&reader->pace, first);
        bus_wake_signal(&owner->progress);
    }
    return status;
}

/* When what is applied is to be committed. */
static int64_t commit_at(const struct intake_reader *reader)
{
    const struct aggregation *owner = reader->owner;
    return commit_pace_due_ms(&reader->pace, aggregate_cut(owner->aggregate).position,
                              aggregate_applied(owner->aggregate).position,
                              atomic_load(&owner->wanted));
}

/* Holds a copy of a block. One that cannot be decoded is for aggregate_apply to name. */
static enum status hold(struct intake_reader *reader, struct slice bytes, const struct block *block)
{
    const struct slice copy = arena_copy(&reader->held_arena, bytes);
    if (reader->held_arena.exceeded) {
        return STATUS_TOO_LARGE;
    }
    reader->held_ms = reader->held_count == 0 ? clock_ms() : reader->held_ms;
    reader->held[reader->held_count++] = copy;
    reader->held_events += block->count;
    reader->held_position = block->first_position + block->count - 1;
    return STATUS_OK;
}

/* Would the block be too much for one commit? */
static bool is_too_much(const struct intake_reader *reader, const struct block *block)
{
    return aggregate_pending(reader->owner->aggregate) + reader->held_events + block->count >
               reader->batch_max ||
           reader->held_count == AGGREGATE_BATCH_MAX;
}

/* Takes the blocks in, and commits where a commit's worth is full. Behind, the rest is held. */
static enum status take_reply(struct intake_reader *reader, const Hoso__V1__ReadJournalReply *reply,
                              bool behind, struct error *error)
{
    const struct service *service = reader->owner->service;
    enum status status = STATUS_OK;
    reader->incarnation = reply->cut->incarnation;
    for (size_t i = 0; i < reply->n_blocks && status == STATUS_OK && !service_stopping(service);
         i++) {
        struct block block = {0};
        const struct slice bytes = slice_of(reply->blocks[i].data, reply->blocks[i].len);
        if (block_decode(bytes, &block) == STATUS_OK && is_too_much(reader, &block)) {
            status = apply(reader, error);
            status = status == STATUS_OK ? commit(reader, error) : status;
        }
        if (status == STATUS_OK) {
            status = hold(reader, bytes, &block);
        }
    }
    const bool rest = status == STATUS_OK && !behind && !service_stopping(service);
    return rest ? apply(reader, error) : status;
}

/* The store is full: waits a moment. False = stop. */
static bool wait_for_room(struct intake_reader *reader)
{
    atomic_store(&reader->owner->full, true);
    if (reminder_due(&reader->full, clock_ms())) {
        log_event(LOG_ERROR, "aggregation.full",
                  "the disk or the map is at its reserve: counting waits until there is room",
                  NULL);
    }
    struct bus_poll_item item = {.fd = reader->owner->service->stop_fd};
    return bus_poll(&item, 1, FULL_PAUSE_MS) == 0;
}

static void halve_batch(struct intake_reader *reader)
{
    char events[24];
    reader->batch_max /= 2;
    (void)snprintf(events, sizeof events, "%" PRIu64, reader->batch_max);
    log_event(LOG_WARNING, "aggregation.batch_halved",
              "a batch changes more than one commit can hold: counting it in smaller ones",
              "events", events, NULL);
}

/* After a batch or a commit. What failed for want of room, or was too large for one commit, was
 * dropped, and is asked for again; any other failure ends the service. False = stop. */
static bool recover(struct intake_reader *reader, enum status status, const struct error *error)
{
    if (status == STATUS_OK) {
        return true;
    }
    drop_held(reader);
    if (status == STATUS_TOO_LARGE && reader->batch_max > 1) {
        halve_batch(reader);
    } else if (status != STATUS_FULL) {
        log_event(LOG_ERROR, "aggregation.apply_failed", error->text, NULL);
        service_fail(reader->owner->service);
        return false;
    } else if (!wait_for_room(reader)) {
        return false;
    }
    ask_on(reader);
    return true;
}

/* Is it the journal that was counted, and does it still hold all of that? Numbers that come partly
 * from another history must not exist: the service ends. */
static bool same_journal(const struct intake_reader *reader, const Hoso__V1__Cut *cut)
{
    const struct cut counted = aggregate_applied(reader->owner->aggregate);
    const uint64_t known = reader->held_count != 0 ? reader->incarnation : counted.incarnation;
    const bool other = reached(reader) != 0 && cut->incarnation != known;
    if (!other && cut->position >= counted.position) {
        return true;
    }
    log_event(LOG_ERROR, other ? "aggregation.other_journal" : "aggregation.journal_behind",
              other ? "intake's journal is not the one that these numbers were counted from. If it "
                      "was restored from a backup: empty aggregation's data directory and start it "
                      "again, it counts anew. Else its setting journal points to the wrong intake"
                    : "the journal ends before what was counted: an older copy of intake's files "
                      "was put in their place. Restore a backup with hoso restore",
              NULL);
    service_fail(reader->owner->service);
    return false;
}

/* Blocks, or none, from the journal that was counted. False = stop. */
static bool take_blocks(struct intake_reader *reader, const Hoso__V1__ReadJournalReply *reply)
{
    struct aggregation *owner = reader->owner;
    if (!same_journal(reader, reply->cut)) {
        return false;
    }
    atomic_store(&owner->journal_end, reply->cut->position);
    if (!reader->knows_end) { /* what comes later is new, not missing */
        atomic_store(&owner->complete_at, reply->cut->position);
        reader->knows_end = true;
    }
    reader->next_ms = reader->asked_ms + ASK_EVERY_MS;
    if (reply->n_blocks == 0) {
        aggregate_take_empty(owner->aggregate, reply->cut->incarnation);
        return true;
    }
    uint64_t end = 0;
    const bool more = end_of(reply, &end) == STATUS_OK && end < reply->cut->position;
    if (more) {
        ask(reader, end);
    }
    const bool behind = more && reply->cut->position - end >= BEHIND_EVENTS;
    struct error error = {0};
    const enum status status = take_reply(reader, reply, behind, &error);
    return recover(reader, status, &error);
}

static void note_answer(struct intake_reader *reader)
{
    const enum intake_link before = atomic_exchange(&reader->owner->intake, INTAKE_ANSWERS);
    if (before == INTAKE_SILENT || before == INTAKE_REFUSES) {
        log_event(LOG_INFO, "aggregation.journal_back", "intake answers again", NULL);
    }
    (void)reminder_end(&reader->refused);
}

static void note_refusal(struct intake_reader *reader, bool readable, const char *answer)
{
    atomic_store(&reader->owner->intake, INTAKE_REFUSES);
    reader->next_ms = clock_ms() + REFUSED_PAUSE_MS;
    if (reminder_due(&reader->refused, clock_ms())) {
        log_event(LOG_ERROR, readable ? "aggregation.journal_refused" : "aggregation.bad_reply",
                  readable ? "intake refuses to show its journal"
                           : "intake's answer cannot be read",
                  "answer", answer, NULL);
    }
}

/* It does not answer, or the connection ended: asked again in the next one. */
static void note_silence(struct intake_reader *reader)
{
    if (atomic_exchange(&reader->owner->intake, INTAKE_SILENT) != INTAKE_SILENT) {
        const struct bus_socket *socket = exchange_socket(reader->exchange);
        log_event(LOG_WARNING, "aggregation.journal_silent", "intake does not answer; asking again",
                  "endpoint", bus_endpoint(socket), "cause", bus_fault_text(socket), NULL);
    }
    ask_on(reader);
}

/* One piece of news, if there is one. False = stop. */
static bool take_news(struct intake_reader *reader)
{
    struct exchange_answer answer = {.reply = NULL};
    struct error error = {0};
    arena_reset(&reader->arena);
    switch (exchange_take(reader->exchange, &reader->arena, &answer, &error)) {
    case EXCHANGE_NOTHING:
        break;
    case EXCHANGE_ANSWERED: {
        const Hoso__V1__JournalReply *reply = (const Hoso__V1__JournalReply *)answer.reply;
        if (reply->body_case == HOSO__V1__JOURNAL_REPLY__BODY_READ && reply->read->cut != NULL) {
            note_answer(reader);
            return take_blocks(reader, reply->read);
        }
        note_refusal(reader, false, "it is not what was asked for");
        break;
    }
    case EXCHANGE_REFUSED:
        note_refusal(reader, true, answer.refusal->text);
        break;
    case EXCHANGE_UNREADABLE:
        note_refusal(reader, false, error.text);
        break;
    case EXCHANGE_SILENT:
    case EXCHANGE_LOST:
        note_silence(reader);
        break;
    }
    return true;
}

/* When what is held is to be applied, whatever comes. */
static int64_t apply_at(const struct intake_reader *reader)
{
    return reader->held_count != 0 ? reader->held_ms + COMMIT_LATEST_MS : INT64_MAX;
}

static int timeout_ms(const struct intake_reader *reader)
{
    const int64_t hold_ms = apply_at(reader);
    const int64_t pace_ms = commit_at(reader);
    const int64_t commit_ms = hold_ms < pace_ms ? hold_ms : pace_ms;
    const int64_t asked_ms = exchange_asking(reader->exchange) != 0
                                 ? exchange_due_ms(reader->exchange)
                                 : reader->next_ms;
    const int64_t left = (commit_ms < asked_ms ? commit_ms : asked_ms) - clock_ms();
    return left > 0 ? (int)left : 0;
}

static bool commit_in_time(struct intake_reader *reader)
{
    struct error error = {0};
    enum status status = STATUS_OK;
    if (clock_ms() >= apply_at(reader)) {
        status = apply(reader, &error);
    }
    if (status == STATUS_OK && clock_ms() >= commit_at(reader)) {
        status = commit(reader, &error);
    }
    return recover(reader, status, &error);
}

static void run(struct intake_reader *reader)
{
    struct bus_poll_item items[] = {{.socket = exchange_socket(reader->exchange)},
                                    {.fd = reader->owner->commit_wanted.fd},
                                    {.fd = reader->owner->service->stop_fd}};
    bool going = true;
    while (going && !service_stopping(reader->owner->service)) {
        if (exchange_asking(reader->exchange) == 0 && clock_ms() >= reader->next_ms) {
            ask_on(reader);
        }
        (void)bus_poll(items, 3, timeout_ms(reader));
        bus_wake_drain(&reader->owner->commit_wanted);
        going = take_news(reader) && commit_in_time(reader);
    }
}

void *aggregation_reader_main(void *aggregation)
{
    struct intake_reader reader = {.owner = aggregation, .batch_max = AGGREGATE_BATCH_MAX};
    struct service *service = reader.owner->service;
    const struct aggregation_settings *settings = service->settings;
    const struct exchange_options options = {.bus = service->bus,
                                             .endpoints = settings->journal,
                                             .server_keys = settings->journal_key,
                                             .limits = {JOURNAL_REPLY_BYTES_MAX, LEDGER_QUEUE},
                                             .request_bytes = LEDGER_REQUEST_BYTES_MAX,
                                             .reply = &hoso__v1__journal_reply__descriptor};
    struct error error = {0};
    arena_init(&reader.arena, REPLY_ARENA_BYTES);
    arena_init(&reader.held_arena, HELD_BYTES_MAX);
    reader.held = calloc(AGGREGATE_BATCH_MAX, sizeof *reader.held);
    require(reader.held != NULL);
    if (exchange_open(&options, &reader.exchange, &error) == STATUS_OK) {
        run(&reader);
        aggregate_abandon(reader.owner->aggregate);
    } else {
        log_event(LOG_ERROR, "aggregation.connect_failed", error.text, NULL);
        service_fail(service);
    }
    exchange_close(reader.exchange);
    free(reader.held);
    arena_fini(&reader.held_arena);
    arena_fini(&reader.arena);
    return NULL;
}
