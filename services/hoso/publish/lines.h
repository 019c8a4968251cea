/* SPDX-License-Identifier: Apache-2.0
 *
 * The records of a file or pipe of hoso publish: what stands on a line, for example the JSON of one
 * event. When no more input is there, the owner gets a word before it is waited for: a pipe that
 * stays open must not keep what came so far from being sent.
 *
 * Files are joined, cut off by a power failure, and written by programs with another encoding. What
 * is sure to be a record is given all the same, and the line says what was odd about it.
 */
#ifndef HOSO_PUBLISH_LINES_H
#define HOSO_PUBLISH_LINES_H

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

/* What is odd about a line, a set. */
enum {
    LINE_UTF16 = 1 << 0,  /* of a file in UTF-16; the text is no text */
    LINE_MARK = 1 << 1,   /* a byte order mark in the middle of the file; passed over */
    LINE_NULS = 1 << 2,   /* NUL bytes before or after the record, or alone; passed over */
    LINE_JOINED = 1 << 3, /* another record follows on the same line; it comes next */
    LINE_CUT = 1 << 4,    /* longer than the limit */
    LINE_PRETTY = 1 << 5  /* of a file whose JSON goes over several lines; there is no next one */
};

struct line {
    struct slice text; /* without blanks at the ends; empty: a line without record */
    uint64_t number;   /* of the line in the file, from 1 */
    unsigned odd;
};

struct lines {
    int fd;
    bool is_file;              /* a regular one */
    uint64_t size;             /* of a regular file; 0 = unknown */
    uint64_t read_bytes;       /* that the lines so far took */
    int failed;                /* errno of a read that failed, or 0 */
    enum idle (*idle)(void *); /* NULL: just wait */
    void *context;
    size_t limit; /* bytes of one record */
    char *buffer; /* LINES_BUFFER bytes; [begin, end) is not read yet */
    size_t begin;
    size_t end;
    char *line; /* limit + 1 bytes; [from, to) is what the last record left of the line */
    size_t from;
    size_t to;
    uint64_t number;
    bool has_ended; /* the line is in `line` up to its end */
    bool has_started;
    bool is_utf16;
    bool is_pretty;
};

/* "-" is standard input. NOT_FOUND or IO: errno says why. */
enum status lines_open(struct lines *lines, const char *name, size_t limit) MUST_USE;
void lines_close(struct lines *lines);

/* The next record, or a line without one; the memory is the lines' until the next call. False = the
 * end, or a failure. */
bool lines_next(struct lines *lines, struct line *ret_line);

#endif
