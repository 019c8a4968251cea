/* SPDX-License-Identifier: Apache-2.0
 *
 * What reporting measures (the table is in metrics.c).
 */
#ifndef HOSO_REPORTING_METRICS_H
#define HOSO_REPORTING_METRICS_H

#include "service/observe.h"

enum reporting_metric {
    REPORTING_REQUESTS = UPSTREAM_METRIC_COUNT, /* by message */
    REPORTING_REPORT_TIME,                      /* by form and result */
    REPORTING_IDENTITY_VIOLATIONS,
    REPORTING_UNDELIVERED,
    REPORTING_PARKED,
    REPORTING_FORWARDED,
    REPORTING_COPY_COMPLETE,
    REPORTING_BATCHES,
    REPORTING_SNAPSHOTS,
    REPORTING_TOTALS_UNITS,
    REPORTING_TOTALS_MESSAGES,
    REPORTING_TOTALS_RESETS,
    REPORTING_TOTALS_SUBSCRIPTIONS,
    REPORTING_SILENT_SOURCES,
    REPORTING_METRIC_COUNT
};

extern const struct metric reporting_metrics[REPORTING_METRIC_COUNT];

/* `form` is what was asked for; forms that there are not are one. */
void count_report(struct metrics *metrics, const char *form, bool good, uint64_t took_us);

#endif
