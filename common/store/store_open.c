/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing a store: directory, owner lock, data file, LMDB, tables, meta record, in this
 * order, each refused with what is wrong, why, and what to do.
 *
 * The meta record, key "store" of table "meta": "HOSO", schema version (u32), incarnation,
 * created_at_ms (u64), XXH3-64 of these 24 bytes; big-endian.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/require.h"
#include "store/store_internal.h"

#define META_TABLE "meta"
#define META_KEY "store"
#define META_MAGIC UINT32_C(0x484F534F)

enum { MAX_READERS = 126, DATA_MODE = 0600 };
enum { META_BYTES = 32, META_CHECKED_BYTES = 24 };

struct meta {
    uint32_t schema_version;
    uint64_t incarnation;
    uint64_t created_at_ms;
};

static enum status check_options(const struct store_options *options, struct error *error)
{
    if (options->path == NULL || options->path[0] == '\0' || options->map_bytes == 0) {
        return error_set(error, STATUS_INVALID, "a store needs a directory and a map size");
    }
    for (unsigned i = 0; options->tables[i] != NULL; i++) {
        const char *name = options->tables[i];
        bool known = i >= STORE_TABLES_MAX || name[0] == '\0' || strcmp(name, META_TABLE) == 0;
        for (unsigned k = 0; k < i && !known; k++) {
            known = strcmp(name, options->tables[k]) == 0;
        }
        if (known) {
            return error_set(error, STATUS_INVALID,
                             "table %u, \"%s\", of the store in %s is one too many, nameless, "
                             "reserved or there twice",
                             i, name, options->path);
        }
    }
    return STATUS_OK;
}

/* Looks at the data file; ret_new = there is none (any more). */
static enum status check_data(struct store *store, const char *path, enum store_state left,
                              bool *ret_new, struct error *error)
{
    struct stat file;
    *ret_new = fstatat(store->directory_fd, STORE_DATA_FILE, &file, AT_SYMLINK_NOFOLLOW) != 0;
    if (*ret_new) {
        return errno == ENOENT
                   ? STATUS_OK
                   : store_errno_error(error, "examine " STORE_DATA_FILE " in", path, "");
    }
    const bool unmade = left == STORE_UNMADE && file.st_size < 2 * sysconf(_SC_PAGESIZE);
    const bool damaged = left == STORE_DAMAGED;
    if ((unmade || damaged) && S_ISREG(file.st_mode)) {
        *ret_new = true;
        store->made_anew = damaged;
        return unlinkat(store->directory_fd, STORE_DATA_FILE, 0) == 0
                   ? STATUS_OK
                   : store_errno_error(error, "remove the useless " STORE_DATA_FILE " in", path,
                                       "");
    }
    if (faccessat(store->directory_fd, STORE_DATA_FILE, R_OK | W_OK, AT_EACCESS) != 0) {
        return store_errno_error(error, "open " STORE_DATA_FILE " in", path,
                                 store_denied_hint(errno));
    }
    /* LMDB would take an empty file for a new store. */
    return S_ISREG(file.st_mode) && file.st_size != 0
               ? STATUS_OK
               : error_set(error, STATUS_CORRUPT,
                           "%s/" STORE_DATA_FILE " (%lld bytes) is not a data file of hoso: %s",
                           path, (long long)file.st_size, store->remedy);
}

static enum status lmdb_error(const struct store *store, int code, const char *path,
                              struct error *error)
{
    const enum status status = store_translate(store, code);
    return error_set(
        error, status, "cannot open the store in %s: %s%s%s%s", path, mdb_strerror(code),
        status == STATUS_FULL ? ": free disk space or enlarge the map" : store_denied_hint(code),
        status == STATUS_CORRUPT ? ": " : "", status == STATUS_CORRUPT ? store->remedy : "");
}

static enum status open_environment(struct store *store, const struct store_options *options,
                                    struct error *error)
{
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    const uint64_t pages = options->map_bytes / page + (options->map_bytes % page != 0);
    int code = mdb_env_create(&store->env);
    if (code != 0) {
        store->env = NULL;
        return lmdb_error(store, code, options->path, error);
    }
    store_guard_begin(store);
    store_enter(store);
    code = mdb_env_set_mapsize(store->env, (size_t)(pages * page));
    if (code == 0) {
        code = mdb_env_set_maxdbs(store->env, STORE_TABLES_MAX + 1);
    }
    if (code == 0) {
        code = mdb_env_set_maxreaders(store->env, MAX_READERS);
    }
    if (code == 0) {
        code = mdb_env_open(store->env, options->path, MDB_NOTLS, DATA_MODE);
    }
    if (code != 0) {
        return lmdb_error(store, code, options->path, error);
    }
    require(mdb_env_get_maxkeysize(store->env) >= STORE_KEY_MAX);
    store_check_readers(store);
    return STATUS_OK;
}

static int make_meta(uint32_t schema_version, struct meta *ret_meta)
{
    struct meta meta = {.schema_version = schema_version};
    while (meta.incarnation == 0) {
        if (getrandom(&meta.incarnation, sizeof meta.incarnation, 0) !=
            (ssize_t)sizeof meta.incarnation) {
            return EIO;
        }
    }
    meta.created_at_ms = (uint64_t)clock_unix_ms();
    *ret_meta = meta;
    return 0;
}

static int put_meta(MDB_txn *txn, MDB_dbi table, const struct meta *meta)
{
    struct buffer buffer;
    buffer_init(&buffer, META_BYTES);
    buffer_u32(&buffer, META_MAGIC);
    buffer_u32(&buffer, meta->schema_version);
    buffer_u64(&buffer, meta->incarnation);
    buffer_u64(&buffer, meta->created_at_ms);
    buffer_u64(&buffer, XXH3_64bits(buffer.data, buffer.size));
    MDB_val key = {strlen(META_KEY), META_KEY};
    MDB_val value = {buffer.size, buffer.data};
    const int code =
        buffer_status(&buffer) == STATUS_OK ? mdb_put(txn, table, &key, &value, 0) : ENOMEM;
    buffer_fini(&buffer);
    return code;
}

static int get_meta(MDB_txn *txn, MDB_dbi table, struct meta *ret_meta)
{
    MDB_val key = {strlen(META_KEY), META_KEY};
    MDB_val value;
    const int code = mdb_get(txn, table, &key, &value);
    if (code != 0) {
        return code == MDB_NOTFOUND ? MDB_CORRUPTED : code;
    }
    if (value.mv_size != META_BYTES) {
        return MDB_CORRUPTED;
    }
    struct reader reader = reader_of(slice_of(value.mv_data, value.mv_size));
    const uint32_t magic = reader_u32(&reader);
    struct meta meta;
    meta.schema_version = reader_u32(&reader);
    meta.incarnation = reader_u64(&reader);
    meta.created_at_ms = reader_u64(&reader);
    const uint64_t checksum = reader_u64(&reader);
    if (magic != META_MAGIC || checksum != XXH3_64bits(value.mv_data, META_CHECKED_BYTES)) {
        return MDB_CORRUPTED;
    }
    *ret_meta = meta;
    return 0;
}

/* The meta record of the store, made if nothing at all is stored yet: ret_made. */
static int load_meta(MDB_txn *txn, uint32_t schema_version, struct meta *ret_meta, bool *ret_made)
{
    MDB_dbi table;
    int code = mdb_dbi_open(txn, META_TABLE, 0, &table);
    if (code == 0) {
        return get_meta(txn, table, ret_meta);
    }
    MDB_dbi tables;
    MDB_stat stat;
    if (code != MDB_NOTFOUND || (code = mdb_dbi_open(txn, NULL, 0, &tables)) != 0 ||
        (code = mdb_stat(txn, tables, &stat)) != 0) {
        return code;
    }
    if (stat.ms_entries != 0) {
        return MDB_CORRUPTED;
    }
    *ret_made = true;
    code = mdb_dbi_open(txn, META_TABLE, MDB_CREATE, &table);
    if (code == 0) {
        code = make_meta(schema_version, ret_meta);
    }
    return code != 0 ? code : put_meta(txn, table, ret_meta);
}

static enum status check_schema(const struct store_options *options, uint32_t found,
                                struct error *error)
{
    if (found > options->schema_version) {
        return error_set(
            error, STATUS_VERSION,
            "the store in %s has schema version %u, this hoso knows %u: run a newer hoso",
            options->path, found, options->schema_version);
    }
    if (found < options->schema_version) {
        return error_set(
            error, STATUS_VERSION,
            "the store in %s has schema version %u, this hoso writes %u, and no upgrade "
            "path is known: run the hoso that wrote it, or, if all of it can be counted anew from "
            "the journal, start with an empty directory",
            options->path, found, options->schema_version);
    }
    return STATUS_OK;
}

/* They are made with the store. */
static enum status open_tables(struct store *store, MDB_txn *txn,
                               const struct store_options *options, bool make, struct error *error)
{
    for (unsigned i = 0; options->tables[i] != NULL; i++) {
        const int code =
            mdb_dbi_open(txn, options->tables[i], make ? MDB_CREATE : 0, &store->tables[i]);
        if (code == MDB_NOTFOUND) {
            return error_set(error, STATUS_CORRUPT,
                             "the store in %s has no table \"%s\": if it is another service's, "
                             "correct the setting; if not, it is damaged: %s",
                             options->path, options->tables[i], store->remedy);
        }
        if (code != 0) {
            return lmdb_error(store, code, options->path, error);
        }
        store->table_count = i + 1;
    }
    return STATUS_OK;
}

/* One transaction: a store is made with its meta record and all tables, or not at all. */
static enum status load(struct store *store, const struct store_options *options,
                        struct error *error)
{
    MDB_txn *txn = NULL;
    struct meta meta;
    bool made = false;
    enum status status = STATUS_OK;
    int code = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (code != 0) {
        return lmdb_error(store, code, options->path, error);
    }
    code = load_meta(txn, options->schema_version, &meta, &made);
    if (code == 0) {
        status = check_schema(options, meta.schema_version, error);
    }
    if (code == 0 && status == STATUS_OK) {
        status = open_tables(store, txn, options, made, error);
    }
    if (code == 0 && status == STATUS_OK) {
        code = mdb_txn_commit(txn);
        store->incarnation = meta.incarnation;
        store->derived = options->derived; /* from here on it is known to be what it should be */
    } else {
        mdb_txn_abort(txn);
    }
    return code != 0 ? lmdb_error(store, code, options->path, error) : status;
}

/* Everything behind the lock. A new store's directory entry is synced before its creation is called
 * done; for an old one the text in the lock is a courtesy that may fail. */
static enum status open_locked(struct store *store, const struct store_options *options,
                               enum store_state left, struct error *error)
{
    bool is_new = false;
    enum status status = check_data(store, options->path, left, &is_new, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = store_lock_write(store, options->path, is_new ? STORE_UNMADE : STORE_WHOLE, error);
    if (status != STATUS_OK && is_new) {
        return status;
    }
    status = open_environment(store, options, error); /* enters */
    if (status == STATUS_OK) {
        status = store_check_length(store, options->path, error);
    }
    if (status == STATUS_OK) {
        status = load(store, options, error);
    }
    store_leave();
    if (status == STATUS_OK && fsync(store->directory_fd) != 0) {
        status = store_errno_error(error, "sync the data directory", options->path, "");
    }
    return status == STATUS_OK && is_new
               ? store_lock_write(store, options->path, STORE_WHOLE, error)
               : status;
}

static void close_environment(struct store *store)
{
    if (store->env != NULL) {
        mdb_env_close(store->env);
        store_guard_end(store);
        store->env = NULL;
    }
}

static struct store *new_store(const struct store_options *options)
{
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL || (store->path = strdup(options->path)) == NULL) {
        free(store);
        return NULL;
    }
    store->directory_fd = -1;
    store->lock_fd = -1;
    store->remedy = options->derived ? "empty the directory: what was in it is made anew"
                                     : "restore it from a backup";
    return store;
}

/* `only_whole`: one that is unmade or damaged is left alone, and not open. */
static enum status open_store(const struct store_options *options, bool only_whole,
                              struct store **ret_store, struct error *error)
{
    enum status status = check_options(options, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct store *store = new_store(options);
    if (store == NULL) {
        return error_set(error, STATUS_IO, "cannot open the store in %s: out of memory",
                         options->path);
    }
    enum store_state left = STORE_WHOLE;
    status = store_directory_open(store, options, error);
    if (status == STATUS_OK) {
        status = store_lock_take(store, options->path, &left, error);
    }
    if (status == STATUS_OK && (!only_whole || left == STORE_WHOLE)) {
        status = open_locked(store, options, left, error);
    }
    if (status != STATUS_OK) {
        store_close(store);
        return status;
    }
    *ret_store = store;
    return STATUS_OK;
}

enum status store_open(const struct store_options *options, struct store **ret_store,
                       struct error *error)
{
    return open_store(options, false, ret_store, error);
}

enum status store_check(const struct store_options *options, struct error *error)
{
    struct store *store = NULL;
    const enum status status = open_store(options, true, &store, error);
    if (status == STATUS_OK) {
        store_close(store);
    }
    return status;
}

bool store_was_made_anew(const struct store *store)
{
    return store->made_anew;
}

/* Closing its descriptor gives the lock back; LMDB is closed first. */
void store_close(struct store *store)
{
    if (store == NULL) {
        return;
    }
    close_environment(store);
    if (store->lock_fd >= 0) {
        (void)close(store->lock_fd);
    }
    if (store->directory_fd >= 0) {
        (void)close(store->directory_fd);
    }
    free(store->path);
    free(store);
}
