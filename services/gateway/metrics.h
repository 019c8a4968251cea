/* SPDX-License-Identifier: Apache-2.0
 *
 * What the gateway measures (the table is in metrics.c), and when it is ready: reporting answers.
 */
#ifndef HOSO_GATEWAY_METRICS_H
#define HOSO_GATEWAY_METRICS_H

#include "service/observe.h"
#include "services/gateway/gateway.h"

enum gateway_metric {
    GATEWAY_REQUESTS = SERVICE_METRIC_COUNT, /* by class of the answer's status − 2 */
    GATEWAY_REQUEST_TIME,
    GATEWAY_UNDER_WAY,
    GATEWAY_WAITING,
    GATEWAY_CONNECTIONS,
    GATEWAY_STREAMS,
    GATEWAY_SESSIONS,
    GATEWAY_LOG_INS, /* by enum gateway_log_in */
    GATEWAY_METRIC_COUNT
};

enum gateway_log_in { LOG_IN_PASSED, LOG_IN_FAILED, LOG_IN_THROTTLED };

extern const struct metric gateway_metrics[GATEWAY_METRIC_COUNT];

/* One request that is over. */
void count_request(struct metrics *metrics, const struct web_request *request);
/* The service's `observe`. */
void gateway_observe(struct service *service, struct observation *ret_observation);

#endif
