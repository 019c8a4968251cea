/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso key password and token: how a name of the registry logs in at a gateway. The registry keeps
 * hashes; a password is never an argument, which others on the machine could see.
 */
#include "services/hoso/key/key_internal.h"

#include <libintl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/localday.h"
#include "registry/registry_edit.h"
#include "registry/registry_login.h"

static const struct usage usage_password = {
    "key password NAME --registry FILE",
    "Set the password with which a name logs in at the gateway.",
    "Asks for it twice on a terminal; else the first line of standard input is it. Sessions with "
    "another one end.",
};
static const struct usage usage_token = {
    "key token NAME [--expires D] [--label L] --registry FILE",
    "Make a token for a program, and print it.",
    "It is shown this once; the registry keeps its hash. To take one away delete its line in the "
    "registry.",
};

/* Without its newline; false = there is none, or it is too long. */
static bool read_line(char *text, size_t size)
{
    if (fgets(text, (int)size, stdin) == NULL) {
        return false;
    }
    const size_t length = strcspn(text, "\r\n");
    const bool whole = text[length] != '\0' || length + 1 < size;
    text[length] = '\0';
    return whole;
}

/* A terminal does not show what is typed. */
static bool ask(const char *question, char *text, size_t size)
{
    struct termios shown;
    const bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        struct termios hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
        (void)fprintf(stderr, "%s", question);
    }
    const bool good = read_line(text, size);
    if (terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        (void)fputc('\n', stderr);
    }
    return good;
}

static int read_password(char *text, size_t size)
{
    char again[REGISTRY_PASSWORD_MAX + 2];
    if (!ask(gettext("Password: "), text, size)) {
        return usage_error(&usage_password, "there is no password on standard input");
    }
    if (isatty(STDIN_FILENO) == 1) {
        const bool same =
            ask(gettext("Once more: "), again, sizeof again) && strcmp(again, text) == 0;
        explicit_bzero(again, sizeof again);
        if (!same) {
            return usage_error(NULL, "the two are not the same; nothing was changed");
        }
    }
    return EXIT_DONE;
}

static int put_line(const char *registry, const struct registry_line *line)
{
    struct error error;
    const enum status status = registry_put_line(registry, line, &error);
    return status == STATUS_OK ? EXIT_DONE : report_inner(status, &error);
}

int key_password(struct command *command, int argc, char **argv)
{
    const char *name = NULL;
    const char *registry = NULL;
    const struct option options[] = {
        {"NAME", OPTION_ARGUMENT, &name, NULL, "of the registry", true},
        {"registry", OPTION_TEXT, &registry, "FILE", "the services' registry", true},
        OPTIONS_END,
    };
    char password[REGISTRY_PASSWORD_MAX + 2];
    char hash[REGISTRY_PASSWORD_HASH_SIZE];
    struct error error = {.text = ""};
    int code = command_parse(command, argc, argv, options, &usage_password);
    if (code >= 0) {
        return code;
    }
    code = read_password(password, sizeof password);
    if (code == EXIT_DONE) {
        const enum status status = registry_password_hash(password, hash, &error);
        code = status == STATUS_OK ? EXIT_DONE : report_inner(status, &error);
    }
    explicit_bzero(password, sizeof password);
    const struct registry_line line = {name, "password", hash, true};
    return code == EXIT_DONE ? put_line(registry, &line) : code;
}

int key_token(struct command *command, int argc, char **argv)
{
    enum { LINE_SIZE = 256 };
    const char *name = NULL;
    const char *registry = NULL;
    const char *expires = "never";
    const char *label = "";
    const struct option options[] = {
        {"NAME", OPTION_ARGUMENT, &name, NULL, "of the registry", true},
        {"expires", OPTION_DATE, &expires, "D", "the last day it is good for", false},
        {"label", OPTION_TEXT, &label, "L", "what it is for, one word", false},
        {"registry", OPTION_TEXT, &registry, "FILE", "the services' registry", true},
        OPTIONS_END,
    };
    int code = command_parse(command, argc, argv, options, &usage_token);
    if (code < 0) {
        code = key_check_expires(expires, false);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    struct registry_token token = {.label = ""};
    char text[REGISTRY_TOKEN_SIZE];
    char value[LINE_SIZE];
    registry_token_draw(&token, text);
    int size = snprintf(value, sizeof value, "%s ", token.id);
    for (unsigned i = 0; i < REGISTRY_TOKEN_HASH_SIZE; i++) {
        size += snprintf(value + size, sizeof value - (size_t)size, "%02x", token.hash[i]);
    }
    (void)snprintf(value + size, sizeof value - (size_t)size, " %s %.64s", expires, label);
    const struct registry_line line = {name, "token", value, false};
    const int put = put_line(registry, &line);
    if (put == EXIT_DONE) {
        (void)printf("%s\n", text);
    }
    explicit_bzero(text, sizeof text);
    return put;
}
