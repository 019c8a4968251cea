/* SPDX-License-Identifier: Apache-2.0
 *
 * Status: what this service says of itself, copy complete or not.
 */
#include "service/status_reply.h"
#include "services/reporting/feed.h"
#include "services/reporting/request.h"
#include "services/reporting/server.h"

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
    Hoso__V1__StatusReply *reply =
        status_reply_new(options->service, replica.cut, gauges, COUNT_OF(gauges), request->arena);
    if (reply == NULL) {
        return request_fail(request, STATUS_TOO_LARGE);
    }
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_STATUS;
    request->reply->status = reply;
    return REQUEST_ANSWERED;
}
