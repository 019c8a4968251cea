/* SPDX-License-Identifier: Apache-2.0
 *
 * A cut: a point of one journal. Two answers with equal cuts come from the same events.
 */
#ifndef HOSO_BASE_CUT_H
#define HOSO_BASE_CUT_H

#include <stdint.h>

struct cut {
    uint64_t incarnation; /* of the journal; 0 = no journal read yet */
    uint64_t position;
};

#endif
