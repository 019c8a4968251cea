/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso forms: which forms there are.
 */
#include "services/hoso/command.h"

#include <stdio.h>

#include "services/hoso/grid.h"

static const struct usage usage = {"forms", "List the forms. / Danh mục biểu báo cáo.", NULL};

int cmd_forms(struct command *command, int argc, char **argv)
{
    unsigned count = 0;
    int code = options_parse(command, argc, argv, NULL, &usage, NULL, 0, &count);
    struct hoso_client *client = NULL;
    if (code < 0) {
        code = command_connect(command, &client);
    }
    if (client == NULL) {
        return code;
    }
    const struct grid_column columns[] = {
        {"form", command->english ? "Form" : "Biểu", NULL, false},
        {"title", command->english ? "Title" : "Tên biểu", NULL, false},
    };
    struct hoso_forms *forms = NULL;
    struct hoso_error error;
    struct grid grid;
    grid_init(&grid, columns, 2);
    if (hoso_forms_list(client, command->lang, &forms, &error) == HOSO_OK) {
        for (size_t i = 0; i < forms->count; i++) {
            grid_text(&grid, forms->forms[i].form);
            grid_text(&grid, forms->forms[i].title);
        }
        code = grid_print(&grid, command, stdout) ? EXIT_DONE : EXIT_FAILED;
    } else {
        code = report_failure(&error);
    }
    grid_fini(&grid);
    hoso_free(forms);
    hoso_client_close(client);
    return code;
}
