/* SPDX-License-Identifier: Apache-2.0
 *
 * What aggregation measures, and when it is ready: intake answers, and what is counted is not far
 * behind the journal's end.
 */
#include "services/aggregation/metrics.h"

#include <stdatomic.h>

static const char *const messages[] = {"changes",   "snapshot",     "scan_dossiers", "scan_quality",
                                       "scan_open", "read_dossier", "status",        NULL};

const struct metric aggregation_metrics[AGGREGATION_METRIC_COUNT] = {
    SERVICE_METRICS,
    UPSTREAM_METRICS,
    [AGGREGATION_APPLIED] = {"hoso_aggregation_applied_events_total", "Events counted anew.",
                             METRIC_COUNTER, METRIC_PLAIN, NULL, 0},
    [AGGREGATION_DUPLICATES] = {"hoso_aggregation_duplicate_events_total",
                                "Events that were counted before.", METRIC_COUNTER, METRIC_PLAIN,
                                NULL, 0},
    [AGGREGATION_CONFLICTS] = {"hoso_aggregation_conflicting_events_total",
                               "Events whose id had come with other content: the first one stands.",
                               METRIC_COUNTER, METRIC_PLAIN, NULL, 0},
    [AGGREGATION_BATCHES] = {"hoso_aggregation_batches_total", "Transactions of the ledger.",
                             METRIC_COUNTER, METRIC_PLAIN, NULL, 0},
    [AGGREGATION_APPLY_TIME] = {"hoso_aggregation_apply_seconds",
                                "Counting one batch; then it is sent to replicas.",
                                METRIC_HISTOGRAM, METRIC_PLAIN, &metric_latencies,
                                METRIC_MICROSECONDS},
    [AGGREGATION_COMMIT_TIME] = {"hoso_aggregation_commit_seconds", "One transaction, synced.",
                                 METRIC_HISTOGRAM, METRIC_PLAIN, &metric_latencies,
                                 METRIC_MICROSECONDS},
    [AGGREGATION_BATCH_EVENTS] = {"hoso_aggregation_batch_events", "Events counted by one commit.",
                                  METRIC_HISTOGRAM, METRIC_PLAIN, &metric_sizes, 0},
    [AGGREGATION_DOSSIERS] = {"hoso_aggregation_dossiers", "Dossiers known.", METRIC_GAUGE,
                              METRIC_PLAIN, NULL, 0},
    [AGGREGATION_RECORDS] = {"hoso_aggregation_ledger_records", "Records of the ledger.",
                             METRIC_GAUGE, METRIC_PLAIN, NULL, 0},
    [AGGREGATION_FINDINGS] = {"hoso_aggregation_findings",
                              "Orphans, conflicts and ignored events, as hoso quality lists them.",
                              METRIC_GAUGE, METRIC_PLAIN, NULL, 0},
    [AGGREGATION_RECOUNTING] = {"hoso_aggregation_recounting",
                                "1 while the journal is counted anew by other rules.", METRIC_GAUGE,
                                METRIC_PLAIN, NULL, 0},
    [AGGREGATION_ANSWERS] = {"hoso_aggregation_answers_total", "Answers, by the message asked for.",
                             METRIC_COUNTER, METRIC_BY("message", messages), NULL, 0},
    [AGGREGATION_PARKED] = {"hoso_aggregation_parked_readers",
                            "Replicas that wait for something new.", METRIC_GAUGE, METRIC_PLAIN,
                            NULL, 0},
};

static void set_counts(struct aggregation *owner, struct metrics *metrics)
{
    const struct aggregate_counts counts = aggregate_counts(owner->aggregate);
    struct store_txn txn;
    store_begin_read(owner->store, &txn);
    metrics_set(metrics, AGGREGATION_DOSSIERS, 0, store_count(&txn, TABLE_DOSSIERS));
    metrics_set(metrics, AGGREGATION_RECORDS, 0, store_count(&txn, TABLE_LEDGER));
    metrics_set(metrics, AGGREGATION_FINDINGS, 0, store_count(&txn, TABLE_FINDINGS));
    store_abort(&txn);
    metrics_set(metrics, AGGREGATION_RECOUNTING, 0, atomic_load(&owner->recounting));
    metrics_set(metrics, AGGREGATION_APPLIED, 0, counts.events);
    metrics_set(metrics, AGGREGATION_DUPLICATES, 0, counts.duplicates);
    metrics_set(metrics, AGGREGATION_CONFLICTS, 0, counts.conflicts);
    metrics_set(metrics, AGGREGATION_BATCHES, 0, counts.batches);
}

void aggregation_observe(struct service *service, struct observation *ret_observation)
{
    struct aggregation *owner = service->state;
    const enum intake_link intake = atomic_load(&owner->intake);
    const bool full = atomic_load(&owner->full);
    const uint64_t end = atomic_load(&owner->journal_end);
    ret_observation->cut = aggregate_cut(owner->aggregate);
    set_counts(owner, service->metrics);
    observe_store(service, store_usage(owner->store), full);
    if (atomic_load(&owner->recounting)) {
        observe_reason(ret_observation, "the rules or the local time changed: counting anew");
    }
    if (full) {
        observe_reason(ret_observation,
                       "the disk or the map is at its reserve: make room, or raise map_bytes");
    } else if (intake == INTAKE_REFUSES) {
        observe_reason(ret_observation, "intake refuses to show its journal: see the log");
    } else if (intake != INTAKE_ANSWERS) {
        observe_reason(ret_observation, intake == INTAKE_UNHEARD ? "intake has not answered yet"
                                                                 : "intake does not answer");
    }
    observe_lag(service, intake == INTAKE_ANSWERS, end, ret_observation);
}
