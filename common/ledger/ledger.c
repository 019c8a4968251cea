/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the ledger: a boundary's prefix sum is the earlier years, the earlier months of its year
 * and the earlier days of its month. Both boundaries of a period are read together, since they
 * often share nodes.
 */
#include "ledger/ledger.h"

#include "ledger/node.h"

static const uint8_t catalogue_key[] = {LEDGER_FAMILY_CATALOGUE};

struct slice ledger_catalogue_key(void)
{
    return slice_of(catalogue_key, sizeof catalogue_key);
}

int64_t figures_value(const struct figures *figures, enum measure measure, enum side side,
                      uint32_t slots)
{
    const int64_t *from = figures->from[measure];
    const int64_t *to = figures->to[measure];
    int64_t open = 0;
    int64_t close = 0;
    for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
        if ((slots >> slot & 1U) != 0) {
            open += from[slot];
            close += to[slot];
        }
    }
    return side == SIDE_OPEN ? open : side == SIDE_CLOSE ? close : close - open;
}

void figures_add(struct figures *sum, const struct figures *addend)
{
    int64_t *to = &sum->from[0][0];
    const int64_t *from = &addend->from[0][0];
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++) {
        to[i] += from[i];
    }
}

/* Adds a node's entries before each of two indexes; an index of 0 takes nothing. */
static bool add_node(struct slice node, uint32_t before_from, uint32_t before_to,
                     struct figures *sum)
{
    struct reader reader = reader_of(node);
    const uint32_t from_code = before_from << CODE_INDEX_SHIFT;
    const uint32_t to_code = before_to << CODE_INDEX_SHIFT;
    uint32_t code = 0;
    int64_t amount = 0;
    while (ledger_entry_next(&reader, &code, &amount)) {
        const unsigned measure = code & CODE_MEASURE_MASK;
        const unsigned slot = code >> CODE_SLOT_SHIFT & (SLOT_COUNT - 1U);
        if (code < from_code) {
            sum->from[measure][slot] += amount;
        }
        if (code < to_code) {
            sum->to[measure][slot] += amount;
        } else if (code >= from_code) {
            break;
        }
    }
    return !reader.failed;
}

static void read_node(struct store_txn *txn, unsigned table, struct slice key, uint32_t before_from,
                      uint32_t before_to, struct figures *sum)
{
    struct slice node;
    if (store_get(txn, table, key, &node) && !add_node(node, before_from, before_to, sum)) {
        txn->status = STATUS_CORRUPT;
    }
}

static void read_cell(struct store_txn *txn, unsigned table, uint8_t *prefix, size_t prefix_size,
                      int32_t from_day, int32_t to_day, struct figures *sum)
{
    const struct date from_date = localday_date(from_day);
    const struct date to_date = localday_date(to_day);
    for (enum node_level level = LEDGER_YEARS; level <= LEDGER_DAYS; level++) {
        const struct node_place from = node_place(level, from_date);
        const struct node_place to = node_place(level, to_date);
        const bool same = from.node == to.node;
        read_node(txn, table, node_key(prefix, prefix_size, level, from.node), from.index,
                  same ? to.index : 0, sum);
        if (!same) {
            read_node(txn, table, node_key(prefix, prefix_size, level, to.node), 0, to.index, sum);
        }
    }
}

void ledger_read(struct store_txn *txn, unsigned table, const struct ledger_cell *cell,
                 int32_t from_day, int32_t to_day, struct figures *sum)
{
    uint8_t prefix[NODE_KEY_MAX];
    const size_t size = cell_prefix(cell, prefix);
    read_cell(txn, table, prefix, size, from_day, to_day, sum);
}

static bool starts_with(struct slice key, const uint8_t *prefix, size_t size)
{
    return key.size >= size && memcmp(key.data, prefix, size) == 0;
}

void ledger_scan_unit(struct store_txn *txn, unsigned table, struct slice unit, int32_t from_day,
                      int32_t to_day, ledger_visit *visit, void *context)
{
    uint8_t prefix[NODE_KEY_MAX];
    const struct ledger_cell first = {.unit = unit};
    const size_t unit_size =
        cell_prefix(&first, prefix) - 2; /* without the empty field and procedure */
    uint8_t at[NODE_KEY_MAX];
    memcpy(at, prefix, unit_size);
    size_t at_size = unit_size;

    struct store_cursor cursor;
    store_cursor_open(txn, table, &cursor);
    struct slice key;
    struct slice value;
    while (store_cursor_seek(&cursor, slice_of(at, at_size), &key, &value) &&
           starts_with(key, prefix, unit_size)) {
        struct ledger_cell cell;
        if (!cell_parse(key, &cell, &at_size)) {
            txn->status = STATUS_CORRUPT;
            break;
        }
        struct figures figures = {0};
        memcpy(at, key.data, at_size);
        read_cell(txn, table, at, at_size, from_day, to_day, &figures);
        visit(context, &cell, &figures);
        at[at_size++] = UINT8_MAX; /* past the cell's last node */
    }
    store_cursor_close(&cursor);
}

bool ledger_has_unit(struct store_txn *txn, unsigned table, struct slice unit)
{
    uint8_t prefix[NODE_KEY_MAX];
    const struct ledger_cell cell = {.unit = unit, .all = true};
    const size_t size = cell_prefix(&cell, prefix);
    struct slice value;
    return store_get(txn, table, node_key(prefix, size, LEDGER_YEARS, 0), &value);
}
