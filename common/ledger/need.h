/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the ledger: the nodes that the two ends of a period need, and which of their entries
 * count.
 */
#ifndef HOSO_LEDGER_NEED_H
#define HOSO_LEDGER_NEED_H

#include "ledger/node.h"

/* Codes from `begin` on, before `end`. */
struct need_span {
    uint32_t begin, end;
};

/* A node, and the entries of it that count at each end of the period. */
struct need {
    enum node_level level;
    uint16_t node;
    struct need_span from, to;
};

enum {
    NEED_YEARS_MAX = 256, /* more than local days have: base/localday.h */
    NEEDS_MAX = NEED_YEARS_MAX + 2 * (4 + 3)
};

struct needs {
    unsigned count;
    struct need needs[NEEDS_MAX];
};

/* Of an ALL cell six at most; of a field each earlier year, and three quarters and three months for
 * each end. */
void needs_of_period(const struct ledger_view *view, bool all, int32_t from_day, int32_t to_day,
                     struct needs *ret_needs);
/* Adds what counts of a list of the node. False = it is damaged. */
bool need_add(const struct need *need, struct slice list, struct figures *sum);

#endif
