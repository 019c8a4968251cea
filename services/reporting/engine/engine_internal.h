/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the engine. All sums of one row are one vector, so that adding up the tree is adding
 * vectors:
 *
 *     value, under of figure 0 | value, under of figure 1 | … | residual of identity 0 | …
 *
 * A residual is left minus right: 0 where the identity holds. A report that compares has the same
 * once more, of the other side. A unit's parts (its fields, service levels, classes of petitions)
 * have vectors, too; of procedures only the root's are kept.
 */
#ifndef HOSO_REPORTING_ENGINE_ENGINE_INTERNAL_H
#define HOSO_REPORTING_ENGINE_ENGINE_INTERNAL_H

#include "form/expression.h"
#include "form/sentence.h"
#include "services/reporting/engine/engine.h"

enum { IDENTITY_COUNT = 5 };

struct identity {
    const char *id;
    struct text2 text;
    const char *residual; /* an expression (form/expression.h) */
};
extern const struct identity identities[IDENTITY_COUNT];

/* A service level or a class of petitions: a part that every unit has. */
struct slot_part {
    const char *id;
    struct text2 label;
    enum service_level level; /* or */
    enum petition_class of_petition;
};
uint16_t slot_part_slots(const struct slot_part *part);
/* Of ROWS_LEVELS and ROWS_CLASSES; 0 for the others. */
unsigned slot_parts(enum form_rows rows, const struct slot_part **ret_parts);

/* Of TIER_PROVINCE and on: what its subtotal is called, and its Row.id. */
struct tier_name {
    const char *id;
    struct text2 subtotal;
};
extern const struct tier_name tier_names[];
extern const unsigned tier_count;

/* A row of the report, or a scope: a column of one made of section lines. */
struct record {
    Hoso__V1__RowKind kind;
    const struct scope_row *row;       /* NULL: a scope of the form */
    const struct form_scope *scope;    /* or NULL */
    const struct field *field;         /* or NULL */
    const struct procedure *procedure; /* or NULL */
    const char *id;                    /* Row.id or "" */
    const char *label;
    uint32_t level;
    const int64_t *sums;
};

/* Names in a note: as many as fit, and how many there are. */
enum { ENGINE_NAMES_MAX = 20 };
struct engine_names {
    const char *text; /* NULL: none yet */
    uint32_t count;
};

struct engine {
    const struct engine_input *input;
    struct arena *arena;
    Hoso__V1__Report *report;
    unsigned sides; /* 2: compared */
    unsigned half;  /* of one side's vector */
    unsigned width; /* sides × half */
    struct parsed_value residuals[IDENTITY_COUNT];
    int64_t *own;  /* row × width: what is counted in the row alone */
    int64_t *sums; /* row × width: with everything below it */
    /* Parts, none for ROWS_UNITS, ROWS_TIERS and ROWS_LINES: of fields one for each and one for
     * what has no field yet. */
    const struct field *fields;
    const struct procedure *procedures;
    uint32_t part_count;
    uint32_t *places; /* by row: of its vectors of parts; of a row that is not shown, those of
                       * the row above it that is */
    uint32_t place_count;
    int64_t **own_parts;  /* place × part: the row alone, or NULL = nothing */
    int64_t **part_sums;  /* the same with everything below */
    int64_t *parts_total; /* row × width: all parts of the row alone */
    struct record *records;
    uint32_t record_count;
    struct figures *totals;      /* side × shift, of all units: the other way to the root's sums */
    const struct unit *negative; /* the first unit with a figure below zero */
    struct engine_names outside; /* units outside the tree that count in the period */
    unsigned violations;
};

/* What one side is read from. */
struct engine_side {
    unsigned index; /* 0: the period itself */
    unsigned shift; /* of the form's shifts */
};

/* Adds the terms of the side's shift to `sums`, of the slots given only. */
void engine_evaluate(const struct engine *engine, const struct figures *figures,
                     struct engine_side side, uint16_t slots, int64_t *sums);
/* Of all units. */
struct figures *engine_totals(const struct engine *engine, struct engine_side side);
void engine_add(const struct engine *engine, int64_t *sums, const int64_t *addend);
bool engine_any(const struct engine *engine, const int64_t *sums); /* any figure not zero */
int64_t *engine_new_sums(struct engine *engine);                   /* zeros, or NULL */
/* NULL = arena full. */
const char *engine_unit_label(const struct engine *engine, const struct unit *unit);
const char *engine_row_label(const struct engine *engine, const struct scope_row *row);
const char *engine_day_text(const struct engine *engine, int32_t day); /* as on paper */
void engine_name(struct engine *engine, struct engine_names *names, const struct unit *unit);
/* Of these units at the start of `day`: dossiers received and not finished. */
int64_t engine_carried_over(const struct figures *figures);
int64_t engine_open(const struct engine *engine, const struct unit *const *units, uint32_t count,
                    int32_t day);
/* A text of the form for the report, which may outlive it. NULL = arena full. */
char *engine_copy(const struct engine *engine, const char *text);
/* Is the row's level among those that are asked for? */
bool engine_has_row(const struct engine *engine, uint32_t row);
static inline int64_t *engine_own(const struct engine *engine, uint32_t row)
{
    return engine->own + (size_t)row * engine->width;
}

/* The tier of government of a row: a department's is its parent's. */
enum tier engine_government(const struct scope *scope, uint32_t row);
bool engine_scope_has(const struct form_scope *form_scope, const struct scope *scope, uint32_t row);

/* A sentence of the form with the figures in it. TOO_LARGE = arena. */
enum status engine_sentence(const struct engine *engine, const struct form_sentence *sentence,
                            char **ret_text) MUST_USE;

/* The steps: each TOO_LARGE = arena. */
enum status engine_sum(struct engine *engine) MUST_USE;
enum status engine_records(struct engine *engine) MUST_USE;
enum status engine_rows(struct engine *engine) MUST_USE;
enum status engine_checks(struct engine *engine) MUST_USE;
enum status engine_notes(struct engine *engine) MUST_USE;

/* What columns look like, for reports and for lists of forms. */
Hoso__V1__Column **columns_of_figures(const struct form *form, bool english, struct arena *arena);
Hoso__V1__Column **columns_of_scopes(const struct form_scope *const *scopes, unsigned count,
                                     bool english, struct arena *arena);
Hoso__V1__Column **columns_of_stub(const struct form *form, bool english, struct arena *arena);

#endif
