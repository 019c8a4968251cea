/* SPDX-License-Identifier: Apache-2.0
 *
 * The aggregate: dossier histories, ledger, findings, change log and cursor in one store, moved
 * together, one transaction a batch. Owned by the aggregation service; `hoso verify` builds a
 * second one from the journal and compares.
 */
#ifndef HOSO_AGGREGATE_AGGREGATE_H
#define HOSO_AGGREGATE_AGGREGATE_H

#include <stdint.h>

#include "base/cut.h"
#include "base/slice.h"
#include "base/status.h"
#include "journal/block.h"
#include "store/store.h"

enum aggregate_table {
    TABLE_STATE,    /* "cursor" → the cut and the last block's hash */
    TABLE_DOSSIERS, /* dossier → its history */
    TABLE_LEDGER,   /* cells and the catalogue: what replicas copy */
    TABLE_TOUCHED,  /* (unit, month, dossier): months in which a dossier has amounts */
    TABLE_FINDINGS, /* (kind, dossier, source, event_id) → the finding */
    TABLE_CHANGES,  /* (to_position, part) → changed ledger records with absolute values */
    TABLE_COUNT
};
extern const char *const aggregate_tables[]; /* NULL-terminated, for store_open */

enum {
    AGGREGATE_SCHEMA = 1,
    AGGREGATE_BATCH_MAX =
        32768, /* events of one transaction: three pages each are well within LMDB's dirty list */
    CHANGE_PART_BYTES = 512 << 10, /* one record of the change log, about */
    CHANGE_LOG_BYTES_MAX =
        512 << 20 /* older changes are dropped: a replica further behind takes a snapshot */
};

struct aggregate_counts {
    uint64_t events;     /* applied in this process: new ones, */
    uint64_t duplicates; /* counted before */
    uint64_t conflicts;
    uint64_t batches;
};

struct aggregate;

/* `store` was opened with aggregate_tables and stays the caller's. */
enum status aggregate_open(struct store *store, struct aggregate **ret_aggregate,
                           struct error *error) MUST_USE;
void aggregate_close(struct aggregate *aggregate);
/* Another limit than CHANGE_LOG_BYTES_MAX, before anything is applied. */
void aggregate_limit_changes(struct aggregate *aggregate, uint64_t bytes);
struct cut aggregate_cut(const struct aggregate *aggregate); /* of the last commit; any thread */
struct aggregate_counts aggregate_counts(const struct aggregate *aggregate);

/* Applies blocks as the journal has them, whole, in order, in one transaction. The blocks must
 * continue the cursor (one that begins at or before it is skipped up to it) and their chain.
 * CORRUPT = broken chain or record: stop and tell; FULL = nothing was applied; other failures:
 * exit. */
enum status aggregate_apply(struct aggregate *aggregate, uint64_t incarnation,
                            const struct slice *blocks, unsigned count,
                            struct error *error) MUST_USE;

/* The cut inside a read transaction. */
struct cut aggregate_read_cut(struct store_txn *txn);

#endif
