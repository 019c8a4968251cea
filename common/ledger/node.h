/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the ledger: keys of nodes, and the sparse lists in them. docs/ledger-format.md has the
 * layout.
 *
 * A node holds a list for each procedure of its field, in their order; the ALL cell's holds one.
 * An entry's code is index << 10 | slot << 6 | measure.
 */
#ifndef HOSO_LEDGER_NODE_H
#define HOSO_LEDGER_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/localday.h"
#include "ledger/ledger.h"

enum node_level { LEDGER_YEARS = 1, LEDGER_MONTHS = 2, LEDGER_DAYS = 3, LEDGER_LEVELS = 3 };

enum {
    LEDGER_FAMILY_CATALOGUE = 1,
    LEDGER_FAMILY_ALL = 2,
    LEDGER_FAMILY_FIELD = 3,
    LEDGER_FAMILY_CLOSE = 4,            /* closes.h */
    LEDGER_FAMILY_CLOSED_CATALOGUE = 5, /* likewise */
    CODE_BITS = 22,
    CODE_INDEX_SHIFT = 10,
    CODE_SLOT_SHIFT = 6,
    CODE_MEASURE_MASK = 63,
    LAYER_SIZE = 4,
    /* family, unit and field, each closed by 0, layer */
    NODE_NAME_MAX = 1 + 2 * (EVENT_CODE_MAX + 1) + LAYER_SIZE,
    NODE_KEY_MAX = NODE_NAME_MAX + 3
};

struct node_entry {
    uint64_t code;
    int64_t amount;
};

/* Where a day lies in the nodes of one level: which node, and the index inside it. A unit's ALL
 * cell is dense and is read by every report: the years, the months of a year, the days of a month.
 * A field's nodes are many and are written with every event: the sum of a year, the sum of a
 * quarter, and the days of a month behind the month's sum. */
struct node_place {
    uint16_t node; /* ALL: 0; the year; else the year; year × 4 + quarter; year × 12 + month − 1 */
    uint16_t index; /* ALL: the year since 1970; the month; else LEDGER_SUM; the day */
};
enum { LEDGER_SUM = 0 }; /* the index of a field's sums */
struct node_place node_place(bool all, enum node_level level, struct date date);

/* The name that all nodes of a cell share: its family, unit and field, each closed by 0, and its
 * layer, big-endian, unless that is 0; returns the size. The procedure is not in it. Names sort by
 * unit, and the layers of a name are neighbours. */
size_t node_name(const struct ledger_cell *cell, uint8_t ret_name[NODE_NAME_MAX]);
/* A node's key: family, level, node, and the rest of the name. Time stands before the name, so that
 * what is written together lies together, and what a report reads of one moment too. */
struct slice node_key(struct slice name, enum node_level level, uint16_t node,
                      uint8_t buffer[NODE_KEY_MAX]);
/* The cell that a node's key names, without a procedure; false if it is not one. */
bool node_key_parse(struct slice key, struct ledger_cell *ret_cell);

/* Takes the next procedure of a stored node, and its list; false at the end. A damaged node fails
 * the reader. */
static inline bool node_list_next(struct reader *reader, struct slice *ret_procedure,
                                  struct slice *ret_list)
{
    if (reader->at == reader->end) {
        return false;
    }
    *ret_procedure = reader_text(reader);
    *ret_list = reader_text(reader);
    return !reader->failed;
}

/* Takes the next entry of a list; false at its end. A damaged list fails the reader. `code`
 * carries on from call to call and starts at 0. */
static inline bool node_entry_next(struct reader *reader, uint32_t *code, int64_t *ret_amount)
{
    const uint8_t *at = reader->at;
    const size_t left = (size_t)(reader->end - at);
    uint64_t next = *code;
    if (left == 0) {
        return false;
    }
    if (left >= 2 && (at[0] | at[1]) < 0x80) { /* a byte each, or two and one: most entries */
        next += at[0];
        *ret_amount = (int64_t)(at[1] >> 1) ^ -(int64_t)(at[1] & 1);
        reader->at = at + 2;
    } else if (left >= 3 && at[0] >= 0x80 && (at[1] | at[2]) < 0x80 && at[1] != 0) {
        next += (uint64_t)(at[0] & 0x7F) | (uint64_t)at[1] << 7;
        *ret_amount = (int64_t)(at[2] >> 1) ^ -(int64_t)(at[2] & 1);
        reader->at = at + 3;
    } else {
        next += reader_varint(reader);
        *ret_amount = reader_signed(reader);
    }
    if (next >= UINT64_C(1) << CODE_BITS || (next & CODE_MEASURE_MASK) >= MEASURE_COUNT) {
        reader->failed = true;
    }
    *code = (uint32_t)next;
    return !reader->failed;
}

/* Merges a stored list with sorted changes into `merged` (cleared first); zero sums vanish. False =
 * damaged. */
bool node_merge(struct slice list, const struct node_entry *changes, size_t count,
                struct buffer *merged);

#endif
