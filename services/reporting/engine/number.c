/* SPDX-License-Identifier: Apache-2.0
 *
 * Digits are written from the right into a small buffer; 128-bit integers, so no ratio of two
 * counts can overflow.
 */
#include "services/reporting/engine/number.h"

#include <stddef.h>
#include <string.h>

typedef unsigned __int128 wide; /* ISO C has no name for it */

/* Puts the digits before `at` and returns where they begin. */
static char *put_digits(char *at, wide value, unsigned digits, char group)
{
    for (unsigned count = 0; value != 0 || count < digits || count == 0; count++) {
        if (count != 0 && count % 3 == 0) {
            *--at = group;
        }
        *--at = (char)('0' + (int)(value % 10));
        value /= 10;
    }
    return at;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? UINT64_C(0) - (uint64_t)value : (uint64_t)value;
}

static void finish(char *at, const char *end, bool negative, char text[NUMBER_TEXT_SIZE])
{
    if (negative) {
        *--at = '-';
    }
    memcpy(text, at, (size_t)(end - at));
    text[end - at] = '\0';
}

void number_format(int64_t value, unsigned digits, bool english, char text[NUMBER_TEXT_SIZE])
{
    char buffer[NUMBER_TEXT_SIZE];
    char *end = buffer + sizeof buffer - 1;
    const unsigned most = digits < 20 ? digits : 20;
    finish(put_digits(end, magnitude(value), most, english ? ',' : '.'), end, value < 0, text);
}

void ratio_format(int64_t n, int64_t d, bool english, char text[NUMBER_TEXT_SIZE])
{
    char buffer[NUMBER_TEXT_SIZE];
    char *end = buffer + sizeof buffer - 1;
    if (d == 0) {
        memcpy(text, "—", sizeof "—");
        return;
    }
    const wide above = magnitude(n);
    const wide below = magnitude(d);
    const wide hundredths = (above * 20000 + below) / (below * 2);
    const unsigned decimals = (unsigned)(hundredths % 100);
    char *at = end;
    *--at = '%';
    if (decimals != 0) {
        if (decimals % 10 != 0) {
            *--at = (char)('0' + decimals % 10);
        }
        *--at = (char)('0' + decimals / 10);
        *--at = english ? '.' : ',';
    }
    at = put_digits(at, hundredths / 100, 1, english ? ',' : '.');
    finish(at, end, hundredths != 0 && (n < 0) != (d < 0), text);
}
