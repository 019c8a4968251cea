/* SPDX-License-Identifier: Apache-2.0
 *
 * The dossiers of a batch, in the order of their keys. Of each: take away what it added before, add
 * its new events, put what it adds now.
 */
#ifndef HOSO_AGGREGATE_DOSSIER_H
#define HOSO_AGGREGATE_DOSSIER_H

#include "aggregate/history.h"
#include "aggregate/source_tally.h"
#include "base/arena.h"
#include "ledger/closes.h"
#include "ledger/ledger.h"
#include "store/store.h"

/* What the dossiers of a batch share. */
struct dossier_work {
    struct store_txn *txn;
    struct store_cursor cursor;   /* moves through the dossiers in the order of the batch */
    struct ledger_batch *amounts; /* gathers the differences */
    struct source_tally *sources; /* likewise, what each source adds */
    const struct ledger_closes *closes;
    struct arena *batch_arena; /* what lives until the batch is written */
    struct arena *arena;       /* one dossier's */
    struct buffer *history;    /* one dossier's new bytes */
    uint64_t fresh;            /* events counted anew, */
    uint64_t duplicates;       /* counted before, */
    uint64_t conflicts;        /* and known with other content */
};

/* events[0 … count) are the batch's, in order of position, none missing. CORRUPT = a history cannot
 * be read; TOO_LARGE; what the transaction says. */
enum status dossiers_apply(struct dossier_work *work, const struct history_event *events,
                           unsigned count) MUST_USE;

#endif
