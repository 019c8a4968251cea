/* SPDX-License-Identifier: Apache-2.0
 *
 * All options are long; at most one of them names an action in place of running.
 */
#include "service/options.h"

#include <ctype.h>
#include <getopt.h>
#include <string.h>

enum { OPTION_CONFIG = 'c', OPTION_ACTION = 'a' };

static const struct option_row {
    const char *name;
    const char *argument; /* NULL = it names an action */
    enum service_action action;
    const char *help;
} rows[] = {
    {"config", "FILE", ACTION_RUN, "read the settings from FILE"},
    {"check", NULL, ACTION_CHECK, "check settings, keys, registry, data directory"},
    {"health", NULL, ACTION_HEALTH, "ask the one that runs with these settings whether it answers"},
    {"ready", NULL, ACTION_READY, "ask it whether it can do what it is for, now"},
    {"print-config", NULL, ACTION_PRINT_CONFIG, "print the settings and where each comes from"},
    {"print-sample", NULL, ACTION_PRINT_SAMPLE, "print a sample of FILE"},
    {"print-man", NULL, ACTION_PRINT_MAN,
     "print what the manual page says of options and settings"},
    {"version", NULL, ACTION_VERSION, "print the version"},
    {"help", NULL, ACTION_HELP, "print this"},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

void service_options_help(const struct service_spec *spec, FILE *out)
{
    char variable[CONFIG_VARIABLE_MAX];
    config_variable(spec->name, "NAME", variable);
    fprintf(out, "hoso-%s: %s\n\nUsage: hoso-%s [--config FILE] [what to do]\n\n", spec->name,
            spec->summary, spec->name);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char left[32];
        (void)snprintf(left, sizeof left, "--%s %s", rows[i].name,
                       rows[i].argument != NULL ? rows[i].argument : "");
        fprintf(out, "  %-16s %s\n", left, rows[i].help);
    }
    fprintf(
        out,
        "\n%s in the environment stands over the setting NAME of FILE.\n"
        "SIGTERM and SIGINT stop it, SIGHUP makes it read the registry again.\n"
        "Exit codes: 0 stopped, sound, or ready; 1 failed, no answer, or not ready; 2 usage or\n"
        "configuration.\n",
        variable);
}

void service_options_manual(const struct service_spec *spec, FILE *out)
{
    fputs(".Sh OPTIONS\n.Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        fprintf(out, ".It Fl \\-%s", rows[i].name);
        if (rows[i].argument != NULL) {
            fprintf(out, " Ar %s", rows[i].argument);
        }
        fprintf(out, "\n%c%s.\n", toupper((unsigned char)rows[i].help[0]), rows[i].help + 1);
    }
    fputs(".El\n.Sh SETTINGS\n.Bl -tag -width Ds\n", out);
    config_manual(spec->name, spec->settings, out);
    fputs(".El\n", out);
}

static void list_options(struct option options[ROW_COUNT + 1])
{
    memset(options, 0, (ROW_COUNT + 1) * sizeof *options);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        options[i].name = rows[i].name;
        options[i].has_arg = rows[i].argument != NULL ? required_argument : no_argument;
        options[i].val = rows[i].argument != NULL ? OPTION_CONFIG : OPTION_ACTION;
    }
}

static bool refuse(const struct service_spec *spec, const char *unexpected)
{
    if (unexpected != NULL) {
        fprintf(stderr, "hoso-%s: \"%s\" is one argument too many\n", spec->name, unexpected);
    }
    fprintf(stderr, "hoso-%s: --help says more\n", spec->name);
    return false;
}

bool service_options_parse(int argc, char **argv, const struct service_spec *spec,
                           struct service_options *ret_options)
{
    struct option options[ROW_COUNT + 1];
    struct service_options result = {.action = ACTION_RUN};
    int option;
    int index = 0;
    list_options(options);
    while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
        if (option == OPTION_CONFIG) {
            result.path = optarg;
        } else if (option == OPTION_ACTION) {
            result.action = rows[index].action;
        } else {
            return refuse(spec, NULL);
        }
    }
    if (optind != argc) {
        return refuse(spec, argv[optind]);
    }
    *ret_options = result;
    return true;
}
