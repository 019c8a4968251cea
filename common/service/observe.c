/* SPDX-License-Identifier: Apache-2.0
 *
 * One observer at a time, and none once the service began to close what it would look at.
 */
#include "service/observe.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/require.h"
#include "hoso/v1/common.pb-c.h"
#include "log/log.h"
#include "service/service_internal.h"

const char *const metric_versions[] = {HOSO_VERSION, NULL};
const char *const metric_codes[] = {"invalid",   "denied",      "not_found", "not_ready", "busy",
                                    "too_large", "unavailable", "internal",  NULL};
const char *const metric_levels[] = {"error", "warning", "info", "debug", NULL};

void observe_reason(struct observation *observation, const char *format, ...)
{
    va_list arguments;
    if (observation->reason[0] == '\0') {
        va_start(arguments, format);
        (void)vsnprintf(observation->reason, sizeof observation->reason, format, arguments);
        va_end(arguments);
    }
}

void observe_store(struct service *service, struct store_usage usage, bool full)
{
    metrics_set(service->metrics, METRIC_MAP, 0, usage.map_bytes);
    metrics_set(service->metrics, METRIC_USED, 0, usage.used_bytes);
    metrics_set(service->metrics, METRIC_FREE_DISK, 0, usage.free_disk_bytes);
    metrics_set(service->metrics, METRIC_STORE_FULL, 0, full);
}

void observe_lag(struct service *service, bool connected, uint64_t end,
                 struct observation *observation)
{
    const uint64_t position = observation->cut.position;
    const uint64_t lag = end > position ? end - position : 0;
    metrics_set(service->metrics, METRIC_CONNECTED, 0, connected);
    metrics_set(service->metrics, METRIC_LAG, 0, lag);
    if (lag > READY_LAG_MAX) {
        observe_reason(observation, "it is %" PRIu64 " events behind and catches up", lag);
    }
}

void count_error(struct metrics *metrics, int code)
{
    if (code > 0 && code <= HOSO__V1__ERROR_CODE__ERROR_CODE_INTERNAL) {
        metrics_add(metrics, METRIC_ERRORS, (unsigned)code - 1, 1);
    }
}

/* While it starts or stops there is nothing to look at but what was seen last. */
static void look(struct running *running)
{
    const struct service_spec *spec = running->spec;
    running->observed.reason[0] = '\0';
    if (service_stopping(&running->service)) {
        observe_reason(&running->observed, "it is stopping");
    } else if (!running->observable) {
        observe_reason(&running->observed, "it is starting");
    } else if (spec->observe != NULL) {
        spec->observe(&running->service, &running->observed);
    }
}

void service_observe(struct service *service, struct observation *ret_observation)
{
    struct running *running = (struct running *)service;
    require(pthread_mutex_lock(&running->observing) == 0);
    look(running);
    *ret_observation = running->observed;
    require(pthread_mutex_unlock(&running->observing) == 0);
    metrics_set(service->metrics, METRIC_READY, 0, ret_observation->reason[0] == '\0');
    metrics_set(service->metrics, METRIC_POSITION, 0, ret_observation->cut.position);
    for (unsigned level = LOG_ERROR; level <= LOG_DEBUG; level++) {
        metrics_set(service->metrics, METRIC_LOG, level, log_count((enum log_level)level));
    }
}

void service_watch_loop(struct service *service, const _Atomic int64_t *turned_ms)
{
    struct running *running = (struct running *)service;
    require(pthread_mutex_lock(&running->observing) == 0);
    require(running->loop_count < SERVICE_LOOPS_MAX);
    running->loops[running->loop_count++] = turned_ms;
    require(pthread_mutex_unlock(&running->observing) == 0);
}

bool service_is_alive(struct service *service)
{
    struct running *running = (struct running *)service;
    bool alive = true;
    require(pthread_mutex_lock(&running->observing) == 0);
    for (unsigned i = 0; i < running->loop_count && running->observable; i++) {
        alive = alive && clock_ms() - atomic_load(running->loops[i]) < SERVICE_STUCK_MS;
    }
    require(pthread_mutex_unlock(&running->observing) == 0);
    return alive;
}
