/* SPDX-License-Identifier: Apache-2.0
 *
 * Are units that are granted in the catalogue? The registry is a file and does not know; reporting
 * does, so it is asked, with the command's own configuration. Where that cannot be, as before the
 * first catalogue, the rights are granted with a warning.
 */
#include "services/hoso/key/key_internal.h"

#include <libintl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "catalogue/catalogue.h"

enum { ASK_MS = 3000, REFUSED_MS = 300 };

/* NULL = it cannot be known; the error says why. */
static struct catalogue *ask_catalogue(const struct command *command, struct hoso_error *error)
{
    char at_home[CLIENT_PATH_MAX + 1];
    struct client_settings settings;
    struct hoso_client *client = NULL;
    struct hoso_catalogue *answer = NULL;
    struct catalogue *catalogue = NULL;
    struct error inner = {.text = ""};
    if (client_settings_load(command_config_path(command, at_home), environ, &settings, error) !=
        HOSO_OK) {
        return NULL;
    }
    settings.timeout_ms = command->timeout_ms != 0 ? (unsigned)command->timeout_ms : ASK_MS;
    settings.refused_ms = REFUSED_MS;
    if (client_open(&settings, &client, error) == HOSO_OK &&
        hoso_catalogue_get(client, &answer, error) == HOSO_OK) {
        const enum status status =
            catalogue_parse(slice_of(answer->data, answer->size), &catalogue, &inner);
        if (status != STATUS_OK) {
            (void)client_fail_inner(error, status, &inner);
        }
    }
    hoso_free(answer);
    hoso_client_close(client);
    explicit_bzero(&settings, sizeof settings);
    return catalogue;
}

static int check_unit(const struct catalogue *catalogue, struct slice unit)
{
    struct text_guess guess = text_guess_of(unit);
    char id[CATALOGUE_ID_MAX + 1];
    char nearest[CATALOGUE_ID_MAX + 1];
    if (catalogue_has_unit(catalogue, unit)) {
        return EXIT_DONE;
    }
    for (uint32_t i = 0; i < catalogue_unit_count(catalogue); i++) {
        const struct slice known = catalogue_unit_at(catalogue, i)->id;
        (void)snprintf(id, sizeof id, "%.*s", (int)known.size, (const char *)known.data);
        text_guess_try(&guess, id);
        if (guess.nearest == id) {
            memcpy(nearest, id, sizeof id);
            guess.nearest = nearest;
        }
    }
    const int size = (int)unit.size;
    const char *text = (const char *)unit.data;
    return guess.nearest != NULL
               ? usage_error(NULL,
                             gettext("--units: the catalogue never had a unit \"%.*s\"; did you "
                                     "mean \"%s\"? --force grants it all the same"),
                             size, text, guess.nearest)
               : usage_error(NULL,
                             gettext("--units: the catalogue never had a unit \"%.*s\"; --force "
                                     "grants it all the same"),
                             size, text);
}

int key_check_units(const struct command *command, const char *units)
{
    struct hoso_error error = {.text = ""};
    struct catalogue *catalogue = ask_catalogue(command, &error);
    int code = EXIT_DONE;
    if (catalogue == NULL) {
        (void)fprintf(stderr,
                      gettext("hoso: warning: nobody could be asked whether the catalogue has the "
                              "units %s: %s\n"),
                      units, error.text);
        return EXIT_DONE;
    }
    for (const char *at = units; *at != '\0' && code == EXIT_DONE; at += *at == ',') {
        const size_t size = strcspn(at, ",");
        code = check_unit(catalogue, slice_of(at, size));
        at += size;
    }
    catalogue_free(catalogue);
    return code;
}
