/* SPDX-License-Identifier: Apache-2.0
 *
 * The set of changed units: which keys mean what, each unit once, and its bound.
 */
#include "replica/changed_units.h"
#include "replica/copy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/ledger.h"
#include "ledger/node.h"

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct changed_units));
    return *state == NULL;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

/* A node of the unit's ALL cell, or of one service. */
static void take_cell(struct changed_units *changed, const char *unit, bool all)
{
    uint8_t name[NODE_NAME_MAX];
    uint8_t key[NODE_KEY_MAX];
    struct ledger_cell cell = {.unit = slice_text(unit), .all = all};
    if (!all) {
        cell.field = slice_text("dat-dai");
        cell.procedure = slice_text("1.000");
    }
    const size_t size = node_name(&cell, name);
    changed_units_take(changed, node_key(slice_of(name, size), LEDGER_MONTHS, 1, key));
}

static void assert_nothing(const struct changed_units *changed)
{
    assert_int_equal(changed->count, 0);
    assert_false(changed->all || changed->catalogue || changed->snapshot);
}

static void test_keys(void **state)
{
    struct changed_units *changed = *state;
    assert_nothing(changed);
    take_cell(changed, "H27.45", false);
    changed_units_take(changed, slice_text(""));
    changed_units_take(changed, slice_text("rubbish"));
    assert_nothing(changed);
    take_cell(changed, "H27.45", true);
    take_cell(changed, "H27.46", true);
    take_cell(changed, "H27.45", true);
    assert_int_equal(changed->count, 2);
    assert_string_equal(changed->units[0], "H27.45");
    assert_string_equal(changed->units[1], "H27.46");
    assert_false(changed->catalogue);
    changed_units_take(changed, ledger_catalogue_key());
    assert_true(changed->catalogue && !changed->all);
    changed_units_clear(changed);
    assert_nothing(changed);
}

static void test_bound(void **state)
{
    struct changed_units *changed = *state;
    char unit[16];
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < CHANGED_UNITS_MAX; i++) {
            (void)snprintf(unit, sizeof unit, "u%u", i);
            take_cell(changed, unit, true);
        }
        assert_int_equal(changed->count, CHANGED_UNITS_MAX);
        assert_false(changed->all);
    }
    take_cell(changed, "one-more", true);
    assert_int_equal(changed->count, CHANGED_UNITS_MAX);
    assert_true(changed->all);
}

/* Who looks at the copy while a batch comes in sees it without that batch, and must be told again.
 */
static void test_forgetting(void **state)
{
    struct changed_units *changed = *state;
    struct copy copy = {.changed = changed, .in_batch = true};
    take_cell(changed, "H27.45", true);
    copy_forget_changes(&copy);
    assert_int_equal(changed->count, 1);
    copy.in_batch = false;
    copy_forget_changes(&copy);
    assert_nothing(changed);
    copy.changed = NULL; /* nothing is collected */
    copy_forget_changes(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forgetting, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
