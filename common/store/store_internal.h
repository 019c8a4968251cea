/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sources of the store share: the open store, the one translation of LMDB's and errno's
 * codes, and the check of the data file.
 */
#ifndef HOSO_STORE_STORE_INTERNAL_H
#define HOSO_STORE_STORE_INTERNAL_H

#include <lmdb.h>
#include <stdatomic.h>

#include "store/store.h"

#define STORE_DATA_FILE "data.mdb"

/* LMDB's own table of free pages: its records begin with their number of pages. */
enum { STORE_FREE_PAGES = 0 };

/* What the lock file says that the last owner left. */
enum store_state {
    STORE_WHOLE,
    STORE_UNMADE, /* the owner never finished making it */
    STORE_DAMAGED /* the owner met damage; only where the data are derived */
};

struct store {
    MDB_env *env;
    MDB_dbi tables[STORE_TABLES_MAX];
    unsigned table_count;
    int directory_fd;
    int lock_fd;
    uint64_t incarnation;
    char *path;         /* the directory, as it was given */
    const char *remedy; /* what an operator does about damage */
    bool derived;
    bool made_anew;
    /* What store_is_full() measured last; it may be asked by several threads. */
    atomic_llong measured_at_ms;
    atomic_ullong free_page_bytes;
    atomic_ullong free_disk_bytes;
};

/* `store` may be NULL: then a full disk is reported as STATUS_IO. */
enum status store_translate(const struct store *store, int code) MUST_USE;

/* This thread calls LMDB or reads a record whose size it does not know to be true: a fault until
 * store_leave() is damage of this store. */
void store_enter(const struct store *store);
void store_leave(void);
/* A record or page is not what was written: a derived store is marked and the damage handler, if
 * there is one, ends the process. Returns where the caller's status has to tell. */
void store_note_damage(const struct store *store);
/* From the creation of the environment until it is closed. */
void store_guard_begin(struct store *store);
void store_guard_end(const struct store *store);

/* False if the disk does not answer. */
bool store_disk_free(const struct store *store, uint64_t *ret_bytes);

/* What to do about EACCES and EPERM of a store's file; "" for other codes. */
const char *store_denied_hint(int code);

/* "cannot <doing> <path>: <errno's text><hint>" */
enum status store_errno_error(struct error *error, const char *doing, const char *path,
                              const char *hint) MUST_USE;

enum status store_directory_open(struct store *store, const struct store_options *options,
                                 struct error *error) MUST_USE;
enum status store_lock_take(struct store *store, const char *path, enum store_state *ret_left,
                            struct error *error) MUST_USE;
enum status store_lock_write(const struct store *store, const char *path, enum store_state state,
                             struct error *error) MUST_USE;

/* OK if every page that the last commit reaches lies within the file, which LMDB has opened and
 * from which nothing was read yet. CORRUPT = it was cut short. */
enum status store_check_length(const struct store *store, const char *path,
                               struct error *error) MUST_USE;

#endif
