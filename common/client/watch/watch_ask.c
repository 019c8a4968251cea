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
#include "hoso/v1/reporting.pb-c.h"

/* Spreads retries. Early at boot, without entropy, the clock does that well enough. */
static uint32_t random_number(void)
{
    uint32_t number;
    return getrandom(&number, sizeof number, GRND_NONBLOCK) == (ssize_t)sizeof number
               ? number
               : (uint32_t)clock_unix_ms();
}

void watch_pause(struct hoso_watch *watch, int64_t now_ms)
{
    watch->resume_ms = now_ms + follower_pause_ms(watch->follower, random_number());
}

void watch_stop_asking(struct hoso_watch *watch)
{
    watch_remove_fd(watch, watch->asking != NULL ? exchange_socket(watch->asking) : NULL);
    exchange_close(watch->asking);
    watch->asking = NULL;
}

static enum hoso_status send_question(struct hoso_watch *watch, struct hoso_error *error)
{
    Hoso__V1__TotalsSnapshotRequest snapshot = HOSO__V1__TOTALS_SNAPSHOT_REQUEST__INIT;
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    snapshot.unit = text_in(watch->follower->root);
    snapshot.restricted = watch->restricted;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_TOTALS_SNAPSHOT;
    request.totals_snapshot = &snapshot;
    return exchange_ask(watch->asking, &request.base, WATCH_RESEND_MS) == STATUS_OK
               ? HOSO_OK
               : client_fail(error, HOSO_TOO_LARGE, "unit", "the unit's name is too long");
}

static enum hoso_status begin_asking(struct hoso_watch *watch, int64_t now_ms,
                                     struct hoso_error *error)
{
    enum hoso_status status =
        client_exchange(watch->client, PEER_REPORTING, &hoso__v1__reporting_reply__descriptor,
                        &watch->asking, error);
    if (status != HOSO_OK) {
        watch->resume_ms = now_ms + WATCH_REFUSED_RETRY_MS;
        return status;
    }
    watch_add_fd(watch, exchange_socket(watch->asking));
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

/* A question without an answer is asked again, of the next reporting if there are several. */
static enum hoso_status take_news(struct hoso_watch *watch, enum exchange_news news,
                                  const struct exchange_answer *answer, const struct error *inner,
                                  struct hoso_error *error)
{
    const struct call call = {
        .peer = PEER_REPORTING,
        .expect = HOSO__V1__REPORTING_REPLY__BODY_TOTALS_SNAPSHOT,
    };
    ProtobufCMessage *body = NULL;
    if (news == EXCHANGE_NOTHING || news == EXCHANGE_LOST) {
        return HOSO_OK;
    }
    if (news == EXCHANGE_SILENT) {
        return send_question(watch, error);
    }
    const enum hoso_status status =
        client_take_news(watch->client, &call, watch->asking, news, answer, inner, &body, error);
    watch_stop_asking(watch);
    return status == HOSO_OK ? use(watch, (const Hoso__V1__TotalsSnapshotReply *)body, error)
                             : status;
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
    struct arena arena;
    struct exchange_answer answer = {.reply = NULL};
    struct error inner = {.status = STATUS_OK};
    arena_init(&arena, CLIENT_RESULT_BYTES);
    const enum exchange_news news = exchange_take(watch->asking, &arena, &answer, &inner);
    const enum hoso_status status = take_news(watch, news, &answer, &inner, error);
    arena_fini(&arena);
    return judge(watch, status, now_ms, error);
}

int64_t watch_ask_due_ms(const struct hoso_watch *watch)
{
    if (watch->asking != NULL) {
        return exchange_due_ms(watch->asking);
    }
    return wants_to_ask(watch) ? watch->resume_ms : INT64_MAX;
}
