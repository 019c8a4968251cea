/* SPDX-License-Identifier: Apache-2.0
 *
 * Local days (counting rules §1): day = floor((unix_ms + offset) / 24 h), offset = +7 h unless
 * localday_set_offset() changed it at start-up. Dates are proleptic Gregorian; text is ISO
 * "YYYY-MM-DD".
 */
#ifndef HOSO_BASE_LOCALDAY_H
#define HOSO_BASE_LOCALDAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Events and periods lie in [2000-01-01, 2100-01-01). */
#define TIME_MIN_MS INT64_C(946684800000)
#define TIME_MAX_MS INT64_C(4102444800000)

struct date {
    int year;
    int month; /* 1–12 */
    int day;   /* 1–31 */
};

enum { DATE_TEXT_SIZE = 11, TIME_TEXT_SIZE = 30 };

/* Minutes east of UTC, −14 h … +14 h. Once, before any thread starts. */
void localday_set_offset(int minutes);
int localday_offset_minutes(void);

int32_t localday_of_ms(int64_t unix_ms);
int64_t localday_start_ms(int32_t day);
int32_t localday_today(void);
int32_t localday_of_date(struct date date);
struct date localday_date(int32_t day);

/* "2024-01-19"; false for anything else, impossible dates and years outside 2000–2099 included. */
bool localday_parse(struct slice text, int32_t *ret_day);
void localday_format(int32_t day, char text[DATE_TEXT_SIZE]);

/* The date at the front of a text, "2024-01-19…", of any year that exists. */
bool date_parse(struct slice text, struct date *ret_date);

/* A date and a time of day with its offset from UTC, in any form that has one meaning: RFC 3339,
 * also without seconds, with a blank for T or before the offset, with +0700 or +07 for +07:00. Up
 * to nanoseconds (cut to ms). False for anything else, above all without offset. */
bool time_parse(struct slice text, int64_t *ret_unix_ms);
/* RFC 3339 in local time: 2024-01-19T08:12:00+07:00, with .mmm if not zero. */
void time_format(int64_t unix_ms, char text[TIME_TEXT_SIZE]);

#endif
