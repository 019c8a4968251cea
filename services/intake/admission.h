/* SPDX-License-Identifier: Apache-2.0
 *
 * Which events may enter the journal: the event's own rules, the catalogue, and the rights of the
 * source's key. Pure: no I/O, one thread, memory from the request's arena.
 */
#ifndef HOSO_INTAKE_ADMISSION_H
#define HOSO_INTAKE_ADMISSION_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"
#include "catalogue/catalogue.h"
#include "event/event.h"
#include "hoso/v1/publisher.pb-c.h"
#include "registry/registry.h"

enum {
    ADMISSION_EVENTS_MAX = 4096,   /* of one Append */
    ADMISSION_BYTES_MAX = 1 << 20, /* of one Append, encoded */
    ADMISSION_ENVELOPE_MAX = 32,   /* what an IntakeRequest adds to its AppendRequest */
    ADMISSION_FAULTS_MAX = 100,    /* listed in one answer */
    ADMISSION_CHECKS_MAX = 256,    /* of one CheckEvents */
    ADMISSION_RECORDS_MAX = ADMISSION_EVENTS_MAX * (EVENT_RECORD_MAX + 2)
};

struct admission {
    const struct catalogue *catalogue;
    const struct principal *principal;
    struct arena *arena;
};

struct admission_fault {
    uint32_t index;
    struct event_fault fault;
};

struct admission_faults {
    struct admission_fault *list;
    unsigned count;
};

/* True if the principal has the unit: counting rules §6, through mergers. */
bool admission_covers(const struct admission *admission, struct slice unit);

/* Checks one event and appends its record to `records`. INVALID fills the fault; TOO_LARGE = the
 * arena or the buffer is full. */
enum status admission_event(const struct admission *admission, const Hoso__V1__Event *wire,
                            struct buffer *records, struct event_fault *ret_fault) MUST_USE;

/* What else is wrong with an event that its sender has refused, "procedure: …; field: …" in the
 * arena; "" = nothing that is known here. */
char *admission_others(const struct admission *admission, const Hoso__V1__EventCheck *check);

/* Checks a whole Append whose message has `bytes` bytes. OK = `records` holds every event in order;
 * INVALID = the faults, in the arena, in order; TOO_LARGE = the arena or the buffer is full. */
enum status admission_append(const struct admission *admission,
                             const Hoso__V1__AppendRequest *request, size_t bytes,
                             struct buffer *records, struct admission_faults *ret_faults) MUST_USE;

#endif
