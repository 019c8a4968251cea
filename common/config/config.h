/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings as a table: one row gives name, type, place in the program's own struct, default, range
 * and help, from which come the parser, its checks, the names in the environment, the sample file
 * and the manual page. The file is INI without sections (`name = value`); HOSO_PROGRAM_NAME in the
 * environment stands over it. An unknown name in either is an error with a suggestion. Settings
 * never hold a secret, only the names of files.
 */
#ifndef HOSO_CONFIG_CONFIG_H
#define HOSO_CONFIG_CONFIG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

enum { CONFIG_SETTINGS_MAX = 40, CONFIG_VALUE_MAX = 1024, CONFIG_VARIABLE_MAX = 80 };

enum setting_type {
    SETTING_TEXT,
    SETTING_NUMBER,
    SETTING_ENDPOINT,   /* where to listen: tcp://HOST:PORT; empty only if that is the default */
    SETTING_ENDPOINTS,  /* where to connect to: one, or several with blanks between; likewise */
    SETTING_PUBLIC_KEYS /* of those: 40 characters of Z85, one for all or one each; likewise */
};

struct setting {
    const char *name; /* snake_case, unit last: "map_bytes" */
    enum setting_type type;
    size_t offset;        /* of its value in the struct that config_load fills */
    const char *fallback; /* default as text; NULL = must be given */
    int64_t min;          /* numbers */
    int64_t max;
    const char *help; /* one sentence */
};

/* The head of a row: the setting is called like the member that it fills, an int64_t for NUMBER, a
 * const char * for the others. A member of another type does not compile. */
#define SETTING(of, member, kind)                         \
#member, SETTING_##kind,                              \
        _Generic(((of *)0)->member, SETTING_C_TYPE_##kind \
                 : offsetof(of, member))
#define SETTING_C_TYPE_TEXT const char *
#define SETTING_C_TYPE_NUMBER int64_t
#define SETTING_C_TYPE_ENDPOINT const char *
#define SETTING_C_TYPE_ENDPOINTS const char *
#define SETTING_C_TYPE_PUBLIC_KEYS const char *

/* Where settings come from; what comes later here stands over what comes earlier. */
enum config_origin { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENVIRONMENT };

struct config_sources {
    const char *program;      /* "intake": its variables begin with HOSO_INTAKE_ */
    const char *path;         /* NULL = no file. Both texts must outlive the config */
    char *const *environment; /* as environ; NULL = none is looked at */
};

struct config;

/* Fills the struct `values`, of which the rows' offsets are; its texts live as long as the config.
 * `settings` ends with a NULL name and must outlive the config. Relative paths are the reader's
 * business. INVALID names file and line, or the variable, and setting, why. */
enum status config_load(const struct config_sources *sources, const struct setting *settings,
                        void *values, struct config **ret_config, struct error *error) MUST_USE;
void config_free(struct config *config);
/* Of the value at `offset`. */
enum config_origin config_origin(const struct config *config, size_t offset);

/* "HOSO_INTAKE_MAP_BYTES" */
void config_variable(const char *program, const char *name, char ret_name[CONFIG_VARIABLE_MAX]);

/* The settings in force and where each came from, as a file that gives the same settings. */
void config_print(const struct config *config, FILE *out);
/* The sample: every setting with its help and default. */
void config_sample(const struct setting *settings, FILE *out);
/* The rows of a mdoc list, for the manual page. */
void config_manual(const char *program, const struct setting *settings, FILE *out);

#endif
