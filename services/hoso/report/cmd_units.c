/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso units: the unit tree of one day.
 */
#include "services/hoso/command.h"

static const struct usage usage = {
    "units [UNIT] [--at D]",
    "List units in printing order. / Danh mục đơn vị theo thứ tự in.",
    "Without UNIT: all that this key may see. --at: as on that day (today).",
};

static int print_units(const struct hoso_units *units, const struct command *command)
{
    static const struct list_column columns[] = {
        {"name", {"Tên đơn vị", "Name"}, false},   {"unit", {"Mã", "Unit"}, false},
        {"tier", {"Cấp", "Tier"}, false},          {"parent", {"Trực thuộc", "Parent"}, false},
        {"validFrom", {"Từ ngày", "From"}, false}, {"validTo", {"Đến ngày", "To"}, false},
    };
    const bool english = command->english;
    struct document document;
    document_init_list(&document, columns, sizeof columns / sizeof *columns, english);
    for (size_t i = 0; i < units->count; i++) {
        const struct hoso_unit *unit = &units->units[i];
        DOCUMENT_ROW(&document, unit->depth,
                     english && unit->name_en[0] != '\0' ? unit->name_en : unit->name, unit->id,
                     unit->tier, unit->parent, unit->valid_from, unit->valid_to);
    }
    return command_print(command, &document);
}

int cmd_units(struct command *command, int argc, char **argv)
{
    const char *at = NULL;
    const char *unit = NULL;
    const struct option options[] = {
        {"UNIT", OPTION_ARGUMENT, &unit, NULL, "only this unit and what is below it", false},
        {"at", OPTION_DATE, &at, "D", "as on that day (today)", false},
        OPTIONS_OF_DOCUMENTS(command),
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
    code = hoso_units_list(client, unit, at, &units, &error) == HOSO_OK
               ? print_units(units, command)
               : report_failure(&error);
    hoso_free(units);
    hoso_client_close(client);
    return code;
}
