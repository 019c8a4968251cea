/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of the services, as `hoso status --format json` and the gateway show it.
 */
#ifndef HOSO_RENDER_SERVICES_H
#define HOSO_RENDER_SERVICES_H

#include "client/ask_status.h"
#include "render/json.h"

/* An array, one element for each service that was asked. */
void status_print_json(const struct status_answer answers[STATUS_PEERS], FILE *out);

#endif
