/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills an empty directory with the blocks of a backup. What comes out is a journal of its own
 * incarnation, because its next events need not be those of the lost one: a service that
 * counted beyond the backup must notice. No epoch is open in it, and none that was ever granted is
 * granted again: every publisher opens anew.
 *
 * Until the end the store is marked, so that intake refuses one that was restored in part; a new
 * attempt starts over. One thread.
 */
#ifndef HOSO_JOURNAL_STORE_RESTORE_H
#define HOSO_JOURNAL_STORE_RESTORE_H

#include "journal/chain.h"
#include "journal_store/journal.h"

struct journal_restore;

/* `epoch`: at least every epoch that was ever granted. EXISTS = there is a journal with something
 * in it; else as store_open. */
enum status journal_restore_begin(const struct journal_options *options, uint64_t epoch,
                                  struct journal_restore **ret_restore,
                                  struct error *error) MUST_USE;
/* The next block, which `chain` has just followed. CORRUPT = its source's sequences have a gap;
 * FULL. */
enum status journal_restore_block(struct journal_restore *restore, struct slice bytes,
                                  const struct block *block, const struct chain *chain,
                                  struct error *error) MUST_USE;
/* After the last block: the journal is complete and on disk. */
enum status journal_restore_end(struct journal_restore *restore, uint64_t *ret_incarnation,
                                struct error *error) MUST_USE;
void journal_restore_free(struct journal_restore *restore); /* NULL-safe; closes the store */

#endif
