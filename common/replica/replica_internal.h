/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the replica, for its own sources only.
 */
#ifndef HOSO_REPLICA_REPLICA_INTERNAL_H
#define HOSO_REPLICA_REPLICA_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/reminder.h"
#include "base/require.h"
#include "bus/exchange.h"
#include "replica/catalogue_cache.h"
#include "replica/copy.h"
#include "replica/replica.h"
#include "store/commit_pace.h"

/* A call that waits for the thread. */
struct visit {
    replica_reader *reader;
    void *context;
    enum status status;
    bool done;
};

struct replica {
    struct replica_options options;
    struct exchange *exchange;
    struct bus_wake wake; /* stop, a visit, a position wanted */
    pthread_t thread;
    atomic_bool stopping;
    struct copy copy;
    struct arena arena;
    int64_t asked_ms;
    int64_t next_ms; /* when to ask, if no question is under way */
    int64_t readers_checked_ms;
    struct commit_pace pace;
    struct reminder full;    /* of the news */
    struct reminder refused; /* likewise */
    enum { SOURCE_UNHEARD, SOURCE_ANSWERS, SOURCE_SILENT } source;
    bool failed;
    pthread_mutex_t lock;
    struct replica_status status; /* under lock */
    struct catalogue_cache catalogues;
    struct changed_units changed;
    _Atomic uint64_t wanted;
    pthread_mutex_t visiting;
    pthread_cond_t visited;
    struct visit *visit; /* under visiting; NULL = none waits */
    bool ended;          /* under visiting: the thread */
};

static inline bool replica_can_answer(const struct copy_state *state)
{
    return copy_is_ready(state) && !copy_has_other_days(state);
}

static inline void replica_report(struct replica *replica, enum replica_news news,
                                  const char *detail)
{
    replica->options.news(replica->options.context, news, detail);
}

/* In the replica's thread: carries out the visit that waits.
 */
void replica_receive_visit(struct replica *replica);
void replica_end_visits(struct replica *replica);

#endif
