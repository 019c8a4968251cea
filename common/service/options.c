/* SPDX-License-Identifier: Apache-2.0
 *
 * All options are long; at most one of them names an action in place of running.
 */
#include "service/options.h"

#include <ctype.h>

#include "options/options.h"

enum { ROW_COUNT = 8, LINE_SIZE = 512 };

static void set_rows(const char **path, bool *given, struct option rows[ROW_COUNT + 1])
{
#define ACTION(name, action, help)                           \
    {                                                        \
        name, OPTION_FLAG, &given[action], NULL, help, false \
    }
    const struct option all[ROW_COUNT + 1] = {
        {"config", OPTION_TEXT, path, "FILE", "read the settings from FILE", false},
        ACTION("check", ACTION_CHECK, "check settings, keys, registry, data directory, store"),
        ACTION("health", ACTION_HEALTH,
               "ask the service that runs with these settings whether it answers"),
        ACTION("ready", ACTION_READY, "ask it whether it can do its work now"),
        ACTION("print-config", ACTION_PRINT_CONFIG, "print the settings and where each comes from"),
        ACTION("print-sample", ACTION_PRINT_SAMPLE, "print a sample of FILE"),
        ACTION("print-man", ACTION_PRINT_MAN,
               "print what the manual page says of options and settings"),
        ACTION("version", ACTION_VERSION, "print the version"),
        OPTIONS_END,
    };
#undef ACTION
    for (unsigned i = 0; i <= ROW_COUNT; i++) {
        rows[i] = all[i];
    }
}

int service_options_parse(int argc, char **argv, const struct service_spec *spec,
                          struct service_options *ret_options)
{
    char program[64];
    char variable[CONFIG_VARIABLE_MAX];
    char more[LINE_SIZE];
    struct option rows[ROW_COUNT + 1];
    const struct usage usage = {"[--config FILE] [ACTION]", spec->summary, more};
    const struct options options = {.program = program, .usage = &usage, .own = rows};
    bool given[ACTION_COUNT] = {false};
    *ret_options = (struct service_options){.action = ACTION_RUN};
    config_variable(spec->name, "NAME", variable);
    (void)snprintf(program, sizeof program, "hoso-%s", spec->name);
    (void)snprintf(more, sizeof more,
                   "%s in the environment stands over the setting NAME of FILE.\n"
                   "SIGTERM and SIGINT stop it, SIGHUP makes it read the registry again.\n"
                   "Exit codes: 0 stopped, sound, or ready; 1 failed, no answer, or not ready; 2 "
                   "usage or\nconfiguration.",
                   variable);
    set_rows(&ret_options->path, given, rows);
    const int code = options_parse(&options, argc, argv);
    for (unsigned action = 0; action < ACTION_COUNT; action++) {
        ret_options->action = given[action] ? (enum service_action)action : ret_options->action;
    }
    return code;
}

void service_options_manual(const struct service_spec *spec, FILE *out)
{
    struct option rows[ROW_COUNT + 1];
    set_rows(NULL, (bool[ACTION_COUNT]){false}, rows);
    fputs(".Sh OPTIONS\n.Bl -tag -width Ds\n", out);
    for (const struct option *row = rows; row->name != NULL; row++) {
        fprintf(out, ".It Fl \\-%s", row->name);
        if (row->argument != NULL) {
            fprintf(out, " Ar %s", row->argument);
        }
        fprintf(out, "\n%c%s.\n", toupper((unsigned char)row->help[0]), row->help + 1);
    }
    fputs(".It Fl \\-help\nPrint all options.\n.El\n.Sh SETTINGS\n.Bl -tag -width Ds\n", out);
    config_manual(spec->name, spec->settings, out);
    fputs(".El\n", out);
}
