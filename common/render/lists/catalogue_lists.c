/* SPDX-License-Identifier: Apache-2.0
 *
 * A part is a table of columns and a loop over the catalogue.
 */
#include "render/lists/catalogue_lists.h"

#include "base/localday.h"
#include "catalogue/catalogue_diff.h"
#include "catalogue/scope.h"
#include "render/render.h"

/* What is shown. */
struct catalogue_showing {
    bool english;
    const struct catalogue *catalogue;
    struct arena *arena;
    int32_t day;
    bool failed;
};

static const char *text_of(struct catalogue_showing *showing, struct slice slice)
{
    const char *text = arena_string(showing->arena, slice);
    showing->failed = showing->failed || text == NULL;
    return text;
}

static const char *day_text(struct catalogue_showing *showing, int32_t day)
{
    char text[DATE_TEXT_SIZE] = "";
    if (day != INT32_MIN && day != INT32_MAX) {
        localday_format(day, text);
    }
    return text_of(showing, slice_text(text));
}

/* The day before, for the end of a half-open span. */
static const char *last_day_text(struct catalogue_showing *showing, int32_t day)
{
    return day_text(showing, day == INT32_MAX ? day : day - 1);
}

static void show_units(struct catalogue_showing *showing, struct document *document)
{
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
                     text_of(showing, unit->id), catalogue_tier_names[unit->tier],
                     text_of(showing, unit->parent), day_text(showing, unit->from_day),
                     last_day_text(showing, unit->to_day));
    }
}

static void show_fields(struct catalogue_showing *showing, struct document *document)
{
    uint32_t count;
    const struct field *fields = catalogue_fields(showing->catalogue, &count);
    for (uint32_t i = 0; i < count; i++) {
        DOCUMENT_ROW(document, 0, text_of(showing, fields[i].name), text_of(showing, fields[i].id),
                     text_of(showing, fields[i].name_en));
    }
}

static void show_procedures(struct catalogue_showing *showing, struct document *document)
{
    uint32_t count;
    const struct procedure *procedures = catalogue_procedures(showing->catalogue, &count);
    for (uint32_t i = 0; i < count; i++) {
        const struct procedure *procedure = &procedures[i];
        DOCUMENT_ROW(
            document, 0, text_of(showing, procedure->id), text_of(showing, procedure->field),
            catalogue_level_names[procedure->service_level], day_text(showing, procedure->from_day),
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
    const char *title[2];
    const struct list_column *columns;
    unsigned width;
    void (*show)(struct catalogue_showing *showing, struct document *document);
} parts[CATALOGUE_PARTS] = {
    {{"Đơn vị", "Units"}, COLUMNS(unit_columns), show_units},
    {{"Lĩnh vực", "Fields"}, COLUMNS(field_columns), show_fields},
    {{"Thủ tục", "Procedures"}, COLUMNS(procedure_columns), show_procedures},
};
const char *const catalogue_part_names[CATALOGUE_PARTS] = {"units", "fields", "procedures"};

void catalogue_part_document(const struct catalogue *catalogue, unsigned part, int32_t day,
                             bool english, struct arena *arena, struct document *document)
{
    struct catalogue_showing showing = {
        .english = english, .catalogue = catalogue, .arena = arena, .day = day};
    document_init_list(document, parts[part].columns, parts[part].width, english);
    document->name = parts[part].title[english];
    parts[part].show(&showing, document);
    document->failed = document->failed || showing.failed;
}

void catalogue_print_json(const struct document *documents, const char *const *names,
                          unsigned count, struct hoso_cut cut, FILE *out)
{
    struct render_json json = render_json_to(out);
    json_put_object(&json, NULL);
    json_put_cut(&json, cut.incarnation, cut.position);
    for (unsigned i = 0; i < count; i++) {
        json_put_line(&json);
        render_rows_json(&documents[i], &json, names[i]);
    }
    json_put_end(&json);
    (void)fputc('\n', out);
}

/* The list, and the memory of its texts. */
struct changes {
    struct document *document;
    struct arena *arena;
    const struct catalogue_events *events; /* NULL = unknown */
    struct error *error;                   /* the first id that is gone and may not be */
    bool refused;
};

static void add_change(void *context, const struct catalogue_change *change)
{
    static const char *const kinds[CHANGE_KINDS][2] = {
        [CHANGE_NEW] = {"mới", "new"},
        [CHANGE_GONE] = {"mất", "gone"},
        [CHANGE_RENAMED] = {"đổi tên", "renamed"},
        [CHANGE_MOVED] = {"chuyển", "moved"},
        [CHANGE_ENDED] = {"kết thúc", "ended"},
        [CHANGE_DATES] = {"đổi thời hạn", "other dates"},
        [CHANGE_SUCCESSORS] = {"đơn vị kế thừa", "successors"},
        [CHANGE_ALIASES] = {"mã khác", "aliases"},
        [CHANGE_OTHER] = {"khác", "other"},
    };
    struct changes *changes = context;
    struct document *document = changes->document;
    DOCUMENT_ROW(document, 0, change->table, kinds[change->kind][document->english],
                 arena_string(changes->arena, change->id),
                 arena_string(changes->arena, change->before),
                 arena_string(changes->arena, change->after));
    uint64_t events = 0;
    const bool known =
        change->kind != CHANGE_NEW && changes->events != NULL &&
        changes->events->of(changes->events->context, change->table, change->id, &events);
    if (known) {
        document_number(document, (int64_t)events);
    } else {
        document_text(document, "");
    }
    if (change->kind == CHANGE_GONE && (!known || events != 0) && !changes->refused) {
        changes->refused = true;
        (void)error_set(changes->error, STATUS_CONFLICT,
                        "%s: %.*s is gone, but %s; keep its row and end its validity",
                        change->table, SLICE_ARG(change->id),
                        known ? "events name it" : "events may name it");
    }
}

enum status catalogue_change_document(const struct catalogue *before, const struct catalogue *after,
                                      const struct catalogue_events *events, bool english,
                                      struct arena *arena, struct document *document,
                                      struct error *error)
{
    static const struct list_column columns[] = {
        {"table", {"Danh mục", "Table"}, false},
        {"change", {"Thay đổi", "Change"}, false},
        {"id", {"Mã", "Id"}, false},
        {"before", {"Trước", "Before"}, false},
        {"after", {"Sau", "After"}, false},
        {"events", {"Số sự kiện", "Events"}, true},
    };
    struct changes changes = {
        .document = document, .arena = arena, .events = events, .error = error};
    document_init_list(document, COLUMNS(columns), english);
    const enum status status = catalogue_diff(before, after, arena, add_change, &changes);
    if (status != STATUS_OK) {
        return error_set(error, status, "the changes are too many to be listed");
    }
    return changes.refused ? STATUS_CONFLICT : STATUS_OK;
}
