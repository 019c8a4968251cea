/* SPDX-License-Identifier: Apache-2.0
 *
 * Against qsort, and for what stays in its order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/radix.h"

enum { ITEMS = 3000 };

struct item {
    uint64_t place; /* before sorting */
    uint64_t number;
    uint64_t more[2];
};

static int by_number(const void *a, const void *b)
{
    const struct item *x = a;
    const struct item *y = b;
    const int order = (x->number > y->number) - (x->number < y->number);
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 20;
}

static void check(uint64_t mask, size_t count, size_t size)
{
    static uint8_t items[ITEMS * sizeof(struct item)];
    static uint8_t spare[ITEMS * sizeof(struct item)];
    static struct item expected[ITEMS];
    uint64_t seed = mask + count + size;
    for (size_t i = 0; i < count; i++) {
        expected[i] = (struct item){.place = i, .number = next_random(&seed) & mask};
        memcpy(items + i * size, &expected[i], size);
    }
    radix_sort(items, spare, count, size, offsetof(struct item, number));
    qsort(expected, count, sizeof *expected, by_number);
    for (size_t i = 0; i < count; i++) {
        assert_memory_equal(items + i * size, &expected[i], size);
    }
}

static void test_numbers(void **state)
{
    static const uint64_t masks[] = {0, 0xFF, 0xFF00FF, UINT64_C(0xFF00000000000003), UINT64_MAX};
    static const size_t counts[] = {0, 1, 2, 255, ITEMS};
    (void)state;
    for (size_t m = 0; m < sizeof masks / sizeof masks[0]; m++) {
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
            check(masks[m], counts[c], 16);
            check(masks[m], counts[c], 24);
            check(masks[m], counts[c], 32);
        }
    }
}

static void test_texts(void **state)
{
    static const char *const texts[] = {"H27",
                                        "H27.",
                                        "H27.001",
                                        "H27.001-240119-000277",
                                        "H27.001-240119-000278",
                                        "H27.001-240119-000278",
                                        "H27.001-240220-000001",
                                        "H27.002",
                                        "H28"};
    enum { COUNT = sizeof texts / sizeof texts[0] };
    struct slice mixed[COUNT];
    struct radix_text order[COUNT];
    struct radix_text spare[COUNT];
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        mixed[(i * 4 + 3) % COUNT] = slice_text(texts[i]);
    }
    for (size_t count = 0; count <= COUNT; count++) {
        radix_sort_texts(mixed, count, order, spare);
        for (size_t i = 1; i < count; i++) {
            const int compared = slice_compare(mixed[order[i - 1].index], mixed[order[i].index]);
            assert_true(compared < 0 || (compared == 0 && order[i - 1].index < order[i].index));
        }
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(slice_equal(mixed[order[i].index], slice_text(texts[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers),
                                       cmocka_unit_test(test_texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
