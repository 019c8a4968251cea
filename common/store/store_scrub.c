/* SPDX-License-Identifier: Apache-2.0
 *
 * Seals prove records, not the pages that lead to them: a damaged one of those loses records, or
 * sends a search past them. So each record is met twice, by walking and by its key.
 */
#include "base/require.h"
#include "store/store_internal.h"

/* True = `key` stands after the one before; keeps it. */
static bool in_order(struct slice key, uint8_t before[STORE_KEY_MAX], size_t *before_size)
{
    const bool after = slice_compare(key, slice_of(before, *before_size)) > 0;
    require(key.size <= STORE_KEY_MAX);
    memcpy(before, key.data, key.size);
    *before_size = key.size;
    return after;
}

enum status store_scrub(struct store *store, unsigned table)
{
    struct store_txn txn;
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    uint8_t before[STORE_KEY_MAX];
    size_t before_size = 0;
    uint64_t met = 0;
    bool sound = true;
    store_begin_read(store, &txn);
    const uint64_t count = store_count(&txn, table);
    store_cursor_open(&txn, table, &cursor);
    while (sound && met < count && store_cursor_next(&cursor, &key, &value)) {
        struct slice found;
        sound = in_order(key, before, &before_size) && store_get(&txn, table, key, &found) &&
                found.data == value.data;
        met++;
    }
    sound = sound && met == count && !store_cursor_next(&cursor, &key, &value);
    if (txn.status == STATUS_OK && !sound) {
        store_fail(&txn, STATUS_CORRUPT);
        store_note_damage(store);
    }
    store_cursor_close(&cursor);
    return store_commit(&txn);
}
