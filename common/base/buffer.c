/* SPDX-License-Identifier: Apache-2.0
 *
 * Sticky buffers and readers: a run of calls is checked once, at its end. One byte more than the
 * contents is always allocated, because vsnprintf wants to end its text.
 */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CAPACITY_MIN = 256, VARINT_MAX = 10 };

void buffer_init(struct buffer *buffer, size_t max)
{
    *buffer = (struct buffer){.max = max < SIZE_MAX ? max : SIZE_MAX - 1};
}

void buffer_fini(struct buffer *buffer)
{
    free(buffer->data);
    buffer_init(buffer, buffer->max);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->status = STATUS_OK;
}

enum status buffer_status(const struct buffer *buffer)
{
    return buffer->status;
}

struct slice buffer_slice(const struct buffer *buffer)
{
    return slice_of(buffer->data, buffer->size);
}

static bool grow(struct buffer *buffer, size_t size)
{
    if (size > buffer->max - buffer->size) {
        buffer->status = STATUS_TOO_LARGE;
        return false;
    }
    const size_t needed = buffer->size + size + 1;
    size_t capacity = buffer->capacity < CAPACITY_MIN / 2 ? CAPACITY_MIN : buffer->capacity;
    while (capacity < needed) {
        capacity = capacity > buffer->max / 2 ? buffer->max + 1 : capacity * 2;
    }
    uint8_t *data = realloc(buffer->data, capacity);
    if (data == NULL) {
        buffer->status = STATUS_TOO_LARGE;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

static inline uint8_t *room(struct buffer *buffer, size_t size)
{
    if (buffer->status != STATUS_OK) {
        return NULL;
    }
    const bool fits = size < buffer->capacity - buffer->size && size <= buffer->max - buffer->size;
    return fits || grow(buffer, size) ? buffer->data + buffer->size : NULL;
}

void *buffer_room(struct buffer *buffer, size_t size)
{
    return room(buffer, size);
}

void buffer_put(struct buffer *buffer, const void *data, size_t size)
{
    uint8_t *at = size != 0 ? room(buffer, size) : NULL;
    if (at != NULL) {
        memcpy(at, data, size);
        buffer->size += size;
    }
}

void buffer_u8(struct buffer *buffer, uint8_t value)
{
    uint8_t *at = room(buffer, 1);
    if (at != NULL) {
        *at = value;
        buffer->size++;
    }
}

void buffer_u16(struct buffer *buffer, uint16_t value)
{
    const uint16_t big = __builtin_bswap16(value);
    buffer_put(buffer, &big, sizeof big);
}

void buffer_u32(struct buffer *buffer, uint32_t value)
{
    const uint32_t big = __builtin_bswap32(value);
    buffer_put(buffer, &big, sizeof big);
}

void buffer_u64(struct buffer *buffer, uint64_t value)
{
    const uint64_t big = __builtin_bswap64(value);
    buffer_put(buffer, &big, sizeof big);
}

void buffer_varint(struct buffer *buffer, uint64_t value)
{
    uint8_t bytes[VARINT_MAX];
    size_t size = 0;
    while (value >= 0x80) {
        bytes[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    bytes[size++] = (uint8_t)value;
    buffer_put(buffer, bytes, size);
}

void buffer_signed(struct buffer *buffer, int64_t value)
{
    buffer_varint(buffer, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void buffer_text(struct buffer *buffer, struct slice text)
{
    buffer_varint(buffer, text.size);
    buffer_put(buffer, text.data, text.size);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const size_t left = buffer->capacity - buffer->size;
    char *at = left != 0 ? (char *)buffer->data + buffer->size : NULL;
    const int size = vsnprintf(at, left, format, arguments);
    if (size < 0) {
        buffer->status = STATUS_TOO_LARGE;
    } else if (room(buffer, (size_t)size) != NULL) {
        if ((size_t)size >= left) {
            (void)vsnprintf((char *)buffer->data + buffer->size, (size_t)size + 1, format, again);
        }
        buffer->size += (size_t)size;
    }
    va_end(again);
    va_end(arguments);
}

struct reader reader_of(struct slice slice)
{
    static const uint8_t none[1];
    const uint8_t *at = slice.size != 0 ? slice.data : none;
    return (struct reader){at, at + slice.size, false};
}

bool reader_done(const struct reader *reader)
{
    return !reader->failed && reader->at == reader->end;
}

size_t reader_left(const struct reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

static void fail(struct reader *reader)
{
    reader->failed = true;
    reader->at = reader->end;
}

struct slice reader_take(struct reader *reader, size_t size)
{
    if (size > reader_left(reader)) {
        fail(reader);
        return (struct slice){NULL, 0};
    }
    const struct slice slice = slice_of(reader->at, size);
    reader->at += size;
    return slice;
}

uint8_t reader_u8(struct reader *reader)
{
    if (reader->at == reader->end) {
        fail(reader);
        return 0;
    }
    return *reader->at++;
}

static uint64_t big_endian(struct reader *reader, size_t size)
{
    const struct slice bytes = reader_take(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        value = value << 8 | bytes.data[i];
    }
    return value;
}

uint16_t reader_u16(struct reader *reader)
{
    return (uint16_t)big_endian(reader, 2);
}

uint32_t reader_u32(struct reader *reader)
{
    return (uint32_t)big_endian(reader, 4);
}

uint64_t reader_u64(struct reader *reader)
{
    return big_endian(reader, 8);
}

/* A number has one encoding only: a last byte of zero, or bits beyond the 64th, are over-long. */
uint64_t reader_long_varint(struct reader *reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && reader->at != reader->end; shift += 7) {
        const uint8_t byte = *reader->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            if ((byte == 0 && shift != 0) || (shift == 63 && byte > 1)) {
                break;
            }
            return value;
        }
    }
    fail(reader);
    return 0;
}

struct slice reader_text(struct reader *reader)
{
    const uint64_t size = reader_varint(reader);
    if (size > reader_left(reader)) {
        fail(reader);
        return (struct slice){NULL, 0};
    }
    return reader_take(reader, (size_t)size);
}

struct slice reader_closed_text(struct reader *reader)
{
    const size_t left = reader_left(reader);
    const uint8_t *end = left != 0 ? memchr(reader->at, 0, left) : NULL;
    if (end == NULL) {
        fail(reader);
        return (struct slice){NULL, 0};
    }
    const struct slice text = reader_take(reader, (size_t)(end - reader->at));
    (void)reader_u8(reader);
    return text;
}

size_t closed_text_put(uint8_t *at, struct slice text)
{
    if (text.size != 0) {
        memcpy(at, text.data, text.size);
    }
    at[text.size] = 0;
    return text.size + 1;
}
