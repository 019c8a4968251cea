/* SPDX-License-Identifier: Apache-2.0
 *
 * From summed vectors to the report's columns, rows and sentences.
 */
#include "services/reporting/engine/engine_internal.h"

#include <string.h>

#include "base/localday.h"
#include "services/reporting/engine/number.h"
#include "services/reporting/engine/sentence.h"

static void add_record(struct engine *engine, const struct scope_row *row,
                       const struct field *field, const int64_t *sums)
{
    struct record *record = &engine->records[engine->record_count++];
    *record = (struct record){.row = row, .field = field, .sums = sums};
    if (field == NULL) {
        record->label = engine_unit_label(engine, row->unit);
        return;
    }
    const bool english = engine->input->english && field->name_en.size != 0;
    record->label = arena_string(engine->arena, english ? field->name_en : field->name);
}

static enum status unit_records(struct engine *engine)
{
    const struct scope *scope = &engine->input->scope;
    const size_t fields = (size_t)scope->count * engine->field_count;
    size_t count = scope->count;
    for (size_t i = 0; i < fields; i++) {
        count += engine->fields[i] != NULL;
    }
    engine->records = arena_array(engine->arena, count, sizeof *engine->records);
    if (engine->records == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < scope->count; i++) {
        const struct scope_row *row = &scope->rows[i];
        add_record(engine, row, NULL, engine->sums + (size_t)i * engine->width);
        for (uint32_t field = 0; field < engine->field_count; field++) {
            const int64_t *sums = engine->fields[(size_t)i * engine->field_count + field];
            if (sums != NULL && engine_any(engine, sums)) {
                add_record(engine, row, &engine->field_list[field], sums);
            }
        }
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

static enum status scope_records(struct engine *engine)
{
    const struct form *form = engine->input->form;
    const struct scope *scope = &engine->input->scope;
    engine->records = arena_array(engine->arena, form->scope_count, sizeof *engine->records);
    int64_t *sums =
        arena_array(engine->arena, (size_t)form->scope_count * engine->width, sizeof *sums);
    if (engine->records == NULL || sums == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < form->scope_count; i++, sums += engine->width) {
        for (uint32_t row = 0; row < scope->count; row++) {
            if (form_scope_has(&form->scopes[i], scope->rows[row].unit->tier)) {
                engine_add(engine, sums, engine->own + (size_t)row * engine->width);
            }
        }
        engine->records[engine->record_count++] = (struct record){
            .label = text_in(form->scopes[i].label, engine->input->english), .sums = sums};
    }
    return STATUS_OK;
}

enum status engine_records(struct engine *engine)
{
    return engine->input->form->rows == ROWS_SECTION_LINES ? scope_records(engine)
                                                           : unit_records(engine);
}

enum status form_columns(const struct form *form, bool english, struct arena *arena,
                         Hoso__V1__Column ***ret_columns, size_t *ret_count)
{
    const bool scopes = form->rows == ROWS_SECTION_LINES;
    const unsigned count = scopes ? form->scope_count : form->figure_count;
    Hoso__V1__Column **columns = arena_array(arena, count, sizeof(Hoso__V1__Column *));
    Hoso__V1__Column *column = arena_array(arena, count, sizeof *column);
    if (columns == NULL || column == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < count; i++, column++) {
        const char *number = scopes ? NULL : form->figures[i].number;
        hoso__v1__column__init(column);
        column->id = message_text(scopes ? form->scopes[i].id : form->figures[i].id);
        column->label =
            message_text(text_in(scopes ? form->scopes[i].label : form->figures[i].label, english));
        column->number = message_text(number != NULL ? number : "");
        columns[i] = column;
    }
    *ret_columns = columns;
    *ret_count = count;
    return STATUS_OK;
}

static void fill_ratio(struct engine *engine, int64_t n, int64_t d, Hoso__V1__Cell *cell)
{
    char text[NUMBER_TEXT_SIZE];
    Hoso__V1__Ratio *ratio = arena_alloc(engine->arena, sizeof *ratio);
    if (ratio == NULL) {
        return; /* the arena remembers */
    }
    hoso__v1__ratio__init(ratio);
    ratio_format(n, d, engine->input->english, text);
    ratio->n = n;
    ratio->d = d;
    ratio->text = arena_string(engine->arena, slice_text(text));
    cell->value_case = HOSO__V1__CELL__VALUE_RATIO;
    cell->ratio = ratio;
}

/* The figure's value and what it is divided by, in a row's vector. */
static const int64_t *figure_sums(const struct record *record, unsigned figure)
{
    return record->sums + (size_t)figure * 2;
}

/* A heading's cell stays without a value. */
static void fill_cell(struct engine *engine, unsigned figure, const struct record *record,
                      Hoso__V1__Cell *cell)
{
    const struct form_figure *form_figure = &engine->input->form->figures[figure];
    const int64_t *sums = figure_sums(record, figure);
    hoso__v1__cell__init(cell);
    if (form_figure->under.count != 0) {
        fill_ratio(engine, sums[0], sums[1], cell);
    } else if (form_figure->value.count != 0) {
        cell->value_case = HOSO__V1__CELL__VALUE_NUMBER;
        cell->number = sums[0];
    }
}

/* A row with `cells` cells, all in one piece of memory. NULL = arena full. */
static Hoso__V1__Row *new_row(struct engine *engine, unsigned cells)
{
    Hoso__V1__Row *row = arena_alloc(engine->arena, sizeof *row);
    Hoso__V1__Cell **list = arena_array(engine->arena, cells, sizeof(Hoso__V1__Cell *));
    Hoso__V1__Cell *cell = arena_array(engine->arena, cells, sizeof *cell);
    if (row == NULL || list == NULL || cell == NULL) {
        return NULL;
    }
    hoso__v1__row__init(row);
    for (unsigned i = 0; i < cells; i++) {
        list[i] = &cell[i];
    }
    row->cells = list;
    row->n_cells = cells;
    engine->report->rows[engine->report->n_rows++] = row;
    return row;
}

static bool unit_row(struct engine *engine, const struct record *record)
{
    const unsigned figures = engine->input->form->figure_count;
    Hoso__V1__Row *row = new_row(engine, figures);
    if (row == NULL) {
        return false;
    }
    row->unit = arena_string(engine->arena, record->row->unit->id);
    row->label = message_text(record->label);
    row->level = record->row->depth;
    if (record->field != NULL) {
        row->field = arena_string(engine->arena, record->field->id);
        row->level++;
    }
    for (unsigned i = 0; i < figures; i++) {
        fill_cell(engine, i, record, row->cells[i]);
    }
    return !engine->arena->exceeded;
}

static const char *area_name(enum tier tier, bool english)
{
    static const struct text2 names[] = {
        [TIER_NONE] = {"đơn vị", "unit"},         [TIER_PROVINCE] = {"tỉnh", "province"},
        [TIER_DEPARTMENT] = {"sở", "department"}, [TIER_DISTRICT] = {"huyện", "district"},
        [TIER_COMMUNE] = {"xã", "commune"},
    };
    return text_in(names[(unsigned)tier < COUNT_OF(names) ? tier : TIER_NONE], english);
}

static void put_date(int32_t day, bool english, struct buffer *out)
{
    char iso[DATE_TEXT_SIZE];
    const struct date date = localday_date(day);
    localday_format(day, iso);
    if (english) {
        buffer_put(out, iso, strlen(iso));
    } else {
        buffer_printf(out, "%02d/%02d/%04d", date.day, date.month, date.year);
    }
}

static bool put_figure(const struct engine *engine, struct slice name, unsigned digits,
                       struct buffer *out)
{
    const struct form *form = engine->input->form;
    char text[NUMBER_TEXT_SIZE];
    for (unsigned i = 0; i < form->figure_count; i++) {
        const struct slice id = slice_text(form->figures[i].id);
        if (name.size <= id.size + 1 || name.data[id.size] != '.' ||
            memcmp(name.data, id.data, id.size) != 0) {
            continue;
        }
        const struct slice scope = slice_of(name.data + id.size + 1, name.size - id.size - 1);
        for (unsigned k = 0; k < form->scope_count; k++) {
            if (slice_equal(scope, slice_text(form->scopes[k].id))) {
                const int64_t *sums = figure_sums(&engine->records[k], i);
                if (form->figures[i].under.count != 0) {
                    ratio_format(sums[0], sums[1], engine->input->english, text);
                } else {
                    number_format(sums[0], digits, engine->input->english, text);
                }
                buffer_put(out, text, strlen(text));
                return true;
            }
        }
    }
    return false;
}

static bool put_place(void *context, struct slice name, unsigned digits, struct buffer *out)
{
    const struct engine *engine = context;
    const struct engine_input *input = engine->input;
    if (slice_equal(name, slice_text("from"))) {
        put_date(input->from_day, input->english, out);
    } else if (slice_equal(name, slice_text("to"))) {
        put_date(input->to_day - 1, input->english, out);
    } else if (slice_equal(name, slice_text("area"))) {
        const char *area = area_name(input->scope.rows[0].unit->tier, input->english);
        buffer_put(out, area, strlen(area));
    } else {
        return put_figure(engine, name, digits, out);
    }
    return true;
}

static bool is_printed(const struct engine *engine, unsigned figure)
{
    bool any = !engine->input->form->figures[figure].optional;
    for (uint32_t i = 0; i < engine->record_count && !any; i++) {
        any = figure_sums(&engine->records[i], figure)[0] != 0;
    }
    return any;
}

static enum status section_line(struct engine *engine, unsigned figure)
{
    const struct form_figure *line = &engine->input->form->figures[figure];
    const struct text2 text = line->value.count == 0 ? line->label : line->sentence;
    const char *sentence = text_in(text, engine->input->english);
    Hoso__V1__Row *row = new_row(engine, engine->record_count);
    if (row == NULL) {
        return STATUS_TOO_LARGE;
    }
    row->id = message_text(line->id);
    row->unit = engine->report->unit;
    row->label = message_text(text_in(line->label, engine->input->english));
    row->level = line->level;
    for (uint32_t i = 0; i < engine->record_count; i++) {
        fill_cell(engine, figure, &engine->records[i], row->cells[i]);
    }
    if (sentence == NULL) {
        return STATUS_OK;
    }
    return sentence_render(sentence, put_place, engine, engine->arena, &row->text);
}

enum status engine_rows(struct engine *engine)
{
    const struct form *form = engine->input->form;
    const bool lines = form->rows == ROWS_SECTION_LINES;
    const uint32_t count = lines ? form->figure_count : engine->record_count;
    enum status status = STATUS_OK;
    engine->report->rows = arena_array(engine->arena, count, sizeof(Hoso__V1__Row *));
    if (engine->report->rows == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        if (!lines) {
            status = unit_row(engine, &engine->records[i]) ? STATUS_OK : STATUS_TOO_LARGE;
        } else if (is_printed(engine, i)) {
            status = section_line(engine, i);
        }
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : status;
}
