/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/closing.h"

#include <stdlib.h>

#include "catalogue/scope.h"
#include "journal/close.h"

static int by_id(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* The ids of the units that the closed one ever covered, and of those that a report up to its last
 * day counts in it although they never lay below it: under a unit that came to it later. */
static enum status list_units(const struct catalogue *catalogue, const struct ledger_close *close,
                              struct arena *arena, struct buffer *units, uint32_t *ret_count)
{
    const struct scope_question question = {.root = close->unit,
                                            .from_day = INT32_MIN / 2,
                                            .to_day = close->last_day + 1,
                                            .tree_day = close->last_day};
    const struct unit *const *covered = NULL;
    struct scope scope = {.count = 0};
    uint32_t count = 0;
    enum status status = scope_covered(catalogue, close->unit, arena, &covered, &count);
    if (status == STATUS_OK) {
        status = scope_of(catalogue, &question, arena, &scope);
    }
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        return status;
    }
    struct slice *ids = arena_array(arena, count + scope.unit_count + 1U, sizeof *ids);
    if (ids == NULL) {
        return STATUS_TOO_LARGE;
    }
    uint32_t all = 0;
    ids[all++] = close->unit;
    for (uint32_t i = 0; i < count; i++) {
        ids[all++] = covered[i]->id;
    }
    for (uint32_t i = 0; i < scope.unit_count; i++) {
        ids[all++] = scope.units[i]->id;
    }
    qsort(ids, all, sizeof *ids, by_id);
    for (uint32_t i = 0; i < all; i++) {
        if (i == 0 || !slice_equal(ids[i - 1], ids[i])) {
            buffer_text(units, ids[i]);
            ++*ret_count;
        }
    }
    return buffer_status(units);
}

static void put(struct store_txn *txn, struct slice key, struct slice value,
                ledger_changed *changed, void *context)
{
    store_put(txn, TABLE_LEDGER, key, value);
    if (txn->status == STATUS_OK) {
        changed(context, key, value);
    }
}

/* Closes under one catalogue share one copy of it. */
static void keep_catalogue(struct store_txn *txn, struct slice key, struct slice packed,
                           ledger_changed *changed, void *context)
{
    struct slice known;
    if (!store_get(txn, TABLE_LEDGER, key, &known)) {
        put(txn, key, packed, changed, context);
    }
}

static void write_close(struct store_txn *txn, const struct ledger_close *close,
                        ledger_changed *changed, void *context)
{
    uint8_t key[LEDGER_CLOSE_KEY_SIZE];
    struct buffer value;
    buffer_init(&value, LEDGER_CLOSE_BYTES_MAX);
    ledger_close_encode(close, &value);
    store_fail(txn, buffer_status(&value));
    put(txn, ledger_close_key(close->number, key), buffer_slice(&value), changed, context);
    buffer_fini(&value);
}

static enum status close_under(struct store_txn *txn, const struct catalogue *catalogue,
                               struct ledger_close *close, struct arena *arena,
                               ledger_changed *changed, void *context)
{
    uint8_t key[LEDGER_CATALOGUE_KEY_SIZE];
    struct buffer units;
    const struct slice packed = catalogue_packed(catalogue);
    buffer_init(&units, LEDGER_CLOSE_BYTES_MAX);
    enum status status = list_units(catalogue, close, arena, &units, &close->unit_count);
    close->units = arena_copy(arena, buffer_slice(&units));
    buffer_fini(&units);
    if (status != STATUS_OK || arena->exceeded) {
        return status != STATUS_OK ? status : STATUS_TOO_LARGE;
    }
    close->catalogue_key = arena_copy(arena, ledger_catalogue_at_close_key(packed, key));
    keep_catalogue(txn, close->catalogue_key, packed, changed, context);
    write_close(txn, close, changed, context);
    return arena->exceeded ? STATUS_TOO_LARGE : txn->status;
}

enum status closing_apply(struct store_txn *txn, const struct block *block, struct arena *arena,
                          struct ledger_closes *closes, ledger_changed *changed, void *context)
{
    struct close journaled;
    struct slice packed;
    struct error error;
    struct catalogue *catalogue = NULL;
    if (!close_decode(block->payload, &journaled) ||
        !store_get(txn, TABLE_LEDGER, ledger_catalogue_key(), &packed)) {
        return status_first(txn->status, STATUS_CORRUPT);
    }
    struct ledger_close close = {.number = ledger_closes_count(closes) + 1,
                                 .position = block->first_position,
                                 .closed_at_ms = block->journaled_at_ms,
                                 .last_day = journaled.last_day,
                                 .unit = journaled.unit,
                                 .label = journaled.label,
                                 .by = block->source};
    enum status status = catalogue_parse(packed, &catalogue, &error);
    if (status != STATUS_OK) {
        return status;
    }
    status = close_under(txn, catalogue, &close, arena, changed, context);
    catalogue_free(catalogue);
    return status == STATUS_OK ? ledger_closes_add(closes, &close) : status;
}
