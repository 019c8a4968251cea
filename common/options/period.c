/* SPDX-License-Identifier: Apache-2.0
 *
 * Every named period is a run of months, numbered from year 0 on.
 */
#include "options/period.h"

#include <string.h>

#include "base/text.h"

enum { MONTHS = 12, YEAR_MIN = 2000, YEAR_MAX = 2099 };

/* The month or quarter of a year: "02", "2", "Q1", "I"; 0 = it is none. */
static uint64_t part_of_year(struct slice text, bool quarter)
{
    static const char *const roman[] = {"I", "II", "III", "IV"};
    uint64_t part = 0;
    for (unsigned i = 0; quarter && i < sizeof roman / sizeof *roman; i++) {
        if (slice_equal(text, slice_text(roman[i]))) {
            return i + 1;
        }
    }
    if (quarter && text.size > 1 && (text.data[0] == 'Q' || text.data[0] == 'q')) {
        text = slice_of(text.data + 1, text.size - 1);
    }
    return text.size <= 2 && text_number(text, quarter ? 4 : MONTHS, &part) ? part : 0;
}

/* "02/2024" as it is said, or "2024-02"; −1 = neither. */
static int parse_part(const char *text, bool quarter, int *ret_year)
{
    const size_t front = strcspn(text, "/-");
    const struct slice first = slice_of(text, front);
    const struct slice second = slice_text(text[front] != '\0' ? text + front + 1 : "");
    const bool year_first = text[front] == '-';
    const struct slice of_year = year_first ? first : second;
    const uint64_t part = part_of_year(year_first ? second : first, quarter);
    uint64_t year;
    if (of_year.size != strlen("2024") || !text_number(of_year, YEAR_MAX, &year) ||
        year < YEAR_MIN || part == 0) {
        return -1;
    }
    *ret_year = (int)year;
    return (int)part;
}

/* The first day of a month, numbered year × 12 + month − 1, that begins on this day. */
static int32_t month_begin(int month, int reporting_day)
{
    const int begins = reporting_day == 1 ? month : month - 1;
    return localday_of_date((struct date){begins / MONTHS, begins % MONTHS + 1, reporting_day});
}

static const char *set_months(struct period *period, int first, int count, int reporting_day)
{
    localday_format(month_begin(first, reporting_day), period->first);
    localday_format(month_begin(first + count, reporting_day) - 1, period->last);
    period->from = period->first;
    period->to = period->last;
    return NULL;
}

/* The number of the month that has this day. */
static int month_of(int32_t day, int reporting_day)
{
    const struct date date = localday_date(day);
    const bool next = reporting_day > 1 && date.day >= reporting_day;
    return date.year * MONTHS + date.month - 1 + next;
}

static const char *resolve(struct period *period, int reporting_day, int32_t today)
{
    const bool days = period->from != NULL || period->to != NULL;
    const int given = days + (period->month != NULL) + (period->quarter != NULL) +
                      (period->year != NULL) + period->last_month;
    int year;
    uint64_t number;
    if (given != 1) {
        return given == 0 ? "which period? give --month, --quarter, --year or --last-month, or "
                            "--from and --to"
                          : "give one period: --month, --quarter, --year, --last-month, or --from "
                            "and --to";
    }
    if (days) {
        return period->from != NULL && period->to != NULL ? NULL : "--from and --to go together";
    }
    if (period->last_month) {
        return set_months(period, month_of(today, reporting_day) - 1, 1, reporting_day);
    }
    if (period->month != NULL) {
        const int month = parse_part(period->month, false, &year);
        return month > 0 ? set_months(period, year * MONTHS + month - 1, 1, reporting_day)
                         : "--month is written as 02/2024 or 2024-02";
    }
    if (period->quarter != NULL) {
        const int quarter = parse_part(period->quarter, true, &year);
        return quarter > 0 ? set_months(period, year * MONTHS + (quarter - 1) * 3, 3, reporting_day)
                           : "--quarter is written as I/2024, Q1/2024 or 2024-Q1";
    }
    if (!text_number(slice_text(period->year), YEAR_MAX, &number) || number < YEAR_MIN) {
        return "--year is written as 2024";
    }
    return set_months(period, (int)number * MONTHS, MONTHS, reporting_day);
}

const char *period_resolve(struct period *period, int reporting_day, int32_t today)
{
    const char *wrong = resolve(period, reporting_day, today);
    int32_t last;
    if (wrong == NULL && period->cumulative && period->office_year) {
        return "--cumulative and --office-year are two beginnings";
    }
    if (wrong == NULL && (period->cumulative || period->office_year) &&
        localday_parse(slice_text(period->to), &last)) {
        const int begin = period->office_year ? reporting_day : 1;
        const int year = month_of(last, begin) / MONTHS;
        localday_format(month_begin(year * MONTHS, begin), period->first);
        period->from = period->first;
    }
    return wrong;
}
