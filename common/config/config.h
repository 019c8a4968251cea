/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings as a table: one row gives name, type, default, range and help, from which come the
 * parser, its checks and the sample file. The file is INI without sections (`name = value`). An
 * unknown name is an error with a suggestion.
 */
#ifndef HOSO_CONFIG_CONFIG_H
#define HOSO_CONFIG_CONFIG_H

#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

enum { CONFIG_SETTINGS_MAX = 40, CONFIG_VALUE_MAX = 1024 };

enum setting_type { SETTING_TEXT, SETTING_NUMBER };

struct setting {
    const char *name; /* snake_case, unit last: "map_bytes" */
    enum setting_type type;
    const char *fallback; /* default as text; NULL = must be given */
    int64_t min;          /* numbers */
    int64_t max;
    const char *help; /* one sentence */
};

struct config;

/* `settings` ends with a NULL name and must outlive the config. Relative paths are the reader's
 * business. INVALID names file, line, setting, why. */
enum status config_load(const char *path, const struct setting *settings,
                        struct config **ret_config, struct error *error) MUST_USE;
void config_free(struct config *config);
const char *config_text(const struct config *config, const char *name);
int64_t config_number(const struct config *config, const char *name);
/* The sample: every setting with its help and default. */
void config_sample(const struct setting *settings, FILE *out);

#endif
