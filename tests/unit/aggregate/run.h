/* SPDX-License-Identifier: Apache-2.0
 *
 * A journal in memory with the aggregate that reads it, in a directory of its own under /tmp.
 */
#ifndef HOSO_TESTS_UNIT_AGGREGATE_RUN_H
#define HOSO_TESTS_UNIT_AGGREGATE_RUN_H

#include "aggregate/aggregate.h"
#include "base/buffer.h"
#include "event/event.h"
#include "journal/block.h"
#include "store/store.h"

enum { RUN_INCARNATION = 42 };

struct run {
    char path[64];
    uint64_t map_bytes;
    struct store *store;
    struct aggregate *aggregate;
    struct buffer journal;
    uint64_t position;
    uint8_t hash[BLOCK_HASH_SIZE];
};

void run_open(struct run *run);
void run_open_map(struct run *run, uint64_t map_bytes);
/* Stops and starts: what is not committed is gone. */
void run_reopen(struct run *run);
void run_close(struct run *run);

/* Appends a block of events to the run's journal and returns its bytes, which live until the next
 * one. */
struct slice run_append(struct run *run, const struct event *const *events, unsigned count);
enum status run_apply_block(struct run *run, struct slice block);
/* Both. */
enum status run_apply(struct run *run, const struct event *const *events, unsigned count);
void run_commit(struct run *run);

#endif
