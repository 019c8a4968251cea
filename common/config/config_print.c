/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of settings, printed: as the file that is in force, as a sample, and as the rows of a
 * mdoc list. One sentence of help serves all.
 */
#include <inttypes.h>
#include <string.h>

#include "base/slice.h"
#include "base/text.h"
#include "config/config_internal.h"

enum { ORIGIN_COLUMN = 40, PATH_SHOWN_MAX = 1024 };

/* A file's name may hold anything; in a comment it must not end the line. */
static void print_path(const char *path, FILE *out)
{
    const bool clean = text_is_clean(slice_text(path));
    for (size_t i = 0; path[i] != '\0' && i < PATH_SHOWN_MAX; i++) {
        const bool shown = clean || (path[i] >= ' ' && path[i] <= '~');
        fputc(shown ? path[i] : '?', out);
    }
}

static void print_origin(const struct config *config, unsigned index, FILE *out)
{
    char variable[CONFIG_VARIABLE_MAX];
    switch (config->origins[index]) {
    case CONFIG_DEFAULT:
        fputs("default", out);
        break;
    case CONFIG_FILE:
        print_path(config->sources.path, out);
        fprintf(out, ":%u", config->lines[index]);
        break;
    case CONFIG_ENVIRONMENT:
        config_variable(config->sources.program, config->settings[index].name, variable);
        fputs(variable, out);
        break;
    }
}

void config_print(const struct config *config, FILE *out)
{
    char variable[CONFIG_VARIABLE_MAX];
    config_variable(config->sources.program, "NAME", variable);
    fprintf(out,
            "# The settings in force, and where each comes from. %s in the environment stands "
            "over a file.\n",
            variable);
    for (unsigned i = 0; i < config->count; i++) {
        const int size = fprintf(out, "%s = %s", config->settings[i].name, config->texts[i]);
        fprintf(out, "%*s ; ", size < ORIGIN_COLUMN ? ORIGIN_COLUMN - size : 0, "");
        print_origin(config, i, out);
        fputc('\n', out);
    }
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

/* A sentence as text of a manual page: what is `so` becomes bold, each sentence has its line. */
static void print_help(const char *help, FILE *out)
{
    bool bold = false;
    for (const char *at = help; *at != '\0'; at++) {
        if (*at == '`') {
            bold = !bold;
            fputs(bold ? "\\fB" : "\\fP", out);
        } else if (*at == '\\') {
            fputs("\\e", out);
        } else if (*at == '-') {
            fputs("\\-", out);
        } else if (*at == ' ' && at > help && at[-1] == '.') {
            fputc('\n', out);
        } else {
            fputc(*at, out);
        }
    }
    fputc('\n', out);
}

static void print_values(const struct setting *setting, FILE *out)
{
    const char *fallback = setting->fallback;
    if (setting->type == SETTING_NUMBER) {
        fprintf(out, "From %" PRId64 " to %" PRId64 ".\n", setting->min, setting->max);
    } else if (setting->type == SETTING_ENDPOINT) {
        fputs("It looks like tcp://HOST:PORT.\n", out);
    } else if (setting->type == SETTING_ENDPOINTS) {
        fputs(
            "It looks like tcp://HOST:PORT.\nOf several with blanks between, the next one is used "
            "when one is away.\n",
            out);
    } else if (setting->type == SETTING_PUBLIC_KEYS) {
        fputs("It is the public line of a key file, 40 characters.\nFor several endpoints: one key "
              "for all, or one for each in the same order.\n",
              out);
    }
    if (fallback == NULL) {
        fputs("Must be given.\n", out);
    } else if (fallback[0] == '\0') {
        fputs("Default: empty.\n", out);
    } else {
        fprintf(out, "Default: %s.\n", fallback);
    }
}

void config_manual(const char *program, const struct setting *settings, FILE *out)
{
    for (const struct setting *setting = settings; setting->name != NULL; setting++) {
        char variable[CONFIG_VARIABLE_MAX];
        config_variable(program, setting->name, variable);
        fprintf(out, ".It Cm %s Pq Ev %s\n", setting->name, variable);
        print_help(setting->help, out);
        print_values(setting, out);
    }
}
