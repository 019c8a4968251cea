/* SPDX-License-Identifier: Apache-2.0
 *
 * A gauge's name is the metric's without the parts that are always the same: "hoso_", the service's
 * own name and
 * "_total". Numbers of the process as such stay with /metrics. protobuf-c's texts are not const,
 * but packing only reads them.
 */
#include "service/status_reply.h"

#include <string.h>

#include "base/clock.h"
#include "service/observe.h"

#define PREFIX "hoso_"
#define TOTAL "_total"

struct gauge_listing {
    const struct service *service;
    struct arena *arena;
    Hoso__V1__Gauge **gauges;
    size_t count; /* without `gauges`: of all series */
};

static char *gauge_name(const struct gauge_listing *listing, const char *name,
                        const char *const *values)
{
    const size_t own = strlen(listing->service->name);
    if (strncmp(name, listing->service->name, own) == 0 && name[own] == '_') {
        name += own + 1;
    }
    size_t size = strlen(name);
    const size_t total = strlen(TOTAL);
    if (size > total && strcmp(name + size - total, TOTAL) == 0) {
        size -= total;
    }
    return arena_printf(listing->arena, "%.*s%s%s%s%s", (int)size, name,
                        values[0] != NULL ? "_" : "", values[0] != NULL ? values[0] : "",
                        values[1] != NULL ? "_" : "", values[1] != NULL ? values[1] : "");
}

static void add(void *context, const struct metric *metric, const char *const *values,
                uint64_t value)
{
    struct gauge_listing *listing = context;
    const size_t prefix = strlen(PREFIX);
    if (listing->gauges == NULL) {
        listing->count++;
        return;
    }
    if (strncmp(metric->name, PREFIX, prefix) != 0 ||
        (values[0] != NULL && (metric->type == METRIC_GAUGE || value == 0))) {
        return;
    }
    Hoso__V1__Gauge *gauge = arena_alloc(listing->arena, sizeof *gauge);
    if (gauge != NULL) {
        hoso__v1__gauge__init(gauge);
        gauge->name = gauge_name(listing, metric->name + prefix, values);
        gauge->value = (int64_t)value;
        listing->gauges[listing->count++] = gauge;
    }
}

static void add_gauges(const struct service *service, struct arena *arena,
                       Hoso__V1__StatusReply *reply)
{
    struct gauge_listing listing = {.service = service, .arena = arena};
    metrics_each(service->metrics, add, &listing);
    listing.gauges = arena_array(arena, listing.count, sizeof(Hoso__V1__Gauge *));
    listing.count = 0;
    if (listing.gauges != NULL) {
        metrics_each(service->metrics, add, &listing);
    }
    reply->gauges = listing.gauges;
    reply->n_gauges = listing.count;
}

Hoso__V1__StatusReply *status_reply_new(struct service *service, struct arena *arena)
{
    struct observation observation;
    service_observe(service, &observation);
    Hoso__V1__StatusReply *reply = arena_alloc(arena, sizeof *reply);
    Hoso__V1__Cut *cut = arena_alloc(arena, sizeof *cut);
    if (reply == NULL || cut == NULL) {
        return NULL;
    }
    hoso__v1__cut__init(cut);
    cut->incarnation = observation.cut.incarnation;
    cut->position = observation.cut.position;
    hoso__v1__status_reply__init(reply);
    reply->service = (char *)(uintptr_t)service->name;
    reply->version = (char *)(uintptr_t)HOSO_VERSION;
    reply->cut = cut;
    reply->ready = observation.reason[0] == '\0';
    reply->reason = arena_string(arena, slice_text(observation.reason));
    reply->now_ms = clock_unix_ms();
    add_gauges(service, arena, reply);
    return arena->exceeded ? NULL : reply;
}
