/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch of amounts, collected in memory. An amount goes to two cells, its own and its unit's ALL
 * cell:
 *
 *        table (by hash of name and procedure) ──▶ cell ──▶ chunk ──▶ chunk …    of addends
 */
#include <stdlib.h>
#include <xxhash.h>

#include "base/require.h"
#include "ledger/batch_internal.h"
#include "ledger/closes.h"

enum { TABLE_SLOTS_MIN = 1024 };

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
    batch->last[false] = NULL;
    batch->last[true] = NULL;
}

static bool is_cell(const struct cell *cell, struct slice name, struct slice procedure)
{
    return slice_equal(cell->name, name) && slice_equal(cell->procedure, procedure);
}

/* The slot of this cell, or the empty one where it belongs. */
static struct cell **table_slot(const struct ledger_batch *batch, uint64_t hash, struct slice name,
                                struct slice procedure)
{
    size_t at = hash & (batch->table_size - 1);
    while (batch->table[at] != NULL &&
           (batch->table[at]->hash != hash || !is_cell(batch->table[at], name, procedure))) {
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
        *table_slot(batch, cell->hash, cell->name, cell->procedure) = cell;
    }
}

/* NULL = the arena is full. */
static struct cell *cell_new(struct ledger_batch *batch, uint64_t hash, struct slice name,
                             struct slice procedure)
{
    struct cell *cell = arena_alloc(&batch->arena, sizeof *cell);
    name = arena_copy(&batch->arena, name);
    procedure = arena_copy(&batch->arena, procedure);
    if (batch->arena.exceeded) {
        return NULL;
    }
    if (batch->cell_count == batch->table_size / 2) {
        table_grow(batch);
    }
    cell->hash = hash;
    cell->name = name;
    cell->procedure = procedure;
    batch->cells[batch->cell_count++] = cell;
    *table_slot(batch, hash, name, procedure) = cell;
    return cell;
}

static struct cell *find_cell(struct ledger_batch *batch, const struct ledger_cell *key)
{
    uint8_t bytes[NODE_NAME_MAX];
    const struct slice name = slice_of(bytes, node_name(key, bytes));
    struct cell *last = batch->last[key->all];
    if (last != NULL && is_cell(last, name, key->procedure)) {
        return last;
    }
    const uint64_t hash = XXH3_64bits_withSeed(
        name.data, name.size, XXH3_64bits(key->procedure.data, key->procedure.size));
    struct cell *found = *table_slot(batch, hash, name, key->procedure);
    found = found != NULL ? found : cell_new(batch, hash, name, key->procedure);
    batch->last[key->all] = found;
    return found;
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
                               const struct node_entry *addend)
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

/* Days before 1970 come first, too. */
static uint64_t addend_code(int32_t day, unsigned slot, unsigned measure)
{
    const uint64_t days = (uint64_t)((int64_t)day - INT32_MIN);
    return days << CODE_INDEX_SHIFT | (uint64_t)slot << CODE_SLOT_SHIFT | measure;
}

enum status ledger_batch_add(struct ledger_batch *batch, const struct amount *amount, int sign)
{
    const struct node_entry addend = {
        .code = addend_code(amount->day, amount->slot, amount->measure),
        .amount = (int64_t)amount->delta * sign,
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
