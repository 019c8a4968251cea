/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso-aggregation: keeps the ledger. What it answers (proto/hoso/v1/ledger.proto):
 *
 *     changes       what changed in the ledger after a position    replicas
 *     snapshot      the ledger, page by page                       replicas
 *     scan_dossiers the dossiers behind a cell                     reporting, for officials
 *     scan_quality  orphans, conflicts, ignored events             reporting, for officials
 *     status        positions and sizes                            administrators
 */
#include "services/aggregation/metrics.h"

static const struct setting settings[] = {
    SERVICE_SETTINGS,
    {"listen", SETTING_ENDPOINT, "tcp://127.0.0.1:7303", 0, 0, "Where replicas ask."},
    {"journal", SETTING_ENDPOINT, "tcp://127.0.0.1:7302", 0, 0, "Intake's journal endpoint."},
    {"journal_key", SETTING_PUBLIC_KEY, NULL, 0, 0, "Intake's public key."},
    {"change_log_bytes", SETTING_NUMBER, "536870912", 1 << 12, INT64_C(1) << 40,
     "Changes kept for replicas; one that is further behind takes a snapshot."},
    {0},
};

int main(int argc, char **argv)
{
    const struct service_spec spec = {
        .name = "aggregation",
        .summary = "folds the journal into the ledger and serves it to replicas",
        .settings = settings,
        .start = aggregation_start,
        .stop = aggregation_stop,
        .request = &hoso__v1__ledger_request__descriptor,
        .reply = &hoso__v1__ledger_reply__descriptor,
        .metrics = aggregation_metrics,
        .metric_count = AGGREGATION_METRIC_COUNT,
        .observe = aggregation_observe};
    return service_run(argc, argv, &spec);
}
