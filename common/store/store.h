/* SPDX-License-Identifier: Apache-2.0
 *
 * The only code that knows LMDB. A store is one directory, one environment, one owner: `owner.lock`
 * is held with flock while it is open. Flags are LMDB's default, fully synchronous.
 *
 * Transactions are sticky: the first failure is kept in txn->status, later calls do nothing and
 * reads find nothing, and store_commit reports it. Writes: one thread at a time, and the thread
 * that began commits. Reads: any thread, short (old pages cannot be reused under a sleeping
 * reader). Slices from reads live until the transaction ends (in a write transaction: until the
 * next write; copy one before giving it to a write). Keys have 1 to STORE_KEY_MAX bytes, else
 * INVALID.
 *
 * A record that is not what was put, by its seal (store.c), fails its transaction with CORRUPT. A
 * derived store in which that was met is emptied when it is opened again.
 *
 * Every store has a meta table, kept here: schema version, incarnation (random u64), created_at_ms.
 * Not across fork: a child must not touch its parent's store.
 */
#ifndef HOSO_STORE_STORE_H
#define HOSO_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/status.h"

enum { STORE_TABLES_MAX = 15, STORE_KEY_MAX = 511 };

struct store;
struct MDB_txn;
struct MDB_cursor;

struct store_options {
    const char *path;          /* directory, made (0700) if missing */
    const char *const *tables; /* NULL-terminated names; a table is named by its index below */
    uint32_t schema_version;
    uint64_t map_bytes;  /* address space */
    bool any_filesystem; /* allow tmpfs, overlay and network file systems (tests) */
    bool derived;        /* can be made anew: once damaged, it is emptied when it is opened */
};

struct store_usage {
    uint64_t map_bytes;
    uint64_t used_bytes; /* pages in use */
    uint64_t free_disk_bytes;
};

struct store_txn {
    struct store *store;
    struct MDB_txn *txn;
    enum status status;
    bool write;
};

struct store_cursor {
    struct store_txn *txn;
    struct MDB_cursor *cursor;
    bool on_record;
};

/* BUSY = another process owns it; VERSION = a newer (or older) schema; DENIED = not ours or on a
 * file system that cannot keep it; CORRUPT = damaged or cut short; NOT_FOUND = no parent directory;
 * INVALID options; IO. The error says what to do. */
enum status store_open(const struct store_options *options, struct store **ret_store,
                       struct error *error) MUST_USE;
/* Would store_open take this directory and may we open its files, or could it make it? Makes
 * nothing and takes no lock, so the store may be open meanwhile; nothing is read. `*ret_there` =
 * there is a store that store_open would open. */
enum status store_check_directory(const char *path, bool any_filesystem, bool *ret_there,
                                  struct error *error) MUST_USE;
/* Opens the store that is there, as store_open would, and closes it; one that would be emptied and
 * made anew is OK and stays as it is. As store_open; BUSY = its owner runs. */
enum status store_check(const struct store_options *options, struct error *error) MUST_USE;
void store_close(struct store *store); /* NULL-safe; no transaction may be open */
/* Called in the thread that met damage: by a record of a derived store, or by a page of any, in a
 * signal handler. It says so and ends the process. `remedy` = what to do about it first; NULL = the
 * next store_open makes the store anew. For services, once, before a store is opened; without it
 * records are CORRUPT, and a page may end the process without a word. */
typedef void store_damage_handler(const char *path, const char *remedy);
void store_on_damage(store_damage_handler *handler);
/* This open found the store damaged and made an empty one in its place. */
bool store_was_made_anew(const struct store *store);
uint64_t store_incarnation(const struct store *store);
struct store_usage store_usage(struct store *store);
/* True at 90 % of the map or with less than 256 MiB of disk free, of a derived store 512 MiB: take
 * nothing new. */
bool store_is_full(struct store *store);
/* Drops readers of dead processes: at start and every minute. */
void store_check_readers(struct store *store);

/* A begin that fails leaves the failure in txn->status; every call on it is then a no-op. */
void store_begin_read(struct store *store, struct store_txn *ret_txn);
void store_begin_write(struct store *store, struct store_txn *ret_txn);
/* Commits, or aborts if the status is not OK; FULL = rejected, nothing written, go on. Any other
 * failure of a commit means "unknown": exit. Of a read transaction: aborts, reports the status. */
enum status store_commit(struct store_txn *txn) MUST_USE;
void store_abort(struct store_txn *txn);
/* Lets the transaction fail because a step of the caller's failed; OK changes nothing, and the
 * first failure stays. So a run of steps reports once, at the commit. */
void store_fail(struct store_txn *txn, enum status status);

bool store_get(struct store_txn *txn, unsigned table, struct slice key, struct slice *ret_value);
void store_put(struct store_txn *txn, unsigned table, struct slice key, struct slice value);
/* Puts a key greater than every other in the table; EXISTS if it is not. */
void store_append(struct store_txn *txn, unsigned table, struct slice key, struct slice value);
void store_delete(struct store_txn *txn, unsigned table, struct slice key); /* absent is fine */
void store_clear(struct store_txn *txn, unsigned table);
uint64_t store_count(struct store_txn *txn, unsigned table);

/* Reads the whole table: every record bears its seal, they are in order, each is found by its key,
 * and there are as many as the table says. Else CORRUPT. About a microsecond a record. */
enum status store_scrub(struct store *store, unsigned table) MUST_USE;

/* A cursor is closed before its transaction ends. */
void store_cursor_open(struct store_txn *txn, unsigned table, struct store_cursor *ret_cursor);
void store_cursor_close(struct store_cursor *cursor);
/* Each returns false at the end of the table or on failure. seek = first key ≥ key (empty: the
 * first). After a delete, next is the record that followed it and previous the one before. */
bool store_cursor_seek(struct store_cursor *cursor, struct slice key, struct slice *ret_key,
                       struct slice *ret_value);
/* The record with this very key; false = none, or failure. Where there is none, the records beside
 * its place are read, too: one whose key was damaged stands there, and is CORRUPT. */
bool store_cursor_find(struct store_cursor *cursor, struct slice key, struct slice *ret_value);
bool store_cursor_first(struct store_cursor *cursor, struct slice *ret_key,
                        struct slice *ret_value);
bool store_cursor_last(struct store_cursor *cursor, struct slice *ret_key, struct slice *ret_value);
bool store_cursor_next(struct store_cursor *cursor, struct slice *ret_key, struct slice *ret_value);
bool store_cursor_previous(struct store_cursor *cursor, struct slice *ret_key,
                           struct slice *ret_value);
/* Puts or deletes through the cursor (keys in order stay on the same page: cheap). */
void store_cursor_put(struct store_cursor *cursor, struct slice key, struct slice value);
void store_cursor_delete(
    struct store_cursor *cursor); /* the record it stands on, once; none = INVALID */

#endif
