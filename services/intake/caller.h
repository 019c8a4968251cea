/* SPDX-License-Identifier: Apache-2.0
 *
 * Whom to answer, and which of its requests: kept while a request is queued or parked. Pure.
 */
#ifndef HOSO_INTAKE_CALLER_H
#define HOSO_INTAKE_CALLER_H

#include <stdint.h>

#include "bus/bus.h"

struct caller {
    uint8_t peer[BUS_IDENTITY_MAX];
    uint8_t peer_size;
    uint64_t request_id;
};

struct caller caller_of(const struct bus_message *message, uint64_t request_id);

#endif
