/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the journal over LMDB share. Integers at rest are big-endian. Tables:
 *
 *     journal   first position                       → the block (docs/journal-format.md)
 *     runs      source, 0, first sequence            → first position, count
 *     sources   source                               → epoch, next sequence, last run's first
 *                                                      sequence and position
 *     closes    a close's id                         → its number, its position
 *     state     "end"                                → position, catalogue position, sources,
 *                                                      hash of the last block
 *               "restored"                           → epochs up to this one were granted before
 *                                                      the journal was restored; absent = never
 *               "restoring"                          → there while a restore goes on
 *
 * A run says that `count` sequences of one source stand at `count` positions in a row. A block
 * starts a run or, if nothing came between, makes the source's last run longer. So a lone
 * publisher has one run for ever, and many publishers have one small record for each block.
 */
#ifndef HOSO_JOURNAL_STORE_JOURNAL_TABLES_H
#define HOSO_JOURNAL_STORE_JOURNAL_TABLES_H

#include "base/buffer.h"
#include "journal_store/journal.h"

enum journal_table { TABLE_JOURNAL, TABLE_RUNS, TABLE_SOURCES, TABLE_CLOSES, TABLE_STATE };
enum { NUMBER_SIZE = 8, RUN_KEY_MAX = EVENT_SOURCE_MAX + 1 + NUMBER_SIZE };

struct journal {
    struct store *store;
    struct store_txn txn; /* the writer's */
    struct journal_end end;
    struct journal_end committed; /* what `end` goes back to */
    uint64_t restored_epoch;      /* state "restored", else 0 */
    struct buffer value;          /* one record being built */
};

void journal_write_number(uint8_t *at, uint64_t value);
struct slice journal_run_key(uint8_t key[RUN_KEY_MAX], struct slice name, uint64_t sequence);
/* The block that holds `position`: the last one that starts at or before it. */
bool journal_seek(struct store_cursor *cursor, uint64_t position, struct slice *ret_block);
/* The store without any check of what is in it. */
enum status journal_open_store(const struct journal_options *options, struct journal **ret_journal,
                               struct error *error) MUST_USE;
/* Puts a block's bytes at the end of the chain; `end`'s hash is the caller's. */
void journal_keep_block(struct journal *journal, uint32_t count, struct slice bytes);
/* What a source has journaled moves on by a block that is being kept. */
void journal_keep_source(struct journal *journal, struct slice name, struct journal_source *source,
                         const struct block *block);
/* Notes a close's position by its id; returns its number. */
uint64_t journal_keep_close(struct journal *journal, struct slice id, uint64_t position);
/* What we wrote ourselves and cannot read back is damage; it sticks like the store's failures. */
void journal_damaged(struct store_txn *txn);

#endif
