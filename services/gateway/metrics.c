/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests are counted when their answer was sent or their connection ended.
 */
#include "services/gateway/metrics.h"

#include "base/clock.h"
#include "services/gateway/http/lane.h"
#include "services/gateway/live/live.h"
#include "services/gateway/http/server.h"
#include "services/gateway/login/sessions.h"

static const char *const classes[] = {"2xx", "3xx", "4xx", "5xx", "none", NULL};
static const char *const log_ins[] = {"passed", "failed", "throttled", NULL};

const struct metric gateway_metrics[GATEWAY_METRIC_COUNT] = {
    SERVICE_METRICS,
    [GATEWAY_REQUESTS] = {"hoso_gateway_requests_total",
                          "Requests, by the class of their answer; none = the connection ended.",
                          METRIC_COUNTER, METRIC_BY("class", classes), NULL, 0},
    [GATEWAY_REQUEST_TIME] = {"hoso_gateway_request_seconds",
                              "From a request's headers to the end of its answer.",
                              METRIC_HISTOGRAM, METRIC_PLAIN, &metric_latencies,
                              METRIC_MICROSECONDS},
    [GATEWAY_UNDER_WAY] = {"hoso_gateway_under_way", "Requests not answered yet, with streams.",
                           METRIC_GAUGE, METRIC_PLAIN, NULL, 0},
    [GATEWAY_WAITING] = {"hoso_gateway_waiting", "Requests that wait for a worker.", METRIC_GAUGE,
                         METRIC_PLAIN, NULL, 0},
    [GATEWAY_CONNECTIONS] = {"hoso_gateway_connections", "Connections.", METRIC_GAUGE, METRIC_PLAIN,
                             NULL, 0},
    [GATEWAY_STREAMS] = {"hoso_gateway_streams", "Streams of live totals.", METRIC_GAUGE,
                         METRIC_PLAIN, NULL, 0},
    [GATEWAY_SESSIONS] = {"hoso_gateway_sessions", "People and programs that are logged in.",
                          METRIC_GAUGE, METRIC_PLAIN, NULL, 0},
    [GATEWAY_LOG_INS] = {"hoso_gateway_log_ins_total", "Attempts to log in.", METRIC_COUNTER,
                         METRIC_BY("result", log_ins), NULL, 0},
};

void count_request(struct metrics *metrics, const struct web_request *request)
{
    const unsigned status = request->answer.status;
    metrics_add(metrics, GATEWAY_REQUESTS, status != 0 ? status / 100 - 2 : 4, 1);
    if (!request->route || request->route->lane != WEB_HASH) { /* slow on purpose */
        metrics_observe(metrics, GATEWAY_REQUEST_TIME, 0, clock_us() - request->started_us);
    }
}

void gateway_observe(struct service *service, struct observation *ret_observation)
{
    struct gateway *gateway = service->state;
    struct metrics *metrics = service->metrics;
    (void)ret_observation;
    metrics_set(metrics, GATEWAY_UNDER_WAY, 0, atomic_load(&gateway->requests));
    metrics_set(metrics, GATEWAY_WAITING, 0, lane_waiting(gateway->work));
    metrics_set(metrics, GATEWAY_CONNECTIONS, 0, server_connections(gateway));
    metrics_set(metrics, GATEWAY_STREAMS, 0,
                gateway->live != NULL ? live_streams(gateway->live) : 0);
    metrics_set(metrics, GATEWAY_SESSIONS, 0, sessions_count(gateway->sessions));
}
