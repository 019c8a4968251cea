/* SPDX-License-Identifier: Apache-2.0
 *
 * The labels are closed sets: kinds of messages, forms, good or error.
 */
#include "services/reporting/metrics.h"

#include <string.h>

/* By the rows of main.c's table of messages, and whatever else. */
static const char *const messages[] = {
    "run_report", "list_forms", "list_units",      "get_catalogue", "list_dossiers",
    "quality",    "list_open",  "get_dossier",     "list_sources",  "list_closes",
    "series",     "status",     "totals_snapshot", "other",         NULL};
static const char *const results[] = {"ok", "error", NULL};

/* The built-in forms; what a site adds is one. */
static const char *const form_labels[] = {HOSO_FORM_NAMES, "other", NULL};

#define FORM_AND_RESULT                                                    \
    {                                                                      \
        METRIC_LABEL("form", form_labels), METRIC_LABEL("result", results) \
    }

const struct metric reporting_metrics[REPORTING_METRIC_COUNT] = {
    SERVICE_METRICS,
    UPSTREAM_METRICS,
    [REPORTING_REQUESTS] = {"hoso_reporting_requests_total", "Requests, by message.",
                            METRIC_COUNTER, METRIC_BY("message", messages), NULL, 0},
    [REPORTING_REPORT_TIME] = {"hoso_reporting_report_seconds",
                               "Making a report, by form and result; waiting for a position is "
                               "not in it.",
                               METRIC_HISTOGRAM, FORM_AND_RESULT, &metric_latencies,
                               METRIC_MICROSECONDS},
    [REPORTING_IDENTITY_VIOLATIONS] = {"hoso_reporting_identity_violations_total",
                                       "Balances of reports that did not hold; ever above 0 is a "
                                       "defect.",
                                       METRIC_COUNTER, METRIC_PLAIN, NULL, 0},
    [REPORTING_UNDELIVERED] = {"hoso_reporting_undelivered_total",
                               "Answers whose asker was gone or did not read.", METRIC_COUNTER,
                               METRIC_PLAIN, NULL, 0},
    [REPORTING_PARKED] = {"hoso_reporting_parked", "Requests that wait for a position.",
                          METRIC_GAUGE, METRIC_PLAIN, NULL, 0},
    [REPORTING_FORWARDED] = {"hoso_reporting_forwarded", "Questions that wait for aggregation.",
                             METRIC_GAUGE, METRIC_PLAIN, NULL, 0},
    [REPORTING_COPY_COMPLETE] = {"hoso_reporting_copy_complete",
                                 "1 if there is a whole copy of the ledger to answer from.",
                                 METRIC_GAUGE, METRIC_PLAIN, NULL, 0},
    [REPORTING_BATCHES] = {"hoso_reporting_batches_total", "Changes taken into the copy.",
                           METRIC_COUNTER, METRIC_PLAIN, NULL, 0},
    [REPORTING_SNAPSHOTS] = {"hoso_reporting_snapshots_total",
                             "Copies begun anew: it was too far behind.", METRIC_COUNTER,
                             METRIC_PLAIN, NULL, 0},
    [REPORTING_TOTALS_UNITS] = {"hoso_reporting_totals_units", "Units of the live totals.",
                                METRIC_GAUGE, METRIC_PLAIN, NULL, 0},
    [REPORTING_TOTALS_MESSAGES] = {"hoso_reporting_totals_messages_total",
                                   "Messages of the live totals.", METRIC_COUNTER, METRIC_PLAIN,
                                   NULL, 0},
    [REPORTING_TOTALS_RESETS] = {"hoso_reporting_totals_resets_total",
                                 "Feeds of live totals begun anew.", METRIC_COUNTER, METRIC_PLAIN,
                                 NULL, 0},
    [REPORTING_TOTALS_SUBSCRIPTIONS] = {"hoso_reporting_totals_subscriptions",
                                        "Topics with at least one subscriber.", METRIC_GAUGE,
                                        METRIC_PLAIN, NULL, 0},
    [REPORTING_SILENT_SOURCES] = {"hoso_reporting_silent_sources",
                                  "Sources with a key that sent nothing in the last three working "
                                  "days, and something in the 365 days before.",
                                  METRIC_GAUGE, METRIC_PLAIN, NULL, 0},
};

void count_report(struct metrics *metrics, const char *form, bool good, uint64_t took_us)
{
    unsigned index = 0;
    while (form_labels[index + 1] != NULL && strcmp(form_labels[index], form) != 0) {
        index++;
    }
    metrics_observe(metrics, REPORTING_REPORT_TIME,
                    metric_series(metrics, REPORTING_REPORT_TIME, index, good ? 0 : 1), took_us);
}
