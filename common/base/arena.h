/* SPDX-License-Identifier: Apache-2.0
 *
 * A bounded bump allocator: one request's (or one batch's) memory, given back all at once. Zeroed,
 * aligned for anything. Passing the limit is an outcome, not a crash: arena_alloc returns NULL and
 * `arena->exceeded` stays set until arena_reset. One thread.
 */
#ifndef HOSO_BASE_ARENA_H
#define HOSO_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* newest first */
    size_t limit;               /* bytes handed out at most */
    size_t used;
    bool exceeded;
};

void arena_init(struct arena *arena, size_t limit);
void arena_fini(struct arena *arena);

/* Frees everything handed out, keeps one chunk for the next round. */
void arena_reset(struct arena *arena);

/* `size` zeroed bytes, or NULL past the limit. */
void *arena_alloc(struct arena *arena, size_t size);

/* count × size zeroed bytes, or NULL past the limit or on overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy; {NULL, 0} past the limit (an empty slice copies to an empty slice). */
struct slice arena_copy(struct arena *arena, struct slice slice);

/* A NUL-terminated copy, or NULL past the limit. */
char *arena_string(struct arena *arena, struct slice slice);
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *arena, const char *format,
                                                         ...);

#endif
