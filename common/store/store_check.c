/* SPDX-License-Identifier: Apache-2.0
 *
 * Is the data file whole? LMDB maps it, so a page beyond its end is a SIGBUS in the middle of work.
 * LMDB itself refuses a file without its two headers; what it does not look at is the length.
 *
 * A file that reaches to the last page is whole. A shorter one may still be: pages at the end that
 * a transaction took and gave back are never written. LMDB's table of free pages then has every one
 * of them. That table may be cut off, too, so the file is made as long as it should be before it is
 * read: what was cut off reads as zeros, which LMDB calls damaged, and a list of zeros has no
 * pages.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/require.h"
#include "store/store_internal.h"

/* How many pages from `first` on are free. */
static uint64_t count_free_pages(MDB_env *env, uint64_t first)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    uint64_t free_pages = 0;
    if (mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) != 0) {
        return 0;
    }
    if (mdb_cursor_open(txn, STORE_FREE_PAGES, &cursor) == 0) {
        MDB_val key;
        MDB_val value;
        while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
            const size_t *words = value.mv_data; /* how many, then each page's number */
            const size_t room = value.mv_size / sizeof *words;
            for (size_t i = 1; i < room && i <= words[0]; i++) {
                free_pages += words[i] >= first;
            }
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return free_pages;
}

enum status store_check_length(const struct store *store, const char *path, struct error *error)
{
    MDB_envinfo info;
    MDB_stat stat;
    struct stat file;
    int fd = -1;
    require(mdb_env_info(store->env, &info) == 0 && mdb_env_stat(store->env, &stat) == 0 &&
            mdb_env_get_fd(store->env, &fd) == 0);
    if (fstat(fd, &file) != 0) {
        return store_errno_error(error, "examine " STORE_DATA_FILE " in", path, "");
    }
    const uint64_t pages = (uint64_t)info.me_last_pgno + 1;
    const uint64_t written = (uint64_t)file.st_size / stat.ms_psize;
    if (written >= pages) {
        return STATUS_OK;
    }
    if (ftruncate(fd, (off_t)(pages * stat.ms_psize)) != 0) {
        return store_errno_error(error, "lengthen " STORE_DATA_FILE " in", path, "");
    }
    if (count_free_pages(store->env, written) == pages - written) {
        return STATUS_OK;
    }
    if (ftruncate(fd, file.st_size) != 0) {
        return store_errno_error(error, "shorten " STORE_DATA_FILE " in", path, "");
    }
    return error_set(error, STATUS_CORRUPT,
                     "%s/" STORE_DATA_FILE " was cut short: it has %lld bytes and its last commit "
                     "reaches to %llu: %s",
                     path, (long long)file.st_size, (unsigned long long)pages * stat.ms_psize,
                     store->remedy);
}
