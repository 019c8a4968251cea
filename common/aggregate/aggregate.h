/* SPDX-License-Identifier: Apache-2.0
 *
 * The aggregate: dossier histories, ledger, findings, change log and cursor in one store, moved
 * together. Batches are applied to an open transaction and committed now and then: the journal is
 * the log from which everything is counted again after a crash, so replicas may be sent what is
 * applied before it is committed. Owned by the aggregation service; `hoso verify` builds a second
 * one from the journal and compares.
 */
#ifndef HOSO_AGGREGATE_AGGREGATE_H
#define HOSO_AGGREGATE_AGGREGATE_H

#include <stdint.h>

#include "base/cut.h"
#include "base/derivation.h"
#include "base/slice.h"
#include "base/status.h"
#include "journal/block.h"
#include "store/store.h"

enum aggregate_table {
    TABLE_STATE,    /* "cursor" → the derivation, the cut and the last block's hash */
    TABLE_DOSSIERS, /* (space, code), in other tables "dossier" → its history */
    TABLE_LEDGER,   /* cells and the catalogue: what replicas copy */
    TABLE_TOUCHED,  /* (unit, month, dossier): months in which events of a dossier count */
    TABLE_FINDINGS, /* (kind, dossier, unit) → how many, and the first event */
    TABLE_OPEN,     /* (unit, state, due day, dossier) → what a list of open dossiers shows */
    TABLE_CHANGES,  /* (to_position, part) → changed ledger records with absolute values */
    TABLE_COUNT
};
extern const char *const aggregate_tables[]; /* NULL-terminated, for store_open */

enum {
    AGGREGATE_SCHEMA = 6,
    AGGREGATE_BATCH_MAX =
        98304, /* events of one commit: the pages they touch are within LMDB's dirty list */
    CHANGE_PART_BYTES = 512 << 10, /* one record of the change log, about */
    CHANGE_LOG_BYTES_MAX =
        512 << 20 /* older changes are dropped: a replica further behind takes a snapshot */
};

/* Committed by this process. */
struct aggregate_counts {
    uint64_t events;     /* new ones, */
    uint64_t duplicates; /* counted before, */
    uint64_t conflicts;  /* known with other content */
    uint64_t batches;    /* transactions */
};

struct aggregate;

/* How this process counts: the fold's version and the offset of local days. */
struct derivation aggregate_derivation(void);

/* `store` was opened with aggregate_tables and stays the caller's. What was counted by another
 * derivation is dropped, to be counted anew. */
enum status aggregate_open(struct store *store, struct aggregate **ret_aggregate,
                           struct error *error) MUST_USE;
void aggregate_close(struct aggregate *aggregate);
/* Another limit than CHANGE_LOG_BYTES_MAX, before anything is applied. */
void aggregate_limit_changes(struct aggregate *aggregate, uint64_t bytes);
/* The numbers are complete from this position on: 0, or where an earlier derivation stood.
 * `ret_before` is that one if it was dropped by aggregate_open, else fold_version 0. */
uint64_t aggregate_recount_to(const struct aggregate *aggregate, struct derivation *ret_before);
/* Of the last commit; of what is applied. Any thread. */
struct cut aggregate_cut(const struct aggregate *aggregate);
struct cut aggregate_applied(const struct aggregate *aggregate);
struct aggregate_counts aggregate_counts(const struct aggregate *aggregate);

/* The rest is for one thread. */

/* The journal has nothing yet: from here on the cut is its beginning, so that what is empty can be
 * copied and asked for. Without effect once something was applied. Nothing is stored. */
void aggregate_take_empty(struct aggregate *aggregate, uint64_t incarnation);
/* Applies blocks as the journal has them, whole, in order, to the open transaction, or begins one.
 * The blocks must follow what is applied (one that begins at or before it is skipped up to it) and
 * their chain. CORRUPT = broken chain or record, CONFLICT = another journal: stop and report it.
 * FULL drops everything that is not committed: go on from aggregate_applied. After any other
 * failure exit. */
enum status aggregate_apply(struct aggregate *aggregate, uint64_t incarnation,
                            const struct slice *blocks, unsigned count,
                            struct error *error) MUST_USE;
/* Commits what is applied. A failure drops it: after FULL go on from aggregate_applied, else exit.
 */
enum status aggregate_commit(struct aggregate *aggregate, struct error *error) MUST_USE;
/* Drops what is applied and not committed. */
void aggregate_abandon(struct aggregate *aggregate);
/* Events applied and not committed: at most AGGREGATE_BATCH_MAX, which the caller sees to. */
uint64_t aggregate_pending(const struct aggregate *aggregate);

/* The cut inside a read transaction. */
struct cut aggregate_read_cut(struct store_txn *txn);

/* The changes that are applied and not committed, which no read transaction sees: change_tail_read
 * of change_tail.h. Any thread. */
struct change_part;
struct arena;
enum status aggregate_read_tail(struct aggregate *aggregate, uint64_t after_position, uint32_t part,
                                size_t max_bytes, struct arena *arena,
                                struct change_part *ret_parts, unsigned max,
                                unsigned *ret_count) MUST_USE;

#endif
