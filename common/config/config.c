/* SPDX-License-Identifier: Apache-2.0
 *
 * Values are kept in the order of the table, checked as they are read, so that asking for one
 * cannot fail. The file is read first, then the environment over it, then defaults fill the rest: a
 * fault in the file is told even where the environment would stand over it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/slice.h"
#include "base/text.h"
#include "config/config_internal.h"
#include "config/ini_file.h"

enum { FILE_BYTES_MAX = 1 << 20, SUGGESTION_DISTANCE_MAX = 3, OTHERS_MAY_WRITE = 022 };

static unsigned count_settings(const struct setting *settings)
{
    unsigned count = 0;
    while (settings[count].name != NULL) {
        count++;
    }
    require(count <= CONFIG_SETTINGS_MAX);
    return count;
}

static const struct setting *find(const struct config *config, const char *name)
{
    for (unsigned i = 0; i < config->count; i++) {
        if (strcmp(config->settings[i].name, name) == 0) {
            return &config->settings[i];
        }
    }
    return NULL;
}

/* The setting whose name is the most like `name`, or NULL. */
static const struct setting *nearest_to(const struct config *config, const char *name)
{
    const struct setting *nearest = NULL;
    unsigned best = SUGGESTION_DISTANCE_MAX + 1;
    for (unsigned i = 0; i < config->count; i++) {
        const unsigned distance = text_distance(
            slice_text(name), slice_text(config->settings[i].name), SUGGESTION_DISTANCE_MAX);
        if (distance < best) {
            best = distance;
            nearest = &config->settings[i];
        }
    }
    return nearest;
}

static enum status refuse_name(const struct config *config, const char *name, struct error *error)
{
    const struct setting *nearest = nearest_to(config, name);
    if (nearest != NULL) {
        return error_set(error, STATUS_INVALID, "no setting \"%s\"; did you mean \"%s\"?", name,
                         nearest->name);
    }
    return error_set(error, STATUS_INVALID, "no setting \"%s\"", name);
}

static enum status put(struct config *config, const struct setting *setting, const char *name,
                       const char *text, struct error *error)
{
    const size_t index = (size_t)(setting - config->settings);
    const enum status status = value_check(setting, name, text, &config->numbers[index], error);
    if (status != STATUS_OK) {
        return status;
    }
    free(config->texts[index]);
    config->texts[index] = strdup(text);
    return config->texts[index] != NULL ? STATUS_OK
                                        : error_set(error, STATUS_TOO_LARGE, "out of memory");
}

static enum status take_entry(void *context, const struct ini_entry *entry, struct error *error)
{
    struct config *config = context;
    if (entry->name == NULL) {
        return error_set(error, STATUS_INVALID, "this file has no sections");
    }
    const struct setting *setting = find(config, entry->name);
    if (setting == NULL) {
        return refuse_name(config, entry->name, error);
    }
    const size_t index = (size_t)(setting - config->settings);
    if (config->texts[index] != NULL) {
        return error_set(error, STATUS_INVALID, "%s: given twice", setting->name);
    }
    config->origins[index] = CONFIG_FILE;
    config->lines[index] = entry->line;
    return put(config, setting, setting->name, entry->value, error);
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
    const struct setting *nearest = nearest_to(config, lower);
    if (nearest == NULL) {
        return error_set(error, STATUS_INVALID, "%s in the environment: there is no such setting",
                         name);
    }
    config_variable(config->program, nearest->name, suggestion);
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
        config_variable(config->program, config->settings[i].name, variable);
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
        return put(config, &config->settings[i], name, value, error);
    }
    return refuse_variable(config, name, name + strlen(prefix), error);
}

static enum status take_environment(struct config *config, char *const *environment,
                                    struct error *error)
{
    char prefix[CONFIG_VARIABLE_MAX];
    config_variable(config->program, "", prefix);
    for (; *environment != NULL; environment++) {
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
                                  bool environment, struct error *error)
{
    char variable[CONFIG_VARIABLE_MAX];
    config_variable(config->program, setting->name, variable);
    return error_set(error, STATUS_INVALID, "%s%ssetting \"%s\" is missing: %s%s%s%s",
                     config->path != NULL ? config->path : "", config->path != NULL ? ": " : "",
                     setting->name, setting->help, environment ? " Or set " : "",
                     environment ? variable : "", environment ? "." : "");
}

static enum status fill_in(struct config *config, bool environment, struct error *error)
{
    for (unsigned i = 0; i < config->count; i++) {
        const struct setting *setting = &config->settings[i];
        if (config->texts[i] != NULL) {
            continue;
        }
        if (setting->fallback == NULL) {
            return refuse_missing(config, setting, environment, error);
        }
        const enum status status = put(config, setting, setting->name, setting->fallback, error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status read_sources(struct config *config, const struct config_sources *sources,
                                struct error *error)
{
    config->program = strdup(sources->program);
    config->path = sources->path != NULL ? strdup(sources->path) : NULL;
    if (config->program == NULL || (sources->path != NULL && config->path == NULL)) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    enum status status = STATUS_OK;
    if (sources->path != NULL) {
        status = ini_file_read(sources->path, FILE_BYTES_MAX, OTHERS_MAY_WRITE, take_entry, config,
                               error);
    }
    if (status == STATUS_OK && sources->environment != NULL) {
        status = take_environment(config, sources->environment, error);
    }
    return status == STATUS_OK ? fill_in(config, sources->environment != NULL, error) : status;
}

enum status config_load(const struct config_sources *sources, const struct setting *settings,
                        struct config **ret_config, struct error *error)
{
    struct config *config = calloc(1, sizeof *config);
    if (config == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    config->settings = settings;
    config->count = count_settings(settings);
    const enum status status = read_sources(config, sources, error);
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
    free(config->program);
    free(config->path);
    free(config);
}

const char *config_text(const struct config *config, const char *name)
{
    const struct setting *setting = find(config, name);
    require(setting != NULL && setting->type != SETTING_NUMBER);
    return config->texts[setting - config->settings];
}

int64_t config_number(const struct config *config, const char *name)
{
    const struct setting *setting = find(config, name);
    require(setting != NULL && setting->type == SETTING_NUMBER);
    return config->numbers[setting - config->settings];
}

enum config_origin config_origin(const struct config *config, const char *name)
{
    const struct setting *setting = find(config, name);
    require(setting != NULL);
    return config->origins[setting - config->settings];
}
