/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the feed, for its own sources only.
 */
#ifndef HOSO_REPORTING_FEED_FEED_INTERNAL_H
#define HOSO_REPORTING_FEED_FEED_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/reminder.h"
#include "base/require.h"
#include "services/reporting/feed/feed.h"
#include "services/reporting/feed/outlet.h"

/* What the next tick is for. */
enum feed_work {
    FEED_QUIET,   /* nothing, before midnight */
    FEED_CHANGED, /* the replica has applied something: read what changed, begin a round */
    FEED_SENDING, /* the round is not sent completely: go on, read nothing anew before its end */
    FEED_LEAVING, /* so is the list of units that are gone; `next` waits for its end */
    FEED_RENEW    /* the totals cannot be trusted: read all of them */
};

struct feed {
    struct feed_options options;
    struct totals_restricted restricted;
    int64_t interval_ms;
    pthread_t thread;
    atomic_bool stopping; /* feed_close was called */
    pthread_mutex_t lock;
    struct outlet outlets[TOTALS_FEEDS]; /* their places under lock */
    struct totals *totals;               /* under lock; NULL = not ready yet */
    struct totals *next;                 /* under lock; takes the place of `totals` */
    Hoso__V1__ResetReason reason; /* why `next` begins a new feed; UNSPECIFIED = it does not */
    uint32_t leaving; /* totals->nodes[0 … leaving) are still to be looked for in `next` */
    uint32_t room;    /* messages that may still be sent in this tick */
    struct feed_counts counts; /* under lock */
    uint64_t revocations;      /* of the registry, when all were checked */
    bool recheck;              /* rights may have changed in another way */
    enum feed_work work;
    uint32_t round_count;           /* units of the round: totals->dirty[0 … round_count) */
    struct reminder failed, closed; /* of the log */
    int64_t ticked_ms;
    int64_t beat_ms; /* of the next one */
};

static inline void feed_lock(struct feed *feed)
{
    require(pthread_mutex_lock(&feed->lock) == 0);
}

static inline void feed_unlock(struct feed *feed)
{
    require(pthread_mutex_unlock(&feed->lock) == 0);
}

void *feed_run(void *feed); /* the thread's body */

#endif
