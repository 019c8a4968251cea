/* SPDX-License-Identifier: Apache-2.0
 *
 * The totals of all units of one day's tree, each with its subtree rolled up, kept up to date by
 * the units that change: the cost of an update is that of the changed units times their depth.
 * Pure: numbers come through `totals_source`, the day is given. Nodes stand parents first.
 */
#ifndef HOSO_REPORTING_FEED_TOTALS_H
#define HOSO_REPORTING_FEED_TOTALS_H

#include "catalogue/scope.h"
#include "ledger/measure.h"
#include "services/reporting/feed/topic.h"

enum totals_span { TOTALS_TODAY, TOTALS_MONTH, TOTALS_YEAR, TOTALS_SPANS };
enum totals_feed { TOTALS_PUBLIC, TOTALS_RESTRICTED, TOTALS_FEEDS };
enum { TOTALS_RESTRICTED_MAX = 64 /* subtrees */ };

/* A flow of three periods that end with the day; a stock at the day's end is in TOTALS_TODAY. */
struct totals_values {
    int64_t at[MEASURE_COUNT][TOTALS_SPANS];
};

/* Where a unit's own values come from. */
struct totals_source {
    void *context;
    void (*read)(void *context, struct slice unit, int32_t day, struct totals_values *ret_values);
};

/* Unit subtrees that go out in the restricted feed alone, on whatever day a unit belonged there. */
struct totals_restricted {
    unsigned count;
    char units[TOTALS_RESTRICTED_MAX][CATALOGUE_ID_MAX + 1];
};

struct totals_node {
    char unit[CATALOGUE_ID_MAX + 1];
    char path[TOPIC_PATH_MAX + 1];
    uint32_t parent;               /* its own index for a root */
    uint32_t end;                  /* after the last node of its subtree */
    uint32_t unit_first, unit_end; /* whose values are its own: a range of totals.units */
    enum totals_feed feed;
    bool dirty;        /* differs from what was last taken */
    uint64_t sequence; /* of its topic's last message; the owner's business, kept by totals_adopt */
    uint64_t messages; /* of its subtree, in its feed; likewise */
    struct totals_values own;
    struct totals_values sum;
};

/* A unit and the node in which it is counted. */
struct totals_unit {
    char id[CATALOGUE_ID_MAX + 1];
    uint32_t node;
};

struct totals {
    int32_t day;
    uint32_t count;
    struct totals_node *nodes;
    uint32_t unit_count;
    struct totals_unit *units; /* in the order of their nodes */
    uint32_t *by_unit;         /* indices into units, sorted by id */
    uint32_t *dirty; /* indices, sorted once they are taken; those taken stay behind the count */
    uint32_t dirty_count;
    bool dirty_sorted;
};

/* Reads every unit that is counted in the day's tree (catalogue/scope.h). Nothing is dirty.
 * TOO_LARGE = out of memory. */
enum status totals_at(int32_t day, const struct catalogue *catalogue,
                      const struct totals_restricted *restricted,
                      const struct totals_source *source, struct totals **ret_totals) MUST_USE;
void totals_free(struct totals *totals); /* NULL-safe */

/* The node that a unit has of its own, or NULL. */
struct totals_node *totals_find(const struct totals *totals, struct slice unit);
/* Reads anew the node in which the unit is counted; it and what is above it become dirty where they
 * differ. A unit that is counted nowhere is passed over. */
void totals_update(struct totals *totals, const struct totals_source *source, struct slice unit);
/* The next dirty node, children before their parents, now clean; NULL = none left. */
struct totals_node *totals_take_dirty(struct totals *totals);

/* The node of `totals` with the same unit and topic, or NULL. */
struct totals_node *totals_same(const struct totals *totals, const struct totals_node *node);
/* `totals` continues `old`: takes sequences over, and what is new or differs becomes dirty. */
void totals_adopt(struct totals *totals, const struct totals *old);

/* Ids from the root down to the node. */
unsigned totals_path(const struct totals *totals, const struct totals_node *node,
                     const char *ret_units[CATALOGUE_DEPTH_MAX]);

#endif
