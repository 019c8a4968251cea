/* SPDX-License-Identifier: Apache-2.0
 *
 * What a service, the library or a form's file had to complain of comes as a finished English
 * sentence. It is taken apart by the formats that po/vi.po has, and put together again in
 * Vietnamese. What stands in quotation marks is left as it was written.
 */
#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/localday.h"
#include "base/slice.h"
#include "services/hoso/language.h"

enum { VALUES_MAX = 16, DEPTH_MAX = 4 };

/* The msgids of po/vi.po, "" last. */
static const char *const messages[] = {
#include "messages_vi.h"
    ""};

/* A text that is an instance of a format. */
struct match {
    const char *format;
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

static bool matches(const char *format, struct slice text, struct match *match)
{
    const char *at = (const char *)text.data;
    const char *const end = at + text.size;
    *match = (struct match){.format = format};
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
        if (stop == NULL) {
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
    const char *at = gettext(match->format);
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
    for (size_t i = 0; messages[i][0] != '\0'; i++) {
        if (matches(messages[i], text, &match) && match.literal > best->literal) {
            *best = match;
        }
    }
    return best->literal != 0;
}

/* False: nothing of it has a translation. "columns[3].value: …" keeps its place in front. */
static bool put_text(struct slice text, unsigned depth, struct buffer *out)
{
    struct match match;
    const char *colon = memmem(text.data, text.size, ": ", 2);
    if (depth < DEPTH_MAX && find_format(text, &match)) {
        put_match(&match, depth, out);
        return true;
    }
    if (depth >= DEPTH_MAX || colon == NULL) {
        buffer_put(out, text.data, text.size);
        return false;
    }
    const size_t front = (size_t)(colon + 2 - (const char *)text.data);
    const struct slice rest = slice_of(colon + 2, text.size - front);
    buffer_put(out, text.data, front);
    return put_text(rest, depth + 1, out);
}

bool language_text(const char *english, char *ret_text, size_t size)
{
    struct buffer out;
    bool translated = false;
    buffer_init(&out, size - 1);
    if (gettext("")[0] != '\0') { /* the head of a language that is bound */
        translated = put_text(slice_text(english), 0, &out);
    }
    const struct slice text = buffer_slice(&out);
    if (translated && buffer_status(&out) == STATUS_OK) {
        memcpy(ret_text, text.data, text.size);
        ret_text[text.size] = '\0';
    } else {
        (void)snprintf(ret_text, size, "%s", english);
    }
    buffer_fini(&out);
    return translated;
}
