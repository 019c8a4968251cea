/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the ledger: a boundary's prefix sum is the earlier years, the earlier months of its year
 * and the earlier days of its month. Both boundaries of a period are read together, since they
 * often share nodes.
 */
#include "ledger/ledger.h"

#include "ledger/closes.h"
#include "ledger/node.h"

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

/* Adds a node's entries before each of two indexes; an index of 0 takes nothing. */
static bool add_node(struct slice node, uint32_t before_from, uint32_t before_to,
                     struct figures *sum)
{
    struct reader reader = reader_of(node);
    const uint32_t from_code = before_from << CODE_INDEX_SHIFT;
    const uint32_t to_code = before_to << CODE_INDEX_SHIFT;
    uint64_t measures = 0;
    uint32_t code = 0;
    int64_t amount = 0;
    while (node_entry_next(&reader, &code, &amount)) {
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
        measures |= UINT64_C(1) << measure;
    }
    sum->measures |= measures;
    return !reader.failed;
}

/* A node that a boundary needs, and the entries of it that lie before each end of the period. */
struct need {
    enum node_level level;
    uint16_t node;
    uint32_t before_from;
    uint32_t before_to;
};

enum { NEEDS_MAX = 2 * LEDGER_LEVELS };

/* Both ends share a node wherever they lie in the same year or month. */
static unsigned find_needs(bool all, int32_t from_day, int32_t to_day, struct need needs[NEEDS_MAX])
{
    const struct date from_date = localday_date(from_day);
    const struct date to_date = localday_date(to_day);
    unsigned count = 0;
    for (enum node_level level = node_first_level(all); level <= LEDGER_DAYS; level++) {
        const struct node_place from = node_place(all, level, from_date);
        const struct node_place to = node_place(all, level, to_date);
        const bool same = from.node == to.node;
        needs[count++] = (struct need){level, from.node, from.index, same ? to.index : 0};
        if (!same) {
            needs[count++] = (struct need){level, to.node, 0, to.index};
        }
    }
    return count;
}

struct ledger_view ledger_now(struct store_txn *txn, unsigned table)
{
    return (struct ledger_view){txn, table, UINT32_MAX, ledger_has_closes(txn, table)};
}

struct ledger_view ledger_closed(struct store_txn *txn, unsigned table, uint32_t number)
{
    return (struct ledger_view){txn, table, number, true};
}

static void take_node(const struct ledger_view *view, struct slice node, const struct need *need,
                      struct figures *sum)
{
    if (!add_node(node, need->before_from, need->before_to, sum)) {
        store_fail(view->txn, STATUS_CORRUPT);
    }
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
static void read_layers(const struct ledger_view *view, struct slice base, const struct need *need,
                        struct figures *sum)
{
    struct store_cursor cursor;
    struct slice key;
    struct slice node;
    uint32_t layer = 0;
    store_cursor_open(view->txn, view->table, &cursor);
    bool more = store_cursor_seek(&cursor, base, &key, &node);
    while (more && layer_of(key, base, &layer) && layer < view->below) {
        take_node(view, node, need, sum);
        more = store_cursor_next(&cursor, &key, &node);
    }
    store_cursor_close(&cursor);
}

void ledger_read(const struct ledger_view *view, const struct ledger_cell *cell, int32_t from_day,
                 int32_t to_day, struct figures *sum)
{
    uint8_t name[CELL_NAME_MAX];
    uint8_t buffer[NODE_KEY_MAX];
    struct need needs[NEEDS_MAX];
    const size_t size = cell_name(cell, name);
    const unsigned count = find_needs(cell->all, from_day, to_day, needs);
    for (unsigned i = 0; i < count; i++) {
        struct slice node;
        const struct slice key =
            node_key(slice_of(name, size), needs[i].level, needs[i].node, buffer);
        if (view->layered) {
            read_layers(view, key, &needs[i], sum);
        } else if (store_get(view->txn, view->table, key, &node)) {
            take_node(view, node, &needs[i], sum);
        }
    }
}

/* One needed node of every service of a unit: a run of records, sorted by (field, procedure,
 * layer). */
struct run {
    struct store_cursor cursor;
    struct need need;
    uint8_t prefix[NODE_KEY_MAX]; /* the key up to and with the unit */
    size_t prefix_size;
    struct slice service; /* the key's rest without the layer; empty at the end of the run */
    uint32_t layer;
    struct slice key;
    struct slice node;
};

static void settle(struct run *run, bool more)
{
    const bool inside = more && run->key.size > run->prefix_size &&
                        memcmp(run->key.data, run->prefix, run->prefix_size) == 0;
    struct reader rest = reader_of(
        inside ? slice_of(run->key.data + run->prefix_size, run->key.size - run->prefix_size)
               : (struct slice){0});
    const uint8_t *begin = rest.at;
    if (inside) {
        (void)reader_closed_text(&rest);
        (void)reader_closed_text(&rest);
    }
    run->service = slice_of(begin, (size_t)(rest.at - begin));
    run->layer = inside && reader_left(&rest) != 0 ? reader_u32(&rest) : 0;
}

static void open_run(const struct ledger_view *view, struct slice unit, const struct need *need,
                     struct run *run)
{
    uint8_t name[CELL_NAME_MAX];
    const struct ledger_cell first = {.unit = unit};
    const size_t size = cell_name(&first, name) - 2; /* without the empty field and procedure */
    run->need = *need;
    run->prefix_size = node_key(slice_of(name, size), need->level, need->node, run->prefix).size;
    store_cursor_open(view->txn, view->table, &run->cursor);
    settle(run, store_cursor_seek(&run->cursor, slice_of(run->prefix, run->prefix_size), &run->key,
                                  &run->node));
}

/* The run that is first in key order, or NULL when all have ended. */
static struct run *first_run(struct run *runs, unsigned count)
{
    struct run *first = NULL;
    for (unsigned i = 0; i < count; i++) {
        if (runs[i].service.size != 0 &&
            (first == NULL || slice_compare(runs[i].service, first->service) < 0)) {
            first = &runs[i];
        }
    }
    return first;
}

/* Adds up the nodes of one service, with their layers, and moves its runs on. False = none of the
 * layers counts. */
static bool take_service(const struct ledger_view *view, struct run *runs, unsigned count,
                         struct slice service, struct figures *figures)
{
    bool taken = false;
    for (unsigned i = 0; i < count; i++) {
        struct run *run = &runs[i];
        while (run->service.size != 0 && slice_equal(run->service, service)) {
            if (run->layer < view->below) {
                take_node(view, run->node, &run->need, figures);
                taken = true;
            }
            settle(run, store_cursor_next(&run->cursor, &run->key, &run->node));
        }
    }
    return taken;
}

void ledger_scan_unit(const struct ledger_view *view, struct slice unit, int32_t from_day,
                      int32_t to_day, ledger_visit *visit, void *context)
{
    struct need needs[NEEDS_MAX];
    struct run runs[NEEDS_MAX];
    struct figures figures = {0};
    const unsigned count = find_needs(false, from_day, to_day, needs);
    for (unsigned i = 0; i < count; i++) {
        open_run(view, unit, &needs[i], &runs[i]);
    }
    for (struct run *first = first_run(runs, count); first != NULL;
         first = first_run(runs, count)) {
        struct ledger_cell cell;
        const struct slice service =
            first->service; /* records stay where they are while the transaction lasts */
        if (!node_key_parse(first->key, &cell)) {
            store_fail(view->txn, STATUS_CORRUPT);
            break;
        }
        cell.layer = 0;
        if (take_service(view, runs, count, service, &figures)) {
            visit(context, &cell, &figures);
            figures_clear(&figures);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        store_cursor_close(&runs[i].cursor);
    }
}
