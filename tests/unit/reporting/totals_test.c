/* SPDX-License-Identifier: Apache-2.0
 *
 * Totals without ledger or sockets: what a unit counts on a day is in a table, and the day is
 * given.
 */
#include "services/reporting/feed/totals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/catalogue/given.h"

/* H27 with two districts, one of which has two communes; xa-2 ends, xa-3 begins. */
static const struct given tree = {
    .units = {{.id = "H27"},
              {.id = "huyen-1", .parent = "H27", .print_order = 1},
              {.id = "xa-1", .parent = "huyen-1"},
              {.id = "xa-2", .parent = "huyen-1", .to = "2024-12-31"},
              {.id = "xa-3", .parent = "huyen-1", .from = "2025-01-01"},
              {.id = "huyen-2", .parent = "H27", .print_order = 2}}};

struct counted {
    const char *unit;
    int32_t day; /* of the reception */
};

enum { COUNTED_MAX = 16 };

struct world {
    struct catalogue *catalogue;
    struct counted counted[COUNTED_MAX];
    unsigned count;
    unsigned reads;
    struct totals_restricted restricted;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->catalogue = parsed(&tree);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    catalogue_free(world->catalogue);
    free(world);
    return 0;
}

static void count_in(struct world *world, const char *unit, const char *day)
{
    assert_in_range(world->count, 0, COUNTED_MAX - 1);
    world->counted[world->count++] = (struct counted){unit, day_of(day)};
}

/* A dossier received on a day is in process from then on; "today" is its flow on that day alone. */
static void read_unit(void *context, struct slice unit, int32_t day,
                      struct totals_values *ret_values)
{
    struct world *world = context;
    *ret_values = (struct totals_values){0};
    world->reads++;
    for (unsigned i = 0; i < world->count; i++) {
        if (slice_equal(slice_text(world->counted[i].unit), unit) && world->counted[i].day <= day) {
            ret_values->at[MEASURE_RECEIVED][TOTALS_TODAY] += world->counted[i].day == day;
            ret_values->at[MEASURE_RECEIVED][TOTALS_YEAR]++;
            ret_values->at[MEASURE_PROCESSING_IN_TIME][TOTALS_TODAY]++;
        }
    }
}

static struct totals *totals_on(struct world *world, const char *day)
{
    const struct totals_source source = {world, read_unit};
    struct totals *totals = NULL;
    assert_int_equal(totals_at(day_of(day), world->catalogue, &world->restricted, &source, &totals),
                     STATUS_OK);
    return totals;
}

static struct totals_node *node_of(const struct totals *totals, const char *unit)
{
    struct totals_node *node = totals_find(totals, slice_text(unit));
    assert_non_null(node);
    return node;
}

static void expect(const struct totals *totals, const char *unit, int64_t today, int64_t year)
{
    const struct totals_node *node = node_of(totals, unit);
    assert_int_equal(node->sum.at[MEASURE_RECEIVED][TOTALS_TODAY], today);
    assert_int_equal(node->sum.at[MEASURE_RECEIVED][TOTALS_YEAR], year);
    assert_int_equal(node->sum.at[MEASURE_PROCESSING_IN_TIME][TOTALS_TODAY], year);
}

static void expect_dirty(struct totals *totals, const char *const *units)
{
    for (unsigned i = 0; units[i] != NULL; i++) {
        const struct totals_node *node = totals_take_dirty(totals);
        assert_non_null(node);
        assert_string_equal(node->unit, units[i]);
    }
    assert_null(totals_take_dirty(totals));
}

static void test_rolls_up(void **state)
{
    struct world *world = *state;
    count_in(world, "xa-1", "2024-05-01");
    count_in(world, "xa-1", "2024-05-02");
    count_in(world, "huyen-1", "2024-05-02");
    count_in(world, "huyen-2", "2024-05-03");
    struct totals *totals = totals_on(world, "2024-05-02");
    assert_int_equal(totals->count, 5);
    expect(totals, "xa-1", 1, 2);
    expect(totals, "xa-2", 0, 0);
    expect(totals, "huyen-1", 2, 3);
    expect(totals, "huyen-2", 0, 0);
    expect(totals, "H27", 2, 3);
    assert_string_equal(node_of(totals, "xa-1")->path, "H27/huyen-1/xa-1");
    assert_null(totals_find(totals, slice_text("xa-3")));
    assert_null(totals_take_dirty(totals));
    totals_free(totals);
}

/* One unit's change reads that unit alone, and touches only what is above it. */
static void test_update(void **state)
{
    struct world *world = *state;
    const struct totals_source source = {world, read_unit};
    struct totals *totals = totals_on(world, "2024-05-02");
    count_in(world, "xa-2", "2024-05-02");
    world->reads = 0;
    totals_update(totals, &source, slice_text("xa-2"));
    totals_update(totals, &source, slice_text("xa-1"));    /* as it was */
    totals_update(totals, &source, slice_text("nowhere")); /* not in the tree */
    assert_int_equal(world->reads, 2);
    expect(totals, "H27", 1, 1);
    expect_dirty(totals, (const char *const[]){"xa-2", "huyen-1", "H27", NULL});
    count_in(world, "huyen-2", "2024-05-01");
    count_in(world, "xa-1", "2024-05-02");
    totals_update(totals, &source, slice_text("huyen-2"));
    totals_update(totals, &source, slice_text("xa-1"));
    expect_dirty(totals, (const char *const[]){"huyen-2", "xa-1", "huyen-1", "H27", NULL});
    world->count = 0; /* all voided */
    totals_update(totals, &source, slice_text("xa-1"));
    totals_update(totals, &source, slice_text("xa-2"));
    totals_update(totals, &source, slice_text("huyen-2"));
    expect(totals, "H27", 0, 0);
    totals_free(totals);
}

/* Over midnight: the chain goes on, what differs is dirty, units come and go. */
static void test_another_day(void **state)
{
    struct world *world = *state;
    count_in(world, "xa-1", "2024-12-31");
    count_in(world, "huyen-2", "2024-12-30");
    struct totals *old = totals_on(world, "2024-12-31");
    node_of(old, "xa-1")->sequence = 17;
    node_of(old, "xa-1")->messages = 5;
    struct totals *next = totals_on(world, "2025-01-01");
    assert_null(totals_same(next, node_of(old, "xa-2")));
    assert_non_null(totals_same(next, node_of(old, "huyen-2")));
    totals_adopt(next, old);
    assert_int_equal(node_of(next, "xa-1")->sequence, 17);
    assert_int_equal(node_of(next, "xa-1")->messages, 5);
    assert_int_equal(node_of(next, "xa-3")->sequence, 0);
    expect_dirty(next, (const char *const[]){"xa-3", "xa-1", "huyen-1", "H27", NULL});
    expect(next, "xa-1", 0, 1);
    totals_free(old);
    totals_free(next);
}

/* Restricted units are in another feed, and above them they count. */
static void test_restricted(void **state)
{
    struct world *world = *state;
    world->restricted = (struct totals_restricted){.count = 2, .units = {"huyen-1", "nowhere"}};
    count_in(world, "xa-1", "2024-05-02");
    struct totals *totals = totals_on(world, "2024-05-02");
    assert_int_equal(node_of(totals, "H27")->feed, TOTALS_PUBLIC);
    assert_int_equal(node_of(totals, "huyen-2")->feed, TOTALS_PUBLIC);
    assert_int_equal(node_of(totals, "huyen-1")->feed, TOTALS_RESTRICTED);
    assert_int_equal(node_of(totals, "xa-1")->feed, TOTALS_RESTRICTED);
    expect(totals, "H27", 1, 1);
    totals_free(totals);
}

static void test_path(void **state)
{
    struct world *world = *state;
    const char *units[CATALOGUE_DEPTH_MAX];
    struct totals *totals = totals_on(world, "2024-05-02");
    assert_int_equal(totals_path(totals, node_of(totals, "xa-1"), units), 3);
    assert_string_equal(units[0], "H27");
    assert_string_equal(units[1], "huyen-1");
    assert_string_equal(units[2], "xa-1");
    totals_free(totals);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_rolls_up),   WITH_WORLD(test_update), WITH_WORLD(test_another_day),
        WITH_WORLD(test_restricted), WITH_WORLD(test_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
