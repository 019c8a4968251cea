/* SPDX-License-Identifier: Apache-2.0
 *
 * Which units, when: the rows of one day's tree below a unit, and which units are counted in each
 * row (counting rules §6). Reports, lists of dossiers, data quality, live totals and rights all ask
 * here; no other code walks the tree. Pure; all memory is the caller's arena.
 *
 *     tree of 2025-07-01        row                      counts of
 *     H27  UBND tỉnh            UNIT                     H27
 *       n1 Phường Thành Sen     UNIT                     n1, and x1 x2, which merged into it
 *       x9 Xã Cẩm Duệ           SPLIT                    x9, whose successors are several
 *       Đơn vị ngoài cây        OUTSIDE                  (sum of the next ones)
 *         (communes)            OUTSIDE_TIER, no row     x7, which ended and left no successor
 *
 * On a day a unit is counted: valid, in its own row; ended with one successor, where that one is
 * counted; ended with several, in a row of its own below the nearest unit that is above all of
 * them; else outside the tree.
 */
#ifndef HOSO_CATALOGUE_SCOPE_H
#define HOSO_CATALOGUE_SCOPE_H

#include "catalogue/catalogue.h"

enum scope_kind { SCOPE_UNIT, SCOPE_SPLIT, SCOPE_OUTSIDE, SCOPE_OUTSIDE_TIER };

/* Rows stand in printing order, parents before children. */
struct scope_row {
    enum scope_kind kind;
    enum tier tier;
    const struct unit *unit;       /* NULL: outside */
    uint32_t parent;               /* index of the row above; its own for a root */
    uint32_t depth;                /* of a root: 0 */
    uint32_t end;                  /* index after the last row of its subtree */
    uint32_t unit_first, unit_end; /* what is counted in this row alone: a range of scope.units */
};

/* `units` name a unit by the row that was valid on the tree's day, else the last one before it,
 * else the first. Each unit is there once. */
struct scope {
    const struct scope_row *rows;
    uint32_t count;
    const struct unit *const *units;
    uint32_t unit_count;
};

/* Units outside the tree count below the unit they lay under on any day of [from_day, to_day); one
 * that ended before lies for ever where it last lay, one that begins later where it will first lie.
 * Without a root they count in the row of the nearest unit above them that has one. No days: none
 * of them, the tree alone. */
struct scope_question {
    struct slice root; /* a unit valid on tree_day; empty = all, as a forest */
    int32_t from_day, to_day;
    int32_t tree_day;
    bool split_root; /* the root may be a unit that was split: its row alone */
};

/* NOT_FOUND = no such root that day; TOO_LARGE = arena. */
enum status scope_of(const struct catalogue *catalogue, const struct scope_question *question,
                     struct arena *arena, struct scope *ret_scope) MUST_USE;

/* A unit, with what went along below it, that is counted elsewhere on the tree's day than on the
 * day before the period: it came under the root, left it, or changed its parent below it. */
enum scope_way { SCOPE_CAME = 1, SCOPE_LEFT, SCOPE_CHANGED };
struct scope_move {
    enum scope_way way;
    const struct unit *unit;
    const struct unit *from, *to;  /* the unit above it, or that took its place; NULL = none */
    int32_t day;                   /* the first on which it was elsewhere */
    uint32_t unit_first, unit_end; /* it and what went along: a range of scope_moves.units */
};
struct scope_moves {
    struct scope before; /* of the day before the period; no rows: nothing can have moved */
    const struct scope_move *moves;
    uint32_t count;
    const struct unit *const *units;
};

/* `scope` is the question's. What is in one of `scope` and `before` and not in the other is in a
 * move that came or left. TOO_LARGE = arena. */
enum status scope_moves_of(const struct catalogue *catalogue, const struct scope_question *question,
                           const struct scope *scope, struct arena *arena,
                           struct scope_moves *ret_moves) MUST_USE;

/* True if `unit` is `root`, was below it on any day, or is counted below it through its successors:
 * rights follow a unit through mergers. An id that is not in the catalogue is covered by none and
 * covers none. */
bool scope_covers(const struct catalogue *catalogue, struct slice root, struct slice unit);

/* Every unit that `root` covers, by its latest row, in order of id. TOO_LARGE = arena. */
enum status scope_covered(const struct catalogue *catalogue, struct slice root, struct arena *arena,
                          const struct unit *const **ret_units, uint32_t *ret_count) MUST_USE;

#endif
