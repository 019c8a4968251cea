/* SPDX-License-Identifier: Apache-2.0
 *
 * Dates and times by integer arithmetic; neither the C library's locale nor its time zones take
 * part, so the same instant falls on the same local day on every machine.
 */
#include "base/localday.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/require.h"

enum { MINUTE_MS = 60 * 1000, DAY_MS = 24 * 60 * MINUTE_MS, YEAR_MIN = 2000, YEAR_MAX = 2099 };

static int offset_minutes = 7 * 60;

void localday_set_offset(int minutes)
{
    require(minutes >= -14 * 60 && minutes <= 14 * 60);
    offset_minutes = minutes;
}

int localday_offset_minutes(void)
{
    return offset_minutes;
}

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

int32_t localday_of_ms(int64_t unix_ms)
{
    return (int32_t)floor_div(unix_ms + (int64_t)offset_minutes * MINUTE_MS, DAY_MS);
}

int64_t localday_start_ms(int32_t day)
{
    return (int64_t)day * DAY_MS - (int64_t)offset_minutes * MINUTE_MS;
}

int32_t localday_today(void)
{
    return localday_of_ms(clock_unix_ms());
}

/* Years are taken from March, so that the leap day is the last of its year; 400 years have 146,097
 * days, and 1970-01-01 is day 719,468 counted from 0000-03-01. */
int32_t localday_of_date(struct date date)
{
    const int year = date.year - (date.month <= 2);
    const int era = (int)floor_div(year, 400);
    const int year_of_era = year - era * 400;
    const int month = (date.month + 9) % 12;
    const int day_of_year = (153 * month + 2) / 5 + date.day - 1;
    const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct date localday_date(int32_t day)
{
    const int64_t shifted = (int64_t)day + 719468;
    const int era = (int)floor_div(shifted, 146097);
    const int day_of_era = (int)(shifted - (int64_t)era * 146097);
    const int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int month = (5 * day_of_year + 2) / 153;
    const int calendar_month = month < 10 ? month + 3 : month - 9;
    return (struct date){.year = year_of_era + era * 400 + (calendar_month <= 2),
                         .month = calendar_month,
                         .day = day_of_year - (153 * month + 2) / 5 + 1};
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* `count` digits at `at`; -1 if one of them is none. */
static int digits(const uint8_t *at, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        if (at[i] < '0' || at[i] > '9') {
            return -1;
        }
        value = value * 10 + (at[i] - '0');
    }
    return value;
}

bool date_parse(struct slice text, struct date *ret_date)
{
    const uint8_t *at = text.data;
    if (text.size < DATE_TEXT_SIZE - 1) {
        return false;
    }
    const struct date date = {digits(at, 4), digits(at + 5, 2), digits(at + 8, 2)};
    if (at[4] != '-' || at[7] != '-' || date.year < 0 || date.month < 1 || date.month > 12 ||
        date.day < 1 || date.day > month_days(date.year, date.month)) {
        return false;
    }
    *ret_date = date;
    return true;
}

bool localday_parse(struct slice text, int32_t *ret_day)
{
    struct date date;
    if (text.size != DATE_TEXT_SIZE - 1 || !date_parse(text, &date) || date.year < YEAR_MIN ||
        date.year > YEAR_MAX) {
        return false;
    }
    *ret_day = localday_of_date(date);
    return true;
}

static char *put_digits(char *at, int value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + count;
}

static char *put_date(char *at, struct date date)
{
    at = put_digits(at, date.year > 0 ? date.year : 0, 4);
    *at++ = '-';
    at = put_digits(at, date.month, 2);
    *at++ = '-';
    return put_digits(at, date.day, 2);
}

void localday_format(int32_t day, char text[DATE_TEXT_SIZE])
{
    *put_date(text, localday_date(day)) = '\0';
}

static struct slice after(struct slice text, size_t size)
{
    return slice_of(text.data + size, text.size - size);
}

/* ".1" to ".123456789" at the front of the text, as whole milliseconds; -1 if it is wrong. Moves
 * the text on. */
static int take_fraction(struct slice *text)
{
    if (text->size == 0 || text->data[0] != '.') {
        return 0;
    }
    size_t count = 0;
    int ms = 0;
    while (count + 1 < text->size && text->data[count + 1] >= '0' && text->data[count + 1] <= '9') {
        ms = count < 3 ? ms * 10 + (text->data[count + 1] - '0') : ms;
        count++;
    }
    if (count == 0 || count > 9) {
        return -1;
    }
    *text = after(*text, 1 + count);
    return count == 1 ? ms * 100 : count == 2 ? ms * 10 : ms;
}

/* "08:12", "08:12:30" or "08:12:30.5" at the front of the text, as milliseconds; -1 if it is wrong.
 * Moves the text on. Leap seconds do not exist in Unix time. */
static int take_clock(struct slice *text)
{
    const uint8_t *at = text->data;
    if (text->size < 5 || at[2] != ':') {
        return -1;
    }
    const bool has_seconds = text->size >= 8 && at[5] == ':';
    const int hour = digits(at, 2);
    const int minute = digits(at + 3, 2);
    const int second = has_seconds ? digits(at + 6, 2) : 0;
    *text = after(*text, has_seconds ? 8 : 5);
    const int ms = has_seconds ? take_fraction(text) : 0;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || ms < 0) {
        return -1;
    }
    return ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

/* "Z", "+07:00", "+0700" or "+07", all of the text, as minutes. */
static bool parse_offset(struct slice text, int *ret_minutes)
{
    if (text.size == 1 && (text.data[0] == 'Z' || text.data[0] == 'z')) {
        *ret_minutes = 0;
        return true;
    }
    if (text.size < 3 || (text.data[0] != '+' && text.data[0] != '-')) {
        return false;
    }
    const size_t minutes_at = text.size == 6 && text.data[3] == ':' ? 4 : 3;
    const int hours = digits(text.data + 1, 2);
    const int minutes = text.size == 3                ? 0
                        : text.size == minutes_at + 2 ? digits(text.data + minutes_at, 2)
                                                      : -1;
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
        return false;
    }
    *ret_minutes = (text.data[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

bool time_parse(struct slice text, int64_t *ret_unix_ms)
{
    enum { CLOCK_AT = DATE_TEXT_SIZE };
    struct date date;
    if (!date_parse(text, &date) || text.size < CLOCK_AT) {
        return false;
    }
    const uint8_t between = text.data[CLOCK_AT - 1];
    if (between != 'T' && between != 't' && between != ' ') {
        return false;
    }
    struct slice rest = after(text, CLOCK_AT);
    const int ms = take_clock(&rest);
    int minutes;
    if (rest.size > 1 && rest.data[0] == ' ') {
        rest = after(rest, 1);
    }
    if (ms < 0 || !parse_offset(rest, &minutes)) {
        return false;
    }
    *ret_unix_ms = (int64_t)localday_of_date(date) * DAY_MS + ms - (int64_t)minutes * MINUTE_MS;
    return true;
}

void time_format(int64_t unix_ms, char text[TIME_TEXT_SIZE])
{
    const int32_t day = localday_of_ms(unix_ms);
    const int ms = (int)(unix_ms - localday_start_ms(day));
    char *at = put_date(text, localday_date(day));
    *at++ = 'T';
    at = put_digits(at, ms / (60 * MINUTE_MS), 2);
    *at++ = ':';
    at = put_digits(at, ms / MINUTE_MS % 60, 2);
    *at++ = ':';
    at = put_digits(at, ms / 1000 % 60, 2);
    if (ms % 1000 != 0) {
        *at++ = '.';
        at = put_digits(at, ms % 1000, 3);
    }
    const int minutes = offset_minutes < 0 ? -offset_minutes : offset_minutes;
    *at++ = offset_minutes < 0 ? '-' : '+';
    at = put_digits(at, minutes / 60, 2);
    *at++ = ':';
    *put_digits(at, minutes % 60, 2) = '\0';
}
