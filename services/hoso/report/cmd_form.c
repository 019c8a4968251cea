/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso form: which forms there are, what one consists of, and whether a file is one.
 */
#include "services/hoso/command.h"

#include <stdlib.h>
#include <string.h>

#include "form/form_load.h"
#include "render/lists/lists.h"

static const struct usage usage = {
    "form list | show FORM | check FILE.yaml", "List the forms, show one, check a form's file.",
    "A site's own forms stand in the folder of reporting's setting `forms`, hoso-form(5)."};
static const struct usage list_usage = {"form list", "List the forms.", NULL};
static const struct usage show_usage = {
    "form show FORM", "Columns, lines, notes and the paper's head of a form.",
    "The ids are what `hoso dossiers` takes as --column and --row."};
static const struct usage check_usage = {
    "form check FILE.yaml", "What is wrong with a form's file.",
    "Asks no service. Each fault with its line, why it is one, and what to do."};

static int ask(const struct command *command, struct hoso_forms **ret_forms)
{
    struct hoso_client *client = NULL;
    struct hoso_error error;
    int code = command_connect(command, &client);
    if (code == EXIT_DONE && hoso_forms_list(client, command->lang, ret_forms, &error) != HOSO_OK) {
        code = report_failure(&error);
    }
    hoso_client_close(client);
    return code;
}

int cmd_forms(struct command *command, int argc, char **argv)
{
    const struct option options[] = {
        OPTIONS_OF_DOCUMENTS(command),
        OPTIONS_END,
    };
    struct hoso_forms *forms = NULL;
    struct document document;
    int code = command_parse(command, argc, argv, options, &list_usage);
    if (code >= 0) {
        return code;
    }
    code = ask(command, &forms);
    if (code == EXIT_DONE) {
        const struct list_reader reader = command_reader(command);
        list_begin(&document, &list_of_forms, &reader);
        (void)list_of_forms.add_rows(&document, &reader, forms);
        code = command_print(command, &document);
    }
    hoso_free(forms);
    return code;
}

static const char *pick(const struct command *command, const char *vi, const char *en)
{
    return command->english ? en : vi;
}

static void put_head(const struct command *command, const char *vi, const char *en,
                     const char *text)
{
    if (text[0] != '\0') {
        (void)printf("%s: %s\n", pick(command, vi, en), text);
    }
}

static void print_head(const struct command *command, const struct hoso_form *form)
{
    (void)printf("%s  %s\n", form->form, form->title);
    put_head(command, "Căn cứ", "Legal basis", form->legal_basis);
    put_head(command, "Đơn vị tính", "Counted in", form->counted_in);
    put_head(command, "Giấy", "Paper", form->paper);
    put_head(command, "Hiệu lực từ", "Valid from", form->valid_from);
    put_head(command, "Hiệu lực đến", "Valid to", form->valid_to);
    put_head(command, "Dòng", "Rows", form->rows);
    put_head(command, "Tệp riêng", "Own file", form->file);
    put_head(command, "Mã số biểu", "Digest", form->digest);
    (void)puts("");
}

static void print_notes(const struct command *command, const struct hoso_form *form)
{
    if (form->note_count != 0) {
        (void)printf("\n%s\n", pick(command, "Ghi chú:", "Notes:"));
    }
    for (size_t i = 0; i < form->note_count; i++) {
        (void)printf("  - %s\n", form->notes[i]);
    }
}

enum part { PART_STUB, PART_COLUMN, PART_LINE };

/* What stands in which part of the form, as one list. */
static void add_part(const struct command *command, struct document *document, enum part part,
                     const struct hoso_column *columns, size_t count)
{
    static const char *const names[][2] = {
        {"đầu dòng", "stub"}, {"cột", "column"}, {"dòng", "line"}};
    for (size_t i = 0; i < count; i++) {
        DOCUMENT_ROW(document, 0, names[part][command->english], columns[i].id, columns[i].number,
                     columns[i].label, columns[i].value);
    }
}

static int print_form(const struct command *command, const struct hoso_form *form)
{
    static const struct list_column columns[] = {
        {"part", {"Phần", "Part"}, false},        {"id", {"Mã", "Id"}, false},
        {"number", {"Số", "Number"}, false},      {"label", {"Tên", "Caption"}, false},
        {"value", {"Cách tính", "Value"}, false},
    };
    struct document document;
    const bool people = command->format == RENDER_TABLE && command->out == NULL;
    if (people) {
        print_head(command, form);
    }
    document_init_list(&document, columns, COUNT_OF(columns), command->english);
    add_part(command, &document, PART_STUB, form->stub, form->stub_count);
    add_part(command, &document, PART_COLUMN, form->columns, form->column_count);
    add_part(command, &document, PART_LINE, form->lines, form->line_count);
    const int code = command_print(command, &document);
    if (people) {
        print_notes(command, form);
    }
    return code;
}

static int run_show(struct command *command, int argc, char **argv)
{
    const char *name = NULL;
    const struct option options[] = {
        {"FORM", OPTION_ARGUMENT, &name, NULL, "`hoso form list` lists them", true},
        OPTIONS_OF_DOCUMENTS(command),
        OPTIONS_END,
    };
    struct hoso_forms *forms = NULL;
    const struct hoso_form *form = NULL;
    int code = command_parse(command, argc, argv, options, &show_usage);
    if (code >= 0) {
        return code;
    }
    code = ask(command, &forms);
    for (size_t i = 0; code == EXIT_DONE && i < forms->count && form == NULL; i++) {
        form = strcmp(forms->forms[i].form, name) == 0 ? &forms->forms[i] : NULL;
    }
    if (code == EXIT_DONE) {
        code = form != NULL
                   ? print_form(command, form)
                   : usage_error(NULL, "there is no form \"%s\": `hoso form list` names them all",
                                 name);
    }
    hoso_free(forms);
    return code;
}

static int run_check(struct command *command, int argc, char **argv)
{
    const char *path = NULL;
    const struct option options[] = {
        {"FILE", OPTION_ARGUMENT, &path, NULL, "a form's file, *.yaml", true},
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &check_usage);
    struct form_faults *faults = code < 0 ? calloc(1, sizeof *faults) : NULL;
    struct form *form = NULL;
    if (faults == NULL) {
        return code >= 0 ? code : EXIT_FAILED;
    }
    const bool good = form_read(path, false, &form, faults) == STATUS_OK;
    if (good) {
        (void)printf("%s: %s %s, %u %s\n", path, pick(command, "biểu", "form"), form->id,
                     form->shown_count,
                     form->rows == ROWS_LINES ? pick(command, "dòng", "lines")
                                              : pick(command, "cột", "columns"));
    }
    for (unsigned i = 0; !good && i < faults->count; i++) {
        char place[CLIENT_PATH_MAX + 32];
        (void)snprintf(place, sizeof place, "%s:%u: ", path, faults->items[i].line);
        command_say_lines(place, slice_text(faults->items[i].text));
    }
    if (faults->more) {
        command_say("%s: there are more faults; mend these first", path);
    }
    form_free(form);
    free(faults);
    return good ? EXIT_DONE : EXIT_FAILED;
}

int cmd_form(struct command *command, int argc, char **argv)
{
    static const struct command_entry verbs[] = {{"list", cmd_forms, NULL},
                                                 {"show", run_show, NULL},
                                                 {"check", run_check, NULL},
                                                 {NULL, NULL, NULL}};
    return command_run(command, argc, argv, verbs, &usage);
}
