/* SPDX-License-Identifier: Apache-2.0
 *
 * Life cycle and look-ups. All arrays are sorted once, when parsed; every look-up is a binary
 * search.
 */
#include "catalogue/catalogue_internal.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/require.h"

const char *const catalogue_tier_names[TIER_COUNT] = {
    "", "PROVINCE", "DEPARTMENT", "DISTRICT", "COMMUNE", "NATION", "MINISTRY"};
const char *const catalogue_level_names[CATALOGUE_LEVELS] = {"", "FULL", "PARTIAL", "NONE"};

enum status catalogue_parse(struct slice packed, struct catalogue **ret_catalogue,
                            struct error *error)
{
    struct faults *faults = calloc(1, sizeof *faults);
    if (faults == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory for the catalogue");
    }
    const enum status status = catalogue_build(packed, ret_catalogue, faults);
    const struct fault *fault = faults->list;
    if (status == STATUS_OK || fault->table == NULL) {
        (void)error_set(error, status, "%s", fault->text);
    } else if (fault->other == CATALOGUE_NONE) {
        (void)error_set(error, status, "%s[%u].%s: %s", fault->table, fault->row, fault->column,
                        fault->text);
    } else {
        (void)error_set(error, status, "%s[%u].%s: %s (the other is %s[%u])", fault->table,
                        fault->row, fault->column, fault->text, fault->table, fault->other);
    }
    free(faults);
    return status;
}

void catalogue_free(struct catalogue *catalogue)
{
    if (catalogue == NULL) {
        return;
    }
    arena_fini(&catalogue->arena);
    buffer_fini(&catalogue->ancestors);
    free(catalogue);
}

struct slice catalogue_packed(const struct catalogue *catalogue)
{
    return catalogue->packed;
}

uint32_t catalogue_find(const struct catalogue *catalogue, struct slice id)
{
    uint32_t low = 0;
    uint32_t high = catalogue->id_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const struct unit *unit = &catalogue->rows[catalogue->ids[middle].row_first].unit;
        const int order = slice_compare(unit->id, id);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return CATALOGUE_NONE;
}

bool catalogue_has_unit(const struct catalogue *catalogue, struct slice id)
{
    return catalogue_find(catalogue, id) != CATALOGUE_NONE;
}

bool catalogue_has_field(const struct catalogue *catalogue, struct slice id)
{
    return catalogue_field(catalogue, id) != NULL;
}

bool catalogue_has_procedure(const struct catalogue *catalogue, struct slice id)
{
    return catalogue_procedure(catalogue, id) != NULL;
}

const struct unit *catalogue_unit(const struct catalogue *catalogue, struct slice id, int32_t day)
{
    const uint32_t found = catalogue_find(catalogue, id);
    if (found == CATALOGUE_NONE) {
        return NULL;
    }
    const uint32_t row = catalogue_row_on(catalogue, found, day);
    return row != CATALOGUE_NONE ? &catalogue->rows[row].unit : NULL;
}

const struct unit *catalogue_unit_before(const struct catalogue *catalogue, struct slice id,
                                         int32_t day)
{
    const uint32_t found = catalogue_find(catalogue, id);
    const uint32_t row =
        found != CATALOGUE_NONE ? catalogue_row_before(catalogue, found, day) : CATALOGUE_NONE;
    return row != CATALOGUE_NONE ? &catalogue->rows[row].unit : NULL;
}

const struct unit *catalogue_unit_to_come(const struct catalogue *catalogue, struct slice id,
                                          int32_t day)
{
    const uint32_t found = catalogue_find(catalogue, id);
    if (found == CATALOGUE_NONE) {
        return NULL;
    }
    const struct unit *first = &catalogue->rows[catalogue->ids[found].row_first].unit;
    return first->from_day > day ? first : NULL;
}

/* Looks `id` up by a sorted index into entries that begin with their id. */
static const void *find_entry(const void *entries, size_t entry_bytes, const uint32_t *index,
                              uint32_t count, struct slice id)
{
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const void *entry = (const uint8_t *)entries + index[middle] * entry_bytes;
        const int order = slice_compare(*(const struct slice *)entry, id);
        if (order == 0) {
            return entry;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

uint32_t catalogue_unit_count(const struct catalogue *catalogue)
{
    return catalogue->id_count;
}

const struct unit *catalogue_unit_at(const struct catalogue *catalogue, uint32_t index)
{
    require(index < catalogue->id_count);
    return &catalogue->rows[catalogue->ids[index].row_end - 1].unit;
}

const struct field *catalogue_field(const struct catalogue *catalogue, struct slice id)
{
    static_assert(offsetof(struct field, id) == 0, "find_entry");
    return find_entry(catalogue->fields, sizeof *catalogue->fields, catalogue->field_index,
                      catalogue->field_count, id);
}

const struct procedure *catalogue_procedure(const struct catalogue *catalogue, struct slice id)
{
    static_assert(offsetof(struct procedure, id) == 0, "find_entry");
    return find_entry(catalogue->procedures, sizeof *catalogue->procedures,
                      catalogue->procedure_index, catalogue->procedure_count, id);
}

const struct field *catalogue_fields(const struct catalogue *catalogue, uint32_t *ret_count)
{
    *ret_count = catalogue->field_count;
    return catalogue->fields;
}

const struct procedure *catalogue_procedures(const struct catalogue *catalogue, uint32_t *ret_count)
{
    *ret_count = catalogue->procedure_count;
    return catalogue->procedures;
}

static enum status missing(const char *what, struct slice id, struct error *error)
{
    return error_set(
        error, STATUS_CONFLICT,
        "%s %.*s is gone, but only an id that no event ever named may go, and nobody has counted "
        "that; keep its row and end its validity",
        what, SLICE_ARG(id));
}

enum status catalogue_may_replace(const struct catalogue *current, const struct catalogue *next,
                                  struct error *error)
{
    if (current == NULL) {
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < current->id_count; i++) {
        const struct slice id = current->rows[current->ids[i].row_first].unit.id;
        if (!catalogue_has_unit(next, id)) {
            return missing("unit", id, error);
        }
    }
    for (uint32_t i = 0; i < current->field_count; i++) {
        if (!catalogue_has_field(next, current->fields[i].id)) {
            return missing("field", current->fields[i].id, error);
        }
    }
    for (uint32_t i = 0; i < current->procedure_count; i++) {
        if (!catalogue_has_procedure(next, current->procedures[i].id)) {
            return missing("procedure", current->procedures[i].id, error);
        }
    }
    return STATUS_OK;
}
