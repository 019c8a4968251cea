/* SPDX-License-Identifier: Apache-2.0
 *
 * A condition that lasts (a full disk, a peer that does not answer) is reported when it begins and
 * then once a minute, not at each attempt. A zeroed struct is ready.
 */
#ifndef HOSO_BASE_REMINDER_H
#define HOSO_BASE_REMINDER_H

#include <stdbool.h>
#include <stdint.h>

enum { REMINDER_EVERY_MS = 60000 };

struct reminder {
    int64_t next_ms; /* of clock_ms(); not before */
};

/* Shall the condition be reported now? Counts as reported if so. */
static inline bool reminder_due(struct reminder *reminder, int64_t now_ms)
{
    if (now_ms < reminder->next_ms) {
        return false;
    }
    reminder->next_ms = now_ms + REMINDER_EVERY_MS;
    return true;
}

/* The condition has ended. Returns whether it had been reported. */
static inline bool reminder_end(struct reminder *reminder)
{
    const bool reported = reminder->next_ms != 0;
    reminder->next_ms = 0;
    return reported;
}

#endif
