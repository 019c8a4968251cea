/* SPDX-License-Identifier: Apache-2.0
 *
 * See run.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/aggregate/run.h"

enum { JOURNAL_MAX = 64 << 20, INCARNATION = RUN_INCARNATION };

static void open_aggregate(struct run *run)
{
    const struct store_options options = {
        run->path, aggregate_tables, AGGREGATE_SCHEMA, run->map_bytes, true, false};
    struct error error = {0};
    assert_int_equal(store_open(&options, &run->store, &error), STATUS_OK);
    assert_int_equal(aggregate_open(run->store, &run->aggregate, &error), STATUS_OK);
}

void run_open_map(struct run *run, uint64_t map_bytes)
{
    *run = (struct run){0};
    (void)snprintf(run->path, sizeof run->path, "aggregate_test.XXXXXX");
    assert_non_null(mkdtemp(run->path));
    run->map_bytes = map_bytes;
    open_aggregate(run);
    buffer_init(&run->journal, JOURNAL_MAX);
}

void run_reopen(struct run *run)
{
    aggregate_close(run->aggregate);
    store_close(run->store);
    open_aggregate(run);
}

void run_open(struct run *run)
{
    run_open_map(run, 1 << 28);
}

void run_close(struct run *run)
{
    char command[128];
    aggregate_close(run->aggregate);
    store_close(run->store);
    buffer_fini(&run->journal);
    (void)snprintf(command, sizeof command, "rm -r '%s'", run->path);
    assert_int_equal(system(command), 0);
}

/* Appends a block of events to the run's journal and returns its bytes. */
struct slice run_append(struct run *run, const struct event *const *events, unsigned count)
{
    struct buffer payload;
    struct buffer record;
    buffer_init(&payload, JOURNAL_MAX);
    buffer_init(&record, EVENT_RECORD_MAX);
    for (unsigned i = 0; i < count; i++) {
        buffer_clear(&record);
        event_encode(events[i], &record);
        buffer_text(&payload, buffer_slice(&record));
    }
    struct block block = {
        .kind = BLOCK_EVENTS,
        .first_position = run->position + 1,
        .count = count,
        .source = slice_text("counter"),
        .epoch = 1,
        .first_sequence = run->position + 1,
        .payload = buffer_slice(&payload),
    };
    memcpy(block.previous, run->hash, BLOCK_HASH_SIZE);
    buffer_clear(&run->journal);
    block_encode(&block, &run->journal, run->hash);
    run->position += count;
    buffer_fini(&record);
    buffer_fini(&payload);
    return buffer_slice(&run->journal);
}

enum status run_apply_block(struct run *run, struct slice block)
{
    struct error error = {0};
    return aggregate_apply(run->aggregate, INCARNATION, &block, 1, &error);
}

enum status run_apply(struct run *run, const struct event *const *events, unsigned count)
{
    return run_apply_block(run, run_append(run, events, count));
}

void run_commit(struct run *run)
{
    struct error error = {0};
    assert_int_equal(aggregate_commit(run->aggregate, &error), STATUS_OK);
    assert_int_equal(aggregate_pending(run->aggregate), 0);
}
