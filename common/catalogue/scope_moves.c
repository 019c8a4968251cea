/* SPDX-License-Identifier: Apache-2.0
 *
 * Two trees are compared, unit by unit: of the day before the period and of the report. A unit
 * whose place above it stayed the same went along with the one above; so a district that moves is
 * named, and its communes are not.
 */
#include <stdlib.h>

#include "catalogue/scope_internal.h"

enum { BEFORE = 1, AFTER = 2 }; /* in which scope a unit is counted */

struct comparison {
    const struct catalogue *catalogue;
    struct arena *arena;
    struct places before, after;
    uint8_t *in;      /* per id */
    uint32_t *movers; /* per id: the one it went along with, or CATALOGUE_NONE */
    uint32_t root;
    int32_t low_day, high_day; /* changes in (low, high] matter */
};

static bool may_have_moved(const struct catalogue *catalogue, int32_t low_day, int32_t high_day)
{
    uint32_t low = 0;
    uint32_t high = catalogue->change_day_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (catalogue->change_days[middle] <= low_day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < catalogue->change_day_count && catalogue->change_days[low] <= high_day;
}

/* What stands above a unit: the id above its row, or the one in whose row it is counted. */
static uint32_t up(struct places *places, uint32_t id)
{
    const uint32_t holder = places->holders[id];
    return holder == id ? places_above(places, id) : holder;
}

static uint32_t find_mover(struct comparison *comparison, uint32_t id)
{
    const uint8_t in = comparison->in[id];
    const uint32_t holder = comparison->before.holders[id];
    if (holder != CATALOGUE_NONE && comparison->in[holder] == in) {
        id = holder; /* what was counted in another's row goes with it */
    }
    while (id != comparison->root) {
        const uint32_t before = up(&comparison->before, id);
        const uint32_t after = up(&comparison->after, id);
        const bool has_rows =
            comparison->before.holders[id] == id && comparison->after.holders[id] == id;
        if (before != after) {
            return in != (BEFORE | AFTER) || has_rows ? id : CATALOGUE_NONE;
        }
        if (after == CATALOGUE_NONE || comparison->in[after] != in) {
            return in != (BEFORE | AFTER) ? id : CATALOGUE_NONE;
        }
        id = after;
    }
    return CATALOGUE_NONE;
}

static enum status find_movers(struct comparison *comparison, const struct scope *before,
                               const struct scope *after)
{
    const uint32_t ids = comparison->catalogue->id_count;
    comparison->in = arena_array(comparison->arena, ids, sizeof *comparison->in);
    comparison->movers = arena_array(comparison->arena, ids, sizeof *comparison->movers);
    if (comparison->in == NULL || comparison->movers == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < before->unit_count; i++) {
        comparison->in[places_id_of(before->units[i])] |= BEFORE;
    }
    for (uint32_t i = 0; i < after->unit_count; i++) {
        comparison->in[places_id_of(after->units[i])] |= AFTER;
    }
    for (uint32_t i = 0; i < ids; i++) {
        comparison->movers[i] = comparison->in[i] != 0 ? find_mover(comparison, i) : CATALOGUE_NONE;
    }
    return STATUS_OK;
}

static const struct unit *unit_or_none(const struct places *places, uint32_t id)
{
    return id != CATALOGUE_NONE ? places_unit(places, id) : NULL;
}

/* The first day on which the unit is not where it was, by its own rows; else the day after the
 * earlier tree. */
static int32_t day_of_move(const struct comparison *comparison, uint32_t id)
{
    const struct catalogue *catalogue = comparison->catalogue;
    const struct unit_id *unit = &catalogue->ids[id];
    for (uint32_t i = unit->row_first; i < unit->row_end; i++) {
        const struct unit_row *row = &catalogue->rows[i];
        const bool goes_on = i + 1 < unit->row_end && row[1].unit.from_day == row->unit.to_day;
        if (row->unit.to_day > comparison->low_day && row->unit.to_day <= comparison->high_day &&
            (!goes_on || row[1].parent != row->parent)) {
            return row->unit.to_day;
        }
    }
    return comparison->low_day + 1;
}

static struct scope_move move_of(struct comparison *comparison, uint32_t id)
{
    static const enum scope_way ways[] = {
        [BEFORE] = SCOPE_LEFT, [AFTER] = SCOPE_CAME, [BEFORE | AFTER] = SCOPE_CHANGED};
    return (struct scope_move){.way = ways[comparison->in[id]],
                               .unit = places_unit(&comparison->after, id),
                               .from =
                                   unit_or_none(&comparison->before, up(&comparison->before, id)),
                               .to = unit_or_none(&comparison->after, up(&comparison->after, id)),
                               .day = day_of_move(comparison, id)};
}

/* One move for each mover, in order of id, with the units that went along. */
static enum status list_moves(struct comparison *comparison, struct scope_moves *moves)
{
    const uint32_t ids = comparison->catalogue->id_count;
    uint32_t *counts = arena_array(comparison->arena, ids, sizeof *counts);
    uint32_t units = 0;
    if (counts == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < ids; i++) {
        if (comparison->movers[i] != CATALOGUE_NONE) {
            moves->count += counts[comparison->movers[i]]++ == 0;
            units++;
        }
    }
    struct scope_move *list = arena_array(comparison->arena, moves->count, sizeof *list);
    const struct unit **along = arena_array(comparison->arena, units, sizeof *along);
    if (list == NULL || along == NULL) {
        return STATUS_TOO_LARGE;
    }
    moves->moves = list;
    moves->units = along;
    units = 0;
    for (uint32_t i = 0; i < ids; i++) {
        if (counts[i] > 0) {
            *list = move_of(comparison, i);
            list->unit_first = list->unit_end = units;
            units += counts[i];
            counts[i] = (uint32_t)(list++ - moves->moves);
        }
    }
    for (uint32_t i = 0; i < ids; i++) {
        if (comparison->movers[i] != CATALOGUE_NONE) {
            struct scope_move *move = list - moves->count + counts[comparison->movers[i]];
            along[move->unit_end++] = places_unit(&comparison->after, i);
        }
    }
    return STATUS_OK;
}

enum status scope_moves_of(const struct catalogue *catalogue, const struct scope_question *question,
                           const struct scope *scope, struct arena *arena,
                           struct scope_moves *ret_moves)
{
    const int32_t day = question->from_day - 1;
    const struct scope_question earlier = {question->root, day, day + 1, day, false};
    struct comparison comparison = {.catalogue = catalogue, .arena = arena};
    struct scope_moves moves = {.count = 0};
    comparison.low_day = day < question->tree_day ? day : question->tree_day;
    comparison.high_day =
        question->tree_day < question->to_day ? question->to_day - 1 : question->tree_day;
    *ret_moves = moves;
    if (!may_have_moved(catalogue, comparison.low_day, comparison.high_day)) {
        return STATUS_OK;
    }
    enum status status = scope_of(catalogue, &earlier, arena, &moves.before);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    comparison.root = catalogue_find(catalogue, question->root);
    if (status == STATUS_OK) {
        status = places_of(catalogue, day, arena, &comparison.before);
    }
    if (status == STATUS_OK) {
        status = places_of(catalogue, question->tree_day, arena, &comparison.after);
    }
    if (status == STATUS_OK) {
        status = find_movers(&comparison, &moves.before, scope);
    }
    if (status == STATUS_OK) {
        status = list_moves(&comparison, &moves);
    }
    if (status == STATUS_OK) {
        *ret_moves = moves;
    }
    return status;
}
