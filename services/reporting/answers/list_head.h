/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands above and below a list of dossiers on paper: its title, unit, day or period, and
 * notes, in the asker's language.
 */
#ifndef HOSO_REPORTING_ANSWERS_LIST_HEAD_H
#define HOSO_REPORTING_ANSWERS_LIST_HEAD_H

#include "ledger/closes.h"
#include "services/reporting/answers/request.h"

/* Of a cell; `close` NULL = as it is now. NULL = arena full. */
Hoso__V1__ListHead *list_head_of_cell(struct request *request, const struct report_scope *scope,
                                      const struct engine_cell *cell,
                                      const struct ledger_close *close);
/* Of what is open at the end of a day. */
Hoso__V1__ListHead *list_head_of_open(struct request *request, int32_t day);

/* Answers with a page without lines. */
enum outcome list_empty(struct request *request, Hoso__V1__ListHead *head, int32_t day);

#endif
