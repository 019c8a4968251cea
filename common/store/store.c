/* SPDX-License-Identifier: Apache-2.0
 *
 * Transactions, records and cursors over LMDB. Every call goes through usable() first and settle()
 * last, so the first failure of a transaction stays and the calls after it do nothing. LMDB's codes
 * become ours in store_translate() only.
 *
 * LMDB has no checksums. So a value is stored with a seal behind it, the lower 32 bits of XXH3-64
 * over key and value, which is checked whenever the value is read: what a disk or a faulty memory
 * changed is CORRUPT, and never a number.
 */
#include "store/store.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <xxhash.h>

#include "base/require.h"
#include "store/store_internal.h"

enum { SEAL_BYTES = 4 }; /* after each value, little-endian */

/* A write that fails with less than this left failed because the disk is full. */
#define DISK_EXHAUSTED_BYTES (UINT64_C(16) << 20)

/* A write that a full disk cut short fails with EIO, too: only the free space shows which it was.
 */
static enum status translate_write_error(const struct store *store)
{
    uint64_t free_bytes = 0;
    const bool known = store != NULL && store_disk_free(store, &free_bytes);
    return known && free_bytes < DISK_EXHAUSTED_BYTES ? STATUS_FULL : STATUS_IO;
}

enum status store_translate(const struct store *store, int code)
{
    switch (code) {
    case MDB_SUCCESS:
        return STATUS_OK;
    case MDB_NOTFOUND:
    case ENOENT:
        return STATUS_NOT_FOUND;
    case MDB_KEYEXIST:
        return STATUS_EXISTS;
    case MDB_MAP_FULL:
    case EDQUOT:
        return STATUS_FULL;
    case EIO:
    case ENOSPC:
        return translate_write_error(store);
    case MDB_PAGE_NOTFOUND:
    case MDB_CORRUPTED:
    case MDB_INVALID:
    case MDB_INCOMPATIBLE:
    case MDB_PAGE_FULL:
    case MDB_CURSOR_FULL:
        return STATUS_CORRUPT;
    case MDB_VERSION_MISMATCH:
        return STATUS_VERSION;
    case MDB_TXN_FULL:
        return STATUS_TOO_LARGE;
    case MDB_READERS_FULL:
    case EAGAIN:
    case EBUSY:
        return STATUS_BUSY;
    case MDB_BAD_VALSIZE:
    case EINVAL:
        return STATUS_INVALID;
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_DENIED;
    case MDB_BAD_TXN:
    case MDB_BAD_DBI:
    case MDB_BAD_RSLOT:
    case MDB_DBS_FULL:
        return STATUS_INTERNAL;
    default:
        return STATUS_IO;
    }
}

uint64_t store_incarnation(const struct store *store)
{
    return store->incarnation;
}

void store_check_readers(struct store *store)
{
    /* A failure keeps some old pages until the next check, nothing worse. */
    (void)mdb_reader_check(store->env, NULL);
}

static void begin(struct store *store, bool write, struct store_txn *ret_txn)
{
    *ret_txn = (struct store_txn){.store = store, .write = write};
    store_enter(store);
    const int code = mdb_txn_begin(store->env, NULL, write ? 0 : MDB_RDONLY, &ret_txn->txn);
    store_leave();
    if (code != 0) {
        ret_txn->txn = NULL;
        ret_txn->status = store_translate(store, code);
    }
}

void store_begin_read(struct store *store, struct store_txn *ret_txn)
{
    begin(store, false, ret_txn);
}

void store_begin_write(struct store *store, struct store_txn *ret_txn)
{
    begin(store, true, ret_txn);
}

enum status store_commit(struct store_txn *txn)
{
    if (txn->txn == NULL) {
        return txn->status != STATUS_OK ? txn->status : STATUS_CLOSED;
    }
    if (txn->status != STATUS_OK || !txn->write) {
        store_abort(txn);
        return txn->status;
    }
    store_enter(txn->store);
    const int code = mdb_txn_commit(txn->txn);
    store_leave();
    txn->status = store_translate(txn->store, code);
    txn->txn = NULL;
    return txn->status;
}

void store_abort(struct store_txn *txn)
{
    if (txn->txn != NULL) {
        mdb_txn_abort(txn->txn);
        txn->txn = NULL;
    }
}

void store_fail(struct store_txn *txn, enum status status)
{
    if (txn->status == STATUS_OK) {
        txn->status = status;
    }
}

static bool usable(const struct store_txn *txn)
{
    const bool can = txn->txn != NULL && txn->status == STATUS_OK;
    store_enter(can ? txn->store : NULL);
    return can;
}

/* True = done; false = nothing there, or failed, which then stays. */
static bool settle(struct store_txn *txn, int code)
{
    store_leave();
    if (code != 0 && code != MDB_NOTFOUND) {
        txn->status = store_translate(txn->store, code);
        if (txn->status == STATUS_CORRUPT) {
            store_note_damage(txn->store);
        }
    }
    return code == 0;
}

static bool key_fits(struct store_txn *txn, struct slice key)
{
    return (key.size >= 1 && key.size <= STORE_KEY_MAX) || settle(txn, MDB_BAD_VALSIZE);
}

static MDB_dbi table_of(const struct store_txn *txn, unsigned table)
{
    require(table < txn->store->table_count);
    return txn->store->tables[table];
}

/* LMDB's values are not const, but it only reads those it is given. */
static MDB_val value_of(struct slice slice)
{
    return (MDB_val){slice.size, (void *)(uintptr_t)slice.data};
}

/* The key is part of it: a value that has come under another key is damage, too. */
static uint32_t seal_of(struct slice key, struct slice value)
{
    return (uint32_t)XXH3_64bits_withSeed(key.data, key.size, XXH3_64bits(value.data, value.size));
}

/* Takes the seal off; a value that does not bear its own is CORRUPT. */
static bool unseal(struct store_txn *txn, const MDB_val *key, const MDB_val *stored,
                   struct slice *ret_value)
{
    uint32_t seal = 0;
    if (stored->mv_size < SEAL_BYTES) {
        return settle(txn, MDB_CORRUPTED);
    }
    const struct slice value = slice_of(stored->mv_data, stored->mv_size - SEAL_BYTES);
    store_enter(txn->store);
    memcpy(&seal, value.data + value.size, SEAL_BYTES);
    const bool whole = le32toh(seal) == seal_of(slice_of(key->mv_data, key->mv_size), value);
    if (settle(txn, whole ? 0 : MDB_CORRUPTED)) {
        *ret_value = value;
    }
    return whole;
}

/* Fills the room that LMDB gave for a value. */
static void write_sealed(const MDB_val *room, struct slice value, uint32_t seal)
{
    uint8_t *bytes = room->mv_data;
    if (value.size != 0) {
        memcpy(bytes, value.data, value.size);
    }
    seal = htole32(seal);
    memcpy(bytes + value.size, &seal, SEAL_BYTES);
}

bool store_get(struct store_txn *txn, unsigned table, struct slice key, struct slice *ret_value)
{
    if (!usable(txn) || !key_fits(txn, key)) {
        return false;
    }
    MDB_val name = value_of(key);
    MDB_val stored;
    return settle(txn, mdb_get(txn->txn, table_of(txn, table), &name, &stored)) &&
           unseal(txn, &name, &stored, ret_value);
}

static void put(struct store_txn *txn, unsigned table, struct slice key, struct slice value,
                unsigned flags)
{
    if (!usable(txn) || !key_fits(txn, key)) {
        return;
    }
    const uint32_t seal = seal_of(key, value);
    MDB_val name = value_of(key);
    MDB_val room = {value.size + SEAL_BYTES, NULL};
    if (settle(txn, mdb_put(txn->txn, table_of(txn, table), &name, &room, flags | MDB_RESERVE))) {
        write_sealed(&room, value, seal);
    }
}

void store_put(struct store_txn *txn, unsigned table, struct slice key, struct slice value)
{
    put(txn, table, key, value, 0);
}

void store_append(struct store_txn *txn, unsigned table, struct slice key, struct slice value)
{
    put(txn, table, key, value, MDB_APPEND);
}

void store_delete(struct store_txn *txn, unsigned table, struct slice key)
{
    if (!usable(txn) || !key_fits(txn, key)) {
        return;
    }
    MDB_val name = value_of(key);
    (void)settle(txn, mdb_del(txn->txn, table_of(txn, table), &name, NULL));
}

void store_clear(struct store_txn *txn, unsigned table)
{
    if (usable(txn)) {
        (void)settle(txn, mdb_drop(txn->txn, table_of(txn, table), 0));
    }
}

uint64_t store_count(struct store_txn *txn, unsigned table)
{
    MDB_stat stat;
    if (!usable(txn) || !settle(txn, mdb_stat(txn->txn, table_of(txn, table), &stat))) {
        return 0;
    }
    return stat.ms_entries;
}

void store_cursor_open(struct store_txn *txn, unsigned table, struct store_cursor *ret_cursor)
{
    *ret_cursor = (struct store_cursor){.txn = txn};
    if (usable(txn) &&
        !settle(txn, mdb_cursor_open(txn->txn, table_of(txn, table), &ret_cursor->cursor))) {
        ret_cursor->cursor = NULL;
    }
}

void store_cursor_close(struct store_cursor *cursor)
{
    /* The end of a write transaction has freed its cursors already. */
    if (cursor->cursor != NULL && (cursor->txn->txn != NULL || !cursor->txn->write)) {
        mdb_cursor_close(cursor->cursor);
    }
    cursor->cursor = NULL;
    cursor->on_record = false;
}

static bool cursor_usable(const struct store_cursor *cursor)
{
    return cursor->cursor != NULL && usable(cursor->txn);
}

static bool move(struct store_cursor *cursor, MDB_cursor_op operation, struct slice key,
                 struct slice *ret_key, struct slice *ret_value)
{
    if (!cursor_usable(cursor)) {
        return false;
    }
    MDB_val name = value_of(key);
    MDB_val stored;
    cursor->on_record =
        settle(cursor->txn, mdb_cursor_get(cursor->cursor, &name, &stored, operation)) &&
        unseal(cursor->txn, &name, &stored, ret_value);
    if (cursor->on_record) {
        *ret_key = slice_of(name.mv_data, name.mv_size);
    }
    return cursor->on_record;
}

bool store_cursor_seek(struct store_cursor *cursor, struct slice key, struct slice *ret_key,
                       struct slice *ret_value)
{
    if (key.size == 0) {
        return store_cursor_first(cursor, ret_key, ret_value);
    }
    return cursor_usable(cursor) && key_fits(cursor->txn, key) &&
           move(cursor, MDB_SET_RANGE, key, ret_key, ret_value);
}

/* A search compares with a damaged key at its own place alone, so it ends before or after it; the
 * record after has been read by the seek. */
bool store_cursor_find(struct store_cursor *cursor, struct slice key, struct slice *ret_value)
{
    struct slice found;
    struct slice beside;
    if (store_cursor_seek(cursor, key, &found, ret_value) && slice_equal(found, key)) {
        return true;
    }
    (void)store_cursor_previous(cursor, &found, &beside);
    cursor->on_record = false;
    return false;
}

bool store_cursor_first(struct store_cursor *cursor, struct slice *ret_key, struct slice *ret_value)
{
    return move(cursor, MDB_FIRST, slice_text(NULL), ret_key, ret_value);
}

bool store_cursor_last(struct store_cursor *cursor, struct slice *ret_key, struct slice *ret_value)
{
    return move(cursor, MDB_LAST, slice_text(NULL), ret_key, ret_value);
}

bool store_cursor_next(struct store_cursor *cursor, struct slice *ret_key, struct slice *ret_value)
{
    return move(cursor, MDB_NEXT, slice_text(NULL), ret_key, ret_value);
}

bool store_cursor_previous(struct store_cursor *cursor, struct slice *ret_key,
                           struct slice *ret_value)
{
    return move(cursor, MDB_PREV, slice_text(NULL), ret_key, ret_value);
}

void store_cursor_put(struct store_cursor *cursor, struct slice key, struct slice value)
{
    if (!cursor_usable(cursor) || !key_fits(cursor->txn, key)) {
        return;
    }
    const uint32_t seal = seal_of(key, value);
    MDB_val name = value_of(key);
    MDB_val room = {value.size + SEAL_BYTES, NULL};
    cursor->on_record =
        settle(cursor->txn, mdb_cursor_put(cursor->cursor, &name, &room, MDB_RESERVE));
    if (cursor->on_record) {
        write_sealed(&room, value, seal);
    }
}

void store_cursor_delete(struct store_cursor *cursor)
{
    if (!cursor_usable(cursor)) {
        return;
    }
    (void)settle(cursor->txn, cursor->on_record ? mdb_cursor_del(cursor->cursor, 0) : EINVAL);
    cursor->on_record = false;
}
