/* SPDX-License-Identifier: Apache-2.0
 *
 * Successors are followed from each id once and remembered. The number of successions and the depth
 * of the tree, both checked when the catalogue was parsed, bound every recursion.
 */
#include "catalogue/scope_internal.h"

#include <assert.h>
#include <stddef.h>

#include "base/require.h"

#define UNKNOWN (CATALOGUE_NONE - 1)

/* Follows the successors of one that has ended. */
static uint32_t find_holder(struct places *places, uint32_t id)
{
    const struct catalogue *catalogue = places->catalogue;
    uint32_t *holder = &places->holders[id];
    if (*holder != UNKNOWN) {
        return *holder;
    }
    const uint32_t last = catalogue_row_before(catalogue, id, places->day);
    const struct unit_row *row = last != CATALOGUE_NONE ? &catalogue->rows[last] : NULL;
    const uint32_t count = row != NULL ? row->unit.successors.count : 0;
    *holder = CATALOGUE_NONE;
    if (count == 1) {
        *holder = find_holder(places, row->successors[0]);
    }
    for (uint32_t i = 0; i < count && count > 1; i++) {
        if (find_holder(places, row->successors[i]) != CATALOGUE_NONE) {
            *holder = id;
        }
    }
    return *holder;
}

enum status places_of(const struct catalogue *catalogue, int32_t day, struct arena *arena,
                      struct places *ret_places)
{
    const uint32_t count = catalogue->id_count;
    struct places places = {.catalogue = catalogue, .day = day};
    places.rows = arena_array(arena, count, sizeof *places.rows);
    places.holders = arena_array(arena, count, sizeof *places.holders);
    places.above = arena_array(arena, count, sizeof *places.above);
    if (places.rows == NULL || places.holders == NULL || places.above == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < count; i++) {
        places.rows[i] = catalogue_row_on(catalogue, i, day);
        places.holders[i] = places.rows[i] != CATALOGUE_NONE ? i : UNKNOWN;
        places.above[i] = UNKNOWN;
    }
    for (uint32_t i = 0; i < count; i++) {
        (void)find_holder(&places, i);
    }
    *ret_places = places;
    return STATUS_OK;
}

/* Keeps of `path` what lies above the row of `holder`, too. */
static unsigned keep_shared(struct places *places, uint32_t path[], unsigned count, uint32_t holder)
{
    for (unsigned i = 0; i < count; i++) {
        for (uint32_t id = places_above(places, holder); id != CATALOGUE_NONE;
             id = places_above(places, id)) {
            if (id == path[i]) {
                memmove(path, path + i, (count - i) * sizeof *path);
                return count - i;
            }
        }
    }
    return 0;
}

static bool is_at_or_above(struct places *places, uint32_t above, uint32_t id)
{
    while (id != CATALOGUE_NONE && id != above) {
        id = places_above(places, id);
    }
    return id == above;
}

/* The top of the tree, if it is itself a successor and all others lie below it: a district whose
 * work went to the province and its communes. */
static uint32_t find_top(struct places *places, const struct unit_row *row)
{
    uint32_t top = CATALOGUE_NONE;
    bool all = true;
    for (uint32_t i = 0; i < row->unit.successors.count; i++) {
        const uint32_t holder = places->holders[row->successors[i]];
        if (holder != CATALOGUE_NONE && places_above(places, holder) == CATALOGUE_NONE) {
            top = holder;
        }
    }
    for (uint32_t i = 0; i < row->unit.successors.count && top != CATALOGUE_NONE; i++) {
        const uint32_t holder = places->holders[row->successors[i]];
        all = all && (holder == CATALOGUE_NONE || is_at_or_above(places, top, holder));
    }
    return all ? top : CATALOGUE_NONE;
}

/* The nearest id that is above the rows of all successors. */
static uint32_t find_shared(struct places *places, uint32_t id)
{
    const struct catalogue *catalogue = places->catalogue;
    const struct unit_row *row = &catalogue->rows[catalogue_row_before(catalogue, id, places->day)];
    uint32_t path[CATALOGUE_DEPTH_MAX];
    unsigned count = 0;
    bool first = true;
    for (uint32_t i = 0; i < row->unit.successors.count; i++) {
        const uint32_t holder = places->holders[row->successors[i]];
        if (holder == CATALOGUE_NONE) {
            continue;
        }
        if (!first) {
            count = keep_shared(places, path, count, holder);
            continue;
        }
        first = false;
        for (uint32_t above = places_above(places, holder); above != CATALOGUE_NONE;
             above = places_above(places, above)) {
            require(count < CATALOGUE_DEPTH_MAX);
            path[count++] = above;
        }
    }
    return count > 0 ? path[0] : find_top(places, row);
}

uint32_t places_above(struct places *places, uint32_t id)
{
    if (places->rows[id] != CATALOGUE_NONE) {
        return places->catalogue->rows[places->rows[id]].parent;
    }
    if (places->above[id] == UNKNOWN) {
        places->above[id] = find_shared(places, id);
    }
    return places->above[id];
}

/* Of an id without a row on `day`: its last row before, at its end; or of one that has not begun
 * its first row, at its beginning. */
static uint32_t row_beside(const struct catalogue *catalogue, uint32_t id, int32_t day,
                           int32_t *ret_day)
{
    const uint32_t last = catalogue_row_before(catalogue, id, day);
    const uint32_t row = last != CATALOGUE_NONE ? last : catalogue->ids[id].row_first;
    const struct unit *unit = &catalogue->rows[row].unit;
    *ret_day = last != CATALOGUE_NONE ? unit->to_day - 1 : unit->from_day;
    return row;
}

uint32_t places_nearest(const struct places *places, uint32_t id)
{
    const struct catalogue *catalogue = places->catalogue;
    int32_t day;
    uint32_t row = row_beside(catalogue, id, places->day, &day);
    while (row != CATALOGUE_NONE) {
        const uint32_t above = catalogue->rows[row].parent;
        if (above == CATALOGUE_NONE || places->holders[above] != CATALOGUE_NONE) {
            return above != CATALOGUE_NONE ? places->holders[above] : CATALOGUE_NONE;
        }
        row = catalogue_row_on(catalogue, above, day);
    }
    return CATALOGUE_NONE;
}

const struct unit *places_unit(const struct places *places, uint32_t id)
{
    int32_t day;
    uint32_t row = places->rows[id];
    if (row == CATALOGUE_NONE) {
        row = row_beside(places->catalogue, id, places->day, &day);
    }
    return &places->catalogue->rows[row].unit;
}

/* Whether the path up from a row meets `root` on any day of [from, to), which the row holds. */
static bool meets(const struct catalogue *catalogue, const struct unit_row *row, uint32_t root,
                  int32_t from, int32_t to)
{
    bool met = row->parent == root;
    if (row->parent == CATALOGUE_NONE) {
        return false;
    }
    for (uint32_t above = catalogue_row_on(catalogue, row->parent, from); from < to && !met;
         above++) {
        const struct unit_row *parent = &catalogue->rows[above];
        const int32_t until = parent->unit.to_day < to ? parent->unit.to_day : to;
        met = meets(catalogue, parent, root, from, until);
        from = until;
    }
    return met;
}

bool places_lay_below(const struct catalogue *catalogue, uint32_t root, uint32_t id,
                      int32_t from_day, int32_t to_day)
{
    const struct unit_id *unit = &catalogue->ids[id];
    bool there = false;
    if (!catalogue_is_ancestor(catalogue, root, id)) {
        return false;
    }
    for (uint32_t i = unit->row_first; i < unit->row_end; i++) {
        const struct unit_row *row = &catalogue->rows[i];
        const int32_t from = row->unit.from_day > from_day ? row->unit.from_day : from_day;
        const int32_t to = row->unit.to_day < to_day ? row->unit.to_day : to_day;
        there = there || from < to;
        if (from < to && meets(catalogue, row, root, from, to)) {
            return true;
        }
    }
    if (there) {
        return false;
    }
    int32_t day;
    const struct unit_row *row = &catalogue->rows[row_beside(catalogue, id, from_day, &day)];
    return meets(catalogue, row, root, day, day + 1);
}

uint32_t places_id_of(const struct unit *unit)
{
    static_assert(offsetof(struct unit_row, unit) == 0, "a unit begins its row");
    return ((const struct unit_row *)(const void *)unit)->id;
}
