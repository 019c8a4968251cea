/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso catalogue show: what is in force.
 */
#include "services/hoso/catalogue/catalogue_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/localday.h"
#include "render/lists/catalogue_lists.h"

static const struct usage usage_show = {"catalogue show [units|fields|procedures] [--at D]",
                                        "Show the catalogue.",
                                        "json holds all three; csv one, units if none is named."};

static int print_json(const struct command *command, const struct document *documents,
                      const char *const *names, unsigned count, struct hoso_cut cut)
{
    struct output output;
    const int code = output_begin(command, &output);
    if (code != EXIT_DONE) {
        return code;
    }
    catalogue_print_json(documents, names, count, cut, output.file);
    return output_end(&output, ferror(output.file) == 0);
}

/* What is shown. */
struct showing {
    const struct command *command;
    const struct catalogue *catalogue;
    const char *part; /* NULL = all */
    int32_t day;
    struct hoso_cut cut;
};

static int show_parts(const struct showing *showing, struct arena *arena)
{
    const struct command *command = showing->command;
    struct document documents[CATALOGUE_PARTS];
    const char *names[CATALOGUE_PARTS];
    unsigned count = 0;
    bool failed = false;
    int code = EXIT_FAILED;
    for (unsigned i = 0; i < CATALOGUE_PARTS; i++) {
        if (showing->part == NULL || strcmp(showing->part, catalogue_part_names[i]) == 0) {
            catalogue_part_document(showing->catalogue, i, showing->day, command->english, arena,
                                    &documents[count]);
            failed = failed || documents[count].failed;
            names[count++] = catalogue_part_names[i];
        }
    }
    if (failed) {
        command_say("out of memory");
    } else if (command->format == RENDER_JSON) {
        code = print_json(command, documents, names, count, showing->cut);
    } else {
        code = command_print_several(command, documents, count);
    }
    for (unsigned i = 0; i < count; i++) {
        document_fini(&documents[i]);
    }
    return code;
}

static int show_answer(const struct command *command, const struct hoso_catalogue *answer,
                       const char *what, int32_t day)
{
    struct catalogue *catalogue = NULL;
    struct error error = {.status = STATUS_OK};
    const enum status status =
        catalogue_parse(slice_of(answer->data, answer->size), &catalogue, &error);
    if (status != STATUS_OK) {
        return report_inner(status, &error);
    }
    struct arena arena;
    arena_init(&arena, (size_t)CATALOGUE_BYTES_MAX * 8);
    const bool first = what == NULL && command->format == RENDER_CSV; /* it holds one */
    const struct showing showing = {.command = command,
                                    .catalogue = catalogue,
                                    .part = first ? catalogue_part_names[0] : what,
                                    .day = day,
                                    .cut = answer->cut};
    const int code = show_parts(&showing, &arena);
    arena_fini(&arena);
    catalogue_free(catalogue);
    return code;
}

static bool is_part(const char *name)
{
    for (unsigned i = 0; i < CATALOGUE_PARTS; i++) {
        if (name == NULL || strcmp(name, catalogue_part_names[i]) == 0) {
            return true;
        }
    }
    return false;
}

int catalogue_show(struct command *command, int argc, char **argv)
{
    const char *what = NULL;
    const char *at = NULL;
    const struct option options[] = {
        {"PART", OPTION_ARGUMENT, &what, NULL, "units, fields or procedures (all)", false},
        {"at", OPTION_DATE, &at, "D", "the unit tree of that day (today)", false},
        OPTIONS_OF_DOCUMENTS(command),
        OPTIONS_END,
    };
    int code = command_parse(command, argc, argv, options, &usage_show);
    if (code >= 0) {
        return code;
    }
    if (!is_part(what)) {
        return usage_error(&usage_show, "\"%s\" is none of units, fields, procedures", what);
    }
    int32_t day = localday_today();
    if (at != NULL && !localday_parse(slice_text(at), &day)) {
        return usage_error(&usage_show, "--at is a date");
    }
    struct hoso_client *client = NULL;
    struct hoso_catalogue *answer = NULL;
    struct hoso_error error;
    code = command_connect(command, &client);
    if (code != EXIT_DONE) {
        return code;
    }
    code = hoso_catalogue_get(client, &answer, &error) == HOSO_OK
               ? show_answer(command, answer, what, day)
               : report_failure(&error);
    hoso_free(answer);
    hoso_client_close(client);
    return code;
}
