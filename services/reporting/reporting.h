/* SPDX-License-Identifier: Apache-2.0
 *
 * Reporting: a replica of the ledger and the endpoint that answers from it. Start opens both, stop
 * ends both.
 */
#ifndef HOSO_REPORTING_REPORTING_H
#define HOSO_REPORTING_REPORTING_H

#include "service/endpoint_request.h"
#include "service/observe.h"
#include "services/reporting/settings.h"

enum status reporting_check(const void *settings, struct error *error);
enum status reporting_start(struct service *service, const struct endpoint_message *messages,
                            struct error *error) MUST_USE;
void reporting_stop(struct service *service);
/* Reads the forms again; those in force stay if one is faulty. */
void reporting_reload(struct service *service);
/* Ready: a complete copy, not far behind, and aggregation has answered within READY_SILENT_MS. */
void reporting_observe(struct service *service, struct observation *ret_observation);

#endif
