/* SPDX-License-Identifier: Apache-2.0
 *
 * What a form's columns look like: in reports and in the list of forms.
 */
#include <string.h>

#include "base/localday.h"
#include "services/reporting/engine/engine_internal.h"

/* `count` columns and the list of them. NULL = arena full. */
static Hoso__V1__Column **new_columns(unsigned count, struct arena *arena)
{
    Hoso__V1__Column **list = arena_array(arena, count, sizeof(Hoso__V1__Column *));
    Hoso__V1__Column *column = arena_array(arena, count, sizeof *column);
    if (list == NULL || column == NULL) {
        return NULL;
    }
    for (unsigned i = 0; i < count; i++) {
        hoso__v1__column__init(&column[i]);
        list[i] = &column[i];
    }
    return list;
}

/* The message may outlive the form. */
static char *copy(struct arena *arena, const char *text)
{
    return arena_string(arena, slice_text(text));
}

static void fill_captions(Hoso__V1__Column *column, const struct captions *captions, bool english,
                          struct arena *arena)
{
    column->captions = arena_array(arena, captions->count, sizeof(char *));
    for (unsigned i = 0; column->captions != NULL && i < captions->count; i++) {
        column->captions[column->n_captions++] = copy(arena, text_in(captions->texts[i], english));
    }
}

Hoso__V1__Column **columns_of_figures(const struct form *form, bool english, struct arena *arena)
{
    Hoso__V1__Column **columns = new_columns(form->shown_count, arena);
    for (unsigned i = 0; columns != NULL && i < form->shown_count; i++) {
        const struct form_figure *figure = &form->figures[i];
        columns[i]->id = copy(arena, figure->id);
        columns[i]->label = copy(arena, text_in(figure->label, english));
        columns[i]->number = copy(arena, figure->number);
        fill_captions(columns[i], &figure->captions, english, arena);
    }
    return columns;
}

Hoso__V1__Column **columns_of_scopes(const struct form_scope *const *scopes, unsigned count,
                                     bool english, struct arena *arena)
{
    Hoso__V1__Column **columns = new_columns(count, arena);
    for (unsigned i = 0; columns != NULL && i < count; i++) {
        columns[i]->id = copy(arena, scopes[i]->id);
        columns[i]->label = copy(arena, text_in(scopes[i]->label, english));
        fill_captions(columns[i], &scopes[i]->captions, english, arena);
    }
    return columns;
}

Hoso__V1__Column **columns_of_stub(const struct form *form, bool english, struct arena *arena)
{
    Hoso__V1__Column **columns = new_columns(form->stub_count, arena);
    for (unsigned i = 0; columns != NULL && i < form->stub_count; i++) {
        const struct form_stub *stub = &form->stub[i];
        const struct captions *captions = &stub->captions;
        columns[i]->id = copy(arena, form_stub_name(stub->kind));
        columns[i]->label = copy(arena, text_in(captions->texts[captions->count - 1], english));
        columns[i]->number = copy(arena, stub->number);
        fill_captions(columns[i], captions, english, arena);
    }
    return columns;
}

static char *day_text(int32_t day, struct arena *arena)
{
    char text[DATE_TEXT_SIZE];
    localday_format(day, text);
    return arena_string(arena, slice_text(text));
}

static void fill_form_notes(const struct form *form, bool english, struct arena *arena,
                            Hoso__V1__FormLine *line)
{
    line->notes = arena_array(arena, form->note_count, sizeof(char *));
    for (unsigned i = 0; line->notes != NULL && i < form->note_count; i++) {
        line->notes[line->n_notes++] = copy(arena, text_in(form->notes[i].text, english));
    }
}

/* Figures as columns, with the expressions that the file gives. */
static Hoso__V1__Column **with_values(const struct form *form, Hoso__V1__Column **columns,
                                      struct arena *arena)
{
    for (unsigned i = 0; columns != NULL && i < form->shown_count; i++) {
        columns[i]->value = copy(arena, form->figures[i].source);
    }
    return columns;
}

enum status form_describe(const struct form *form, bool english, struct arena *arena,
                          Hoso__V1__FormLine *ret_line)
{
    const bool lines = form->rows == ROWS_LINES;
    Hoso__V1__Column **figures = with_values(form, columns_of_figures(form, english, arena), arena);
    const struct form_scope *scopes[FORM_SCOPES_MAX];
    for (unsigned i = 0; i < form->scope_count; i++) {
        scopes[i] = &form->scopes[i];
    }
    hoso__v1__form_line__init(ret_line);
    ret_line->form = copy(arena, form->id);
    ret_line->title = copy(arena, text_in(form->title, english));
    ret_line->columns =
        lines ? columns_of_scopes(scopes, form->scope_count, english, arena) : figures;
    ret_line->n_columns = lines ? form->scope_count : form->shown_count;
    ret_line->lines = lines ? figures : NULL;
    ret_line->n_lines = lines ? form->shown_count : 0;
    ret_line->stub = columns_of_stub(form, english, arena);
    ret_line->n_stub = form->stub_count;
    ret_line->rows = copy(arena, form_rows_name(form->rows));
    ret_line->legal_basis = copy(arena, form->legal_basis);
    ret_line->paper = copy(arena, form->paper);
    ret_line->counted_in = copy(arena, text_in(form->counted_in, english));
    ret_line->digest = copy(arena, form->digest);
    if (form->valid_from != INT32_MIN) {
        ret_line->valid_from = day_text(form->valid_from, arena);
    }
    if (form->valid_to != INT32_MAX) {
        ret_line->valid_to = day_text(form->valid_to - 1, arena);
    }
    ret_line->file = copy(arena, form->file);
    fill_form_notes(form, english, arena, ret_line);
    return arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}
