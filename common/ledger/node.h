/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the ledger: keys of nodes and the sparse lists in them. docs/ledger-format.md has the
 * layout.
 *
 * An entry's code is index << 10 | slot << 6 | measure, where the index is a year since 1970, a
 * month 1–12 or a day 1–31.
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
    LEDGER_FAMILY_CELL = 3,
    CODE_INDEX_SHIFT = 10,
    CODE_SLOT_SHIFT = 6,
    CODE_MEASURE_MASK = 63,
    CELL_PREFIX_MAX = 1 + 3 * (EVENT_CODE_MAX + 1), /* family, three texts, each closed by 0 */
    NODE_KEY_MAX = CELL_PREFIX_MAX + 3
};

struct node_entry {
    uint32_t code;
    int64_t amount;
};

/* Where a day lies in the nodes of one level: which node, and the index inside it. */
struct node_place {
    uint16_t node; /* 0; the year; year × 12 + month − 1 */
    uint16_t index;
};
struct node_place node_place(enum node_level level, struct date date);

/* The key's first part, shared by a cell's nodes; returns its size. */
size_t cell_prefix(const struct ledger_cell *cell, uint8_t ret_prefix[CELL_PREFIX_MAX]);
/* Splits a cell key; false if it is not one. `ret_prefix_size` leads up to the level. */
bool cell_parse(struct slice key, struct ledger_cell *ret_cell, size_t *ret_prefix_size);
/* Completes prefix (room for NODE_KEY_MAX) to a node's key. */
struct slice node_key(uint8_t *prefix, size_t prefix_size, enum node_level level, uint16_t node);

/* Takes the next entry of a stored node; false at its end. A damaged node fails the reader. `code`
 * carries on from call to call and starts at 0. */
bool ledger_entry_next(struct reader *reader, uint32_t *code, int64_t *ret_amount);

/* Merges stored bytes with sorted changes into `merged` (cleared first); zero sums vanish. False if
 * damaged. */
bool node_merge(struct slice stored, const struct node_entry *changes, size_t count,
                struct buffer *merged);

#endif
