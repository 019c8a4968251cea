/* SPDX-License-Identifier: Apache-2.0
 *
 * What Status tells, counted since the start by whichever thread it happens in.
 */
#ifndef HOSO_INTAKE_GAUGES_H
#define HOSO_INTAKE_GAUGES_H

#include <stdatomic.h>
#include <stdint.h>

/* X(name): the name is the gauge's name on the wire. */
#define GAUGE_LIST(X)                                                 \
    X(position)   /* of the last committed event or catalogue */      \
    X(sources)    /* that ever opened */                              \
    X(appended)   /* events */                                        \
    X(duplicates) /* Appends, and so on */                            \
    X(conflicts)                                                      \
    X(refused) /* INVALID, and errors */                              \
    X(busy)                                                           \
    X(full)                                                           \
    X(commits)                                                        \
    X(last_batch_events) /* journaled by the last commit */           \
    X(parked_readers)    /* of the feed, waiting for something new */ \
    X(unsent_answers)    /* whose caller was gone or did not read */

struct gauges {
#define GAUGE_MEMBER(name) _Atomic int64_t name;
    GAUGE_LIST(GAUGE_MEMBER)
#undef GAUGE_MEMBER
};

static inline void gauge_add(_Atomic int64_t *gauge, int64_t value)
{
    atomic_fetch_add_explicit(gauge, value, memory_order_relaxed);
}

static inline void gauge_set(_Atomic int64_t *gauge, int64_t value)
{
    atomic_store_explicit(gauge, value, memory_order_relaxed);
}

static inline int64_t gauge_get(_Atomic int64_t *gauge)
{
    return atomic_load_explicit(gauge, memory_order_relaxed);
}

#endif
