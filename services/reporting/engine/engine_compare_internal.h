/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells and columns of a report, and what stands beside them where it compares.
 */
#ifndef HOSO_REPORTING_ENGINE_COMPARE_INTERNAL_H
#define HOSO_REPORTING_ENGINE_COMPARE_INTERNAL_H

#include "services/reporting/engine/engine_internal.h"

/* The cells of one figure in a row: one, or those that compare. Returns how many; a failure is the
 * arena's. */
unsigned engine_fill_cells(struct engine *engine, unsigned figure, const struct record *record,
                           Hoso__V1__Cell *const *cells);
/* Puts the columns that compare in place of the report's, and says what is compared with what. */
void engine_compare_columns(struct engine *engine);
/* NULL: not compared, or arena full. */
const char *engine_compare_note(const struct engine *engine);

#endif
