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

#define OWN(member, kind) SETTING(struct aggregation_settings, member, kind)

static const struct setting settings[] = {
    SERVICE_SETTINGS,
    {SERVICE_SETTING(listen, ENDPOINT), "tcp://127.0.0.1:7303", 0, 0, "Where replicas ask."},
    {OWN(journal, ENDPOINT), "tcp://127.0.0.1:7302", 0, 0, "Intake's journal endpoint."},
    {OWN(journal_key, PUBLIC_KEY), NULL, 0, 0, "Intake's public key."},
    {OWN(change_log_bytes, NUMBER), "536870912", 1 << 12, INT64_C(1) << 40,
     "Changes kept for replicas; one that is further behind takes a snapshot."},
    {0},
};

int main(int argc, char **argv)
{
    const struct service_spec spec = {
        .name = "aggregation",
        .summary = "folds the journal into the ledger and serves it to replicas",
        .settings = settings,
        .settings_bytes = sizeof(struct aggregation_settings),
        .start = aggregation_start,
        .stop = aggregation_stop,
        .request = &hoso__v1__ledger_request__descriptor,
        .reply = &hoso__v1__ledger_reply__descriptor,
        .metrics = aggregation_metrics,
        .metric_count = AGGREGATION_METRIC_COUNT,
        .observe = aggregation_observe};
    return service_run(argc, argv, &spec);
}
