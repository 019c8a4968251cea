/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso-gateway: HTTP for programs and browsers. It keeps nothing but sessions, in memory, and its
 * audit log. What it answers it asks reporting and intake for, with its own key and the name of the
 * principal for whom it asks: they check that principal's rights.
 *
 *     library's threads    read requests, send answers; wait for nothing
 *     workers              ask the services and render; a queue of bounded length before them
 *     one for passwords    the same, one at a time
 *     deadlines            ends connections that are slow on purpose
 *     live                 follows the feed once, for all browsers
 *
 * A request that waits for a worker is suspended: it costs its memory and no thread.
 */
#ifndef HOSO_GATEWAY_GATEWAY_H
#define HOSO_GATEWAY_GATEWAY_H

#include "service/service.h"
#include "services/gateway/http/answer.h"

struct gateway_settings {
    struct service_settings service;
    const char *intake;
    const char *intake_key;
    const char *reporting;
    const char *reporting_key;
    const char *aggregation;
    const char *aggregation_key;
    const char *totals;
    int64_t reporting_day;
    int64_t timeout_ms;
    int64_t workers;
    int64_t connections;
    int64_t connections_per_address;
    int64_t session_minutes;
    const char *audit;
    int64_t audit_bytes;
    const char *origin;
    const char *trusted_proxies;
    const char *proxy_user;
    const char *cors_origins;
};

struct lane;
struct sessions;
struct throttle;
struct audit;
struct live;
struct deadlines;

struct gateway {
    struct service *service;
    const struct gateway_settings *settings;
    struct client_settings client; /* of every worker */
    int fd;                        /* −1 once the library has it */
    struct MHD_Daemon *daemon;
    struct lane *work;
    struct lane *hashing;
    struct sessions *sessions;
    struct throttle *throttle;
    struct audit *audit;
    struct deadlines *deadlines;
    struct live *live;    /* NULL = no live totals */
    atomic_uint requests; /* under way */
    atomic_bool stopping;
};

enum status gateway_start(struct service *service, struct error *error);
void gateway_stop(struct service *service);
enum status gateway_health(const void *settings, struct health *ret_health, struct error *error);

#endif
