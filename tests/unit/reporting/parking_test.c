/* SPDX-License-Identifier: Apache-2.0
 *
 * Parked requests: due by position or by time, never before the copy is ready, never more than the
 * maximum.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/reporting/parking.h"

static void add(struct parking *parking, uint64_t request_id, uint64_t position,
                int64_t deadline_ms)
{
    const struct envelope from = {.request_id = request_id};
    assert_int_equal(parking_add(parking, &from, slice_text("payload"), position, deadline_ms),
                     STATUS_OK);
}

/* The request id taken, 0 = none. */
static uint64_t take(struct parking *parking, bool ready, uint64_t position, int64_t now_ms)
{
    struct parked *parked = parking_take(parking, ready, position, now_ms);
    if (parked == NULL) {
        return 0;
    }
    const uint64_t id = parked->from.request_id;
    assert_true(slice_equal(slice_of(parked->payload, parked->size), slice_text("payload")));
    free(parked);
    return id;
}

static void test_due(void **state)
{
    struct parking parking = {0};
    (void)state;
    assert_true(parking_deadline(&parking) == INT64_MAX);
    add(&parking, 1, 100, 5000);
    add(&parking, 2, 0, 4000);
    assert_true(parking_deadline(&parking) == 4000);
    assert_int_equal(take(&parking, false, 1000, 1000), 0);
    assert_int_equal(take(&parking, true, 99, 1000), 2);
    assert_int_equal(take(&parking, true, 99, 4999), 0);
    assert_int_equal(take(&parking, true, 100, 1000), 1);
    add(&parking, 3, 100, 5000);
    assert_int_equal(take(&parking, false, 0, 5000), 3);
    assert_int_equal(take(&parking, true, 1000, 9000), 0);
    parking_fini(&parking);
}

static void test_bounded(void **state)
{
    struct parking parking = {0};
    const struct envelope from = {0};
    (void)state;
    for (unsigned i = 0; i < PARKED_MAX; i++) {
        add(&parking, i + 1, i, 1000);
    }
    assert_int_equal(parking_add(&parking, &from, slice_text("x"), 0, 0), STATUS_BUSY);
    unsigned taken = 0;
    while (take(&parking, true, PARKED_MAX / 2, 0) != 0) {
        taken++;
    }
    assert_int_equal(taken, PARKED_MAX / 2 + 1);
    parking_fini(&parking);
    assert_int_equal(parking.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_due), cmocka_unit_test(test_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
