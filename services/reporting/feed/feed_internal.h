/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the feed, for its own sources only.
 */
#ifndef HOSO_REPORTING_FEED_FEED_INTERNAL_H
#define HOSO_REPORTING_FEED_FEED_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/require.h"
#include "services/reporting/feed/feed.h"
#include "services/reporting/feed/outlet.h"

struct feed {
    struct feed_options options;
    struct totals_restricted restricted;
    int64_t interval_ms;
    pthread_t thread;
    atomic_bool stopping; /* feed_close was called */
    pthread_mutex_t lock;
    struct outlet outlets[TOTALS_FEEDS]; /* their places under lock */
    struct totals *totals;               /* under lock; NULL = not ready yet */
    struct feed_counts counts;           /* under lock */
    uint64_t revocations;                /* of the registry, when all were checked */
    bool recheck;                        /* rights may have changed in another way */
    bool replica_applied;                /* since the last tick */
    bool renew;                          /* the totals cannot be trusted */
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
