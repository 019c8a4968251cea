/* SPDX-License-Identifier: Apache-2.0
 *
 * Which units, when: the rows of one day's tree below a unit, and which units are counted in each
 * row (counting rules §6). Reports, lists of dossiers, data quality, live totals and rights all ask
 * here; nobody else walks the tree. Pure; all memory is the caller's arena.
 */
#ifndef HOSO_CATALOGUE_SCOPE_H
#define HOSO_CATALOGUE_SCOPE_H

#include "catalogue/catalogue.h"

/* A row. Rows stand in printing order, parents before children. */
struct scope_row {
    const struct unit *unit;
    uint32_t parent;               /* index of the row above; its own for a root */
    uint32_t depth;                /* of a root: 0 */
    uint32_t end;                  /* index after the last row of its subtree */
    uint32_t unit_first, unit_end; /* what is counted in this row alone: a range of scope.units */
};

struct scope {
    const struct scope_row *rows;
    uint32_t count;
    const struct unit *const *units; /* in the order of the rows; each unit once */
    uint32_t unit_count;
};

/* The subtree of `root` (empty = all roots, as a forest) on `day`. NOT_FOUND = no such unit that
 * day; TOO_LARGE = arena. */
enum status scope_of(const struct catalogue *catalogue, struct slice root, int32_t day,
                     struct arena *arena, struct scope *ret_scope) MUST_USE;

/* True if `unit` is `root` or below it on any day: rights follow a unit through mergers. An id that
 * is not in the catalogue is covered by none and covers none. */
bool scope_covers(const struct catalogue *catalogue, struct slice root, struct slice unit);

/* Every unit that `root` covers, by its latest row, in order of id. TOO_LARGE = arena. */
enum status scope_covered(const struct catalogue *catalogue, struct slice root, struct arena *arena,
                          const struct unit *const **ret_units, uint32_t *ret_count) MUST_USE;

#endif
