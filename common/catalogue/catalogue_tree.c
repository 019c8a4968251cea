/* SPDX-License-Identifier: Apache-2.0
 *
 * The tree of one day: children in printing order were laid out when the catalogue was parsed, so a
 * tree costs one look at the rows below it. It is walked twice, to count and to fill.
 */
#include "catalogue/catalogue_internal.h"

#include "base/require.h"

struct growth {
    const struct catalogue *catalogue;
    int32_t day;
    struct tree_node *nodes; /* NULL: only count */
    uint32_t count;
};

/* The depth of a parsed catalogue is bounded, and so is the recursion. */
static void grow(struct growth *growth, uint32_t first, uint32_t end, uint32_t depth)
{
    const struct catalogue *catalogue = growth->catalogue;
    require(depth <= CATALOGUE_DEPTH_MAX);
    for (uint32_t i = first; i < end; i++) {
        const struct unit_row *row = &catalogue->rows[catalogue->children[i]];
        if (growth->day < row->unit.from_day || growth->day >= row->unit.to_day) {
            continue;
        }
        const struct unit_id *id = &catalogue->ids[row->id];
        const uint32_t place = growth->count++;
        grow(growth, id->child_first, id->child_end, depth + 1);
        if (growth->nodes != NULL) {
            growth->nodes[place] = (struct tree_node){&row->unit, depth, growth->count};
        }
    }
}

static void grow_from(struct growth *growth, uint32_t row)
{
    const struct catalogue *catalogue = growth->catalogue;
    growth->count = 0;
    if (row == CATALOGUE_NONE) {
        grow(growth, catalogue->root_first, catalogue->root_end, 0);
        return;
    }
    const struct unit_id *id = &catalogue->ids[catalogue->rows[row].id];
    growth->count = 1;
    grow(growth, id->child_first, id->child_end, 1);
    if (growth->nodes != NULL) {
        growth->nodes[0] = (struct tree_node){&catalogue->rows[row].unit, 0, growth->count};
    }
}

enum status catalogue_tree(const struct catalogue *catalogue, struct slice root, int32_t day,
                           struct arena *arena, struct tree *ret_tree)
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
    growth.nodes = arena_array(arena, growth.count, sizeof *growth.nodes);
    if (growth.nodes == NULL) {
        return STATUS_TOO_LARGE;
    }
    grow_from(&growth, row);
    *ret_tree = (struct tree){growth.nodes, growth.count};
    return STATUS_OK;
}

bool catalogue_covers(const struct catalogue *catalogue, struct slice root, struct slice unit)
{
    const uint32_t above = catalogue_find(catalogue, root);
    const uint32_t below = catalogue_find(catalogue, unit);
    if (above == CATALOGUE_NONE || below == CATALOGUE_NONE) {
        return false;
    }
    const uint32_t *ancestors = (const void *)catalogue->ancestors.data;
    bool covers = above == below;
    for (uint32_t i = catalogue->ids[below].ancestor_first;
         !covers && i < catalogue->ids[below].ancestor_end; i++) {
        covers = ancestors[i] == above;
    }
    return covers;
}
