/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks, integers big-endian:
 *
 *    at  size
 *     0     4  "HOSB"
 *     4     1  version, 2
 *     5     1  kind
 *     6     1  size of source
 *     7     1  size of space; 0 = the source's name
 *     8     4  count
 *    12     8  first_position
 *    20     8  journaled_at, unix ms
 *    28     8  epoch
 *    36     8  first_sequence
 *    44    32  previous
 *    76     4  size of payload
 *    80        source, space, payload
 *   end     8  XXH3-64 of everything before it
 *
 * Every later version keeps the first five bytes and the last eight, so that a block of another
 * version can be distinguished from a damaged one.
 */
#include "journal/block.h"

#include <sodium/crypto_generichash.h>
#include <xxhash.h>

#include "base/require.h"
#include "journal/close.h"

enum {
    VERSION = 2,
    KIND_AT = 5,
    SOURCE_SIZE_AT = 6,
    SPACE_SIZE_AT = 7,
    PAYLOAD_SIZE_AT = 76,
    CHECKSUM_SIZE = 8
};

static const uint8_t magic[4] = {'H', 'O', 'S', 'B'};

_Static_assert(BLOCK_HASH_SIZE == crypto_generichash_BYTES, "BLAKE2b-256");

/* Positions and sequences stay in int64's range, so that arithmetic on them cannot wrap. */
static bool is_number(uint64_t first, uint32_t count)
{
    return first >= 1 && first <= (uint64_t)INT64_MAX - count;
}

/* What the numbers of a block must fulfil whatever its payload. */
static bool is_valid(const struct block *block)
{
    if (block->source.size == 0 || block->source.size > EVENT_SOURCE_MAX ||
        block->space.size > EVENT_SPACE_MAX || block->journaled_at_ms < 0 ||
        !is_number(block->first_position, block->count)) {
        return false;
    }
    const bool unnumbered = block->epoch == 0 && block->first_sequence == 0;
    if (block->kind == BLOCK_CATALOGUE || block->kind == BLOCK_CLOSE) {
        return block->count == 1 && unnumbered;
    }
    return block->kind == BLOCK_EVENTS && block->count >= 1 && block->count <= BLOCK_EVENTS_MAX &&
           (unnumbered || (block->epoch >= 1 && is_number(block->first_sequence, block->count)));
}

void block_hash(struct slice bytes, uint8_t ret_hash[BLOCK_HASH_SIZE])
{
    require(crypto_generichash(ret_hash, BLOCK_HASH_SIZE, bytes.data, bytes.size, NULL, 0) == 0);
}

void block_encode(const struct block *block, struct buffer *buffer,
                  uint8_t ret_hash[BLOCK_HASH_SIZE])
{
    require(is_valid(block));
    const bool own = block->kind != BLOCK_EVENTS || slice_equal(block->space, block->source);
    const struct slice space = own ? (struct slice){0} : block->space;
    const size_t start = buffer->size;
    if (block->payload.size >
        BLOCK_BYTES_MAX - BLOCK_HEAD_SIZE - EVENT_SOURCE_MAX - EVENT_SPACE_MAX - CHECKSUM_SIZE) {
        buffer->status = STATUS_TOO_LARGE;
    }
    buffer_put(buffer, magic, sizeof magic);
    buffer_u8(buffer, VERSION);
    buffer_u8(buffer, (uint8_t)block->kind);
    buffer_u8(buffer, (uint8_t)block->source.size);
    buffer_u8(buffer, (uint8_t)space.size);
    buffer_u32(buffer, block->count);
    buffer_u64(buffer, block->first_position);
    buffer_u64(buffer, (uint64_t)block->journaled_at_ms);
    buffer_u64(buffer, block->epoch);
    buffer_u64(buffer, block->first_sequence);
    buffer_put(buffer, block->previous, BLOCK_HASH_SIZE);
    buffer_u32(buffer, (uint32_t)block->payload.size);
    buffer_put(buffer, block->source.data, block->source.size);
    buffer_put(buffer, space.data, space.size);
    buffer_put(buffer, block->payload.data, block->payload.size);
    if (buffer->status != STATUS_OK) {
        return;
    }
    buffer_u64(buffer, XXH3_64bits(buffer->data + start, buffer->size - start));
    if (buffer->status == STATUS_OK) {
        block_hash(slice_of(buffer->data + start, buffer->size - start), ret_hash);
    }
}

/* The payload holds exactly `count` records of possible sizes; what is in them is event_decode's
 * business. */
static bool payload_adds_up(struct slice payload, uint32_t count)
{
    struct reader reader = reader_of(payload);
    for (uint32_t i = 0; i < count; i++) {
        const struct slice record = reader_text(&reader);
        if (record.size == 0 || record.size > EVENT_RECORD_MAX) {
            return false;
        }
    }
    return reader_done(&reader);
}

static bool payload_is_possible(const struct block *block)
{
    struct close close;
    return block->kind == BLOCK_EVENTS  ? payload_adds_up(block->payload, block->count)
           : block->kind == BLOCK_CLOSE ? close_decode(block->payload, &close)
                                        : true;
}

/* The bytes between the frame that all versions share: CORRUPT or VERSION, or OK and a reader over
 * them. */
static enum status open_frame(struct slice bytes, struct reader *ret_reader)
{
    const size_t frame = sizeof magic + 1 + CHECKSUM_SIZE;
    if (bytes.size < frame || bytes.size > BLOCK_BYTES_MAX ||
        memcmp(bytes.data, magic, sizeof magic) != 0) {
        return STATUS_CORRUPT;
    }
    const size_t size = bytes.size - CHECKSUM_SIZE;
    struct reader checksum = reader_of(slice_of(bytes.data + size, CHECKSUM_SIZE));
    if (reader_u64(&checksum) != XXH3_64bits(bytes.data, size)) {
        return STATUS_CORRUPT;
    }
    if (bytes.data[sizeof magic] != VERSION) {
        return STATUS_VERSION;
    }
    *ret_reader = reader_of(slice_of(bytes.data + sizeof magic + 1, size - sizeof magic - 1));
    return STATUS_OK;
}

/* An empty space means the source's name; so a name that says the same is not canonical. */
static bool take_space(struct block *block, uint8_t size)
{
    if (size == 0) {
        block->space = block->kind == BLOCK_EVENTS ? block->source : (struct slice){0};
        return true;
    }
    return block->kind == BLOCK_EVENTS && !slice_equal(block->space, block->source);
}

enum status block_decode(struct slice bytes, struct block *ret_block)
{
    struct reader reader;
    const enum status status = open_frame(bytes, &reader);
    if (status != STATUS_OK) {
        return status;
    }
    struct block block = {.kind = (enum block_kind)reader_u8(&reader)};
    const uint8_t source_size = reader_u8(&reader);
    const uint8_t space_size = reader_u8(&reader);
    block.count = reader_u32(&reader);
    block.first_position = reader_u64(&reader);
    const uint64_t journaled_at = reader_u64(&reader);
    block.epoch = reader_u64(&reader);
    block.first_sequence = reader_u64(&reader);
    const struct slice previous = reader_take(&reader, BLOCK_HASH_SIZE);
    const uint32_t payload_size = reader_u32(&reader);
    block.source = reader_take(&reader, source_size);
    block.space = reader_take(&reader, space_size);
    block.payload = reader_take(&reader, payload_size);
    if (!reader_done(&reader) || journaled_at > INT64_MAX) {
        return STATUS_CORRUPT;
    }
    block.journaled_at_ms = (int64_t)journaled_at;
    memcpy(block.previous, previous.data, BLOCK_HASH_SIZE);
    if (!is_valid(&block) || !take_space(&block, space_size) || !payload_is_possible(&block)) {
        return STATUS_CORRUPT;
    }
    *ret_block = block;
    return STATUS_OK;
}

unsigned block_kind_of(struct slice bytes)
{
    return bytes.size > KIND_AT ? bytes.data[KIND_AT] : 0;
}

enum status block_size(const uint8_t *head, size_t *ret_size)
{
    if (memcmp(head, magic, sizeof magic) != 0) {
        return STATUS_CORRUPT;
    }
    if (head[sizeof magic] != VERSION) {
        return STATUS_VERSION;
    }
    struct reader reader = reader_of(slice_of(head + PAYLOAD_SIZE_AT, sizeof(uint32_t)));
    const size_t size = (size_t)BLOCK_HEAD_SIZE + head[SOURCE_SIZE_AT] + head[SPACE_SIZE_AT] +
                        reader_u32(&reader) + CHECKSUM_SIZE;
    if (size > BLOCK_BYTES_MAX) {
        return STATUS_CORRUPT;
    }
    *ret_size = size;
    return STATUS_OK;
}

void block_put_event(struct buffer *payload, const struct event *event)
{
    const size_t start = payload->size;
    buffer_u8(payload, 0); /* room for the size, which most records need one byte for */
    event_encode(event, payload);
    if (payload->status != STATUS_OK) {
        return;
    }
    const size_t size = payload->size - start - 1;
    if (size < 0x80) {
        payload->data[start] = (uint8_t)size;
        return;
    }
    buffer_u8(payload, 0);
    if (payload->status == STATUS_OK) {
        memmove(payload->data + start + 2, payload->data + start + 1, size);
        payload->data[start] = (uint8_t)(size | 0x80);
        payload->data[start + 1] = (uint8_t)(size >> 7);
    }
}

void block_next_event(struct reader *payload, struct event *ret_event)
{
    struct reader record = reader_of(reader_text(payload));
    struct event event;
    event_decode(&record, &event);
    if (reader_done(&record)) {
        *ret_event = event;
        return;
    }
    payload->failed = true;
    payload->at = payload->end;
}
