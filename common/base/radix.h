/* SPDX-License-Identifier: Apache-2.0
 *
 * Sorting many items by a 64-bit number in each: a pass for each byte in which the numbers differ,
 * so that what costs is their count alone.
 */
#ifndef HOSO_BASE_RADIX_H
#define HOSO_BASE_RADIX_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Sorts `count` items of `size` bytes (16, 24 or 32) by the uint64_t at `offset` in each; equal
 * ones stay in their order. `spare` has room for as many. */
void radix_sort(void *items, void *spare, size_t count, size_t size, size_t offset);

/* One of many texts: the first 16 bytes behind what all begin with, as big-endian numbers, and
 * which one it is. */
struct radix_text {
    uint64_t high, low;
    uint64_t index;
};
/* The order of the texts, as slice_compare has it: `ret_order[0].index` is the first one's. Equal
 * ones stay in their order. Both arrays have room for `count`. */
void radix_sort_texts(const struct slice *texts, size_t count, struct radix_text *ret_order,
                      struct radix_text *spare);

#endif
