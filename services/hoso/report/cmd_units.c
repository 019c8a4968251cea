/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso units: the unit tree of one day.
 */
#include "services/hoso/command.h"

#include "render/lists/lists.h"

static const struct usage usage = {
    "units [UNIT] [--at D] [--all]",
    "List units in printing order.",
    "Without UNIT: all that this key may see. --at: as on that day (today). --all: who became "
    "whom, "
    "too: after\n"
    "each unit those that merged into it, that were split, or that ended without a successor.",
};

static int print_units(struct hoso_units *units, bool all, const struct command *command)
{
    const struct list_kind *kind = all ? &list_of_all_units : &list_of_units;
    const struct list_reader reader = command_reader(command);
    struct document document;
    list_begin(&document, kind, &reader);
    (void)kind->add_rows(&document, &reader, units);
    return command_print(command, &document);
}

int cmd_units(struct command *command, int argc, char **argv)
{
    const char *at = NULL;
    const char *unit = NULL;
    bool all = false;
    const struct option options[] = {
        {"UNIT", OPTION_ARGUMENT, &unit, NULL, "only this unit and what is below it", false},
        {"at", OPTION_DATE, &at, "D", "as on that day (today)", false},
        OPTIONS_OF_DOCUMENTS(command),
        {"all", OPTION_FLAG, &all, NULL, "with the units that are counted in another one's row",
         false},
        OPTIONS_END,
    };
    int code = command_parse(command, argc, argv, options, &usage);
    struct hoso_client *client = NULL;
    if (code < 0) {
        code = command_connect(command, &client);
    }
    if (client == NULL) {
        return code;
    }
    struct hoso_units *units = NULL;
    struct hoso_error error;
    const enum hoso_status status = all ? hoso_units_list_all(client, unit, at, &units, &error)
                                        : hoso_units_list(client, unit, at, &units, &error);
    code = status == HOSO_OK ? print_units(units, all, command) : report_failure(&error);
    hoso_free(units);
    hoso_client_close(client);
    return code;
}
