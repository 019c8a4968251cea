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

static void read_nothing(void *context, struct slice unit, struct days days, struct figures *sum)
{
    (void)context;
    (void)unit;
    (void)days;
    (void)sum;
}

static void scan_nothing(void *context, struct slice unit, struct days days, ledger_visit *visit,
                         void *visit_context)
{
    (void)context;
    (void)unit;
    (void)days;
    (void)visit;
    (void)visit_context;
}

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

/* What the other side is read from: twice as much of everything. */
static void read_twice(void *context, struct slice unit, struct days days, struct figures *sum)
{
    read_unit(context, unit, days, sum);
    read_unit(context, unit, days, sum);
}

static void scan_twice(void *context, struct slice unit, struct days days, ledger_visit *visit,
                       void *visit_context)
{
    scan_unit(context, unit, days, visit, visit_context);
    scan_unit(context, unit, days, visit, visit_context);
}

static void compare(struct world *world, const char *form, bool only_before)
{
    struct engine_input input = input_of(world, form_set_find(world->forms, form), "H27.45", false);
    input.compared = (struct engine_compared){HOSO__V1__COMPARISON__PREVIOUS,
                                              {world, read_twice, scan_twice},
                                              {day_of("2023-12-19"), day_of("2024-01-19")}};
    if (only_before) {
        input.source = (struct figures_source){NULL, read_nothing, scan_nothing};
    }
    assert_int_equal(engine_run(&input, &world->arena, &world->report, &world->violations),
                     STATUS_OK);
    assert_int_equal(world->violations, 0);
}

static int64_t number_in(const struct world *world, const Hoso__V1__Row *row, const char *column)
{
    const Hoso__V1__Cell *cell = cell_of(world, row, column);
    assert_int_equal(cell->value_case, HOSO__V1__CELL__VALUE_NUMBER);
    return cell->number;
}

static const Hoso__V1__Ratio *ratio_in(const struct world *world, const Hoso__V1__Row *row,
                                       const char *column)
{
    const Hoso__V1__Cell *cell = cell_of(world, row, column);
    assert_int_equal(cell->value_case, HOSO__V1__CELL__VALUE_RATIO);
    return cell->ratio;
}

static void test_a_figure_has_the_other_one_beside_it(void **state)
{
    struct world *world = *state;
    give_golden(world);
    compare(world, "truc-tuyen", false);
    const Hoso__V1__Row *total = world->report.rows[0];
    const int64_t received = number_in(world, total, "received");
    assert_true(received > 0);
    assert_int_equal(number_in(world, total, "received.other"), 2 * received);
    assert_int_equal(number_in(world, total, "received.difference"), -received);
    assert_string_equal(ratio_in(world, total, "received.percent")->text, "-50%");
    assert_string_equal(ratio_in(world, total, "rate_online.difference")->text, "0%");
    for (size_t i = 0; i < world->report.n_columns; i++) {
        assert_string_not_equal(world->report.columns[i]->id, "rate_online.percent");
    }
    assert_string_equal(world->report.compared->label, "kỳ trước");
    assert_string_equal(world->report.compared->period->to, "2024-01-18");
    assert_non_null(strstr(world->report.notes[0], "So sánh với kỳ trước (từ ngày 19/12/2023"));
}

/* A field that only the other side counts has a row, in its place. */
static void test_rows_of_either_side_are_there(void **state)
{
    struct world *world = *state;
    give_golden(world);
    run(world, "II.06a", "H27.45", false);
    const size_t rows = world->report.n_rows;
    compare(world, "II.06a", false);
    assert_int_equal(world->report.n_rows, rows);
    compare(world, "II.06a", true);
    assert_int_equal(world->report.n_rows, rows);
    assert_int_equal(number_in(world, world->report.rows[0], "online"), 0);
    assert_string_equal(ratio_in(world, world->report.rows[0], "online.percent")->text, "-100%");
    compare(world, "tong-hop-06", true);
    compare(world, "muc-do", true);
    compare(world, "thu-tuc", true);
    compare(world, "pakn", true);
    assert_string_equal(ratio_in(world, world->report.rows[0], "petition_received.percent")->text,
                        "—");
}

static void test_sentences_become_a_table(void **state)
{
    struct world *world = *state;
    give_golden(world);
    compare(world, "bao-cao-thang", false);
    const Hoso__V1__Row *line = row_of(world, "resolved");
    assert_non_null(line);
    assert_string_equal(line->text, "");
    assert_int_equal(number_in(world, line, "total.other"), 2 * number_in(world, line, "total"));
}

static void test_a_violation_of_the_other_side_is_found(void **state)
{
    struct world *world = *state;
    give_golden(world);
    flow(&world->units[2].figures, MEASURE_RETURNED, slot_of(CHANNEL_DIRECT, LEVEL_FULL), 3);
    struct engine_input input =
        input_of(world, form_set_find(world->forms, "thong-ke"), "H27.45", false);
    input.compared = (struct engine_compared){
        HOSO__V1__COMPARISON__YEAR_AGO, {world, read_unit, scan_unit}, input.days};
    input.source = (struct figures_source){NULL, read_nothing, scan_nothing};
    assert_int_equal(engine_run(&input, &world->arena, &world->report, &world->violations),
                     STATUS_OK);
    assert_false(check_ok(world, "balance"));
}

static void test_days_to_compare_with(void **state)
{
    static const struct {
        const char *from, *to; /* inclusive */
        const char *previous, *previous_to, *year_ago, *year_ago_to;
    } table[] = {
        {"2024-02-01", "2024-02-29", "2024-01-01", "2024-01-31", "2023-02-01", "2023-02-28"},
        {"2024-03-01", "2024-03-31", "2024-02-01", "2024-02-29", "2023-03-01", "2023-03-31"},
        {"2024-01-20", "2024-02-19", "2023-12-20", "2024-01-19", "2023-01-20", "2023-02-19"},
        {"2024-01-19", "2024-02-19", "2023-12-19", "2024-01-18", "2023-01-19", "2023-02-19"},
        {"2023-12-01", "2024-02-29", "2023-09-01", "2023-11-30", "2022-12-01", "2023-02-28"},
        {"2024-01-01", "2024-12-31", "2023-01-01", "2023-12-31", "2023-01-01", "2023-12-31"},
        {"2024-03-31", "2024-03-31", "2024-03-30", "2024-03-30", "2023-03-31", "2023-03-31"},
        {"2024-03-04", "2024-03-10", "2024-02-26", "2024-03-03", "2023-03-04", "2023-03-10"},
        {"2024-02-29", "2024-02-29", "2024-02-28", "2024-02-28", "2023-02-28", "2023-02-28"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const struct days days = {day_of(table[i].from), day_of(table[i].to) + 1};
        struct days other;
        assert_true(engine_compared_days(HOSO__V1__COMPARISON__PREVIOUS, days, &other));
        assert_int_equal(other.from, day_of(table[i].previous));
        assert_int_equal(other.to - 1, day_of(table[i].previous_to));
        assert_true(engine_compared_days(HOSO__V1__COMPARISON__YEAR_AGO, days, &other));
        assert_int_equal(other.from, day_of(table[i].year_ago));
        assert_int_equal(other.to - 1, day_of(table[i].year_ago_to));
    }
    const struct days first = {day_of("2000-01-01"), day_of("2000-02-01")};
    struct days other;
    assert_false(engine_compared_days(HOSO__V1__COMPARISON__PREVIOUS, first, &other));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_violations_are_found),
        TEST(test_violations_that_cancel_are_found),
        TEST(test_other_violations),
        TEST(test_a_small_arena_is_an_outcome),
        TEST(test_a_figure_has_the_other_one_beside_it),
        TEST(test_rows_of_either_side_are_there),
        TEST(test_sentences_become_a_table),
        TEST(test_a_violation_of_the_other_side_is_found),
        TEST(test_days_to_compare_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
