/* SPDX-License-Identifier: Apache-2.0
 *
 * How many events name an id of the catalogue: counted from the journal, stretch by stretch, for an
 * administrator who is about to change or drop it.
 */
#ifndef HOSO_INTAKE_USES_H
#define HOSO_INTAKE_USES_H

#include "bus/bus.h"
#include "hoso/v1/publisher.pb-c.h"
#include "journal_store/journal.h"
#include "service/endpoint_request.h"

enum {
    USES_IDS_MAX = 90000,     /* of a question */
    USES_EVENTS_MAX = 1 << 20 /* of a stretch, about: well below a second */
};

/* What an administrator has shown so far: that none of these ids was ever named, up to a position.
 * Zeros = nothing. */
struct uses_proof {
    char user[BUS_NAME_MAX + 1];
    uint64_t digest; /* of the ids */
    uint64_t position;
    bool unused;
};

/* Answers CountUses in the thread of the endpoint, and carries the proof on or begins a new one.
 * INVALID = not sorted, or too many; TOO_LARGE; what the journal's store says. */
enum status uses_answer(struct endpoint_request *request, struct journal *journal,
                        const Hoso__V1__CountUsesRequest *question,
                        struct uses_proof *proof) MUST_USE;

/* Are the ids that `next` has no more those of the proof, and are they unused to the end of the
 * journal, as its open transaction has it? Only what came after the proof is read. */
bool uses_may_drop(struct journal *journal, const struct catalogue *current,
                   const struct catalogue *next, const struct uses_proof *proof);

#endif
