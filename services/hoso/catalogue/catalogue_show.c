/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso catalogue show: what is in force.
 */
#include "services/hoso/catalogue/catalogue_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/localday.h"
#include "catalogue/scope.h"

static const struct usage usage_show = {"catalogue show [units|fields|procedures] [--at D]",
                                        "Show the catalogue. / Xem danh mục.",
                                        "json holds all three; csv one, units if none is named."};

/* What is shown. */
struct showing {
    const struct command *command;
    const struct catalogue *catalogue;
    struct arena *arena;
    int32_t day;
    bool failed;
};

static const char *text_of(struct showing *showing, struct slice slice)
{
    const char *text = arena_string(showing->arena, slice);
    showing->failed = showing->failed || text == NULL;
    return text;
}

static const char *day_text(struct showing *showing, int32_t day)
{
    char text[DATE_TEXT_SIZE] = "";
    if (day != INT32_MIN && day != INT32_MAX) {
        localday_format(day, text);
    }
    return text_of(showing, slice_text(text));
}

/* The day before, for the end of a half-open span. */
static const char *last_day_text(struct showing *showing, int32_t day)
{
    return day_text(showing, day == INT32_MAX ? day : day - 1);
}

static void show_units(struct showing *showing, struct document *document)
{
    static const char *const tiers[] = {"",        "PROVINCE", "DEPARTMENT", "DISTRICT",
                                        "COMMUNE", "NATION",   "MINISTRY"};
    const struct scope_question question = {.from_day = showing->day, .tree_day = showing->day};
    struct scope scope;
    if (scope_of(showing->catalogue, &question, showing->arena, &scope) != STATUS_OK) {
        showing->failed = true;
        return;
    }
    for (uint32_t i = 0; i < scope.count; i++) {
        const struct unit *unit = scope.rows[i].unit;
        if (scope.rows[i].kind != SCOPE_UNIT) {
            continue;
        }
        DOCUMENT_ROW(document, scope.rows[i].depth, text_of(showing, unit->name),
                     text_of(showing, unit->id), tiers[unit->tier], text_of(showing, unit->parent),
                     day_text(showing, unit->from_day), last_day_text(showing, unit->to_day));
    }
}

static void show_fields(struct showing *showing, struct document *document)
{
    uint32_t count;
    const struct field *fields = catalogue_fields(showing->catalogue, &count);
    for (uint32_t i = 0; i < count; i++) {
        DOCUMENT_ROW(document, 0, text_of(showing, fields[i].name), text_of(showing, fields[i].id),
                     text_of(showing, fields[i].name_en));
    }
}

static void show_procedures(struct showing *showing, struct document *document)
{
    static const char *const levels[] = {"", "FULL", "PARTIAL", "NONE"};
    uint32_t count;
    const struct procedure *procedures = catalogue_procedures(showing->catalogue, &count);
    for (uint32_t i = 0; i < count; i++) {
        const struct procedure *procedure = &procedures[i];
        DOCUMENT_ROW(document, 0, text_of(showing, procedure->id),
                     text_of(showing, procedure->field),
                     procedure->service_level < 4 ? levels[procedure->service_level] : "",
                     day_text(showing, procedure->from_day),
                     last_day_text(showing, procedure->to_day), text_of(showing, procedure->name));
    }
}

static const struct list_column unit_columns[] = {
    {"name", {"Tên đơn vị", "Name"}, false},   {"id", {"Mã", "Unit"}, false},
    {"tier", {"Cấp", "Tier"}, false},          {"parent", {"Trực thuộc", "Parent"}, false},
    {"validFrom", {"Từ ngày", "From"}, false}, {"validTo", {"Đến ngày", "To"}, false},
};
static const struct list_column field_columns[] = {
    {"name", {"Lĩnh vực", "Field"}, false},
    {"id", {"Mã", "Id"}, false},
    {"nameEn", {"Tiếng Anh", "In English"}, false},
};
static const struct list_column procedure_columns[] = {
    {"id", {"Mã TTHC", "Procedure"}, false},      {"field", {"Lĩnh vực", "Field"}, false},
    {"serviceLevel", {"Mức độ", "Level"}, false}, {"validFrom", {"Từ ngày", "From"}, false},
    {"validTo", {"Đến ngày", "To"}, false},       {"name", {"Tên thủ tục", "Name"}, false},
};

#define COLUMNS(list) list, (unsigned)(sizeof(list) / sizeof *(list))
static const struct catalogue_part {
    const char *name;
    const char *title[2];
    const struct list_column *columns;
    unsigned width;
    void (*show)(struct showing *showing, struct document *document);
} parts[] = {
    {"units", {"Đơn vị", "Units"}, COLUMNS(unit_columns), show_units},
    {"fields", {"Lĩnh vực", "Fields"}, COLUMNS(field_columns), show_fields},
    {"procedures", {"Thủ tục", "Procedures"}, COLUMNS(procedure_columns), show_procedures},
};
enum { PART_COUNT = sizeof parts / sizeof *parts };

static void part_document(struct showing *showing, const struct catalogue_part *part,
                          struct document *document)
{
    document_init_list(document, part->columns, part->width, showing->command->english);
    document->name = part->title[showing->command->english];
    part->show(showing, document);
    showing->failed = showing->failed || document->failed;
}

static int print_json(const struct command *command, const struct document *documents,
                      const char *const *names, unsigned count, struct hoso_cut cut)
{
    struct output output;
    const int code = output_begin(command, &output);
    if (code != EXIT_DONE) {
        return code;
    }
    struct render_json json = render_json_to(output.file);
    json_put_object(&json, NULL);
    json_put_cut(&json, cut.incarnation, cut.position);
    for (unsigned i = 0; i < count; i++) {
        json_put_line(&json);
        render_rows_json(&documents[i], &json, names[i]);
    }
    json_put_end(&json);
    return output_end(&output, fputc('\n', output.file) != EOF);
}

static int show_all(struct showing *showing, const char *what, struct hoso_cut cut)
{
    const struct command *command = showing->command;
    struct document documents[PART_COUNT];
    const char *names[PART_COUNT];
    unsigned count = 0;
    int code = EXIT_FAILED;
    if (what == NULL && command->format == RENDER_CSV) {
        what = parts[0].name;
    }
    for (unsigned i = 0; i < PART_COUNT; i++) {
        if (what == NULL || strcmp(what, parts[i].name) == 0) {
            names[count] = parts[i].name;
            part_document(showing, &parts[i], &documents[count++]);
        }
    }
    if (showing->failed) {
        (void)fputs("hoso: out of memory\n", stderr);
    } else if (command->format == RENDER_JSON) {
        code = print_json(command, documents, names, count, cut);
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
    struct showing showing = {
        .command = command, .catalogue = catalogue, .arena = &arena, .day = day};
    const int code = show_all(&showing, what, answer->cut);
    arena_fini(&arena);
    catalogue_free(catalogue);
    return code;
}

static bool is_part(const char *name)
{
    for (unsigned i = 0; i < PART_COUNT; i++) {
        if (name == NULL || strcmp(name, parts[i].name) == 0) {
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
