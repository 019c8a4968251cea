/* SPDX-License-Identifier: Apache-2.0
 *
 * Topics of the totals feed, by tables: short paths, long ones, ids that look like paths.
 */
#include "services/reporting/feed/topic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LONG "12345678901234567890123456789012" /* the longest id */

enum { UNITS_MAX = 8 };

struct row {
    const char *units[UNITS_MAX];
    const char *path;  /* up to the digits that stand for the rest */
    const char *below; /* without "totals." */
};

static unsigned count_units(const struct row *row)
{
    unsigned count = 0;
    while (count < UNITS_MAX && row->units[count] != NULL) {
        count++;
    }
    return count;
}

static void test_paths(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {{"H27"}, "H27", "H27/"},
        {{"H27", "H27.45", "H27.45.01"}, "H27/H27.45/H27.45.01", "H27/H27.45/H27.45.01/"},
        {{LONG, "12345678901234567890123"}, LONG "/12345678901234567890123", LONG "/"},
        {{LONG, "123456789012345678901234"}, LONG "/~", LONG "/"},
        {{"H27", LONG, LONG}, "H27/" LONG "/~", "H27/" LONG "/"},
        {{LONG, LONG, "x"}, LONG "/~", LONG "/"},
        {{LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG}, LONG "/~", LONG "/"},
        {{"a/b", "c"}, "~", ""},
        {{"a", "b~", "c"}, "a/~", "a/"},
        {{"tỉnh", "huyện"}, "tỉnh/huyện", "tỉnh/huyện/"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[TOPIC_PATH_MAX + 1];
        char topic[BUS_TOPIC_MAX + 1];
        char below[BUS_TOPIC_MAX + 1];
        const size_t size = strlen(rows[i].path);
        const bool cut = rows[i].path[size - 1] == '~';
        topic_path(rows[i].units, count_units(&rows[i]), path);
        assert_memory_equal(path, rows[i].path, size);
        assert_int_equal(strlen(path), size + (cut ? 16 : 0));
        topic_format(TOPIC_TOTALS, path, topic);
        assert_int_equal(strlen(topic), strlen(path) + strlen("totals.") + 1);
        topic_below(rows[i].units, count_units(&rows[i]), below);
        assert_string_equal(below + strlen("totals."), rows[i].below);
    }
}

/* Whatever is below a unit is found by its prefix, and different units have different topics. */
static void test_below(void **state)
{
    (void)state;
    const char *const units[] = {"t", LONG, "a/b", LONG, "x", "y", LONG, "z"};
    char paths[UNITS_MAX][TOPIC_PATH_MAX + 1];
    for (unsigned i = 0; i < UNITS_MAX; i++) {
        topic_path(units, i + 1, paths[i]);
        for (unsigned j = 0; j < i; j++) {
            char topic[BUS_TOPIC_MAX + 1];
            char below[BUS_TOPIC_MAX + 1];
            topic_format(TOPIC_TOTALS, paths[i], topic);
            topic_below(units, j + 1, below);
            assert_memory_equal(topic, below, strlen(below));
            assert_string_not_equal(paths[i], paths[j]);
        }
    }
    const char *const split[] = {"a", "b"};
    const char *const joined[] = {"a/b"};
    topic_path(split, 2, paths[0]);
    topic_path(joined, 1, paths[1]);
    assert_string_not_equal(paths[0], paths[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_paths), cmocka_unit_test(test_below)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
