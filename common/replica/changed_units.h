/* SPDX-License-Identifier: Apache-2.0
 *
 * Which units' totals may have changed: a bounded set of unit ids, collected by the replica from
 * the records it applies. Beyond its bound it says "all".
 */
#ifndef HOSO_REPLICA_CHANGED_UNITS_H
#define HOSO_REPLICA_CHANGED_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "event/event.h"

enum { CHANGED_UNITS_MAX = 4096, CHANGED_UNITS_SLOTS = 2 * CHANGED_UNITS_MAX };

struct changed_units {
    bool all;       /* too many to name, or copied anew */
    bool catalogue; /* its record changed */
    bool snapshot;  /* the ledger was copied anew */
    uint32_t count;
    char units[CHANGED_UNITS_MAX][EVENT_CODE_MAX + 1];
    uint16_t slots[CHANGED_UNITS_SLOTS]; /* hash table of index + 1 into units; 0 = free */
};

void changed_units_clear(struct changed_units *changed);
/* What a changed record of the ledger means: the ALL cell of a unit, or the catalogue. */
void changed_units_take(struct changed_units *changed, struct slice key);

#endif
