/* SPDX-License-Identifier: Apache-2.0
 *
 * When a transaction that stays open over several batches is to be committed: when nothing came for
 * a moment, when a request waits for a position that is applied, and after a second at the latest.
 * For stores that can be made anew from the journal, so that nothing waits for their disk.
 */
#ifndef HOSO_STORE_COMMIT_PACE_H
#define HOSO_STORE_COMMIT_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum { COMMIT_QUIET_MS = 50, COMMIT_LATEST_MS = 1000 };

/* clock_ms() of the batches that are applied and not committed. */
struct commit_pace {
    int64_t first_ms;
    int64_t last_ms;
};

/* A batch was applied; `first` = to a new transaction. */
void commit_pace_applied(struct commit_pace *pace, bool first);
/* The clock_ms() to commit at: 0 = now, INT64_MAX = there is nothing to commit. `wanted` is the
 * position that a request waits for; one that is committed already, or not applied yet, makes no
 * difference. */
int64_t commit_pace_due_ms(const struct commit_pace *pace, uint64_t committed, uint64_t applied,
                           uint64_t wanted);

#endif
