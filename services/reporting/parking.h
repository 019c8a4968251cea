/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that wait for a position of the replica. Bounded; one thread.
 */
#ifndef HOSO_REPORTING_PARKING_H
#define HOSO_REPORTING_PARKING_H

#include "services/reporting/answers/request.h"

enum { PARKED_MAX = 256 };

struct parked {
    struct envelope from;
    uint64_t min_position;
    int64_t deadline_ms;
    size_t size;
    uint8_t payload[]; /* the request as it came, handled again from the start */
};

struct parking {
    struct parked *items[PARKED_MAX];
    unsigned count;
};

/* BUSY = full. */
enum status parking_add(struct parking *parking, const struct envelope *from, struct slice payload,
                        uint64_t min_position, int64_t deadline_ms) MUST_USE;
/* Takes out one request that is due: its position is reached or its time is up. NULL = none. free()
 * it. */
struct parked *parking_take(struct parking *parking, bool ready, uint64_t position, int64_t now_ms);
/* The least position that one waits for, UINT64_MAX = none. */
uint64_t parking_position(const struct parking *parking);
int64_t parking_deadline(const struct parking *parking); /* the next one, INT64_MAX = none */
void parking_fini(struct parking *parking);

#endif
