/* SPDX-License-Identifier: Apache-2.0
 *
 * The units a subscriber of the totals feed holds, by topic: each topic's chain, what is shown of
 * it, and what waits to be shown. Pure. Memory is bounded by the number of units, of which there
 * are at most TOTALS_UNITS_MAX. A failure (out of memory, over a limit, a broken message) sticks in
 * `status`.
 *
 *     put, forget ──▶ waiting ──commit──▶ shown, and listed as changed or gone until the next clear
 */
#ifndef HOSO_CLIENT_WATCH_TOTALS_TABLE_H
#define HOSO_CLIENT_WATCH_TOTALS_TABLE_H

#include <stdbool.h>

#include "base/status.h"
#include "client/hoso_watch.h"
#include "hoso/v1/totals.pb-c.h"

enum {
    TOTALS_UNITS_MAX = 65536,
    TOTALS_MEASURES_MAX = 256,
    TOTALS_PATH_MAX = 32,         /* units from the root down */
    TOTALS_MEASURE_NAME_MAX = 64, /* bytes */
};

struct totals_entry {
    uint64_t sequence;              /* of the topic's last message */
    struct hoso_unit_totals *unit;  /* shown; NULL = nothing */
    struct hoso_unit_totals *after; /* what is to be shown once `waiting` is committed */
    bool waiting;
    bool gone; /* the unit left: the topic's chain begins anew */
    bool kept; /* in the snapshot that is being taken in */
    bool listed;
    char topic[];
};

struct totals_list {
    void **items;
    size_t count, capacity;
};

/* False = out of memory. */
bool totals_list_append(struct totals_list *list, void *item);

struct totals_table {
    struct totals_list entries; /* by topic */
    struct totals_list order;   /* entries that are shown, in printing order */
    struct totals_list waiting; /* entries */
    struct totals_list changed; /* entries */
    struct totals_list gone;    /* units that are no longer shown */
    struct totals_list measures;
    enum status status;
};

void totals_table_init(struct totals_table *table);
void totals_table_fini(struct totals_table *table);

/* NULL = the topic is not known. */
struct totals_entry *totals_table_find(const struct totals_table *table, const char *topic);
/* A topic's message: these values wait for a commit; NULL = the unit leaves. */
void totals_table_put(struct totals_table *table, const char *topic, uint64_t sequence,
                      const Hoso__V1__UnitTotals *totals);

/* A snapshot: begin, put each of its units in order, end. What was waiting is dropped, topics that
 * are not in it are forgotten, and what it says is shown at once. */
void totals_table_begin(struct totals_table *table);
void totals_table_end(struct totals_table *table);

void totals_table_commit(struct totals_table *table);
void totals_table_drop_waiting(struct totals_table *table);
/* Forgets what is listed as changed and gone. */
void totals_table_clear(struct totals_table *table);

#endif
