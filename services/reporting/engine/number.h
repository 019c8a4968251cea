/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers as people read them. Vietnamese: 2.705 and 87,44%; English: 2,705 and 87.44%. Pure.
 */
#ifndef HOSO_REPORTING_ENGINE_NUMBER_H
#define HOSO_REPORTING_ENGINE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum { NUMBER_TEXT_SIZE = 48 };

/* Grouped by thousands, with leading zeros up to `digits` (officials write 08). */
void number_format(int64_t value, unsigned digits, bool english, char text[NUMBER_TEXT_SIZE]);

/* n / d in per cent, rounded half-up (away from zero) to 2 decimals, in integers, without trailing
 * zeros: "95,5%", "80%"; "—" if d is 0. */
void ratio_format(int64_t n, int64_t d, bool english, char text[NUMBER_TEXT_SIZE]);

#endif
