/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger: a calendar tree of additive counters in one table of a store (counting rules §4,
 * docs/ledger-format.md).
 *
 * A cell is (unit, field, procedure), or the unit's ALL cell that sums them. An ALL cell has three
 * kinds of nodes: years (one record), the months of a year, the days of a month; a node is a sorted
 * sparse list of (index, slot, measure) → amount. So the sum of all amounts before a day reads
 * three records, whatever came before. The procedures of a field share their nodes: one for each
 * year and quarter, with its sum, and one for each month, with its sum and its days; so what a
 * batch brings to a field is written into few records, none of which grows with the years. An
 * amount of zero and an empty node are not stored: the ledger depends only on the set of events,
 * and on what of it was journaled before each close.
 */
#ifndef HOSO_LEDGER_LEDGER_H
#define HOSO_LEDGER_LEDGER_H

#include <assert.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"
#include "ledger/measure.h"
#include "store/store.h"

/* What one dossier adds to one measure on one local day. */
struct amount {
    struct slice unit;
    struct slice field;     /* empty before reception and for petitions */
    struct slice procedure; /* empty for petitions */
    int32_t day;
    int32_t delta;
    uint8_t slot;
    uint8_t measure;
    bool turns; /* no event makes it, but the calendar: what was in time is overdue */
};

struct ledger_cell {
    struct slice unit;
    struct slice field;
    struct slice procedure;
    bool all;       /* the unit's ALL cell: field and procedure are empty */
    uint32_t layer; /* what came after a close: its number (closes.h); 0 = what it did not cover */
};

/* The ledger as a transaction sees it: all of it, or as it was closed. */
struct ledger_view {
    struct store_txn *txn;
    unsigned table;
    uint32_t below; /* layers that count: the numbers under this one */
    bool layered;   /* there may be others than layer 0 */
    int first_year; /* of a field's amounts */
};
/* As it is now. */
struct ledger_view ledger_now(struct store_txn *txn, unsigned table);
/* As it was when the close with this number was journaled, for what that covers. */
struct ledger_view ledger_closed(struct store_txn *txn, unsigned table, uint32_t number);

/* The amounts before `from` and before `to`: stocks at both ends, flows by difference. Most cells
 * have few of the measures, and work is done for these alone: what is not in `measures` is zero. */
struct figures {
    uint64_t measures; /* bit set */
    int64_t from[MEASURE_COUNT][SLOT_COUNT];
    int64_t to[MEASURE_COUNT][SLOT_COUNT];
};
static_assert(MEASURE_COUNT <= 64, "struct figures has a bit for each measure");

void figures_add(struct figures *sum, const struct figures *addend);
void figures_clear(struct figures *figures);
/* Sum over a set of slots. */
int64_t figures_value(const struct figures *figures, enum measure measure, enum side side,
                      uint32_t slots);
/* For loops over the measures that the figures have: the first one from `measure` on, or
 * MEASURE_COUNT. */
static inline unsigned figures_next(const struct figures *figures, unsigned measure)
{
    while (measure < MEASURE_COUNT && (figures->measures >> measure & 1U) == 0) {
        measure++;
    }
    return measure;
}

/* Adds the cell's amounts to `sum`; [from_day, to_day). Failures stick to txn. */
void ledger_read(const struct ledger_view *view, const struct ledger_cell *cell, int32_t from_day,
                 int32_t to_day, struct figures *sum);

/* Calls `visit` for every (field, procedure) cell of a unit in key order with its figures; slices
 * live for the call. */
typedef void ledger_visit(void *context, const struct ledger_cell *cell,
                          const struct figures *figures);
void ledger_scan_unit(const struct ledger_view *view, struct slice unit, int32_t from_day,
                      int32_t to_day, ledger_visit *visit, void *context);

/* Collects amounts of a batch, then writes each touched node once, in key order. */
struct ledger_batch;
struct ledger_closes;
enum status ledger_batch_new(size_t limit_bytes, struct ledger_batch **ret_batch) MUST_USE;
void ledger_batch_free(struct ledger_batch *batch);
/* Amounts are put into the layers of these closes, which stay the caller's; NULL = layer 0. */
void ledger_batch_close(struct ledger_batch *batch, const struct ledger_closes *closes);
void ledger_batch_clear(struct ledger_batch *batch);
/* sign = +1 or −1. TOO_LARGE = flush first. */
enum status ledger_batch_add(struct ledger_batch *batch, const struct amount *amount,
                             int sign) MUST_USE;
/* Writes; `changed` is called for every record that changed with its new value (empty = deleted),
 * in key order. */
typedef void ledger_changed(void *context, struct slice key, struct slice value);
void ledger_batch_write(struct ledger_batch *batch, struct store_txn *txn, unsigned table,
                        ledger_changed *changed, void *context);

/* Keys of the replicated key space besides cells: the catalogue. */
struct slice ledger_catalogue_key(void);

#endif
