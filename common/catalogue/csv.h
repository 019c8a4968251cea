/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads CSV (RFC 4180) from memory, record by record: quoted cells may hold separators, line ends
 * and doubled quotes. A byte-order mark is skipped; the separator is the first , or ; of the first
 * line. Cells point into the text, or into the arena where quotes had to be undone. Pure.
 */
#ifndef HOSO_CATALOGUE_CSV_H
#define HOSO_CATALOGUE_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

enum { CSV_CELLS_MAX = 64 };

struct csv {
    const uint8_t *at; /* what is left */
    const uint8_t *end;
    struct arena *arena;
    uint32_t line; /* of the next record, from 1 */
    uint8_t separator;
};

struct csv_record {
    uint32_t line; /* of its first character; of the fault, if there is one */
    uint32_t count;
    struct slice cells[CSV_CELLS_MAX];
    const char *why; /* INVALID: what is wrong, and what to do */
};

void csv_open(struct csv *csv, struct slice text, struct arena *arena);

/* NOT_FOUND = no more records; INVALID = a quote out of place or too many cells; TOO_LARGE = arena.
 * Blank lines are skipped. */
enum status csv_next(struct csv *csv, struct csv_record *ret_record) MUST_USE;

#endif
