/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and sparse lists of the ledger's nodes. A node is, for each procedure in order: its text,
 * and its list as a text. A list is, for each entry in order of its code: the varint difference to
 * the code before, and the zigzag varint amount.
 */
#include "ledger/node.h"

#include "base/require.h"

struct node_place node_place(bool all, enum node_level level, struct date date)
{
    const uint16_t year = (uint16_t)(date.year - 1970);
    if (level == LEDGER_DAYS) {
        return (struct node_place){(uint16_t)(date.year * 12 + date.month - 1), (uint16_t)date.day};
    }
    if (!all) {
        const int quarter = date.year * 4 + (date.month - 1) / 3;
        return (struct node_place){(uint16_t)(level == LEDGER_YEARS ? date.year : quarter),
                                   LEDGER_SUM};
    }
    return level == LEDGER_YEARS ? (struct node_place){0, year}
                                 : (struct node_place){(uint16_t)date.year, (uint16_t)date.month};
}

static size_t put_text(uint8_t *at, struct slice text)
{
    require(text.size <= EVENT_CODE_MAX);
    return closed_text_put(at, text);
}

size_t node_name(const struct ledger_cell *cell, uint8_t ret_name[NODE_NAME_MAX])
{
    size_t size = 0;
    ret_name[size++] = cell->all ? LEDGER_FAMILY_ALL : LEDGER_FAMILY_FIELD;
    size += put_text(ret_name + size, cell->unit);
    if (!cell->all) {
        size += put_text(ret_name + size, cell->field);
    }
    for (int shift = 24; cell->layer != 0 && shift >= 0; shift -= 8) {
        ret_name[size++] = (uint8_t)(cell->layer >> shift);
    }
    return size;
}

bool node_key_parse(struct slice key, struct ledger_cell *ret_cell)
{
    struct reader reader = reader_of(key);
    struct ledger_cell cell = {0};
    const uint8_t family = reader_u8(&reader);
    const uint8_t level = reader_u8(&reader);
    (void)reader_u16(&reader);
    if ((family != LEDGER_FAMILY_ALL && family != LEDGER_FAMILY_FIELD) || level == 0 ||
        level > LEDGER_LEVELS) {
        return false;
    }
    cell.all = family == LEDGER_FAMILY_ALL;
    cell.unit = reader_closed_text(&reader);
    if (!cell.all) {
        cell.field = reader_closed_text(&reader);
    }
    if (reader_left(&reader) != 0) {
        cell.layer = reader_u32(&reader);
    }
    if (!reader_done(&reader)) {
        return false;
    }
    *ret_cell = cell;
    return true;
}

struct slice node_key(struct slice name, enum node_level level, uint16_t node,
                      uint8_t buffer[NODE_KEY_MAX])
{
    buffer[0] = name.data[0];
    buffer[1] = (uint8_t)level;
    buffer[2] = (uint8_t)(node >> 8);
    buffer[3] = (uint8_t)node;
    memcpy(buffer + 4, name.data + 1, name.size - 1);
    return slice_of(buffer, name.size + 3);
}

static void put_entry(struct buffer *merged, uint32_t *last, uint32_t code, int64_t amount)
{
    if (amount != 0) {
        buffer_varint(merged, code - *last);
        buffer_signed(merged, amount);
        *last = code;
    }
}

bool node_merge(struct slice list, const struct node_entry *changes, size_t count,
                struct buffer *merged)
{
    struct reader reader = reader_of(list);
    uint32_t code = 0;
    uint32_t last = 0;
    int64_t amount = 0;
    size_t i = 0;
    buffer_clear(merged);
    bool more = node_entry_next(&reader, &code, &amount);
    while (more || i < count) {
        if (!more || (i < count && changes[i].code < code)) {
            put_entry(merged, &last, (uint32_t)changes[i].code, changes[i].amount);
            i++;
            continue;
        }
        const bool same = i < count && changes[i].code == code;
        put_entry(merged, &last, code, same ? amount + changes[i].amount : amount);
        i += same;
        more = node_entry_next(&reader, &code, &amount);
    }
    return !reader.failed && merged->status == STATUS_OK;
}
