/* SPDX-License-Identifier: Apache-2.0
 *
 * A line is built in a fixed buffer on the stack and written with one write(2), so lines of several
 * threads never mix and nothing is locked. A member that does not fit is left out whole, and the
 * line is marked as cut.
 */
#include "log/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

enum {
    LINE_MAX_BYTES = 4096,
    LINE_END_BYTES = 32, /* kept for the mark of a cut and the line's end */
    SERVICE_NAME_MAX = 32,
    STAMP_SIZE = 32
};

struct log_line {
    char text[LINE_MAX_BYTES];
    size_t size;
    bool cut;
};

static const char *const level_names[] = {"error", "warning", "info", "debug"};

static char service_name[SERVICE_NAME_MAX + 1] = "hoso";
static bool on_terminal;
static atomic_int shown_level = LOG_INFO;
static _Atomic uint64_t counts[sizeof level_names / sizeof level_names[0]];

void log_open(const char *service, enum log_level level)
{
    (void)snprintf(service_name, sizeof service_name, "%s", service);
    on_terminal = isatty(STDERR_FILENO) == 1;
    atomic_store(&shown_level, (int)level);
}

uint64_t log_count(enum log_level level)
{
    return atomic_load_explicit(&counts[level], memory_order_relaxed);
}

static void add(struct log_line *line, const char *text, size_t size)
{
    if (line->cut || size > LINE_MAX_BYTES - LINE_END_BYTES - line->size) {
        line->cut = true;
        return;
    }
    memcpy(line->text + line->size, text, size);
    line->size += size;
}

static void add_text(struct log_line *line, const char *text)
{
    add(line, text, strlen(text));
}

/* Between quotes, as JSON has it. */
static void add_quoted(struct log_line *line, const char *text)
{
    struct slice rest = slice_text(text);
    char escape[TEXT_ESCAPE_SIZE];
    add_text(line, "\"");
    while (rest.size != 0) {
        const struct slice piece = text_json_piece(&rest, escape);
        add(line, (const char *)piece.data, piece.size);
    }
    add_text(line, "\"");
}

static void add_member(struct log_line *line, const char *key, const char *value)
{
    const size_t before = line->size;
    add_text(line, line->size > 1 ? "," : "");
    add_quoted(line, key);
    add_text(line, ":");
    add_quoted(line, value);
    if (line->cut) {
        line->size = before;
    }
}

/* key=value, the value quoted only where it has to be. */
static void add_pair(struct log_line *line, const char *key, const char *value)
{
    const size_t before = line->size;
    add_text(line, " ");
    add_text(line, key);
    add_text(line, "=");
    bool plain = value[0] != '\0';
    for (const char *at = value; *at != '\0' && plain; at++) {
        plain = *at > 0x20 && *at < 0x7f && *at != '"' && *at != '\\';
    }
    if (plain) {
        add_text(line, value);
    } else {
        add_quoted(line, value);
    }
    if (line->cut) {
        line->size = before;
    }
}

static void write_stamp(char stamp[STAMP_SIZE])
{
    struct timespec now;
    struct tm utc;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    const size_t size = strftime(stamp, STAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(stamp + size, STAMP_SIZE - size, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

static void end_line(struct log_line *line, const char *cut_mark, const char *end)
{
    const bool cut = line->cut;
    line->cut = false;
    if (cut) {
        memcpy(line->text + line->size, cut_mark, strlen(cut_mark));
        line->size += strlen(cut_mark);
    }
    memcpy(line->text + line->size, end, strlen(end));
    line->size += strlen(end);
}

static void write_line(const struct log_line *line)
{
    ssize_t written;
    do {
        written = write(STDERR_FILENO, line->text, line->size);
    } while (written < 0 && errno == EINTR);
}

static void build_json(struct log_line *line, const char *level, const char *id,
                       const char *sentence, va_list pairs)
{
    char stamp[STAMP_SIZE];
    write_stamp(stamp);
    add_text(line, "{");
    add_member(line, "time", stamp);
    add_member(line, "level", level);
    add_member(line, "service", service_name);
    add_member(line, "id", id);
    add_member(line, "text", sentence);
    for (const char *key = va_arg(pairs, const char *); key != NULL;
         key = va_arg(pairs, const char *)) {
        const char *value = va_arg(pairs, const char *);
        add_member(line, key, value != NULL ? value : "");
    }
    end_line(line, ",\"cut\":\"yes\"", "}\n");
}

static void build_text(struct log_line *line, const char *level, const char *id,
                       const char *sentence, va_list pairs)
{
    char stamp[STAMP_SIZE];
    write_stamp(stamp);
    const char *const parts[] = {stamp, " ", level, " ", id, ": ", sentence};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        add_text(line, parts[i]);
    }
    for (const char *key = va_arg(pairs, const char *); key != NULL;
         key = va_arg(pairs, const char *)) {
        const char *value = va_arg(pairs, const char *);
        add_pair(line, key, value != NULL ? value : "");
    }
    end_line(line, " …", "\n");
}

void log_event(enum log_level level, const char *id, const char *sentence, ...)
{
    atomic_fetch_add_explicit(&counts[level], 1, memory_order_relaxed);
    if ((int)level > atomic_load(&shown_level)) {
        return;
    }
    struct log_line line;
    line.size = 0;
    line.cut = false;
    va_list pairs;
    va_start(pairs, sentence);
    if (on_terminal) {
        build_text(&line, level_names[level], id, sentence, pairs);
    } else {
        build_json(&line, level_names[level], id, sentence, pairs);
    }
    va_end(pairs);
    write_line(&line);
}
