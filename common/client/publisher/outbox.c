/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of the store: "entries", key (u64, big-endian) → tag (varint) and the event's record;
 * "state", "queue" → owner's public key (32 bytes), next key (varint) and offset (zigzag varint).
 * The next key is kept so that an emptied outbox goes on counting.
 *
 * In memory the entries lie in a ring of pointers.
 */
#include "client/publisher/outbox.h"

#include "store/store.h"

#include <stdlib.h>
#include <string.h>

enum table { TABLE_ENTRIES, TABLE_STATE };
enum { OUTBOX_SCHEMA = 2, KEY_SIZE = 8, VALUE_MAX = 2048 };
enum { DELETES_MAX = 4096, COMMITS_TO_REUSE = 2 };
static const char *const tables[] = {"entries", "state", NULL};

struct memory_entry {
    uint64_t tag;
    size_t size;
    uint8_t record[];
};

struct outbox {
    struct store *store;        /* NULL = memory */
    struct memory_entry **ring; /* key modulo OUTBOX_MEMORY_ENTRIES */
    uint8_t owner[BUS_KEY_SIZE];
    uint64_t first;
    uint64_t durable_first; /* entries below `first` that are still stored begin here */
    uint64_t end;
    int64_t offset;
    struct buffer staged; /* tag (varint), record (varint length and bytes) */
    unsigned staged_count;
    struct buffer value;
};

struct key {
    uint8_t bytes[KEY_SIZE];
};

static struct slice key_of(uint64_t number, struct key *key)
{
    for (unsigned i = 0; i < KEY_SIZE; i++) {
        key->bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    }
    return slice_of(key->bytes, KEY_SIZE);
}

static uint64_t number_of(struct slice key)
{
    struct reader reader = reader_of(key);
    return reader_u64(&reader);
}

/* Puts the state record into the transaction. */
static void put_state(struct outbox *outbox, struct store_txn *txn, uint64_t end, int64_t offset)
{
    buffer_clear(&outbox->value);
    buffer_put(&outbox->value, outbox->owner, BUS_KEY_SIZE);
    buffer_varint(&outbox->value, end);
    buffer_signed(&outbox->value, offset);
    store_put(txn, TABLE_STATE, slice_text("queue"), buffer_slice(&outbox->value));
}

static enum status read_state(struct outbox *outbox, const char *path, struct error *error)
{
    struct store_txn txn;
    store_begin_read(outbox->store, &txn);
    struct slice value = {NULL, 0};
    enum status result = STATUS_OK;
    if (store_get(&txn, TABLE_STATE, slice_text("queue"), &value)) {
        struct reader reader = reader_of(value);
        const struct slice owner = reader_take(&reader, BUS_KEY_SIZE);
        outbox->end = reader_varint(&reader);
        outbox->offset = reader_signed(&reader);
        if (!reader_done(&reader)) {
            result = error_set(error, STATUS_CORRUPT, "the outbox %s is damaged", path);
        } else if (!slice_equal(owner, slice_of(outbox->owner, BUS_KEY_SIZE))) {
            result = error_set(
                error, STATUS_CONFLICT,
                "the outbox %s belongs to another key: use that key, or another directory", path);
        }
    }
    outbox->first = outbox->end;
    struct store_cursor cursor;
    struct slice key;
    store_cursor_open(&txn, TABLE_ENTRIES, &cursor);
    if (store_cursor_first(&cursor, &key, &value)) {
        outbox->first = number_of(key);
    }
    store_cursor_close(&cursor);
    const enum status status = store_commit(&txn);
    if (result == STATUS_OK && status != STATUS_OK) {
        result = error_set(error, status, "cannot read the outbox %s", path);
    }
    outbox->durable_first = outbox->first;
    return result;
}

static enum status open_store(struct outbox *outbox, const struct outbox_options *options,
                              struct error *error)
{
    const struct store_options store = {
        .path = options->path,
        .tables = tables,
        .schema_version = OUTBOX_SCHEMA,
        .map_bytes = options->map_bytes,
        .any_filesystem = options->any_filesystem,
    };
    const enum status status = store_open(&store, &outbox->store, error);
    return status == STATUS_OK ? read_state(outbox, options->path, error) : status;
}

enum status outbox_open(const struct outbox_options *options, struct outbox **ret_outbox,
                        struct error *error)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (outbox == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    memcpy(outbox->owner, options->owner, BUS_KEY_SIZE);
    outbox->first = outbox->durable_first = outbox->end = 1;
    buffer_init(&outbox->staged, OUTBOX_STAGED_BYTES);
    buffer_init(&outbox->value, VALUE_MAX);
    enum status status = STATUS_OK;
    if (options->path != NULL) {
        status = open_store(outbox, options, error);
    } else {
        outbox->ring = calloc(OUTBOX_MEMORY_ENTRIES, sizeof *outbox->ring);
        if (outbox->ring == NULL) {
            status = error_set(error, STATUS_TOO_LARGE, "out of memory");
        }
    }
    if (status != STATUS_OK) {
        outbox_close(outbox);
        return status;
    }
    *ret_outbox = outbox;
    return STATUS_OK;
}

void outbox_close(struct outbox *outbox)
{
    if (outbox == NULL) {
        return;
    }
    store_close(outbox->store);
    for (unsigned i = 0; outbox->ring != NULL && i < OUTBOX_MEMORY_ENTRIES; i++) {
        free(outbox->ring[i]);
    }
    free(outbox->ring);
    buffer_fini(&outbox->staged);
    buffer_fini(&outbox->value);
    free(outbox);
}

uint64_t outbox_first(const struct outbox *outbox)
{
    return outbox->first;
}

uint64_t outbox_end(const struct outbox *outbox)
{
    return outbox->end;
}

uint64_t outbox_sequence(const struct outbox *outbox, uint64_t key)
{
    return key + (uint64_t)outbox->offset;
}

uint64_t outbox_key(const struct outbox *outbox, uint64_t sequence)
{
    return sequence - (uint64_t)outbox->offset;
}

unsigned outbox_staged(const struct outbox *outbox)
{
    return outbox->staged_count;
}

enum status outbox_stage(struct outbox *outbox, uint64_t tag, struct slice record)
{
    const uint64_t used = outbox->end + outbox->staged_count - outbox->first;
    if (outbox->ring != NULL && used >= OUTBOX_MEMORY_ENTRIES) {
        return STATUS_FULL;
    }
    const size_t before = outbox->staged.size;
    buffer_varint(&outbox->staged, tag);
    buffer_text(&outbox->staged, record);
    if (buffer_status(&outbox->staged) != STATUS_OK) {
        outbox->staged.size = before;
        outbox->staged.status = STATUS_OK;
        return STATUS_FULL;
    }
    outbox->staged_count++;
    return STATUS_OK;
}

/* One entry's value as it is stored. */
static struct slice value_of(struct outbox *outbox, uint64_t tag, struct slice record)
{
    buffer_clear(&outbox->value);
    buffer_varint(&outbox->value, tag);
    buffer_put(&outbox->value, record.data, record.size);
    return buffer_slice(&outbox->value);
}

/* Puts the deletion of stored entries up to `end` into the transaction. */
static void delete_entries(struct outbox *outbox, struct store_txn *txn, uint64_t end)
{
    struct key key;
    for (uint64_t gone = outbox->durable_first; gone < end; gone++) {
        store_delete(txn, TABLE_ENTRIES, key_of(gone, &key));
    }
}

/* Makes up to `limit` drops durable. */
static enum status commit_some_drops(struct outbox *outbox, uint64_t limit)
{
    struct store_txn txn;
    const uint64_t dropped = outbox->first - outbox->durable_first;
    const uint64_t end = outbox->durable_first + (dropped < limit ? dropped : limit);
    store_begin_write(outbox->store, &txn);
    delete_entries(outbox, &txn, end);
    put_state(outbox, &txn, outbox->end, outbox->offset);
    const enum status status = store_commit(&txn);
    outbox->durable_first = status == STATUS_OK ? end : outbox->durable_first;
    return status;
}

/* Until at most `rest` drops are not durable. Deleting takes pages, too, for those that a commit
 * changes: in a full map a few at a time. */
static enum status commit_drops(struct outbox *outbox, uint64_t rest)
{
    enum status status = STATUS_OK;
    uint64_t limit = DELETES_MAX;
    while (status == STATUS_OK && outbox->first - outbox->durable_first > rest) {
        status = commit_some_drops(outbox, limit);
        if (status == STATUS_FULL && limit > 1) {
            limit /= 2;
            status = STATUS_OK;
        }
    }
    return status;
}

static enum status commit_staged(struct outbox *outbox)
{
    struct store_txn txn;
    struct key key;
    store_begin_write(outbox->store, &txn);
    delete_entries(outbox, &txn, outbox->first);
    struct reader reader = reader_of(buffer_slice(&outbox->staged));
    for (unsigned i = 0; i < outbox->staged_count; i++) {
        const uint64_t tag = reader_varint(&reader);
        const struct slice value = value_of(outbox, tag, reader_text(&reader));
        store_append(&txn, TABLE_ENTRIES, key_of(outbox->end + i, &key), value);
    }
    put_state(outbox, &txn, outbox->end + outbox->staged_count, outbox->offset);
    return store_commit(&txn);
}

/* What was dropped goes first where room is short: only that makes room. Pages that a commit freed
 * can be used from the second commit after it on: commits in between make them so. */
static enum status commit_store(struct outbox *outbox)
{
    const bool staged = outbox->staged_count != 0;
    const bool full = staged && store_is_full(outbox->store);
    enum status status = commit_drops(outbox, staged && !full ? DELETES_MAX : 0);
    if (status != STATUS_OK || !staged) {
        return status;
    }
    if (full && store_is_full(outbox->store)) {
        return STATUS_FULL;
    }
    status = commit_staged(outbox);
    if (status == STATUS_FULL) {
        status = commit_drops(outbox, 0);
        for (unsigned i = 0; i < COMMITS_TO_REUSE && status == STATUS_OK; i++) {
            status = commit_some_drops(outbox, 0);
        }
        if (status == STATUS_OK) {
            status = commit_staged(outbox);
        }
    }
    return status;
}

/* NULL = out of memory. */
static struct memory_entry *entry_new(uint64_t tag, struct slice record)
{
    struct memory_entry *entry = malloc(sizeof *entry + record.size);
    if (entry != NULL) {
        entry->tag = tag;
        entry->size = record.size;
        memcpy(entry->record, record.data, record.size);
    }
    return entry;
}

static struct memory_entry **slot_of(struct outbox *outbox, uint64_t key)
{
    return &outbox->ring[key % OUTBOX_MEMORY_ENTRIES];
}

static void clear_slot(struct outbox *outbox, uint64_t key)
{
    struct memory_entry **slot = slot_of(outbox, key);
    free(*slot);
    *slot = NULL;
}

static enum status commit_memory(struct outbox *outbox)
{
    for (uint64_t dropped = outbox->durable_first; dropped < outbox->first; dropped++) {
        clear_slot(outbox, dropped);
    }
    outbox->durable_first = outbox->first;
    struct reader reader = reader_of(buffer_slice(&outbox->staged));
    for (unsigned i = 0; i < outbox->staged_count; i++) {
        const uint64_t tag = reader_varint(&reader);
        struct memory_entry *entry = entry_new(tag, reader_text(&reader));
        if (entry == NULL) {
            return STATUS_TOO_LARGE;
        }
        clear_slot(outbox, outbox->end + i);
        *slot_of(outbox, outbox->end + i) = entry;
    }
    return STATUS_OK;
}

enum status outbox_commit(struct outbox *outbox)
{
    if (outbox->staged_count == 0 && outbox->durable_first == outbox->first) {
        return STATUS_OK;
    }
    const enum status status = outbox->store != NULL ? commit_store(outbox) : commit_memory(outbox);
    if (status == STATUS_OK) {
        outbox->durable_first = outbox->first;
        outbox->end += outbox->staged_count;
        outbox->staged_count = 0;
        buffer_clear(&outbox->staged);
    }
    return status;
}

void outbox_drop(struct outbox *outbox, uint64_t key)
{
    if (key > outbox->first && key <= outbox->end) {
        outbox->first = key;
    }
}

static enum status read_store(struct outbox *outbox, uint64_t key, uint32_t count,
                              outbox_visit *visit, void *context)
{
    struct store_txn txn;
    struct store_cursor cursor;
    struct key bytes;
    struct slice found;
    struct slice value;
    store_begin_read(outbox->store, &txn);
    store_cursor_open(&txn, TABLE_ENTRIES, &cursor);
    bool more = store_cursor_seek(&cursor, key_of(key, &bytes), &found, &value);
    uint32_t visited = 0;
    bool damaged = false;
    while (more && visited < count) {
        struct reader reader = reader_of(value);
        struct outbox_entry entry = {.key = number_of(found), .tag = reader_varint(&reader)};
        entry.record = reader_take(&reader, reader_left(&reader));
        damaged = entry.key != key + visited || reader.failed;
        visited++;
        if (damaged || !visit(context, &entry)) {
            break;
        }
        more = store_cursor_next(&cursor, &found, &value);
    }
    store_cursor_close(&cursor);
    const enum status status = store_commit(&txn);
    return status == STATUS_OK && (damaged || (!more && visited < count)) ? STATUS_CORRUPT : status;
}

enum status outbox_read(struct outbox *outbox, uint64_t key, uint32_t count, outbox_visit *visit,
                        void *context)
{
    if (outbox->store != NULL) {
        return read_store(outbox, key, count, visit, context);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct memory_entry *entry = *slot_of(outbox, key + i);
        if (entry == NULL) {
            return STATUS_INTERNAL;
        }
        const struct outbox_entry seen = {
            .key = key + i, .tag = entry->tag, .record = slice_of(entry->record, entry->size)};
        if (!visit(context, &seen)) {
            break;
        }
    }
    return STATUS_OK;
}

/* Moves the good ones up, from the last to the first; returns the front's new key. */
static uint64_t compact_store(struct outbox *outbox, struct store_txn *txn, uint32_t count,
                              const bool *faulty)
{
    uint64_t to = outbox->first + count;
    for (uint64_t from = to; from-- > outbox->first;) {
        struct key key;
        struct slice value;
        if (faulty[from - outbox->first]) {
            continue;
        }
        to--;
        if (to != from && store_get(txn, TABLE_ENTRIES, key_of(from, &key), &value)) {
            buffer_clear(&outbox->value);
            buffer_put(&outbox->value, value.data, value.size);
            store_put(txn, TABLE_ENTRIES, key_of(to, &key), buffer_slice(&outbox->value));
        }
    }
    delete_entries(outbox, txn, to);
    return to;
}

static uint64_t compact_memory(struct outbox *outbox, uint32_t count, const bool *faulty)
{
    uint64_t to = outbox->first + count;
    for (uint64_t from = to; from-- > outbox->first;) {
        if (faulty[from - outbox->first]) {
            clear_slot(outbox, from);
            continue;
        }
        to--;
        if (to != from) {
            *slot_of(outbox, to) = *slot_of(outbox, from);
            *slot_of(outbox, from) = NULL;
        }
    }
    return to;
}

enum status outbox_remove(struct outbox *outbox, uint32_t count, const bool *faulty)
{
    const uint64_t sequence = outbox_sequence(outbox, outbox->first);
    uint64_t first;
    if (outbox->store != NULL) {
        struct store_txn txn;
        store_begin_write(outbox->store, &txn);
        first = compact_store(outbox, &txn, count, faulty);
        put_state(outbox, &txn, outbox->end, (int64_t)(sequence - first));
        const enum status status = store_commit(&txn);
        if (status != STATUS_OK) {
            return status;
        }
        outbox->durable_first = first;
    } else {
        first = compact_memory(outbox, count, faulty);
    }
    outbox->first = first;
    outbox->offset = (int64_t)(sequence - first);
    return STATUS_OK;
}

enum status outbox_renumber(struct outbox *outbox, uint64_t sequence)
{
    const int64_t offset = (int64_t)(sequence - outbox->first);
    if (outbox->store != NULL && offset != outbox->offset) {
        struct store_txn txn;
        store_begin_write(outbox->store, &txn);
        put_state(outbox, &txn, outbox->end, offset);
        const enum status status = store_commit(&txn);
        if (status != STATUS_OK) {
            return status;
        }
    }
    outbox->offset = offset;
    return STATUS_OK;
}
