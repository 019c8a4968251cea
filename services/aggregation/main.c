/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso-aggregation: keeps the ledger. Below: every message that it answers, and who may send it
 * (proto/hoso/v1/ledger.proto), and every setting.
 */
#include "services/aggregation/metrics.h"

#define BODY(name) HOSO__V1__LEDGER_REQUEST__BODY_##name

enum { READERS = ENDPOINT_ROLE(ROLE_SERVICE) | ENDPOINT_ROLE(ROLE_ADMIN) };

/* In the order of the labels of AGGREGATION_ANSWERS. */
const struct endpoint_message ledger_messages[] = {
    {.body = BODY(CHANGES), /* what changed in the ledger after a position; for replicas */
     .name = "Changes",
     .roles = READERS,
     .wait = serve_wait_changes,
     .reached = serve_applied,
     .handle = serve_changes},
    {.body = BODY(SNAPSHOT), /* the ledger, page by page; for replicas */
     .name = "Snapshot",
     .roles = READERS,
     .lane = ENDPOINT_LONG,
     .handle = serve_snapshot},
    {.body = BODY(SCAN_DOSSIERS), /* the dossiers behind a cell; for reporting */
     .name = "ScanDossiers",
     .roles = READERS,
     .wait = serve_wait_committed,
     .reached = serve_committed,
     .lane = ENDPOINT_LONG,
     .handle = serve_dossiers},
    {.body = BODY(SCAN_QUALITY), /* orphans, conflicts, ignored events; for reporting */
     .name = "ScanQuality",
     .roles = READERS,
     .wait = serve_wait_committed,
     .reached = serve_committed,
     .lane = ENDPOINT_LONG,
     .handle = serve_quality},
    {.body = BODY(SCAN_OPEN), /* what is open, by unit and due day; for reporting */
     .name = "ScanOpen",
     .roles = READERS,
     .wait = serve_wait_committed,
     .reached = serve_committed,
     .lane = ENDPOINT_LONG,
     .handle = serve_open_dossiers},
    {.body = BODY(READ_DOSSIER), /* the life of one dossier; for reporting */
     .name = "ReadDossier",
     .roles = READERS,
     .wait = serve_wait_committed,
     .reached = serve_committed,
     .lane = ENDPOINT_LONG,
     .handle = serve_life},
    {.body = BODY(STATUS), /* positions and sizes */
     .name = "Status",
     .roles = READERS,
     .handle = endpoint_status},
    {.body = 0}};

#define OWN(member, kind) SETTING(struct aggregation_settings, member, kind)

static const struct setting settings[] = {
    SERVICE_SETTINGS,
    {SERVICE_SETTING(listen, ENDPOINT), "tcp://127.0.0.1:7303", 0, 0, "Where replicas ask."},
    {OWN(journal, ENDPOINTS), "tcp://127.0.0.1:7302", 0, 0, "Intake's journal endpoint."},
    {OWN(journal_key, PUBLIC_KEYS), NULL, 0, 0, "Intake's public key."},
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
        .check = aggregation_check,
        .request = &hoso__v1__ledger_request__descriptor,
        .reply = &hoso__v1__ledger_reply__descriptor,
        .metrics = aggregation_metrics,
        .metric_count = AGGREGATION_METRIC_COUNT,
        .observe = aggregation_observe};
    return service_run(argc, argv, &spec);
}
