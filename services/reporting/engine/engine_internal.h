/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the engine. All sums of one row are one vector, so that adding up the tree is adding
 * vectors:
 *
 *     value, under of figure 0 | value, under of figure 1 | … | residual of identity 0 | …
 *
 * A residual is left minus right: 0 where the identity holds.
 */
#ifndef HOSO_REPORTING_ENGINE_ENGINE_INTERNAL_H
#define HOSO_REPORTING_ENGINE_ENGINE_INTERNAL_H

#include "services/reporting/engine/engine.h"

struct identity {
    const char *id;
    struct text2 text;
    struct expression residual;
};
extern const struct identity identities[];
extern const unsigned identity_count;

/* A row of the report, or a scope: a column of one made of section lines. */
struct record {
    const struct scope_row *row; /* NULL: a scope */
    const struct field *field;   /* NULL: the unit's total */
    const char *label;
    const int64_t *sums;
};

struct engine {
    const struct engine_input *input;
    struct arena *arena;
    Hoso__V1__Report *report;
    unsigned width;
    uint32_t field_count;
    const struct field *field_list;
    int64_t *own;        /* row × width: what is counted in the row alone */
    int64_t *sums;       /* row × width: with everything below it */
    int64_t **fields;    /* row × field: a vector with everything below, or NULL = nothing */
    int64_t *own_fields; /* row × width: all fields of the row alone */
    struct record *records;
    uint32_t record_count;
    struct figures total; /* of all rows, added up as figures: the other way to the root's sums */
    const struct unit *negative; /* the first unit with a figure below zero */
    unsigned violations;
};

/* Adds the figures' vector to `sums`. */
void engine_evaluate(const struct engine *engine, const struct figures *figures, int64_t *sums);
void engine_add(const struct engine *engine, int64_t *sums, const int64_t *addend);
bool engine_any(const struct engine *engine, const int64_t *sums); /* any figure not zero */
const char *engine_unit_label(const struct engine *engine, const struct unit *unit);

/* The three steps after the sums: each TOO_LARGE = arena. */
enum status engine_records(struct engine *engine) MUST_USE;
enum status engine_rows(struct engine *engine) MUST_USE;
enum status engine_checks(struct engine *engine) MUST_USE;

#endif
