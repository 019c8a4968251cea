/* SPDX-License-Identifier: Apache-2.0
 *
 * For writing, each covered unit has a list of closes, the latest first. A close that reaches no
 * further than a later one of the same unit decides nothing any more and is dropped: so the days
 * rise along the list, and the first one that reaches a day is the latest. Most amounts are of
 * days after all closes, which one look at the last of the list shows.
 */
#include "ledger/closes.h"

#include <stdlib.h>
#include <xxhash.h>

#include "base/require.h"
#include "ledger/node.h"

enum { SLOTS_MIN = 256, MEMORY_MAX = 256 << 20 };

struct reach {
    struct reach *earlier; /* reaches further; NULL = none */
    int32_t last_day;
    uint32_t number;
};

struct covered {
    struct slice unit;
    struct reach *latest;
    int32_t last_day; /* of all */
};

struct ledger_closes {
    struct arena arena;
    struct covered *slots; /* open addressing, a power of two, at most half full */
    size_t slot_count;
    size_t unit_count;
    struct reach *unused; /* dropped ones */
    uint32_t last_number;
};

/* Records */

static void put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

struct slice ledger_close_key(uint32_t number, uint8_t buffer[LEDGER_CLOSE_KEY_SIZE])
{
    buffer[0] = LEDGER_FAMILY_CLOSE;
    put_u32(buffer + 1, number);
    return slice_of(buffer, LEDGER_CLOSE_KEY_SIZE);
}

struct slice ledger_catalogue_at_close_key(struct slice packed,
                                           uint8_t buffer[LEDGER_CATALOGUE_KEY_SIZE])
{
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits(packed.data, packed.size));
    buffer[0] = LEDGER_FAMILY_CLOSED_CATALOGUE;
    memcpy(buffer + 1, digest.digest, sizeof digest.digest);
    return slice_of(buffer, LEDGER_CATALOGUE_KEY_SIZE);
}

void ledger_close_encode(const struct ledger_close *close, struct buffer *value)
{
    buffer_varint(value, close->position);
    buffer_signed(value, close->closed_at_ms);
    buffer_signed(value, close->last_day);
    buffer_text(value, close->unit);
    buffer_text(value, close->label);
    buffer_text(value, close->by);
    buffer_text(value, close->catalogue_key);
    buffer_varint(value, close->unit_count);
    buffer_put(value, close->units.data, close->units.size);
}

bool ledger_close_parse(struct slice key, struct slice value, struct ledger_close *ret_close)
{
    struct reader keys = reader_of(key);
    struct reader values = reader_of(value);
    const bool is_close = reader_u8(&keys) == LEDGER_FAMILY_CLOSE;
    struct ledger_close close = {.number = reader_u32(&keys)};
    close.position = reader_varint(&values);
    close.closed_at_ms = reader_signed(&values);
    close.last_day = (int32_t)reader_signed(&values);
    close.unit = reader_text(&values);
    close.label = reader_text(&values);
    close.by = reader_text(&values);
    close.catalogue_key = reader_text(&values);
    close.unit_count = (uint32_t)reader_varint(&values);
    close.units = reader_take(&values, reader_left(&values));
    *ret_close = close;
    return is_close && reader_done(&keys) && reader_done(&values) && close.number != 0;
}

/* In order of id. */
bool ledger_close_covers(const struct ledger_close *close, struct slice unit)
{
    struct reader units = reader_of(close->units);
    for (uint32_t i = 0; i < close->unit_count; i++) {
        const int order = slice_compare(reader_text(&units), unit);
        if (order >= 0) {
            return order == 0;
        }
    }
    return false;
}

/* Reading */

bool ledger_close_previous(struct store_txn *txn, unsigned table, uint32_t before,
                           struct ledger_close *ret_close)
{
    uint8_t buffer[LEDGER_CLOSE_KEY_SIZE];
    struct store_cursor cursor;
    struct slice key = ledger_close_key(before, buffer);
    struct slice value;
    store_cursor_open(txn, table, &cursor);
    bool found = store_cursor_seek(&cursor, key, &key, &value)
                     ? store_cursor_previous(&cursor, &key, &value)
                     : store_cursor_last(&cursor, &key, &value);
    store_cursor_close(&cursor);
    found = found && key.size == LEDGER_CLOSE_KEY_SIZE && key.data[0] == LEDGER_FAMILY_CLOSE;
    if (found && !ledger_close_parse(key, value, ret_close)) {
        store_fail(txn, STATUS_CORRUPT);
        return false;
    }
    return found;
}

bool ledger_has_closes(struct store_txn *txn, unsigned table)
{
    struct ledger_close close;
    return ledger_close_previous(txn, table, UINT32_MAX, &close);
}

bool ledger_close_get(struct store_txn *txn, unsigned table, uint32_t number,
                      struct ledger_close *ret_close)
{
    uint8_t buffer[LEDGER_CLOSE_KEY_SIZE];
    struct slice value;
    const struct slice key = ledger_close_key(number, buffer);
    if (!store_get(txn, table, key, &value)) {
        return false;
    }
    if (!ledger_close_parse(key, value, ret_close)) {
        store_fail(txn, STATUS_CORRUPT);
        return false;
    }
    return true;
}

/* Who is covered */

enum status ledger_closes_new(struct ledger_closes **ret_closes)
{
    struct ledger_closes *closes = calloc(1, sizeof *closes);
    require(closes != NULL);
    arena_init(&closes->arena, MEMORY_MAX);
    closes->slot_count = SLOTS_MIN;
    closes->slots = calloc(SLOTS_MIN, sizeof *closes->slots);
    require(closes->slots != NULL);
    *ret_closes = closes;
    return STATUS_OK;
}

void ledger_closes_free(struct ledger_closes *closes)
{
    if (closes != NULL) {
        arena_fini(&closes->arena);
        free(closes->slots);
        free(closes);
    }
}

static struct covered *covered_slot(const struct ledger_closes *closes, struct slice unit)
{
    size_t at = XXH3_64bits(unit.data, unit.size) & (closes->slot_count - 1);
    while (closes->slots[at].latest != NULL && !slice_equal(closes->slots[at].unit, unit)) {
        at = (at + 1) & (closes->slot_count - 1);
    }
    return &closes->slots[at];
}

static void grow(struct ledger_closes *closes)
{
    struct covered *old = closes->slots;
    const size_t count = closes->slot_count;
    closes->slot_count *= 2;
    closes->slots = calloc(closes->slot_count, sizeof *closes->slots);
    require(closes->slots != NULL);
    for (size_t i = 0; i < count; i++) {
        if (old[i].latest != NULL) {
            *covered_slot(closes, old[i].unit) = old[i];
        }
    }
    free(old);
}

static struct reach *take_reach(struct ledger_closes *closes)
{
    struct reach *reach = closes->unused;
    if (reach == NULL) {
        return arena_alloc(&closes->arena, sizeof *reach);
    }
    closes->unused = reach->earlier;
    return reach;
}

static enum status cover(struct ledger_closes *closes, struct slice unit, uint32_t number,
                         int32_t last_day)
{
    if (closes->unit_count == closes->slot_count / 2) {
        grow(closes);
    }
    struct covered *covered = covered_slot(closes, unit);
    struct reach *reach = take_reach(closes);
    if (reach != NULL && covered->latest == NULL) {
        covered->unit = arena_copy(&closes->arena, unit);
        covered->last_day = last_day;
        closes->unit_count++;
    }
    if (reach == NULL || closes->arena.exceeded) {
        return STATUS_TOO_LARGE;
    }
    struct reach *earlier = covered->latest;
    while (earlier != NULL && earlier->last_day <= last_day) {
        struct reach *dropped = earlier;
        earlier = earlier->earlier;
        dropped->earlier = closes->unused;
        closes->unused = dropped;
    }
    *reach = (struct reach){earlier, last_day, number};
    covered->latest = reach;
    covered->last_day = last_day > covered->last_day ? last_day : covered->last_day;
    return STATUS_OK;
}

enum status ledger_closes_add(struct ledger_closes *closes, const struct ledger_close *close)
{
    struct reader units = reader_of(close->units);
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < close->unit_count && status == STATUS_OK; i++) {
        status = cover(closes, reader_text(&units), close->number, close->last_day);
    }
    closes->last_number = close->number;
    return status;
}

enum status ledger_closes_load(struct ledger_closes *closes, struct store_txn *txn, unsigned table)
{
    struct ledger_close close;
    enum status status = STATUS_OK;
    arena_reset(&closes->arena);
    memset(closes->slots, 0, closes->slot_count * sizeof *closes->slots);
    closes->unit_count = 0;
    closes->unused = NULL;
    closes->last_number = 0;
    for (uint32_t number = 1; status == STATUS_OK && ledger_close_get(txn, table, number, &close);
         number++) {
        status = ledger_closes_add(closes, &close);
    }
    return txn->status != STATUS_OK ? txn->status : status;
}

uint32_t ledger_closes_count(const struct ledger_closes *closes)
{
    return closes->last_number;
}

uint32_t ledger_closes_layer(const struct ledger_closes *closes, struct slice unit, int32_t day)
{
    if (closes->last_number == 0) {
        return 0;
    }
    const struct covered *covered = covered_slot(closes, unit);
    if (covered->latest == NULL || day > covered->last_day) {
        return 0;
    }
    const struct reach *reach = covered->latest;
    while (reach->last_day < day) {
        reach = reach->earlier;
    }
    return reach->number;
}
