/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso config: the client's own configuration. Asks no service, and opens no key.
 */
#include "services/hoso/command.h"

#include <stdio.h>
#include <unistd.h>

#include "client/settings.h"

static const struct usage usage = {
    "config show | sample",
    "The settings in force; a sample of the file.",
    "hoso config show      every setting and where it comes from, as a configuration file\n"
    "hoso config sample    every setting with what it is for\n\n"
    "HOSO_CLIENT_NAME in the environment stands over the setting NAME of the file.",
};

static int done(void)
{
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int config_show(struct command *command, int argc, char **argv)
{
    char at_home[CLIENT_PATH_MAX + 1];
    const int code = command_parse(command, argc, argv, NULL, &usage);
    if (code >= 0) {
        return code;
    }
    if (command->format != RENDER_TABLE) {
        return usage_error(&usage, "it prints a configuration file; --format does not apply");
    }
    struct client_config config;
    struct error error;
    const enum status status =
        client_config_load(command_config_path(command, at_home), environ, &config, &error);
    if (status != STATUS_OK) {
        return report_inner(status, &error);
    }
    config_print(config.source, stdout);
    client_config_fini(&config);
    return done();
}

static int config_sample_of_client(struct command *command, int argc, char **argv)
{
    const int code = command_parse(command, argc, argv, NULL, &usage);
    if (code >= 0) {
        return code;
    }
    config_sample(client_setting_table, stdout);
    return done();
}

/* What the manual page says of the settings; only the build asks. */
static int config_man(struct command *command, int argc, char **argv)
{
    const int code = command_parse(command, argc, argv, NULL, &usage);
    if (code >= 0) {
        return code;
    }
    config_manual(CLIENT_PROGRAM, client_setting_table, stdout);
    return done();
}

int cmd_config(struct command *command, int argc, char **argv)
{
    static const struct command_entry verbs[] = {
        {"show", config_show, NULL},
        {"sample", config_sample_of_client, NULL},
        {"man", config_man, NULL},
        {NULL, NULL, NULL},
    };
    return command_run(command, argc, argv, verbs, &usage);
}
