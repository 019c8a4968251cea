/* SPDX-License-Identifier: Apache-2.0
 *
 * Our INI files: `name = value` lines, `[section]` lines, comments after ; or # at the start of a
 * line or " ;" in it. UTF-8. Nothing is ever cut or joined silently: a line that is too long, or a
 * file that is too large, is an error.
 */
#ifndef HOSO_CONFIG_INI_FILE_H
#define HOSO_CONFIG_INI_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/slice.h"
#include "base/status.h"

enum { INI_LINE_MAX = 4096, INI_NAME_MAX = 64 };

struct ini_entry {
    const char *section; /* "" before the first one */
    const char *name;    /* NULL = a section begins */
    const char *value;
    unsigned line;
};

/* Anything but OK stops the reading; the caller of ini_file_read puts "path:line: " before the
 * error's text. */
typedef enum status ini_entry_handler(void *context, const struct ini_entry *entry,
                                      struct error *error);

/* `forbidden_mode`: permission bits that the file must not have (077 for secrets). NOT_FOUND, IO,
 * DENIED, TOO_LARGE, INVALID, or the handler's status. Thread-safe. */
enum status ini_file_read(const char *path, size_t bytes_max, mode_t forbidden_mode,
                          ini_entry_handler *handler, void *context, struct error *error) MUST_USE;

/* Likewise of a text that was read from `path`. */
enum status ini_text_read(const char *path, struct slice text, ini_entry_handler *handler,
                          void *context, struct error *error) MUST_USE;

/* Would `name = value` in a file give this value again? No line ends, comments or outer blanks. */
bool ini_value_fits(struct slice value);

#endif
