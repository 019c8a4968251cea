/* SPDX-License-Identifier: Apache-2.0
 *
 * A finished sentence is taken apart by the formats that po/vi.po has, and put together again in
 * Vietnamese. What stands in quotation marks is left as it was written.
 */
#include "language/vietnamese.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/localday.h"
#include "base/slice.h"

enum { VALUES_MAX = 16, DEPTH_MAX = 4 };

/* Of po/vi.po. */
struct message {
    const char *english, *vietnamese;
};
static const struct message messages[] = {
#include "messages_vi.h"
};

/* A text that is an instance of a format. */
struct match {
    const struct message *message;
    struct slice values[VALUES_MAX];
    bool quoted[VALUES_MAX];
    unsigned count;
    size_t literal; /* bytes of the format itself: the more, the better it fits */
};

/* The size of the conversion that begins here; 0 = none. */
static size_t conversion_size(const char *at)
{
    if (at[0] != '%' || at[1] == '\0' || at[1] == '%') {
        return 0;
    }
    size_t size = 1 + strspn(at + 1, "-+ #0123456789.*$");
    size += strspn(at + size, "hlzj");
    return size + 1;
}

/* Whether what stands for a conversion can have come from it: a number has digits alone. */
static bool value_fits(const char *value, size_t size, char conversion)
{
    if (strchr("dux", conversion) == NULL) {
        return true;
    }
    const size_t sign = conversion == 'd' && size > 1 && value[0] == '-';
    const char *const of = conversion == 'x' ? "0123456789abcdef" : "0123456789";
    for (size_t i = sign; i < size; i++) {
        if (value[i] == '\0' || strchr(of, value[i]) == NULL) {
            return false;
        }
    }
    return size > sign;
}

/* Where a value ends that `format` goes on behind, or NULL: it does not. */
static const char *value_end(const char *text, const char *end, const char *format)
{
    const size_t run = strcspn(format, "%");
    if (format[run] == '\0') {
        const bool fits = (size_t)(end - text) >= run && memcmp(end - run, format, run) == 0;
        return fits ? end - run : NULL;
    }
    return memmem(text, (size_t)(end - text), format, run);
}

static bool matches(const struct message *message, struct slice text, struct match *match)
{
    const char *const format = message->english;
    const char *at = (const char *)text.data;
    const char *const end = at + text.size;
    if (format[0] != '%' && (text.size == 0 || format[0] != *at)) {
        return false; /* most of them */
    }
    *match = (struct match){.message = message};
    for (const char *f = format; *f != '\0';) {
        const size_t size = conversion_size(f);
        if (size == 0) {
            if (at == end || *at != *f) {
                return false;
            }
            at++;
            f++;
            match->literal++;
            continue;
        }
        const char *stop = match->count < VALUES_MAX ? value_end(at, end, f + size) : NULL;
        if (stop == NULL || !value_fits(at, (size_t)(stop - at), f[size - 1])) {
            return false;
        }
        match->quoted[match->count] = f > format && f[-1] == '"' && f[size] == '"';
        match->values[match->count++] = slice_of(at, (size_t)(stop - at));
        at = stop;
        f += size;
    }
    return at == end;
}

static bool put_text(struct slice text, unsigned depth, struct buffer *out);

/* A date as people write it; a sentence within the sentence; or what it is. */
static void put_value(struct slice value, bool quoted, unsigned depth, struct buffer *out)
{
    int32_t day;
    if (quoted) {
        buffer_put(out, value.data, value.size);
    } else if (value.size == DATE_TEXT_SIZE - 1 && localday_parse(value, &day)) {
        const struct date date = localday_date(day);
        buffer_printf(out, "%02d/%02d/%d", date.day, date.month, date.year);
    } else {
        (void)put_text(value, depth + 1, out);
    }
}

/* The values in the translation's order: %s takes the next one, %2$s the second. */
static void put_match(const struct match *match, unsigned depth, struct buffer *out)
{
    const char *at = match->message->vietnamese;
    unsigned next = 0;
    while (*at != '\0') {
        const size_t size = conversion_size(at);
        if (size == 0) {
            buffer_u8(out, (uint8_t)*at++);
            continue;
        }
        char *dollar = NULL;
        const unsigned long number = strtoul(at + 1, &dollar, 10);
        const unsigned long index = *dollar == '$' ? number - 1 : next++;
        if (index < match->count) {
            put_value(match->values[index], match->quoted[index], depth, out);
        }
        at += size;
    }
}

static bool find_format(struct slice text, struct match *best)
{
    struct match match;
    best->literal = 0;
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        if (matches(&messages[i], text, &match) && match.literal > best->literal) {
            *best = match;
        }
    }
    return best->literal != 0;
}

/* What a sentence stands behind: "columns[3].value: " or a quoted value. 0 = nothing. */
static size_t front_size(struct slice text)
{
    const bool quoted = text.size != 0 && text.data[0] == '"';
    const char *mark = quoted ? "\" " : ": ";
    const uint8_t *at = memmem(text.data, text.size, mark, 2);
    return at != NULL ? (size_t)(at - text.data) + 2 : 0;
}

/* False: nothing of it has a translation. */
static bool put_text(struct slice text, unsigned depth, struct buffer *out)
{
    struct match match;
    if (depth < DEPTH_MAX && find_format(text, &match)) {
        put_match(&match, depth, out);
        return true;
    }
    const size_t front = depth < DEPTH_MAX ? front_size(text) : 0;
    if (front == 0) {
        buffer_put(out, text.data, text.size);
        return false;
    }
    buffer_put(out, text.data, front);
    return put_text(slice_of(text.data + front, text.size - front), depth + 1, out);
}

/* Where "; field: " begins outside of quotation marks: between the faults of one event. */
static const char *next_fault(struct slice text)
{
    const char *const end = (const char *)text.data + text.size;
    bool quoted = false;
    for (const char *at = (const char *)text.data; at < end; at++) {
        quoted = quoted != (*at == '"');
        if (quoted || end - at < 2 || memcmp(at, "; ", 2) != 0) {
            continue;
        }
        const char *word = at + 2;
        while (word < end && (isalnum((unsigned char)*word) || *word == '_')) {
            word++;
        }
        if (word > at + 2 && end - word > 2 && memcmp(word, ": ", 2) == 0) {
            return at;
        }
    }
    return NULL;
}

static bool put_faults(struct slice text, struct buffer *out)
{
    bool translated = false;
    for (const char *stop; (stop = next_fault(text)) != NULL;) {
        const size_t size = (size_t)(stop - (const char *)text.data);
        translated = put_text(slice_of(text.data, size), 0, out) || translated;
        buffer_put(out, "; ", 2);
        text = slice_of(stop + 2, text.size - size - 2);
    }
    return put_text(text, 0, out) || translated;
}

bool language_vietnamese(struct slice english, char *ret_text, size_t size)
{
    struct buffer out;
    buffer_init(&out, size - 1);
    const bool translated = put_faults(english, &out);
    const struct slice text = buffer_slice(&out);
    const bool good = translated && buffer_status(&out) == STATUS_OK;
    (void)snprintf(ret_text, size, "%.*s", SLICE_ARG(good ? text : english));
    buffer_fini(&out);
    return good;
}
