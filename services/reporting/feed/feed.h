/* SPDX-License-Identifier: Apache-2.0
 *
 * The thread behind the live totals (docs/feed.md): keeps the totals up to date with the replica,
 * sends what changed, beats once a second. Two feeds, public and restricted, each on an endpoint of
 * its own with its own sequence; a unit belongs to one of them. Bounded: a subscriber's queue, the
 * number of subscriptions, the units recomputed one by one.
 */
#ifndef HOSO_REPORTING_FEED_FEED_H
#define HOSO_REPORTING_FEED_FEED_H

#include "bus/feed.h"
#include "replica/replica.h"
#include "services/reporting/feed/totals_message.h"
#include "services/reporting/settings.h"

enum {
    FEED_BEAT_MS = 1000,
    FEED_ROUND_MESSAGES =
        BUS_FEED_QUEUE / 2, /* of one tick: what a subscriber's queue has room for */
    FEED_SUBSCRIPTIONS_MAX =
        65536 /* topics of one endpoint; beyond it all subscribers start over */
};

struct feed_options {
    struct service *service; /* service_guard() is the feed's until feed_close */
    const struct reporting_settings *settings;
    struct replica *replica;
    struct bus_wake *applied;             /* signalled when the replica has applied something */
    int64_t (*now_ms)(const void *clock); /* unix time, from which "today" comes */
    const void *clock;
};

struct feed;

/* `*ret_feed` stays NULL if the settings name no endpoint. */
enum status feed_open(const struct feed_options *options, struct feed **ret_feed,
                      struct error *error) MUST_USE;
/* Ends and joins the thread. NULL-safe. */
void feed_close(struct feed *feed);

/* May the owner of a key follow the feed: the public one every role, or where totals follow rights
 * those who see all units and the gateway; the restricted one who has the right to all its units.
 * Any thread. */
bool feed_may_enter(struct feed *feed, enum totals_feed which, const char *name);
/* Likewise ask for a snapshot; where totals follow rights of a unit that the asker may see, too. */
bool feed_may_ask(struct feed *feed, enum totals_feed which, const char *name, struct slice unit);

/* UNAVAILABLE = no totals yet, or other ones in a moment, once it is said which units are gone;
 * INVALID = no such feed; NOT_FOUND = no such unit in it; TOO_LARGE = arena.
 * Empty unit = the whole feed. Any thread. */
enum status feed_snapshot(struct feed *feed, enum totals_feed which, struct slice unit,
                          struct arena *arena, Hoso__V1__TotalsSnapshotReply **ret_reply) MUST_USE;

struct feed_counts {
    uint64_t messages; /* of both feeds, since start */
    uint64_t resets;
    uint64_t subscriptions; /* topics now */
    uint64_t units;
};
struct feed_counts feed_counts(struct feed *feed);

#endif
