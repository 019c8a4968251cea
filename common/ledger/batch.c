/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch of amounts. They are collected per cell (each amount goes to its own cell and to its
 * unit's ALL cell), and written in key order, each touched node once: copying pages at random is
 * what costs.
 *
 *     table (hash of prefix) ──▶ cell ──▶ chunk ──▶ chunk …   (day, slot and measure, delta)
 */
#include <stdlib.h>
#include <xxhash.h>

#include "base/require.h"
#include "ledger/ledger.h"
#include "ledger/node.h"

enum { CHUNK_ADDENDS = 14, TABLE_SLOTS_MIN = 1024, NODE_BYTES_MAX = 4 << 20 };

struct addend {
    int32_t day;
    uint32_t part; /* slot << 6 | measure */
    int64_t delta;
};

struct chunk {
    struct chunk *next;
    uint32_t count;
    struct addend addends[CHUNK_ADDENDS];
};

struct cell {
    uint64_t hash;
    struct slice prefix;
    struct chunk *chunks;
    uint32_t addend_count;
};

struct ledger_batch {
    struct arena arena;
    struct cell **table; /* open addressing; a power of two */
    size_t table_size;
    struct cell **cells;
    size_t cell_count;
    size_t largest; /* addends of the fullest cell */
};

/* One addend placed at one level of the tree. */
struct placed {
    uint16_t node;
    struct node_entry entry;
};

struct writer {
    struct store_txn *txn;
    struct store_cursor cursor;
    struct buffer merged;
    ledger_changed *changed;
    void *context;
    struct date
        *dates; /* of the cell's addends; this and what follows have room for the fullest cell */
    struct placed *placed;
    struct node_entry *entries;
};

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

void ledger_batch_clear(struct ledger_batch *batch)
{
    arena_reset(&batch->arena);
    memset(batch->table, 0, batch->table_size * sizeof *batch->table);
    batch->cell_count = 0;
    batch->largest = 0;
}

static void table_insert(struct ledger_batch *batch, struct cell *cell)
{
    size_t at = cell->hash & (batch->table_size - 1);
    while (batch->table[at] != NULL) {
        at = (at + 1) & (batch->table_size - 1);
    }
    batch->table[at] = cell;
}

/* Keeps the table at most half full. */
static void table_grow(struct ledger_batch *batch)
{
    batch->table_size *= 2;
    free(batch->table);
    batch->table = calloc(batch->table_size, sizeof *batch->table);
    struct cell **cells = realloc(batch->cells, batch->table_size / 2 * sizeof *batch->cells);
    require(batch->table != NULL && cells != NULL);
    batch->cells = cells;
    for (size_t i = 0; i < batch->cell_count; i++) {
        table_insert(batch, batch->cells[i]);
    }
}

static struct cell *find_cell(struct ledger_batch *batch, struct slice prefix)
{
    const uint64_t hash = XXH3_64bits(prefix.data, prefix.size);
    size_t at = hash & (batch->table_size - 1);
    for (struct cell *cell = batch->table[at]; cell != NULL; cell = batch->table[at]) {
        if (cell->hash == hash && slice_equal(cell->prefix, prefix)) {
            return cell;
        }
        at = (at + 1) & (batch->table_size - 1);
    }
    struct cell *cell = arena_alloc(&batch->arena, sizeof *cell);
    if (cell == NULL) {
        return NULL;
    }
    cell->hash = hash;
    cell->prefix = arena_copy(&batch->arena, prefix);
    if (cell->prefix.data == NULL) {
        return NULL;
    }
    if (batch->cell_count == batch->table_size / 2) {
        table_grow(batch);
    }
    batch->cells[batch->cell_count++] = cell;
    table_insert(batch, cell);
    return cell;
}

static enum status add_to_cell(struct ledger_batch *batch, const struct ledger_cell *name,
                               const struct addend *addend)
{
    uint8_t prefix[CELL_PREFIX_MAX];
    struct cell *cell = find_cell(batch, slice_of(prefix, cell_prefix(name, prefix)));
    if (cell == NULL) {
        return STATUS_TOO_LARGE;
    }
    struct chunk *chunk = cell->chunks;
    if (chunk == NULL || chunk->count == CHUNK_ADDENDS) {
        chunk = arena_alloc(&batch->arena, sizeof *chunk);
        if (chunk == NULL) {
            return STATUS_TOO_LARGE;
        }
        chunk->next = cell->chunks;
        cell->chunks = chunk;
    }
    chunk->addends[chunk->count++] = *addend;
    cell->addend_count++;
    if (cell->addend_count > batch->largest) {
        batch->largest = cell->addend_count;
    }
    return STATUS_OK;
}

enum status ledger_batch_add(struct ledger_batch *batch, const struct amount *amount, int sign)
{
    const struct addend addend = {
        .day = amount->day,
        .part = (uint32_t)amount->slot << CODE_SLOT_SHIFT | amount->measure,
        .delta = (int64_t)amount->delta * sign,
    };
    const struct ledger_cell all = {.unit = amount->unit, .all = true};
    const struct ledger_cell own = {
        .unit = amount->unit, .field = amount->field, .procedure = amount->procedure};
    const enum status status = add_to_cell(batch, &own, &addend);
    return status == STATUS_OK ? add_to_cell(batch, &all, &addend) : status;
}

static int by_prefix(const void *a, const void *b)
{
    return slice_compare((*(struct cell *const *)a)->prefix, (*(struct cell *const *)b)->prefix);
}

static int by_day(const void *a, const void *b)
{
    const struct addend *x = a;
    const struct addend *y = b;
    const int order = (x->day > y->day) - (x->day < y->day);
    return order != 0 ? order : (x->part > y->part) - (x->part < y->part);
}

static int by_place(const void *a, const void *b)
{
    const struct placed *x = a;
    const struct placed *y = b;
    const int order = (x->node > y->node) - (x->node < y->node);
    return order != 0 ? order : (x->entry.code > y->entry.code) - (x->entry.code < y->entry.code);
}

/* Most cells have a handful of addends: what is in order already costs a look, and the rest is left
 * to qsort. */
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

/* A cell's addends sorted by day and part, equal ones summed, zeros gone; returns how many are
 * left. */
static size_t collect(const struct cell *cell, struct addend *addends)
{
    size_t count = 0;
    for (const struct chunk *chunk = cell->chunks; chunk != NULL; chunk = chunk->next) {
        memcpy(addends + count, chunk->addends, chunk->count * sizeof *addends);
        count += chunk->count;
    }
    sort(addends, count, sizeof *addends, by_day);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept != 0 && by_day(&addends[kept - 1], &addends[i]) == 0) {
            addends[kept - 1].delta += addends[i].delta;
            continue;
        }
        if (kept != 0 && addends[kept - 1].delta == 0) {
            kept--;
        }
        addends[kept++] = addends[i];
    }
    return kept != 0 && addends[kept - 1].delta == 0 ? kept - 1 : kept;
}

static void write_node(struct writer *writer, struct slice key, const struct node_entry *changes,
                       size_t count)
{
    struct slice found;
    struct slice stored = {0};
    const bool there =
        store_cursor_seek(&writer->cursor, key, &found, &stored) && slice_equal(found, key);
    if (!node_merge(there ? stored : (struct slice){0}, changes, count, &writer->merged)) {
        writer->txn->status =
            writer->txn->status == STATUS_OK ? STATUS_CORRUPT : writer->txn->status;
        return;
    }
    const struct slice merged = buffer_slice(&writer->merged);
    if (merged.size != 0) {
        store_cursor_put(&writer->cursor, key, merged);
    } else if (there) {
        store_cursor_delete(&writer->cursor);
    }
    if (writer->txn->status == STATUS_OK && (merged.size != 0 || there)) {
        writer->changed(writer->context, key, merged);
    }
}

/* Forgets the last entry if its sum came to nothing. */
static size_t drop_zero(const struct node_entry *entries, size_t count)
{
    return count != 0 && entries[count - 1].amount == 0 ? count - 1 : count;
}

static void write_level(struct writer *writer, struct slice prefix, enum node_level level,
                        const struct addend *addends, size_t count)
{
    struct placed *placed = writer->placed;
    for (size_t i = 0; i < count; i++) {
        const struct node_place place = node_place(level, writer->dates[i]);
        placed[i].node = place.node;
        placed[i].entry.code = (uint32_t)place.index << CODE_INDEX_SHIFT | addends[i].part;
        placed[i].entry.amount = addends[i].delta;
    }
    if (level != LEDGER_DAYS) { /* days are in order already */
        sort(placed, count, sizeof *placed, by_place);
    }
    uint8_t key[NODE_KEY_MAX];
    memcpy(key, prefix.data, prefix.size);
    for (size_t i = 0; i < count;) {
        const uint16_t node = placed[i].node;
        size_t entries = 0;
        for (; i < count && placed[i].node == node; i++) {
            if (entries != 0 && writer->entries[entries - 1].code == placed[i].entry.code) {
                writer->entries[entries - 1].amount += placed[i].entry.amount;
            } else {
                entries = drop_zero(writer->entries, entries);
                writer->entries[entries++] = placed[i].entry;
            }
        }
        entries = drop_zero(writer->entries, entries);
        if (entries != 0) {
            write_node(writer, node_key(key, prefix.size, level, node), writer->entries, entries);
        }
    }
}

void ledger_batch_write(struct ledger_batch *batch, struct store_txn *txn, unsigned table,
                        ledger_changed *changed, void *context)
{
    struct writer writer = {.txn = txn, .changed = changed, .context = context};
    struct addend *addends = calloc(batch->largest + 1, sizeof *addends);
    writer.dates = calloc(batch->largest + 1, sizeof *writer.dates);
    writer.placed = calloc(batch->largest + 1, sizeof *writer.placed);
    writer.entries = calloc(batch->largest + 1, sizeof *writer.entries);
    require(addends != NULL && writer.dates != NULL && writer.placed != NULL &&
            writer.entries != NULL);
    buffer_init(&writer.merged, NODE_BYTES_MAX);
    qsort(batch->cells, batch->cell_count, sizeof *batch->cells, by_prefix);
    store_cursor_open(txn, table, &writer.cursor);
    for (size_t i = 0; i < batch->cell_count && txn->status == STATUS_OK; i++) {
        const struct cell *cell = batch->cells[i];
        const size_t count = collect(cell, addends);
        for (size_t k = 0; k < count; k++) {
            writer.dates[k] = localday_date(addends[k].day);
        }
        for (enum node_level level = LEDGER_YEARS; level <= LEDGER_DAYS; level++) {
            write_level(&writer, cell->prefix, level, addends, count);
        }
    }
    store_cursor_close(&writer.cursor);
    buffer_fini(&writer.merged);
    free(writer.entries);
    free(writer.placed);
    free(writer.dates);
    free(addends);
}
