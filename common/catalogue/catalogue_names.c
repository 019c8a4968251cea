/* SPDX-License-Identifier: Apache-2.0
 *
 * By which names units and procedures are known, and when: their ids and aliases, sorted. On any
 * day a name means one of them. An event that came late, or for a unit that ended, is still
 * understood: what its name meant last before its day counts, else what it means first after it.
 */
#include <stdlib.h>

#include "base/localday.h"
#include "catalogue/catalogue_internal.h"

static int compare_names(const void *a, const void *b)
{
    const struct dated_name *left = a;
    const struct dated_name *right = b;
    return span_compare(left->name, left->from_day, right->name, right->from_day);
}

static void add_names(struct dated_name *names, uint32_t *count, const struct dated_name *id,
                      char **aliases, size_t alias_count)
{
    names[*count] = *id;
    names[*count].name = id->id;
    (*count)++;
    for (size_t i = 0; i < alias_count; i++) {
        names[*count] = *id;
        names[(*count)++].name = slice_text(aliases[i]);
    }
}

/* Two rows of one id are checked elsewhere. */
static void check_names(const struct name_list *list, const char *table, struct faults *faults)
{
    for (uint32_t i = 1; i < list->count; i++) {
        const struct dated_name *name = &list->names[i];
        const struct dated_name *before = name - 1;
        if (slice_equal(name->name, before->name) && !slice_equal(name->id, before->id) &&
            before->to_day > name->from_day) {
            const bool last = name->origin > before->origin;
            fault_add(faults, table, last ? name->origin : before->origin, "aliases",
                      "%.*s means %.*s and %.*s on the same day; take it from one of them",
                      SLICE_ARG(name->name), SLICE_ARG(before->id), SLICE_ARG(name->id))
                ->other = last ? before->origin : name->origin;
        }
    }
}

static void finish_names(struct name_list *list, const char *table, struct faults *faults)
{
    if (list->names != NULL && list->count > 0) {
        qsort(list->names, list->count, sizeof *list->names, compare_names);
        check_names(list, table, faults);
    }
}

static void unit_names(struct catalogue *catalogue, struct faults *faults)
{
    struct name_list *list = &catalogue->unit_names;
    size_t count = catalogue->row_count;
    for (uint32_t i = 0; i < catalogue->row_count; i++) {
        count += catalogue->rows[i].unit.aliases.count;
    }
    list->names = arena_array(&catalogue->arena, count, sizeof *list->names);
    for (uint32_t i = 0; list->names != NULL && i < catalogue->row_count; i++) {
        const struct unit_row *row = &catalogue->rows[i];
        const struct dated_name id = {.id = row->unit.id,
                                      .from_day = row->unit.from_day,
                                      .to_day = row->unit.to_day,
                                      .origin = row->origin};
        add_names(list->names, &list->count, &id, row->unit.aliases.codes, row->unit.aliases.count);
    }
    finish_names(list, "units", faults);
}

/* All rows, though of each procedure only the latest is kept. */
static void procedure_names(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                            struct faults *faults)
{
    struct name_list *list = &catalogue->procedure_names;
    size_t count = message->n_procedures;
    for (size_t i = 0; i < message->n_procedures; i++) {
        count += message->procedures[i]->n_aliases;
    }
    list->names = arena_array(&catalogue->arena, count, sizeof *list->names);
    for (uint32_t i = 0; list->names != NULL && i < message->n_procedures; i++) {
        const Hoso__V1__Procedure *given = message->procedures[i];
        const struct place place = {catalogue, faults, "procedures", i};
        struct dated_name id = {.id = slice_text(given->id), .origin = i};
        place_span(&place, given->valid_from, given->valid_to, &id.from_day, &id.to_day);
        add_names(list->names, &list->count, &id, given->aliases, given->n_aliases);
    }
    finish_names(list, "procedures", faults);
}

void catalogue_build_names(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                           struct faults *faults)
{
    unit_names(catalogue, faults);
    procedure_names(catalogue, message, faults);
    if (catalogue->arena.exceeded) {
        (void)fault_too_large(faults, FAULT_MEMORY);
    }
}

static uint32_t first_of(const struct name_list *list, struct slice name)
{
    uint32_t low = 0;
    uint32_t high = list->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (slice_compare(list->names[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Rows of one name are in order of their days and do not overlap. */
static bool find_name(const struct name_list *list, struct slice name, int32_t day,
                      struct slice *ret_id)
{
    const struct dated_name *found = NULL;
    for (uint32_t i = first_of(list, name);
         i < list->count && slice_equal(list->names[i].name, name); i++) {
        if (found == NULL || list->names[i].from_day <= day) {
            found = &list->names[i];
        }
    }
    if (found != NULL) {
        *ret_id = found->id;
    }
    return found != NULL;
}

bool catalogue_unit_named(const struct catalogue *catalogue, struct slice name, int32_t day,
                          struct slice *ret_id)
{
    return find_name(&catalogue->unit_names, name, day, ret_id);
}

bool catalogue_procedure_named(const struct catalogue *catalogue, struct slice name, int32_t day,
                               struct slice *ret_id)
{
    return find_name(&catalogue->procedure_names, name, day, ret_id);
}
