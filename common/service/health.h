/* SPDX-License-Identifier: Apache-2.0
 *
 * `--health`: asks the service that runs with this configuration for its status, over ZeroMQ, as
 * anybody else would, with the service's own key. Opens no store.
 */
#ifndef HOSO_SERVICE_HEALTH_H
#define HOSO_SERVICE_HEALTH_H

#include "service/service.h"

enum { HEALTH_TIMEOUT_MS = 5000, HEALTH_TEXT_MAX = 200 };

/* Fills `ret_text` with one line about the service. UNAVAILABLE = no answer in time. */
enum status health_ask(const struct service_spec *spec, const struct config *config,
                       const struct bus_keys *keys, char ret_text[HEALTH_TEXT_MAX],
                       struct error *error) MUST_USE;

#endif
