/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing a batch in the order of the nodes' keys, each node once, since writing pages in random
 * order is what costs.
 *
 * 1. Settle. Cells in the order of their names and procedures; the addends of each in the order of
 *    (day, slot, measure), equal ones summed, zeros dropped. All of them stand in one array, cell
 * by cell. Cells with the same name share their nodes: a group.
 *
 * 2. Cut. In that order the addends of one cell in one node are neighbours, at every level. So an
 *    update is a range of the array and says whose node it is:
 *
 *        update: family, level, node, rank of the cell ──▶ first addend, count
 *
 *    These four in this order are the order of the keys (node.h), and the updates of a group in one
 *    node are neighbours.
 *
 * 3. Write. A node's record is a list of entries (code = index in the node, slot, measure; amount)
 *    for each procedure. The addends of an update become such a list, which is merged into the
 *    stored one; the lists of other procedures are copied.
 */
#include <stdlib.h>

#include "base/radix.h"
#include "base/require.h"
#include "ledger/batch_internal.h"

enum {
    NODE_BYTES_MAX = 64 << 20,
    FEW = 24, /* are sorted by insertion */
    PART_MASK = (1 << CODE_INDEX_SHIFT) - 1
};

struct update {
    uint64_t order; /* family << 56 | level << 48 | node << 32 | rank of the cell */
    size_t first;   /* of its addends */
    size_t count;
};

static uint64_t order_of(unsigned family, enum node_level level, uint16_t node, size_t rank)
{
    return (uint64_t)family << 56 | (uint64_t)level << 48 | (uint64_t)node << 32 | rank;
}

static bool is_all(const struct update *update)
{
    return update->order >> 56 == LEDGER_FAMILY_ALL;
}

static enum node_level level_of(const struct update *update)
{
    return (enum node_level)(update->order >> 48 & UINT8_MAX);
}

static uint16_t node_of(const struct update *update)
{
    return (uint16_t)(update->order >> 32);
}

struct batch_writer {
    struct ledger_batch *batch;
    struct store_txn *txn;
    struct store_cursor cursor;
    ledger_changed *changed;
    void *context;
    struct node_entry *addends; /* settled: of all cells, one after the other */
    struct date *dates;         /* of the addends */
    size_t addend_count;
    struct update *updates;
    size_t update_count;
    struct node_entry *entries; /* of one update */
    struct node_entry *spare;   /* for sorting one cell's */
    struct buffer list;         /* of one procedure */
    struct buffer node;
};

/* 1. Settle */

/* Most lists are short, or in order already. */
static void sort(struct node_entry *entries, size_t count, struct node_entry *spare)
{
    size_t ordered = 1;
    while (ordered < count && entries[ordered - 1].code <= entries[ordered].code) {
        ordered++;
    }
    if (ordered < count && count > FEW) {
        radix_sort(entries, spare, count, sizeof *entries, offsetof(struct node_entry, code));
        return;
    }
    for (; ordered < count; ordered++) {
        const struct node_entry entry = entries[ordered];
        size_t at = ordered;
        for (; at > 0 && entries[at - 1].code > entry.code; at--) {
            entries[at] = entries[at - 1];
        }
        entries[at] = entry;
    }
}

/* Sorts, sums what is equal and drops zeros; returns how many are left. */
static size_t settle(struct node_entry *entries, size_t count, struct node_entry *spare)
{
    size_t kept = 0;
    sort(entries, count, spare);
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

static size_t copy_addends(const struct cell *cell, struct node_entry *addends)
{
    size_t count = 0;
    for (const struct chunk *chunk = cell->chunks; chunk != NULL; chunk = chunk->next) {
        memcpy(addends + count, chunk->addends, chunk->count * sizeof *addends);
        count += chunk->count;
    }
    return count;
}

/* Puts a cell's addends behind those of the cells before it; returns how many they are. */
static size_t settle_cell(struct batch_writer *writer, const struct cell *cell)
{
    struct node_entry *addends = writer->addends + writer->addend_count;
    struct date *dates = writer->dates + writer->addend_count;
    const size_t count = settle(addends, copy_addends(cell, addends), writer->spare);
    for (size_t i = 0; i < count; i++) {
        const bool same = i != 0 && addend_day(&addends[i - 1]) == addend_day(&addends[i]);
        dates[i] = same ? dates[i - 1] : localday_date(addend_day(&addends[i]));
    }
    writer->addend_count += count;
    return count;
}

static int by_procedure(const void *a, const void *b)
{
    return slice_compare((*(struct cell *const *)a)->procedure,
                         (*(struct cell *const *)b)->procedure);
}

static void sort_by_name(const struct ledger_batch *batch)
{
    const size_t count = batch->cell_count;
    struct slice *names = calloc(count + 1, sizeof *names);
    struct radix_text *order = calloc(2 * count + 1, sizeof *order);
    struct cell **cells = calloc(count + 1, sizeof *cells);
    require(names != NULL && order != NULL && cells != NULL);
    for (size_t i = 0; i < count; i++) {
        names[i] = batch->cells[i]->name;
    }
    radix_sort_texts(names, count, order, order + count);
    for (size_t i = 0; i < count; i++) {
        cells[i] = batch->cells[order[i].index];
    }
    memcpy(batch->cells, cells, count * sizeof(struct cell *));
    free(cells);
    free(order);
    free(names);
}

/* Sorts the cells and finds their groups. */
static void order_cells(const struct ledger_batch *batch)
{
    sort_by_name(batch);
    for (size_t rank = 0, size = 0; rank < batch->cell_count; rank += size) {
        struct cell **group = &batch->cells[rank];
        for (size = 0;
             rank + size < batch->cell_count && slice_equal(group[size]->name, group[0]->name);
             size++) {
            group[size]->group = (uint32_t)rank;
        }
        qsort(group, size, sizeof(struct cell *), by_procedure);
    }
}

/* 2. Cut */

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
        if (update == NULL || node_of(update) != node) {
            update = &writer->updates[writer->update_count++];
            *update = (struct update){.order = order_of(family, level, node, rank), .first = i};
        }
        update->count++;
    }
}

static void cut_cell(struct batch_writer *writer, size_t rank, size_t first, size_t count)
{
    for (enum node_level level = LEDGER_YEARS; level <= LEDGER_DAYS; level++) {
        cut_level(writer, rank, first, count, level);
    }
}

static void prepare_updates(struct batch_writer *writer)
{
    struct ledger_batch *batch = writer->batch;
    order_cells(batch);
    for (size_t rank = 0; rank < batch->cell_count; rank++) {
        const size_t first = writer->addend_count;
        cut_cell(writer, rank, first, settle_cell(writer, batch->cells[rank]));
    }
    struct update *spare = calloc(writer->update_count + 1, sizeof *spare);
    require(spare != NULL);
    radix_sort(writer->updates, spare, writer->update_count, sizeof *spare,
               offsetof(struct update, order));
    free(spare);
}

/* 3. Write */

/* The changes of the update's node at the places that its level has for days, or all of them at
 * that of the node's sum; returns how many. */
static size_t fill_places(const struct batch_writer *writer, const struct update *update,
                          bool as_sum, struct node_entry *entries)
{
    for (size_t i = update->first; i < update->first + update->count; i++) {
        const uint64_t index =
            as_sum ? LEDGER_SUM
                   : node_place(is_all(update), level_of(update), writer->dates[i]).index;
        entries[i - update->first] = (struct node_entry){
            .code = index << CODE_INDEX_SHIFT | (writer->addends[i].code & PART_MASK),
            .amount = writer->addends[i].amount};
    }
    return settle(entries, update->count, writer->spare);
}

/* A field's month has its sum before its days. */
static size_t fill_entries(const struct batch_writer *writer, const struct update *update)
{
    const bool has_sum = !is_all(update) && level_of(update) == LEDGER_DAYS;
    const size_t sums = has_sum ? fill_places(writer, update, true, writer->entries) : 0;
    return sums + fill_places(writer, update, false, writer->entries + sums);
}

static void put_list(struct batch_writer *writer, struct slice procedure, struct slice list)
{
    if (list.size != 0) {
        buffer_text(&writer->node, procedure);
        buffer_text(&writer->node, list);
    }
}

static const struct cell *cell_of(const struct batch_writer *writer, const struct update *update)
{
    return writer->batch->cells[(uint32_t)update->order];
}

/* Makes the node from what is stored and a group's updates, in the order of procedures. Returns how
 * many entries change. */
static size_t merge_lists(struct batch_writer *writer, struct slice stored,
                          const struct update *updates, size_t count)
{
    struct reader lists = reader_of(stored);
    struct slice procedure = {0};
    struct slice list = {0};
    size_t changes = 0;
    size_t i = 0;
    buffer_clear(&writer->node);
    bool more = node_list_next(&lists, &procedure, &list);
    while (more || i < count) {
        const struct slice own = i < count ? cell_of(writer, &updates[i])->procedure : procedure;
        const int order = !more ? 1 : i == count ? -1 : slice_compare(procedure, own);
        if (order < 0) {
            put_list(writer, procedure, list);
        } else {
            const size_t changed = fill_entries(writer, &updates[i++]);
            const bool whole = node_merge(order == 0 ? list : (struct slice){0}, writer->entries,
                                          changed, &writer->list);
            store_fail(writer->txn, whole ? STATUS_OK : STATUS_CORRUPT);
            put_list(writer, own, buffer_slice(&writer->list));
            changes += changed;
        }
        more = order <= 0 ? node_list_next(&lists, &procedure, &list) : more;
    }
    store_fail(writer->txn, lists.failed ? STATUS_CORRUPT : buffer_status(&writer->node));
    return changes;
}

/* Merges the updates of a group into their node; without any entry left it is deleted. */
static void write_node(struct batch_writer *writer, struct slice key, const struct update *updates,
                       size_t count)
{
    struct slice stored = {0};
    const bool exists = store_cursor_find(&writer->cursor, key, &stored);
    const size_t changes = merge_lists(writer, exists ? stored : (struct slice){0}, updates, count);
    const struct slice merged = buffer_slice(&writer->node);
    if (changes == 0 || writer->txn->status != STATUS_OK) {
        return;
    }
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

static bool same_node(const struct batch_writer *writer, const struct update *a,
                      const struct update *b)
{
    return a->order >> 32 == b->order >> 32 &&
           cell_of(writer, a)->group == cell_of(writer, b)->group;
}

static void write_updates(struct batch_writer *writer)
{
    uint8_t key[NODE_KEY_MAX];
    for (size_t i = 0; i < writer->update_count && writer->txn->status == STATUS_OK;) {
        const struct update *first = &writer->updates[i];
        size_t count = 1;
        while (i + count < writer->update_count && same_node(writer, first, first + count)) {
            count++;
        }
        write_node(writer,
                   node_key(cell_of(writer, first)->name, level_of(first), node_of(first), key),
                   first, count);
        i += count;
    }
}

static void writer_init(struct batch_writer *writer, const struct ledger_batch *batch)
{
    writer->addends = calloc(batch->addend_count + 1, sizeof *writer->addends);
    writer->dates = calloc(batch->addend_count + 1, sizeof *writer->dates);
    writer->spare = calloc(batch->largest + 1, sizeof *writer->spare);
    writer->updates = calloc(LEDGER_LEVELS * batch->addend_count + 1, sizeof *writer->updates);
    writer->entries = calloc(2 * batch->largest + 1, sizeof *writer->entries);
    require(writer->addends != NULL && writer->dates != NULL && writer->updates != NULL &&
            writer->entries != NULL && writer->spare != NULL);
    buffer_init(&writer->list, NODE_BYTES_MAX);
    buffer_init(&writer->node, NODE_BYTES_MAX);
}

static void writer_fini(struct batch_writer *writer)
{
    buffer_fini(&writer->node);
    buffer_fini(&writer->list);
    free(writer->spare);
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
