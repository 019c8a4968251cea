/* SPDX-License-Identifier: Apache-2.0
 *
 * Children in printing order were laid out when the catalogue was parsed, so a day's tree costs one
 * look at the rows below its root. It is walked twice, to count and to fill.
 */
#include "catalogue/scope.h"

#include "base/require.h"
#include "catalogue/catalogue_internal.h"

struct growth {
    const struct catalogue *catalogue;
    int32_t day;
    struct scope_row *rows; /* NULL: only count */
    const struct unit **units;
    uint32_t count;
};

static void put_row(struct growth *growth, uint32_t place, const struct scope_row *row)
{
    if (growth->rows != NULL) {
        growth->rows[place] = *row;
        growth->units[place] = row->unit;
    }
}

/* The depth of a parsed catalogue is bounded, and so is the recursion. */
static void grow(struct growth *growth, uint32_t row, uint32_t parent, uint32_t depth)
{
    const struct catalogue *catalogue = growth->catalogue;
    const struct unit_id *id = &catalogue->ids[catalogue->rows[row].id];
    const uint32_t place = growth->count++;
    require(depth <= CATALOGUE_DEPTH_MAX);
    for (uint32_t i = id->child_first; i < id->child_end; i++) {
        const uint32_t child = catalogue->children[i];
        if (catalogue_row_holds(catalogue, child, growth->day)) {
            grow(growth, child, place, depth + 1);
        }
    }
    put_row(growth, place,
            &(struct scope_row){.unit = &catalogue->rows[row].unit,
                                .parent = depth > 0 ? parent : place,
                                .depth = depth,
                                .end = growth->count,
                                .unit_first = place,
                                .unit_end = place + 1});
}

static void grow_from(struct growth *growth, uint32_t row)
{
    const struct catalogue *catalogue = growth->catalogue;
    growth->count = 0;
    if (row != CATALOGUE_NONE) {
        grow(growth, row, 0, 0);
        return;
    }
    for (uint32_t i = catalogue->root_first; i < catalogue->root_end; i++) {
        if (catalogue_row_holds(catalogue, catalogue->children[i], growth->day)) {
            grow(growth, catalogue->children[i], 0, 0);
        }
    }
}

enum status scope_of(const struct catalogue *catalogue, struct slice root, int32_t day,
                     struct arena *arena, struct scope *ret_scope)
{
    struct growth growth = {.catalogue = catalogue, .day = day};
    uint32_t row = CATALOGUE_NONE;
    if (root.size > 0) {
        const uint32_t id = catalogue_find(catalogue, root);
        row = id != CATALOGUE_NONE ? catalogue_row_on(catalogue, id, day) : CATALOGUE_NONE;
        if (row == CATALOGUE_NONE) {
            return STATUS_NOT_FOUND;
        }
    }
    grow_from(&growth, row);
    growth.units = arena_array(arena, growth.count, sizeof *growth.units);
    growth.rows = arena_array(arena, growth.count, sizeof *growth.rows);
    if (growth.rows == NULL || growth.units == NULL) {
        return STATUS_TOO_LARGE;
    }
    grow_from(&growth, row);
    *ret_scope = (struct scope){growth.rows, growth.count, growth.units, growth.count};
    return STATUS_OK;
}

static bool is_above(const struct catalogue *catalogue, uint32_t above, uint32_t below)
{
    const uint32_t *ancestors = (const void *)catalogue->ancestors.data;
    bool is = above == below;
    for (uint32_t i = catalogue->ids[below].ancestor_first;
         !is && i < catalogue->ids[below].ancestor_end; i++) {
        is = ancestors[i] == above;
    }
    return is;
}

bool scope_covers(const struct catalogue *catalogue, struct slice root, struct slice unit)
{
    const uint32_t above = catalogue_find(catalogue, root);
    const uint32_t below = catalogue_find(catalogue, unit);
    return above != CATALOGUE_NONE && below != CATALOGUE_NONE && is_above(catalogue, above, below);
}

enum status scope_covered(const struct catalogue *catalogue, struct slice root, struct arena *arena,
                          const struct unit *const **ret_units, uint32_t *ret_count)
{
    const uint32_t above = catalogue_find(catalogue, root);
    const struct unit **units = arena_array(arena, catalogue->id_count, sizeof *units);
    uint32_t count = 0;
    if (units == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < catalogue->id_count && above != CATALOGUE_NONE; i++) {
        if (is_above(catalogue, above, i)) {
            units[count++] = &catalogue->rows[catalogue->ids[i].row_end - 1].unit;
        }
    }
    *ret_units = units;
    *ret_count = count;
    return STATUS_OK;
}
