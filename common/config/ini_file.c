/* SPDX-License-Identifier: Apache-2.0
 *
 * inih reads the lines that we hand it. Sections are our own business: inih cuts their names at 49
 * bytes and cannot tell two sections of one name apart. So are the checks of each line (length,
 * UTF-8): inih would cut or let them pass.
 */
#include "config/ini_file.h"

#include <ini.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

struct ini_reading {
    const char *at;
    const char *end;
    unsigned line;
    char section[INI_NAME_MAX + 1];
    ini_entry_handler *handler;
    void *context;
    enum status status;
    struct error error;
};

static pthread_once_t options_once = PTHREAD_ONCE_INIT;

static void set_options(void)
{
    ini_allow_multiline = false;
    ini_use_stack = false;
    ini_allow_realloc = false;
    ini_max_line = INI_LINE_MAX + 3;
    ini_initial_alloc = INI_LINE_MAX + 3;
    ini_stop_on_first_error = true;
}

static void fail(struct ini_reading *reading, enum status status, const char *why)
{
    if (reading->status == STATUS_OK) {
        reading->status = error_set(&reading->error, status, "%s", why);
    }
}

static void hand_over(struct ini_reading *reading, const char *name, const char *value)
{
    const struct ini_entry entry = {reading->section, name, value, reading->line};
    if (reading->status == STATUS_OK) {
        reading->error.text[0] = '\0';
        reading->status = reading->handler(reading->context, &entry, &reading->error);
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trim(const char *text, size_t size)
{
    while (size != 0 && is_blank(text[0])) {
        text++;
        size--;
    }
    while (size != 0 && is_blank(text[size - 1])) {
        size--;
    }
    return slice_of(text, size);
}

/* "[name]", perhaps with a comment after it. */
static void begin_section(struct ini_reading *reading, struct slice line)
{
    const char *text = (const char *)line.data;
    const char *close = memchr(text, ']', line.size);
    if (close == NULL) {
        fail(reading, STATUS_INVALID, "a section looks like [name]");
        return;
    }
    const struct slice name = trim(text + 1, (size_t)(close - text) - 1);
    const struct slice rest = trim(close + 1, line.size - (size_t)(close + 1 - text));
    if (name.size == 0 || name.size > INI_NAME_MAX ||
        (rest.size != 0 && rest.data[0] != ';' && rest.data[0] != '#')) {
        fail(reading, STATUS_INVALID, "a section looks like [name], of at most 64 characters");
        return;
    }
    memcpy(reading->section, name.data, name.size);
    reading->section[name.size] = '\0';
    hand_over(reading, NULL, NULL);
}

/* A tab is the one control character that people type. */
static bool is_clean(struct slice line)
{
    char copy[INI_LINE_MAX];
    for (size_t i = 0; i < line.size; i++) {
        copy[i] = line.data[i] == '\t' ? ' ' : (char)line.data[i];
    }
    return text_is_clean(slice_of(copy, line.size));
}

bool ini_value_fits(struct slice value)
{
    const char *text = (const char *)value.data;
    const struct slice trimmed = trim(text, value.size);
    if (value.size > INI_LINE_MAX || trimmed.size != value.size || !is_clean(value)) {
        return false;
    }
    for (size_t i = 0; i < value.size; i++) {
        if (text[i] == ';' && (i == 0 || is_blank(text[i - 1]))) {
            return false;
        }
    }
    return true;
}

/* Gives inih its next line; NULL ends the reading. */
static char *next_line(char *line, int size, void *context)
{
    struct ini_reading *reading = context;
    if (reading->status != STATUS_OK || reading->at == reading->end) {
        return NULL;
    }
    reading->line++;
    const size_t left = (size_t)(reading->end - reading->at);
    const char *newline = memchr(reading->at, '\n', left);
    const size_t raw = newline != NULL ? (size_t)(newline - reading->at) : left;
    const struct slice text = trim(reading->at, raw);
    reading->at += raw + (newline != NULL);
    if (text.size > INI_LINE_MAX || text.size + 2 > (size_t)size) {
        fail(reading, STATUS_INVALID, "the line is too long (4096 bytes at most)");
        return NULL;
    }
    if (!is_clean(text)) {
        fail(reading, STATUS_INVALID, "the line is not UTF-8, or has control characters");
        return NULL;
    }
    const bool section = text.size != 0 && text.data[0] == '[';
    if (section) {
        begin_section(reading, text);
    } else if (text.size != 0) {
        memcpy(line, text.data, text.size);
    }
    const size_t used = section ? 0 : text.size;
    line[used] = '\n';
    line[used + 1] = '\0';
    return reading->status == STATUS_OK ? line : NULL;
}

static int take_entry(void *context, const char *section, const char *name, const char *value)
{
    struct ini_reading *reading = context;
    (void)section;
    if (name[0] == '\0') {
        fail(reading, STATUS_INVALID, "the name before the = is missing");
    }
    hand_over(reading, name, value);
    return reading->status == STATUS_OK;
}

enum status ini_text_read(const char *path, struct slice text, ini_entry_handler *handler,
                          void *context, struct error *error)
{
    static const struct slice mark = {(const uint8_t *)"\xef\xbb\xbf", 3};
    struct ini_reading reading = {.handler = handler, .context = context};
    reading.at = (const char *)text.data;
    reading.end = reading.at + text.size;
    if (text.size >= mark.size && memcmp(text.data, mark.data, mark.size) == 0) {
        reading.at += mark.size;
    }
    (void)pthread_once(&options_once, set_options);
    const int line = ini_parse_stream(next_line, &reading, take_entry, &reading);
    if (line != 0) {
        fail(&reading, line < 0 ? STATUS_TOO_LARGE : STATUS_INVALID,
             line < 0 ? "out of memory" : "neither a name = value line nor a comment");
    }
    return reading.status == STATUS_OK ? STATUS_OK
                                       : error_set(error, reading.status, "%s:%u: %s", path,
                                                   reading.line, reading.error.text);
}

enum status ini_file_read(const char *path, size_t bytes_max, mode_t forbidden_mode,
                          ini_entry_handler *handler, void *context, struct error *error)
{
    struct buffer text;
    buffer_init(&text, bytes_max);
    enum status status = file_read(path, forbidden_mode, &text, error);
    if (status == STATUS_OK) {
        status = ini_text_read(path, buffer_slice(&text), handler, context, error);
    }
    if (text.size != 0) {
        explicit_bzero(text.data, text.size);
    }
    buffer_fini(&text);
    return status;
}
