/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens the store and starts the two threads; joins and closes in the other order. A start that
 * fails leaves nothing open.
 */
#include "services/aggregation/aggregation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/require.h"
#include "log/log.h"
#include "service/derived_store.h"

/* Parts may be missing. */
static void close_parts(struct aggregation *state)
{
    endpoint_close(state->endpoint);
    aggregate_close(state->aggregate);
    store_close(state->store);
    bus_wake_fini(&state->commit_wanted);
    bus_wake_fini(&state->progress);
    free(state);
}

/* What another derivation counted was dropped: says so, and from where on answers are complete. */
static void note_recount(struct aggregation *state)
{
    char from[64];
    char to[64];
    struct derivation before;
    const struct derivation now = aggregate_derivation();
    const uint64_t complete_at = aggregate_recount_to(state->aggregate, &before);
    atomic_store(&state->complete_at, complete_at);
    atomic_store(&state->recounting, aggregate_cut(state->aggregate).position < complete_at);
    if (before.fold_version == 0) {
        return;
    }
    (void)snprintf(from, sizeof from, "fold %" PRIu32 ", UTC%+d min", before.fold_version,
                   (int)before.utc_offset_minutes);
    (void)snprintf(to, sizeof to, "fold %" PRIu32 ", UTC%+d min", now.fold_version,
                   (int)now.utc_offset_minutes);
    log_event(LOG_WARNING, "aggregation.recount",
              "the rules or the local time changed: the journal is counted anew; reporting answers "
              "from its copy until that is done",
              "from", from, "to", to, NULL);
}

static enum status open_store(struct aggregation *state, struct error *error)
{
    enum status status = service_open_derived(state->service, aggregate_tables, AGGREGATE_SCHEMA,
                                              &state->store, error);
    if (status == STATUS_OK) {
        status = aggregate_open(state->store, &state->aggregate, error);
    }
    if (status == STATUS_OK) {
        note_recount(state);
    }
    return status;
}

static enum status open_parts(struct aggregation *state, struct error *error)
{
    const struct aggregation_settings *settings = state->service->settings;
    enum status status = bus_wake_init(&state->progress);
    if (status == STATUS_OK) {
        status = bus_wake_init(&state->commit_wanted);
    }
    if (status != STATUS_OK) {
        return error_set(error, status, "no file descriptor is left for a wake-up");
    }
    status = open_store(state, error);
    if (status != STATUS_OK) {
        return status;
    }
    aggregate_limit_changes(state->aggregate, (uint64_t)settings->change_log_bytes);
    return serve_open(state, error);
}

enum status aggregation_check(const void *settings, struct error *error)
{
    return service_check_derived(settings, aggregate_tables, AGGREGATE_SCHEMA, error);
}

enum status aggregation_start(struct service *service, struct error *error)
{
    struct aggregation *state = calloc(1, sizeof *state);
    if (state == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "no memory for aggregation");
    }
    state->service = service;
    state->progress.fd = -1;
    state->commit_wanted.fd = -1;
    enum status status = open_parts(state, error);
    if (status == STATUS_OK) {
        service->state = state;
        status = endpoint_start(state->endpoint, error);
    }
    if (status != STATUS_OK) {
        service_fail(service); /* what runs sees the stop */
        endpoint_join(state->endpoint);
        close_parts(state);
        return status;
    }
    require(pthread_create(&state->reader, NULL, aggregation_reader_main, state) == 0);
    return STATUS_OK;
}

void aggregation_stop(struct service *service)
{
    struct aggregation *state = service->state;
    (void)pthread_join(state->reader, NULL);
    endpoint_join(state->endpoint);
    close_parts(state);
}
