/* SPDX-License-Identifier: Apache-2.0
 *
 * The client's algorithm of docs/feed.md, alone: it is given messages and snapshots, holds the
 * table, and says what it wants next. Pure: no sockets, no clock. One thread.
 *
 *     SUBSCRIPTIONS ─subscribe─▶ HEARTBEAT ─one comes─▶ SNAPSHOT ─snapshot─▶ MESSAGES
 *           ▲ the root left or moved    ▲ something is missing, another feed     │
 *           └───────────────────────────┴────────────────────────────────────────┘
 *
 * What arrives in between is buffered, at most FOLLOWER_BUFFER_BYTES: if more comes all of it is
 * dropped, which the chains and the heartbeat will show. What a round of messages says waits until
 * the root's heartbeat confirms it, so the table is always exact.
 */
#ifndef HOSO_CLIENT_WATCH_FOLLOWER_H
#define HOSO_CLIENT_WATCH_FOLLOWER_H

#include "base/arena.h"
#include "base/buffer.h"
#include "bus/feed.h"
#include "client/watch/totals_table.h"
#include "hoso/v1/reporting.pb-c.h"

enum {
    FOLLOWER_BUFFER_BYTES = 8 << 20,
    FOLLOWER_SUBSCRIPTIONS_MAX = 8,
    FOLLOWER_WHY_MAX = 127,
    FOLLOWER_PAUSE_MAX_MS = 1000 /* before a snapshot, from the second new beginning on */
};

enum follower_want {
    FOLLOWER_WANTS_SUBSCRIPTIONS, /* a snapshot, only to read what to subscribe to */
    FOLLOWER_WANTS_HEARTBEAT,     /* messages: the subscriptions may not be in force yet */
    FOLLOWER_WANTS_SNAPSHOT,
    FOLLOWER_WANTS_MESSAGES /* the table is in step */
};

enum follower_reason {
    FOLLOWER_STARTED,
    FOLLOWER_FEED,       /* another feed */
    FOLLOWER_CHAIN,      /* a topic's chain has a gap */
    FOLLOWER_COUNT,      /* the heartbeat counts more, or less */
    FOLLOWER_UNREADABLE, /* not a message of the feed */
    FOLLOWER_ROOT        /* the root left, or moved */
};

enum follower_event {
    FOLLOWER_NOTHING,
    FOLLOWER_HEARD,     /* a heartbeat while it waits for something */
    FOLLOWER_CONFIRMED, /* a heartbeat of the root: the table is that of `cut` and `day` */
    FOLLOWER_BEGINS_ANEW
};

struct follower {
    char *root; /* "" = the whole feed */
    struct totals_table table;
    enum follower_want want;
    char subscriptions[FOLLOWER_SUBSCRIPTIONS_MAX][BUS_TOPIC_MAX + 1]; /* the heartbeat last */
    unsigned subscription_count;
    uint64_t feed;
    uint64_t sequence; /* of the snapshot */
    uint64_t base;     /* messages before it */
    uint64_t count;    /* messages taken since */
    struct hoso_cut cut;
    char day[11]; /* "" = no table yet */
    uint64_t snapshots;
    uint64_t resyncs;
    enum follower_reason reason; /* why it began anew the last time, and as a sentence */
    char why[FOLLOWER_WHY_MAX + 1];
    struct buffer buffer; /* topic and payload of each message that waits for the snapshot */
    struct arena arena;   /* of one message */
};

/* NULL = out of memory. */
struct follower *follower_new(const char *root);
void follower_free(struct follower *follower); /* NULL-safe */

/* An answer to the question for a snapshot, as wanted. INVALID = it is none; TOO_LARGE = out of
 * memory, more units or measures than fit: such a follower is of no more use. */
enum status follower_subscribe(struct follower *follower,
                               const Hoso__V1__TotalsSnapshotReply *reply) MUST_USE;
enum status follower_snapshot(struct follower *follower,
                              const Hoso__V1__TotalsSnapshotReply *reply) MUST_USE;

/* A message that arrived; ask the table's status afterwards. */
enum follower_event follower_message(struct follower *follower, const char *topic,
                                     struct slice payload);

/* How long to wait before the snapshot is asked for, so that not all clients do it at once. */
unsigned follower_pause_ms(const struct follower *follower, uint32_t random);

#endif
