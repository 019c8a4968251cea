/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures, and reading one cell; scan.c reads all services of a unit.
 */
#include "ledger/ledger.h"

#include <limits.h>

#include "ledger/closes.h"
#include "ledger/need.h"

static const uint8_t catalogue_key[] = {LEDGER_FAMILY_CATALOGUE};

struct slice ledger_catalogue_key(void)
{
    return slice_of(catalogue_key, sizeof catalogue_key);
}

static int64_t add_slots(const int64_t amounts[SLOT_COUNT], uint32_t slots)
{
    int64_t sum = 0;
    if (slots == SLOTS_ALL) { /* most often; the compiler adds several at a time */
        for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
            sum += amounts[slot];
        }
        return sum;
    }
    for (; slots != 0; slots >>= 1, amounts++) {
        sum += (slots & 1U) != 0 ? *amounts : 0;
    }
    return sum;
}

int64_t figures_value(const struct figures *figures, enum measure measure, enum side side,
                      uint32_t slots)
{
    if ((figures->measures >> measure & 1U) == 0) {
        return 0;
    }
    const int64_t open = side != SIDE_CLOSE ? add_slots(figures->from[measure], slots) : 0;
    const int64_t close = side != SIDE_OPEN ? add_slots(figures->to[measure], slots) : 0;
    return side == SIDE_OPEN ? open : close - open;
}

void figures_add(struct figures *sum, const struct figures *addend)
{
    for (unsigned measure = figures_next(addend, 0); measure < MEASURE_COUNT;
         measure = figures_next(addend, measure + 1)) {
        for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
            sum->from[measure][slot] += addend->from[measure][slot];
            sum->to[measure][slot] += addend->to[measure][slot];
        }
    }
    sum->measures |= addend->measures;
}

void figures_clear(struct figures *figures)
{
    for (unsigned measure = figures_next(figures, 0); measure < MEASURE_COUNT;
         measure = figures_next(figures, measure + 1)) {
        for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
            figures->from[measure][slot] = 0;
            figures->to[measure][slot] = 0;
        }
    }
    figures->measures = 0;
}

/* The earliest year of which a field has a node; INT_MAX = there is none. */
static int find_first_year(struct store_txn *txn, unsigned table)
{
    static const uint8_t years[] = {LEDGER_FAMILY_FIELD, LEDGER_YEARS};
    struct store_cursor cursor;
    struct slice key;
    struct slice node;
    int year = INT_MAX;
    store_cursor_open(txn, table, &cursor);
    if (store_cursor_seek(&cursor, slice_of(years, sizeof years), &key, &node) &&
        key.size > sizeof years && memcmp(key.data, years, sizeof years) == 0) {
        struct reader rest = reader_of(slice_of(key.data + sizeof years, key.size - sizeof years));
        year = reader_u16(&rest);
    }
    store_cursor_close(&cursor);
    return year;
}

struct ledger_view ledger_now(struct store_txn *txn, unsigned table)
{
    return (struct ledger_view){txn, table, UINT32_MAX, ledger_has_closes(txn, table),
                                find_first_year(txn, table)};
}

struct ledger_view ledger_closed(struct store_txn *txn, unsigned table, uint32_t number)
{
    return (struct ledger_view){txn, table, number, true, find_first_year(txn, table)};
}

/* The list of one procedure in a node. */
static void take_node(const struct ledger_view *view, struct slice node, struct slice procedure,
                      const struct need *need, struct figures *sum)
{
    struct reader lists = reader_of(node);
    struct slice found;
    struct slice list;
    while (node_list_next(&lists, &found, &list)) {
        if (slice_equal(found, procedure)) {
            store_fail(view->txn, need_add(need, list, sum) ? STATUS_OK : STATUS_CORRUPT);
            break;
        }
    }
    store_fail(view->txn, lists.failed ? STATUS_CORRUPT : STATUS_OK);
}

/* The layer of a record whose key is `base`'s or that of one of its layers; false = another's. */
static bool layer_of(struct slice key, struct slice base, uint32_t *ret_layer)
{
    if (key.size < base.size || memcmp(key.data, base.data, base.size) != 0) {
        return false;
    }
    struct reader rest = reader_of(slice_of(key.data + base.size, key.size - base.size));
    *ret_layer = key.size != base.size ? reader_u32(&rest) : 0;
    return reader_done(&rest);
}

/* A node with its layers, which are its neighbours. */
static void read_layers(const struct ledger_view *view, struct store_cursor *cursor,
                        struct slice base, struct slice procedure, const struct need *need,
                        struct figures *sum)
{
    struct slice key;
    struct slice node;
    uint32_t layer = 0;
    bool more = store_cursor_seek(cursor, base, &key, &node);
    while (more && layer_of(key, base, &layer) && layer < view->below) {
        take_node(view, node, procedure, need, sum);
        more = store_cursor_next(cursor, &key, &node);
    }
}

void ledger_read(const struct ledger_view *view, const struct ledger_cell *cell, int32_t from_day,
                 int32_t to_day, struct figures *sum)
{
    uint8_t name[NODE_NAME_MAX];
    uint8_t buffer[NODE_KEY_MAX];
    struct needs needs;
    struct store_cursor cursor = {.txn = view->txn};
    const size_t size = node_name(cell, name);
    needs_of_period(view, cell->all, from_day, to_day, &needs);
    if (view->layered) {
        store_cursor_open(view->txn, view->table, &cursor);
    }
    for (unsigned i = 0; i < needs.count; i++) {
        const struct need *need = &needs.needs[i];
        const struct slice key = node_key(slice_of(name, size), need->level, need->node, buffer);
        struct slice node;
        if (view->layered) {
            read_layers(view, &cursor, key, cell->procedure, need, sum);
        } else if (store_get(view->txn, view->table, key, &node)) {
            take_node(view, node, cell->procedure, need, sum);
        }
    }
    store_cursor_close(&cursor);
}
