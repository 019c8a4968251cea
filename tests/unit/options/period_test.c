/* SPDX-License-Identifier: Apache-2.0
 *
 * Periods as people name them, in the calendar's months and in an office's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "options/period.h"

static int32_t day_of(const char *text)
{
    int32_t day = 0;
    assert_true(localday_parse(slice_text(text), &day));
    return day;
}

static void named_periods(void **state)
{
    static const struct {
        const char *month, *quarter, *year, *today; /* today: --last-month */
        int reporting_day;
        const char *from, *to;
    } table[] = {
        {"2024-02", NULL, NULL, NULL, 1, "2024-02-01", "2024-02-29"},
        {"2024-02", NULL, NULL, NULL, 20, "2024-01-20", "2024-02-19"},
        {"2024-01", NULL, NULL, NULL, 20, "2023-12-20", "2024-01-19"},
        {"2023-12", NULL, NULL, NULL, 1, "2023-12-01", "2023-12-31"},
        {"2024-03", NULL, NULL, NULL, 28, "2024-02-28", "2024-03-27"},
        {NULL, "2024-Q1", NULL, NULL, 1, "2024-01-01", "2024-03-31"},
        {NULL, "2024-Q4", NULL, NULL, 1, "2024-10-01", "2024-12-31"},
        {"02/2024", NULL, NULL, NULL, 20, "2024-01-20", "2024-02-19"},
        {"2/2024", NULL, NULL, NULL, 1, "2024-02-01", "2024-02-29"},
        {NULL, "Q1/2024", NULL, NULL, 1, "2024-01-01", "2024-03-31"},
        {NULL, "1/2024", NULL, NULL, 1, "2024-01-01", "2024-03-31"},
        {NULL, "IV/2024", NULL, NULL, 1, "2024-10-01", "2024-12-31"},
        {NULL, "2024-1", NULL, NULL, 1, "2024-01-01", "2024-03-31"},
        {NULL, "2024-Q1", NULL, NULL, 15, "2023-12-15", "2024-03-14"},
        {NULL, NULL, "2024", NULL, 1, "2024-01-01", "2024-12-31"},
        {NULL, NULL, "2024", NULL, 15, "2023-12-15", "2024-12-14"},
        {NULL, NULL, NULL, "2024-03-01", 1, "2024-02-01", "2024-02-29"},
        {NULL, NULL, NULL, "2024-01-31", 1, "2023-12-01", "2023-12-31"},
        {NULL, NULL, NULL, "2024-02-19", 20, "2023-12-20", "2024-01-19"},
        {NULL, NULL, NULL, "2024-02-20", 20, "2024-01-20", "2024-02-19"},
        {NULL, NULL, NULL, "2024-12-20", 20, "2024-11-20", "2024-12-19"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct period period = {.month = table[i].month,
                                .quarter = table[i].quarter,
                                .year = table[i].year,
                                .last_month = table[i].today != NULL};
        const int32_t today = table[i].today != NULL ? day_of(table[i].today) : 0;
        assert_null(period_resolve(&period, table[i].reporting_day, today));
        assert_string_equal(period.from, table[i].from);
        assert_string_equal(period.to, table[i].to);
    }
}

static void days_stay_as_they_are(void **state)
{
    struct period period = {.from = "2024-01-19", .to = "2024-02-19"};
    (void)state;
    assert_null(period_resolve(&period, 20, 0));
    assert_string_equal(period.from, "2024-01-19");
    assert_string_equal(period.to, "2024-02-19");
}

/* Luỹ kế: from 1 January, or the beginning of the office's year, to the end of what was named. */
static void cumulative_periods(void **state)
{
    static const struct {
        struct period period;
        int reporting_day;
        const char *from, *office, *to;
    } table[] = {
        {{.month = "2024-02"}, 1, "2024-01-01", "2024-01-01", "2024-02-29"},
        {{.month = "2024-12"}, 1, "2024-01-01", "2024-01-01", "2024-12-31"},
        {{.month = "2024-02"}, 20, "2024-01-01", "2023-12-20", "2024-02-19"},
        {{.month = "2024-01"}, 20, "2024-01-01", "2023-12-20", "2024-01-19"},
        {{.quarter = "2024-Q3"}, 1, "2024-01-01", "2024-01-01", "2024-09-30"},
        {{.year = "2024"}, 15, "2024-01-01", "2023-12-15", "2024-12-14"},
        {{.from = "2024-03-05", .to = "2024-03-09"}, 1, "2024-01-01", "2024-01-01", "2024-03-09"},
        {{.from = "2024-12-01", .to = "2024-12-20"}, 20, "2024-01-01", "2024-12-20", "2024-12-20"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct period period = table[i].period;
        struct period office = table[i].period;
        period.cumulative = true;
        office.office_year = true;
        assert_null(period_resolve(&period, table[i].reporting_day, 0));
        assert_string_equal(period.from, table[i].from);
        assert_string_equal(period.to, table[i].to);
        assert_null(period_resolve(&office, table[i].reporting_day, 0));
        assert_string_equal(office.from, table[i].office);
        assert_string_equal(office.to, table[i].to);
    }
}

static void wrong_periods(void **state)
{
    static const struct {
        struct period period;
        const char *words;
    } table[] = {
        {{.from = NULL}, "which period?"},
        {{.from = "2024-01-19"}, "--from and --to go together"},
        {{.to = "2024-01-19"}, "--from and --to go together"},
        {{.from = "2024-01-19", .to = "2024-02-19", .last_month = true}, "give one period"},
        {{.month = "2024-02", .year = "2024"}, "give one period"},
        {{.month = "2024-13"}, "--month is written as"},
        {{.month = "2024-00"}, "--month is written as"},
        {{.month = "2024"}, "--month is written as"},
        {{.month = "2024-"}, "--month is written as"},
        {{.month = "2/2024/1"}, "--month is written as"},
        {{.month = "Q1/2024"}, "--month is written as"},
        {{.month = "02/24"}, "--month is written as"},
        {{.month = "1999-12"}, "--month is written as"},
        {{.quarter = "2024-Q5"}, "--quarter is written as"},
        {{.quarter = "5/2024"}, "--quarter is written as"},
        {{.quarter = "V/2024"}, "--quarter is written as"},
        {{.quarter = "Q/2024"}, "--quarter is written as"},
        {{.year = "24"}, "--year is written as"},
        {{.year = "2100"}, "--year is written as"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct period period = table[i].period;
        const char *wrong = period_resolve(&period, 1, 0);
        assert_non_null(wrong);
        assert_non_null(strstr(wrong, table[i].words));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_periods),
        cmocka_unit_test(days_stay_as_they_are),
        cmocka_unit_test(cumulative_periods),
        cmocka_unit_test(wrong_periods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
