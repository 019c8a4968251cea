/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso dossier: one dossier, as it is counted.
 */
#include "services/hoso/report/listing.h"

#include <stdlib.h>

#include "render/lists/life.h"

static const struct usage usage = {
    "dossier CODE",
    "The life of one dossier: its events, which took effect, what it counts in.",
    "Days to come show what the calendar alone will change: when it becomes overdue if nothing "
    "happens.",
};

static int print_json(const struct command *command, struct hoso_lives *lives)
{
    struct output output;
    const int code = output_begin(command, &output);
    if (code != EXIT_DONE) {
        return code;
    }
    const bool good = life_print_json(lives, output.file);
    return output_end(&output, good && ferror(output.file) == 0);
}

/* Two lists each. */
static int print_lives(const struct command *command, struct hoso_lives *lives)
{
    const struct list_reader reader = command_reader(command);
    struct document *documents = calloc(lives->count, 2 * sizeof *documents);
    if (documents == NULL) {
        command_say("out of memory");
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < lives->count; i++) {
        const struct hoso_life *life = &lives->lives[i];
        if (command->format == RENDER_TABLE && command->out == NULL) {
            life_print_head(&reader, lives, life, stdout);
        }
        life_events(&reader, lives, life, &documents[2 * i]);
        life_counts(&reader, lives, life, &documents[2 * i + 1]);
        documents[2 * i].name = command->english ? "events" : "sự kiện";
        documents[2 * i + 1].name = command->english ? "counts" : "số liệu";
    }
    const int code = command_print_several(command, documents, 2 * lives->count);
    free(documents);
    return code;
}

int cmd_dossier(struct command *command, int argc, char **argv)
{
    const char *code_of_dossier = NULL;
    struct hoso_cut min_cut = {0, 0};
    struct hoso_client *client = NULL;
    struct hoso_lives *lives = NULL;
    struct hoso_error error;
    const struct option options[] = {
        {"CODE", OPTION_ARGUMENT, &code_of_dossier, NULL, "as the counter's software writes it",
         true},
        OPTION_MIN_POSITION(&min_cut),
        OPTIONS_OF_DOCUMENTS(command),
        OPTIONS_END,
    };
    int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    code = command_connect(command, &client);
    if (code != EXIT_DONE) {
        return code;
    }
    code = hoso_lives_get(client, code_of_dossier, &min_cut, &lives, &error) == HOSO_OK
               ? (command->format == RENDER_JSON ? print_json(command, lives)
                                                 : print_lives(command, lives))
               : report_failure(&error);
    hoso_free(lives);
    hoso_client_close(client);
    return code;
}
