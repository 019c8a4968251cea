/* SPDX-License-Identifier: Apache-2.0
 *
 * A config as its sources see it.
 */
#ifndef HOSO_CONFIG_CONFIG_INTERNAL_H
#define HOSO_CONFIG_CONFIG_INTERNAL_H

#include <stdbool.h>

#include "config/config.h"

struct config {
    const struct setting *settings;
    unsigned count;
    struct config_sources sources;
    void *values;                     /* the struct being filled; not looked at after that */
    char *texts[CONFIG_SETTINGS_MAX]; /* NULL = not given yet */
    enum config_origin origins[CONFIG_SETTINGS_MAX];
    unsigned lines[CONFIG_SETTINGS_MAX]; /* of the file */
};

/* Is `text` a value of this setting? `name` is the setting as its author wrote it. Numbers go to
 * ret_number. */
enum status value_check(const struct setting *setting, const char *name, const char *text,
                        int64_t *ret_number, struct error *error) MUST_USE;

#endif
