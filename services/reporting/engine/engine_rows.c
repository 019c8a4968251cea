/* SPDX-License-Identifier: Apache-2.0
 *
 * From records to the report's columns and rows.
 */
#include "services/reporting/engine/engine_compare_internal.h"

#include <string.h>

enum { SECTION_ROWS_MAX = 4 * FORM_FIGURES_MAX }; /* of a form made of lines */

/* A row with `cells` cells, all in one piece of memory. NULL = arena full. */
static Hoso__V1__Row *new_row(struct engine *engine, unsigned cells)
{
    const unsigned stub = engine->input->form->stub_count;
    Hoso__V1__Row *row = arena_alloc(engine->arena, sizeof *row);
    Hoso__V1__Cell **list = arena_array(engine->arena, cells, sizeof(Hoso__V1__Cell *));
    Hoso__V1__Cell *cell = arena_array(engine->arena, cells, sizeof *cell);
    char **texts = arena_array(engine->arena, stub, sizeof *texts);
    if (row == NULL || list == NULL || cell == NULL || texts == NULL) {
        return NULL;
    }
    hoso__v1__row__init(row);
    for (unsigned i = 0; i < cells; i++) {
        list[i] = &cell[i];
    }
    row->cells = list;
    row->n_cells = cells;
    row->stub = texts;
    row->n_stub = stub;
    engine->report->rows[engine->report->n_rows++] = row;
    return row;
}

/* Counters of the column STT. Units of one level are numbered on; in a form whose units have parts
 * they have Roman numbers, and their parts Arabic ones; groups have letters. */
struct ordinals {
    unsigned depth[CATALOGUE_DEPTH_MAX + 2];
    unsigned detail;
    unsigned group;
};

static char *roman(struct engine *engine, unsigned number)
{
    static const struct {
        unsigned value;
        const char *text;
    } digits[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"},
                  {90, "XC"},  {50, "L"},   {40, "XL"}, {10, "X"},   {9, "IX"},
                  {5, "V"},    {4, "IV"},   {1, "I"}};
    char text[64] = "";
    for (unsigned i = 0; i < COUNT_OF(digits);) {
        if (number < digits[i].value || strlen(text) > sizeof text - 8) {
            i++;
        } else {
            number -= digits[i].value;
            (void)strncat(text, digits[i].text, 2);
        }
    }
    return arena_string(engine->arena, slice_text(text));
}

/* "3", "3.1", "III", "III.2": by the places on the way down to the row's level. */
static char *unit_ordinal(struct engine *engine, const struct record *record,
                          struct ordinals *ordinals)
{
    const bool parts = engine->part_count != 0 && engine->procedures == NULL;
    char *text = NULL;
    if (record->level == 0) {
        return message_text("");
    }
    ordinals->depth[record->level]++;
    memset(&ordinals->depth[record->level + 1], 0,
           sizeof ordinals->depth - (record->level + 1) * sizeof *ordinals->depth);
    text = parts ? roman(engine, ordinals->depth[1])
                 : arena_printf(engine->arena, "%u", ordinals->depth[1]);
    for (uint32_t level = 2; level <= record->level && text != NULL; level++) {
        text = arena_printf(engine->arena, "%s.%u", text, ordinals->depth[level]);
    }
    return text;
}

static char *ordinal_of(struct engine *engine, const struct record *record,
                        struct ordinals *ordinals)
{
    const bool tiers = engine->input->form->rows == ROWS_TIERS;
    if (record->kind == HOSO__V1__ROW_KIND__ROW_KIND_DETAIL) {
        return arena_printf(engine->arena, "%u", ++ordinals->detail);
    }
    ordinals->detail = 0;
    if (record->kind == HOSO__V1__ROW_KIND__ROW_KIND_GROUP) {
        return tiers ? arena_printf(engine->arena, "%c", (char)('A' + ordinals->group++))
                     : message_text("");
    }
    if (tiers && record->level != 0) {
        ordinals->depth[0] = record[-1].kind == record->kind ? ordinals->depth[0] + 1 : 1;
        return arena_printf(engine->arena, "%u", ordinals->depth[0]);
    }
    return unit_ordinal(engine, record, ordinals);
}

static const char *procedure_level(const struct engine *engine, const struct procedure *procedure)
{
    static const struct text2 names[] = {
        {"", ""},
        [LEVEL_FULL] = {"Toàn trình", "Full"},
        [LEVEL_PARTIAL] = {"Một phần", "Partial"},
        [LEVEL_NOT_ONLINE] = {"Không cung cấp trực tuyến", "Not online"},
    };
    const unsigned level = procedure != NULL ? procedure->service_level : 0;
    return text_in(names[level < COUNT_OF(names) ? level : 0], engine->input->english);
}

static char *code_of(struct engine *engine, const struct record *record)
{
    if (record->procedure != NULL) {
        return arena_string(engine->arena, record->procedure->id);
    }
    const struct unit *of = record->row->unit;
    const bool unit =
        of != NULL && record->field == NULL && record->id[0] == '\0' && engine->procedures == NULL;
    return unit ? arena_string(engine->arena, of->code.size != 0 ? of->code : of->id)
                : message_text("");
}

static char *field_of(struct engine *engine, const struct record *record)
{
    const struct field *field =
        record->procedure != NULL
            ? catalogue_field(engine->input->catalogue, record->procedure->field)
            : record->field;
    if (field == NULL) {
        return message_text("");
    }
    const bool english = engine->input->english && field->name_en.size != 0;
    return arena_string(engine->arena, english ? field->name_en : field->name);
}

static void fill_stub(struct engine *engine, const struct record *record, Hoso__V1__Row *row,
                      struct ordinals *ordinals)
{
    const struct form *form = engine->input->form;
    char *ordinal = ordinal_of(engine, record, ordinals);
    for (unsigned i = 0; i < form->stub_count; i++) {
        switch (form->stub[i].kind) {
        case STUB_ORDINAL:
            row->stub[i] = ordinal;
            break;
        case STUB_LABEL:
            row->stub[i] = row->label;
            break;
        case STUB_CODE:
            row->stub[i] = code_of(engine, record);
            break;
        case STUB_FIELD:
            row->stub[i] = field_of(engine, record);
            break;
        case STUB_LEVEL:
            row->stub[i] = message_text(procedure_level(engine, record->procedure));
            break;
        }
    }
}

static bool record_row(struct engine *engine, const struct record *record,
                       struct ordinals *ordinals)
{
    const unsigned figures = engine->input->form->shown_count;
    Hoso__V1__Row *row = new_row(engine, (unsigned)engine->report->n_columns);
    if (row == NULL) {
        return false;
    }
    row->kind = record->kind;
    if (record->row->unit != NULL) {
        row->unit = arena_string(engine->arena, record->row->unit->id);
    }
    row->label = engine_copy(engine, record->label);
    row->id = engine_copy(engine, record->id);
    row->level = record->level;
    if (record->field != NULL) {
        row->field = arena_string(engine->arena, record->field->id);
    }
    if (record->procedure != NULL) {
        row->procedure = arena_string(engine->arena, record->procedure->id);
    }
    fill_stub(engine, record, row, ordinals);
    for (unsigned i = 0, at = 0; i < figures; i++) {
        at += engine_fill_cells(engine, i, record, row->cells + at);
    }
    return !engine->arena->exceeded;
}

static bool is_printed(const struct engine *engine, unsigned figure)
{
    bool any = !engine->input->form->figures[figure].optional;
    for (uint32_t i = 0; i < engine->record_count && !any; i++) {
        const int64_t *sums = engine->records[i].sums + (size_t)figure * 2;
        any = sums[0] != 0 || sums[(size_t)(engine->sides - 1) * engine->half] != 0;
    }
    return any;
}

/* What follows the first line of a row's text goes into rows of its own, "ID.2" and on, without
 * cells. */
static enum status split_lines(struct engine *engine, const Hoso__V1__Row *row)
{
    char *text = row->text;
    unsigned number = 1;
    for (char *end = strchr(text, '\n'); end != NULL; end = strchr(text, '\n')) {
        *end = '\0';
        text = end + 1;
        Hoso__V1__Row *next = engine->report->n_rows < SECTION_ROWS_MAX ? new_row(engine, 0) : NULL;
        if (next == NULL) {
            return STATUS_TOO_LARGE;
        }
        next->kind = row->kind;
        next->id = arena_printf(engine->arena, "%s.%u", row->id, ++number);
        next->unit = row->unit;
        next->label = row->label;
        next->level = row->level;
        next->stub = row->stub;
        next->text = text;
    }
    return STATUS_OK;
}

static enum status section_line(struct engine *engine, unsigned figure)
{
    const struct form_figure *line = &engine->input->form->figures[figure];
    const bool heading = line->value.count == 0;
    Hoso__V1__Row *row = new_row(engine, (unsigned)engine->report->n_columns);
    if (row == NULL) {
        return STATUS_TOO_LARGE;
    }
    row->kind = heading ? HOSO__V1__ROW_KIND__ROW_KIND_HEADING : HOSO__V1__ROW_KIND__ROW_KIND_LINE;
    row->id = engine_copy(engine, line->id);
    row->unit = engine->report->unit;
    row->label = engine_copy(engine, text_in(line->label, engine->input->english));
    row->level = line->level;
    for (unsigned i = 0; i < row->n_stub; i++) {
        const bool label = engine->input->form->stub[i].kind == STUB_LABEL;
        row->stub[i] = label ? row->label : message_text("");
    }
    for (uint32_t i = 0, at = 0; i < engine->record_count; i++) {
        at += engine_fill_cells(engine, figure, &engine->records[i], row->cells + at);
    }
    if (engine->sides == 2) {
        return STATUS_OK; /* sentences have no place for a second figure */
    }
    row->text = heading ? row->label : row->text;
    if (line->sentence.text.vi[0] != '\0') {
        const enum status status = engine_sentence(engine, &line->sentence, &row->text);
        return status == STATUS_OK ? split_lines(engine, row) : status;
    }
    return STATUS_OK;
}

static void fill_columns(struct engine *engine)
{
    const struct form *form = engine->input->form;
    const bool english = engine->input->english;
    Hoso__V1__Report *report = engine->report;
    const struct form_scope *scopes[FORM_SCOPES_MAX];
    report->stub = columns_of_stub(form, english, engine->arena);
    report->n_stub = form->stub_count;
    if (form->rows != ROWS_LINES) {
        report->columns = columns_of_figures(form, english, engine->arena);
        report->n_columns = form->shown_count;
        return;
    }
    for (uint32_t i = 0; i < engine->record_count; i++) {
        scopes[i] = engine->records[i].scope;
    }
    report->columns = columns_of_scopes(scopes, engine->record_count, english, engine->arena);
    report->n_columns = engine->record_count;
}

enum status engine_rows(struct engine *engine)
{
    const struct form *form = engine->input->form;
    const bool lines = form->rows == ROWS_LINES;
    const uint32_t count = lines ? form->shown_count : engine->record_count;
    struct ordinals ordinals = {.detail = 0};
    enum status status = STATUS_OK;
    fill_columns(engine);
    if (engine->sides == 2) {
        engine_compare_columns(engine);
    }
    engine->report->rows =
        arena_array(engine->arena, lines ? SECTION_ROWS_MAX : count, sizeof(Hoso__V1__Row *));
    if (engine->report->rows == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        if (!lines) {
            status =
                record_row(engine, &engine->records[i], &ordinals) ? STATUS_OK : STATUS_TOO_LARGE;
        } else if (is_printed(engine, i)) {
            status = section_line(engine, i);
        }
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : status;
}
