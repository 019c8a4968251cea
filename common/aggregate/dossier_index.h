/* SPDX-License-Identifier: Apache-2.0
 *
 * What a dossier has in the tables that lead to it: the months in which its events make
 * amounts (not those in which only the calendar does: a due day writes nothing here), its
 * findings, one a kind and unit with their number, and its place among the open ones.
 * docs/ledger-format.md has the layouts.
 */
#ifndef HOSO_AGGREGATE_DOSSIER_INDEX_H
#define HOSO_AGGREGATE_DOSSIER_INDEX_H

#include "base/arena.h"
#include "fold/fold.h"
#include "ledger/closes.h"
#include "store/store.h"

struct index_record {
    unsigned table; /* an aggregate_table */
    struct slice key;
    struct slice value;
};

struct dossier_index { /* sorted by table and key, no key twice */
    struct index_record *records;
    unsigned count;
};

/* `dossier` is its key (dossier_key). In n log n steps of the result's amounts and findings.
 * TOO_LARGE = arena full. */
enum status dossier_index_of(const struct fold_result *result, struct slice dossier,
                             struct arena *arena, struct dossier_index *ret_index) MUST_USE;
/* Deletes what only `before` has, puts what `now` has anew or otherwise. A month that is closed
 * keeps the dossiers that had amounts in it: they are behind its restatement. */
void dossier_index_write(struct store_txn *txn, const struct ledger_closes *closes,
                         const struct dossier_index *before, const struct dossier_index *now);

/* One more event that found no way into the history. */
void dossier_index_count(struct store_txn *txn, enum finding_kind kind,
                         const struct history_event *event, struct slice unit);

#endif
