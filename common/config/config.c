/* SPDX-License-Identifier: Apache-2.0
 *
 * Values are checked as they are read, and kept as texts in the order of the table. The file is
 * read first, then the environment over it, then defaults fill the rest: a fault in the file is
 * reported even where the environment would stand over it.
 */
#include "config/config_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/slice.h"
#include "base/text.h"
#include "config/ini_file.h"

enum { FILE_BYTES_MAX = 1 << 20, OTHERS_MAY_WRITE = 022 };

static unsigned find(const struct config *config, const char *name)
{
    unsigned index = 0;
    while (index < config->count && strcmp(config->settings[index].name, name) != 0) {
        index++;
    }
    return index;
}

/* The name of the setting that is the most like `name`, or NULL. */
static const char *nearest_to(const struct config *config, const char *name)
{
    struct text_guess guess = text_guess_of(slice_text(name));
    for (unsigned i = 0; i < config->count; i++) {
        text_guess_try(&guess, config->settings[i].name);
    }
    return guess.nearest;
}

static enum status refuse_name(const struct config *config, const char *name, struct error *error)
{
    const char *nearest = nearest_to(config, name);
    return nearest != NULL ? error_set(error, STATUS_INVALID,
                                       "no setting \"%s\"; did you mean \"%s\"?", name, nearest)
                           : error_set(error, STATUS_INVALID, "no setting \"%s\"", name);
}

/* `name` is the setting as its author wrote it. */
static enum status put(struct config *config, unsigned index, const char *name, const char *text,
                       struct error *error)
{
    const struct setting *setting = &config->settings[index];
    unsigned char *value = (unsigned char *)config->values + setting->offset;
    int64_t number = 0;
    const enum status status = value_check(setting, name, text, &number, error);
    if (status != STATUS_OK) {
        return status;
    }
    free(config->texts[index]);
    config->texts[index] = strdup(text);
    if (config->texts[index] == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    if (setting->type == SETTING_NUMBER) {
        memcpy(value, &number, sizeof number);
    } else {
        memcpy(value, &config->texts[index], sizeof config->texts[index]);
    }
    return STATUS_OK;
}

static enum status take_entry(void *context, const struct ini_entry *entry, struct error *error)
{
    struct config *config = context;
    if (entry->name == NULL) {
        return error_set(error, STATUS_INVALID, "this file has no sections");
    }
    const unsigned index = find(config, entry->name);
    if (index == config->count) {
        return refuse_name(config, entry->name, error);
    }
    if (config->texts[index] != NULL) {
        return error_set(error, STATUS_INVALID, "%s: given twice", entry->name);
    }
    config->origins[index] = CONFIG_FILE;
    config->lines[index] = entry->line;
    return put(config, index, entry->name, entry->value, error);
}

void config_variable(const char *program, const char *name, char ret_name[CONFIG_VARIABLE_MAX])
{
    const int size = snprintf(ret_name, CONFIG_VARIABLE_MAX, "HOSO_%s_%s", program, name);
    require(size > 0 && size < CONFIG_VARIABLE_MAX);
    for (int i = 0; i < size; i++) {
        ret_name[i] = (char)toupper((unsigned char)ret_name[i]);
    }
}

/* `rest` is the variable's name behind HOSO_PROGRAM_. */
static enum status refuse_variable(const struct config *config, const char *name, const char *rest,
                                   struct error *error)
{
    char lower[CONFIG_VARIABLE_MAX];
    char suggestion[CONFIG_VARIABLE_MAX];
    size_t size = 0;
    for (; rest[size] != '\0' && size + 1 < sizeof lower; size++) {
        lower[size] = (char)tolower((unsigned char)rest[size]);
    }
    lower[size] = '\0';
    const char *nearest = nearest_to(config, lower);
    if (nearest == NULL) {
        return error_set(error, STATUS_INVALID, "%s in the environment: there is no such setting",
                         name);
    }
    config_variable(config->sources.program, nearest, suggestion);
    return error_set(error, STATUS_INVALID,
                     "%s in the environment: there is no such setting; did you mean %s?", name,
                     suggestion);
}

/* `name` begins with `prefix`. */
static enum status take_variable(struct config *config, const char *prefix, const char *name,
                                 const char *value, struct error *error)
{
    for (unsigned i = 0; i < config->count; i++) {
        char variable[CONFIG_VARIABLE_MAX];
        config_variable(config->sources.program, config->settings[i].name, variable);
        if (strcmp(variable, name) != 0) {
            continue;
        }
        if (config->origins[i] == CONFIG_ENVIRONMENT) {
            return error_set(error, STATUS_INVALID, "%s: given twice", name);
        }
        if (strlen(value) <= CONFIG_VALUE_MAX && !ini_value_fits(slice_text(value))) {
            return error_set(error, STATUS_INVALID,
                             "%s: could not stand in a file: it is not UTF-8, has control "
                             "characters, \" ;\", or blanks at an end",
                             name);
        }
        config->origins[i] = CONFIG_ENVIRONMENT;
        return put(config, i, name, value, error);
    }
    return refuse_variable(config, name, name + strlen(prefix), error);
}

static enum status take_environment(struct config *config, struct error *error)
{
    char prefix[CONFIG_VARIABLE_MAX];
    config_variable(config->sources.program, "", prefix);
    for (char *const *environment = config->sources.environment; *environment != NULL;
         environment++) {
        const char *equals = strchr(*environment, '=');
        if (equals == NULL || strncmp(*environment, prefix, strlen(prefix)) != 0) {
            continue;
        }
        char *name = strndup(*environment, (size_t)(equals - *environment));
        if (name == NULL) {
            return error_set(error, STATUS_TOO_LARGE, "out of memory");
        }
        const enum status status = take_variable(config, prefix, name, equals + 1, error);
        free(name);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status refuse_missing(const struct config *config, const struct setting *setting,
                                  struct error *error)
{
    const char *path = config->sources.path;
    const bool environment = config->sources.environment != NULL;
    char variable[CONFIG_VARIABLE_MAX];
    config_variable(config->sources.program, setting->name, variable);
    return error_set(error, STATUS_INVALID, "%s%ssetting \"%s\" is missing: %s%s%s%s",
                     path != NULL ? path : "", path != NULL ? ": " : "", setting->name,
                     setting->help, environment ? " Or set " : "", environment ? variable : "",
                     environment ? "." : "");
}

static enum status fill_in(struct config *config, struct error *error)
{
    for (unsigned i = 0; i < config->count; i++) {
        const struct setting *setting = &config->settings[i];
        if (config->texts[i] != NULL) {
            continue;
        }
        if (setting->fallback == NULL) {
            return refuse_missing(config, setting, error);
        }
        const enum status status = put(config, i, setting->name, setting->fallback, error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status read_sources(struct config *config, struct error *error)
{
    const struct config_sources *sources = &config->sources;
    enum status status = STATUS_OK;
    if (sources->path != NULL) {
        status = ini_file_read(sources->path, FILE_BYTES_MAX, OTHERS_MAY_WRITE, take_entry, config,
                               error);
    }
    if (status == STATUS_OK && sources->environment != NULL) {
        status = take_environment(config, error);
    }
    return status == STATUS_OK ? fill_in(config, error) : status;
}

enum status config_load(const struct config_sources *sources, const struct setting *settings,
                        void *values, struct config **ret_config, struct error *error)
{
    struct config *config = calloc(1, sizeof *config);
    if (config == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    config->sources = *sources;
    config->settings = settings;
    config->values = values;
    while (settings[config->count].name != NULL) {
        config->count++;
    }
    require(config->count <= CONFIG_SETTINGS_MAX);
    const enum status status = read_sources(config, error);
    if (status != STATUS_OK) {
        config_free(config);
        return status;
    }
    *ret_config = config;
    return STATUS_OK;
}

void config_free(struct config *config)
{
    if (config == NULL) {
        return;
    }
    for (unsigned i = 0; i < config->count; i++) {
        free(config->texts[i]);
    }
    free(config);
}

enum config_origin config_origin(const struct config *config, size_t offset)
{
    unsigned index = 0;
    while (index < config->count && config->settings[index].offset != offset) {
        index++;
    }
    require(index < config->count);
    return config->origins[index];
}
