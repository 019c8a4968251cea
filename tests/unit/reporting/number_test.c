/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers and ratios as they are printed: tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "form/form.h"
#include "services/reporting/engine/number.h"

static void test_ratios(void **state)
{
    static const struct {
        int64_t n, d;
        const char *vi, *en;
    } table[] = {
        /* All rates of the golden month. */
        {144, 145, "99,31%", "99.31%"},
        {747, 874, "85,47%", "85.47%"},
        {891, 1019, "87,44%", "87.44%"},
        {60, 60, "100%", "100%"},
        {407, 429, "94,87%", "94.87%"},
        {467, 489, "95,5%", "95.5%"},
        {84, 85, "98,82%", "98.82%"},
        {340, 445, "76,4%", "76.4%"},
        {424, 530, "80%", "80%"},
        {116, 145, "80%", "80%"},
        {759, 874, "86,84%", "86.84%"},
        /* Half goes up, just below half goes down. */
        {1, 8, "12,5%", "12.5%"},
        {1, 800, "0,13%", "0.13%"},
        {1, 801, "0,12%", "0.12%"},
        {1, 20000, "0,01%", "0.01%"},
        {1, 20001, "0%", "0%"},
        {99995, 100000, "100%", "100%"},
        {99994, 100000, "99,99%", "99.99%"},
        {1, 1000, "0,1%", "0.1%"},
        {101, 10000, "1,01%", "1.01%"},
        /* Edges. */
        {0, 0, "—", "—"},
        {5, 0, "—", "—"},
        {0, 5, "0%", "0%"},
        {25, 2, "1.250%", "1,250%"},
        {-1, 8, "-12,5%", "-12.5%"},
        {INT64_MAX, INT64_MAX, "100%", "100%"},
        {INT64_MAX - 1, INT64_MAX, "100%", "100%"},
        {INT64_MAX / 2, INT64_MAX, "50%", "50%"},
        {INT64_MIN, 1, "-922.337.203.685.477.580.800%", "-922,337,203,685,477,580,800%"},
        {1, INT64_MIN, "0%", "0%"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char text[NUMBER_TEXT_SIZE];
        ratio_format(table[i].n, table[i].d, false, text);
        assert_string_equal(text, table[i].vi);
        ratio_format(table[i].n, table[i].d, true, text);
        assert_string_equal(text, table[i].en);
    }
}

static void test_numbers(void **state)
{
    static const struct {
        int64_t value;
        unsigned digits;
        const char *vi, *en;
    } table[] = {
        {0, 0, "0", "0"},
        {0, 2, "00", "00"},
        {8, 2, "08", "08"},
        {8, 0, "8", "8"},
        {150, 2, "150", "150"},
        {999, 0, "999", "999"},
        {1000, 0, "1.000", "1,000"},
        {2705, 0, "2.705", "2,705"},
        {1234567, 0, "1.234.567", "1,234,567"},
        {-2705, 0, "-2.705", "-2,705"},
        {INT64_MAX, 0, "9.223.372.036.854.775.807", "9,223,372,036,854,775,807"},
        {INT64_MIN, 0, "-9.223.372.036.854.775.808", "-9,223,372,036,854,775,808"},
        {7, 99, "00.000.000.000.000.000.007", "00,000,000,000,000,000,007"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char text[NUMBER_TEXT_SIZE];
        number_format(table[i].value, table[i].digits, false, text);
        assert_string_equal(text, table[i].vi);
        number_format(table[i].value, table[i].digits, true, text);
        assert_string_equal(text, table[i].en);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ratios),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
