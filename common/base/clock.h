/* SPDX-License-Identifier: Apache-2.0
 *
 * Time that only moves forward, for deadlines. Local days and instants of events are in localday.h.
 */
#ifndef HOSO_BASE_CLOCK_H
#define HOSO_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
