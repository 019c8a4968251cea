/* SPDX-License-Identifier: Apache-2.0
 *
 * The aggregate: the same set of events gives the same ledger, byte by byte, in whatever order and
 * however often they come, and however they are committed; the first of two conflicting events
 * stands; a broken chain stops it; what is told before it is committed is what will be committed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "aggregate/change_log.h"
#include "aggregate/tables.h"
#include "base/localday.h"
#include "ledger/ledger.h"
#include "tests/unit/aggregate/run.h"

enum { DOSSIERS = 60, EVENTS = 900, INCARNATION = RUN_INCARNATION };

struct texts {
    char event_id[8];
    char dossier[16];
    char voids[8];
};

struct sample {
    struct texts texts[EVENTS];
    struct event events[EVENTS];
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void make_event(struct sample *sample, unsigned i, uint32_t *seed)
{
    static const char *const units[] = {"u1", "u2", "u3"};
    struct texts *texts = &sample->texts[i];
    const int64_t start = localday_start_ms(localday_of_date((struct date){2023, 12, 1}));
    const int64_t at = start + (int64_t)(next_random(seed) % 4000) * 3600000 / 2;
    (void)snprintf(texts->event_id, sizeof texts->event_id, "e%u", i);
    (void)snprintf(texts->dossier, sizeof texts->dossier, "d%u", next_random(seed) % DOSSIERS);
    (void)snprintf(texts->voids, sizeof texts->voids, "e%u", next_random(seed) % EVENTS);
    const enum event_kind kind =
        next_random(seed) % 3 == 0 ? KIND_RECEIVED : (enum event_kind)(1 + next_random(seed) % 21);
    sample->events[i] = (struct event){
        .event_id = slice_text(texts->event_id),
        .dossier = slice_text(texts->dossier),
        .voids = kind == KIND_VOIDED ? slice_text(texts->voids) : (struct slice){0},
        .unit = slice_text(units[next_random(seed) % 3]),
        .procedure = slice_text("1.001"),
        .field = slice_text("dat-dai"),
        .kind = kind,
        .channel = (enum channel)(1 + next_random(seed) % 3),
        .level = (enum service_level)(1 + next_random(seed) % 3),
        .petition_class = (enum petition_class)(1 + next_random(seed) % 2),
        .occurred_at_ms = at,
        .due_at_ms =
            next_random(seed) % 2 == 0 ? 0 : at + (int64_t)(next_random(seed) % 30) * 86400000,
        .apology_sent = next_random(seed) % 2 == 0,
        .paid_online = next_random(seed) % 2 == 0,
    };
}

static void make_events(struct sample *sample, uint32_t seed, const struct event *events[EVENTS])
{
    for (unsigned i = 0; i < EVENTS; i++) {
        make_event(sample, i, &seed);
        events[i] = &sample->events[i];
    }
}

/* Commits after every second batch, and at the end. */
static void apply_in_order(struct run *run, const struct sample *sample, const unsigned *order,
                           unsigned count, unsigned chunk)
{
    const struct event *events[EVENTS];
    for (unsigned i = 0; i < count; i += chunk) {
        unsigned taken = 0;
        for (; taken < chunk && i + taken < count; taken++) {
            events[taken] = &sample->events[order[i + taken]];
        }
        assert_int_equal(run_apply(run, events, taken), STATUS_OK);
        if (i / chunk % 2 == 1) {
            run_commit(run);
        }
    }
    run_commit(run);
}

static void assert_same_table(struct run *a, struct run *b, enum aggregate_table table)
{
    struct store_txn x;
    struct store_txn y;
    struct store_cursor cx;
    struct store_cursor cy;
    struct slice kx;
    struct slice ky;
    struct slice vx;
    struct slice vy;
    store_begin_read(a->store, &x);
    store_begin_read(b->store, &y);
    assert_int_equal(store_count(&x, table), store_count(&y, table));
    store_cursor_open(&x, table, &cx);
    store_cursor_open(&y, table, &cy);
    bool more = store_cursor_first(&cx, &kx, &vx) && store_cursor_first(&cy, &ky, &vy);
    while (more) {
        assert_true(slice_equal(kx, ky));
        assert_true(table == TABLE_FINDINGS || slice_equal(vx, vy));
        more = store_cursor_next(&cx, &kx, &vx) && store_cursor_next(&cy, &ky, &vy);
    }
    store_cursor_close(&cx);
    store_cursor_close(&cy);
    store_abort(&x);
    store_abort(&y);
}

static void shuffle(unsigned *order, unsigned count, uint32_t *seed)
{
    for (unsigned i = count; i > 1; i--) {
        const unsigned k = next_random(seed) % i;
        const unsigned swap = order[i - 1];
        order[i - 1] = order[k];
        order[k] = swap;
    }
}

static void test_order_does_not_matter(void **state)
{
    (void)state;
    static struct sample sample;
    unsigned order[2 * EVENTS];
    uint32_t seed = 11;
    for (unsigned i = 0; i < EVENTS; i++) {
        make_event(&sample, i, &seed);
        order[i] = i;
    }
    struct run first;
    run_open(&first);
    apply_in_order(&first, &sample, order, EVENTS, 300);
    for (unsigned chunk = 1; chunk <= 125; chunk = chunk * 5) {
        struct run other;
        run_open(&other);
        for (unsigned i = 0; i < 2 * EVENTS; i++) {
            order[i] = i % EVENTS; /* everything twice */
        }
        shuffle(order, 2 * EVENTS, &seed);
        apply_in_order(&other, &sample, order, 2 * EVENTS, chunk);
        assert_int_equal(aggregate_counts(other.aggregate).duplicates, EVENTS);
        assert_same_table(&first, &other, TABLE_LEDGER);
        assert_same_table(&first, &other, TABLE_TOUCHED);
        assert_same_table(&first, &other, TABLE_FINDINGS);
        assert_same_table(&first, &other, TABLE_OPEN);
        run_close(&other);
    }
    run_close(&first);
}

/* Has the unit's ALL cell any amount? */
static bool has_unit(struct store_txn *txn, unsigned table, struct slice unit)
{
    const struct ledger_cell cell = {.unit = unit, .all = true};
    const struct ledger_view now = ledger_now(txn, table);
    struct figures figures = {0};
    ledger_read(&now, &cell, localday_of_date((struct date){2000, 1, 1}),
                localday_of_date((struct date){2099, 12, 31}), &figures);
    return figures.measures != 0;
}

static void test_conflict_stands_aside(void **state)
{
    (void)state;
    static struct sample sample;
    uint32_t seed = 3;
    make_event(&sample, 0, &seed);
    sample.events[0].kind = KIND_RECEIVED;
    struct event other = sample.events[0];
    other.unit = slice_text("u9");
    const struct event *events[] = {&sample.events[0], &other};
    struct run run;
    struct store_txn txn;
    run_open(&run);
    assert_int_equal(run_apply(&run, events, 2), STATUS_OK);
    assert_int_equal(run_apply(&run, &events[1], 1), STATUS_OK);
    assert_int_equal(aggregate_counts(run.aggregate).conflicts, 0); /* not committed yet */
    run_commit(&run);
    assert_int_equal(aggregate_counts(run.aggregate).conflicts, 2);
    store_begin_read(run.store, &txn);
    assert_false(has_unit(&txn, TABLE_LEDGER, slice_text("u9")));
    assert_true(has_unit(&txn, TABLE_LEDGER, sample.events[0].unit));
    assert_int_equal(store_count(&txn, TABLE_FINDINGS), 1);
    store_abort(&txn);
    run_close(&run);
}

static void test_chain(void **state)
{
    (void)state;
    static struct sample sample;
    uint32_t seed = 5;
    make_event(&sample, 0, &seed);
    make_event(&sample, 1, &seed);
    const struct event *events[] = {&sample.events[0], &sample.events[1]};
    struct error error = {0};
    struct run run;
    run_open(&run);
    const struct slice block = run_append(&run, events, 1);
    uint8_t copy[4096];
    memcpy(copy, block.data, block.size);
    const struct slice again = slice_of(copy, block.size);
    assert_int_equal(run_apply_block(&run, again), STATUS_OK);
    assert_int_equal(run_apply_block(&run, again), STATUS_OK);
    assert_int_equal(aggregate_applied(run.aggregate).position, 1);
    assert_int_equal(aggregate_apply(run.aggregate, INCARNATION + 1, &again, 1, &error),
                     STATUS_CONFLICT);
    run.hash[0] ^= 1;
    assert_int_equal(run_apply(&run, &events[1], 1), STATUS_CORRUPT);
    copy[block.size / 2] ^= 1;
    assert_int_equal(run_apply_block(&run, again), STATUS_CORRUPT);
    assert_int_equal(aggregate_applied(run.aggregate).position, 1); /* what was sound stands */
    run_commit(&run);
    assert_int_equal(aggregate_cut(run.aggregate).position, 1);
    run_close(&run);
}

enum { TAIL_PARTS = 8, TAIL_ARENA = 1 << 20, SMALL_MAP = 1 << 20 };

static unsigned read_tail(struct run *run, uint64_t after, size_t max_bytes, struct arena *arena,
                          struct change_part parts[TAIL_PARTS])
{
    unsigned count = TAIL_PARTS;
    arena_reset(arena);
    assert_int_equal(
        aggregate_read_tail(run->aggregate, after, 0, max_bytes, arena, parts, TAIL_PARTS, &count),
        STATUS_OK);
    return count;
}

/* The log in the store holds the parts, and nothing else behind `after`. */
static void assert_in_log(struct run *run, uint64_t after, const struct change_part *parts,
                          unsigned count)
{
    struct store_txn txn;
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    struct change_part part;
    uint8_t buffer[CHANGE_KEY_SIZE];
    unsigned seen = 0;
    store_begin_read(run->store, &txn);
    store_cursor_open(&txn, TABLE_CHANGES, &cursor);
    bool more = store_cursor_seek(&cursor, change_key(after + 1, 0, buffer), &key, &value);
    for (; more; more = store_cursor_next(&cursor, &key, &value), seen++) {
        assert_true(seen < count && change_parse(key, value, &part));
        assert_int_equal(part.to_position, parts[seen].to_position);
        assert_int_equal(part.from_position, parts[seen].from_position);
        assert_true(slice_equal(part.entries, parts[seen].entries));
    }
    assert_int_equal(seen, count);
    store_cursor_close(&cursor);
    store_abort(&txn);
}

static void test_told_before_it_is_committed(void **state)
{
    (void)state;
    static struct sample sample;
    const struct event *events[EVENTS];
    make_events(&sample, 17, events);
    struct change_part parts[TAIL_PARTS];
    struct arena arena;
    struct run run;
    arena_init(&arena, TAIL_ARENA);
    run_open(&run);
    assert_int_equal(read_tail(&run, 0, TAIL_ARENA, &arena, parts), 0);
    assert_int_equal(run_apply(&run, events, 10), STATUS_OK);
    run_commit(&run);
    assert_int_equal(read_tail(&run, 0, TAIL_ARENA, &arena, parts), 0);
    assert_int_equal(run_apply(&run, events + 10, 20), STATUS_OK);
    assert_int_equal(run_apply(&run, events + 30, 30), STATUS_OK);
    assert_int_equal(aggregate_pending(run.aggregate), 50);
    assert_int_equal(aggregate_cut(run.aggregate).position, 10);
    assert_int_equal(aggregate_applied(run.aggregate).position, 60);
    assert_in_log(&run, 10, NULL, 0);
    /* A reader that is not as far as the tail begins, one that is at its end, and one inside. */
    assert_int_equal(read_tail(&run, 9, TAIL_ARENA, &arena, parts), 0);
    assert_int_equal(read_tail(&run, 60, TAIL_ARENA, &arena, parts), 0);
    assert_int_equal(read_tail(&run, 10, 1, &arena, parts), 1);
    assert_int_equal(read_tail(&run, 35, TAIL_ARENA, &arena, parts), 1);
    assert_int_equal(parts[0].to_position, 60);
    assert_int_equal(read_tail(&run, 10, TAIL_ARENA, &arena, parts), 2);
    assert_int_equal(parts[0].from_position, 10);
    assert_int_equal(parts[1].from_position, 30);
    struct arena small;
    unsigned count = 0;
    arena_init(&small, 8);
    assert_int_equal(aggregate_read_tail(run.aggregate, 10, 0, 1, &small, parts + 2, 1, &count),
                     STATUS_TOO_LARGE);
    arena_fini(&small);
    run_commit(&run);
    assert_in_log(&run, 10, parts, 2);
    assert_int_equal(aggregate_cut(run.aggregate).position, 60);
    arena_fini(&arena);
    run_close(&run);
}

/* What is dropped comes again, and is the same. */
static void test_dropped_and_counted_again(void **state)
{
    (void)state;
    static struct sample sample;
    const struct event *events[EVENTS];
    make_events(&sample, 23, events);
    struct change_part parts[TAIL_PARTS];
    struct change_part dropped[TAIL_PARTS];
    struct arena arena;
    struct arena kept;
    struct run run;
    static uint8_t copy[1 << 20];
    arena_init(&arena, TAIL_ARENA);
    arena_init(&kept, TAIL_ARENA);
    run_open(&run);
    const struct slice block = run_append(&run, events, 100);
    assert_true(block.size <= sizeof copy);
    memcpy(copy, block.data, block.size);
    const struct slice again = slice_of(copy, block.size);
    assert_int_equal(run_apply_block(&run, again), STATUS_OK);
    assert_int_equal(read_tail(&run, 0, TAIL_ARENA, &kept, dropped), 1);
    aggregate_abandon(run.aggregate);
    assert_int_equal(aggregate_applied(run.aggregate).position, 0);
    assert_int_equal(read_tail(&run, 0, TAIL_ARENA, &arena, parts), 0);
    assert_int_equal(run_apply_block(&run, again), STATUS_OK);
    assert_int_equal(read_tail(&run, 0, TAIL_ARENA, &arena, parts), 1);
    assert_true(slice_equal(parts[0].entries, dropped[0].entries));
    run_commit(&run);
    assert_in_log(&run, 0, parts, 1);
    arena_fini(&kept);
    arena_fini(&arena);
    run_close(&run);
}

static void test_full(void **state)
{
    (void)state;
    static struct sample sample;
    const struct event *events[EVENTS];
    uint32_t seed = 29;
    struct change_part parts[TAIL_PARTS];
    struct arena arena;
    struct run run;
    arena_init(&arena, TAIL_ARENA);
    run_open_map(&run, SMALL_MAP);
    enum status status = STATUS_OK;
    for (unsigned batch = 0; status == STATUS_OK; batch++) {
        assert_true(batch < SMALL_MAP / EVENTS);
        for (unsigned i = 0; i < EVENTS; i++) {
            make_event(&sample, i, &seed);
            (void)snprintf(sample.texts[i].dossier, sizeof sample.texts[i].dossier, "d%u-%u", batch,
                           i);
            sample.events[i].dossier = slice_text(sample.texts[i].dossier);
            events[i] = &sample.events[i];
        }
        status = run_apply(&run, events, EVENTS);
        if (status == STATUS_OK && batch == 0) {
            run_commit(&run);
        }
    }
    assert_int_equal(status, STATUS_FULL);
    assert_int_equal(aggregate_applied(run.aggregate).position, EVENTS);
    assert_int_equal(aggregate_cut(run.aggregate).position, EVENTS);
    assert_int_equal(aggregate_pending(run.aggregate), 0);
    assert_int_equal(read_tail(&run, EVENTS, TAIL_ARENA, &arena, parts), 0);
    assert_int_equal(aggregate_counts(run.aggregate).batches, 1);
    arena_fini(&arena);
    run_close(&run);
}

/* What was counted with other local days is dropped when the store is opened, and counted anew. */
static void test_another_derivation_counts_anew(void **state)
{
    (void)state;
    static struct sample sample;
    const struct event *events[EVENTS];
    struct derivation before;
    struct store_txn txn;
    struct run run;
    make_events(&sample, 31, events);
    run_open(&run);
    assert_int_equal(run_apply(&run, events, EVENTS), STATUS_OK);
    run_commit(&run);
    const struct slice journal = buffer_slice(&run.journal);
    run_reopen(&run);
    assert_int_equal(aggregate_recount_to(run.aggregate, &before), 0);
    assert_int_equal(aggregate_cut(run.aggregate).position, EVENTS);
    localday_set_offset(0);
    for (unsigned opened = 0; opened < 2; opened++) { /* stopped in the middle, and again */
        run_reopen(&run);
        assert_int_equal(aggregate_recount_to(run.aggregate, &before), EVENTS);
        assert_int_equal(before.fold_version, opened == 0 ? FOLD_VERSION : 0);
        assert_int_equal(before.utc_offset_minutes, opened == 0 ? 7 * 60 : 0);
        assert_int_equal(aggregate_cut(run.aggregate).position, 0);
        store_begin_read(run.store, &txn);
        for (unsigned table = TABLE_DOSSIERS; table < TABLE_COUNT; table++) {
            assert_int_equal(store_count(&txn, table), 0);
        }
        store_abort(&txn);
    }
    assert_int_equal(run_apply_block(&run, journal), STATUS_OK);
    run_commit(&run);
    run_reopen(&run);
    assert_int_equal(aggregate_cut(run.aggregate).position, EVENTS);
    assert_int_equal(aggregate_derivation().utc_offset_minutes, 0);
    localday_set_offset(7 * 60);
    run_close(&run);
}

/* A part that could not be gathered, in a transaction that has failed before: nothing is written,
 * and the first failure is the one reported. */
static void test_a_failed_part_is_not_written(void **state)
{
    (void)state;
    struct run run;
    struct store_txn txn;
    struct change_tail tail;
    struct change_writer writer;
    run_open(&run);
    change_tail_init(&tail);
    store_begin_write(run.store, &txn);
    change_writer_begin(&writer, &txn, &tail, 0, 1);
    buffer_fini(&writer.part);
    buffer_init(&writer.part, 0);
    buffer_u8(&writer.part, 0);
    store_fail(&txn, STATUS_CORRUPT);
    assert_int_equal(change_writer_end(&writer), 0);
    assert_int_equal(store_commit(&txn), STATUS_CORRUPT);
    change_tail_fini(&tail);
    run_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_does_not_matter),
        cmocka_unit_test(test_conflict_stands_aside),
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_told_before_it_is_committed),
        cmocka_unit_test(test_dropped_and_counted_again),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_another_derivation_counts_anew),
        cmocka_unit_test(test_a_failed_part_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
