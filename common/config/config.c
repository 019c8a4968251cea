/* SPDX-License-Identifier: Apache-2.0
 *
 * Values are kept in the order of the table, checked as they are read, so that asking for one
 * cannot fail.
 */
#include "config/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/slice.h"
#include "base/text.h"
#include "config/ini_file.h"

enum { FILE_BYTES_MAX = 1 << 20, SUGGESTION_DISTANCE_MAX = 3, OTHERS_MAY_WRITE = 022 };

struct config {
    const struct setting *settings;
    unsigned count;
    char *texts[CONFIG_SETTINGS_MAX]; /* NULL = not given yet */
    int64_t numbers[CONFIG_SETTINGS_MAX];
};

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

static enum status refuse_name(const struct config *config, const char *name, struct error *error)
{
    const char *nearest = NULL;
    unsigned best = SUGGESTION_DISTANCE_MAX + 1;
    for (unsigned i = 0; i < config->count; i++) {
        const char *candidate = config->settings[i].name;
        const unsigned distance =
            text_distance(slice_text(name), slice_text(candidate), SUGGESTION_DISTANCE_MAX);
        if (distance < best) {
            best = distance;
            nearest = candidate;
        }
    }
    if (nearest != NULL) {
        return error_set(error, STATUS_INVALID, "no setting \"%s\"; did you mean \"%s\"?", name,
                         nearest);
    }
    return error_set(error, STATUS_INVALID, "no setting \"%s\"", name);
}

/* Decimal digits with an optional minus, nothing else. */
static bool parse_number(const char *text, int64_t *ret_number)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    const long long number = strtoll(text, NULL, 10);
    *ret_number = number;
    return errno == 0;
}

static enum status put(struct config *config, const struct setting *setting, const char *value,
                       struct error *error)
{
    const size_t index = (size_t)(setting - config->settings);
    if (strlen(value) > CONFIG_VALUE_MAX) {
        return error_set(error, STATUS_INVALID, "%s: longer than %d bytes", setting->name,
                         CONFIG_VALUE_MAX);
    }
    if (setting->type == SETTING_NUMBER) {
        int64_t number;
        if (!parse_number(value, &number)) {
            return error_set(error, STATUS_INVALID, "%s: \"%.40s\" is not a whole number",
                             setting->name, value);
        }
        if (number < setting->min || number > setting->max) {
            return error_set(error, STATUS_INVALID,
                             "%s: %" PRId64 " is not between %" PRId64 " and %" PRId64,
                             setting->name, number, setting->min, setting->max);
        }
        config->numbers[index] = number;
    } else if (value[0] == '\0' && setting->fallback == NULL) {
        return error_set(error, STATUS_INVALID, "%s: is empty", setting->name);
    }
    config->texts[index] = strdup(value);
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
    if (config->texts[setting - config->settings] != NULL) {
        return error_set(error, STATUS_INVALID, "%s: given twice", setting->name);
    }
    return put(config, setting, entry->value, error);
}

static enum status fill_in(struct config *config, const char *path, struct error *error)
{
    for (unsigned i = 0; i < config->count; i++) {
        const struct setting *setting = &config->settings[i];
        if (config->texts[i] != NULL) {
            continue;
        }
        if (setting->fallback == NULL) {
            return error_set(error, STATUS_INVALID, "%s: setting \"%s\" is missing: %s", path,
                             setting->name, setting->help);
        }
        const enum status status = put(config, setting, setting->fallback, error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

enum status config_load(const char *path, const struct setting *settings,
                        struct config **ret_config, struct error *error)
{
    struct config *config = calloc(1, sizeof *config);
    if (config == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "%s: out of memory", path);
    }
    config->settings = settings;
    config->count = count_settings(settings);
    enum status status =
        ini_file_read(path, FILE_BYTES_MAX, OTHERS_MAY_WRITE, take_entry, config, error);
    if (status == STATUS_OK) {
        status = fill_in(config, path, error);
    }
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

const char *config_text(const struct config *config, const char *name)
{
    const struct setting *setting = find(config, name);
    require(setting != NULL && setting->type == SETTING_TEXT);
    return config->texts[setting - config->settings];
}

int64_t config_number(const struct config *config, const char *name)
{
    const struct setting *setting = find(config, name);
    require(setting != NULL && setting->type == SETTING_NUMBER);
    return config->numbers[setting - config->settings];
}

void config_sample(const struct setting *settings, FILE *out)
{
    for (const struct setting *setting = settings; setting->name != NULL; setting++) {
        fprintf(out, "# %s", setting->help);
        if (setting->type == SETTING_NUMBER) {
            fprintf(out, " (%" PRId64 " to %" PRId64 ")", setting->min, setting->max);
        }
        if (setting->fallback != NULL) {
            fprintf(out, "\n;%s = %s\n\n", setting->name, setting->fallback);
        } else {
            fprintf(out, " Must be given.\n%s =\n\n", setting->name);
        }
    }
}
