/* SPDX-License-Identifier: Apache-2.0
 *
 * What intake measures (the table is in metrics.c), and when it is ready: it could journal an event
 * now.
 */
#ifndef HOSO_INTAKE_METRICS_H
#define HOSO_INTAKE_METRICS_H

#include "hoso/v1/publisher.pb-c.h"
#include "service/observe.h"

enum intake_metric {
    INTAKE_EVENTS = SERVICE_METRIC_COUNT, /* by result − 1, as APPENDS */
    INTAKE_APPENDS,
    INTAKE_ACK_TIME,
    INTAKE_COMMIT_TIME,
    INTAKE_BATCH_EVENTS,
    INTAKE_COMMITS,
    INTAKE_QUEUE_REQUESTS,
    INTAKE_QUEUE_BYTES,
    INTAKE_SOURCES,
    INTAKE_CATALOGUE,
    INTAKE_PARKED_READERS,
    INTAKE_UNSENT_ANSWERS,
    INTAKE_DROPPED_MESSAGES,
    INTAKE_BACKUP,
    INTAKE_KEYS_EXPIRING,
    INTAKE_METRIC_COUNT
};

enum { APPEND_RESULTS = HOSO__V1__APPEND_RESULT__APPEND_RESULT_NOT_OPEN }; /* 1 to this */

extern const struct metric intake_metrics[INTAKE_METRIC_COUNT];

/* Counts one Append and its events. */
void count_append(struct metrics *metrics, Hoso__V1__AppendResult result, uint64_t events);

/* The service's `observe`. */
void intake_observe(struct service *service, struct observation *ret_observation);

#endif
