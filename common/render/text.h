/* SPDX-License-Identifier: Apache-2.0
 *
 * How single values are written: widths as a terminal shows them, counts with group separators,
 * dates.
 */
#ifndef HOSO_RENDER_TEXT_H
#define HOSO_RENDER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    RENDER_NUMBER_SIZE = 32,
    RENDER_DATE_SIZE = 16,
    RENDER_MOMENT_SIZE = 48,
    RENDER_PERIOD_SIZE = 256
};

/* Columns that UTF-8 text takes on a terminal: 0 for combining marks, 2 for wide ones. Bytes that
 * are not UTF-8 count as one column each. */
unsigned render_width(const char *text);
/* The bytes of `text` that fit into so many columns. */
size_t render_fit(const char *text, unsigned width);
/* The size in bytes of the first word of `text`, and of the blanks before it. */
size_t render_word(const char *text, size_t *ret_blanks);

/* 2.705 in Vietnamese, 2,705 in English. */
void render_number(int64_t number, bool english, char text[RENDER_NUMBER_SIZE]);
/* 19/01/2024 in Vietnamese, the ISO date in English. What is no date stays as it is. */
void render_date(const char *iso, bool english, char text[RENDER_DATE_SIZE]);

/* "10:59 ngày 28/11/2026", "2026-11-28 10:59": when a report was extracted, in local time. */
void render_moment(int64_t unix_ms, bool english, char text[RENDER_MOMENT_SIZE]);
/* "Từ ngày 19/01/2024 đến ngày 19/02/2024" */
void render_period(const char *from, const char *to, bool english, char text[RENDER_PERIOD_SIZE]);
/* "Số liệu tính đến vị trí 7 (nhật ký 3)" */
void render_cut(uint64_t incarnation, uint64_t position, bool english, char *text, size_t size);

void render_blanks(FILE *out, unsigned width);

#endif
