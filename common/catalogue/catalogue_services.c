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

static enum status take_fields(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                               struct fault *fault)
{
    for (uint32_t i = 0; i < message->n_fields; i++) {
        const Hoso__V1__Field *given = message->fields[i];
        struct field *field = &catalogue->fields[i];
        const struct place place = {catalogue, fault, "fields", i};
        enum status status = place_name(&place, "id", given->id, CATALOGUE_ID_MAX, &field->id);
        if (status == STATUS_OK) {
            status = place_name(&place, "name", given->name, CATALOGUE_NAME_MAX, &field->name);
        }
        if (status == STATUS_OK) {
            status =
                place_text(&place, "name_en", given->name_en, CATALOGUE_NAME_MAX, &field->name_en);
        }
        if (status != STATUS_OK) {
            return status;
        }
        field->print_order = given->print_order;
    }
    return STATUS_OK;
}

static enum status given_twice(struct fault *fault, uint32_t row, uint32_t other, struct slice id)
{
    fault_set(fault, "fields", row > other ? row : other, "id",
              "%.*s has two rows; keep one of them", SLICE_ARG(id));
    fault->other = row > other ? other : row;
    return STATUS_INVALID;
}

/* Sorted twice: in the order given to name the later one of two with the same id, then as printed.
 */
enum status catalogue_build_fields(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                                   struct fault *fault)
{
    const uint32_t count = (uint32_t)message->n_fields;
    struct arena *arena = &catalogue->arena;
    if (message->n_fields > CATALOGUE_FIELDS_MAX) {
        return fault_too_large(fault, "more than 1000 fields; drop some");
    }
    catalogue->fields = arena_array(arena, count, sizeof *catalogue->fields);
    if (catalogue->fields == NULL) {
        return fault_too_large(fault,
                               "the fields need too much memory; make the catalogue smaller");
    }
    const enum status status = take_fields(catalogue, message, fault);
    if (status != STATUS_OK) {
        return status;
    }
    const uint32_t *given = sorted_index(arena, catalogue->fields, count, compare_field_ids);
    for (uint32_t i = 1; given != NULL && i < count; i++) {
        const struct field *field = &catalogue->fields[given[i]];
        if (slice_equal(field->id, catalogue->fields[given[i - 1]].id)) {
            return given_twice(fault, given[i], given[i - 1], field->id);
        }
    }
    catalogue->field_count = count;
    if (count > 0) {
        qsort(catalogue->fields, count, sizeof *catalogue->fields, compare_field_print);
    }
    catalogue->field_index = sorted_index(arena, catalogue->fields, count, compare_field_ids);
    return catalogue->field_index != NULL
               ? STATUS_OK
               : fault_too_large(fault,
                                 "the fields need too much memory; make the catalogue smaller");
}

static enum status take_procedure(const struct place *place, const Hoso__V1__Procedure *given,
                                  struct procedure_row *ret_row)
{
    struct procedure *procedure = &ret_row->procedure;
    enum status status = place_name(place, "id", given->id, CATALOGUE_ID_MAX, &procedure->id);
    if (status == STATUS_OK) {
        status = place_name(place, "name", given->name, CATALOGUE_NAME_MAX, &procedure->name);
    }
    if (status == STATUS_OK) {
        status = place_name(place, "field", given->field, CATALOGUE_ID_MAX, &procedure->field);
    }
    if (status == STATUS_OK) {
        status = place_span(place, given->valid_from, given->valid_to, &procedure->from_day,
                            &procedure->to_day);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if ((int)given->service_level < HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_FULL ||
        (int)given->service_level > HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_NONE) {
        return fault_set(place->fault, place->table, place->row, "service_level",
                         "%d is not a service level; give FULL, PARTIAL or NONE",
                         (int)given->service_level);
    }
    const struct field *field = catalogue_field(place->catalogue, procedure->field);
    if (field == NULL) {
        return fault_set(place->fault, place->table, place->row, "field",
                         "no field %.*s; add it to the fields or mend its id",
                         SLICE_ARG(procedure->field));
    }
    procedure->service_level = (uint32_t)given->service_level;
    ret_row->field = (uint32_t)(field - place->catalogue->fields);
    ret_row->origin = place->row;
    return STATUS_OK;
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

/* Moves the latest row of every id to the front; `ret_count` of them. */
static enum status keep_latest(struct procedure_row *rows, uint32_t count, struct fault *fault,
                               uint32_t *ret_count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct procedure_row *last = kept > 0 ? &rows[kept - 1] : NULL;
        const struct procedure *row = &rows[i].procedure;
        const bool same = last != NULL && slice_equal(last->procedure.id, row->id);
        if (same && last->procedure.to_day > row->from_day) {
            return fault_overlap(fault, "procedures", rows[i].origin, last->origin, row->id);
        }
        rows[same ? kept - 1 : kept++] = rows[i];
    }
    *ret_count = kept;
    return STATUS_OK;
}

/* `rows` are the latest ones: prints them by field, then in the order given. */
static enum status index_procedures(struct catalogue *catalogue, struct procedure_row *rows,
                                    struct fault *fault)
{
    const uint32_t count = catalogue->procedure_count;
    struct arena *arena = &catalogue->arena;
    if (count > 0) {
        qsort(rows, count, sizeof *rows, compare_procedure_print);
    }
    catalogue->procedures = arena_array(arena, count, sizeof *catalogue->procedures);
    if (catalogue->procedures == NULL) {
        return fault_too_large(fault,
                               "the procedures need too much memory; make the catalogue smaller");
    }
    for (uint32_t i = 0; i < count; i++) {
        catalogue->procedures[i] = rows[i].procedure;
    }
    catalogue->procedure_index =
        sorted_index(arena, catalogue->procedures, count, compare_procedure_ids);
    return catalogue->procedure_index != NULL
               ? STATUS_OK
               : fault_too_large(fault,
                                 "the procedures need too much memory; make the catalogue smaller");
}

enum status catalogue_build_procedures(struct catalogue *catalogue,
                                       const Hoso__V1__Catalogue *message, struct fault *fault)
{
    const uint32_t count = (uint32_t)message->n_procedures;
    if (message->n_procedures > CATALOGUE_PROCEDURES_MAX) {
        return fault_too_large(fault, "more than 20000 rows of procedures; drop some");
    }
    struct procedure_row *rows = calloc(count > 0 ? count : 1, sizeof *rows);
    if (rows == NULL) {
        return fault_too_large(fault, "out of memory for the procedures; try again with more");
    }
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        const struct place place = {catalogue, fault, "procedures", i};
        status = take_procedure(&place, message->procedures[i], &rows[i]);
    }
    if (status == STATUS_OK && count > 0) {
        qsort(rows, count, sizeof *rows, compare_procedures);
    }
    if (status == STATUS_OK) {
        status = keep_latest(rows, count, fault, &catalogue->procedure_count);
    }
    if (status == STATUS_OK) {
        status = index_procedures(catalogue, rows, fault);
    }
    free(rows);
    return status;
}
