/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal over LMDB: its life, writing and reading. What lies where: journal_tables.h.
 */
#include "journal_store/journal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/require.h"
#include "journal_store/journal_tables.h"

enum { SCHEMA_VERSION = 3 };
static const char *const tables[] = {"journal", "runs", "sources", "closes", "state", NULL};

void journal_write_number(uint8_t *at, uint64_t value)
{
    for (unsigned i = 0; i < NUMBER_SIZE; i++) {
        at[i] = (uint8_t)(value >> (8 * (NUMBER_SIZE - 1 - i)));
    }
}

struct slice journal_run_key(uint8_t key[RUN_KEY_MAX], struct slice name, uint64_t sequence)
{
    require(name.size >= 1 && name.size <= EVENT_SOURCE_MAX);
    memcpy(key, name.data, name.size);
    key[name.size] = 0;
    journal_write_number(key + name.size + 1, sequence);
    return slice_of(key, name.size + 1 + NUMBER_SIZE);
}

void journal_damaged(struct store_txn *txn)
{
    if (txn->status == STATUS_OK) {
        txn->status = STATUS_CORRUPT;
    }
}

static void get_end(struct store_txn *txn, struct journal_end *ret_end)
{
    struct slice value;
    *ret_end = (struct journal_end){0};
    if (!store_get(txn, TABLE_STATE, slice_text("end"), &value)) {
        return;
    }
    struct reader reader = reader_of(value);
    ret_end->position = reader_u64(&reader);
    ret_end->catalogue_position = reader_u64(&reader);
    ret_end->sources = reader_u64(&reader);
    const struct slice hash = reader_take(&reader, BLOCK_HASH_SIZE);
    if (!reader_done(&reader)) {
        journal_damaged(txn);
        return;
    }
    memcpy(ret_end->hash, hash.data, BLOCK_HASH_SIZE);
}

/* Too little memory for a record fails the transaction like anything else. */
static void settle_value(struct journal *journal)
{
    if (journal->txn.status == STATUS_OK) {
        journal->txn.status = buffer_status(&journal->value);
    }
}

static void put_end(struct journal *journal)
{
    const struct journal_end *end = &journal->end;
    struct buffer *value = &journal->value;
    buffer_clear(value);
    buffer_u64(value, end->position);
    buffer_u64(value, end->catalogue_position);
    buffer_u64(value, end->sources);
    buffer_put(value, end->hash, BLOCK_HASH_SIZE);
    settle_value(journal);
    store_put(&journal->txn, TABLE_STATE, slice_text("end"), buffer_slice(value));
}

bool journal_seek(struct store_cursor *cursor, uint64_t position, struct slice *ret_block)
{
    uint8_t key[NUMBER_SIZE];
    struct slice found;
    journal_write_number(key, position);
    if (!store_cursor_seek(cursor, slice_of(key, NUMBER_SIZE), &found, ret_block)) {
        return store_cursor_last(cursor, &found, ret_block);
    }
    return slice_equal(found, slice_of(key, NUMBER_SIZE)) ||
           store_cursor_previous(cursor, &found, ret_block);
}

static void get_restored(struct journal *journal, struct store_txn *txn, bool *ret_unfinished)
{
    struct slice value;
    *ret_unfinished = store_get(txn, TABLE_STATE, slice_text("restoring"), &value);
    if (store_get(txn, TABLE_STATE, slice_text("restored"), &value)) {
        struct reader reader = reader_of(value);
        journal->restored_epoch = reader_u64(&reader);
        if (!reader_done(&reader)) {
            journal_damaged(txn);
        }
    }
}

/* The state and the last block must agree, or another program has written here. */
static enum status check_end(struct journal *journal, const char *path, struct error *error)
{
    struct store_txn txn;
    struct store_cursor cursor;
    struct slice key;
    struct slice bytes;
    struct block block = {.first_position = 0};
    uint8_t hash[BLOCK_HASH_SIZE] = {0};
    store_begin_read(journal->store, &txn);
    uint64_t last_position = 0;
    bool whole = true;
    bool unfinished = false;
    get_end(&txn, &journal->end);
    get_restored(journal, &txn, &unfinished);
    store_cursor_open(&txn, TABLE_JOURNAL, &cursor);
    if (store_cursor_last(&cursor, &key, &bytes)) {
        whole = block_decode(bytes, &block) == STATUS_OK;
        last_position = block.first_position + block.count - 1;
        block_hash(bytes, hash);
    }
    store_cursor_close(&cursor);
    const enum status status = store_commit(&txn);
    const uint64_t position = journal->end.position;
    if (status != STATUS_OK) {
        return error_set(error, status, "the journal's end cannot be read: %s",
                         status_text(status));
    }
    if (unfinished) {
        return error_set(error, STATUS_CORRUPT,
                         "a restore into %s did not finish: run hoso restore again", path);
    }
    if (!whole || last_position != position ||
        memcmp(hash, journal->end.hash, BLOCK_HASH_SIZE) != 0) {
        return error_set(error, STATUS_CORRUPT,
                         "the journal's last block %s (state: position %llu, block: position "
                         "%llu); restore it from a backup",
                         whole ? "is not the one that its state names"
                               : "is damaged or of another version",
                         (unsigned long long)position, (unsigned long long)last_position);
    }
    journal->committed = journal->end;
    return STATUS_OK;
}

enum status journal_open_store(const struct journal_options *options, struct journal **ret_journal,
                               struct error *error)
{
    const struct store_options store = {.path = options->path,
                                        .tables = tables,
                                        .schema_version = SCHEMA_VERSION,
                                        .map_bytes = options->map_bytes,
                                        .any_filesystem = options->any_filesystem};
    struct journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "no memory for the journal");
    }
    buffer_init(&journal->value, BLOCK_BYTES_MAX);
    const enum status status = store_open(&store, &journal->store, error);
    if (status != STATUS_OK) {
        journal_close(journal);
        return status;
    }
    *ret_journal = journal;
    return STATUS_OK;
}

enum status journal_open(const struct journal_options *options, struct journal **ret_journal,
                         struct error *error)
{
    struct journal *journal = NULL;
    enum status status = journal_open_store(options, &journal, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = check_end(journal, options->path, error);
    if (status != STATUS_OK) {
        journal_close(journal);
        return status;
    }
    *ret_journal = journal;
    return STATUS_OK;
}

void journal_close(struct journal *journal)
{
    if (journal != NULL) {
        if (journal->store != NULL) {
            store_close(journal->store);
        }
        buffer_fini(&journal->value);
        free(journal);
    }
}

uint64_t journal_incarnation(const struct journal *journal)
{
    return store_incarnation(journal->store);
}

struct store_usage journal_usage(struct journal *journal)
{
    return store_usage(journal->store);
}

bool journal_is_full(struct journal *journal)
{
    return store_is_full(journal->store);
}

void journal_check_readers(struct journal *journal)
{
    store_check_readers(journal->store);
}

enum status journal_load_catalogue(struct journal *journal, struct catalogue **ret_catalogue,
                                   struct error *error)
{
    struct journal_reader reader;
    struct slice bytes;
    struct block block;
    const uint64_t position = journal->committed.catalogue_position;
    if (position == 0) {
        *ret_catalogue = NULL;
        return STATUS_OK;
    }
    journal_read_begin(journal, position - 1, &reader);
    enum status status = STATUS_CORRUPT;
    if (journal_read_next(&reader, &bytes) && block_decode(bytes, &block) == STATUS_OK &&
        block.kind == BLOCK_CATALOGUE) {
        status = catalogue_parse(block.payload, ret_catalogue, error);
    } else {
        (void)error_set(error, status,
                        "position %llu of the journal holds no whole catalogue; "
                        "restore it from a backup",
                        (unsigned long long)position);
    }
    const enum status read = journal_read_end(&reader);
    return status != STATUS_OK ? status : read;
}

void journal_begin(struct journal *journal)
{
    store_begin_write(journal->store, &journal->txn);
}

enum status journal_commit(struct journal *journal)
{
    if (memcmp(&journal->end, &journal->committed, sizeof journal->end) != 0) {
        put_end(journal);
    }
    const enum status status = store_commit(&journal->txn);
    if (status == STATUS_OK) {
        journal->committed = journal->end;
    } else {
        journal->end = journal->committed;
    }
    return status;
}

void journal_abort(struct journal *journal)
{
    store_abort(&journal->txn);
    journal->end = journal->committed;
}

const struct journal_end *journal_end(const struct journal *journal)
{
    return &journal->end;
}

void journal_get_source(struct journal *journal, struct slice name,
                        struct journal_source *ret_source)
{
    struct slice value;
    *ret_source = (struct journal_source){.next_sequence = 1};
    if (!store_get(&journal->txn, TABLE_SOURCES, name, &value)) {
        return;
    }
    struct reader reader = reader_of(value);
    ret_source->epoch = reader_u64(&reader);
    ret_source->next_sequence = reader_u64(&reader);
    ret_source->run_sequence = reader_u64(&reader);
    ret_source->run_position = reader_u64(&reader);
    ret_source->open = ret_source->epoch > journal->restored_epoch;
    if (!reader_done(&reader)) {
        journal_damaged(&journal->txn);
    }
}

static void put_source(struct journal *journal, struct slice name,
                       const struct journal_source *source)
{
    uint8_t value[4][NUMBER_SIZE];
    journal_write_number(value[0], source->epoch);
    journal_write_number(value[1], source->next_sequence);
    journal_write_number(value[2], source->run_sequence);
    journal_write_number(value[3], source->run_position);
    store_put(&journal->txn, TABLE_SOURCES, name, slice_of(value, sizeof value));
}

void journal_open_epoch(struct journal *journal, struct slice name, struct journal_source *source)
{
    if (source->epoch == 0) {
        journal->end.sources++;
    }
    if (!source->open) { /* no epoch that was ever granted comes again */
        source->epoch = journal->restored_epoch;
        source->open = true;
    }
    source->epoch++;
    put_source(journal, name, source);
}

void journal_keep_block(struct journal *journal, uint32_t count, struct slice bytes)
{
    uint8_t key[NUMBER_SIZE];
    journal_write_number(key, journal->end.position + 1);
    store_append(&journal->txn, TABLE_JOURNAL, slice_of(key, NUMBER_SIZE), bytes);
    journal->end.position += count;
}

/* Makes the block that follows the last one: its position, time and previous hash are set here. */
static void append_block(struct journal *journal, struct block *block)
{
    struct journal_end *end = &journal->end;
    block->first_position = end->position + 1;
    block->journaled_at_ms = clock_unix_ms();
    memcpy(block->previous, end->hash, BLOCK_HASH_SIZE);
    buffer_clear(&journal->value);
    block_encode(block, &journal->value, end->hash);
    settle_value(journal);
    journal_keep_block(journal, block->count, buffer_slice(&journal->value));
}

static void put_run(struct journal *journal, struct slice name, const struct journal_source *source)
{
    uint8_t key[RUN_KEY_MAX];
    uint8_t value[2][NUMBER_SIZE];
    journal_write_number(value[0], source->run_position);
    journal_write_number(value[1], source->next_sequence - source->run_sequence);
    store_put(&journal->txn, TABLE_RUNS, journal_run_key(key, name, source->run_sequence),
              slice_of(value, sizeof value));
}

void journal_keep_source(struct journal *journal, struct slice name, struct journal_source *source,
                         const struct block *block)
{
    const uint64_t run_count = source->next_sequence - source->run_sequence;
    if (source->run_sequence == 0 || source->run_position + run_count != block->first_position) {
        source->run_sequence = block->first_sequence;
        source->run_position = block->first_position;
    }
    source->next_sequence += block->count;
    put_run(journal, name, source);
    put_source(journal, name, source);
}

void journal_append(struct journal *journal, const struct journal_origin *origin,
                    struct journal_source *source, uint32_t count, struct slice records)
{
    require(count >= 1 && count <= BLOCK_EVENTS_MAX);
    struct block block = {.kind = BLOCK_EVENTS,
                          .count = count,
                          .source = origin->name,
                          .space = origin->space,
                          .epoch = source != NULL ? source->epoch : 0,
                          .first_sequence = source != NULL ? source->next_sequence : 0,
                          .payload = records};
    append_block(journal, &block);
    if (source != NULL) {
        journal_keep_source(journal, origin->name, source, &block);
    }
}

void journal_append_catalogue(struct journal *journal, struct slice name, struct slice packed)
{
    struct block block = {.kind = BLOCK_CATALOGUE, .count = 1, .source = name, .payload = packed};
    append_block(journal, &block);
    journal->end.catalogue_position = journal->end.position;
}

uint64_t journal_keep_close(struct journal *journal, struct slice id, uint64_t position)
{
    const uint64_t number = store_count(&journal->txn, TABLE_CLOSES) + 1;
    uint8_t value[2][NUMBER_SIZE];
    journal_write_number(value[0], number);
    journal_write_number(value[1], position);
    store_put(&journal->txn, TABLE_CLOSES, id, slice_of(value, sizeof value));
    return number;
}

uint64_t journal_append_close(struct journal *journal, struct slice name, const struct close *close)
{
    struct buffer payload;
    buffer_init(&payload, CLOSE_BYTES_MAX);
    close_encode(close, &payload);
    store_fail(&journal->txn, buffer_status(&payload));
    struct block block = {
        .kind = BLOCK_CLOSE, .count = 1, .source = name, .payload = buffer_slice(&payload)};
    append_block(journal, &block);
    buffer_fini(&payload);
    return journal_keep_close(journal, close->id, journal->end.position);
}

/* The close that stands at a position, as far as the open transaction sees it. */
static bool read_close(struct journal *journal, uint64_t position, struct close *ret_close)
{
    struct store_cursor cursor;
    struct slice bytes;
    struct block block;
    store_cursor_open(&journal->txn, TABLE_JOURNAL, &cursor);
    const bool whole = journal_seek(&cursor, position, &bytes) &&
                       block_decode(bytes, &block) == STATUS_OK && block.kind == BLOCK_CLOSE &&
                       block.first_position == position && close_decode(block.payload, ret_close);
    store_cursor_close(&cursor);
    return whole;
}

bool journal_find_close(struct journal *journal, const struct close *close,
                        struct journal_close *ret_known)
{
    struct slice value;
    struct close stored;
    if (!store_get(&journal->txn, TABLE_CLOSES, close->id, &value)) {
        return false;
    }
    struct reader reader = reader_of(value);
    ret_known->number = reader_u64(&reader);
    ret_known->position = reader_u64(&reader);
    if (!reader_done(&reader) || !read_close(journal, ret_known->position, &stored)) {
        journal_damaged(&journal->txn);
        return false;
    }
    ret_known->same = slice_equal(stored.unit, close->unit) && stored.last_day == close->last_day &&
                      slice_equal(stored.label, close->label);
    return true;
}

void journal_scan(struct journal *journal, uint64_t after_position, journal_visit *visit,
                  void *context)
{
    struct store_cursor cursor;
    struct slice key;
    struct slice block;
    store_cursor_open(&journal->txn, TABLE_JOURNAL, &cursor);
    bool more =
        after_position < journal->end.position && journal_seek(&cursor, after_position + 1, &block);
    while (more && visit(context, block)) {
        more = store_cursor_next(&cursor, &key, &block);
    }
    store_cursor_close(&cursor);
}

void journal_read_begin(struct journal *journal, uint64_t after_position,
                        struct journal_reader *ret_reader)
{
    struct journal_end end;
    *ret_reader = (struct journal_reader){.found = false};
    store_begin_read(journal->store, &ret_reader->txn);
    get_end(&ret_reader->txn, &end);
    ret_reader->end = end.position;
    store_cursor_open(&ret_reader->txn, TABLE_JOURNAL, &ret_reader->cursor);
    if (after_position < end.position) {
        ret_reader->found =
            journal_seek(&ret_reader->cursor, after_position + 1, &ret_reader->block);
    }
}

bool journal_read_next(struct journal_reader *reader, struct slice *ret_block)
{
    struct slice key;
    if (!reader->found) {
        return false;
    }
    *ret_block = reader->block;
    reader->found = store_cursor_next(&reader->cursor, &key, &reader->block);
    return true;
}

enum status journal_read_end(struct journal_reader *reader)
{
    store_cursor_close(&reader->cursor);
    return store_commit(&reader->txn);
}
