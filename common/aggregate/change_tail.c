/* SPDX-License-Identifier: Apache-2.0
 *
 * One buffer, cleared by every commit, so it is read from its start: it never holds more than a few
 * hundred parts.
 */
#include "aggregate/change_tail.h"

#include "base/require.h"

void change_tail_init(struct change_tail *tail)
{
    require(pthread_mutex_init(&tail->lock, NULL) == 0);
    buffer_init(&tail->parts, CHANGE_TAIL_BYTES_MAX);
    tail->published = 0;
}

void change_tail_fini(struct change_tail *tail)
{
    buffer_fini(&tail->parts);
    (void)pthread_mutex_destroy(&tail->lock);
}

void change_tail_add(struct change_tail *tail, struct slice key, struct slice value)
{
    require(pthread_mutex_lock(&tail->lock) == 0);
    buffer_text(&tail->parts, key);
    buffer_text(&tail->parts, value);
    require(pthread_mutex_unlock(&tail->lock) == 0);
}

/* A part that found no room is missing, so nothing is published from there on. */
void change_tail_publish(struct change_tail *tail)
{
    require(pthread_mutex_lock(&tail->lock) == 0);
    if (buffer_status(&tail->parts) == STATUS_OK) {
        tail->published = tail->parts.size;
    }
    require(pthread_mutex_unlock(&tail->lock) == 0);
}

void change_tail_clear(struct change_tail *tail)
{
    require(pthread_mutex_lock(&tail->lock) == 0);
    buffer_clear(&tail->parts);
    tail->published = 0;
    require(pthread_mutex_unlock(&tail->lock) == 0);
}

/* Moves the reader to the part wanted: its batch is the first one that ends after the position. */
static bool find(struct reader *reader, uint64_t after_position, uint32_t part)
{
    struct reader ahead = *reader;
    struct slice key;
    struct slice value;
    struct change_part found;
    uint64_t batch = 0;
    while (change_next(&ahead, &key, &value) && change_parse(key, value, &found)) {
        if (found.to_position > after_position) {
            batch = batch == 0 ? found.to_position : batch;
            if (found.from_position > after_position || found.to_position != batch) {
                return false;
            }
            if (found.part == part) {
                return true;
            }
        }
        *reader = ahead;
    }
    return false;
}

static enum status copy(struct reader *reader, size_t max_bytes, struct arena *arena,
                        struct change_part *ret_parts, unsigned max, unsigned *ret_count)
{
    struct slice key;
    struct slice value;
    size_t bytes = 0;
    unsigned count = 0;
    while (count < max && change_next(reader, &key, &value)) {
        struct change_part part;
        if (!change_parse(key, value, &part)) {
            return STATUS_CORRUPT;
        }
        if (count != 0 && bytes + value.size > max_bytes) {
            break;
        }
        bytes += value.size;
        const size_t size = part.entries.size;
        part.entries = arena_copy(arena, part.entries);
        if (part.entries.size != size) {
            return STATUS_TOO_LARGE;
        }
        ret_parts[count++] = part;
    }
    *ret_count = count;
    return STATUS_OK;
}

enum status change_tail_read(struct change_tail *tail, uint64_t after_position, uint32_t part,
                             size_t max_bytes, struct arena *arena, struct change_part *ret_parts,
                             unsigned max, unsigned *ret_count)
{
    enum status status = STATUS_OK;
    *ret_count = 0;
    require(pthread_mutex_lock(&tail->lock) == 0);
    struct reader reader = reader_of(slice_of(tail->parts.data, tail->published));
    if (find(&reader, after_position, part)) {
        status = copy(&reader, max_bytes, arena, ret_parts, max, ret_count);
    }
    require(pthread_mutex_unlock(&tail->lock) == 0);
    return status;
}
