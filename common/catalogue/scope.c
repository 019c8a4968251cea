/* SPDX-License-Identifier: Apache-2.0
 *
 * The tree is grown from its root: children in printing order were laid out when the catalogue was
 * parsed, and units that were split follow them. It is walked twice, to count and to fill. Then
 * every id is given to the row in which it is counted.
 */
#include "catalogue/scope.h"

#include <stdlib.h>

#include "base/require.h"
#include "catalogue/scope_internal.h"

struct growth {
    const struct catalogue *catalogue;
    struct arena *arena;
    struct places places;
    uint32_t *splits; /* ids, by the id above them, print order and id */
    uint32_t split_count;
    struct scope_row *rows; /* NULL: only count */
    uint32_t *own;          /* per row: its id */
    uint32_t count;
    uint32_t *targets; /* per id: index of the row in which it is counted, or CATALOGUE_NONE */
    uint32_t root;     /* id, CATALOGUE_NONE for a forest */
};

static int compare_splits(const void *a, const void *b, void *context)
{
    struct growth *growth = context;
    const uint32_t i = *(const uint32_t *)a;
    const uint32_t j = *(const uint32_t *)b;
    const uint32_t above_i = places_above(&growth->places, i);
    const uint32_t above_j = places_above(&growth->places, j);
    if (above_i != above_j) {
        return above_i < above_j ? -1 : 1;
    }
    const uint32_t order_i = places_unit(&growth->places, i)->print_order;
    const uint32_t order_j = places_unit(&growth->places, j)->print_order;
    return order_i != order_j ? (order_i > order_j) - (order_i < order_j) : (i > j) - (i < j);
}

static enum status find_splits(struct growth *growth)
{
    const uint32_t ids = growth->catalogue->id_count;
    uint32_t count = 0;
    for (uint32_t i = 0; i < ids; i++) {
        count += places_is_split(&growth->places, i);
    }
    growth->splits = arena_array(growth->arena, count, sizeof *growth->splits);
    if (growth->splits == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < ids; i++) {
        if (places_is_split(&growth->places, i)) {
            growth->splits[growth->split_count++] = i;
        }
    }
    if (count > 0) {
        qsort_r(growth->splits, count, sizeof *growth->splits, compare_splits, growth);
    }
    return STATUS_OK;
}

static void put_row(struct growth *growth, uint32_t id, uint32_t place, uint32_t parent,
                    uint32_t depth)
{
    const struct unit *unit = places_unit(&growth->places, id);
    if (growth->rows != NULL) {
        growth->own[place] = id;
        growth->rows[place] = (struct scope_row){
            .kind = places_is_split(&growth->places, id) ? SCOPE_SPLIT : SCOPE_UNIT,
            .tier = unit->tier,
            .unit = unit,
            .parent = depth > 0 ? parent : place,
            .depth = depth,
            .end = growth->count};
    }
}

/* The rows of units that were split, below `above`. */
static void put_splits(struct growth *growth, uint32_t above, uint32_t parent, uint32_t depth)
{
    uint32_t low = 0;
    uint32_t high = growth->split_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (places_above(&growth->places, growth->splits[middle]) < above) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < growth->split_count && places_above(&growth->places, growth->splits[low]) == above;
         low++) {
        const uint32_t place = growth->count++;
        put_row(growth, growth->splits[low], place, parent, depth);
    }
}

/* The depth of a parsed catalogue is bounded, and so is the recursion. */
static void grow(struct growth *growth, uint32_t id, uint32_t parent, uint32_t depth)
{
    const struct catalogue *catalogue = growth->catalogue;
    const uint32_t place = growth->count++;
    require(depth < CATALOGUE_DEPTH_MAX);
    for (uint32_t i = catalogue->ids[id].child_first; i < catalogue->ids[id].child_end; i++) {
        const uint32_t child = catalogue->children[i];
        if (catalogue_row_holds(catalogue, child, growth->places.day)) {
            grow(growth, catalogue->rows[child].id, place, depth + 1);
        }
    }
    put_splits(growth, id, place, depth + 1);
    put_row(growth, id, place, parent, depth);
}

static void grow_from_root(struct growth *growth)
{
    const struct catalogue *catalogue = growth->catalogue;
    growth->count = 0;
    if (growth->root != CATALOGUE_NONE) {
        if (places_is_split(&growth->places, growth->root)) {
            put_row(growth, growth->root, growth->count++, 0, 0);
        } else {
            grow(growth, growth->root, 0, 0);
        }
        return;
    }
    for (uint32_t i = catalogue->root_first; i < catalogue->root_end; i++) {
        const uint32_t child = catalogue->children[i];
        if (catalogue_row_holds(catalogue, child, growth->places.day)) {
            grow(growth, catalogue->rows[child].id, 0, 0);
        }
    }
    put_splits(growth, CATALOGUE_NONE, 0, 0);
}

static enum status grow_rows(struct growth *growth)
{
    grow_from_root(growth);
    const size_t most = (size_t)growth->count + 1 + TIER_COUNT;
    growth->own = arena_array(growth->arena, most, sizeof *growth->own);
    growth->rows = arena_array(growth->arena, most, sizeof *growth->rows);
    if (growth->rows == NULL || growth->own == NULL) {
        return STATUS_TOO_LARGE;
    }
    grow_from_root(growth);
    return STATUS_OK;
}

/* Ids that have no row of their own in this scope: in the row of the one that holds them. */
static void aim_at_rows(struct growth *growth)
{
    const uint32_t *holders = growth->places.holders;
    for (uint32_t i = 0; i < growth->catalogue->id_count; i++) {
        growth->targets[i] = CATALOGUE_NONE;
    }
    for (uint32_t i = 0; i < growth->count; i++) {
        growth->targets[growth->own[i]] = i;
    }
    for (uint32_t i = 0; i < growth->catalogue->id_count; i++) {
        uint32_t holder = holders[i];
        if (holder == CATALOGUE_NONE && growth->root == CATALOGUE_NONE) {
            holder = places_nearest(&growth->places, i);
        }
        if (holder != CATALOGUE_NONE && holder != i) {
            growth->targets[i] = growth->targets[holder];
        }
    }
}

/* Ids outside the tree that lay below the root: a row for each tier, and one above them. */
static void aim_outside(struct growth *growth, const struct scope_question *question)
{
    const struct catalogue *catalogue = growth->catalogue;
    const uint32_t first = growth->count;
    uint32_t row_of_tier[TIER_COUNT] = {0};
    for (uint32_t i = 0; i < catalogue->id_count && question->from_day < question->to_day; i++) {
        if (growth->places.holders[i] != CATALOGUE_NONE ||
            !places_lay_below(catalogue, growth->root, i, question->from_day, question->to_day)) {
            continue;
        }
        if (growth->count == first) {
            growth->rows[growth->count++] =
                (struct scope_row){.kind = SCOPE_OUTSIDE, .parent = 0, .depth = 1};
        }
        const enum tier tier = places_unit(&growth->places, i)->tier;
        if (row_of_tier[tier] == 0) {
            row_of_tier[tier] = growth->count++;
            growth->rows[row_of_tier[tier]] = (struct scope_row){.kind = SCOPE_OUTSIDE_TIER,
                                                                 .tier = tier,
                                                                 .parent = first,
                                                                 .depth = 2,
                                                                 .end = growth->count};
        }
        growth->targets[i] = row_of_tier[tier];
    }
    if (growth->count > first) {
        growth->rows[first].end = growth->count;
        growth->rows[0].end = growth->count;
    }
}

/* Gives each row its units, its own first. */
static enum status give_units(struct growth *growth, struct scope *ret_scope)
{
    const uint32_t ids = growth->catalogue->id_count;
    struct scope_row *rows = growth->rows;
    uint32_t count = 0;
    for (uint32_t i = 0; i < ids; i++) {
        if (growth->targets[i] != CATALOGUE_NONE) {
            rows[growth->targets[i]].unit_end++;
        }
    }
    for (uint32_t i = 0; i < growth->count; i++) {
        rows[i].unit_first = count;
        count += rows[i].unit_end;
        rows[i].unit_end = rows[i].unit_first;
    }
    const struct unit **units = arena_array(growth->arena, count, sizeof *units);
    if (units == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < growth->count; i++) {
        if (rows[i].unit != NULL) {
            units[rows[i].unit_end++] = rows[i].unit;
        }
    }
    for (uint32_t i = 0; i < ids; i++) {
        struct scope_row *row =
            growth->targets[i] != CATALOGUE_NONE ? &rows[growth->targets[i]] : NULL;
        const struct unit *unit = row != NULL ? places_unit(&growth->places, i) : NULL;
        if (row != NULL && unit != row->unit) {
            units[row->unit_end++] = unit;
        }
    }
    *ret_scope = (struct scope){rows, growth->count, units, count};
    return STATUS_OK;
}

enum status scope_of(const struct catalogue *catalogue, const struct scope_question *question,
                     struct arena *arena, struct scope *ret_scope)
{
    struct growth growth = {.catalogue = catalogue, .arena = arena, .root = CATALOGUE_NONE};
    enum status status = places_of(catalogue, question->tree_day, arena, &growth.places);
    if (status != STATUS_OK) {
        return status;
    }
    if (question->root.size > 0) {
        growth.root = catalogue_find(catalogue, question->root);
        if (growth.root == CATALOGUE_NONE || growth.places.holders[growth.root] != growth.root ||
            (places_is_split(&growth.places, growth.root) && !question->split_root)) {
            return STATUS_NOT_FOUND;
        }
    }
    growth.targets = arena_array(arena, catalogue->id_count, sizeof *growth.targets);
    if (growth.targets == NULL) {
        return STATUS_TOO_LARGE;
    }
    status = find_splits(&growth);
    if (status == STATUS_OK) {
        status = grow_rows(&growth);
    }
    if (status != STATUS_OK) {
        return status;
    }
    aim_at_rows(&growth);
    if (growth.root != CATALOGUE_NONE && !places_is_split(&growth.places, growth.root)) {
        aim_outside(&growth, question);
    }
    return give_units(&growth, ret_scope);
}

bool scope_covers(const struct catalogue *catalogue, struct slice root, struct slice unit)
{
    const uint32_t above = catalogue_find(catalogue, root);
    const uint32_t below = catalogue_find(catalogue, unit);
    return above != CATALOGUE_NONE && below != CATALOGUE_NONE &&
           (above == below || catalogue_is_ancestor(catalogue, above, below));
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
        if (i == above || catalogue_is_ancestor(catalogue, above, i)) {
            units[count++] = &catalogue->rows[catalogue->ids[i].row_end - 1].unit;
        }
    }
    *ret_units = units;
    *ret_count = count;
    return STATUS_OK;
}
