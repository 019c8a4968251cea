/* SPDX-License-Identifier: Apache-2.0
 *
 * The calendar tree against the plainest model there is: a list of amounts, summed anew for every
 * question.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/localday.h"
#include "ledger/closes.h"
#include "ledger/ledger.h"
#include "ledger/node.h"

enum { UNITS = 3, SERVICES = 4, AMOUNTS = 4000, QUESTIONS = 400, BATCH_BYTES = 64 << 20 };

static const char *const tables[] = {"ledger", NULL};
static const char *const units[UNITS] = {"H27", "H27.45", "H27.45.01"};
static const char *const fields[SERVICES] = {"", "dat-dai", "dat-dai", "ho-tich"};
static const char *const procedures[SERVICES] = {"", "1.1", "1.2", "1.1"};

struct world {
    char path[64];
    struct store *store;
    struct ledger_batch *batch;
    struct amount amounts[AMOUNTS];
    unsigned records; /* that changed in the last write */
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)snprintf(world->path, sizeof world->path, "ledger_test.XXXXXX");
    assert_non_null(mkdtemp(world->path));
    const struct store_options options = {world->path, tables, 1, 1 << 28, true, false};
    struct error error = {0};
    assert_int_equal(store_open(&options, &world->store, &error), STATUS_OK);
    assert_int_equal(ledger_batch_new(BATCH_BYTES, &world->batch), STATUS_OK);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    char command[128];
    ledger_batch_free(world->batch);
    store_close(world->store);
    (void)snprintf(command, sizeof command, "rm -r '%s'", world->path);
    assert_int_equal(system(command), 0);
    free(world);
    return 0;
}

static struct amount random_amount(uint32_t *seed)
{
    const uint32_t service = next_random(seed) % SERVICES;
    const int32_t first = localday_of_date((struct date){2022, 11, 1});
    return (struct amount){
        .unit = slice_text(units[next_random(seed) % UNITS]),
        .field = slice_text(fields[service]),
        .procedure = slice_text(procedures[service]),
        .day = first + (int32_t)(next_random(seed) % 900),
        .delta = (int32_t)(next_random(seed) % 5) - 2,
        .slot = (uint8_t)(next_random(seed) % SLOT_COUNT),
        .measure = (uint8_t)(next_random(seed) % MEASURE_COUNT),
    };
}

static void count_change(void *context, struct slice key, struct slice value)
{
    struct world *world = context;
    (void)key;
    (void)value;
    world->records++;
}

static void write_amounts(struct world *world, unsigned from, unsigned to, int sign)
{
    struct store_txn txn;
    ledger_batch_clear(world->batch);
    for (unsigned i = from; i < to; i++) {
        assert_int_equal(ledger_batch_add(world->batch, &world->amounts[i], sign), STATUS_OK);
    }
    world->records = 0;
    store_begin_write(world->store, &txn);
    ledger_batch_write(world->batch, &txn, 0, count_change, world);
    assert_int_equal(store_commit(&txn), STATUS_OK);
}

static void naive(const struct world *world, const struct ledger_cell *cell, int32_t from_day,
                  int32_t to_day, struct figures *figures)
{
    for (unsigned i = 0; i < AMOUNTS; i++) {
        const struct amount *amount = &world->amounts[i];
        const bool own = slice_equal(amount->unit, cell->unit) &&
                         (cell->all || (slice_equal(amount->field, cell->field) &&
                                        slice_equal(amount->procedure, cell->procedure)));
        figures->from[amount->measure][amount->slot] +=
            own && amount->day < from_day ? amount->delta : 0;
        figures->to[amount->measure][amount->slot] +=
            own && amount->day < to_day ? amount->delta : 0;
    }
}

static void assert_figures(const struct figures *figures, const struct figures *expected)
{
    assert_memory_equal(figures->from, expected->from, sizeof figures->from);
    assert_memory_equal(figures->to, expected->to, sizeof figures->to);
    for (unsigned measure = 0; measure < MEASURE_COUNT; measure++) {
        static const int64_t none[SLOT_COUNT];
        const bool any = memcmp(expected->from[measure], none, sizeof none) != 0 ||
                         memcmp(expected->to[measure], none, sizeof none) != 0;
        assert_true(!any || figures_next(figures, measure) == measure);
    }
}

static void check_cell(struct world *world, struct store_txn *txn, const struct ledger_cell *cell,
                       int32_t from_day, int32_t to_day)
{
    struct figures expected = {0};
    struct figures read = {0};
    naive(world, cell, from_day, to_day, &expected);
    const struct ledger_view now = ledger_now(txn, 0);
    ledger_read(&now, cell, from_day, to_day, &read);
    assert_figures(&read, &expected);
}

static void test_against_naive(void **state)
{
    struct world *world = *state;
    uint32_t seed = 7;
    for (unsigned i = 0; i < AMOUNTS; i++) {
        world->amounts[i] = random_amount(&seed);
    }
    for (unsigned i = 0; i < AMOUNTS; i += AMOUNTS / 8) {
        write_amounts(world, i, i + AMOUNTS / 8, 1);
    }
    struct store_txn txn;
    store_begin_read(world->store, &txn);
    const int32_t first = localday_of_date((struct date){2022, 10, 20});
    for (unsigned i = 0; i < QUESTIONS; i++) {
        const uint32_t service = next_random(&seed) % SERVICES;
        struct ledger_cell cell = {.unit = slice_text(units[i % UNITS]), .all = i % 2 == 0};
        if (!cell.all) {
            cell.field = slice_text(fields[service]);
            cell.procedure = slice_text(procedures[service]);
        }
        const int32_t from_day = first + (int32_t)(next_random(&seed) % 950);
        check_cell(world, &txn, &cell, from_day, from_day + (int32_t)(next_random(&seed) % 400));
    }
    assert_int_equal(txn.status, STATUS_OK);
    store_abort(&txn);
}

struct visited {
    struct world *world;
    unsigned cells;
    int32_t from_day, to_day;
};

static void visit(void *context, const struct ledger_cell *cell, const struct figures *figures)
{
    struct visited *visited = context;
    struct figures expected = {0};
    naive(visited->world, cell, visited->from_day, visited->to_day, &expected);
    assert_figures(figures, &expected);
    visited->cells++;
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

static void test_scan(void **state)
{
    struct world *world = *state;
    struct store_txn txn;
    struct visited visited = {.world = world};
    visited.from_day = localday_of_date((struct date){2023, 5, 3});
    visited.to_day = localday_of_date((struct date){2024, 2, 29});
    store_begin_read(world->store, &txn);
    const struct ledger_view now = ledger_now(&txn, 0);
    ledger_scan_unit(&now, slice_text("H27.45"), visited.from_day, visited.to_day, visit, &visited);
    assert_int_equal(visited.cells, SERVICES);
    ledger_scan_unit(&now, slice_text("H27.4"), visited.from_day, visited.to_day, visit, &visited);
    assert_int_equal(visited.cells, SERVICES);
    assert_true(has_unit(&txn, 0, slice_text("H27")));
    assert_false(has_unit(&txn, 0, slice_text("H2")));
    store_abort(&txn);
}

enum { PARTS = 8, CLOSES = 3 };

/* Closes "H27.45" and "H27" as given, after so many parts. */
static const struct {
    unsigned after_part;
    const char *units[2];
    struct date last;
} given_closes[CLOSES] = {
    {2, {"H27.45", "H27"}, {2023, 6, 30}},
    {4, {"H27.45", NULL}, {2024, 1, 31}},
    {6, {"H27", "H27.45"}, {2023, 3, 31}}, /* an older day after a newer one */
};

static void close_period(struct world *world, struct ledger_closes *closes, uint32_t number)
{
    uint8_t key[LEDGER_CLOSE_KEY_SIZE];
    struct buffer ids;
    struct buffer value;
    struct store_txn txn;
    struct ledger_close close = {.number = number,
                                 .last_day = localday_of_date(given_closes[number - 1].last)};
    buffer_init(&ids, 1024);
    buffer_init(&value, 1024);
    for (unsigned i = 0; i < 2 && given_closes[number - 1].units[i] != NULL; i++) {
        buffer_text(&ids, slice_text(given_closes[number - 1].units[i]));
        close.unit_count++;
    }
    close.units = buffer_slice(&ids);
    ledger_close_encode(&close, &value);
    store_begin_write(world->store, &txn);
    store_put(&txn, 0, ledger_close_key(number, key), buffer_slice(&value));
    assert_int_equal(store_commit(&txn), STATUS_OK);
    assert_int_equal(ledger_closes_add(closes, &close), STATUS_OK);
    buffer_fini(&ids);
    buffer_fini(&value);
}

static bool covers(const struct ledger_close *close, struct slice unit, int32_t day)
{
    return ledger_close_covers(close, unit) && day <= close->last_day;
}

/* What was there before the close, where it covers; all of the rest. */
static void naive_closed(const struct world *world, const struct ledger_close *close,
                         const struct ledger_cell *cell, int32_t from_day, int32_t to_day,
                         struct figures *figures)
{
    const unsigned before = given_closes[close->number - 1].after_part * (AMOUNTS / PARTS);
    struct world *part = calloc(1, sizeof *part);
    assert_non_null(part);
    for (unsigned i = 0; i < AMOUNTS; i++) {
        part->amounts[i] = world->amounts[i];
        if (i >= before && covers(close, world->amounts[i].unit, world->amounts[i].day)) {
            part->amounts[i].delta = 0;
        }
    }
    naive(part, cell, from_day, to_day, figures);
    free(part);
}

static void check_closed(struct world *world, struct store_txn *txn, uint32_t number,
                         uint32_t *seed)
{
    struct ledger_close close;
    assert_true(ledger_close_get(txn, 0, number, &close));
    const struct ledger_view closed = ledger_closed(txn, 0, number);
    for (unsigned i = 0; i < QUESTIONS / 8; i++) {
        struct figures expected = {0};
        struct figures read = {0};
        const struct ledger_cell cell = {.unit = slice_text(i % 2 == 0 ? "H27" : "H27.45"),
                                         .all = true};
        if (!ledger_close_covers(&close, cell.unit)) {
            continue;
        }
        const int32_t to_day = close.last_day + 1 - (int32_t)(next_random(seed) % 60);
        const int32_t from_day = to_day - (int32_t)(next_random(seed) % 400);
        naive_closed(world, &close, &cell, from_day, to_day, &expected);
        ledger_read(&closed, &cell, from_day, to_day, &read);
        assert_figures(&read, &expected);
    }
}

/* Amounts that come after a close do not change what it closed; all together are as they are. */
static void test_closes(void **state)
{
    struct world *world = *state;
    struct ledger_closes *closes = NULL;
    struct store_txn txn;
    uint32_t seed = 11;
    uint32_t number = 0;
    store_begin_write(world->store, &txn);
    store_clear(&txn, 0);
    assert_int_equal(store_commit(&txn), STATUS_OK);
    assert_int_equal(ledger_closes_new(&closes), STATUS_OK);
    ledger_batch_close(world->batch, closes);
    for (unsigned part = 0; part < PARTS; part++) {
        write_amounts(world, part * (AMOUNTS / PARTS), (part + 1) * (AMOUNTS / PARTS), 1);
        if (number < CLOSES && given_closes[number].after_part == part + 1) {
            close_period(world, closes, ++number);
        }
    }
    store_begin_read(world->store, &txn);
    for (uint32_t n = 1; n <= CLOSES; n++) {
        check_closed(world, &txn, n, &seed);
    }
    const struct ledger_cell all = {.unit = slice_text("H27.45"), .all = true};
    check_cell(world, &txn, &all, localday_of_date((struct date){2023, 1, 1}),
               localday_of_date((struct date){2024, 6, 1}));
    struct visited visited = {.world = world};
    visited.from_day = localday_of_date((struct date){2023, 5, 3});
    visited.to_day = localday_of_date((struct date){2024, 2, 29});
    const struct ledger_view now = ledger_now(&txn, 0);
    ledger_scan_unit(&now, slice_text("H27.45"), visited.from_day, visited.to_day, visit, &visited);
    assert_int_equal(visited.cells, SERVICES);
    assert_true(has_unit(&txn, 0, slice_text("H27")));
    struct ledger_closes *loaded = NULL;
    assert_int_equal(ledger_closes_new(&loaded), STATUS_OK);
    assert_int_equal(ledger_closes_load(loaded, &txn, 0), STATUS_OK);
    for (int32_t day = localday_of_date((struct date){2022, 12, 1}),
                 end = localday_of_date((struct date){2024, 3, 1});
         day < end; day += 5) {
        for (unsigned i = 0; i < UNITS; i++) {
            assert_int_equal(ledger_closes_layer(loaded, slice_text(units[i]), day),
                             ledger_closes_layer(closes, slice_text(units[i]), day));
        }
    }
    store_abort(&txn);
    ledger_batch_close(world->batch, NULL);
    ledger_closes_free(loaded);
    ledger_closes_free(closes);
}

/* Taking everything back leaves nothing: the ledger depends only on what counts. */
static void test_take_back(void **state)
{
    struct world *world = *state;
    struct store_txn txn;
    write_amounts(world, 0, AMOUNTS, 1);
    write_amounts(world, 0, AMOUNTS, -1);
    write_amounts(world, 0, AMOUNTS, -1);
    store_begin_read(world->store, &txn);
    assert_int_equal(store_count(&txn, 0), 0);
    store_abort(&txn);
    ledger_batch_clear(world->batch);
    assert_int_equal(ledger_batch_add(world->batch, &world->amounts[0], 1), STATUS_OK);
    assert_int_equal(ledger_batch_add(world->batch, &world->amounts[0], -1), STATUS_OK);
    world->records = 0;
    store_begin_write(world->store, &txn);
    ledger_batch_write(world->batch, &txn, 0, count_change, world);
    assert_int_equal(store_commit(&txn), STATUS_OK);
    assert_int_equal(world->records, 0);
}

static void test_damaged_node(void **state)
{
    struct world *world = *state;
    const struct ledger_cell cell = {.unit = slice_text("X"), .all = true};
    static const uint8_t damaged[] = {0x80, 0x80};
    uint8_t name[NODE_NAME_MAX];
    uint8_t key[NODE_KEY_MAX];
    struct store_txn txn;
    struct figures figures = {0};
    store_begin_write(world->store, &txn);
    const size_t size = node_name(&cell, name);
    store_put(&txn, 0, node_key(slice_of(name, size), LEDGER_YEARS, 0, key),
              slice_of(damaged, sizeof damaged));
    assert_int_equal(store_commit(&txn), STATUS_OK);
    store_begin_read(world->store, &txn);
    const struct ledger_view now = ledger_now(&txn, 0);
    ledger_read(&now, &cell, 19000, 20000, &figures);
    assert_int_equal(txn.status, STATUS_CORRUPT);
    store_abort(&txn);
}

static void test_names(void **state)
{
    (void)state;
    for (unsigned measure = 0; measure < MEASURE_COUNT; measure++) {
        assert_int_equal(measure_of(slice_text(measure_name((enum measure)measure))), measure);
    }
    assert_int_equal(measure_of(slice_text("resolved")), MEASURE_COUNT);
    assert_int_equal(slots_of(CHANNEL_NONE, LEVEL_NONE_GIVEN), SLOTS_ALL);
    assert_int_equal(slots_of(CHANNEL_ONLINE, LEVEL_NONE_GIVEN), 0x00F0);
    assert_int_equal(slots_of(CHANNEL_ONLINE, LEVEL_FULL), 1 << 5);
    assert_int_equal(slots_of_class(CLASS_BUSINESS), 1 << 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_naive), cmocka_unit_test(test_scan),
        cmocka_unit_test(test_take_back),     cmocka_unit_test(test_damaged_node),
        cmocka_unit_test(test_names),         cmocka_unit_test(test_closes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
