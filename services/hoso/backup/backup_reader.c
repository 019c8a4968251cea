/* SPDX-License-Identifier: Apache-2.0
 *
 * A window over the file that always holds the block at hand: pread, not a map, because a file that
 * gets shorter under a map is a SIGBUS.
 */
#include "services/hoso/backup/backup_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { WINDOW_BYTES = 2 * BLOCK_BYTES_MAX };

struct window {
    const struct backup_range *range;
    uint8_t *data;
    size_t capacity;
    size_t begin; /* of what is not taken yet */
    size_t end;
    uint64_t offset; /* of data[begin] in the file */
    struct error *error;
};

static enum status damaged(const struct window *window, enum status status, const char *why)
{
    const char *remedy =
        status == STATUS_VERSION ? "; use the version of hoso that wrote this backup" : "";
    return error_set(window->error, status, "%s: byte %" PRIu64 ": %s%s", window->range->path,
                     window->offset, why, remedy);
}

/* Has `size` bytes at hand, or says why not. */
static enum status fill(struct window *window, size_t size)
{
    const uint64_t left = window->range->to - window->offset;
    if (window->end - window->begin >= size) {
        return STATUS_OK;
    }
    if (size > left) {
        return damaged(window, STATUS_CORRUPT, "the last block is cut short");
    }
    memmove(window->data, window->data + window->begin, window->end - window->begin);
    window->end -= window->begin;
    window->begin = 0;
    while (window->end < window->capacity && window->end < left) {
        const size_t room = window->capacity - window->end;
        const size_t wanted = left - window->end < room ? (size_t)(left - window->end) : room;
        const ssize_t got = pread(window->range->fd, window->data + window->end, wanted,
                                  (off_t)(window->offset + window->end));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return damaged(window, STATUS_IO, got == 0 ? "the file ends here" : strerror(errno));
        }
        window->end += (size_t)got;
    }
    return STATUS_OK;
}

static enum status next_block(struct window *window, struct slice *ret_bytes)
{
    size_t size = 0;
    enum status status = fill(window, BLOCK_HEAD_SIZE);
    if (status != STATUS_OK) {
        return status;
    }
    status = block_size(window->data + window->begin, &size);
    if (status != STATUS_OK) {
        return damaged(window, status, status_text(status));
    }
    status = fill(window, size);
    if (status == STATUS_OK) {
        *ret_bytes = slice_of(window->data + window->begin, size);
    }
    return status;
}

static enum status take_block(struct window *window, struct slice bytes, struct chain *chain,
                              struct backup_visiting *visiting)
{
    struct error inner = {.status = STATUS_OK};
    struct block block;
    if (visiting->any_chain) {
        const enum status decoded = block_decode(bytes, &block);
        if (decoded != STATUS_OK) {
            return damaged(window, decoded, status_text(decoded));
        }
        chain->position = block.first_position - 1;
        memcpy(chain->hash, block.previous, BLOCK_HASH_SIZE);
        visiting->any_chain = false;
    }
    const enum status status = chain_follow(chain, bytes, &block, &inner);
    if (status != STATUS_OK) {
        return damaged(window, status, inner.text);
    }
    visiting->blocks++;
    return visiting->visit != NULL
               ? visiting->visit(visiting->context, bytes, &block, chain, window->error)
               : STATUS_OK;
}

enum status backup_read(const struct backup_range *range, struct chain *chain,
                        struct backup_visiting *visiting, struct error *error)
{
    struct window window = {.range = range, .offset = range->from, .error = error};
    enum status status = STATUS_OK;
    const uint64_t whole = range->to - range->from;
    window.capacity = whole < WINDOW_BYTES ? (size_t)whole + 1 : WINDOW_BYTES;
    window.data = malloc(window.capacity);
    if (window.data == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "no memory to read %s", range->path);
    }
    while (status == STATUS_OK && window.offset < range->to) {
        struct slice bytes = {NULL, 0};
        status = next_block(&window, &bytes);
        if (status == STATUS_OK) {
            status = take_block(&window, bytes, chain, visiting);
        }
        if (status == STATUS_OK) {
            window.begin += bytes.size;
            window.offset += bytes.size;
        }
    }
    free(window.data);
    return status;
}
