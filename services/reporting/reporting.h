/* SPDX-License-Identifier: Apache-2.0
 *
 * Reporting: a replica of the ledger and the thread that answers from it. Start opens both, stop
 * ends both.
 */
#ifndef HOSO_REPORTING_REPORTING_H
#define HOSO_REPORTING_REPORTING_H

#include "service/service.h"
#include "services/reporting/request.h"

enum status reporting_start(struct service *service, const struct message_kind *kinds,
                            unsigned kind_count, struct error *error) MUST_USE;
void reporting_stop(struct service *service);

#endif
