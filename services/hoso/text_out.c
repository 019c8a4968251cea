/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything written here is UTF-8 from our own services or files; bytes that are not count as one
 * column each.
 */
#include "services/hoso/text_out.h"

#include <inttypes.h>
#include <string.h>
#include <utf8proc.h>

/* The first character: its bytes, and the columns it takes. */
static size_t first_character(const char *text, size_t left, unsigned *ret_width)
{
    utf8proc_int32_t codepoint;
    const utf8proc_ssize_t size =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)left, &codepoint);
    *ret_width = size <= 0 ? 1 : (unsigned)utf8proc_charwidth(codepoint);
    return size <= 0 ? 1 : (size_t)size;
}

unsigned text_width(const char *text)
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

size_t text_fit(const char *text, unsigned width)
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

size_t text_word(const char *text, size_t *ret_blanks)
{
    *ret_blanks = strspn(text, " ");
    return strcspn(text + *ret_blanks, " ");
}

void number_text(int64_t number, bool english, char text[NUMBER_TEXT_SIZE])
{
    char digits[NUMBER_TEXT_SIZE];
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

void date_text(const char *iso, bool english, char text[DATE_SHOWN_SIZE])
{
    if (english || strlen(iso) != strlen("2024-01-19")) {
        (void)snprintf(text, DATE_SHOWN_SIZE, "%s", iso);
    } else {
        (void)snprintf(text, DATE_SHOWN_SIZE, "%.2s/%.2s/%.4s", iso + 8, iso + 5, iso);
    }
}

void pad(FILE *out, unsigned width)
{
    (void)fprintf(out, "%*s", (int)width, "");
}

void json_text(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (const char *at = text; *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;
        if (byte == '"' || byte == '\\') {
            (void)fprintf(out, "\\%c", byte);
        } else if (byte < ' ' || byte == 0x7F) {
            (void)fprintf(out, "\\u%04x", byte);
        } else {
            (void)fputc(byte, out);
        }
    }
    (void)fputc('"', out);
}

void csv_text(FILE *out, const char *text, char separator)
{
    const char special[] = {separator, '"', '\n', '\r', '\0'};
    const bool guarded = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
    const bool quoted = text[strcspn(text, special)] != '\0';
    if (quoted) {
        (void)fputc('"', out);
    }
    if (guarded) {
        (void)fputc('\'', out);
    }
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"') {
            (void)fputc('"', out);
        }
        (void)fputc(*at, out);
    }
    if (quoted) {
        (void)fputc('"', out);
    }
}
