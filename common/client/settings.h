/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of the client's settings. In the environment they are HOSO_CLIENT_NAME; only the
 * command looks there, the library does what its file says.
 */
#ifndef HOSO_CLIENT_SETTINGS_H
#define HOSO_CLIENT_SETTINGS_H

#include <stdbool.h>

#include "config/config.h"

#define CLIENT_PROGRAM "client"

extern const struct setting client_setting_table[];

/* Sources as in struct config_sources. */
enum status client_config_load(const char *path, char *const *environment,
                               struct config **ret_config, struct error *error) MUST_USE;

/* A setting that is a path: of the file, seen from the file's folder; of the environment, from
 * where we are. False if it is too long. */
bool client_config_resolve(const struct config *config, const char *file, const char *name,
                           char *ret_path, size_t size) MUST_USE;

#endif
