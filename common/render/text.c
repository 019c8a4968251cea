/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything measured here is UTF-8 from our own services or files.
 */
#include "render/text.h"

#include <inttypes.h>
#include <string.h>
#include <utf8proc.h>

#include "base/localday.h"

/* The first character: its bytes, and the columns it takes. */
static size_t first_character(const char *text, size_t left, unsigned *ret_width)
{
    utf8proc_int32_t codepoint;
    const utf8proc_ssize_t size =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)left, &codepoint);
    *ret_width = size <= 0 ? 1 : (unsigned)utf8proc_charwidth(codepoint);
    return size <= 0 ? 1 : (size_t)size;
}

unsigned render_width(const char *text)
{
    size_t left = strlen(text);
    unsigned width = 0;
    while (left > 0) {
        unsigned more;
        const size_t size = first_character(text, left, &more);
        width += more;
        text += size;
        left -= size;
    }
    return width;
}

size_t render_fit(const char *text, unsigned width)
{
    const size_t whole = strlen(text);
    size_t taken = 0;
    while (taken < whole) {
        unsigned more;
        const size_t size = first_character(text + taken, whole - taken, &more);
        if (more > width) {
            break;
        }
        width -= more;
        taken += size;
    }
    return taken;
}

size_t render_word(const char *text, size_t *ret_blanks)
{
    *ret_blanks = strspn(text, " ");
    return strcspn(text + *ret_blanks, " ");
}

void render_number(int64_t number, bool english, char text[RENDER_NUMBER_SIZE])
{
    char digits[RENDER_NUMBER_SIZE];
    (void)snprintf(digits, sizeof digits, "%" PRId64, number);
    const char *from = digits;
    char *to = text;
    if (*from == '-') {
        *to++ = *from++;
    }
    for (size_t left = strlen(from); left != 0; left--) {
        *to++ = *from++;
        if (left > 1 && left % 3 == 1) {
            *to++ = english ? ',' : '.';
        }
    }
    *to = '\0';
}

void render_date(const char *iso, bool english, char text[RENDER_DATE_SIZE])
{
    if (english || strlen(iso) != strlen("2024-01-19")) {
        (void)snprintf(text, RENDER_DATE_SIZE, "%s", iso);
    } else {
        (void)snprintf(text, RENDER_DATE_SIZE, "%.2s/%.2s/%.4s", iso + 8, iso + 5, iso);
    }
}

void render_moment(int64_t unix_ms, bool english, char text[RENDER_MOMENT_SIZE])
{
    char iso[TIME_TEXT_SIZE]; /* 2026-11-28T10:59:00+07:00 */
    char day[RENDER_DATE_SIZE];
    time_format(unix_ms, iso);
    iso[strlen("2026-11-28")] = '\0';
    render_date(iso, english, day);
    const char *clock = iso + strlen("2026-11-28T");
    (void)snprintf(text, RENDER_MOMENT_SIZE, english ? "%2$s %1$.5s" : "%1$.5s ngày %2$s", clock,
                   day);
}

void render_period(const char *from, const char *to, bool english, char text[RENDER_PERIOD_SIZE])
{
    char first[RENDER_DATE_SIZE];
    char last[RENDER_DATE_SIZE];
    render_date(from, english, first);
    render_date(to, english, last);
    (void)snprintf(text, RENDER_PERIOD_SIZE, english ? "From %s to %s" : "Từ ngày %s đến ngày %s",
                   first, last);
}

void render_cut(uint64_t incarnation, uint64_t position, bool english, char *text, size_t size)
{
    (void)snprintf(text, size,
                   english ? "Figures up to position %" PRIu64 " (journal %" PRIu64 ")"
                           : "Số liệu tính đến vị trí %" PRIu64 " (nhật ký %" PRIu64 ")",
                   position, incarnation);
}

void render_blanks(FILE *out, unsigned width)
{
    (void)fprintf(out, "%*s", (int)width, "");
}
