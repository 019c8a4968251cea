/* SPDX-License-Identifier: Apache-2.0
 *
 * When an open transaction is to be committed.
 */
#include "store/commit_pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"

enum { COMMITTED = 10, APPLIED = 20, FIRST = 5000 };

static int64_t due(int64_t last_ms, uint64_t applied, uint64_t wanted)
{
    const struct commit_pace pace = {FIRST, last_ms};
    return commit_pace_due_ms(&pace, COMMITTED, applied, wanted);
}

static void test_due(void **state)
{
    (void)state;
    assert_true(due(FIRST, COMMITTED, 0) == INT64_MAX);
    assert_true(due(FIRST, APPLIED, 0) == FIRST + COMMIT_QUIET_MS);
    assert_true(due(FIRST + 940, APPLIED, 0) == FIRST + 990);
    assert_true(due(FIRST + 960, APPLIED, 0) == FIRST + COMMIT_LATEST_MS); /* it never is quiet */
}

static void test_somebody_waits(void **state)
{
    (void)state;
    const int64_t patient = FIRST + COMMIT_QUIET_MS;
    assert_true(due(FIRST, APPLIED, COMMITTED) == patient); /* there already */
    assert_true(due(FIRST, APPLIED, COMMITTED + 1) == 0);
    assert_true(due(FIRST, APPLIED, APPLIED) == 0);
    assert_true(due(FIRST, APPLIED, APPLIED + 1) == patient); /* a commit would not bring it */
    assert_true(due(FIRST, APPLIED, UINT64_MAX) == patient);
    assert_true(due(FIRST, COMMITTED, COMMITTED + 1) == INT64_MAX);
}

static void test_the_first_batch_counts(void **state)
{
    (void)state;
    struct commit_pace pace = {FIRST, FIRST};
    commit_pace_applied(&pace, false);
    assert_true(pace.first_ms == FIRST && pace.last_ms != FIRST);
    commit_pace_applied(&pace, true);
    assert_true(pace.first_ms == pace.last_ms && pace.last_ms <= clock_ms());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_somebody_waits),
        cmocka_unit_test(test_the_first_batch_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
