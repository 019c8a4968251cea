/* SPDX-License-Identifier: Apache-2.0
 *
 * Status: what this service says of itself, copy complete or not.
 */
#include "services/reporting/feed.h"
#include "services/reporting/request.h"
#include "services/reporting/server.h"

struct gauge {
    const char *name;
    uint64_t value;
};

static enum status fill_gauges(struct request *request, const struct gauge *gauges, size_t count,
                               Hoso__V1__StatusReply *reply)
{
    reply->gauges = arena_array(request->arena, count, sizeof(Hoso__V1__Gauge *));
    Hoso__V1__Gauge *gauge = arena_array(request->arena, count, sizeof *gauge);
    if (reply->gauges == NULL || gauge == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (size_t i = 0; i < count; i++, gauge++) {
        hoso__v1__gauge__init(gauge);
        gauge->name = message_text(gauges[i].name);
        gauge->value = (int64_t)gauges[i].value;
        reply->gauges[i] = gauge;
    }
    reply->n_gauges = count;
    return STATUS_OK;
}

enum outcome answer_status(struct request *request)
{
    const struct server_options *options = server_options(request->server);
    const struct server_counts counts = server_counts(request->server);
    const struct replica_status replica = replica_status(options->replica);
    const struct feed_counts feed =
        options->feed != NULL ? feed_counts(options->feed) : (struct feed_counts){0};
    const struct store_usage usage = store_usage(options->store);
    const uint64_t behind = replica.source_position > replica.cut.position
                                ? replica.source_position - replica.cut.position
                                : 0;
    const struct gauge gauges[] = {
        {"ready", replica.ready},
        {"connected", replica.connected},
        {"position", replica.cut.position},
        {"lag_events", behind},
        {"batches", replica.batches},
        {"snapshots", replica.snapshots},
        {"requests", counts.requests},
        {"refused", counts.refused},
        {"undelivered", counts.undelivered},
        {"parked", counts.parked},
        {"forwarded", counts.forwarded},
        {"identity_violations", counts.identity_violations},
        {"totals_units", feed.units},
        {"totals_messages", feed.messages},
        {"totals_resets", feed.resets},
        {"totals_subscriptions", feed.subscriptions},
        {"map_bytes", usage.map_bytes},
        {"used_bytes", usage.used_bytes},
        {"free_disk_bytes", usage.free_disk_bytes},
    };
    Hoso__V1__StatusReply *reply = arena_alloc(request->arena, sizeof *reply);
    Hoso__V1__Cut *cut = arena_alloc(request->arena, sizeof *cut);
    if (reply == NULL || cut == NULL) {
        return request_fail(request, STATUS_TOO_LARGE);
    }
    hoso__v1__status_reply__init(reply);
    hoso__v1__cut__init(cut);
    cut->incarnation = replica.cut.incarnation;
    cut->position = replica.cut.position;
    reply->service = message_text("reporting");
    reply->version = message_text(HOSO_VERSION);
    reply->cut = cut;
    const enum status status = fill_gauges(request, gauges, COUNT_OF(gauges), reply);
    if (status != STATUS_OK) {
        return request_fail(request, status);
    }
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_STATUS;
    request->reply->status = reply;
    return REQUEST_ANSWERED;
}
