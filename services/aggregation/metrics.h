/* SPDX-License-Identifier: Apache-2.0
 *
 * What aggregation measures (the table is in metrics.c), and when it is ready.
 */
#ifndef HOSO_AGGREGATION_METRICS_H
#define HOSO_AGGREGATION_METRICS_H

#include "service/observe.h"
#include "services/aggregation/aggregation.h"

enum aggregation_metric {
    AGGREGATION_APPLIED = UPSTREAM_METRIC_COUNT,
    AGGREGATION_DUPLICATES,
    AGGREGATION_CONFLICTS,
    AGGREGATION_BATCHES,
    AGGREGATION_APPLY_TIME,
    AGGREGATION_COMMIT_TIME,
    AGGREGATION_BATCH_EVENTS,
    AGGREGATION_DOSSIERS,
    AGGREGATION_RECORDS,
    AGGREGATION_FINDINGS,
    AGGREGATION_RECOUNTING,
    AGGREGATION_ANSWERS, /* by message */
    AGGREGATION_PARKED,
    AGGREGATION_METRIC_COUNT
};

extern const struct metric aggregation_metrics[AGGREGATION_METRIC_COUNT];

/* The service's `observe`. */
void aggregation_observe(struct service *service, struct observation *ret_observation);

#endif
