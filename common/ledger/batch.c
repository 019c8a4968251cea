/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch of amounts. They are collected per cell (each amount goes to its own cell and to its
 * unit's ALL cell), and written in key order, each touched node once: copying pages at random is
 * what costs.
 *
 *     table (hash of name) ──▶ cell ──▶ chunk ──▶ chunk …   (day, slot and measure, delta)
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
    struct slice name;
    struct chunk *chunks;
    uint32_t addend_count;
};

struct ledger_batch {
    struct arena arena;
    struct cell **table; /* open addressing; a power of two */
    size_t table_size;
    struct cell **cells;
    size_t cell_count;
    size_t addend_count;
    size_t largest; /* addends of the fullest cell */
};

/* A node to write: a stretch of a cell's addends. Sorted by `order`, nodes stand in key order. */
struct touched {
    uint64_t order; /* family, level, node, rank of the cell's name */
    size_t first;   /* addend */
    uint32_t count;
};

struct batch_writer {
    struct ledger_batch *batch;
    struct store_txn *txn;
    struct store_cursor cursor;
    struct buffer merged;
    ledger_changed *changed;
    void *context;
    struct addend *addends; /* of all cells, one after the other, each cell's by day and part */
    struct date *dates;     /* of the addends */
    struct touched *touched;
    size_t addend_count, touched_count;
    struct node_entry *entries; /* of one node */
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
    batch->addend_count = 0;
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

static struct cell *find_cell(struct ledger_batch *batch, struct slice name)
{
    const uint64_t hash = XXH3_64bits(name.data, name.size);
    size_t at = hash & (batch->table_size - 1);
    for (struct cell *cell = batch->table[at]; cell != NULL; cell = batch->table[at]) {
        if (cell->hash == hash && slice_equal(cell->name, name)) {
            return cell;
        }
        at = (at + 1) & (batch->table_size - 1);
    }
    struct cell *cell = arena_alloc(&batch->arena, sizeof *cell);
    if (cell == NULL) {
        return NULL;
    }
    cell->hash = hash;
    cell->name = arena_copy(&batch->arena, name);
    if (cell->name.data == NULL) {
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
    uint8_t name_bytes[CELL_NAME_MAX];
    struct cell *cell = find_cell(batch, slice_of(name_bytes, cell_name(name, name_bytes)));
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
    batch->addend_count++;
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

static int by_name(const void *a, const void *b)
{
    return slice_compare((*(struct cell *const *)a)->name, (*(struct cell *const *)b)->name);
}

static int by_day(const void *a, const void *b)
{
    const struct addend *x = a;
    const struct addend *y = b;
    const int order = (x->day > y->day) - (x->day < y->day);
    return order != 0 ? order : (x->part > y->part) - (x->part < y->part);
}

static int by_order(const void *a, const void *b)
{
    const uint64_t x = ((const struct touched *)a)->order;
    const uint64_t y = ((const struct touched *)b)->order;
    return (x > y) - (x < y);
}

static int by_code(const void *a, const void *b)
{
    const uint32_t x = ((const struct node_entry *)a)->code;
    const uint32_t y = ((const struct node_entry *)b)->code;
    return (x > y) - (x < y);
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

static void write_node(struct batch_writer *writer, struct slice key,
                       const struct node_entry *changes, size_t count)
{
    struct slice found;
    struct slice stored = {0};
    const bool there =
        store_cursor_seek(&writer->cursor, key, &found, &stored) && slice_equal(found, key);
    if (!node_merge(there ? stored : (struct slice){0}, changes, count, &writer->merged)) {
        store_fail(writer->txn, STATUS_CORRUPT);
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

/* Cuts a cell's addends into the nodes of one level; they are in order of days, so each node is one
 * stretch. */
static void touch_level(struct batch_writer *writer, size_t rank, size_t first, size_t count,
                        enum node_level level)
{
    const uint8_t family = writer->batch->cells[rank]->name.data[0];
    const bool all = family == LEDGER_FAMILY_ALL;
    struct touched *touched = NULL;
    uint16_t last = 0;
    for (size_t i = first; i < first + count; i++) {
        const uint16_t node = node_place(all, level, writer->dates[i]).node;
        if (touched == NULL || node != last) {
            touched = &writer->touched[writer->touched_count++];
            touched->order =
                (uint64_t)family << 56 | (uint64_t)level << 48 | (uint64_t)node << 32 | rank;
            touched->first = i;
            touched->count = 0;
            last = node;
        }
        touched->count++;
    }
}

static void touch_cells(struct batch_writer *writer)
{
    struct ledger_batch *batch = writer->batch;
    for (size_t rank = 0; rank < batch->cell_count; rank++) {
        const size_t first = writer->addend_count;
        const size_t count = collect(batch->cells[rank], writer->addends + first);
        for (size_t i = first; i < first + count; i++) {
            writer->dates[i] = localday_date(writer->addends[i].day);
        }
        const bool all = batch->cells[rank]->name.data[0] == LEDGER_FAMILY_ALL;
        for (enum node_level level = node_first_level(all); level <= LEDGER_DAYS; level++) {
            touch_level(writer, rank, first, count, level);
        }
        writer->addend_count += count;
    }
    qsort(writer->touched, writer->touched_count, sizeof *writer->touched, by_order);
}

/* A node's changes, sorted by code, equal ones summed, zeros gone; returns how many. */
static size_t fill_entries(struct batch_writer *writer, const struct touched *touched,
                           enum node_level level)
{
    struct node_entry *entries = writer->entries;
    const bool all = touched->order >> 56 == LEDGER_FAMILY_ALL;
    for (size_t i = 0; i < touched->count; i++) {
        const struct addend *addend = &writer->addends[touched->first + i];
        const struct node_place place = node_place(all, level, writer->dates[touched->first + i]);
        entries[i].code = (uint32_t)place.index << CODE_INDEX_SHIFT | addend->part;
        entries[i].amount = addend->delta;
    }
    sort(entries, touched->count, sizeof *entries, by_code);
    size_t kept = 0;
    for (size_t i = 0; i < touched->count;) {
        struct node_entry sum = entries[i++];
        for (; i < touched->count && entries[i].code == sum.code; i++) {
            sum.amount += entries[i].amount;
        }
        if (sum.amount != 0) {
            entries[kept++] = sum;
        }
    }
    return kept;
}

static void write_touched(struct batch_writer *writer)
{
    uint8_t key[NODE_KEY_MAX];
    for (size_t i = 0; i < writer->touched_count && writer->txn->status == STATUS_OK; i++) {
        const struct touched *touched = &writer->touched[i];
        const enum node_level level = (enum node_level)(touched->order >> 48 & 0xFF);
        const struct cell *cell = writer->batch->cells[(uint32_t)touched->order];
        const size_t count = fill_entries(writer, touched, level);
        if (count != 0) {
            write_node(writer, node_key(cell->name, level, (uint16_t)(touched->order >> 32), key),
                       writer->entries, count);
        }
    }
}

void ledger_batch_write(struct ledger_batch *batch, struct store_txn *txn, unsigned table,
                        ledger_changed *changed, void *context)
{
    struct batch_writer writer = {
        .batch = batch, .txn = txn, .changed = changed, .context = context};
    writer.addends = calloc(batch->addend_count + 1, sizeof *writer.addends);
    writer.dates = calloc(batch->addend_count + 1, sizeof *writer.dates);
    writer.touched = calloc(LEDGER_LEVELS * batch->addend_count + 1, sizeof *writer.touched);
    writer.entries = calloc(batch->largest + 1, sizeof *writer.entries);
    require(writer.addends != NULL && writer.dates != NULL && writer.touched != NULL &&
            writer.entries != NULL);
    buffer_init(&writer.merged, NODE_BYTES_MAX);
    qsort(batch->cells, batch->cell_count, sizeof *batch->cells, by_name);
    touch_cells(&writer);
    store_cursor_open(txn, table, &writer.cursor);
    write_touched(&writer);
    store_cursor_close(&writer.cursor);
    buffer_fini(&writer.merged);
    free(writer.entries);
    free(writer.touched);
    free(writer.dates);
    free(writer.addends);
}
