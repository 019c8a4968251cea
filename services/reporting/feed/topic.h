/* SPDX-License-Identifier: Apache-2.0
 *
 * Topics of the totals feed (docs/feed.md). A unit's path is the unit ids from the root down,
 * joined by "/": "H27/H27.45". One that would be over TOPIC_PATH_MAX, or holds an id with "/" or
 * "~" in it, is cut after a whole id and ends in "~" and 16 digits that stand for the whole path.
 */
#ifndef HOSO_REPORTING_FEED_TOPIC_H
#define HOSO_REPORTING_FEED_TOPIC_H

#include "bus/feed.h"

#define TOPIC_TOTALS "totals."
#define TOPIC_BEAT "beat."
#define TOPIC_FEED_BEAT "feed.beat."
#define TOPIC_FEED_RESET "feed.reset."

enum {
    TOPIC_PATH_MAX = 56,  /* BUS_TOPIC_MAX without "totals." and "." */
    TOPIC_HASH_SIZE = 17, /* "~" and 16 digits */
    TOPIC_HEAD_MAX = TOPIC_PATH_MAX - 1 - TOPIC_HASH_SIZE /* ids before "/~…" */
};

/* `units`: ids from the root down, at least one. */
void topic_path(const char *const *units, unsigned count, char ret_path[TOPIC_PATH_MAX + 1]);
/* "totals.H27." */
void topic_format(const char *kind, const char *path, char ret_topic[BUS_TOPIC_MAX + 1]);
/* The prefix that all topics below a unit begin with; others may, too. */
void topic_below(const char *const *units, unsigned count, char ret_prefix[BUS_TOPIC_MAX + 1]);

#endif
