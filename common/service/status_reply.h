/* SPDX-License-Identifier: Apache-2.0
 *
 * The answer to Status, which every service gives to `hoso status` and to health checks: who it is,
 * how far it is, and gauges.
 */
#ifndef HOSO_SERVICE_STATUS_REPLY_H
#define HOSO_SERVICE_STATUS_REPLY_H

#include "base/arena.h"
#include "base/cut.h"
#include "hoso/v1/common.pb-c.h"
#include "service/service.h"

struct gauge {
    const char *name;
    uint64_t value;
};

/* In the arena, which also has a copy of all but the names; NULL = the arena is full. */
Hoso__V1__StatusReply *status_reply_new(const struct service *service, struct cut cut,
                                        const struct gauge *gauges, size_t count,
                                        struct arena *arena);

#endif
