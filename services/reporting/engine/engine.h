/* SPDX-License-Identifier: Apache-2.0
 *
 * The form engine: a form's data, the rows of one day's tree and the figures of each unit → a
 * report. Pure but for the figures, which come through `figures_source`. Cells of a parent are its
 * own plus its children's; ratios are computed once, from the summed counts; every answer carries
 * the identities of counting rules §5, checked on every row.
 */
#ifndef HOSO_REPORTING_ENGINE_ENGINE_H
#define HOSO_REPORTING_ENGINE_ENGINE_H

#include "base/arena.h"
#include "catalogue/scope.h"
#include "form/form.h"
#include "hoso/v1/reporting.pb-c.h"
#include "ledger/ledger.h"

struct days {
    int32_t from; /* [from, to) */
    int32_t to;
};

/* Where a unit's own figures of a period come from; both add to what is there. */
struct figures_source {
    void *context;
    void (*read)(void *context, struct slice unit, struct days days, struct figures *sum);
    /* Each (field, procedure) cell of the unit. */
    void (*scan)(void *context, struct slice unit, struct days days, ledger_visit *visit,
                 void *visit_context);
};

/* Sources of the report's units that sent nothing in the last working days (counting rules §6a). */
struct engine_silent {
    const char *name;
    int32_t sent_day; /* the last one with events */
};
struct engine_silence {
    int32_t from_day, last_day;
    const struct engine_silent *sources;
    unsigned count;
};

/* What stands beside each figure (RunReportRequest.compare). */
struct engine_compared {
    Hoso__V1__Comparison with; /* UNSPECIFIED: nothing */
    struct figures_source source;
    struct days days;
};

struct engine_input {
    const struct form *form;
    const struct catalogue *catalogue;
    struct scope scope; /* at least the unit asked for, first */
    struct scope_moves moves;
    int32_t tree_day;
    struct figures_source source;
    struct days days;
    struct engine_silence silence;
    const Hoso__V1__ClosedPeriod *closed; /* whose figures these are; NULL = they are of now */
    struct engine_compared compared;
    bool english;
    bool all_rows;  /* of fields and procedures those without any figure, too */
    uint32_t depth; /* levels of units that have rows; 0 = all */
};

/* The days to compare with. False: they begin before any day that counts. */
bool engine_compared_days(Hoso__V1__Comparison with, struct days days, struct days *ret_days);

/* Fills all of the report but its cut, in the arena. `ret_violations` = checks that failed.
 * TOO_LARGE = arena. */
enum status engine_run(const struct engine_input *input, struct arena *arena,
                       Hoso__V1__Report *report, unsigned *ret_violations) MUST_USE;

/* A form as ListForms shows it. TOO_LARGE = arena. */
enum status form_describe(const struct form *form, bool english, struct arena *arena,
                          Hoso__V1__FormLine *ret_line) MUST_USE;

/* What one cell counts, for the list of its dossiers. */
struct engine_cell {
    const struct form_figure *figure;
    const struct form_scope *scope; /* NULL = none */
    uint32_t tiers;                 /* units of exactly these tiers alone; 0 = all */
    bool own;                       /* the row's unit alone */
    bool outside;                   /* of the report's unit: what is outside the tree alone */
    bool no_field;                  /* only what has no field yet */
    uint16_t slots;                 /* of the terms only these */
};

/* By Column.id and Row.id. NOT_FOUND: `ret_which` = "row" or "column". */
enum status engine_cell_find(const struct form *form, const char *column, const char *row,
                             struct engine_cell *ret_cell, const char **ret_which) MUST_USE;
/* Does the cell of row `at` count what this row, it or below it, has of its own? */
bool engine_cell_covers(const struct engine_cell *cell, const struct scope *scope, uint32_t at,
                        uint32_t row);

/* Generated messages take plain char *; they are only read. */
static inline char *message_text(const char *text)
{
    return (char *)(uintptr_t)text;
}

#endif
