/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of the change log that is applied but not committed yet. Replicas read it here and need
 * not wait for the disk: what it says is a function of the journal, which is on the disk, so if it
 * is lost it will come again. One thread writes, any thread reads.
 */
#ifndef HOSO_AGGREGATE_CHANGE_TAIL_H
#define HOSO_AGGREGATE_CHANGE_TAIL_H

#include <pthread.h>

#include "aggregate/tables.h"
#include "base/arena.h"
#include "base/buffer.h"

enum {
    CHANGE_TAIL_BYTES_MAX = 32 << 20 /* more is read from the store, after the commit */
};

struct change_tail {
    pthread_mutex_t lock;
    struct buffer parts; /* key text, value text, as the store has them */
    size_t published;    /* bytes of it that readers see */
};

void change_tail_init(struct change_tail *tail);
void change_tail_fini(struct change_tail *tail);

/* The writer's: a part; all parts added are for readers; all parts are in the store, or dropped. */
void change_tail_add(struct change_tail *tail, struct slice key, struct slice value);
void change_tail_publish(struct change_tail *tail);
void change_tail_clear(struct change_tail *tail);

/* Parts from `part` on of the batch that follows `after_position`, in order, of at most `max_bytes`
 * together but always one, and at most `max`; copied to the arena. None: ret_count is 0. TOO_LARGE
 * = the arena is full; CORRUPT. */
enum status change_tail_read(struct change_tail *tail, uint64_t after_position, uint32_t part,
                             size_t max_bytes, struct arena *arena, struct change_part *ret_parts,
                             unsigned max, unsigned *ret_count) MUST_USE;

#endif
