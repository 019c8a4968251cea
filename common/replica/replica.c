/* SPDX-License-Identifier: Apache-2.0
 *
 * The replica's thread. The copy (copy.c) says what to ask and takes the answers in; the exchange
 * asks one question at a time. Between answers the thread commits, and lets a visit read.
 */
#include "replica/replica_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/localday.h"

enum {
    ANSWER_MS = 5000, /* long poll included; an open transaction never waits longer */
    PAUSE_MS = 1000,  /* after a refusal, a full queue or a full store */
    IDLE_MS = 100,    /* after an answer that came at once with nothing in it */
    REQUEST_BYTES = 4096,
    REPLY_BYTES = 32 << 20,
    REPLY_ARENA_BYTES = 96 << 20,
    QUEUE_MESSAGES = 8,
    READERS_CHECK_MS = 60000
};

static void report_other_days(struct replica *replica)
{
    char detail[64];
    (void)snprintf(detail, sizeof detail, "the copy: UTC%+d min, here: UTC%+d min",
                   (int)replica->copy.state.derivation.utc_offset_minutes,
                   localday_offset_minutes());
    replica_report(replica, REPLICA_OTHER_DAYS, detail);
}

static void publish(struct replica *replica, bool connected, const Hoso__V1__Cut *source)
{
    const struct copy *copy = &replica->copy;
    require(pthread_mutex_lock(&replica->lock) == 0);
    const struct replica_status before = replica->status;
    replica->status.cut = copy->state.cut;
    replica->status.ready = replica_can_answer(&copy->state);
    replica->status.other_days = copy_has_other_days(&copy->state);
    replica->status.connected = connected;
    replica->status.batches = copy->batches;
    replica->status.snapshots = copy->snapshots;
    if (source != NULL) {
        replica->status.source_position = source->position;
        replica->status.heard_ms = clock_ms();
    }
    const struct replica_status now = replica->status;
    require(pthread_mutex_unlock(&replica->lock) == 0);
    if (now.snapshots != before.snapshots) {
        replica_report(replica, REPLICA_COPYING, "");
    }
    if (now.ready && !before.ready) {
        replica_report(replica, REPLICA_READY, "");
    }
    if (now.other_days && !before.other_days) {
        report_other_days(replica);
    }
}

struct replica_status replica_status(struct replica *replica)
{
    require(pthread_mutex_lock(&replica->lock) == 0);
    const struct replica_status status = replica->status;
    require(pthread_mutex_unlock(&replica->lock) == 0);
    return status;
}

const char *replica_unready(const struct replica_status *status)
{
    return status->ready        ? NULL
           : status->other_days ? "utc_offset_minutes here is not aggregation's, in whose days the "
                                  "copy of the ledger was counted: set the same value in both"
                                : "the copy of the ledger is not complete yet";
}

/* Whatever is under way is given up. */
static void pause_asking(struct replica *replica, int64_t pause_ms)
{
    exchange_forget(replica->exchange, 0);
    replica->next_ms = clock_ms() + pause_ms;
}

/* What came of a batch is of no use without its rest. */
static void drop_batch(struct replica *replica)
{
    if (replica->copy.in_batch) {
        copy_abandon(&replica->copy);
    }
}

/* Reported when it begins, once a minute, and when it ends. */
static void note_full(struct replica *replica, bool full)
{
    require(pthread_mutex_lock(&replica->lock) == 0);
    replica->status.full = full;
    require(pthread_mutex_unlock(&replica->lock) == 0);
    if (full && reminder_due(&replica->full, clock_ms())) {
        replica_report(replica, REPLICA_FULL, "");
    } else if (!full && reminder_end(&replica->full)) {
        replica_report(replica, REPLICA_ROOM, "");
    }
}

static void ask(struct replica *replica)
{
    struct copy_request request;
    if (store_is_full(replica->options.store)) {
        note_full(replica, true);
        pause_asking(replica, PAUSE_MS);
        return;
    }
    copy_next_request(&replica->copy, &request);
    if (!exchange_is_heard(replica->exchange)) {
        request.changes.wait_ms = 0; /* it is to show at once that it answers */
    }
    require(exchange_ask(replica->exchange, &request.message.base, ANSWER_MS) == STATUS_OK);
    replica->asked_ms = clock_ms();
}

/* It does not answer, or the connection ended: asked again, and sent in the next one. */
static void note_silence(struct replica *replica)
{
    drop_batch(replica);
    if (replica->source != SOURCE_SILENT) {
        replica->source = SOURCE_SILENT;
        replica_report(replica, REPLICA_SILENT, bus_fault_text(exchange_socket(replica->exchange)));
    }
    publish(replica, false, NULL);
    pause_asking(replica, 0);
}

static enum status take(struct replica *replica, const Hoso__V1__LedgerReply *reply,
                        const Hoso__V1__Cut **ret_source, bool *ret_moved)
{
    switch (reply->body_case) {
    case HOSO__V1__LEDGER_REPLY__BODY_CHANGES:
        *ret_source = reply->changes->cut;
        return copy_take_changes(&replica->copy, reply->changes, ret_moved);
    case HOSO__V1__LEDGER_REPLY__BODY_SNAPSHOT:
        *ret_source = reply->snapshot->cut;
        return copy_take_page(&replica->copy, reply->snapshot, ret_moved);
    default:
        drop_batch(replica);
        return STATUS_CONFLICT;
    }
}

/* The next question: at once after progress, later after none or a refusal; never again after a
 * failed store. */
static void schedule(struct replica *replica, enum status status, bool progress, const char *detail)
{
    switch (status) {
    case STATUS_OK:
        pause_asking(replica, progress || clock_ms() - replica->asked_ms >= IDLE_MS ? 0 : IDLE_MS);
        break;
    case STATUS_CONFLICT:
        if (reminder_due(&replica->refused, clock_ms())) {
            replica_report(replica, REPLICA_REFUSED, detail);
        }
        pause_asking(replica, PAUSE_MS);
        break;
    case STATUS_UNAVAILABLE:
        pause_asking(replica, PAUSE_MS);
        if (bus_peer_count(exchange_socket(replica->exchange)) > 1) {
            bus_leave(exchange_socket(replica->exchange)); /* another may have more */
        }
        break;
    case STATUS_FULL:
        note_full(replica, true);
        pause_asking(replica, PAUSE_MS);
        break;
    default:
        replica_report(replica, REPLICA_FAILED, status_text(status));
        replica->failed = true;
    }
}

static void take_reply(struct replica *replica, const Hoso__V1__LedgerReply *reply)
{
    const Hoso__V1__Cut *source = NULL;
    bool advanced = false;
    const bool had_start_over = replica->copy.start_over;
    const bool had_pending = copy_is_pending(&replica->copy);
    const uint64_t commits = replica->copy.commits;
    const enum status status = take(replica, reply, &source, &advanced);
    const bool progress =
        advanced || replica->copy.in_batch || replica->copy.start_over != had_start_over;
    if (replica->source != SOURCE_ANSWERS) {
        replica->source = SOURCE_ANSWERS;
        replica_report(replica, REPLICA_CONNECTED, "");
    }
    if (status != STATUS_CONFLICT) {
        (void)reminder_end(&replica->refused);
    }
    publish(replica, true, source);
    if (advanced) {
        commit_pace_applied(&replica->pace, !had_pending);
        replica->options.applied(replica->options.context);
    }
    if (replica->copy.commits != commits) {
        note_full(replica, store_is_full(replica->options.store));
        replica->options.committed(replica->options.context);
    }
    schedule(replica, status, progress,
             reply->body_case == HOSO__V1__LEDGER_REPLY__BODY_ERROR
                 ? reply->error->text
                 : "the answer does not fit the question");
}

static void take_news(struct replica *replica)
{
    enum exchange_news news = EXCHANGE_UNREADABLE;
    while (news != EXCHANGE_NOTHING && !replica->failed) {
        struct exchange_answer answer = {.reply = NULL};
        struct error error = {0};
        arena_reset(&replica->arena);
        news = exchange_take(replica->exchange, &replica->arena, &answer, &error);
        switch (news) {
        case EXCHANGE_ANSWERED:
        case EXCHANGE_REFUSED:
            take_reply(replica, (const Hoso__V1__LedgerReply *)answer.reply);
            break;
        case EXCHANGE_UNREADABLE:
            drop_batch(replica);
            schedule(replica, STATUS_CONFLICT, false, error.text);
            break;
        case EXCHANGE_SILENT:
        case EXCHANGE_LOST:
            note_silence(replica);
            break;
        case EXCHANGE_NOTHING:
            break;
        }
    }
}

/* When what is applied is to be committed. */
static int64_t commit_at(const struct replica *replica)
{
    const struct copy *copy = &replica->copy;
    return commit_pace_due_ms(&replica->pace, copy->state.cut.position, copy->pending.cut.position,
                              atomic_load(&replica->wanted));
}

static void commit_in_time(struct replica *replica)
{
    if (replica->failed || clock_ms() < commit_at(replica)) {
        return;
    }
    const enum status status = copy_commit(&replica->copy);
    if (status == STATUS_OK) {
        publish(replica, replica->status.connected, NULL);
        note_full(replica, store_is_full(replica->options.store));
        replica->options.committed(replica->options.context);
    } else {
        schedule(replica, status, false, "");
    }
}

static int timeout_ms(const struct replica *replica)
{
    const int64_t commit_ms = commit_at(replica);
    const int64_t asked_ms = exchange_asking(replica->exchange) != 0
                                 ? exchange_due_ms(replica->exchange)
                                 : replica->next_ms;
    const int64_t left_ms = (commit_ms < asked_ms ? commit_ms : asked_ms) - clock_ms();
    return left_ms > 0 ? (int)left_ms : 0;
}

static void *replica_main(void *context)
{
    struct replica *replica = context;
    struct bus_poll_item items[] = {{.socket = exchange_socket(replica->exchange)},
                                    {.fd = replica->wake.fd}};
    while (!atomic_load(&replica->stopping) && !replica->failed) {
        if (exchange_asking(replica->exchange) == 0 && clock_ms() >= replica->next_ms) {
            ask(replica);
        }
        if (clock_ms() - replica->readers_checked_ms >= READERS_CHECK_MS) {
            store_check_readers(replica->options.store);
            replica->readers_checked_ms = clock_ms();
        }
        (void)bus_poll(items, 2, timeout_ms(replica));
        bus_wake_drain(&replica->wake);
        take_news(replica);
        replica_receive_visit(replica);
        commit_in_time(replica);
    }
    replica_end_visits(replica);
    copy_abandon(&replica->copy); /* it is copied again after the next start */
    return NULL;
}

static void replica_free(struct replica *replica)
{
    exchange_close(replica->exchange);
    bus_wake_fini(&replica->wake);
    arena_fini(&replica->arena);
    catalogue_cache_fini(&replica->catalogues);
    (void)pthread_mutex_destroy(&replica->lock);
    (void)pthread_mutex_destroy(&replica->visiting);
    (void)pthread_cond_destroy(&replica->visited);
    free(replica);
}

enum status replica_open(const struct replica_options *options, struct replica **ret_replica,
                         struct error *error)
{
    const struct exchange_options exchange = {.bus = options->bus,
                                              .endpoints = options->endpoints,
                                              .server_keys = options->server_keys,
                                              .limits = {REPLY_BYTES, QUEUE_MESSAGES},
                                              .request_bytes = REQUEST_BYTES,
                                              .reply = &hoso__v1__ledger_reply__descriptor};
    struct replica *replica = calloc(1, sizeof *replica);
    if (replica == NULL) {
        return error_set(error, STATUS_INTERNAL, "replica: out of memory");
    }
    replica->options = *options;
    replica->wake.fd = -1;
    arena_init(&replica->arena, REPLY_ARENA_BYTES);
    catalogue_cache_init(&replica->catalogues);
    require(pthread_mutex_init(&replica->lock, NULL) == 0);
    require(pthread_mutex_init(&replica->visiting, NULL) == 0);
    require(pthread_cond_init(&replica->visited, NULL) == 0);
    atomic_store(&replica->wanted, UINT64_MAX);
    enum status status = bus_wake_init(&replica->wake);
    if (status == STATUS_OK) {
        status = copy_init(&replica->copy, options->store);
        replica->copy.changed = &replica->changed;
    }
    if (status != STATUS_OK) {
        (void)error_set(error, status, "replica: %s", status_text(status));
    } else {
        /* Made here and used by the thread alone: its start is the hand-over. */
        status = exchange_open(&exchange, &replica->exchange, error);
    }
    if (status != STATUS_OK) {
        replica_free(replica);
        return status;
    }
    replica->status.heard_ms = clock_ms();
    publish(replica, false, NULL);
    require(pthread_create(&replica->thread, NULL, replica_main, replica) == 0);
    *ret_replica = replica;
    return STATUS_OK;
}

void replica_close(struct replica *replica)
{
    if (replica == NULL) {
        return;
    }
    atomic_store(&replica->stopping, true);
    bus_wake_signal(&replica->wake);
    (void)pthread_join(replica->thread, NULL);
    replica_free(replica);
}
