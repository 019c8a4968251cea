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
#include <stdlib.h>

#include "base/require.h"
#include "log/log.h"
#include "services/aggregation/aggregation.h"

static const struct setting settings[] = {
    SERVICE_SETTINGS,
    {"listen", SETTING_TEXT, "tcp://127.0.0.1:7303", 0, 0, "Where replicas ask."},
    {"journal", SETTING_TEXT, "tcp://127.0.0.1:7302", 0, 0, "Intake's journal endpoint."},
    {"journal_key", SETTING_TEXT, NULL, 0, 0, "Intake's public key (Z85)."},
    {"change_log_bytes", SETTING_NUMBER, "536870912", 1 << 12, INT64_C(1) << 40,
     "Changes kept for replicas; one that is further behind takes a snapshot."},
    {0},
};

static enum status start(struct service *service, struct error *error)
{
    struct aggregation *state = calloc(1, sizeof *state);
    require(state != NULL);
    service->state = state;
    state->service = service;
    const struct store_options options = {
        .path = config_text(service->config, "data"),
        .tables = aggregate_tables,
        .schema_version = AGGREGATE_SCHEMA,
        .map_bytes = (uint64_t)config_number(service->config, "map_bytes"),
        .any_filesystem = config_number(service->config, "any_filesystem") != 0,
    };
    enum status status = store_open(&options, &state->store, error);
    status = status == STATUS_OK ? aggregate_open(state->store, &state->aggregate, error) : status;
    status = status == STATUS_OK ? bus_wake_init(&state->committed) : status;
    if (status != STATUS_OK) {
        return status;
    }
    aggregate_limit_changes(state->aggregate,
                            (uint64_t)config_number(service->config, "change_log_bytes"));
    require(pthread_create(&state->server, NULL, serve, state) == 0);
    require(pthread_create(&state->follower, NULL, follow, state) == 0);
    return STATUS_OK;
}

static void stop(struct service *service)
{
    struct aggregation *state = service->state;
    (void)pthread_join(state->follower, NULL);
    (void)pthread_join(state->server, NULL);
    bus_wake_fini(&state->committed);
    aggregate_close(state->aggregate);
    store_close(state->store);
    free(state);
}

int main(int argc, char **argv)
{
    const struct service_spec spec = {
        .name = "aggregation",
        .summary = "folds the journal into the ledger and serves it to replicas",
        .settings = settings,
        .start = start,
        .stop = stop,
        .request = &hoso__v1__ledger_request__descriptor,
        .reply = &hoso__v1__ledger_reply__descriptor};
    return service_run(argc, argv, &spec);
}
