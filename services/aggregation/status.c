/* SPDX-License-Identifier: Apache-2.0
 *
 * What aggregation says of itself.
 */
#include <stdatomic.h>

#include "services/aggregation/aggregation.h"

static enum status add_gauge(struct answer *answer, Hoso__V1__StatusReply *status, const char *name,
                             uint64_t value)
{
    Hoso__V1__Gauge *gauge = arena_alloc(answer->arena, sizeof *gauge);
    if (gauge == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__gauge__init(gauge);
    gauge->name = (char *)(uintptr_t)name;
    gauge->value = (int64_t)value;
    status->gauges[status->n_gauges++] = gauge;
    return STATUS_OK;
}

enum status answer_status(struct answer *answer)
{
    struct aggregation *owner = answer->aggregation;
    const struct aggregate_counts counts = aggregate_counts(owner->aggregate);
    const struct store_usage usage = store_usage(owner->store);
    const uint64_t position = aggregate_read_cut(answer->txn).position;
    const uint64_t end = atomic_load(&owner->journal_end);
    const struct {
        const char *name;
        uint64_t value;
    } gauges[] = {
        {"lag_events", end > position ? end - position : 0},
        {"applied_events", counts.events},
        {"duplicate_events", counts.duplicates},
        {"conflicting_events", counts.conflicts},
        {"batches", counts.batches},
        {"dossiers", store_count(answer->txn, TABLE_DOSSIERS)},
        {"ledger_records", store_count(answer->txn, TABLE_LEDGER)},
        {"findings", store_count(answer->txn, TABLE_FINDINGS)},
        {"map_bytes", usage.map_bytes},
        {"used_bytes", usage.used_bytes},
        {"free_disk_bytes", usage.free_disk_bytes},
    };
    const size_t count = sizeof gauges / sizeof gauges[0];
    Hoso__V1__StatusReply *reply = arena_alloc(answer->arena, sizeof *reply);
    if (reply == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__status_reply__init(reply);
    reply->service = (char *)(uintptr_t) "aggregation";
    reply->version = (char *)(uintptr_t)HOSO_VERSION;
    reply->gauges = arena_array(answer->arena, count, sizeof(Hoso__V1__Gauge *));
    enum status status =
        reply->gauges != NULL ? cut_message(answer, &reply->cut) : STATUS_TOO_LARGE;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = add_gauge(answer, reply, gauges[i].name, gauges[i].value);
    }
    answer->reply->body_case = HOSO__V1__LEDGER_REPLY__BODY_STATUS;
    answer->reply->status = reply;
    return status;
}
