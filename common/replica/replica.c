/* SPDX-License-Identifier: Apache-2.0
 *
 * The replica's thread: one question under way at a time, a deadline for its answer, stale answers
 * dropped by request id. The copy (copy.c) says what to ask and takes the answers in.
 */
#include "replica/replica.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/require.h"
#include "replica/catalogue_cache.h"
#include "replica/copy.h"
#include "wire/wire.h"

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

struct replica {
    struct replica_options options;
    struct bus_socket *socket;
    struct bus_wake stop;
    pthread_t thread;
    atomic_bool stopping;
    struct copy copy;
    struct arena arena;
    struct buffer request;
    uint64_t request_id; /* of the question under way, or of the last one */
    int64_t asked_ms;
    int64_t next_ms; /* under way: when to give up; else: when to ask */
    int64_t readers_checked_ms;
    bool under_way;
    bool told_silent;
    bool failed;
    pthread_mutex_t lock;
    struct replica_status status; /* under lock */
    struct catalogue_cache catalogues;
    pthread_mutex_t applying;     /* held while an answer is applied and committed */
    struct changed_units changed; /* under applying */
};

static void tell(struct replica *replica, enum replica_news news, const char *detail)
{
    replica->options.news(replica->options.context, news, detail);
}

static void publish(struct replica *replica, bool connected, const Hoso__V1__Cut *source)
{
    const struct copy *copy = &replica->copy;
    require(pthread_mutex_lock(&replica->lock) == 0);
    const bool was_ready = replica->status.ready;
    const bool copying = copy->snapshots != replica->status.snapshots;
    replica->status.cut = copy->state.cut;
    replica->status.ready = copy_is_ready(&copy->state);
    replica->status.connected = connected;
    replica->status.batches = copy->batches;
    replica->status.snapshots = copy->snapshots;
    if (source != NULL) {
        replica->status.source_position = source->position;
        replica->status.heard_ms = clock_ms();
    }
    const bool ready = replica->status.ready;
    require(pthread_mutex_unlock(&replica->lock) == 0);
    if (copying) {
        tell(replica, REPLICA_COPYING, "");
    }
    if (ready && !was_ready) {
        tell(replica, REPLICA_READY, "");
    }
}

struct replica_status replica_status(struct replica *replica)
{
    require(pthread_mutex_lock(&replica->lock) == 0);
    const struct replica_status status = replica->status;
    require(pthread_mutex_unlock(&replica->lock) == 0);
    return status;
}

static void pause_asking(struct replica *replica, int64_t pause_ms)
{
    replica->under_way = false;
    replica->next_ms = clock_ms() + pause_ms;
}

static void ask(struct replica *replica)
{
    Hoso__V1__LedgerRequest request = HOSO__V1__LEDGER_REQUEST__INIT;
    Hoso__V1__ChangesRequest changes;
    Hoso__V1__SnapshotRequest snapshot;
    copy_next_request(&replica->copy, &request, &changes, &snapshot);
    request.request_id = ++replica->request_id;
    buffer_clear(&replica->request);
    wire_pack(&request.base, &replica->request);
    require(buffer_status(&replica->request) == STATUS_OK);
    if (bus_send(replica->socket, NULL, buffer_slice(&replica->request)) != STATUS_OK) {
        copy_abandon(&replica->copy);
        pause_asking(replica, PAUSE_MS);
        return;
    }
    replica->asked_ms = clock_ms();
    replica->next_ms = replica->asked_ms + ANSWER_MS;
    replica->under_way = true;
}

static void give_up(struct replica *replica)
{
    copy_abandon(&replica->copy);
    if (!replica->told_silent) {
        tell(replica, REPLICA_SILENT, "");
        replica->told_silent = true;
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
        copy_abandon(&replica->copy);
        return STATUS_CONFLICT;
    }
}

static void note_full(struct replica *replica, bool full)
{
    require(pthread_mutex_lock(&replica->lock) == 0);
    replica->status.full = full;
    require(pthread_mutex_unlock(&replica->lock) == 0);
}

/* The next question: at once after progress, later after none or a refusal; never again after a
 * failed store. */
static void schedule(struct replica *replica, enum status status, bool progress, const char *detail)
{
    note_full(replica, status == STATUS_FULL);
    switch (status) {
    case STATUS_OK:
        pause_asking(replica, progress || clock_ms() - replica->asked_ms >= IDLE_MS ? 0 : IDLE_MS);
        break;
    case STATUS_CONFLICT:
        tell(replica, REPLICA_REFUSED, detail);
        pause_asking(replica, PAUSE_MS);
        break;
    case STATUS_UNAVAILABLE:
        pause_asking(replica, PAUSE_MS);
        break;
    case STATUS_FULL:
        tell(replica, REPLICA_FULL, "");
        pause_asking(replica, PAUSE_MS);
        break;
    default:
        tell(replica, REPLICA_FAILED, status_text(status));
        replica->failed = true;
    }
}

static void take_reply(struct replica *replica, const Hoso__V1__LedgerReply *reply)
{
    const Hoso__V1__Cut *source = NULL;
    bool moved = false;
    if (!replica->under_way || reply->request_id != replica->request_id) {
        return; /* stale: its question was given up */
    }
    const bool had_start_over = replica->copy.start_over;
    require(pthread_mutex_lock(&replica->applying) == 0);
    const enum status status = take(replica, reply, &source, &moved);
    require(pthread_mutex_unlock(&replica->applying) == 0);
    const bool progress =
        moved || replica->copy.in_batch || replica->copy.start_over != had_start_over;
    if (replica->told_silent || replica->request_id == 1) {
        tell(replica, REPLICA_CONNECTED, "");
        replica->told_silent = false;
    }
    publish(replica, true, source);
    if (moved) {
        replica->options.moved(replica->options.context);
    }
    schedule(replica, status, progress,
             reply->body_case == HOSO__V1__LEDGER_REPLY__BODY_ERROR
                 ? reply->error->text
                 : "the answer does not fit the question");
}

static void receive(struct replica *replica)
{
    struct bus_message message;
    while (!replica->failed && bus_receive(replica->socket, &message) == STATUS_OK) {
        ProtobufCMessage *reply = NULL;
        struct error error = {0};
        arena_reset(&replica->arena);
        const enum status status = wire_unpack(&hoso__v1__ledger_reply__descriptor, message.payload,
                                               &replica->arena, &reply, &error);
        if (status == STATUS_OK) {
            take_reply(replica, (const Hoso__V1__LedgerReply *)reply);
        } else {
            copy_abandon(&replica->copy);
            schedule(replica, STATUS_CONFLICT, false, error.text);
        }
        bus_message_fini(&message);
    }
}

static void *run(void *context)
{
    struct replica *replica = context;
    while (!atomic_load(&replica->stopping) && !replica->failed) {
        struct bus_poll_item items[] = {{.socket = replica->socket}, {.fd = replica->stop.fd}};
        const int64_t now = clock_ms();
        if (now >= replica->next_ms) {
            if (replica->under_way) {
                give_up(replica);
            }
            ask(replica);
        }
        if (now - replica->readers_checked_ms >= READERS_CHECK_MS) {
            store_check_readers(replica->options.store);
            replica->readers_checked_ms = now;
        }
        const int64_t left_ms = replica->next_ms - clock_ms();
        (void)bus_poll(items, 2, left_ms > 0 ? (int)left_ms : 0);
        receive(replica);
    }
    copy_abandon(&replica->copy);
    return NULL;
}

static void replica_free(struct replica *replica)
{
    bus_close(replica->socket);
    bus_wake_fini(&replica->stop);
    buffer_fini(&replica->request);
    arena_fini(&replica->arena);
    catalogue_cache_fini(&replica->catalogues);
    (void)pthread_mutex_destroy(&replica->lock);
    (void)pthread_mutex_destroy(&replica->applying);
    free(replica);
}

enum status replica_open(const struct replica_options *options, struct replica **ret_replica,
                         struct error *error)
{
    const struct bus_limits limits = {REPLY_BYTES, QUEUE_MESSAGES};
    struct replica *replica = calloc(1, sizeof *replica);
    if (replica == NULL) {
        return error_set(error, STATUS_INTERNAL, "replica: out of memory");
    }
    replica->options = *options;
    replica->stop.fd = -1;
    arena_init(&replica->arena, REPLY_ARENA_BYTES);
    buffer_init(&replica->request, REQUEST_BYTES);
    catalogue_cache_init(&replica->catalogues);
    require(pthread_mutex_init(&replica->lock, NULL) == 0);
    require(pthread_mutex_init(&replica->applying, NULL) == 0);
    enum status status = bus_wake_init(&replica->stop);
    if (status == STATUS_OK) {
        status = copy_init(&replica->copy, options->store);
        replica->copy.changed = &replica->changed;
    }
    if (status != STATUS_OK) {
        (void)error_set(error, status, "replica: %s", status_text(status));
    } else {
        /* Made here and used by the thread alone: its start is the hand-over. */
        status = bus_connect(options->bus, options->endpoint, options->server_key, &limits,
                             &replica->socket, error);
    }
    if (status != STATUS_OK) {
        replica_free(replica);
        return status;
    }
    replica->status.heard_ms = clock_ms();
    publish(replica, false, NULL);
    require(pthread_create(&replica->thread, NULL, run, replica) == 0);
    *ret_replica = replica;
    return STATUS_OK;
}

void replica_close(struct replica *replica)
{
    if (replica == NULL) {
        return;
    }
    atomic_store(&replica->stopping, true);
    bus_wake_signal(&replica->stop);
    (void)pthread_join(replica->thread, NULL);
    replica_free(replica);
}

enum status replica_begin(struct replica *replica, struct replica_view *ret_view)
{
    struct copy_state state = {0};
    struct error error = {0};
    *ret_view = (struct replica_view){0};
    store_begin_read(replica->options.store, &ret_view->txn);
    enum status status = copy_read_state(&ret_view->txn, &state);
    if (status == STATUS_OK && !copy_is_ready(&state)) {
        status = STATUS_UNAVAILABLE;
    }
    if (status == STATUS_OK) {
        status = catalogue_cache_take(&replica->catalogues, &ret_view->txn, state.catalogue_version,
                                      &ret_view->shared, &error);
        if (status != STATUS_OK) {
            tell(replica, REPLICA_CATALOGUE, error.text);
        }
    }
    if (status != STATUS_OK) {
        store_abort(&ret_view->txn);
        return status;
    }
    ret_view->cut = state.cut;
    ret_view->catalogue = ret_view->shared->catalogue;
    return STATUS_OK;
}

enum status replica_begin_changed(struct replica *replica, struct replica_view *ret_view,
                                  struct changed_units *ret_changed)
{
    require(pthread_mutex_lock(&replica->applying) == 0);
    const enum status status = replica_begin(replica, ret_view);
    if (status == STATUS_OK) {
        *ret_changed = replica->changed;
        /* What an open transaction changed is not seen by the view: it will be told again. */
        if (!replica->copy.open) {
            changed_units_clear(&replica->changed);
        }
    }
    require(pthread_mutex_unlock(&replica->applying) == 0);
    return status;
}

void replica_end(struct replica *replica, struct replica_view *view)
{
    catalogue_cache_give(&replica->catalogues, view->shared);
    store_abort(&view->txn);
}
