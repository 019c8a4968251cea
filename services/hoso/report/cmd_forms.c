/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso forms: which forms there are.
 */
#include "services/hoso/command.h"

static const struct usage usage = {"forms", "List the forms. / Danh mục biểu báo cáo.", NULL};

int cmd_forms(struct command *command, int argc, char **argv)
{
    const struct option options[] = {
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
    static const struct list_column columns[] = {
        {"form", {"Biểu", "Form"}, false},
        {"title", {"Tên biểu", "Title"}, false},
    };
    struct hoso_forms *forms = NULL;
    struct hoso_error error;
    struct document document;
    if (hoso_forms_list(client, command->lang, &forms, &error) == HOSO_OK) {
        document_init_list(&document, columns, 2, command->english);
        for (size_t i = 0; i < forms->count; i++) {
            DOCUMENT_ROW(&document, 0, forms->forms[i].form, forms->forms[i].title);
        }
        code = command_print(command, &document);
    } else {
        code = report_failure(&error);
    }
    hoso_free(forms);
    hoso_client_close(client);
    return code;
}
