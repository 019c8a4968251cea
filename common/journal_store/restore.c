/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything beside the blocks follows from them: each source's next sequence and runs, the
 * catalogue's position, the end.
 */
#include "journal_store/restore.h"

#include <inttypes.h>
#include <stdlib.h>

#include "journal_store/journal_tables.h"

enum { TRANSACTION_BYTES = 8 << 20 };

struct journal_restore {
    struct journal *journal;
    size_t bytes; /* in the open transaction */
    bool open;    /* it is */
};

static enum status failed(enum status status, struct error *error)
{
    return error_set(error, status, "cannot write the restored journal: %s%s", status_text(status),
                     status == STATUS_FULL ? ": free disk space" : "");
}

/* Leaves nothing but the marks. */
static void clear(struct journal *journal, uint64_t epoch)
{
    uint8_t number[NUMBER_SIZE];
    journal_write_number(number, epoch);
    for (unsigned table = TABLE_JOURNAL; table <= TABLE_STATE; table++) {
        store_clear(&journal->txn, table);
    }
    store_put(&journal->txn, TABLE_STATE, slice_text("restoring"), slice_text("1"));
    store_put(&journal->txn, TABLE_STATE, slice_text("restored"), slice_of(number, NUMBER_SIZE));
    journal->restored_epoch = epoch;
}

static enum status prepare(struct journal *journal, const char *path, uint64_t epoch,
                           struct error *error)
{
    struct slice mark;
    journal_begin(journal);
    const bool unfinished = store_get(&journal->txn, TABLE_STATE, slice_text("restoring"), &mark);
    if (!unfinished && store_count(&journal->txn, TABLE_JOURNAL) != 0) {
        journal_abort(journal);
        return error_set(error, STATUS_EXISTS,
                         "%s holds a journal already: keep it, and restore into an empty directory",
                         path);
    }
    clear(journal, epoch);
    const enum status status = journal_commit(journal);
    return status == STATUS_OK ? status : failed(status, error);
}

enum status journal_restore_begin(const struct journal_options *options, uint64_t epoch,
                                  struct journal_restore **ret_restore, struct error *error)
{
    struct journal_restore *restore = calloc(1, sizeof *restore);
    if (restore == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "no memory to restore a journal");
    }
    enum status status = journal_open_store(options, &restore->journal, error);
    if (status == STATUS_OK) {
        status = prepare(restore->journal, options->path, epoch, error);
    }
    if (status != STATUS_OK) {
        journal_restore_free(restore);
        return status;
    }
    *ret_restore = restore;
    return STATUS_OK;
}

void journal_restore_free(struct journal_restore *restore)
{
    if (restore != NULL) {
        if (restore->open) {
            journal_abort(restore->journal);
        }
        journal_close(restore->journal);
        free(restore);
    }
}

static enum status commit(struct journal_restore *restore, struct error *error)
{
    const enum status status = journal_commit(restore->journal);
    restore->open = false;
    restore->bytes = 0;
    return status == STATUS_OK ? status : failed(status, error);
}

/* False = the sequences do not continue. */
static bool keep_events(struct journal *journal, const struct block *block)
{
    struct journal_source source;
    if (block->epoch == 0) { /* these have none */
        return true;
    }
    journal_get_source(journal, block->source, &source);
    if (journal->txn.status == STATUS_OK && source.next_sequence != block->first_sequence) {
        return false;
    }
    if (source.epoch == 0) {
        journal->end.sources++;
    }
    source.epoch = journal->restored_epoch;
    journal_keep_source(journal, block->source, &source, block);
    return true;
}

static void keep_close(struct journal *journal, const struct block *block)
{
    struct close close;
    if (close_decode(block->payload, &close)) {
        (void)journal_keep_close(journal, close.id, block->first_position);
    } else {
        journal_damaged(&journal->txn);
    }
}

enum status journal_restore_block(struct journal_restore *restore, struct slice bytes,
                                  const struct block *block, const struct chain *chain,
                                  struct error *error)
{
    struct journal *journal = restore->journal;
    if (!restore->open) {
        journal_begin(journal);
        restore->open = true;
    }
    if (block->kind == BLOCK_CATALOGUE) {
        journal->end.catalogue_position = block->first_position;
    } else if (block->kind == BLOCK_CLOSE) {
        keep_close(journal, block);
    } else if (!keep_events(journal, block)) {
        return error_set(error, STATUS_CORRUPT,
                         "the block at position %" PRIu64
                         " does not go on with its source's sequences",
                         block->first_position);
    }
    journal_keep_block(journal, block->count, bytes);
    memcpy(journal->end.hash, chain->hash, BLOCK_HASH_SIZE);
    restore->bytes += bytes.size;
    return restore->bytes >= TRANSACTION_BYTES ? commit(restore, error) : STATUS_OK;
}

enum status journal_restore_end(struct journal_restore *restore, uint64_t *ret_incarnation,
                                struct error *error)
{
    struct journal *journal = restore->journal;
    if (!restore->open) {
        journal_begin(journal);
    }
    store_delete(&journal->txn, TABLE_STATE, slice_text("restoring"));
    const enum status status = commit(restore, error);
    if (status == STATUS_OK) {
        *ret_incarnation = journal_incarnation(journal);
    }
    return status;
}
