/* SPDX-License-Identifier: Apache-2.0
 *
 * Chunks double from 16 KiB, so a request costs few mallocs whatever its size. Only what is handed
 * out is zeroed: a large limit that is hardly used costs nothing.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK_MIN = 16 << 10 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t capacity;
    size_t used;
    alignas(max_align_t) uint8_t data[];
};

void arena_init(struct arena *arena, size_t limit)
{
    *arena = (struct arena){.limit = limit};
}

static void free_chunks(struct arena_chunk *chunk)
{
    while (chunk != NULL) {
        struct arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void arena_fini(struct arena *arena)
{
    free_chunks(arena->chunks);
    *arena = (struct arena){.limit = arena->limit};
}

void arena_reset(struct arena *arena)
{
    if (arena->chunks != NULL) {
        free_chunks(arena->chunks->next);
        arena->chunks->next = NULL;
        arena->chunks->used = 0;
    }
    arena->used = 0;
    arena->exceeded = false;
}

/* The next chunk is twice the last, but not more than the arena may still hand out. */
static struct arena_chunk *add_chunk(struct arena *arena, size_t size)
{
    size_t capacity = arena->chunks != NULL ? arena->chunks->capacity * 2 : CHUNK_MIN;
    const size_t rest = arena->limit - arena->used;
    if (capacity > rest && capacity > CHUNK_MIN) {
        capacity = rest > CHUNK_MIN ? rest : CHUNK_MIN;
    }
    if (capacity < size) {
        capacity = size;
    }
    if (capacity > SIZE_MAX - sizeof(struct arena_chunk)) {
        return NULL;
    }
    struct arena_chunk *chunk = malloc(sizeof *chunk + capacity);
    if (chunk == NULL) {
        return NULL;
    }
    chunk->next = arena->chunks;
    chunk->capacity = capacity;
    chunk->used = 0;
    arena->chunks = chunk;
    return chunk;
}

/* Bytes that are not zeroed yet. Texts take alignment 1, so that small ones lie close together. */
static void *take(struct arena *arena, size_t size, size_t alignment)
{
    struct arena_chunk *chunk = arena->chunks;
    const size_t gap = chunk != NULL ? -chunk->used & (alignment - 1) : 0;
    const size_t rest = arena->limit - arena->used;
    if (size > rest || gap > rest - size) {
        arena->exceeded = true;
        return NULL;
    }
    if (chunk == NULL || chunk->capacity - chunk->used < size + gap) {
        chunk = add_chunk(arena, size);
        if (chunk == NULL) {
            arena->exceeded = true;
            return NULL;
        }
        chunk->used = size;
        arena->used += size;
        return chunk->data;
    }
    void *data = chunk->data + chunk->used + gap;
    chunk->used += size + gap;
    arena->used += size + gap;
    return data;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *data = take(arena, size, alignof(max_align_t));
    return data != NULL ? memset(data, 0, size) : NULL;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        arena->exceeded = true;
        return NULL;
    }
    return arena_alloc(arena, bytes);
}

struct slice arena_copy(struct arena *arena, struct slice slice)
{
    if (slice.size == 0) {
        return (struct slice){NULL, 0};
    }
    void *data = take(arena, slice.size, 1);
    if (data == NULL) {
        return (struct slice){NULL, 0};
    }
    memcpy(data, slice.data, slice.size);
    return slice_of(data, slice.size);
}

char *arena_string(struct arena *arena, struct slice slice)
{
    if (slice.size == SIZE_MAX) {
        arena->exceeded = true;
        return NULL;
    }
    char *text = take(arena, slice.size + 1, 1);
    if (text == NULL) {
        return NULL;
    }
    if (slice.size != 0) {
        memcpy(text, slice.data, slice.size);
    }
    text[slice.size] = '\0';
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int size = vsnprintf(NULL, 0, format, arguments);
    char *text = size >= 0 ? take(arena, (size_t)size + 1, 1) : NULL;
    if (text != NULL) {
        (void)vsnprintf(text, (size_t)size + 1, format, again);
    }
    va_end(again);
    va_end(arguments);
    return text;
}
