/* SPDX-License-Identifier: Apache-2.0
 *
 * Cuts: as text, and which one reaches which.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cut.h"

static void test_texts(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "", "@", "5", "5@", "@5", "0@5", "5@0", "5@6@7", "5 @6", "-5@6", "5@18446744073709551616",
    };
    struct cut cut = {1, 2};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(cut_parse(slice_text(wrong[i]), &cut));
        assert_true(cut.incarnation == 1 && cut.position == 2);
    }
    assert_true(cut_parse(slice_text("52117@18446744073709551615"), &cut));
    assert_true(cut.incarnation == UINT64_MAX && cut.position == 52117);
}

static void test_reaches(void **state)
{
    (void)state;
    const struct cut have = {7, 100};
    assert_true(cut_reaches(have, (struct cut){0, 0}));
    assert_true(cut_reaches(have, (struct cut){7, 100}));
    assert_false(cut_reaches(have, (struct cut){7, 101}));
    assert_false(cut_reaches(have, (struct cut){8, 1}));
    assert_false(cut_reaches(have, (struct cut){0, 1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_reaches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
