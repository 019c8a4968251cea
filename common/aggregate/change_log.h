/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the change log: what a batch changed in the ledger, in parts of about CHANGE_PART_BYTES,
 * in the batch's own transaction, and in the tail. Reading is change_parse and change_next of
 * tables.h.
 */
#ifndef HOSO_AGGREGATE_CHANGE_LOG_H
#define HOSO_AGGREGATE_CHANGE_LOG_H

#include "aggregate/change_tail.h"
#include "aggregate/tables.h"

struct change_writer {
    struct store_txn *txn;
    struct change_tail *tail;
    struct buffer part;
    uint64_t from_position;
    uint64_t to_position;
    uint64_t bytes;
    uint32_t part_number;
};

void change_writer_begin(struct change_writer *writer, struct store_txn *txn,
                         struct change_tail *tail, uint64_t from_position, uint64_t to_position);
/* A ledger_changed: `writer` is the change_writer. */
void change_writer_add(void *writer, struct slice key, struct slice value);
/* Writes the last part and frees; returns the bytes the batch takes in the log. Failures stick to
 * the transaction. */
uint64_t change_writer_end(struct change_writer *writer);

/* Drops the oldest batches, whole, while the log is over `bytes_max`; the one at the cut always
 * stays. */
void change_log_prune(struct store_txn *txn, struct aggregate_state *state, uint64_t bytes_max);

#endif
