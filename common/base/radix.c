/* SPDX-License-Identifier: Apache-2.0
 *
 * The least significant byte first. All histograms are counted in one look at the items.
 */
#include "base/radix.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"

enum { BYTES = sizeof(uint64_t), VALUES = 256 };

static inline uint64_t number_of(const uint8_t *item, size_t offset)
{
    uint64_t number = 0;
    memcpy(&number, item + offset, sizeof number);
    return number;
}

static void count_bytes(const uint8_t *items, size_t count, size_t size, size_t offset,
                        size_t counts[BYTES][VALUES])
{
    memset(counts, 0, BYTES * sizeof counts[0]);
    for (size_t i = 0; i < count; i++) {
        const uint64_t number = number_of(items + i * size, offset);
        for (unsigned byte = 0; byte < BYTES; byte++) {
            counts[byte][number >> 8 * byte & (VALUES - 1)]++;
        }
    }
}

/* `size` is a constant where this is called, so that items are moved without a call. */
static inline void spread(const uint8_t *from, uint8_t *to, size_t count, size_t size,
                          size_t offset, unsigned byte, size_t places[VALUES])
{
    size_t place = 0;
    for (unsigned value = 0; value < VALUES; value++) {
        const size_t here = places[value];
        places[value] = place;
        place += here;
    }
    for (size_t i = 0; i < count; i++) {
        const uint8_t *item = from + i * size;
        const uint64_t value = number_of(item, offset) >> 8 * byte & (VALUES - 1);
        memcpy(to + places[value]++ * size, item, size);
    }
}

static void spread_sized(const uint8_t *from, uint8_t *to, size_t count, size_t size, size_t offset,
                         unsigned byte, size_t places[VALUES])
{
    switch (size) {
    case 16:
        spread(from, to, count, 16, offset, byte, places);
        break;
    case 24:
        spread(from, to, count, 24, offset, byte, places);
        break;
    default:
        require(size == 32);
        spread(from, to, count, 32, offset, byte, places);
    }
}

void radix_sort(void *items, void *spare, size_t count, size_t size, size_t offset)
{
    size_t counts[BYTES][VALUES];
    uint8_t *from = items;
    uint8_t *to = spare;
    if (count < 2) {
        return;
    }
    count_bytes(from, count, size, offset, counts);
    const uint64_t first = number_of(from, offset);
    for (unsigned byte = 0; byte < BYTES; byte++) {
        if (counts[byte][first >> 8 * byte & (VALUES - 1)] == count) {
            continue; /* the same in all */
        }
        spread_sized(from, to, count, size, offset, byte, counts[byte]);
        uint8_t *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != items) {
        memcpy(items, from, count * size);
    }
}

static size_t common_size(struct slice a, struct slice b)
{
    size_t size = 0;
    while (size < a.size && size < b.size && a.data[size] == b.data[size]) {
        size++;
    }
    return size;
}

/* How many bytes all of them begin with. */
static size_t common_prefix(const struct slice *texts, size_t count)
{
    struct slice prefix = texts[0];
    for (size_t i = 1; i < count; i++) {
        prefix.size = common_size(prefix, texts[i]);
    }
    return prefix.size;
}

static struct radix_text describe(struct slice text, size_t skip, size_t index)
{
    uint8_t head[2 * BYTES] = {0};
    uint64_t numbers[2];
    const size_t left = text.size - skip;
    if (left != 0) {
        memcpy(head, text.data + skip, left < sizeof head ? left : sizeof head);
    }
    memcpy(numbers, head, sizeof numbers);
    return (struct radix_text){be64toh(numbers[0]), be64toh(numbers[1]), index};
}

static int by_text(const void *a, const void *b, void *context)
{
    const struct slice *texts = context;
    const uint64_t x = ((const struct radix_text *)a)->index;
    const uint64_t y = ((const struct radix_text *)b)->index;
    const int order = slice_compare(texts[x], texts[y]);
    return order != 0 ? order : (x > y) - (x < y);
}

static bool same_head(const struct radix_text *a, const struct radix_text *b)
{
    return a->high == b->high && a->low == b->low;
}

void radix_sort_texts(const struct slice *texts, size_t count, struct radix_text *ret_order,
                      struct radix_text *spare)
{
    const size_t skip = count != 0 ? common_prefix(texts, count) : 0;
    for (size_t i = 0; i < count; i++) {
        ret_order[i] = describe(texts[i], skip, i);
    }
    radix_sort(ret_order, spare, count, sizeof *ret_order, offsetof(struct radix_text, low));
    radix_sort(ret_order, spare, count, sizeof *ret_order, offsetof(struct radix_text, high));
    for (size_t i = 0, size = 0; i < count; i += size) {
        for (size = 1; i + size < count && same_head(&ret_order[i], &ret_order[i + size]);) {
            size++;
        }
        if (size > 1) {
            qsort_r(ret_order + i, size, sizeof *ret_order, by_text, (void *)(uintptr_t)texts);
        }
    }
}
