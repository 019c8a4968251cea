/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking for snapshots, without waiting: a connection of its own for each question, so that a watch
 * that is in step holds none, and whatever is wrong with one ends with it.
 */
#include "client/watch/watch_internal.h"

#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "client/call/read_internal.h"
#include "wire/wire.h"

static uint32_t random_number(void)
{
    uint32_t number = 0;
    (void)getrandom(&number, sizeof number, GRND_NONBLOCK);
    return number;
}

void watch_pause(struct hoso_watch *watch, int64_t now_ms)
{
    watch->resume_ms = now_ms + follower_pause_ms(watch->follower, random_number());
}

void watch_stop_asking(struct hoso_watch *watch)
{
    watch_remove_fd(watch, watch->asking);
    bus_close(watch->asking);
    watch->asking = NULL;
}

static enum hoso_status send_question(struct hoso_watch *watch, struct hoso_error *error)
{
    Hoso__V1__TotalsSnapshotRequest snapshot = HOSO__V1__TOTALS_SNAPSHOT_REQUEST__INIT;
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    struct buffer *out = &watch->client->out;
    snapshot.unit = text_in(watch->follower->root);
    snapshot.restricted = watch->restricted;
    request.request_id = watch->request_id;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_TOTALS_SNAPSHOT;
    request.totals_snapshot = &snapshot;
    buffer_clear(out);
    wire_pack(&request.base, out);
    if (buffer_status(out) != STATUS_OK) {
        return client_fail(error, HOSO_TOO_LARGE, "unit", "the unit's name is too long");
    }
    /* If it cannot be sent now it is sent again. */
    const enum status status = bus_send(watch->asking, NULL, buffer_slice(out));
    return status == STATUS_OK || status == STATUS_BUSY || status == STATUS_UNAVAILABLE
               ? HOSO_OK
               : client_fail_inner(error, status, NULL);
}

static enum hoso_status begin_asking(struct hoso_watch *watch, int64_t now_ms,
                                     struct hoso_error *error)
{
    enum hoso_status status = client_connect(watch->client, PEER_REPORTING, &watch->asking, error);
    if (status != HOSO_OK) {
        watch->resume_ms = now_ms + WATCH_REFUSED_RETRY_MS;
        return status;
    }
    watch_add_fd(watch, watch->asking);
    watch->request_id = ++watch->client->last_request_id;
    watch->resend_ms = now_ms + WATCH_RESEND_MS;
    return send_question(watch, error);
}

/* To what the follower now knows to subscribe to; the order matters, docs/feed.md. */
static enum hoso_status subscribe(struct hoso_watch *watch, struct hoso_error *error)
{
    const struct follower *follower = watch->follower;
    struct error inner = {.status = STATUS_OK};
    watch_remove_fd(watch, watch->feed);
    bus_close(watch->feed);
    watch->feed = NULL;
    enum status status = bus_subscribe(watch->client->bus, watch_endpoint(watch),
                                       watch->client->settings.server_key[PEER_REPORTING],
                                       watch->queue, &watch->feed, &inner);
    for (unsigned i = 0; i < follower->subscription_count && status == STATUS_OK; i++) {
        status = bus_subscribe_topic(watch->feed, follower->subscriptions[i]);
    }
    if (status != STATUS_OK) {
        return client_fail_inner(error, status, &inner);
    }
    watch_add_fd(watch, watch->feed);
    watch->trouble_ms = clock_ms();
    return HOSO_OK;
}

static enum hoso_status use(struct hoso_watch *watch, const Hoso__V1__TotalsSnapshotReply *reply,
                            struct hoso_error *error)
{
    struct follower *follower = watch->follower;
    const bool first = follower->want == FOLLOWER_WANTS_SUBSCRIPTIONS;
    const uint64_t resyncs = follower->resyncs;
    const enum status status =
        first ? follower_subscribe(follower, reply) : follower_snapshot(follower, reply);
    if (status == STATUS_INVALID) {
        return client_fail(error, HOSO_INTERNAL, NULL, "reporting's snapshot is not one");
    }
    if (status != STATUS_OK) {
        return client_fail(error, HOSO_TOO_LARGE, NULL,
                           "more units or measures than fit: follow smaller subtrees");
    }
    if (follower->resyncs != resyncs) {
        watch_pause(watch, clock_ms());
    } else if (!first) {
        watch->what |= HOSO_WATCH_CHANGED | HOSO_WATCH_HEARTBEAT;
    }
    return first ? subscribe(watch, error) : HOSO_OK;
}

/* A refusal that may end soon is not reported: the question is asked again. */
static enum hoso_status judge(struct hoso_watch *watch, enum hoso_status status, int64_t now_ms,
                              struct hoso_error *error)
{
    if (status == HOSO_NOT_READY || status == HOSO_BUSY) {
        watch->trouble = *error;
        watch->resume_ms = now_ms + WATCH_RETRY_MS + random_number() % WATCH_RETRY_RANDOM_MS;
        return HOSO_OK;
    }
    if (status != HOSO_OK) {
        watch->resume_ms = now_ms + WATCH_REFUSED_RETRY_MS;
    }
    return status;
}

static enum hoso_status take_answer(struct hoso_watch *watch, struct slice payload, int64_t now_ms,
                                    struct hoso_error *error)
{
    const struct call call = {
        .peer = PEER_REPORTING,
        .reply = &hoso__v1__reporting_reply__descriptor,
        .expect = HOSO__V1__REPORTING_REPLY__BODY_TOTALS_SNAPSHOT,
    };
    struct arena arena;
    ProtobufCMessage *body = NULL;
    arena_init(&arena, CLIENT_RESULT_BYTES);
    enum hoso_status status =
        client_take_reply(&call, watch->request_id, payload, &arena, &body, error);
    if (status != HOSO_OK || body != NULL) {
        watch_stop_asking(watch);
    }
    if (status == HOSO_OK && body != NULL) {
        status = use(watch, (const Hoso__V1__TotalsSnapshotReply *)body, error);
    }
    arena_fini(&arena);
    return judge(watch, status, now_ms, error);
}

static bool wants_to_ask(const struct hoso_watch *watch)
{
    return watch->follower->want == FOLLOWER_WANTS_SUBSCRIPTIONS ||
           watch->follower->want == FOLLOWER_WANTS_SNAPSHOT;
}

enum hoso_status watch_ask(struct hoso_watch *watch, int64_t now_ms, struct hoso_error *error)
{
    if (watch->asking == NULL) {
        return wants_to_ask(watch) && now_ms >= watch->resume_ms
                   ? begin_asking(watch, now_ms, error)
                   : HOSO_OK;
    }
    struct bus_message message;
    const enum status status = bus_receive(watch->asking, &message);
    if (status == STATUS_OK) {
        const enum hoso_status result = take_answer(watch, message.payload, now_ms, error);
        bus_message_fini(&message);
        return result;
    }
    if (status != STATUS_TIMEOUT) {
        return client_fail_inner(error, status, NULL);
    }
    if (now_ms >= watch->resend_ms) {
        watch->resend_ms = now_ms + WATCH_RESEND_MS;
        return send_question(watch, error);
    }
    return HOSO_OK;
}

int64_t watch_ask_due_ms(const struct hoso_watch *watch)
{
    if (watch->asking != NULL) {
        return watch->resend_ms;
    }
    return wants_to_ask(watch) ? watch->resume_ms : INT64_MAX;
}
