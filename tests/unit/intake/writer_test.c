/* SPDX-License-Identifier: Apache-2.0
 *
 * What the writer answers, request by request: each table row is an Open or an Append with its
 * expected answer. Every table runs three times: one commit for each row, one commit for all, and
 * one commit for each row with a restart between.
 */
#include "tests/unit/intake/fixture.h"

#include <stdlib.h>
#include <stdio.h>

#include "services/intake/metrics.h"
#include "services/intake/writer.h"
#include "tests/unit/catalogue/given.h"

enum { OPEN = 0, ROWS_LIMIT = 20 };
#define RESULT(name) HOSO__V1__APPEND_RESULT__APPEND_RESULT_##name

struct row {
    uint64_t epoch; /* to append with; of an Open, the one expected */
    uint64_t first;
    uint32_t count; /* OPEN = an Open */
    int flavour;
    Hoso__V1__AppendResult result;
    uint64_t next_sequence;
    uint64_t position; /* of the answer's cut */
};

enum mode { EACH_ALONE, ALL_TOGETHER, RESTARTS };

struct world {
    struct metrics *metrics;
    struct queue queue;
    struct bus_wake committed;
    _Atomic uint64_t position;
    struct journal_writer writer;
};

static void start_writer(struct world *world, struct fixture *f)
{
    struct catalogue *catalogue = NULL;
    struct catalogue_ref *shared = NULL;
    *world = (struct world){.committed = {.fd = -1}};
    assert_int_equal(metrics_new(intake_metrics, INTAKE_METRIC_COUNT, &world->metrics), STATUS_OK);
    assert_int_equal(queue_init(&world->queue), STATUS_OK);
    assert_int_equal(bus_wake_init(&world->committed), STATUS_OK);
    assert_int_equal(journal_load_catalogue(f->journal, &catalogue, &f->error), STATUS_OK);
    if (catalogue != NULL) {
        shared = catalogue_ref_new(&catalogue);
        assert_non_null(shared);
    }
    const struct writer_options options = {.metrics = world->metrics,
                                           .journal = f->journal,
                                           .queue = &world->queue,
                                           .position = &world->position,
                                           .committed = &world->committed};
    assert_int_equal(writer_init(&world->writer, &options, shared), STATUS_OK);
}

static void end_writer(struct world *world)
{
    writer_fini(&world->writer);
    bus_wake_fini(&world->committed);
    queue_fini(&world->queue);
    metrics_free(world->metrics);
}

static void restart(struct world *world, struct fixture *f)
{
    end_writer(world);
    assert_int_equal(reopen(f), STATUS_OK);
    start_writer(world, f);
}

static void push(struct world *world, const char *name, struct writer_request request)
{
    (void)snprintf(request.caller.user, sizeof request.caller.user, "%s", name);
    assert_int_equal(queue_push(&world->queue, &request), STATUS_OK);
}

static void push_row(struct world *world, struct fixture *f, const struct row *row, unsigned id)
{
    struct writer_request request = {.kind = row->count == OPEN ? REQUEST_OPEN : REQUEST_APPEND,
                                     .caller = {.peer_size = 1, .request_id = id},
                                     .epoch = row->epoch,
                                     .first_sequence = row->first,
                                     .count = row->count};
    if (row->count != OPEN) {
        request.records = records_of(f, row->first, row->count, row->flavour);
    }
    push(world, "s", request);
}

/* All that waits. */
static void commit(struct world *world)
{
    while (world->queue.waiting.count > 0) {
        const struct writer_batch *batch = queue_take(&world->queue);
        assert_non_null(batch);
        assert_true(writer_batch(&world->writer, batch));
    }
}

static void expect(struct world *world, const struct row *row, unsigned id)
{
    struct writer_answer answer;
    assert_true(queue_pop(&world->queue, &answer));
    assert_int_equal(answer.caller.request_id, id);
    assert_int_equal(answer.kind, row->count == OPEN ? ANSWER_OPEN : ANSWER_APPEND);
    if (answer.result != row->result || answer.next_sequence != row->next_sequence ||
        answer.position != row->position) {
        fail_msg("row %u: result %d, next %llu, position %llu", id, (int)answer.result,
                 (unsigned long long)answer.next_sequence, (unsigned long long)answer.position);
    }
    if (row->count == OPEN) {
        assert_int_equal(answer.epoch, row->epoch);
    }
}

static void run_mode(struct fixture *f, const struct row *rows, enum mode mode)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    start_writer(world, f);
    unsigned count = 0;
    while (count < ROWS_LIMIT && (rows[count].epoch | rows[count].first | rows[count].count) != 0) {
        push_row(world, f, &rows[count], count);
        count++;
        if (mode != ALL_TOGETHER) {
            commit(world);
            expect(world, &rows[count - 1], count - 1);
        }
        if (mode == RESTARTS) {
            restart(world, f);
        }
    }
    if (mode == ALL_TOGETHER) {
        commit(world);
        assert_int_equal(metrics_get(world->metrics, INTAKE_COMMITS, 0), 1);
        for (unsigned i = 0; i < count; i++) {
            expect(world, &rows[i], i);
        }
    }
    end_writer(world);
    free(world);
}

static void run(const struct row *rows)
{
    for (enum mode mode = EACH_ALONE; mode <= RESTARTS; mode++) {
        void *state;
        assert_int_equal(set_up(&state), 0);
        run_mode(state, rows, mode);
        assert_int_equal(tear_down(&state), 0);
    }
}

static void test_in_order(void **state)
{
    (void)state;
    static const struct row rows[ROWS_LIMIT] = {
        {1, 0, OPEN, 0, 0, 1, 0},
        {1, 1, 1, 0, RESULT(ACK), 2, 1},
        {1, 2, 1000, 0, RESULT(ACK), 1002, 1001},
        {1, 1002, 3, 0, RESULT(ACK), 1005, 1004},
    };
    run(rows);
}

static void test_again(void **state)
{
    (void)state;
    static const struct row rows[ROWS_LIMIT] = {
        {1, 0, OPEN, 0, 0, 1, 0},
        {1, 1, 5, 0, RESULT(ACK), 6, 5},
        {1, 1, 5, 0, RESULT(DUPLICATE), 6, 5},
        {1, 2, 2, 0, RESULT(DUPLICATE), 6, 3},
        {1, 6, 5, 0, RESULT(ACK), 11, 10},
        {1, 4, 4, 0, RESULT(DUPLICATE), 11, 7}, /* cut otherwise */
        {1, 1, 10, 0, RESULT(DUPLICATE), 11, 10},
        {1, 1, 1, 0, RESULT(DUPLICATE), 11, 1},
    };
    run(rows);
}

static void test_partly_old(void **state)
{
    (void)state;
    static const struct row rows[ROWS_LIMIT] = {
        {1, 0, OPEN, 0, 0, 1, 0},
        {1, 1, 5, 0, RESULT(ACK), 6, 5},
        {1, 3, 6, 0, RESULT(ACK), 9, 8}, /* 3–5 are old, 6–8 are new */
        {1, 1, 8, 0, RESULT(DUPLICATE), 9, 8},
        {1, 8, 2, 0, RESULT(ACK), 10, 9},
        {1, 6, 5, 1, RESULT(CONFLICT), 10, 0}, /* the old part differs: nothing is journaled */
        {1, 10, 1, 0, RESULT(ACK), 11, 10},
    };
    run(rows);
}

static void test_gaps(void **state)
{
    (void)state;
    static const struct row rows[ROWS_LIMIT] = {
        {1, 0, OPEN, 0, 0, 1, 0},        {1, 2, 1, 0, RESULT(GAP), 1, 0},
        {1, 1, 1, 0, RESULT(ACK), 2, 1}, {1, 3, 2, 0, RESULT(GAP), 2, 0},
        {1, 2, 1, 0, RESULT(ACK), 3, 2}, {1, 3, 2, 0, RESULT(ACK), 5, 4},
    };
    run(rows);
}

static void test_conflicts(void **state)
{
    (void)state;
    static const struct row rows[ROWS_LIMIT] = {
        {1, 0, OPEN, 0, 0, 1, 0},
        {1, 1, 3, 0, RESULT(ACK), 4, 3},
        {1, 1, 3, 1, RESULT(CONFLICT), 4, 0},
        {1, 3, 1, 1, RESULT(CONFLICT), 4, 0},
        {1, 1, 3, 0, RESULT(DUPLICATE), 4, 3}, /* the first one stands */
        {1, 4, 3, 1, RESULT(ACK), 7, 6},
        {1, 3, 2, 0, RESULT(CONFLICT), 7, 0}, /* across Appends, the second part differs */
    };
    run(rows);
}

static void test_fencing(void **state)
{
    (void)state;
    static const struct row rows[ROWS_LIMIT] = {
        {1, 1, 1, 0, RESULT(NOT_OPEN), 1, 0}, /* nothing is open */
        {1, 0, OPEN, 0, 0, 1, 0},
        {1, 1, 2, 0, RESULT(ACK), 3, 2},
        {2, 0, OPEN, 0, 0, 3, 2},
        {1, 3, 1, 0, RESULT(FENCED), 3, 0},
        {1, 1, 2, 0, RESULT(FENCED), 3, 0}, /* even what is old */
        {2, 1, 3, 0, RESULT(ACK), 4, 3},    /* the outbox from its beginning */
        {3, 4, 1, 0, RESULT(FENCED), 4, 0}, /* never granted */
        {3, 0, OPEN, 0, 0, 4, 3},
        {3, 4, 1, 0, RESULT(ACK), 5, 4},
    };
    run(rows);
}

/* More than one transaction's worth: split, in order, all answered. */
static void test_much_is_split(void **state)
{
    struct fixture *f = *state;
    struct world *world = calloc(1, sizeof *world);
    struct writer_answer answer;
    assert_non_null(world);
    start_writer(world, f);
    push_row(world, f, &(struct row){.epoch = 1, .count = OPEN}, 0);
    for (unsigned i = 0; i < 10; i++) {
        push_row(world, f, &(struct row){1, 1 + 4096 * i, 4096, 0, 0, 0, 0}, 1 + i);
    }
    commit(world);
    assert_int_equal(metrics_get(world->metrics, INTAKE_COMMITS, 0), 10);
    assert_int_equal(metrics_get(world->metrics, INTAKE_EVENTS, RESULT(ACK) - 1), 40960);
    assert_true(queue_pop(&world->queue, &answer));
    for (unsigned i = 0; i < 10; i++) {
        assert_true(queue_pop(&world->queue, &answer));
        assert_int_equal(answer.caller.request_id, 1 + i);
        assert_int_equal(answer.result, RESULT(ACK));
        assert_int_equal(answer.position, 4096 * (i + 1));
    }
    assert_false(queue_pop(&world->queue, &answer));
    end_writer(world);
    free(world);
}

static const struct given small = {.units = {{.id = "H27"}},
                                   .fields = {{.id = "dat-dai"}},
                                   .procedures = {{.id = "1.1", .field = "dat-dai"}}};
static const struct given larger = {.units = {{.id = "H27"}, {.id = "H28"}},
                                    .fields = {{.id = "dat-dai"}},
                                    .procedures = {{.id = "1.1", .field = "dat-dai"}}};

static void put_catalogue(struct world *world, const struct given *given)
{
    struct catalogue *catalogue = parsed(given);
    struct catalogue_ref *shared = catalogue_ref_new(&catalogue);
    assert_non_null(shared);
    push(world, "admin", (struct writer_request){.kind = REQUEST_CATALOGUE, .catalogue = shared});
}

struct catalogue_row {
    const struct given *given;
    enum answer_kind kind;
    bool unchanged;
    uint64_t position;
};

/* The answers carry a catalogue exactly when it is new, and the error names the missing id. */
static void run_catalogues(struct fixture *f, bool together)
{
    static const struct catalogue_row rows[] = {{&small, ANSWER_CATALOGUE, false, 1},
                                                {&small, ANSWER_CATALOGUE, true, 1},
                                                {&larger, ANSWER_CATALOGUE, false, 2},
                                                {&small, ANSWER_ERROR, false, 0},
                                                {&larger, ANSWER_CATALOGUE, true, 2}};
    enum { COUNT = sizeof rows / sizeof rows[0] };
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    start_writer(world, f);
    for (unsigned i = 0; i < COUNT; i++) {
        put_catalogue(world, rows[i].given);
        if (!together) {
            commit(world);
            end_writer(world); /* the answer is dropped with the queue */
            start_writer(world, f);
        }
    }
    if (together) {
        commit(world);
        for (unsigned i = 0; i < COUNT; i++) {
            struct writer_answer answer;
            assert_true(queue_pop(&world->queue, &answer));
            assert_int_equal(answer.kind, rows[i].kind);
            assert_int_equal(answer.unchanged, rows[i].unchanged);
            if (answer.kind == ANSWER_CATALOGUE) {
                assert_int_equal(answer.position, rows[i].position);
                assert_int_equal(answer.catalogue != NULL, !rows[i].unchanged);
            } else {
                assert_non_null(strstr(answer.error.text, "H28"));
            }
            catalogue_ref_drop(&answer.catalogue);
        }
    }
    assert_int_equal(journal_end(f->journal)->position, 2);
    assert_true(catalogue_has_unit(world->writer.catalogue->catalogue, slice_text("H28")));
    end_writer(world);
    free(world);
}

static void test_catalogues_together(void **state)
{
    run_catalogues(*state, true);
}

static void test_catalogues_one_by_one(void **state)
{
    run_catalogues(*state, false);
}

/* After a catalogue that dropped ids, what was checked against another one is sent again. */
static void test_an_append_that_an_older_catalogue_let_in_is_sent_again(void **state)
{
    struct fixture *f = *state;
    struct world *world = calloc(1, sizeof *world);
    struct writer_answer answer;
    assert_non_null(world);
    start_writer(world, f);
    put_catalogue(world, &small);
    push_row(world, f, &(struct row){.epoch = 1, .count = OPEN}, 0);
    commit(world);
    assert_true(queue_pop(&world->queue, &answer));
    catalogue_ref_drop(&answer.catalogue);
    assert_true(queue_pop(&world->queue, &answer));
    const uint64_t number = world->writer.catalogue->number;
    for (unsigned round = 0; round < 3; round++) {
        world->writer.catalogue->drops = round > 0;
        push(world, "s",
             (struct writer_request){.kind = REQUEST_APPEND,
                                     .epoch = 1,
                                     .first_sequence = round < 2 ? 1 + round : 2,
                                     .count = 1,
                                     .checked_by = round < 2 ? number - 1 : number,
                                     .records = records_of(f, 1 + round, 1, 0)});
        commit(world);
        assert_true(queue_pop(&world->queue, &answer));
        assert_int_equal(answer.result, round == 1 ? RESULT(BUSY) : RESULT(ACK));
        assert_int_equal(answer.next_sequence, round == 2 ? 3 : 2);
    }
    end_writer(world);
    free(world);
}

/* A map at its reserve: events are answered FULL, what was there before stays answerable. */
static void test_full(void **state)
{
    struct fixture *f = *state;
    struct world *world = calloc(1, sizeof *world);
    struct writer_answer answer;
    uint64_t next = 1;
    assert_non_null(world);
    f->options.map_bytes = UINT64_C(1) << 20;
    assert_int_equal(reopen(f), STATUS_OK);
    start_writer(world, f);
    push_row(world, f, &(struct row){.epoch = 1, .count = OPEN}, 0);
    commit(world);
    assert_true(queue_pop(&world->queue, &answer));
    do {
        push_row(world, f, &(struct row){1, next, 500, 0, 0, 0, 0}, 0);
        commit(world);
        assert_true(queue_pop(&world->queue, &answer));
        next = answer.next_sequence;
        assert_true(next < 100000);
    } while (answer.result == RESULT(ACK));
    assert_int_equal(answer.result, RESULT(FULL));
    assert_int_equal(answer.position, 0);
    assert_int_equal((next - 1) % 500, 0);
    assert_int_equal(journal_end(f->journal)->position, next - 1);
    push_row(world, f, &(struct row){1, 1, 500, 0, 0, 0, 0}, 0);
    commit(world);
    assert_true(queue_pop(&world->queue, &answer));
    assert_int_equal(answer.result, RESULT(DUPLICATE));
    end_writer(world);
    free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_partly_old),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_fencing),
        cmocka_unit_test_setup_teardown(test_much_is_split, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_catalogues_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_catalogues_one_by_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_append_that_an_older_catalogue_let_in_is_sent_again,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
