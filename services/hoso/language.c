/* SPDX-License-Identifier: Apache-2.0
 *
 * libc's gettext translates in every locale but "C", and C.UTF-8 is always there, so no locale has
 * to be installed; LANGUAGE says which language.
 */
#include "services/hoso/language.h"

#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/settings.h"
#include "language/vietnamese.h"

#define DOMAIN "hoso"
#define N_(text) text

struct sentence {
    enum hoso_status status;
    const char *field; /* NULL = any other */
    const char *text;
};

static const struct sentence sentences[] = {
    {HOSO_NOT_FOUND, "unit", N_("There is no such unit then; `hoso units` lists them.")},
    {HOSO_NOT_FOUND, "form", N_("There is no such form; `hoso form list` lists them.")},
    {HOSO_NOT_FOUND, "column", N_("The form has no such column; `hoso form show` lists them.")},
    {HOSO_NOT_FOUND, "row", N_("The form has no such row; `hoso form show` lists its lines.")},
    {HOSO_NOT_FOUND, "as_closed",
     N_("No close covers this unit and period; `hoso period list` lists the closes.")},
    {HOSO_NOT_FOUND, NULL, N_("What was asked for does not exist.")},
    {HOSO_INVALID, "period", N_("The period ends before it begins.")},
    {HOSO_INVALID, "period.from", N_("The first day cannot be read.")},
    {HOSO_INVALID, "period.to", N_("The last day cannot be read.")},
    {HOSO_INVALID, "tree_at", N_("The day of the unit tree cannot be read.")},
    {HOSO_INVALID, "at", N_("The day cannot be read.")},
    {HOSO_INVALID, "kind", N_("There is no such kind of finding.")},
    {HOSO_INVALID, "to", N_("A period is closed on its last day at the earliest.")},
    {HOSO_INVALID, "as_closed", N_("This report cannot be given as it was closed.")},
    {HOSO_INVALID, NULL, N_("What was given is wrong.")},
    {HOSO_DENIED, "unit", N_("You have no right to this unit; ask the administrator for it.")},
    {HOSO_DENIED, NULL, N_("You have no right to this; ask the administrator for it.")},
    {HOSO_TOO_LARGE, NULL,
     N_("This is too large; ask for a smaller unit, a shorter period, or for fewer rows "
        "(--depth).")},
    {HOSO_FULL, NULL, N_("A disk is full; tell the administrator.")},
    {HOSO_IO, NULL, N_("A file cannot be read or written.")},
    {HOSO_CORRUPT, NULL, N_("Stored data are damaged; tell the administrator.")},
    {HOSO_BUSY, NULL, N_("The service is busy; try again in a moment.")},
    {HOSO_NOT_READY, NULL, N_("The figures are not complete yet; try again later.")},
    {HOSO_UNAVAILABLE, NULL, N_("The service cannot be reached.")},
    {HOSO_INTERNAL, NULL, N_("Something failed inside; tell the administrator.")},
};

const char *language_sentence(const struct hoso_error *error)
{
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        const struct sentence *sentence = &sentences[i];
        if (sentence->status == error->status &&
            (sentence->field == NULL || strcmp(sentence->field, error->field) == 0)) {
            const char *text = gettext(sentence->text);
            return text != sentence->text ? text : NULL;
        }
    }
    return NULL;
}

bool language_text(const char *english, char *ret_text, size_t size)
{
    if (gettext("")[0] != '\0') { /* the head of a language that is bound */
        return language_vietnamese(slice_text(english), ret_text, size);
    }
    (void)snprintf(ret_text, size, "%s", english);
    return false;
}

/* The value of an option of every command, "--lang" and "-l", given anywhere; NULL = not given. */
static const char *option_value(const char *name, const char *letter, int argc, char **argv)
{
    const size_t size = strlen(name);
    const char *value = NULL;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], name, size) == 0 && argv[i][size] == '=') {
            value = argv[i] + size + 1;
        } else if (strcmp(argv[i], name) == 0 || strcmp(argv[i], letter) == 0) {
            value = argv[i + 1]; /* NULL at the end */
        } else if (strncmp(argv[i], letter, strlen(letter)) == 0) {
            value = argv[i] + strlen(letter);
        }
    }
    return value;
}

/* What the configuration says; one that cannot be read is reported by who needs it. */
static const char *configured(const struct command *command)
{
    char at_home[CLIENT_PATH_MAX + 1];
    struct client_config config;
    struct error error = {.text = ""};
    const char *lang = "vi";
    if (client_config_load(command_config_path(command, at_home), environ, &config, &error) ==
        STATUS_OK) {
        lang = strcmp(config.lang, "en") == 0 ? "en" : "vi";
        client_config_fini(&config);
    }
    return lang;
}

/* Beside the program if it is installed, else where it was built. */
static void bind_messages(void)
{
    static const char beside[] = "/../share/locale";
    char path[CLIENT_PATH_MAX + sizeof beside];
    const ssize_t size = readlink("/proc/self/exe", path, CLIENT_PATH_MAX - 1);
    path[size > 0 ? size : 0] = '\0';
    char *slash = strrchr(path, '/');
    if (slash != NULL && (size_t)(slash - path) + sizeof beside <= sizeof path) {
        memcpy(slash, beside, sizeof beside);
    }
    const bool installed = slash != NULL && access(path, R_OK | X_OK) == 0;
    (void)bindtextdomain(DOMAIN, installed ? path : HOSO_LOCALE_BUILT);
    (void)bind_textdomain_codeset(DOMAIN, "UTF-8");
    (void)textdomain(DOMAIN);
}

void language_begin(struct command *command, int argc, char **argv)
{
    command->config = option_value("--config", "-c", argc, argv);
    command->lang = option_value("--lang", "-l", argc, argv);
    command->lang = command->lang != NULL ? command->lang : configured(command);
    if (strcmp(command->lang, "en") != 0 && setlocale(LC_MESSAGES, "C.UTF-8") != NULL &&
        setlocale(LC_CTYPE, "C.UTF-8") != NULL && setenv("LANGUAGE", "vi", 1) == 0) {
        bind_messages();
    }
}
