/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the journal over LMDB share. Integers at rest are big-endian. Tables:
 *
 *     journal   first position                       → the block (docs/journal-format.md)
 *     runs      source, 0, first sequence            → first position, count
 *     sources   source                               → epoch, next sequence, last run's first
 *                                                      sequence and position
 *     state     "end"                                → position, catalogue position, sources,
 *                                                      hash of the last block
 *
 * A run says that `count` sequences of one source stand at `count` positions in a row. A block
 * starts a run or, if nothing came between, makes the source's last run longer. So a lone
 * publisher has one run for ever, and many publishers have one small record for each block.
 */
#ifndef HOSO_JOURNAL_STORE_JOURNAL_TABLES_H
#define HOSO_JOURNAL_STORE_JOURNAL_TABLES_H

#include "base/buffer.h"
#include "journal_store/journal.h"

enum journal_table { TABLE_JOURNAL, TABLE_RUNS, TABLE_SOURCES, TABLE_STATE };
enum { NUMBER_SIZE = 8, RUN_KEY_MAX = EVENT_SOURCE_MAX + 1 + NUMBER_SIZE };

struct journal {
    struct store *store;
    struct store_txn txn; /* the writer's */
    struct journal_end end;
    struct journal_end committed; /* what `end` goes back to */
    struct buffer value;          /* one record being built */
};

void journal_write_number(uint8_t *at, uint64_t value);
struct slice journal_run_key(uint8_t key[RUN_KEY_MAX], struct slice name, uint64_t sequence);
/* The block that holds `position`: the last one that starts at or before it. */
bool journal_seek(struct store_cursor *cursor, uint64_t position, struct slice *ret_block);
/* What we wrote ourselves and cannot read back is damage; it sticks like the store's failures. */
void journal_damaged(struct store_txn *txn);

#endif
