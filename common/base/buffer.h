/* SPDX-License-Identifier: Apache-2.0
 *
 * A buffer grows up to its maximum and remembers its first failure: later writes do nothing, the
 * caller checks buffer_status() once, at the end. A reader is the same in the other direction.
 * Integers are big-endian or LEB128 varints; signed ones are zigzag. A text is a varint length and
 * its bytes.
 */
#ifndef HOSO_BASE_BUFFER_H
#define HOSO_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/status.h"

struct buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
    size_t max;
    enum status status; /* OK or TOO_LARGE */
};

void buffer_init(struct buffer *buffer, size_t max);
void buffer_fini(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); /* empty again, status OK, memory kept */
enum status buffer_status(const struct buffer *buffer) MUST_USE;
struct slice buffer_slice(const struct buffer *buffer);

/* Room for `size` more bytes and a NUL, or NULL once anything has failed: the caller that fills it
 * adds to buffer->size. */
void *buffer_room(struct buffer *buffer, size_t size);
void buffer_put(struct buffer *buffer, const void *data, size_t size);
void buffer_u8(struct buffer *buffer, uint8_t value);
void buffer_u16(struct buffer *buffer, uint16_t value);
void buffer_u32(struct buffer *buffer, uint32_t value);
void buffer_u64(struct buffer *buffer, uint64_t value);
void buffer_varint(struct buffer *buffer, uint64_t value);
void buffer_signed(struct buffer *buffer, int64_t value);
void buffer_text(struct buffer *buffer, struct slice text);
__attribute__((format(printf, 2, 3))) void buffer_printf(struct buffer *buffer, const char *format,
                                                         ...);

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed; /* read past the end or an over-long varint; every later read gives 0 */
};

struct reader reader_of(struct slice slice);
bool reader_done(const struct reader *reader); /* all read and not failed */
size_t reader_left(const struct reader *reader);
struct slice reader_take(struct reader *reader, size_t size);
uint8_t reader_u8(struct reader *reader);
uint16_t reader_u16(struct reader *reader);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u64(struct reader *reader);
uint64_t reader_long_varint(struct reader *reader);
struct slice reader_text(struct reader *reader);
/* A text closed by a 0 byte, as keys have them: texts hold no control characters, so keys sort by
 * their parts. */
struct slice reader_closed_text(struct reader *reader);
/* Writes such a text and its 0; `at` has room for text.size + 1, which is returned. */
size_t closed_text_put(uint8_t *at, struct slice text);

/* Most varints are one byte, and the ledger is made of them. */
static inline uint64_t reader_varint(struct reader *reader)
{
    return reader->at != reader->end && *reader->at < 0x80 ? *reader->at++
                                                           : reader_long_varint(reader);
}

static inline int64_t reader_signed(struct reader *reader)
{
    const uint64_t value = reader_varint(reader);
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

#endif
