/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and sparse lists of the ledger's nodes. A list is, for each entry in order of its code: the
 * varint difference to the code before, and the zigzag varint amount.
 */
#include "ledger/node.h"

#include "base/require.h"

struct node_place node_place(enum node_level level, struct date date)
{
    switch (level) {
    case LEDGER_YEARS:
        return (struct node_place){0, (uint16_t)(date.year - 1970)};
    case LEDGER_MONTHS:
        return (struct node_place){(uint16_t)date.year, (uint16_t)date.month};
    case LEDGER_DAYS:
        break;
    }
    return (struct node_place){(uint16_t)(date.year * 12 + date.month - 1), (uint16_t)date.day};
}

static size_t put_text(uint8_t *at, struct slice text)
{
    require(text.size <= EVENT_CODE_MAX);
    if (text.size != 0) {
        memcpy(at, text.data, text.size);
    }
    at[text.size] = 0;
    return text.size + 1;
}

size_t cell_prefix(const struct ledger_cell *cell, uint8_t ret_prefix[CELL_PREFIX_MAX])
{
    size_t size = 0;
    ret_prefix[size++] = cell->all ? LEDGER_FAMILY_ALL : LEDGER_FAMILY_CELL;
    size += put_text(ret_prefix + size, cell->unit);
    if (!cell->all) {
        size += put_text(ret_prefix + size, cell->field);
        size += put_text(ret_prefix + size, cell->procedure);
    }
    return size;
}

static struct slice take_text(struct reader *reader)
{
    const uint8_t *end = memchr(reader->at, 0, reader_left(reader));
    if (end == NULL) {
        reader->failed = true;
        return (struct slice){0};
    }
    const struct slice text = reader_take(reader, (size_t)(end - reader->at));
    (void)reader_u8(reader);
    return text;
}

bool cell_parse(struct slice key, struct ledger_cell *ret_cell, size_t *ret_prefix_size)
{
    struct reader reader = reader_of(key);
    struct ledger_cell cell = {0};
    const uint8_t family = reader_u8(&reader);
    if (family != LEDGER_FAMILY_ALL && family != LEDGER_FAMILY_CELL) {
        return false;
    }
    cell.all = family == LEDGER_FAMILY_ALL;
    cell.unit = take_text(&reader);
    if (!cell.all) {
        cell.field = take_text(&reader);
        cell.procedure = take_text(&reader);
    }
    if (reader.failed || reader_left(&reader) != 3) {
        return false;
    }
    *ret_cell = cell;
    *ret_prefix_size = key.size - 3;
    return true;
}

struct slice node_key(uint8_t *prefix, size_t prefix_size, enum node_level level, uint16_t node)
{
    prefix[prefix_size] = (uint8_t)level;
    prefix[prefix_size + 1] = (uint8_t)(node >> 8);
    prefix[prefix_size + 2] = (uint8_t)node;
    return slice_of(prefix, prefix_size + 3);
}

bool ledger_entry_next(struct reader *reader, uint32_t *code, int64_t *ret_amount)
{
    if (reader->failed || reader->at == reader->end) {
        return false;
    }
    const uint64_t next = *code + reader_varint(reader);
    *ret_amount = reader_signed(reader);
    if (next >= UINT64_C(1) << 20 || (next & CODE_MEASURE_MASK) >= MEASURE_COUNT) {
        reader->failed = true;
    }
    *code = (uint32_t)next;
    return !reader->failed;
}

static void put_entry(struct buffer *merged, uint32_t *last, uint32_t code, int64_t amount)
{
    if (amount != 0) {
        buffer_varint(merged, code - *last);
        buffer_signed(merged, amount);
        *last = code;
    }
}

bool node_merge(struct slice stored, const struct node_entry *changes, size_t count,
                struct buffer *merged)
{
    struct reader reader = reader_of(stored);
    uint32_t code = 0;
    uint32_t last = 0;
    int64_t amount = 0;
    size_t i = 0;
    buffer_clear(merged);
    bool more = ledger_entry_next(&reader, &code, &amount);
    while (more || i < count) {
        if (!more || (i < count && changes[i].code < code)) {
            put_entry(merged, &last, changes[i].code, changes[i].amount);
            i++;
            continue;
        }
        const bool same = i < count && changes[i].code == code;
        put_entry(merged, &last, code, same ? amount + changes[i].amount : amount);
        i += same;
        more = ledger_entry_next(&reader, &code, &amount);
    }
    return !reader.failed && merged->status == STATUS_OK;
}
