/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields and procedures: checked, then kept in printing order with an index by id. Of a procedure's
 * rows only the latest is kept: the older ones say when it was valid, and nothing counts by that.
 */
#include "catalogue/catalogue_internal.h"

#include <stdlib.h>

/* A procedure's row on its way to the printing order. */
struct procedure_row {
    struct procedure procedure;
    uint32_t origin;
    uint32_t field; /* index into fields */
};

static int compare_field_ids(const void *a, const void *b, void *fields)
{
    const struct field *left = (const struct field *)fields + *(const uint32_t *)a;
    const struct field *right = (const struct field *)fields + *(const uint32_t *)b;
    return slice_compare(left->id, right->id);
}

static int compare_field_print(const void *a, const void *b)
{
    const struct field *left = a;
    const struct field *right = b;
    if (left->print_order != right->print_order) {
        return left->print_order < right->print_order ? -1 : 1;
    }
    return slice_compare(left->id, right->id);
}

/* A sorted index over `count` entries of `base`, or NULL when the arena is full. */
static uint32_t *sorted_index(struct arena *arena, void *base, uint32_t count,
                              int (*compare)(const void *, const void *, void *))
{
    uint32_t *index = arena_array(arena, count, sizeof *index);
    if (index == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        index[i] = i;
    }
    if (count > 0) {
        qsort_r(index, count, sizeof *index, compare, base);
    }
    return index;
}

static void take_fields(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                        struct faults *faults)
{
    for (uint32_t i = 0; i < message->n_fields; i++) {
        const Hoso__V1__Field *given = message->fields[i];
        struct field *field = &catalogue->fields[i];
        const struct place place = {catalogue, faults, "fields", i};
        field->id = place_name(&place, "id", given->id, CATALOGUE_ID_MAX);
        field->name = place_name(&place, "name", given->name, CATALOGUE_NAME_MAX);
        field->name_en = place_text(&place, "name_en", given->name_en, CATALOGUE_NAME_MAX);
        field->print_order = given->print_order;
    }
}

static void given_twice(struct faults *faults, uint32_t row, uint32_t other, struct slice id)
{
    fault_add(faults, "fields", row > other ? row : other, "id",
              "%.*s has two rows; keep one of them", SLICE_ARG(id))
        ->other = row > other ? other : row;
}

/* Sorted twice: in the order given to name the later one of two with the same id, then as printed.
 */
void catalogue_build_fields(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                            struct faults *faults)
{
    const uint32_t count = (uint32_t)message->n_fields;
    struct arena *arena = &catalogue->arena;
    if (message->n_fields > CATALOGUE_FIELDS_MAX) {
        (void)fault_too_large(faults, "more than 1000 fields; drop some");
        return;
    }
    catalogue->fields = arena_array(arena, count, sizeof *catalogue->fields);
    if (catalogue->fields == NULL) {
        (void)fault_too_large(faults, FAULT_MEMORY);
        return;
    }
    take_fields(catalogue, message, faults);
    const uint32_t *given = sorted_index(arena, catalogue->fields, count, compare_field_ids);
    for (uint32_t i = 1; given != NULL && i < count; i++) {
        const struct field *field = &catalogue->fields[given[i]];
        if (field->id.size > 0 && slice_equal(field->id, catalogue->fields[given[i - 1]].id)) {
            given_twice(faults, given[i], given[i - 1], field->id);
        }
    }
    catalogue->field_count = count;
    if (count > 0) {
        qsort(catalogue->fields, count, sizeof *catalogue->fields, compare_field_print);
    }
    catalogue->field_index = sorted_index(arena, catalogue->fields, count, compare_field_ids);
    if (catalogue->field_index == NULL) {
        (void)fault_too_large(faults, FAULT_MEMORY);
    }
}

static void take_procedure(const struct place *place, const Hoso__V1__Procedure *given,
                           struct procedure_row *ret_row)
{
    struct procedure *procedure = &ret_row->procedure;
    procedure->id = place_name(place, "id", given->id, CATALOGUE_ID_MAX);
    procedure->name = place_name(place, "name", given->name, CATALOGUE_NAME_MAX);
    procedure->field = place_name(place, "field", given->field, CATALOGUE_ID_MAX);
    place_span(place, given->valid_from, given->valid_to, &procedure->from_day, &procedure->to_day);
    procedure->aliases = place_codes(place, "aliases", given->aliases, given->n_aliases);
    if ((int)given->service_level < HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_FULL ||
        (int)given->service_level > HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_NONE) {
        fault_add(place->faults, place->table, place->row, "service_level",
                  "%d is not a service level; give FULL, PARTIAL or NONE",
                  (int)given->service_level);
    }
    const struct field *field = catalogue_field(place->catalogue, procedure->field);
    if (field == NULL && procedure->field.size > 0) {
        fault_add(place->faults, place->table, place->row, "field",
                  "no field %.*s; add it to the fields or mend its id",
                  SLICE_ARG(procedure->field));
    }
    procedure->service_level = (uint32_t)given->service_level;
    ret_row->field = field != NULL ? (uint32_t)(field - place->catalogue->fields) : 0;
    ret_row->origin = place->row;
}

static int compare_procedures(const void *a, const void *b)
{
    const struct procedure *left = &((const struct procedure_row *)a)->procedure;
    const struct procedure *right = &((const struct procedure_row *)b)->procedure;
    return span_compare(left->id, left->from_day, right->id, right->from_day);
}

static int compare_procedure_print(const void *a, const void *b)
{
    const struct procedure_row *left = a;
    const struct procedure_row *right = b;
    if (left->field != right->field) {
        return left->field < right->field ? -1 : 1;
    }
    return (left->origin > right->origin) - (left->origin < right->origin);
}

static int compare_procedure_ids(const void *a, const void *b, void *procedures)
{
    const struct procedure *left = (const struct procedure *)procedures + *(const uint32_t *)a;
    const struct procedure *right = (const struct procedure *)procedures + *(const uint32_t *)b;
    return slice_compare(left->id, right->id);
}

/* Moves the latest row of every id to the front; how many there are. */
static uint32_t keep_latest(struct procedure_row *rows, uint32_t count, struct faults *faults)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct procedure_row *last = kept > 0 ? &rows[kept - 1] : NULL;
        const struct procedure *row = &rows[i].procedure;
        const bool same = last != NULL && slice_equal(last->procedure.id, row->id);
        if (same && row->id.size > 0 && last->procedure.to_day > row->from_day) {
            fault_overlap(faults, "procedures", rows[i].origin, last->origin, row->id);
        }
        rows[same ? kept - 1 : kept++] = rows[i];
    }
    return kept;
}

/* `rows` are the latest ones: prints them by field, then in the order given. */
static void index_procedures(struct catalogue *catalogue, struct procedure_row *rows,
                             struct faults *faults)
{
    const uint32_t count = catalogue->procedure_count;
    struct arena *arena = &catalogue->arena;
    if (count > 0) {
        qsort(rows, count, sizeof *rows, compare_procedure_print);
    }
    catalogue->procedures = arena_array(arena, count, sizeof *catalogue->procedures);
    if (catalogue->procedures == NULL) {
        (void)fault_too_large(faults, FAULT_MEMORY);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        catalogue->procedures[i] = rows[i].procedure;
    }
    catalogue->procedure_index =
        sorted_index(arena, catalogue->procedures, count, compare_procedure_ids);
    if (catalogue->procedure_index == NULL) {
        (void)fault_too_large(faults, FAULT_MEMORY);
    }
}

void catalogue_build_procedures(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                                struct faults *faults)
{
    const uint32_t count = (uint32_t)message->n_procedures;
    if (message->n_procedures > CATALOGUE_PROCEDURES_MAX) {
        (void)fault_too_large(faults, "more than 20000 rows of procedures; drop some");
        return;
    }
    struct procedure_row *rows = calloc(count > 0 ? count : 1, sizeof *rows);
    if (rows == NULL || catalogue->field_index == NULL) {
        (void)fault_too_large(faults, "out of memory for the procedures; try again with more");
        free(rows);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct place place = {catalogue, faults, "procedures", i};
        take_procedure(&place, message->procedures[i], &rows[i]);
    }
    if (count > 0) {
        qsort(rows, count, sizeof *rows, compare_procedures);
    }
    catalogue->procedure_count = keep_latest(rows, count, faults);
    if (faults->status == STATUS_OK) {
        index_procedures(catalogue, rows, faults);
    }
    free(rows);
}
