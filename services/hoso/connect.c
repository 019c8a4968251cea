/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the configuration is, a client from it, how failures are printed.
 */
#include "services/hoso/language.h"

#include <errno.h>
#include <libintl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    REFUSED_MS = 1500, /* a service that is being restarted is there again by then */
    SENTENCE_MAX = 2048
};

static void say(const char *prefix, const char *format, va_list arguments)
{
    char english[SENTENCE_MAX];
    char text[2 * SENTENCE_MAX];
    (void)vsnprintf(english, sizeof english, format, arguments);
    (void)language_text(english, text, sizeof text);
    (void)fprintf(stderr, "%s%s\n", gettext(prefix), text);
}

void command_say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("hoso: ", format, arguments);
    va_end(arguments);
}

void command_warn(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("warning: ", format, arguments);
    va_end(arguments);
}

void command_say_lines(const char *prefix, struct slice lines)
{
    while (lines.size != 0) {
        char english[SENTENCE_MAX];
        char text[2 * SENTENCE_MAX];
        struct slice line = slice_take_line(&lines);
        line.size -= line.data[line.size - 1] == '\n';
        (void)snprintf(english, sizeof english, "%.*s", SLICE_ARG(line));
        (void)language_text(english, text, sizeof text);
        (void)fprintf(stderr, "%s%s\n", gettext(prefix), text);
    }
}

enum { FIELD_SIZE = 128 };

/* A field of a request in the user's language, or as the command line has it. */
static void name_field(const char *field, char name[FIELD_SIZE])
{
    static const char *const options[][2] = {
        {"tree_at", "--tree-at"},     {"min_position", "--min-position"},
        {"as_closed", "--as-closed"}, {"report_unit", "--report-unit"},
        {"period.from", "--from"},    {"period.to", "--to"},
    };
    if (language_text(field, name, FIELD_SIZE)) {
        return;
    }
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (strcmp(options[i][0], field) == 0) {
            (void)snprintf(name, FIELD_SIZE, "%s", options[i][1]);
        }
    }
}

int report_failure(const struct hoso_error *error)
{
    const char *sentence = language_sentence(error); /* what it was behind it */
    char field[FIELD_SIZE];
    char text[2 * SENTENCE_MAX];
    name_field(error->field, field);
    (void)language_text(error->text, text, sizeof text);
    (void)fprintf(stderr, "hoso: %s%s%s%s%s%s\n", sentence != NULL ? sentence : "",
                  sentence != NULL ? " (" : "", field, field[0] != '\0' ? ": " : "", text,
                  sentence != NULL ? ")" : "");
    switch (error->status) {
    case HOSO_UNAVAILABLE:
    case HOSO_NOT_READY:
    case HOSO_BUSY:
        return EXIT_UNREACHABLE;
    default:
        return EXIT_FAILED;
    }
}

int report_inner(enum status status, const struct error *error)
{
    struct hoso_error shown;
    (void)client_fail_inner(&shown, status, error);
    return report_failure(&shown);
}

const char *command_config_path(const struct command *command, char at_home[CLIENT_PATH_MAX + 1])
{
    const char *named = getenv("HOSO_CONFIG");
    const char *home = getenv("HOME");
    if (command->config != NULL) {
        return command->config;
    }
    if (named != NULL && named[0] != '\0') {
        return named;
    }
    (void)snprintf(at_home, CLIENT_PATH_MAX + 1, "%s/.config/hoso/client.conf",
                   home != NULL ? home : "");
    const bool missing = access(at_home, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
    return missing ? NULL : at_home;
}

int command_settings(const struct command *command, struct client_settings *ret_settings)
{
    char at_home[CLIENT_PATH_MAX + 1];
    const char *path = command_config_path(command, at_home);
    struct hoso_error error;
    if (client_settings_load(path, environ, ret_settings, &error) != HOSO_OK) {
        const int code = report_failure(&error);
        if (path == NULL) {
            command_say("name a client configuration with --config or HOSO_CONFIG; hoso.conf(5) "
                        "describes it");
        }
        return code;
    }
    ret_settings->refused_ms = command->timeout_ms != 0 ? 0 : REFUSED_MS;
    if (command->timeout_ms != 0) {
        ret_settings->timeout_ms = (unsigned)command->timeout_ms;
    }
    return EXIT_DONE;
}

int command_connect(const struct command *command, struct hoso_client **ret_client)
{
    struct client_settings settings;
    const int code = command_settings(command, &settings);
    if (code != EXIT_DONE) {
        return code;
    }
    struct hoso_error error;
    return client_open(&settings, ret_client, &error) == HOSO_OK ? EXIT_DONE
                                                                 : report_failure(&error);
}
