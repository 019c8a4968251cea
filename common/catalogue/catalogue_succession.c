/* SPDX-License-Identifier: Apache-2.0
 *
 * Who took whose place (counting rules §6): successors are found by id, lead nowhere back, and give
 * a unit more ancestors. What is counted under its one successor is covered by all that covers the
 * successor; what was split is covered by what covers every part.
 */
#include "catalogue/catalogue_internal.h"

#include <stdlib.h>

static void refuse(struct faults *faults, const struct unit_row *row, const char *why,
                   const char *what)
{
    fault_add(faults, "units", row->origin, "successors", "%.*s %s; %s", SLICE_ARG(row->unit.id),
              why, what);
}

static void find_of_row(struct catalogue *catalogue, uint32_t index, struct faults *faults)
{
    struct unit_row *row = &catalogue->rows[index];
    const struct code_list *given = &row->unit.successors;
    const bool goes_on =
        index + 1 < catalogue->ids[row->id].row_end && row[1].unit.from_day == row->unit.to_day;
    if (given->count == 0) {
        return;
    }
    if (row->unit.to_day == INT32_MAX) {
        refuse(faults, row, "has successors but no end", "give valid_to its last day");
    } else if (goes_on) {
        refuse(faults, row, "goes on the next day in another row",
               "only a unit that ended has successors");
    }
    row->successors = arena_array(&catalogue->arena, given->count, sizeof *row->successors);
    for (uint32_t i = 0; row->successors != NULL && i < given->count; i++) {
        row->successors[i] = catalogue_find(catalogue, slice_text(given->codes[i]));
        if (row->successors[i] == CATALOGUE_NONE) {
            fault_add(faults, "units", row->origin, "successors",
                      "no unit %.64s; add it or mend its id", given->codes[i]);
        } else if (catalogue_row_on(catalogue, row->successors[i], row->unit.to_day) ==
                   CATALOGUE_NONE) {
            warning_add(faults, "units", row->origin, "successors",
                        "%.64s is not valid on the day after %.*s ended; mend one of the dates",
                        given->codes[i], SLICE_ARG(row->unit.id));
        }
    }
}

/* A walk from a unit to its successors and theirs; a unit is finished when all of them are. */
struct succession {
    struct catalogue *catalogue;
    struct faults *faults;
    uint8_t *steps; /* per id: of the longest way from it, plus 1; 0 = not finished */
    bool *active;   /* per id: on the way being walked */
};

static bool covers(const struct catalogue *catalogue, uint32_t above, uint32_t below)
{
    return above == below || catalogue_is_ancestor(catalogue, above, below);
}

/* What all successors of a row have above them, or are. */
static void add_shared(struct catalogue *catalogue, uint32_t id, const struct unit_row *row,
                       uint32_t candidate)
{
    bool shared = !covers(catalogue, candidate, id);
    for (uint32_t i = 1; i < row->unit.successors.count && shared; i++) {
        shared = covers(catalogue, candidate, row->successors[i]);
    }
    if (shared) {
        buffer_put(&catalogue->ancestors, &candidate, sizeof candidate);
        catalogue->ids[id].ancestor_end++;
    }
}

/* An id's ancestors stand together: they are moved to the end of the list before more are added. */
static void move_ancestors(struct catalogue *catalogue, uint32_t id)
{
    struct unit_id *unit = &catalogue->ids[id];
    const uint32_t first = (uint32_t)(catalogue->ancestors.size / sizeof(uint32_t));
    for (uint32_t i = unit->ancestor_first; i < unit->ancestor_end; i++) {
        const uint32_t ancestor = catalogue_ancestor(catalogue, i);
        buffer_put(&catalogue->ancestors, &ancestor, sizeof ancestor);
    }
    unit->ancestor_end = first + unit->ancestor_end - unit->ancestor_first;
    unit->ancestor_first = first;
}

static void add_ancestors(struct catalogue *catalogue, uint32_t id)
{
    const struct unit_id *unit = &catalogue->ids[id];
    move_ancestors(catalogue, id);
    for (uint32_t i = unit->row_first; i < unit->row_end; i++) {
        const struct unit_row *row = &catalogue->rows[i];
        if (row->successors == NULL) {
            continue;
        }
        const struct unit_id *first = &catalogue->ids[row->successors[0]];
        if (buffer_status(&catalogue->ancestors) != STATUS_OK) {
            break;
        }
        add_shared(catalogue, id, row, row->successors[0]);
        for (uint32_t j = first->ancestor_first; j < first->ancestor_end; j++) {
            add_shared(catalogue, id, row, catalogue_ancestor(catalogue, j));
        }
    }
}

static void too_long(struct succession *walk, const struct unit_row *row)
{
    refuse(walk->faults, row, "has too many successors one after the other",
           "name the unit that is there today");
}

/* The number of successions bounds the recursion. False = a fault was found. */
static bool finish(struct succession *walk, uint32_t id, unsigned depth)
{
    struct catalogue *catalogue = walk->catalogue;
    const struct unit_id *unit = &catalogue->ids[id];
    unsigned longest = 0;
    walk->active[id] = true;
    for (uint32_t i = unit->row_first; i < unit->row_end; i++) {
        const struct unit_row *row = &catalogue->rows[i];
        for (uint32_t j = 0; row->successors != NULL && j < row->unit.successors.count; j++) {
            const uint32_t next = row->successors[j];
            if (walk->active[next]) {
                refuse(walk->faults, row, "is its own successor, by way of others",
                       "a unit that comes back needs another id");
                return false;
            }
            if (depth == CATALOGUE_SUCCESSIONS_MAX) {
                too_long(walk, row);
                return false;
            }
            if (walk->steps[next] == 0 && !finish(walk, next, depth + 1)) {
                return false;
            }
            longest = walk->steps[next] > longest ? walk->steps[next] : longest;
        }
    }
    walk->active[id] = false;
    walk->steps[id] = (uint8_t)(longest + 1);
    if (longest + depth > CATALOGUE_SUCCESSIONS_MAX) {
        too_long(walk, &catalogue->rows[unit->row_end - 1]);
        return false;
    }
    if (longest > 0) {
        add_ancestors(catalogue, id);
    }
    return true;
}

/* A way that leads back is found from anywhere on it; one fault is enough. */
void catalogue_succession(struct catalogue *catalogue, struct faults *faults)
{
    struct succession walk = {.catalogue = catalogue, .faults = faults};
    for (uint32_t i = 0; i < catalogue->row_count; i++) {
        find_of_row(catalogue, i, faults);
    }
    walk.steps = calloc((size_t)catalogue->id_count + 1, sizeof *walk.steps);
    walk.active = calloc((size_t)catalogue->id_count + 1, sizeof *walk.active);
    bool good = faults->status == STATUS_OK;
    if (walk.steps == NULL || walk.active == NULL || catalogue->arena.exceeded) {
        (void)fault_too_large(faults, FAULT_MEMORY);
        good = false;
    }
    for (uint32_t i = 0; i < catalogue->id_count && good; i++) {
        good = walk.steps[i] != 0 || finish(&walk, i, 0);
    }
    if (good && buffer_status(&catalogue->ancestors) != STATUS_OK) {
        (void)fault_too_large(faults, FAULT_MEMORY);
    }
    free(walk.steps);
    free(walk.active);
}
