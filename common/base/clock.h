/* SPDX-License-Identifier: Apache-2.0
 *
 * The two clocks, in milliseconds unless the name has another unit. Local days and instants of
 * events are in localday.h.
 */
#ifndef HOSO_BASE_CLOCK_H
#define HOSO_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_read_ms(clockid_t clock)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(clock, &now); /* cannot fail: both clocks exist */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Only moves forward: for deadlines. */
static inline int64_t clock_ms(void)
{
    return clock_read_ms(CLOCK_MONOTONIC);
}

/* The same in microseconds: for measuring. */
static inline uint64_t clock_us(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Unix time, by the machine's clock. */
static inline int64_t clock_unix_ms(void)
{
    return clock_read_ms(CLOCK_REALTIME);
}

#endif
