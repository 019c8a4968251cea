/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a file or pipe. When no more input is there, the owner gets a word before it is waited
 * for: a pipe that stays open must not keep what came so far from being sent. A byte order mark at
 * the beginning is passed over.
 */
#ifndef HOSO_LINES_H
#define HOSO_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/status.h"

enum { LINES_BUFFER = 64 << 10, LINES_IDLE_MS = 50 };

enum idle {
    IDLE_WAIT,  /* for input, as long as it takes */
    IDLE_AGAIN, /* for input, but call again after LINES_IDLE_MS */
    IDLE_STOP   /* as if the input had ended */
};

struct lines {
    int fd;
    bool is_file;              /* a regular one */
    uint64_t size;             /* of a regular file; 0 = unknown */
    int failed;                /* errno of a read that failed, or 0 */
    enum idle (*idle)(void *); /* NULL: just wait */
    void *context;
    size_t limit; /* bytes of one line that are kept */
    char *line;   /* limit + 1 bytes */
    char *buffer; /* LINES_BUFFER bytes; [begin, end) is not read yet */
    size_t begin;
    size_t end;
    bool started;
};

/* "-" is standard input. NOT_FOUND or IO: errno says why. */
enum status lines_open(struct lines *lines, const char *name, size_t limit) MUST_USE;
void lines_close(struct lines *lines);

/* The next line without its newline, NUL-terminated, cut at the limit; the memory is the lines'
 * until the next call. Returns its whole length with the newline, 0 at the end. */
size_t lines_next(struct lines *lines, struct slice *ret_line);

#endif
