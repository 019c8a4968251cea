/* SPDX-License-Identifier: Apache-2.0
 *
 * How units hang together. A parent may change its own row while the child's stands, so "above" is
 * a question of days: the walk up from a row carries the span in which the path so far holds and
 * splits it at every change above. A span that is deeper than allowed is a fault; what the walk
 * meets on its way are the ancestors.
 */
#include "catalogue/catalogue_internal.h"

#include <stdlib.h>

struct walk {
    struct catalogue *catalogue;
    struct faults *faults;
    uint32_t *seen;  /* per id: the last id (plus 1) that has it as an ancestor */
    uint32_t origin; /* the row it starts from */
    uint32_t steps;
};

bool catalogue_row_holds(const struct catalogue *catalogue, uint32_t row, int32_t day)
{
    const struct unit *unit = &catalogue->rows[row].unit;
    return unit->from_day <= day && day < unit->to_day;
}

/* The first row of an id that ends after `day`. */
static uint32_t first_after(const struct catalogue *catalogue, uint32_t id, int32_t day)
{
    uint32_t low = catalogue->ids[id].row_first;
    uint32_t high = catalogue->ids[id].row_end;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (catalogue->rows[middle].unit.to_day <= day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint32_t catalogue_row_on(const struct catalogue *catalogue, uint32_t id, int32_t day)
{
    const uint32_t row = first_after(catalogue, id, day);
    const bool found = row < catalogue->ids[id].row_end && catalogue_row_holds(catalogue, row, day);
    return found ? row : CATALOGUE_NONE;
}

uint32_t catalogue_row_before(const struct catalogue *catalogue, uint32_t id, int32_t day)
{
    const uint32_t row = first_after(catalogue, id, day);
    return row > catalogue->ids[id].row_first ? row - 1 : CATALOGUE_NONE;
}

uint32_t catalogue_ancestor(const struct catalogue *catalogue, uint32_t index)
{
    return ((const uint32_t *)(const void *)catalogue->ancestors.data)[index];
}

bool catalogue_is_ancestor(const struct catalogue *catalogue, uint32_t above, uint32_t below)
{
    const struct unit_id *id = &catalogue->ids[below];
    bool found = false;
    for (uint32_t i = id->ancestor_first; i < id->ancestor_end && !found; i++) {
        found = catalogue_ancestor(catalogue, i) == above;
    }
    return found;
}

/* Finds the parents by id. `ret_until[i]` is the day until which the id of row i is valid without a
 * gap. */
static void find_parents(struct catalogue *catalogue, int32_t *ret_until, struct faults *faults)
{
    for (uint32_t i = catalogue->row_count; i-- > 0;) {
        struct unit_row *row = &catalogue->rows[i];
        const bool goes_on =
            i + 1 < catalogue->ids[row->id].row_end && row[1].unit.from_day == row->unit.to_day;
        ret_until[i] = goes_on ? ret_until[i + 1] : row->unit.to_day;
        if (row->unit.parent.size == 0) {
            continue;
        }
        row->parent = catalogue_find(catalogue, row->unit.parent);
        if (row->parent == CATALOGUE_NONE) {
            fault_add(faults, "units", row->origin, "parent", "no unit %.*s; add it or mend its id",
                      SLICE_ARG(row->unit.parent));
        }
    }
}

static void check_parent_spans(const struct catalogue *catalogue, const int32_t *until,
                               struct faults *faults)
{
    for (uint32_t i = 0; i < catalogue->row_count; i++) {
        const struct unit_row *row = &catalogue->rows[i];
        if (row->parent == CATALOGUE_NONE) {
            continue;
        }
        const uint32_t above = catalogue_row_on(catalogue, row->parent, row->unit.from_day);
        if (above == CATALOGUE_NONE || until[above] < row->unit.to_day) {
            fault_add(faults, "units", row->origin, "parent",
                      "%.*s is not valid in the whole span of %.*s; mend the dates of one of them "
                      "or split this row",
                      SLICE_ARG(row->unit.parent), SLICE_ARG(row->unit.id));
        }
    }
}

/* Why the path above `id` on `day` is too long: it comes back, or it is just long. */
static void too_deep(const struct walk *walk, int32_t day)
{
    const struct catalogue *catalogue = walk->catalogue;
    const struct unit_row *start = &catalogue->rows[walk->origin];
    const struct unit_row *row = start;
    for (uint32_t i = 0; i < catalogue->id_count; i++) {
        if (row->parent == CATALOGUE_NONE) {
            fault_add(walk->faults, "units", start->origin, "parent",
                      "%.*s lies more than %d levels deep; choose a parent nearer to the root",
                      SLICE_ARG(start->unit.id), CATALOGUE_DEPTH_MAX);
            return;
        }
        const uint32_t above = catalogue_row_on(catalogue, row->parent, day);
        row = &catalogue->rows[above];
    }
    fault_add(walk->faults, "units", start->origin, "parent",
              "%.*s lies below %.*s, which is below itself on the same day; mend a parent",
              SLICE_ARG(start->unit.id), SLICE_ARG(row->unit.id));
}

static void add_ancestor(struct walk *walk, uint32_t ancestor)
{
    const uint32_t id = walk->catalogue->rows[walk->origin].id;
    if (walk->seen[ancestor] == id + 1) {
        return;
    }
    walk->seen[ancestor] = id + 1;
    buffer_put(&walk->catalogue->ancestors, &ancestor, sizeof ancestor);
}

/* Everything above `row` in [from, to), which lies in the row's own span. The depth bounds the
 * recursion. False = a fault was found. */
static bool walk_up(struct walk *walk, const struct unit_row *row, int32_t from, int32_t to,
                    unsigned depth)
{
    struct catalogue *catalogue = walk->catalogue;
    if (row->parent == CATALOGUE_NONE) {
        return true;
    }
    if (depth == CATALOGUE_DEPTH_MAX) {
        too_deep(walk, from);
        return false;
    }
    add_ancestor(walk, row->parent);
    uint32_t above = catalogue_row_on(catalogue, row->parent, from);
    for (; from < to; above++) {
        const struct unit_row *parent = &catalogue->rows[above];
        const int32_t until = parent->unit.to_day < to ? parent->unit.to_day : to;
        if (++walk->steps > CATALOGUE_STEPS_MAX) {
            (void)fault_too_large(walk->faults, "units change too often above one another; merge "
                                                "rows that differ little");
            return false;
        }
        if (!walk_up(walk, parent, from, until, depth + 1)) {
            return false;
        }
        from = until;
    }
    return true;
}

/* One fault for each row whose path upwards is wrong, as long as they are kept. */
static void find_ancestors(struct walk *walk)
{
    struct catalogue *catalogue = walk->catalogue;
    const struct faults *faults = walk->faults;
    for (uint32_t i = 0; i < catalogue->id_count; i++) {
        struct unit_id *id = &catalogue->ids[i];
        id->ancestor_first = (uint32_t)(catalogue->ancestors.size / sizeof(uint32_t));
        for (uint32_t j = id->row_first; j < id->row_end; j++) {
            const struct unit *unit = &catalogue->rows[j].unit;
            walk->origin = j;
            (void)walk_up(walk, &catalogue->rows[j], unit->from_day, unit->to_day, 1);
            if (faults->status == STATUS_TOO_LARGE || faults->count >= FAULTS_MAX) {
                return;
            }
        }
        id->ancestor_end = (uint32_t)(catalogue->ancestors.size / sizeof(uint32_t));
    }
}

/* Rows are sorted by id and day, so their index stands for both. */
static int compare_children(const void *a, const void *b, void *rows)
{
    const uint32_t i = *(const uint32_t *)a;
    const uint32_t j = *(const uint32_t *)b;
    const struct unit_row *left = (const struct unit_row *)rows + i;
    const struct unit_row *right = (const struct unit_row *)rows + j;
    if (left->parent != right->parent) {
        return left->parent < right->parent ? -1 : 1;
    }
    if (left->unit.print_order != right->unit.print_order) {
        return left->unit.print_order < right->unit.print_order ? -1 : 1;
    }
    return (i > j) - (i < j);
}

/* Roots have no parent and come last. */
static void order_children(struct catalogue *catalogue)
{
    const uint32_t count = catalogue->row_count;
    for (uint32_t i = 0; i < count; i++) {
        catalogue->children[i] = i;
    }
    if (count > 0) {
        qsort_r(catalogue->children, count, sizeof *catalogue->children, compare_children,
                catalogue->rows);
    }
    catalogue->root_first = catalogue->root_end = count;
    for (uint32_t i = count; i-- > 0;) {
        const uint32_t parent = catalogue->rows[catalogue->children[i]].parent;
        if (parent == CATALOGUE_NONE) {
            catalogue->root_first = i;
            continue;
        }
        struct unit_id *id = &catalogue->ids[parent];
        id->child_first = i;
        if (id->child_end == 0) {
            id->child_end = i + 1;
        }
    }
}

static int compare_days(const void *a, const void *b)
{
    const int32_t left = *(const int32_t *)a;
    const int32_t right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

static void find_change_days(struct catalogue *catalogue)
{
    int32_t *days = arena_array(&catalogue->arena, (size_t)catalogue->row_count * 2, sizeof *days);
    uint32_t count = 0;
    if (days == NULL) {
        return; /* the arena remembers */
    }
    for (uint32_t i = 0; i < catalogue->row_count; i++) {
        days[count++] = catalogue->rows[i].unit.from_day;
        days[count++] = catalogue->rows[i].unit.to_day;
    }
    if (count > 0) {
        qsort(days, count, sizeof *days, compare_days);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || days[i] != days[i - 1]) {
            days[catalogue->change_day_count++] = days[i];
        }
    }
    catalogue->change_days = days;
}

void catalogue_link(struct catalogue *catalogue, struct faults *faults)
{
    int32_t *until = calloc((size_t)catalogue->row_count + 1, sizeof *until);
    uint32_t *seen = calloc((size_t)catalogue->id_count + 1, sizeof *seen);
    struct walk walk = {.catalogue = catalogue, .faults = faults, .seen = seen};
    catalogue->children =
        arena_array(&catalogue->arena, catalogue->row_count, sizeof *catalogue->children);
    if (until == NULL || seen == NULL || catalogue->children == NULL) {
        (void)fault_too_large(faults, FAULT_MEMORY);
        goto out;
    }
    const bool good = faults->status == STATUS_OK; /* else dates and ids may be missing */
    find_parents(catalogue, until, faults);
    if (good) {
        check_parent_spans(catalogue, until, faults);
    }
    if (faults->status == STATUS_OK) {
        find_ancestors(&walk);
    }
    order_children(catalogue);
    find_change_days(catalogue);
    if (faults->status == STATUS_OK &&
        (catalogue->arena.exceeded || buffer_status(&catalogue->ancestors) != STATUS_OK)) {
        (void)fault_too_large(faults, FAULT_MEMORY);
    }
out:
    free(until);
    free(seen);
}
