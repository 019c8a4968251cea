/* SPDX-License-Identifier: Apache-2.0
 *
 * The dossiers behind a cell. Only scan.c and scan_cell.c include this.
 */
#ifndef HOSO_AGGREGATION_SCAN_INTERNAL_H
#define HOSO_AGGREGATION_SCAN_INTERNAL_H

#include "aggregate/history.h"
#include "services/aggregation/aggregation.h"

enum { SCAN_TERMS_MAX = 64, SCAN_DAYS_MAX = 366 };

struct scan_term {
    enum measure measure;
    enum side side;
    uint32_t slots;
    int32_t coefficient;
    int32_t days; /* of a stock: later than its side */
};

/* What is asked, and which months of the index of touched dossiers lead to it. */
struct scan_cell {
    const Hoso__V1__ScanDossiersRequest *request;
    struct scan_term terms[SCAN_TERMS_MAX];
    unsigned term_count;
    uint16_t from_month;
    uint16_t to_month; /* inclusive */
    bool by_open;      /* and those that are open now */
};

/* INVALID: what is wrong with the question. */
enum status scan_cell_read(const Hoso__V1__ScanDossiersRequest *request, struct error *error,
                           struct scan_cell *ret_cell) MUST_USE;

/* A dossier's part in the cell, for one unit. Slices point into its stored history. */
struct scan_part {
    int64_t amount;
    struct slice field;
    struct slice procedure;
    struct dossier_standing standing; /* at the end of the period */
    bool seen_before;                 /* the scan met it in an earlier month, */
    bool is_here; /* and it has amounts in this one: the index of a closed one keeps others */
    bool is_open; /* in this unit, now: the index of open dossiers has it */
};

/* As the version that is asked for has it: now, as it was, or the difference. TOO_LARGE = arena. */
enum status scan_part_of(const struct scan_cell *cell, const struct history *history,
                         struct slice unit, uint16_t month, struct arena *arena,
                         struct scan_part *ret_part) MUST_USE;

#endif
