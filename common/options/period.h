/* SPDX-License-Identifier: Apache-2.0
 *
 * The period of a report as people name it: a month, a quarter, a year, last month, or two days.
 * Months may begin on another day than the first: an office that reports on the 20th has 20 January
 * to 19 February for its February. Pure.
 */
#ifndef HOSO_OPTIONS_PERIOD_H
#define HOSO_OPTIONS_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/localday.h"
#include "options/options.h"

struct period {
    const char *from, *to; /* as given, then as resolved: "2024-01-19", inclusive */
    /* "2024-02" or "02/2024"; "2024-Q1", "Q1/2024", "1/2024" or "I/2024"; "2024"; or NULL. */
    const char *month, *quarter, *year;
    bool last_month;
    bool cumulative;  /* from 1 January of the year that `to` is in */
    bool office_year; /* from the day on which the office's year begins */
    char first[DATE_TEXT_SIZE], last[DATE_TEXT_SIZE];
};

/* Rows for a command's options. */
#define OPTIONS_OF_PERIOD(period)                                                               \
    {"from", OPTION_DATE, &(period)->from, "D", "first day, 2024-01-19 or 19/01/2024", false},  \
        {"to", OPTION_DATE, &(period)->to, "D", "last day", false},                             \
        {"month", OPTION_TEXT, &(period)->month, "M", "02/2024 or 2024-02", false},             \
        {"quarter", OPTION_TEXT, &(period)->quarter, "Q", "I/2024, Q1/2024 or 2024-Q1", false}, \
        {"year", OPTION_TEXT, &(period)->year, "Y", "2024", false},                             \
        {"last-month", OPTION_FLAG, &(period)->last_month, NULL, "the month that ended last",   \
         false},                                                                                \
        {"cumulative",                                                                          \
         OPTION_FLAG,                                                                           \
         &(period)->cumulative,                                                                 \
         NULL,                                                                                  \
         "from 1 January to the period's last day",                                             \
         false},                                                                                \
    {                                                                                           \
        "office-year", OPTION_FLAG, &(period)->office_year, NULL,                               \
            "from the beginning of the office's own year, reporting_day", false                 \
    }

/* Sets `from` and `to`. `reporting_day`: the day on which a month begins; 1 = the calendar's.
 * Returns NULL, or what is wrong with what was given. */
const char *period_resolve(struct period *period, int reporting_day, int32_t today);

#endif
