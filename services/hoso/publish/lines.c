/* SPDX-License-Identifier: Apache-2.0
 *
 * One buffer over read(). A line is copied out of it up to the limit; of a line with several JSON
 * objects the first one is given and the rest moved to the front.
 */
#include "services/hoso/publish/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t byte_order_mark[] = {0xef, 0xbb, 0xbf};

enum status lines_open(struct lines *lines, const char *name, size_t limit)
{
    struct stat info;
    *lines = (struct lines){.fd = STDIN_FILENO, .limit = limit, .has_ended = true};
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

/* Copies on from the buffer until the line ends, or has one byte more than the limit. False = there
 * was no input any more and nothing of a line. */
static bool take_line(struct lines *lines)
{
    lines->to -= lines->from;
    memmove(lines->line, lines->line + lines->from, lines->to);
    lines->from = 0;
    if (lines->has_ended && lines->to == 0) {
        lines->number++;
        lines->has_ended = false;
    }
    bool any = lines->to != 0;
    while (!lines->has_ended && lines->to <= lines->limit) {
        if (lines->begin == lines->end && !fill(lines)) {
            lines->has_ended = true;
            return any;
        }
        const char *from = lines->buffer + lines->begin;
        const char *newline = memchr(from, '\n', lines->end - lines->begin);
        const size_t part = newline != NULL ? (size_t)(newline - from) : lines->end - lines->begin;
        const size_t room = lines->limit + 1 - lines->to;
        const size_t kept = part < room ? part : room;
        memcpy(lines->line + lines->to, from, kept);
        lines->to += kept;
        lines->has_ended = newline != NULL && kept == part;
        lines->begin += kept + lines->has_ended;
        lines->read_bytes += kept + lines->has_ended;
        any = true;
    }
    return any;
}

/* Passes over the rest of a line whose record is too long. */
static void drop_rest(struct lines *lines)
{
    while (!lines->has_ended && (lines->begin != lines->end || fill(lines))) {
        const char *from = lines->buffer + lines->begin;
        const char *newline = memchr(from, '\n', lines->end - lines->begin);
        const size_t part = newline != NULL ? (size_t)(newline - from) : lines->end - lines->begin;
        lines->has_ended = newline != NULL;
        lines->begin += part + lines->has_ended;
        lines->read_bytes += part + lines->has_ended;
    }
    lines->has_ended = true;
    lines->from = lines->to = 0;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Cuts blanks, NUL bytes and byte order marks off the front. */
static struct slice skip_front(struct slice text, unsigned *odd)
{
    const size_t mark = sizeof byte_order_mark;
    for (;;) {
        if (text.size != 0 && (is_blank(text.data[0]) || text.data[0] == '\0')) {
            *odd |= text.data[0] == '\0' ? LINE_NULS : 0;
            text = slice_of(text.data + 1, text.size - 1);
        } else if (text.size >= mark && memcmp(text.data, byte_order_mark, mark) == 0) {
            *odd |= LINE_MARK;
            text = slice_of(text.data + mark, text.size - mark);
        } else {
            return text;
        }
    }
}

static struct slice skip_end(struct slice text, unsigned *odd)
{
    while (text.size != 0 &&
           (is_blank(text.data[text.size - 1]) || text.data[text.size - 1] == '\0')) {
        *odd |= text.data[text.size - 1] == '\0' ? LINE_NULS : 0;
        text.size--;
    }
    return text;
}

/* The size of the JSON object at the front if another one follows it, else 0. Nearly always the
 * only brace that closes is the last byte. */
static size_t first_object(struct slice text)
{
    const uint8_t *end = text.data + text.size;
    if (text.size == 0 || text.data[0] != '{' || memchr(text.data, '}', text.size) == end - 1) {
        return 0;
    }
    unsigned depth = 0;
    bool quoted = false;
    for (const uint8_t *at = text.data; at < end; at++) {
        if (quoted && *at == '\\') {
            at++;
        } else if (*at == '"') {
            quoted = !quoted;
        } else if (!quoted && *at == '{') {
            depth++;
        } else if (!quoted && *at == '}' && --depth == 0) {
            unsigned odd = 0;
            const struct slice rest = skip_front(slice_of(at + 1, (size_t)(end - at - 1)), &odd);
            return rest.size != 0 && rest.data[0] == '{' ? (size_t)(at + 1 - text.data) : 0;
        }
    }
    return 0;
}

/* PowerShell's > writes UTF-16 with a mark; other programs without one, which shows in the NUL byte
 * beside the first brace. */
static bool begins_utf16(struct slice text)
{
    static const char *const starts[] = {"\xff\xfe", "\xfe\xff", "{\0", "\0{"};
    for (size_t i = 0; text.size >= 2 && i < sizeof starts / sizeof *starts; i++) {
        if (memcmp(text.data, starts[i], 2) == 0) {
            return true;
        }
    }
    return false;
}

/* Does the first line only open a bracket? Then its value goes on in the next lines. */
static bool begins_pretty(struct slice text)
{
    return text.size == 1 && (text.data[0] == '{' || text.data[0] == '[');
}

static struct slice held(const struct lines *lines)
{
    return slice_of(lines->line + lines->from, lines->to - lines->from);
}

/* Reads on while the front of an unfinished line holds nothing: a power cut can leave megabytes of
 * NUL bytes. */
static struct slice take_text(struct lines *lines, unsigned *odd)
{
    struct slice text = skip_front(held(lines), odd);
    while (!lines->has_ended && text.size < held(lines).size) {
        lines->from = lines->to - text.size;
        (void)take_line(lines);
        text = skip_front(held(lines), odd);
    }
    return skip_end(text, odd);
}

bool lines_next(struct lines *lines, struct line *ret_line)
{
    unsigned odd = 0;
    if (lines->is_pretty || !take_line(lines)) {
        return false;
    }
    if (!lines->has_started) {
        lines->is_utf16 = begins_utf16(held(lines));
    }
    struct slice text = take_text(lines, &odd);
    if (!lines->has_started) { /* a mark at the beginning of the file is nothing odd */
        odd &= ~(unsigned)LINE_MARK;
        lines->is_pretty = !lines->is_utf16 && begins_pretty(text);
    }
    lines->has_started = lines->has_started || text.size != 0;
    const size_t first = lines->is_utf16 ? 0 : first_object(text);
    if (lines->is_utf16) {
        odd = LINE_UTF16;
    } else if (lines->is_pretty) {
        odd |= LINE_PRETTY;
    } else if (first != 0) {
        text.size = first;
        odd |= LINE_JOINED;
    } else if (text.size > lines->limit) {
        text.size = lines->limit;
        odd |= LINE_CUT;
    }
    if (first != 0) {
        lines->from = (size_t)(text.data + first - (const uint8_t *)lines->line);
    } else {
        drop_rest(lines);
    }
    *ret_line = (struct line){.text = text, .number = lines->number, .odd = odd};
    return true;
}
