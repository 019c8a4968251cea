/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking as closed (counting rules §7a): which close is meant, and the catalogue of that time in
 * place of today's, so that rows and names are those of the close for ever.
 */
#ifndef HOSO_REPORTING_ANSWERS_CLOSED_H
#define HOSO_REPORTING_ANSWERS_CLOSED_H

#include "ledger/closes.h"
#include "services/reporting/answers/request.h"

/* Finds the close that `number` names (−1 = the latest one that covers unit and period). False =
 * refused. The unit's rights by today's catalogue are checked, too. */
bool closed_find(struct request *request, int32_t number, const char *unit,
                 const Hoso__V1__Period *period, struct ledger_close *ret_close);
/* What the report counts was closed: every unit of its scope, and no day after the close. False =
 * refused. */
bool closed_holds(struct request *request, const struct ledger_close *close,
                  const struct report_scope *scope);
/* From here on the request's view has the catalogue and the cut of the close. False = refused. */
bool closed_enter(struct request *request, const struct ledger_close *close);
/* After the answer was packed. */
void closed_leave(struct request *request);
/* The close as a message; its unit's name by the view's catalogue. NULL = the arena is full. */
Hoso__V1__ClosedPeriod *closed_message(struct request *request, const struct ledger_close *close);

#endif
