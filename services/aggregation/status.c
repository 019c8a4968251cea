/* SPDX-License-Identifier: Apache-2.0
 *
 * What aggregation says of itself.
 */
#include <stdatomic.h>

#include "service/status_reply.h"
#include "services/aggregation/aggregation.h"

enum status answer_status(struct answer *answer)
{
    struct aggregation *owner = answer->aggregation;
    const struct aggregate_counts counts = aggregate_counts(owner->aggregate);
    const struct store_usage usage = store_usage(owner->store);
    const struct cut cut = aggregate_read_cut(answer->txn);
    const uint64_t end = atomic_load(&owner->journal_end);
    const struct gauge gauges[] = {
        {"lag_events", end > cut.position ? end - cut.position : 0},
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
    answer->reply->body_case = HOSO__V1__LEDGER_REPLY__BODY_STATUS;
    answer->reply->status = status_reply_new(owner->service, cut, gauges,
                                             sizeof gauges / sizeof gauges[0], answer->arena);
    return answer->reply->status != NULL ? STATUS_OK : STATUS_TOO_LARGE;
}
