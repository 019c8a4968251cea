/* SPDX-License-Identifier: Apache-2.0
 *
 * Encoding and decoding of the aggregate's small tables.
 */
#include "aggregate/tables.h"

#include "base/localday.h"
#include "base/require.h"

const char *const aggregate_tables[] = {"state",    "dossiers", "ledger",  "touched",
                                        "findings", "open",     "changes", NULL};

static const char state_name[] = "cursor";

void state_read(struct store_txn *txn, struct aggregate_state *ret_state)
{
    struct aggregate_state state = {0};
    struct slice value;
    if (store_get(txn, TABLE_STATE, slice_text(state_name), &value)) {
        struct reader reader = reader_of(value);
        state.derivation.fold_version = reader_u32(&reader);
        state.derivation.utc_offset_minutes = (int32_t)reader_u32(&reader);
        state.recount_to = reader_u64(&reader);
        state.cut.incarnation = reader_u64(&reader);
        state.cut.position = reader_u64(&reader);
        const struct slice hash = reader_take(&reader, BLOCK_HASH_SIZE);
        state.change_bytes = reader_u64(&reader);
        if (reader_done(&reader)) {
            memcpy(state.hash, hash.data, BLOCK_HASH_SIZE);
        } else {
            store_fail(txn, STATUS_CORRUPT);
        }
    }
    *ret_state = state;
}

void state_write(struct store_txn *txn, const struct aggregate_state *state)
{
    struct buffer value;
    buffer_init(&value, 128);
    buffer_u32(&value, state->derivation.fold_version);
    buffer_u32(&value, (uint32_t)state->derivation.utc_offset_minutes);
    buffer_u64(&value, state->recount_to);
    buffer_u64(&value, state->cut.incarnation);
    buffer_u64(&value, state->cut.position);
    buffer_put(&value, state->hash, BLOCK_HASH_SIZE);
    buffer_u64(&value, state->change_bytes);
    store_put(txn, TABLE_STATE, slice_text(state_name), buffer_slice(&value));
    buffer_fini(&value);
}

struct cut aggregate_read_cut(struct store_txn *txn)
{
    struct aggregate_state state;
    state_read(txn, &state);
    return state.cut;
}

static size_t put_part(uint8_t *at, struct slice text, size_t max)
{
    require(text.size <= max);
    return closed_text_put(at, text);
}

uint16_t touched_month(int32_t day)
{
    const struct date date = localday_date(day);
    return (uint16_t)(date.year * 12 + date.month - 1);
}

int32_t touched_first_day(uint16_t month)
{
    return localday_of_date((struct date){month / 12, month % 12 + 1, 1});
}

static struct slice end_with_dossier(uint8_t *buffer, size_t size, struct slice dossier)
{
    require(dossier.size <= DOSSIER_KEY_MAX);
    if (dossier.size != 0) {
        memcpy(buffer + size, dossier.data, dossier.size);
    }
    return slice_of(buffer, size + dossier.size);
}

struct slice dossier_key(struct slice space, struct slice code, uint8_t buffer[DOSSIER_KEY_MAX])
{
    require(space.size != 0 && code.size <= EVENT_ID_MAX);
    return end_with_dossier(buffer, put_part(buffer, space, EVENT_SPACE_MAX), code);
}

bool dossier_parse(struct slice key, struct slice *ret_space, struct slice *ret_code)
{
    struct reader reader = reader_of(key);
    *ret_space = reader_closed_text(&reader);
    *ret_code = reader_take(&reader, reader_left(&reader));
    return !reader.failed;
}

struct slice touched_key(struct slice unit, uint16_t month, struct slice dossier,
                         uint8_t buffer[TOUCHED_KEY_MAX])
{
    size_t size = put_part(buffer, unit, EVENT_CODE_MAX);
    buffer[size++] = (uint8_t)(month >> 8);
    buffer[size++] = (uint8_t)month;
    return end_with_dossier(buffer, size, dossier);
}

bool touched_parse(struct slice key, struct slice *ret_unit, uint16_t *ret_month,
                   struct slice *ret_dossier)
{
    struct reader reader = reader_of(key);
    const struct slice unit = reader_closed_text(&reader);
    const uint16_t month = reader_u16(&reader);
    if (reader.failed) {
        return false;
    }
    *ret_unit = unit;
    *ret_month = month;
    *ret_dossier = reader_take(&reader, reader_left(&reader));
    return true;
}

struct slice finding_key(const struct finding_line *line, uint8_t buffer[FINDING_KEY_MAX])
{
    size_t size = 0;
    buffer[size++] = (uint8_t)line->kind;
    size += put_part(buffer + size, line->space, EVENT_SPACE_MAX);
    size += put_part(buffer + size, line->dossier, EVENT_ID_MAX);
    size += put_part(buffer + size, line->unit, EVENT_CODE_MAX);
    return slice_of(buffer, size);
}

void finding_encode(const struct finding_line *line, struct buffer *buffer)
{
    buffer_varint(buffer, line->count);
    buffer_varint(buffer, line->position);
    buffer_varint(buffer, (uint64_t)line->event_kind);
    buffer_signed(buffer, line->occurred_at_ms);
    buffer_text(buffer, line->source);
    buffer_text(buffer, line->event_id);
}

bool finding_parse(struct slice key, struct slice value, struct finding_line *ret_line)
{
    struct reader keys = reader_of(key);
    struct reader values = reader_of(value);
    struct finding_line line = {.kind = (enum finding_kind)reader_u8(&keys)};
    line.space = reader_closed_text(&keys);
    line.dossier = reader_closed_text(&keys);
    line.unit = reader_closed_text(&keys);
    line.count = reader_varint(&values);
    line.position = reader_varint(&values);
    line.event_kind = (enum event_kind)reader_varint(&values);
    line.occurred_at_ms = reader_signed(&values);
    line.source = reader_text(&values);
    line.event_id = reader_text(&values);
    *ret_line = line;
    return reader_done(&keys) && reader_done(&values);
}

struct slice open_key(const struct dossier_standing *open, struct slice dossier,
                      uint8_t buffer[OPEN_KEY_MAX])
{
    const uint32_t due = (uint32_t)open->due_day;
    size_t size = put_part(buffer, open->unit, EVENT_CODE_MAX);
    buffer[size++] = (uint8_t)open->state;
    for (int shift = 24; shift >= 0; shift -= 8) {
        buffer[size++] = (uint8_t)(due >> shift);
    }
    require(open->due_day >= 0);
    return end_with_dossier(buffer, size, dossier);
}

void open_encode(const struct dossier_standing *open, struct buffer *buffer)
{
    buffer_signed(buffer, open->received_day);
    buffer_u8(buffer, open->slot);
    buffer_text(buffer, open->procedure);
    buffer_text(buffer, open->field);
}

bool open_parse(struct slice key, struct slice value, struct dossier_standing *ret_open,
                struct slice *ret_dossier)
{
    struct reader keys = reader_of(key);
    struct reader values = reader_of(value);
    struct dossier_standing open = {.unit = reader_closed_text(&keys)};
    open.state = (enum dossier_state)reader_u8(&keys);
    open.due_day = (int32_t)reader_u32(&keys);
    open.received_day = (int32_t)reader_signed(&values);
    open.slot = reader_u8(&values);
    open.procedure = reader_text(&values);
    open.field = reader_text(&values);
    if (keys.failed || !reader_done(&values)) {
        return false;
    }
    *ret_open = open;
    *ret_dossier = reader_take(&keys, reader_left(&keys));
    return true;
}

struct slice change_key(uint64_t to_position, uint32_t part, uint8_t buffer[CHANGE_KEY_SIZE])
{
    for (unsigned i = 0; i < 8; i++) {
        buffer[i] = (uint8_t)(to_position >> (56 - 8 * i));
    }
    for (unsigned i = 0; i < 4; i++) {
        buffer[8 + i] = (uint8_t)(part >> (24 - 8 * i));
    }
    return slice_of(buffer, CHANGE_KEY_SIZE);
}

bool change_parse(struct slice key, struct slice value, struct change_part *ret_part)
{
    struct reader keys = reader_of(key);
    struct reader values = reader_of(value);
    ret_part->to_position = reader_u64(&keys);
    ret_part->part = reader_u32(&keys);
    ret_part->from_position = reader_u64(&values);
    ret_part->last = reader_u8(&values) != 0;
    ret_part->entries = reader_take(&values, reader_left(&values));
    return reader_done(&keys) && reader_done(&values);
}

bool change_next(struct reader *entries, struct slice *ret_key, struct slice *ret_value)
{
    if (entries->failed || reader_left(entries) == 0) {
        return false;
    }
    *ret_key = reader_text(entries);
    *ret_value = reader_text(entries);
    return !entries->failed;
}
