/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of the routes (main.c has the table), by source.
 */
#ifndef HOSO_GATEWAY_HANDLERS_H
#define HOSO_GATEWAY_HANDLERS_H

#include "services/gateway/gateway.h"

/* session.c */
void handle_me(struct web_request *request);
void handle_log_in(struct web_request *request);
void handle_log_out(struct web_request *request);
/* report.c */
void handle_report(struct web_request *request);
/* series.c */
void handle_series(struct web_request *request);
/* lists.c */
void handle_units(struct web_request *request);
void handle_forms(struct web_request *request);
void handle_dossiers(struct web_request *request);
void handle_dossier(struct web_request *request);
void handle_overdue(struct web_request *request);
void handle_quality(struct web_request *request);
void handle_sources(struct web_request *request);
void handle_closes(struct web_request *request);
void handle_status(struct web_request *request);
/* catalogue.c */
void handle_catalogue(struct web_request *request);
void handle_put_catalogue(struct web_request *request);
/* closes.c */
void handle_close(struct web_request *request);
/* events.c */
void handle_events(struct web_request *request);
/* stream.c */
void handle_totals(struct web_request *request);
/* files.c */
void handle_openapi(struct web_request *request);
void handle_live(struct web_request *request);
void handle_ready(struct web_request *request);
void handle_page(struct web_request *request);

/* The period that is asked for, period.c: resolved, or false and it was answered. */
struct period;
bool handle_period(struct web_request *request, struct period *ret_period);
/* The close that is asked for, as struct hoso_query has it; likewise. */
bool handle_as_closed(struct web_request *request, int *ret_as_closed);

#endif
