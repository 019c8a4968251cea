/* SPDX-License-Identifier: Apache-2.0
 *
 * A cut: a point of one journal. Two answers with equal cuts come from the same events.
 */
#ifndef HOSO_BASE_CUT_H
#define HOSO_BASE_CUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct cut {
    uint64_t incarnation; /* of the journal; 0 = no journal read yet */
    uint64_t position;
};

/* The cut as one word, POSITION@INCARNATION, both decimal and not 0: as `hoso publish
 * --print-position` prints it. False = the text is none; the cut is untouched. */
bool cut_parse(struct slice text, struct cut *ret_cut);

/* `have` is of the journal of `wanted`, and as far. Nothing wanted (position 0) is always there. */
static inline bool cut_reaches(struct cut have, struct cut wanted)
{
    return wanted.position == 0 ||
           (have.incarnation == wanted.incarnation && have.position >= wanted.position);
}

#endif
