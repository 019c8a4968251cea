/* SPDX-License-Identifier: Apache-2.0
 *
 * One buffer over read(); a line is copied out of it byte by byte, up to the limit.
 */
#include "services/hoso/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char byte_order_mark[] = {'\xef', '\xbb', '\xbf'};

enum status lines_open(struct lines *lines, const char *name, size_t limit)
{
    struct stat info;
    *lines = (struct lines){.fd = STDIN_FILENO, .limit = limit};
    if (strcmp(name, "-") != 0) {
        lines->fd = open(name, O_RDONLY | O_CLOEXEC);
    }
    if (lines->fd < 0) {
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    }
    if (fstat(lines->fd, &info) == 0 && S_ISREG(info.st_mode)) {
        lines->is_file = true;
        lines->size = (uint64_t)info.st_size;
    }
    lines->line = malloc(limit + 1);
    lines->buffer = malloc(LINES_BUFFER);
    if (lines->line == NULL || lines->buffer == NULL) {
        lines_close(lines);
        errno = ENOMEM;
        return STATUS_IO;
    }
    return STATUS_OK;
}

void lines_close(struct lines *lines)
{
    if (lines->fd > STDIN_FILENO) {
        (void)close(lines->fd);
    }
    lines->fd = -1;
    free(lines->line);
    free(lines->buffer);
    lines->line = lines->buffer = NULL;
}

/* Until there is input or its end; false = the owner says stop. */
static bool wait_for_input(struct lines *lines)
{
    struct pollfd item = {.fd = lines->fd, .events = POLLIN};
    int timeout_ms = 0;
    while (lines->idle != NULL && poll(&item, 1, timeout_ms) == 0) {
        const enum idle idle = lines->idle(lines->context);
        if (idle == IDLE_STOP) {
            return false;
        }
        timeout_ms = idle == IDLE_AGAIN ? LINES_IDLE_MS : -1;
    }
    return true;
}

/* False = the end, or a failure. */
static bool fill(struct lines *lines)
{
    ssize_t size = 0;
    bool again = true;
    while (again && wait_for_input(lines)) {
        size = read(lines->fd, lines->buffer, LINES_BUFFER);
        again = size < 0 && errno == EINTR;
        lines->failed = size < 0 && !again ? errno : 0;
    }
    lines->begin = 0;
    lines->end = size > 0 ? (size_t)size : 0;
    return size > 0;
}

static void skip_byte_order_mark(struct lines *lines, size_t *size, size_t *length)
{
    const size_t mark = sizeof byte_order_mark;
    if (!lines->started && *size >= mark && memcmp(lines->line, byte_order_mark, mark) == 0) {
        memmove(lines->line, lines->line + mark, *size - mark);
        *size -= mark;
        *length -= *length > mark ? mark : 0;
    }
    lines->started = true;
}

size_t lines_next(struct lines *lines, struct slice *ret_line)
{
    size_t size = 0;
    size_t length = 0;
    while (lines->begin < lines->end || fill(lines)) {
        const char *from = lines->buffer + lines->begin;
        const char *newline = memchr(from, '\n', lines->end - lines->begin);
        const size_t part = newline != NULL ? (size_t)(newline - from) : lines->end - lines->begin;
        const size_t room = lines->limit - size;
        const size_t kept = part < room ? part : room;
        memcpy(lines->line + size, from, kept);
        size += kept;
        length += part + (newline != NULL);
        lines->begin += part + (newline != NULL);
        if (newline != NULL) {
            break;
        }
    }
    skip_byte_order_mark(lines, &size, &length);
    lines->line[size] = '\0';
    *ret_line = slice_of(lines->line, size);
    return length;
}
