/* SPDX-License-Identifier: Apache-2.0
 *
 * Key files: INI, `public = …` and `secret = …`, each a Z85 text of 40 characters, readable by
 * their owner alone.
 */
#ifndef HOSO_KEYS_KEY_FILE_H
#define HOSO_KEYS_KEY_FILE_H

#include "bus/bus.h"

/* DENIED = others may read it; INVALID names the line, never what stands in it. */
enum status key_file_read(const char *path, struct bus_keys *ret_keys,
                          struct error *error) MUST_USE;
/* Makes the file, with mode 0600; on the disk before the call returns. EXISTS = there is one. */
enum status key_file_create(const char *path, const struct bus_keys *keys,
                            struct error *error) MUST_USE;

#endif
