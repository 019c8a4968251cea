/* SPDX-License-Identifier: Apache-2.0
 *
 * How results are written: widths as a terminal shows them, counts with group separators, texts in
 * JSON and CSV.
 */
#ifndef HOSO_TEXT_OUT_H
#define HOSO_TEXT_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { NUMBER_TEXT_SIZE = 32, DATE_SHOWN_SIZE = 16 };

/* Columns that UTF-8 text takes on a terminal: 0 for combining marks, 2 for wide ones. */
unsigned text_width(const char *text);
/* The bytes of `text` that fit into so many columns. */
size_t text_fit(const char *text, unsigned width);
/* The size in bytes of the first word of `text`, and of the blanks before it. */
size_t text_word(const char *text, size_t *ret_blanks);

/* 2.705 in Vietnamese, 2,705 in English. */
void number_text(int64_t number, bool english, char text[NUMBER_TEXT_SIZE]);
/* 19/01/2024 in Vietnamese, the ISO date in English. What is no date stays as it is. */
void date_text(const char *iso, bool english, char text[DATE_SHOWN_SIZE]);

void pad(FILE *out, unsigned width);
void json_text(FILE *out, const char *text); /* with its quotes */
/* Quoted where RFC 4180 asks for it. A text that a spreadsheet would take for a formula gets an
 * apostrophe. */
void csv_text(FILE *out, const char *text, char separator);

#endif
