/* SPDX-License-Identifier: Apache-2.0
 *
 * The change log. Values are absolute, so a replica may apply a part twice.
 */
#include "aggregate/change_log.h"

static void begin_part(struct change_writer *writer)
{
    buffer_clear(&writer->part);
    buffer_u64(&writer->part, writer->from_position);
    buffer_u8(&writer->part, 0);
}

static void end_part(struct change_writer *writer, bool last)
{
    uint8_t key[CHANGE_KEY_SIZE];
    if (buffer_status(&writer->part) != STATUS_OK) {
        store_fail(writer->txn, buffer_status(&writer->part));
        return;
    }
    writer->part.data[8] = last;
    const struct slice value = buffer_slice(&writer->part);
    const struct slice at = change_key(writer->to_position, writer->part_number++, key);
    store_append(writer->txn, TABLE_CHANGES, at, value);
    change_tail_add(writer->tail, at, value);
    writer->bytes += value.size;
}

void change_writer_begin(struct change_writer *writer, struct store_txn *txn,
                         struct change_tail *tail, uint64_t from_position, uint64_t to_position)
{
    *writer = (struct change_writer){
        .txn = txn, .tail = tail, .from_position = from_position, .to_position = to_position};
    buffer_init(&writer->part, CHANGE_PART_BYTES + 2 * BLOCK_BYTES_MAX);
    begin_part(writer);
}

void change_writer_add(void *context, struct slice key, struct slice value)
{
    struct change_writer *writer = context;
    if (writer->part.size >= CHANGE_PART_BYTES) {
        end_part(writer, false);
        begin_part(writer);
    }
    buffer_text(&writer->part, key);
    buffer_text(&writer->part, value);
}

uint64_t change_writer_end(struct change_writer *writer)
{
    end_part(writer, true);
    buffer_fini(&writer->part);
    return writer->bytes;
}

void change_log_prune(struct store_txn *txn, struct aggregate_state *state, uint64_t bytes_max)
{
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    struct change_part part;
    uint64_t dropping = 0;
    store_cursor_open(txn, TABLE_CHANGES, &cursor);
    while (store_cursor_first(&cursor, &key, &value) && change_parse(key, value, &part) &&
           (state->change_bytes > bytes_max || part.to_position == dropping)) {
        if (part.to_position == state->cut.position) {
            break; /* the batch just written always stays */
        }
        dropping = part.to_position;
        state->change_bytes -= value.size;
        store_cursor_delete(&cursor);
    }
    store_cursor_close(&cursor);
}
