/* SPDX-License-Identifier: Apache-2.0
 *
 * Arenas: limits are outcomes, memory is zeroed and aligned, a reset arena starts afresh.
 */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static void test_memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 300; size++) {
            assert_non_null(arena_string(&arena, slice_text("x"))); /* puts the next out of step */
            uint8_t *data = arena_alloc(&arena, size);
            assert_non_null(data);
            assert_int_equal((uintptr_t)data % alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++) {
                assert_int_equal(data[i], 0);
                data[i] = 0xff;
            }
        }
        arena_reset(&arena);
    }
    arena_fini(&arena);
}

static void test_limit_is_an_outcome(void **state)
{
    (void)state;
    static const struct {
        size_t limit;
        size_t size;
        bool fits;
    } rows[] = {{0, 0, true},           {0, 1, false},
                {1, 1, true},           {100, 100, true},
                {100, 101, false},      {1 << 20, 1 << 20, true},
                {100, SIZE_MAX, false}, {SIZE_MAX, SIZE_MAX, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena;
        arena_init(&arena, rows[i].limit);
        assert_int_equal(arena_alloc(&arena, rows[i].size) != NULL, rows[i].fits);
        assert_int_equal(arena.exceeded, !rows[i].fits);
        arena_reset(&arena);
        assert_false(arena.exceeded);
        arena_fini(&arena);
    }
}

static void test_limit_holds_over_many_chunks(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 200000);
    size_t count = 0;
    while (arena_alloc(&arena, 1000) != NULL) {
        count++;
    }
    assert_true(count > 190 && count <= 200);
    assert_true(arena.exceeded);
    assert_true(arena.used <= arena.limit);
    arena_reset(&arena);
    assert_int_equal(arena.used, 0);
    assert_non_null(arena_alloc(&arena, 200000));
    arena_fini(&arena);
}

static void test_array_overflow(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, SIZE_MAX);
    assert_null(arena_array(&arena, SIZE_MAX / 2, 3));
    assert_true(arena.exceeded);
    arena_reset(&arena);
    assert_non_null(arena_array(&arena, 7, 3));
    arena_fini(&arena);
}

static void test_texts(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    char source[] = "Cẩm Xuyên";
    const struct slice copy = arena_copy(&arena, slice_text(source));
    const char *text = arena_string(&arena, slice_text(source));
    source[0] = '?';
    assert_true(slice_equal(copy, slice_text("Cẩm Xuyên")));
    assert_string_equal(text, "Cẩm Xuyên");
    assert_string_equal(arena_string(&arena, (struct slice){NULL, 0}), "");
    assert_string_equal(arena_printf(&arena, "%d-%s", 19, "x"), "19-x");
    assert_int_equal(arena_copy(&arena, (struct slice){NULL, 0}).size, 0);
    assert_false(arena.exceeded);
    arena_fini(&arena);

    arena_init(&arena, 4);
    assert_null(arena_string(&arena, slice_text("1234")));
    assert_null(arena_printf(&arena, "%d", 12345));
    assert_null(arena_copy(&arena, slice_text("12345")).data);
    assert_string_equal(arena_string(&arena, slice_text("123")), "123");
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_zeroed_and_aligned),
        cmocka_unit_test(test_limit_is_an_outcome),
        cmocka_unit_test(test_limit_holds_over_many_chunks),
        cmocka_unit_test(test_array_overflow),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
