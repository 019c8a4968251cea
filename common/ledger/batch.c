/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch of amounts: collected in memory, then written in the order of the nodes' keys, each node
 * once, since writing pages in random order is what costs.
 *
 * 1. Collect. An amount goes to two cells, its own and its unit's ALL cell:
 *
 *        table (by hash of the name) ──▶ cell ──▶ chunk ──▶ chunk …    of addends
 *
 * 2. Settle. Cells in the order of their names; the addends of each in the order of (day, slot,
 *    measure), equal ones summed, zeros dropped. All of them stand in one array, cell by cell.
 *
 * 3. Cut. In that order the addends of one node are neighbours, at every level. So an update is a
 *    range of the array and says whose node it is:
 *
 *        update: family, level, node, rank of the cell's name ──▶ first addend, count
 *
 *    These four in this order are the order of the keys (node.h).
 *
 * 4. Write. A node's record is a sorted list of entries (code = index in the node, slot, measure;
 *    amount). The addends of an update become such a list, which is merged into the stored one.
 */
#include <stdlib.h>
#include <xxhash.h>

#include "base/require.h"
#include "ledger/closes.h"
#include "ledger/ledger.h"
#include "ledger/node.h"

enum { CHUNK_ADDENDS = 14, TABLE_SLOTS_MIN = 1024, NODE_BYTES_MAX = 4 << 20 };

struct addend {
    int32_t day;
    uint32_t part; /* slot << 6 | measure: the low bits of an entry's code */
    int64_t delta;
};

struct chunk {
    struct chunk *next;
    uint32_t count;
    struct addend addends[CHUNK_ADDENDS];
};

struct cell {
    uint64_t hash;
    struct slice name;
    struct chunk *chunks;
    uint32_t addend_count;
};

struct ledger_batch {
    struct arena arena;  /* cells, their names, chunks */
    struct cell **table; /* open addressing; a power of two, at most half full */
    size_t table_size;
    struct cell **cells;
    size_t cell_count;
    size_t addend_count;
    size_t largest; /* addends of the fullest cell */
    const struct ledger_closes *closes;
};

struct update {
    uint8_t family;
    uint8_t level;
    uint16_t node;
    uint32_t rank;  /* of the cell among the batch's cells, once they are sorted by name */
    uint32_t count; /* of its addends */
    size_t first;
};

struct batch_writer {
    struct ledger_batch *batch;
    struct store_txn *txn;
    struct store_cursor cursor;
    ledger_changed *changed;
    void *context;
    struct addend *addends; /* settled: of all cells, one after the other */
    struct date *dates;     /* of the addends */
    size_t addend_count;
    struct update *updates;
    size_t update_count;
    struct node_entry *entries; /* of one update */
    struct buffer merged;       /* one node */
};

/* 1. Collect */

enum status ledger_batch_new(size_t limit_bytes, struct ledger_batch **ret_batch)
{
    struct ledger_batch *batch = calloc(1, sizeof *batch);
    require(batch != NULL);
    arena_init(&batch->arena, limit_bytes);
    batch->table_size = TABLE_SLOTS_MIN;
    batch->table = calloc(batch->table_size, sizeof *batch->table);
    batch->cells = calloc(batch->table_size / 2, sizeof *batch->cells);
    require(batch->table != NULL && batch->cells != NULL);
    *ret_batch = batch;
    return STATUS_OK;
}

void ledger_batch_free(struct ledger_batch *batch)
{
    if (batch != NULL) {
        arena_fini(&batch->arena);
        free(batch->table);
        free(batch->cells);
        free(batch);
    }
}

void ledger_batch_close(struct ledger_batch *batch, const struct ledger_closes *closes)
{
    batch->closes = closes;
}

void ledger_batch_clear(struct ledger_batch *batch)
{
    arena_reset(&batch->arena);
    memset(batch->table, 0, batch->table_size * sizeof *batch->table);
    batch->cell_count = 0;
    batch->addend_count = 0;
    batch->largest = 0;
}

/* The slot of the cell with this name, or the empty one where it belongs. */
static struct cell **table_slot(const struct ledger_batch *batch, uint64_t hash, struct slice name)
{
    size_t at = hash & (batch->table_size - 1);
    while (batch->table[at] != NULL &&
           (batch->table[at]->hash != hash || !slice_equal(batch->table[at]->name, name))) {
        at = (at + 1) & (batch->table_size - 1);
    }
    return &batch->table[at];
}

static void table_grow(struct ledger_batch *batch)
{
    batch->table_size *= 2;
    free(batch->table);
    batch->table = calloc(batch->table_size, sizeof *batch->table);
    struct cell **cells = realloc(batch->cells, batch->table_size / 2 * sizeof *batch->cells);
    require(batch->table != NULL && cells != NULL);
    batch->cells = cells;
    for (size_t i = 0; i < batch->cell_count; i++) {
        struct cell *cell = batch->cells[i];
        *table_slot(batch, cell->hash, cell->name) = cell;
    }
}

/* NULL = the arena is full. */
static struct cell *cell_new(struct ledger_batch *batch, uint64_t hash, struct slice name)
{
    struct cell *cell = arena_alloc(&batch->arena, sizeof *cell);
    const struct slice copy = arena_copy(&batch->arena, name);
    if (batch->arena.exceeded) {
        return NULL;
    }
    if (batch->cell_count == batch->table_size / 2) {
        table_grow(batch);
    }
    cell->hash = hash;
    cell->name = copy;
    batch->cells[batch->cell_count++] = cell;
    *table_slot(batch, hash, copy) = cell;
    return cell;
}

static struct cell *find_cell(struct ledger_batch *batch, const struct ledger_cell *key)
{
    uint8_t bytes[CELL_NAME_MAX];
    const struct slice name = slice_of(bytes, cell_name(key, bytes));
    const uint64_t hash = XXH3_64bits(name.data, name.size);
    struct cell *found = *table_slot(batch, hash, name);
    return found != NULL ? found : cell_new(batch, hash, name);
}

/* A chunk with room for one more. NULL = the arena is full. */
static struct chunk *open_chunk(struct ledger_batch *batch, struct cell *cell)
{
    struct chunk *chunk = cell->chunks;
    if (chunk == NULL || chunk->count == CHUNK_ADDENDS) {
        chunk = arena_alloc(&batch->arena, sizeof *chunk);
        if (chunk == NULL) {
            return NULL;
        }
        chunk->next = cell->chunks;
        cell->chunks = chunk;
    }
    return chunk;
}

static enum status add_to_cell(struct ledger_batch *batch, const struct ledger_cell *key,
                               const struct addend *addend)
{
    struct cell *cell = find_cell(batch, key);
    struct chunk *chunk = cell != NULL ? open_chunk(batch, cell) : NULL;
    if (chunk == NULL) {
        return STATUS_TOO_LARGE;
    }
    chunk->addends[chunk->count++] = *addend;
    cell->addend_count++;
    batch->addend_count++;
    batch->largest = cell->addend_count > batch->largest ? cell->addend_count : batch->largest;
    return STATUS_OK;
}

enum status ledger_batch_add(struct ledger_batch *batch, const struct amount *amount, int sign)
{
    const struct addend addend = {
        .day = amount->day,
        .part = (uint32_t)amount->slot << CODE_SLOT_SHIFT | amount->measure,
        .delta = (int64_t)amount->delta * sign,
    };
    const uint32_t layer =
        batch->closes != NULL ? ledger_closes_layer(batch->closes, amount->unit, amount->day) : 0;
    const struct ledger_cell all = {.unit = amount->unit, .all = true, .layer = layer};
    const struct ledger_cell own = {.unit = amount->unit,
                                    .field = amount->field,
                                    .procedure = amount->procedure,
                                    .layer = layer};
    const enum status status = add_to_cell(batch, &own, &addend);
    return status == STATUS_OK ? add_to_cell(batch, &all, &addend) : status;
}

/* 2. Settle */

static int by_name(const void *a, const void *b)
{
    return slice_compare((*(struct cell *const *)a)->name, (*(struct cell *const *)b)->name);
}

static int by_day_and_part(const void *a, const void *b)
{
    const struct addend *x = a;
    const struct addend *y = b;
    const int order = (x->day > y->day) - (x->day < y->day);
    return order != 0 ? order : (x->part > y->part) - (x->part < y->part);
}

/* Most lists are short and in order already, which one look shows; the rest is left to qsort. */
static void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    const uint8_t *bytes = items;
    size_t ordered = 1;
    while (ordered < count && compare(bytes + (ordered - 1) * size, bytes + ordered * size) <= 0) {
        ordered++;
    }
    if (ordered < count) {
        qsort(items, count, size, compare);
    }
}

static size_t copy_addends(const struct cell *cell, struct addend *addends)
{
    size_t count = 0;
    for (const struct chunk *chunk = cell->chunks; chunk != NULL; chunk = chunk->next) {
        memcpy(addends + count, chunk->addends, chunk->count * sizeof *addends);
        count += chunk->count;
    }
    return count;
}

/* Sums what is equal in a sorted list and drops zeros; returns how many are left. */
static size_t sum_addends(struct addend *addends, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count;) {
        struct addend sum = addends[i++];
        for (; i < count && by_day_and_part(&addends[i], &sum) == 0; i++) {
            sum.delta += addends[i].delta;
        }
        if (sum.delta != 0) {
            addends[kept++] = sum;
        }
    }
    return kept;
}

/* Puts a cell's addends behind those of the cells before it; returns how many they are. */
static size_t settle_cell(struct batch_writer *writer, const struct cell *cell)
{
    struct addend *addends = writer->addends + writer->addend_count;
    struct date *dates = writer->dates + writer->addend_count;
    size_t count = copy_addends(cell, addends);
    sort(addends, count, sizeof *addends, by_day_and_part);
    count = sum_addends(addends, count);
    for (size_t i = 0; i < count; i++) {
        dates[i] = localday_date(addends[i].day);
    }
    writer->addend_count += count;
    return count;
}

/* 3. Cut */

static uint8_t family_of(const struct cell *cell)
{
    return cell->name.data[0];
}

/* The updates of one level, from a cell's settled addends. */
static void cut_level(struct batch_writer *writer, size_t rank, size_t first, size_t count,
                      enum node_level level)
{
    const uint8_t family = family_of(writer->batch->cells[rank]);
    struct update *update = NULL;
    for (size_t i = first; i < first + count; i++) {
        const uint16_t node = node_place(family == LEDGER_FAMILY_ALL, level, writer->dates[i]).node;
        if (update == NULL || update->node != node) {
            update = &writer->updates[writer->update_count++];
            *update = (struct update){.family = family,
                                      .level = (uint8_t)level,
                                      .node = node,
                                      .rank = (uint32_t)rank,
                                      .first = i};
        }
        update->count++;
    }
}

static void cut_cell(struct batch_writer *writer, size_t rank, size_t first, size_t count)
{
    const bool all = family_of(writer->batch->cells[rank]) == LEDGER_FAMILY_ALL;
    for (enum node_level level = node_first_level(all); level <= LEDGER_DAYS; level++) {
        cut_level(writer, rank, first, count, level);
    }
}

static uint64_t key_order(const struct update *update)
{
    return (uint64_t)update->family << 56 | (uint64_t)update->level << 48 |
           (uint64_t)update->node << 32 | update->rank;
}

static int by_key(const void *a, const void *b)
{
    const uint64_t x = key_order(a);
    const uint64_t y = key_order(b);
    return (x > y) - (x < y);
}

static void prepare_updates(struct batch_writer *writer)
{
    struct ledger_batch *batch = writer->batch;
    qsort(batch->cells, batch->cell_count, sizeof *batch->cells, by_name);
    for (size_t rank = 0; rank < batch->cell_count; rank++) {
        const size_t first = writer->addend_count;
        cut_cell(writer, rank, first, settle_cell(writer, batch->cells[rank]));
    }
    qsort(writer->updates, writer->update_count, sizeof *writer->updates, by_key);
}

/* 4. Write */

static int by_code(const void *a, const void *b)
{
    const uint32_t x = ((const struct node_entry *)a)->code;
    const uint32_t y = ((const struct node_entry *)b)->code;
    return (x > y) - (x < y);
}

/* Sums what is equal in a sorted list and drops zeros; returns how many are left. */
static size_t sum_entries(struct node_entry *entries, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count;) {
        struct node_entry sum = entries[i++];
        for (; i < count && entries[i].code == sum.code; i++) {
            sum.amount += entries[i].amount;
        }
        if (sum.amount != 0) {
            entries[kept++] = sum;
        }
    }
    return kept;
}

/* The changes of the update's node; returns how many. */
static size_t fill_entries(struct batch_writer *writer, const struct update *update)
{
    struct node_entry *entries = writer->entries;
    const bool all = update->family == LEDGER_FAMILY_ALL;
    for (size_t i = 0; i < update->count; i++) {
        const struct addend *addend = &writer->addends[update->first + i];
        const struct node_place place =
            node_place(all, (enum node_level)update->level, writer->dates[update->first + i]);
        entries[i].code = (uint32_t)place.index << CODE_INDEX_SHIFT | addend->part;
        entries[i].amount = addend->delta;
    }
    sort(entries, update->count, sizeof *entries, by_code);
    return sum_entries(entries, update->count);
}

/* Merges changes into the node; without any entry left it is deleted. */
static void write_node(struct batch_writer *writer, struct slice key, size_t change_count)
{
    struct slice stored = {0};
    const bool exists = store_cursor_find(&writer->cursor, key, &stored);
    if (!node_merge(exists ? stored : (struct slice){0}, writer->entries, change_count,
                    &writer->merged)) {
        store_fail(writer->txn, STATUS_CORRUPT);
        return;
    }
    const struct slice merged = buffer_slice(&writer->merged);
    if (merged.size != 0) {
        store_cursor_put(&writer->cursor, key, merged);
    } else if (exists) {
        store_cursor_delete(&writer->cursor);
    } else {
        return;
    }
    if (writer->txn->status == STATUS_OK) {
        writer->changed(writer->context, key, merged);
    }
}

static void write_updates(struct batch_writer *writer)
{
    uint8_t key[NODE_KEY_MAX];
    for (size_t i = 0; i < writer->update_count && writer->txn->status == STATUS_OK; i++) {
        const struct update *update = &writer->updates[i];
        const struct slice name = writer->batch->cells[update->rank]->name;
        const size_t change_count = fill_entries(writer, update);
        if (change_count != 0) {
            write_node(writer, node_key(name, (enum node_level)update->level, update->node, key),
                       change_count);
        }
    }
}

static void writer_init(struct batch_writer *writer, const struct ledger_batch *batch)
{
    writer->addends = calloc(batch->addend_count + 1, sizeof *writer->addends);
    writer->dates = calloc(batch->addend_count + 1, sizeof *writer->dates);
    writer->updates = calloc(LEDGER_LEVELS * batch->addend_count + 1, sizeof *writer->updates);
    writer->entries = calloc(batch->largest + 1, sizeof *writer->entries);
    require(writer->addends != NULL && writer->dates != NULL && writer->updates != NULL &&
            writer->entries != NULL);
    buffer_init(&writer->merged, NODE_BYTES_MAX);
}

static void writer_fini(struct batch_writer *writer)
{
    buffer_fini(&writer->merged);
    free(writer->entries);
    free(writer->updates);
    free(writer->dates);
    free(writer->addends);
}

void ledger_batch_write(struct ledger_batch *batch, struct store_txn *txn, unsigned table,
                        ledger_changed *changed, void *context)
{
    struct batch_writer writer = {
        .batch = batch, .txn = txn, .changed = changed, .context = context};
    writer_init(&writer, batch);
    prepare_updates(&writer);
    store_cursor_open(txn, table, &writer.cursor);
    write_updates(&writer);
    store_cursor_close(&writer.cursor);
    writer_fini(&writer);
}
