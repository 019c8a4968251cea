/* SPDX-License-Identifier: Apache-2.0
 *
 * How full a store is: the map, of which the file's pages less the reusable ones are in use, and
 * the disk. It is asked before each batch, so the slow parts are measured once a second.
 */
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/require.h"
#include "store/store_internal.h"

enum { FULL_PERCENT = 90, MEASURE_EVERY_MS = 1000 };

/* What is left of the disk. Derived data stop first: on one disk with the journal they leave room
 * for events that could not be had again. */
#define DISK_RESERVE_BYTES (UINT64_C(256) << 20)
#define DERIVED_DISK_RESERVE_BYTES (2 * DISK_RESERVE_BYTES)
/* A map whose last tenth can be written within MEASURE_EVERY_MS is measured each time. */
#define SMALL_MAP_BYTES (UINT64_C(1) << 30)

bool store_disk_free(const struct store *store, uint64_t *ret_bytes)
{
    struct statvfs disk;
    if (fstatvfs(store->directory_fd, &disk) != 0) {
        return false;
    }
    *ret_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    return true;
}

/* A disk that does not answer has no room. */
static uint64_t disk_free_or_none(const struct store *store)
{
    uint64_t bytes = 0;
    return store_disk_free(store, &bytes) ? bytes : 0;
}

/* Pages that a later transaction may reuse; 0 where it cannot be measured, so that an error
 * makes the store look fuller. */
static uint64_t count_free_pages(const struct store *store)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    uint64_t pages = 0;
    if (mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn) != 0) {
        return 0;
    }
    if (mdb_cursor_open(txn, STORE_FREE_PAGES, &cursor) == 0) {
        MDB_val key;
        MDB_val value;
        while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
            size_t count = 0;
            memcpy(&count, value.mv_data, sizeof count);
            pages += count;
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return pages;
}

static uint64_t free_page_bytes(const struct store *store, uint64_t page_bytes)
{
    store_enter(store);
    const uint64_t pages = count_free_pages(store);
    store_leave();
    return pages * page_bytes;
}

static void environment_size(const struct store *store, MDB_envinfo *ret_info, MDB_stat *ret_stat)
{
    require(mdb_env_info(store->env, ret_info) == 0);
    require(mdb_env_stat(store->env, ret_stat) == 0);
}

struct store_usage store_usage(struct store *store)
{
    MDB_envinfo info;
    MDB_stat stat;
    environment_size(store, &info, &stat);
    const uint64_t written = (info.me_last_pgno + 1) * stat.ms_psize;
    const uint64_t reusable = free_page_bytes(store, stat.ms_psize);
    return (struct store_usage){
        .map_bytes = info.me_mapsize,
        .used_bytes = written > reusable ? written - reusable : 0,
        .free_disk_bytes = disk_free_or_none(store),
    };
}

/* By what was measured last, and the end of the file as it is now. */
static bool is_full_as_measured(const struct store *store, const MDB_envinfo *info,
                                const MDB_stat *stat)
{
    const uint64_t written = (info->me_last_pgno + 1) * stat->ms_psize;
    const uint64_t limit = info->me_mapsize / 100 * FULL_PERCENT;
    return written >= limit + atomic_load(&store->free_page_bytes) ||
           atomic_load(&store->free_disk_bytes) <
               (store->derived ? DERIVED_DISK_RESERVE_BYTES : DISK_RESERVE_BYTES);
}

/* The slow parts, the disk and the free pages, are measured once a second, and before the answer
 * "full": room that was just made counts at once. */
bool store_is_full(struct store *store)
{
    MDB_envinfo info;
    MDB_stat stat;
    environment_size(store, &info, &stat);
    const long long now = clock_ms();
    const long long measured = atomic_load(&store->measured_at_ms);
    if (measured == 0 || now - measured >= MEASURE_EVERY_MS || info.me_mapsize <= SMALL_MAP_BYTES ||
        is_full_as_measured(store, &info, &stat)) {
        atomic_store(&store->free_disk_bytes, disk_free_or_none(store));
        atomic_store(&store->free_page_bytes, free_page_bytes(store, stat.ms_psize));
        atomic_store(&store->measured_at_ms, now);
    }
    return is_full_as_measured(store, &info, &stat);
}
