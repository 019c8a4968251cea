/* SPDX-License-Identifier: Apache-2.0
 *
 * protobuf-c's texts are not const, but packing only reads them.
 */
#include "service/status_reply.h"

Hoso__V1__StatusReply *status_reply_new(const struct service *service, struct cut cut,
                                        const struct gauge *gauges, size_t count,
                                        struct arena *arena)
{
    Hoso__V1__StatusReply *reply = arena_alloc(arena, sizeof *reply);
    Hoso__V1__Cut *wire_cut = arena_alloc(arena, sizeof *wire_cut);
    Hoso__V1__Gauge **list = arena_array(arena, count, sizeof(Hoso__V1__Gauge *));
    Hoso__V1__Gauge *gauge = arena_array(arena, count, sizeof *gauge);
    if (reply == NULL || wire_cut == NULL || list == NULL || gauge == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++, gauge++) {
        hoso__v1__gauge__init(gauge);
        gauge->name = (char *)(uintptr_t)gauges[i].name;
        gauge->value = (int64_t)gauges[i].value;
        list[i] = gauge;
    }
    hoso__v1__cut__init(wire_cut);
    wire_cut->incarnation = cut.incarnation;
    wire_cut->position = cut.position;
    hoso__v1__status_reply__init(reply);
    reply->service = (char *)(uintptr_t)service->name;
    reply->version = (char *)(uintptr_t)HOSO_VERSION;
    reply->cut = wire_cut;
    reply->gauges = list;
    reply->n_gauges = count;
    return reply;
}
