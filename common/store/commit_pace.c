/* SPDX-License-Identifier: Apache-2.0
 *
 * See commit_pace.h.
 */
#include "store/commit_pace.h"

#include "base/clock.h"

void commit_pace_applied(struct commit_pace *pace, bool first)
{
    pace->last_ms = clock_ms();
    if (first) {
        pace->first_ms = pace->last_ms;
    }
}

int64_t commit_pace_due_ms(const struct commit_pace *pace, uint64_t committed, uint64_t applied,
                           uint64_t wanted)
{
    const int64_t quiet = pace->last_ms + COMMIT_QUIET_MS;
    const int64_t latest = pace->first_ms + COMMIT_LATEST_MS;
    if (applied == committed) {
        return INT64_MAX;
    }
    if (wanted > committed && wanted <= applied) {
        return 0;
    }
    return quiet < latest ? quiet : latest;
}
