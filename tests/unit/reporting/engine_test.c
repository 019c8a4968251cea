/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine's checks: violations must be found, and a small arena is an outcome.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/catalogue/given.h"
#include "tests/unit/reporting/world.h"

static void test_violations_are_found(void **state)
{
    struct world *world = *state;
    give_golden(world);
    flow(&world->units[2].figures, MEASURE_RETURNED, slot_of(CHANNEL_DIRECT, LEVEL_FULL), 3);
    run(world, "thong-ke", "H27.45", false);
    assert_int_equal(world->violations, 1);
    assert_false(check_ok(world, "balance"));
    assert_true(check_ok(world, "channels"));
    assert_non_null(strstr(world->report.checks[0]->text, "SAI tại “Thị trấn Cẩm Xuyên”, lệch -3"));
    run(world, "thong-ke", "H27.45", true);
    assert_non_null(strstr(world->report.checks[0]->text, "VIOLATED"));
    run(world, "bao-cao-thang", "H27.45", false);
    assert_false(check_ok(world, "dossiers_out"));
    assert_true(check_ok(world, "dossiers_in"));
    run(world, "II.06a", "H27.45", false);
    assert_false(check_ok(world, "columns_3_7_11"));
    assert_true(check_ok(world, "column_7"));
}

static void test_violations_that_cancel_are_found(void **state)
{
    const unsigned slot = slot_of(CHANNEL_DIRECT, LEVEL_FULL);
    struct world *world = *state;
    flow(&world->units[2].figures, MEASURE_RECEIVED, slot, 5);
    flow(&world->units[3].figures, MEASURE_RETURNED, slot, 5);
    run(world, "bao-cao-thang", "H27.45", false);
    assert_false(check_ok(world, "balance"));
}

static void test_other_violations(void **state)
{
    struct world *world = *state;
    flow(&world->units[2].figures, MEASURE_RECEIVED, 0, 1); /* no channel, no level */
    flow(&world->units[2].figures, MEASURE_PROCESSING_IN_TIME, 0, 1);
    run(world, "thong-ke", "H27", false);
    assert_false(check_ok(world, "channels"));
    assert_false(check_ok(world, "levels"));
    assert_true(check_ok(world, "balance"));
    assert_true(check_ok(world, "parent"));
    assert_true(check_ok(world, "not_negative"));
    flow(&world->units[3].figures, MEASURE_STOPPED, 5, -1);
    run(world, "thong-ke", "H27", false);
    assert_false(check_ok(world, "not_negative"));
    world->units[2].extra_field = true;
    run(world, "II.06a", "H27", false);
    assert_false(check_ok(world, "fields"));
}

static void test_a_small_arena_is_an_outcome(void **state)
{
    struct world *world = *state;
    give_golden(world);
    const struct engine_input input =
        input_of(world, form_set_find(world->forms, "II.06a"), "H27", false);
    enum status status = STATUS_TOO_LARGE;
    unsigned failures = 0;
    for (size_t limit = 0; status == STATUS_TOO_LARGE; limit += 512) {
        struct arena small;
        arena_init(&small, limit);
        status = engine_run(&input, &small, &world->report, &world->violations);
        failures += status == STATUS_TOO_LARGE;
        arena_fini(&small);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(failures > 10);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_violations_are_found),
        TEST(test_violations_that_cancel_are_found),
        TEST(test_other_violations),
        TEST(test_a_small_arena_is_an_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
