/* SPDX-License-Identifier: Apache-2.0
 *
 * Status texts come from the same list as the codes, so neither can be forgotten.
 */
#include "base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *status_text(enum status status)
{
    static const char *const texts[] = {
#define STATUS_TEXT(name, text) [STATUS_##name] = text,
        STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
    };
    return (unsigned)status < STATUS_COUNT ? texts[status] : "unknown status";
}

/* A cut sentence must stay well-formed UTF-8: it ends before a character that lost its tail. */
static void cut_at_character(char *text, size_t size)
{
    while (size > 0 && ((unsigned char)text[size - 1] & 0xc0) == 0x80) {
        size--;
    }
    text[size > 0 ? size - 1 : 0] = '\0';
}

struct error *error_format(struct error *error, const char *format, ...)
{
    if (error == NULL) {
        return NULL;
    }
    const int kept = errno;
    char text[ERROR_TEXT_MAX]; /* apart, since the arguments may include error->text */
    va_list arguments;
    va_start(arguments, format);
    const int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0) {
        text[0] = '\0';
    } else if ((size_t)size >= sizeof text) {
        cut_at_character(text, sizeof text - 1);
    }
    memcpy(error->text, text, strlen(text) + 1);
    errno = kept;
    return error;
}
