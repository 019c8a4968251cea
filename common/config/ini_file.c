/* SPDX-License-Identifier: Apache-2.0
 *
 * A line at a time, each checked before it is taken apart: for its length, and for being text.
 */
#include "config/ini_file.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"

struct ini_reading {
    char section[INI_NAME_MAX + 1];
    char copy[INI_LINE_MAX + 1]; /* of the line, NUL-terminated name and value */
    unsigned line;
    ini_entry_handler *handler;
    void *context;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
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

static bool is_comment(struct slice text)
{
    return text.size != 0 && (text.data[0] == ';' || text.data[0] == '#');
}

/* Where the first of `ends` is, or a comment, which is a ; at the beginning or behind a blank; else
 * the text's size. */
static size_t find_end(const char *text, const char *ends)
{
    size_t at = 0;
    while (text[at] != '\0' && strchr(ends, text[at]) == NULL &&
           (text[at] != ';' || (at != 0 && !is_blank(text[at - 1])))) {
        at++;
    }
    return at;
}

static enum status hand_over(struct ini_reading *reading, const char *name, const char *value,
                             struct error *error)
{
    const struct ini_entry entry = {reading->section, name, value, reading->line};
    return reading->handler(reading->context, &entry, error);
}

/* "[name]", perhaps with a comment after it. */
static enum status begin_section(struct ini_reading *reading, struct slice line,
                                 struct error *error)
{
    const char *text = (const char *)line.data;
    const char *close = memchr(text, ']', line.size);
    if (close == NULL) {
        return error_set(error, STATUS_INVALID, "a section looks like [name]");
    }
    const struct slice name = trim(text + 1, (size_t)(close - text) - 1);
    const struct slice rest = trim(close + 1, line.size - (size_t)(close + 1 - text));
    if (name.size == 0 || name.size > INI_NAME_MAX || (rest.size != 0 && !is_comment(rest))) {
        return error_set(error, STATUS_INVALID,
                         "a section looks like [name], of at most 64 characters");
    }
    memcpy(reading->section, name.data, name.size);
    reading->section[name.size] = '\0';
    return hand_over(reading, NULL, NULL, error);
}

/* "name = value" or "name: value", perhaps with a comment after it; what is around both goes. */
static enum status take_setting(struct ini_reading *reading, struct slice line, struct error *error)
{
    char *text = reading->copy;
    memcpy(text, line.data, line.size);
    text[line.size] = '\0';
    const size_t separator = find_end(text, "=:");
    if (text[separator] != '=' && text[separator] != ':') {
        return error_set(error, STATUS_INVALID, "neither a name = value line nor a comment");
    }
    char *value = text + separator + 1;
    const struct slice name = trim(text, separator);
    const struct slice trimmed = trim(value, find_end(value, ""));
    if (name.size == 0) {
        return error_set(error, STATUS_INVALID, "the name before the = is missing");
    }
    text[name.size] = '\0'; /* the line begins with the name */
    value = (char *)(uintptr_t)trimmed.data;
    value[trimmed.size] = '\0';
    return hand_over(reading, text, value, error);
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

static enum status take_line(struct ini_reading *reading, struct slice line, struct error *error)
{
    if (line.size > INI_LINE_MAX) {
        return error_set(error, STATUS_INVALID, "the line is too long (4096 bytes at most)");
    }
    if (!is_clean(line)) {
        return error_set(error, STATUS_INVALID, "the line is not UTF-8, or has control characters");
    }
    if (line.size == 0 || is_comment(line)) {
        return STATUS_OK;
    }
    return line.data[0] == '[' ? begin_section(reading, line, error)
                               : take_setting(reading, line, error);
}

enum status ini_text_read(const char *path, struct slice text, ini_entry_handler *handler,
                          void *context, struct error *error)
{
    static const char mark[] = {'\xef', '\xbb', '\xbf'};
    struct ini_reading reading = {.handler = handler, .context = context};
    struct error why = {.text = ""};
    enum status status = STATUS_OK;
    if (text.size >= sizeof mark && memcmp(text.data, mark, sizeof mark) == 0) {
        text = slice_of(text.data + sizeof mark, text.size - sizeof mark);
    }
    while (status == STATUS_OK && text.size != 0) {
        const struct slice line = slice_take_line(&text);
        reading.line++;
        status = take_line(&reading, trim((const char *)line.data, line.size), &why);
    }
    explicit_bzero(reading.copy, sizeof reading.copy);
    return status == STATUS_OK
               ? STATUS_OK
               : error_set(error, status, "%s:%u: %s", path, reading.line, why.text);
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
