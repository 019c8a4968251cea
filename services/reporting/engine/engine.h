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
#include "hoso/v1/reporting.pb-c.h"
#include "services/reporting/engine/form.h"

/* Where a unit's own figures of the period come from; both add to what is there. */
struct figures_source {
    void *context;
    void (*read)(void *context, struct slice unit, struct figures *sum);
    /* Each (field, procedure) cell of the unit. */
    void (*scan)(void *context, struct slice unit, ledger_visit *visit, void *visit_context);
};

struct engine_input {
    const struct form *form;
    const struct catalogue *catalogue;
    struct scope scope; /* at least the unit asked for, first */
    struct figures_source source;
    int32_t from_day; /* [from_day, to_day) */
    int32_t to_day;
    bool english;
};

/* Fills all of the report but its cut, in the arena. `ret_violations` = checks that failed.
 * TOO_LARGE = arena. */
enum status engine_run(const struct engine_input *input, struct arena *arena,
                       Hoso__V1__Report *report, unsigned *ret_violations) MUST_USE;

/* Adds a note at the end. TOO_LARGE = arena. */
enum status report_add_note(Hoso__V1__Report *report, struct arena *arena,
                            const char *note) MUST_USE;

/* The report's columns (figures or scopes), for listings. */
enum status form_columns(const struct form *form, bool english, struct arena *arena,
                         Hoso__V1__Column ***ret_columns, size_t *ret_count) MUST_USE;

/* Generated messages take plain char *; they are only read. */
static inline char *message_text(const char *text)
{
    return (char *)(uintptr_t)text;
}

#endif
