/* SPDX-License-Identifier: Apache-2.0
 *
 * `--health`, `--ready`: asks the service that runs with this configuration for its status, over
 * ZeroMQ, as anybody else would, with the service's own key. Opens no store.
 */
#ifndef HOSO_SERVICE_HEALTH_H
#define HOSO_SERVICE_HEALTH_H

#include "service/service.h"

enum { HEALTH_TIMEOUT_MS = 5000, HEALTH_TEXT_MAX = 200 };

struct health {
    bool ready;
    char reason[HEALTH_TEXT_MAX]; /* why not */
    char text[HEALTH_TEXT_MAX];   /* one line about the service */
};

/* `listen`: where it listens. UNAVAILABLE = no answer in time. */
enum status health_ask(const struct service_spec *spec, const char *listen,
                       const struct bus_keys *keys, struct health *ret_health,
                       struct error *error) MUST_USE;

#endif
