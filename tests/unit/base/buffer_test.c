/* SPDX-License-Identifier: Apache-2.0
 *
 * Buffers and readers: the two directions agree, failures stick, nothing reads past the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"

static void test_numbers_round_trip(void **state)
{
    (void)state;
    static const uint64_t values[] = {0,          1,         0x7f,           0x80,
                                      0xff,       0x3fff,    0x4000,         0xffff,
                                      UINT32_MAX, INT64_MAX, UINT64_MAX - 1, UINT64_MAX};
    struct buffer buffer;
    buffer_init(&buffer, 1 << 16);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const uint64_t value = values[i];
        buffer_clear(&buffer);
        buffer_u8(&buffer, (uint8_t)value);
        buffer_u16(&buffer, (uint16_t)value);
        buffer_u32(&buffer, (uint32_t)value);
        buffer_u64(&buffer, value);
        buffer_varint(&buffer, value);
        buffer_signed(&buffer, (int64_t)value);
        buffer_signed(&buffer, -(int64_t)(value / 2) - 1);
        buffer_text(&buffer, slice_text("chữ"));
        assert_int_equal(buffer_status(&buffer), STATUS_OK);
        struct reader reader = reader_of(buffer_slice(&buffer));
        assert_int_equal(reader_u8(&reader), (uint8_t)value);
        assert_int_equal(reader_u16(&reader), (uint16_t)value);
        assert_int_equal(reader_u32(&reader), (uint32_t)value);
        assert_true(reader_u64(&reader) == value);
        assert_true(reader_varint(&reader) == value);
        assert_true(reader_signed(&reader) == (int64_t)value);
        assert_true(reader_signed(&reader) == -(int64_t)(value / 2) - 1);
        assert_true(slice_equal(reader_text(&reader), slice_text("chữ")));
        assert_true(reader_done(&reader));
    }
    buffer_fini(&buffer);
}

static void test_byte_order(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 64);
    buffer_u16(&buffer, 0x0102);
    buffer_u32(&buffer, 0x03040506);
    buffer_u64(&buffer, 0x0708090a0b0c0d0e);
    buffer_varint(&buffer, 300);
    buffer_signed(&buffer, -3);
    const uint8_t expected[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xac, 0x02, 0x05};
    assert_true(slice_equal(buffer_slice(&buffer), slice_of(expected, sizeof expected)));
    buffer_fini(&buffer);
}

static void test_overlong_varints_fail(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[12];
        size_t size;
        bool good;
    } rows[] = {
        {{0x00}, 1, true},
        {{0x80, 0x00}, 2, false},
        {{0xff, 0x00}, 2, false},
        {{0x80}, 1, false},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 10, true},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}, 10, false},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81, 0x01}, 11, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reader reader = reader_of(slice_of(rows[i].bytes, rows[i].size));
        (void)reader_varint(&reader);
        assert_int_equal(reader_done(&reader), rows[i].good);
        assert_int_equal(reader.failed, !rows[i].good);
    }
}

static void test_reading_past_the_end_sticks(void **state)
{
    (void)state;
    const uint8_t bytes[] = {3, 'a', 'b', 0, 0};
    struct reader reader = reader_of(slice_of(bytes, 3));
    assert_int_equal(reader_text(&reader).size, 0);
    assert_true(reader.failed);
    assert_int_equal(reader_left(&reader), 0);
    assert_int_equal(reader_u8(&reader), 0);
    assert_true(reader_u64(&reader) == 0);
    assert_int_equal(reader_take(&reader, 1).size, 0);
    assert_false(reader_done(&reader));

    struct reader empty = reader_of((struct slice){NULL, 0});
    assert_true(reader_done(&empty));
    assert_int_equal(reader_take(&empty, 0).size, 0);
    assert_true(reader_done(&empty));
    assert_int_equal(reader_u16(&empty), 0);
    assert_true(empty.failed);
}

static void test_maximum_sticks(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    for (int i = 0; i < 1000; i++) {
        buffer_u8(&buffer, 'x');
    }
    assert_int_equal(buffer_status(&buffer), STATUS_OK);
    buffer_u8(&buffer, 'x');
    assert_int_equal(buffer_status(&buffer), STATUS_TOO_LARGE);
    buffer_put(&buffer, NULL, 0);
    buffer_printf(&buffer, "%s", "");
    assert_int_equal(buffer_status(&buffer), STATUS_TOO_LARGE);
    assert_int_equal(buffer_slice(&buffer).size, 1000);
    buffer_clear(&buffer);
    assert_int_equal(buffer_status(&buffer), STATUS_OK);
    assert_int_equal(buffer_slice(&buffer).size, 0);
    buffer_fini(&buffer);

    buffer_init(&buffer, 0);
    buffer_put(&buffer, NULL, 0);
    assert_int_equal(buffer_status(&buffer), STATUS_OK);
    buffer_u16(&buffer, 1);
    assert_int_equal(buffer_status(&buffer), STATUS_TOO_LARGE);
    buffer_fini(&buffer);
}

static void test_printf_fits_exactly(void **state)
{
    (void)state;
    for (size_t before = 0; before < 300; before++) {
        struct buffer buffer;
        buffer_init(&buffer, before + 10);
        for (size_t i = 0; i < before; i++) {
            buffer_u8(&buffer, '.');
        }
        buffer_printf(&buffer, "%05d%s", 12345, "abcde");
        assert_int_equal(buffer_status(&buffer), STATUS_OK);
        assert_int_equal(buffer.size, before + 10);
        assert_memory_equal(buffer.data + before, "12345abcde", 10);
        buffer_printf(&buffer, "%d", 1);
        assert_int_equal(buffer_status(&buffer), STATUS_TOO_LARGE);
        buffer_fini(&buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_round_trip),
        cmocka_unit_test(test_byte_order),
        cmocka_unit_test(test_overlong_varints_fail),
        cmocka_unit_test(test_reading_past_the_end_sticks),
        cmocka_unit_test(test_maximum_sticks),
        cmocka_unit_test(test_printf_fits_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
