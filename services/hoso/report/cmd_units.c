/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso units: the unit tree of one day.
 */
#include "services/hoso/command.h"

#include <stdio.h>

#include "services/hoso/grid.h"

static const struct usage usage = {
    "units [UNIT] [--at D]",
    "List units in printing order. / Danh mục đơn vị theo thứ tự in.",
    "Without UNIT: all that this key may see. --at: as on that day (today).",
};

static int print_units(const struct hoso_units *units, const struct command *command)
{
    const bool english = command->english;
    const struct grid_column columns[] = {
        {"name", english ? "Name" : "Tên đơn vị", NULL, false},
        {"unit", english ? "Unit" : "Mã", NULL, false},
        {"tier", english ? "Tier" : "Cấp", NULL, false},
        {"parent", english ? "Parent" : "Trực thuộc", NULL, false},
        {"validFrom", english ? "From" : "Từ ngày", NULL, false},
        {"validTo", english ? "To" : "Đến ngày", NULL, false},
    };
    struct grid grid;
    grid_init(&grid, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < units->count; i++) {
        const struct hoso_unit *unit = &units->units[i];
        grid_indent(&grid, unit->depth);
        grid_text(&grid, english && unit->name_en[0] != '\0' ? unit->name_en : unit->name);
        grid_text(&grid, unit->id);
        grid_text(&grid, unit->tier);
        grid_text(&grid, unit->parent);
        grid_text(&grid, unit->valid_from);
        grid_text(&grid, unit->valid_to);
    }
    const bool printed = grid_print(&grid, command, stdout);
    grid_fini(&grid);
    return printed ? EXIT_DONE : EXIT_FAILED;
}

int cmd_units(struct command *command, int argc, char **argv)
{
    const char *at = NULL;
    const char *unit = NULL;
    const struct option options[] = {
        {"at", OPTION_DATE, &at, "D", "as on that day (today)", false},
        {NULL, OPTION_FLAG, NULL, NULL, NULL, false},
    };
    unsigned count = 0;
    int code = options_parse(command, argc, argv, options, &usage, &unit, 1, &count);
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
