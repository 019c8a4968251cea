/* SPDX-License-Identifier: Apache-2.0
 *
 * Local days: every day of two centuries against the C library, day boundaries at 17:00Z, forms of
 * RFC 3339.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/localday.h"

static void test_calendar_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int32_t day = -40000; day < 60000; day++) {
        const time_t seconds = (time_t)day * 86400;
        struct tm tm;
        assert_non_null(gmtime_r(&seconds, &tm));
        const struct date date = localday_date(day);
        assert_int_equal(date.year, tm.tm_year + 1900);
        assert_int_equal(date.month, tm.tm_mon + 1);
        assert_int_equal(date.day, tm.tm_mday);
        assert_int_equal(localday_of_date(date), day);
    }
}

static void test_dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"2024-01-19", true},     {"2000-01-01", true},  {"2000-02-29", true},
        {"2024-02-29", true},     {"2096-02-29", true},  {"2099-12-31", true},
        {"1999-12-31", false},    {"2100-01-01", false}, {"2023-02-29", false},
        {"2024-02-30", false},    {"2024-04-31", false}, {"2024-13-01", false},
        {"2024-00-10", false},    {"2024-01-00", false}, {"2024-1-19", false},
        {"2024-01-19 ", false},   {"19/01/2024", false}, {"2024/01/19", false},
        {"20240119", false},      {"", false},           {"+024-01-19", false},
        {"2024-01-1\xd9", false}, {"2024-01--1", false}, {"0000-00-00", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int32_t day = -7;
        assert_int_equal(localday_parse(slice_text(rows[i].text), &day), rows[i].good);
        if (rows[i].good) {
            char text[DATE_TEXT_SIZE];
            localday_format(day, text);
            assert_string_equal(text, rows[i].text);
        } else {
            assert_int_equal(day, -7);
        }
    }
}

static void test_day_boundaries(void **state)
{
    (void)state;
    static const struct {
        const char *time;
        const char *day;
    } rows[] = {
        {"2024-01-18T16:59:59.999Z", "2024-01-18"},  {"2024-01-18T17:00:00Z", "2024-01-19"},
        {"2024-01-19T16:59:59.999Z", "2024-01-19"},  {"2024-01-19T17:00:00Z", "2024-01-20"},
        {"2024-02-28T17:00:00Z", "2024-02-29"},      {"2024-02-29T17:00:00Z", "2024-03-01"},
        {"2023-02-28T17:00:00Z", "2023-03-01"},      {"2000-02-29T00:00:00+07:00", "2000-02-29"},
        {"1999-12-31T17:00:00Z", "2000-01-01"},      {"1999-12-31T16:59:59Z", "1999-12-31"},
        {"2099-12-31T16:59:59.999Z", "2099-12-31"},  {"2099-12-31T17:00:00Z", "2100-01-01"},
        {"1969-12-31T16:59:59.999Z", "1969-12-31"},  {"1969-12-31T17:00:00Z", "1970-01-01"},
        {"2024-12-31T23:59:59+07:00", "2024-12-31"}, {"2025-01-01T00:00:00+07:00", "2025-01-01"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms;
        char text[DATE_TEXT_SIZE];
        assert_true(time_parse(slice_text(rows[i].time), &ms));
        const int32_t day = localday_of_ms(ms);
        localday_format(day, text);
        assert_string_equal(text, rows[i].day);
        assert_true(localday_start_ms(day) <= ms && ms < localday_start_ms(day + 1));
    }
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int64_t ms;
    } rows[] = {
        {"2024-01-19T08:12:00+07:00", true, 1705626720000},
        {"2024-01-19T01:12:00Z", true, 1705626720000},
        {"2024-01-19t01:12:00z", true, 1705626720000},
        {"2024-01-18T20:42:00-04:30", true, 1705626720000},
        {"2024-01-19T01:12:00-00:00", true, 1705626720000},
        {"2024-01-19T01:12:00.1Z", true, 1705626720100},
        {"2024-01-19T01:12:00.12Z", true, 1705626720120},
        {"2024-01-19T01:12:00.123Z", true, 1705626720123},
        {"2024-01-19T01:12:00.123999999Z", true, 1705626720123},
        {"2024-01-19T01:12:00.000999+00:00", true, 1705626720000},
        {"2000-01-01T00:00:00Z", true, TIME_MIN_MS},
        {"2100-01-01T00:00:00Z", true, TIME_MAX_MS},
        {"2000-02-29T23:59:59Z", true, 951868799000},
        {"1969-12-31T23:59:59.999Z", true, -1},
        {"2024-01-19T01:12:00.1234567890Z", false, 0},
        {"2024-01-19T01:12:00.Z", false, 0},
        {"2024-01-19T01:12:00,5Z", false, 0},
        {"2024-01-19T01:12:00", false, 0},
        {"2024-01-19T01:12Z", true, 1705626720000},
        {"2024-01-19 01:12:00Z", true, 1705626720000},
        {"2024-01-19T24:00:00Z", false, 0},
        {"2024-01-19T23:60:00Z", false, 0},
        {"2024-01-19T23:59:60Z", false, 0},
        {"2100-02-29T00:00:00Z", false, 0},
        {"2024-01-19T01:12:00+7:00", false, 0},
        {"2024-01-19T08:12:00+0700", true, 1705626720000},
        {"2024-01-19T08:12:00+07", true, 1705626720000},
        {"2024-01-19 08:12:00.0000000 +07:00", true, 1705626720000},
        {"2024-01-19T08:12+07:00", true, 1705626720000},
        {"2024-01-19 08:12+07", true, 1705626720000},
        {"2024-01-19T01:12.5Z", false, 0},
        {"2024-01-19T01:12:Z", false, 0},
        {"2024-01-19T01:12:0Z", false, 0},
        {"2024-01-19T01Z", false, 0},
        {"2024-01-19  01:12:00Z", false, 0},
        {"2024-01-19T01:12:00  Z", false, 0},
        {"2024-01-19T01:12:00 ", false, 0},
        {"2024-01-19T01:12:00+070", false, 0},
        {"2024-01-19T01:12:00+7", false, 0},
        {"2024-01-19T01:12:00+07:0", false, 0},
        {"2024-01-19T01:12:00+07:", false, 0},
        {"2024-01-19T01:12:00+07000", false, 0},
        {"2024-01-19T01:12:00+07:00[Asia/Ho_Chi_Minh]", false, 0},
        {"20240119011200", false, 0},
        {"19/01/2024 01:12:00", false, 0},
        {"2024-01-19T", false, 0},
        {"2024-01-19T01:1", false, 0},
        {"2024-01-19T01:12:00+24:00", false, 0},
        {"2024-01-19T01:12:00+07:60", false, 0},
        {"2024-01-19T01:12:00Z ", false, 0},
        {" 2024-01-19T01:12:00Z", false, 0},
        {"2024-01-19", false, 0},
        {"1705626720000", false, 0},
        {"", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = 42;
        assert_int_equal(time_parse(slice_text(rows[i].text), &ms), rows[i].good);
        assert_true(ms == (rows[i].good ? rows[i].ms : 42));
    }
}

static void test_times_are_written_in_local_time(void **state)
{
    (void)state;
    static const struct {
        int offset;
        int64_t ms;
        const char *text;
    } rows[] = {
        {420, 1705626720000, "2024-01-19T08:12:00+07:00"},
        {420, 1705626720007, "2024-01-19T08:12:00.007+07:00"},
        {0, 1705626720000, "2024-01-19T01:12:00+00:00"},
        {-570, 1705626720000, "2024-01-18T15:42:00-09:30"},
        {840, 1705626720000, "2024-01-19T15:12:00+14:00"},
        {420, -1, "1970-01-01T06:59:59.999+07:00"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[TIME_TEXT_SIZE];
        int64_t ms;
        localday_set_offset(rows[i].offset);
        assert_int_equal(localday_offset_minutes(), rows[i].offset);
        time_format(rows[i].ms, text);
        assert_string_equal(text, rows[i].text);
        assert_true(time_parse(slice_text(text), &ms));
        assert_true(ms == rows[i].ms);
        assert_int_equal(localday_of_ms(localday_start_ms(19000)), 19000);
        assert_int_equal(localday_of_ms(localday_start_ms(19000) - 1), 18999);
    }
    localday_set_offset(7 * 60);
}

static void test_today_is_now(void **state)
{
    (void)state;
    const int32_t before = localday_of_ms((int64_t)time(NULL) * 1000);
    const int32_t today = localday_today();
    assert_true(today == before || today == before + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar_agrees_with_the_c_library),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_day_boundaries),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_times_are_written_in_local_time),
        cmocka_unit_test(test_today_is_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
