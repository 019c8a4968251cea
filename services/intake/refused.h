/* SPDX-License-Identifier: Apache-2.0
 *
 * How many events of each source were refused since the start. What is refused is not journaled, so
 * nobody else knows. One thread.
 */
#ifndef HOSO_INTAKE_REFUSED_H
#define HOSO_INTAKE_REFUSED_H

#include "hoso/v1/publisher.pb-c.h"
#include "registry/registry.h"
#include "service/endpoint_request.h"

struct refused_source {
    char name[BUS_NAME_MAX + 1];
    uint64_t events;
    int64_t last_ms; /* unix */
};

struct refused {
    struct refused_source *sources; /* by name, at most REGISTRY_ENTRIES_MAX */
    unsigned count, capacity;
    int64_t since_ms; /* unix */
};

void refused_init(struct refused *refused);
void refused_fini(struct refused *refused);
/* Without memory for one more source its events are not counted here. */
void refused_add(struct refused *refused, const char *name, uint64_t events);
/* Answers CountRefused: an administrator sees all, a source itself. */
enum status refused_answer(struct endpoint_request *request,
                           const struct refused *refused) MUST_USE;

#endif
