/* SPDX-License-Identifier: Apache-2.0
 *
 * For LD_PRELOAD: limits of a store that are hard to reach otherwise. HOSO_TXN_WRITES=N: a write
 * transaction fails with MDB_TXN_FULL after N records, as one that changes too many pages does.
 * HOSO_FAIL_FULL=FILE: while the file exists no commit finds room.
 */
#include <dlfcn.h>
#include <lmdb.h>
#include <stdlib.h>
#include <unistd.h>

static MDB_txn *writing;
static long writes;

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

int mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags, MDB_txn **ret_txn)
{
    int (*begin)(MDB_env *, MDB_txn *, unsigned, MDB_txn **) = NULL;
    *(void **)&begin = next("mdb_txn_begin");
    const int code = begin(env, parent, flags, ret_txn);
    if (code == 0 && (flags & MDB_RDONLY) == 0) {
        writing = *ret_txn;
        writes = 0;
    }
    return code;
}

int mdb_txn_commit(MDB_txn *txn)
{
    int (*commit)(MDB_txn *) = NULL;
    *(void **)&commit = next("mdb_txn_commit");
    const char *full = getenv("HOSO_FAIL_FULL");
    if (txn == writing && full != NULL && access(full, F_OK) == 0) {
        mdb_txn_abort(txn);
        return MDB_MAP_FULL;
    }
    return commit(txn);
}

static int too_many(void)
{
    const char *limit = getenv("HOSO_TXN_WRITES");
    return limit != NULL && ++writes > strtol(limit, NULL, 10);
}

int mdb_put(MDB_txn *txn, MDB_dbi table, MDB_val *key, MDB_val *value, unsigned flags)
{
    int (*put)(MDB_txn *, MDB_dbi, MDB_val *, MDB_val *, unsigned) = NULL;
    *(void **)&put = next("mdb_put");
    return too_many() ? MDB_TXN_FULL : put(txn, table, key, value, flags);
}

int mdb_cursor_put(MDB_cursor *cursor, MDB_val *key, MDB_val *value, unsigned flags)
{
    int (*put)(MDB_cursor *, MDB_val *, MDB_val *, unsigned) = NULL;
    *(void **)&put = next("mdb_cursor_put");
    return too_many() ? MDB_TXN_FULL : put(cursor, key, value, flags);
}
