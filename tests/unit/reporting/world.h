/* SPDX-License-Identifier: Apache-2.0
 *
 * A province, a district and two communes with figures made by hand, and the report of a form over
 * the golden month's days.
 */
#ifndef HOSO_TEST_REPORTING_WORLD_H
#define HOSO_TEST_REPORTING_WORLD_H

#include "services/reporting/engine/engine.h"
#include "services/reporting/forms.h"

enum { UNITS_MAX = 32, REPORT_ARENA_BYTES = 64 << 20 };

/* One unit's own figures, and how they split by field. */
struct given_unit {
    const char *id;
    struct figures figures;
    struct figures land; /* field dat-dai; the rest is ho-tich */
    bool extra_field;    /* a cell of a field that the catalogue does not have */
};

struct world {
    struct given_unit units[UNITS_MAX];
    unsigned count;
    struct catalogue *catalogue;
    struct form_set *forms; /* the built-in ones */
    struct arena arena;
    Hoso__V1__Report report;
    unsigned violations;
};

int world_setup(void **state);
int world_teardown(void **state);

/* Adds to a unit's figures: a flow in the period (or what a stock is at its end); a stock at its
 * start. */
void flow(struct figures *figures, enum measure measure, unsigned slot, int64_t count);
void open_stock(struct figures *figures, enum measure measure, unsigned slot, int64_t count);

/* What the golden month gives by tier; the split over slots is the one behind its rates. */
void give_golden(struct world *world);

/* The source of figures (engine.h); `context` is the world. */
void read_unit(void *context, struct slice unit, struct days days, struct figures *sum);
void scan_unit(void *context, struct slice unit, struct days days, ledger_visit *visit,
               void *visit_context);

/* Of a form and a root: what the engine needs. */
struct engine_input input_of(struct world *world, const struct form *form, const char *root,
                             bool english);
/* Runs the form; its report stays in the world. */
void run_form(struct world *world, const struct form *form, const char *root, bool english);
void run(struct world *world, const char *form, const char *root, bool english);
const Hoso__V1__Row *row_of(const struct world *world, const char *id); /* or NULL */
const Hoso__V1__Cell *cell_of(const struct world *world, const Hoso__V1__Row *row,
                              const char *column);
bool check_ok(const struct world *world, const char *id);

#endif
