/* SPDX-License-Identifier: Apache-2.0
 *
 * A unit goes by the name that it has today, else by its last one.
 */
#include "services/reporting/answers/names.h"

#include "base/localday.h"

static char none[] = "";

static char *text_of(struct arena *arena, struct slice name)
{
    char *text = arena_string(arena, name);
    return text != NULL ? text : none;
}

static char *unit_name(const struct catalogue *catalogue, struct arena *arena, const char *id)
{
    const int32_t today = localday_today();
    const struct unit *unit = catalogue_unit(catalogue, slice_text(id), today);
    unit = unit != NULL ? unit : catalogue_unit_before(catalogue, slice_text(id), today);
    return unit != NULL ? text_of(arena, unit->name) : none;
}

static char *procedure_name(const struct catalogue *catalogue, struct arena *arena, const char *id)
{
    const struct procedure *procedure = catalogue_procedure(catalogue, slice_text(id));
    return procedure != NULL ? text_of(arena, procedure->name) : none;
}

static char *field_name(const struct catalogue *catalogue, struct arena *arena, const char *id)
{
    const struct field *field = catalogue_field(catalogue, slice_text(id));
    return field != NULL ? text_of(arena, field->name) : none;
}

void names_dossiers(const struct catalogue *catalogue, struct arena *arena,
                    Hoso__V1__DossierPage *page)
{
    for (size_t i = 0; catalogue != NULL && i < page->n_lines; i++) {
        Hoso__V1__DossierLine *line = page->lines[i];
        line->unit_name = unit_name(catalogue, arena, line->unit);
        line->procedure_name = procedure_name(catalogue, arena, line->procedure);
        line->field_name = field_name(catalogue, arena, line->field);
    }
    for (size_t i = 0; catalogue != NULL && i < page->n_counts; i++) {
        page->counts[i]->unit_name = unit_name(catalogue, arena, page->counts[i]->unit);
    }
}

void names_lives(const struct catalogue *catalogue, struct arena *arena,
                 Hoso__V1__DossierLives *lives)
{
    for (size_t i = 0; catalogue != NULL && i < lives->n_lives; i++) {
        Hoso__V1__DossierLife *life = lives->lives[i];
        life->unit_name = unit_name(catalogue, arena, life->unit);
        life->procedure_name = procedure_name(catalogue, arena, life->procedure);
        life->field_name = field_name(catalogue, arena, life->field);
    }
}
