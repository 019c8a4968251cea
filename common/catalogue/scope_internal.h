/* SPDX-License-Identifier: Apache-2.0
 *
 * Where every id of a catalogue is counted on one day. Indices are those of catalogue->ids and
 * catalogue->rows; CATALOGUE_NONE = none.
 */
#ifndef HOSO_CATALOGUE_SCOPE_INTERNAL_H
#define HOSO_CATALOGUE_SCOPE_INTERNAL_H

#include "catalogue/catalogue_internal.h"
#include "catalogue/scope.h"

struct places {
    const struct catalogue *catalogue;
    int32_t day;
    uint32_t *rows;    /* per id: its row that day */
    uint32_t *holders; /* per id: the id in whose row it is counted; itself if it has a row */
    uint32_t *above;   /* per id that was split: the id above its row */
};

/* TOO_LARGE = arena. */
enum status places_of(const struct catalogue *catalogue, int32_t day, struct arena *arena,
                      struct places *ret_places) MUST_USE;
static inline bool places_is_split(const struct places *places, uint32_t id)
{
    return places->holders[id] == id && places->rows[id] == CATALOGUE_NONE;
}
/* The id above the row of `id`, which has one. */
uint32_t places_above(struct places *places, uint32_t id);
/* Of one that is counted nowhere and ended: the id of the nearest row above where it last lay. */
uint32_t places_nearest(const struct places *places, uint32_t id);
/* The row by which an id is named that day: the valid one, else the one before, else the first. */
const struct unit *places_unit(const struct places *places, uint32_t id);
/* True if `id` lay below `root` on any day of [from_day, to_day), or ended before it there. */
bool places_lay_below(const struct catalogue *catalogue, uint32_t root, uint32_t id,
                      int32_t from_day, int32_t to_day);
/* The id of a unit of this catalogue. */
uint32_t places_id_of(const struct unit *unit);

#endif
