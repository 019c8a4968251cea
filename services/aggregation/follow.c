/* SPDX-License-Identifier: Apache-2.0
 *
 * The follower: asks intake for the blocks after the cursor and applies them, so that batches are
 * as large as what waits: small when live, large when behind. Behind, the next answer is on its way
 * while a batch is being applied. Replicas hear of a batch as soon as it is applied; it is
 * committed at the pace of commit_pace.h. A stop waits for no commit: what is missing then is
 * counted again after the start.
 */
#include "base/clock.h"
#include "base/reminder.h"
#include "base/require.h"
#include "bus/link.h"
#include "hoso/v1/journal.pb-c.h"
#include "log/log.h"
#include "services/aggregation/metrics.h"
#include "store/commit_pace.h"
#include "wire/wire.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    REPLY_ARENA_BYTES = 48 << 20,
    BATCH_BYTES = 4 << 20,
    ASK_EVERY_MS = 20, /* live: what several events change is then told, and copied, once */
    FULL_PAUSE_MS = 1000
};

struct journal_follower {
    struct aggregation *owner;
    struct bus_socket *socket;
    struct arena arena;
    struct buffer request;
    uint64_t request_id; /* of the question under way */
    bool under_way;
    bool unsent; /* there was no connection: sent once there is one */
    int64_t asked_ms;
    int64_t next_ms; /* under way: when to give it up; else: when to ask */
    struct commit_pace pace;
    bool silent;          /* intake did not answer the last question */
    uint64_t batch_max;   /* events of one commit: AGGREGATE_BATCH_MAX, or less after TOO_LARGE */
    struct reminder full; /* of the log */
};

static void ask(struct journal_follower *follower, uint64_t after_position)
{
    Hoso__V1__ReadJournalRequest read = HOSO__V1__READ_JOURNAL_REQUEST__INIT;
    Hoso__V1__JournalRequest request = HOSO__V1__JOURNAL_REQUEST__INIT;
    read.after_position = after_position;
    read.max_bytes = BATCH_BYTES;
    /* Whoever has not been heard is to answer at once. */
    read.wait_ms = atomic_load(&follower->owner->intake) == INTAKE_ANSWERS ? JOURNAL_WAIT_MS : 0;
    request.request_id = ++follower->request_id;
    request.body_case = HOSO__V1__JOURNAL_REQUEST__BODY_READ;
    request.read = &read;
    follower->under_way = true;
    follower->asked_ms = clock_ms();
    follower->next_ms = follower->asked_ms + JOURNAL_WAIT_MS + JOURNAL_GRACE_MS;
    buffer_clear(&follower->request);
    wire_pack(&request.base, &follower->request);
    /* A full queue or a lost peer shows as a missing answer, and the question is asked again. */
    const enum status status = bus_send(follower->socket, NULL, buffer_slice(&follower->request));
    follower->unsent = status != STATUS_OK;
    if (status != STATUS_OK) {
        log_event(LOG_DEBUG, "aggregation.not_asked", status_text(status), NULL);
    }
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

static enum status commit(struct journal_follower *follower, struct error *error)
{
    struct aggregation *owner = follower->owner;
    struct metrics *metrics = owner->service->metrics;
    const uint64_t before = looked_at(owner);
    const uint64_t begun_us = clock_us();
    if (aggregate_pending(owner->aggregate) == 0) {
        return STATUS_OK;
    }
    const enum status status = aggregate_commit(owner->aggregate, error);
    if (status == STATUS_OK) {
        atomic_store(&owner->full, false);
        if (reminder_end(&follower->full)) {
            log_event(LOG_WARNING, "aggregation.room", "there is room again: counting goes on",
                      NULL);
        }
        metrics_observe(metrics, AGGREGATION_COMMIT_TIME, 0, clock_us() - begun_us);
        metrics_observe(metrics, AGGREGATION_BATCH_EVENTS, 0, looked_at(owner) - before);
        bus_wake_signal(&owner->moved);
        note_recounted(owner);
    }
    return status;
}

static enum status apply(struct journal_follower *follower, uint64_t incarnation,
                         const struct slice *blocks, unsigned count, struct error *error)
{
    struct aggregation *owner = follower->owner;
    const uint64_t begun_us = clock_us();
    const bool first = aggregate_pending(owner->aggregate) == 0;
    const enum status status = aggregate_apply(owner->aggregate, incarnation, blocks, count, error);
    if (status == STATUS_OK) {
        metrics_observe(owner->service->metrics, AGGREGATION_APPLY_TIME, 0, clock_us() - begun_us);
        commit_pace_applied(&follower->pace, first);
        bus_wake_signal(&owner->moved);
    }
    return status;
}

/* When what is applied is to be committed. */
static int64_t commit_at(const struct journal_follower *follower)
{
    const struct aggregation *owner = follower->owner;
    return commit_pace_due_ms(&follower->pace, aggregate_cut(owner->aggregate).position,
                              aggregate_applied(owner->aggregate).position,
                              atomic_load(&owner->wanted));
}

/* Applies the blocks, and commits where a commit's worth is full. */
static enum status apply_reply(struct journal_follower *follower,
                               const Hoso__V1__ReadJournalReply *reply, struct error *error)
{
    struct slice *blocks = arena_array(&follower->arena, reply->n_blocks, sizeof *blocks);
    require(blocks != NULL);
    const uint64_t incarnation = reply->cut->incarnation;
    uint64_t events = aggregate_pending(follower->owner->aggregate);
    unsigned count = 0;
    enum status status = STATUS_OK;
    const struct service *service = follower->owner->service;
    for (size_t i = 0; i < reply->n_blocks && status == STATUS_OK && !service_stopping(service);
         i++) {
        struct block block = {0};
        const struct slice bytes = slice_of(reply->blocks[i].data, reply->blocks[i].len);
        if (block_decode(bytes, &block) == STATUS_OK &&
            events + block.count > follower->batch_max) {
            status = count != 0 ? apply(follower, incarnation, blocks, count, error) : STATUS_OK;
            status = status == STATUS_OK ? commit(follower, error) : status;
            count = 0;
            events = 0;
        }
        blocks[count++] = bytes; /* one that cannot be decoded is for aggregate_apply to name */
        events += block.count;
    }
    const bool rest = status == STATUS_OK && !service_stopping(service);
    return rest ? apply(follower, incarnation, blocks, count, error) : status;
}

/* The store is full: waits a moment. False = stop. */
static bool wait_for_room(struct journal_follower *follower)
{
    atomic_store(&follower->owner->full, true);
    if (reminder_due(&follower->full, clock_ms())) {
        log_event(LOG_ERROR, "aggregation.full",
                  "the store is full; counting waits until there is room", NULL);
    }
    struct bus_poll_item item = {.fd = follower->owner->service->stop_fd};
    return bus_poll(&item, 1, FULL_PAUSE_MS) == 0;
}

static void halve_batch(struct journal_follower *follower)
{
    char events[24];
    follower->batch_max /= 2;
    (void)snprintf(events, sizeof events, "%" PRIu64, follower->batch_max);
    log_event(LOG_WARNING, "aggregation.batch_halved",
              "a batch changes more than one commit can hold: counting it in smaller ones",
              "events", events, NULL);
}

/* After a batch or a commit. What failed for want of room, or was too large for one commit, was
 * dropped, and is asked for again; any other failure ends the service. False = stop. */
static bool recover(struct journal_follower *follower, enum status status,
                    const struct error *error)
{
    if (status == STATUS_OK) {
        return true;
    }
    if (status == STATUS_TOO_LARGE && follower->batch_max > 1) {
        halve_batch(follower);
    } else if (status != STATUS_FULL) {
        log_event(LOG_ERROR, "aggregation.apply_failed", error->text, NULL);
        service_fail(follower->owner->service);
        return false;
    } else if (!wait_for_room(follower)) {
        return false;
    }
    ask(follower, aggregate_applied(follower->owner->aggregate).position);
    return true;
}

/* Is it the journal that was counted, and does it still hold all of that? Numbers that come partly
 * from another history must not exist: the service ends. */
static bool same_journal(const struct journal_follower *follower, const Hoso__V1__Cut *cut)
{
    const struct cut counted = aggregate_applied(follower->owner->aggregate);
    const bool other = counted.incarnation != 0 && cut->incarnation != counted.incarnation;
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
    service_fail(follower->owner->service);
    return false;
}

/* One answer. False = stop. */
static bool take_reply(struct journal_follower *follower, const Hoso__V1__JournalReply *reply)
{
    if (reply->body_case == HOSO__V1__JOURNAL_REPLY__BODY_ERROR) {
        log_event(LOG_ERROR, "aggregation.journal_refused", "intake refuses to show its journal",
                  "answer", reply->error->text, NULL);
        atomic_store(&follower->owner->intake, INTAKE_REFUSES);
        return true; /* asked again after the deadline */
    }
    if (reply->body_case != HOSO__V1__JOURNAL_REPLY__BODY_READ || reply->read->cut == NULL) {
        return true;
    }
    if (!same_journal(follower, reply->read->cut)) {
        return false;
    }
    if (atomic_exchange(&follower->owner->journal_end, reply->read->cut->position) == 0) {
        atomic_store(&follower->owner->complete_at, reply->read->cut->position);
    }
    atomic_store(&follower->owner->intake, INTAKE_ANSWERS);
    follower->under_way = false;
    follower->next_ms = follower->asked_ms + ASK_EVERY_MS;
    if (reply->read->n_blocks == 0) {
        return true;
    }
    uint64_t end = 0;
    const bool behind = end_of(reply->read, &end) == STATUS_OK && end < reply->read->cut->position;
    if (behind) {
        ask(follower, end);
    }
    struct error error = {0};
    const enum status status = apply_reply(follower, reply->read, &error);
    return recover(follower, status, &error);
}

/* One message, if there is one. False = stop. */
static bool receive(struct journal_follower *follower)
{
    struct bus_message message;
    ProtobufCMessage *reply = NULL;
    struct error error = {0};
    bool going = true;
    if (bus_receive(follower->socket, &message) != STATUS_OK) {
        return true;
    }
    arena_reset(&follower->arena);
    const enum status status = wire_unpack(&hoso__v1__journal_reply__descriptor, message.payload,
                                           &follower->arena, &reply, &error);
    const Hoso__V1__JournalReply *answer = (const Hoso__V1__JournalReply *)reply;
    if (status != STATUS_OK) {
        log_event(LOG_ERROR, "aggregation.bad_reply", error.text, NULL);
    } else if (answer->request_id == follower->request_id) {
        if (follower->silent) {
            log_event(LOG_INFO, "aggregation.journal_back", "intake answers again", NULL);
            follower->silent = false;
        }
        going = take_reply(follower, answer);
    }
    bus_message_fini(&message);
    return going;
}

static int timeout_ms(const struct journal_follower *follower)
{
    const int64_t commit_ms = commit_at(follower);
    const int64_t next_ms = commit_ms < follower->next_ms ? commit_ms : follower->next_ms;
    const int64_t left = next_ms - clock_ms();
    return left > 0 ? (int)left : 0;
}

static bool commit_in_time(struct journal_follower *follower)
{
    struct error error = {0};
    if (clock_ms() < commit_at(follower)) {
        return true;
    }
    return recover(follower, commit(follower, &error), &error);
}

static void ask_in_time(struct journal_follower *follower)
{
    if (follower->unsent && bus_is_up(follower->socket)) {
        ask(follower, aggregate_applied(follower->owner->aggregate).position);
    }
    if (clock_ms() < follower->next_ms) {
        return;
    }
    if (follower->under_way && !follower->silent) {
        log_event(LOG_WARNING, "aggregation.journal_silent", "intake does not answer; asking again",
                  NULL);
        follower->silent = true;
        atomic_store(&follower->owner->intake, INTAKE_SILENT);
    }
    ask(follower, aggregate_applied(follower->owner->aggregate).position);
}

static void run(struct journal_follower *follower)
{
    struct bus_poll_item items[] = {{.socket = follower->socket},
                                    {.fd = follower->owner->hurry.fd},
                                    {.fd = follower->owner->service->stop_fd}};
    bool going = true;
    ask(follower, aggregate_applied(follower->owner->aggregate).position);
    while (going && !service_stopping(follower->owner->service)) {
        (void)bus_poll(items, 3, timeout_ms(follower));
        bus_wake_drain(&follower->owner->hurry);
        going = receive(follower) && commit_in_time(follower);
        if (going) {
            ask_in_time(follower);
        }
    }
}

void *follow(void *aggregation)
{
    struct journal_follower follower = {.owner = aggregation, .batch_max = AGGREGATE_BATCH_MAX};
    struct service *service = follower.owner->service;
    const struct aggregation_settings *settings = service->settings;
    const struct bus_limits limits = {JOURNAL_REPLY_BYTES_MAX, LEDGER_QUEUE};
    struct error error = {0};
    arena_init(&follower.arena, REPLY_ARENA_BYTES);
    buffer_init(&follower.request, LEDGER_REQUEST_BYTES_MAX);
    if (bus_connect(service->bus, settings->journal, settings->journal_key, &limits,
                    &follower.socket, &error) == STATUS_OK) {
        run(&follower);
        aggregate_abandon(follower.owner->aggregate);
    } else {
        log_event(LOG_ERROR, "aggregation.connect_failed", error.text, NULL);
        service_fail(service);
    }
    bus_close(follower.socket);
    buffer_fini(&follower.request);
    arena_fini(&follower.arena);
    return NULL;
}
