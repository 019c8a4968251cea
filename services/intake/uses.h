/* SPDX-License-Identifier: Apache-2.0
 *
 * How many events name an id of the catalogue: counted from the journal, stretch by stretch, for an
 * administrator who is about to change or drop it.
 */
#ifndef HOSO_INTAKE_USES_H
#define HOSO_INTAKE_USES_H

#include "hoso/v1/publisher.pb-c.h"
#include "journal_store/journal.h"
#include "service/endpoint_request.h"

enum {
    USES_IDS_MAX = 90000,     /* of a question */
    USES_EVENTS_MAX = 1 << 20 /* of a stretch, about: well below a second */
};

/* Answers CountUses in the thread of the endpoint. INVALID = not sorted, or too many; TOO_LARGE;
 * what the journal's store says. */
enum status uses_answer(struct endpoint_request *request, struct journal *journal,
                        const Hoso__V1__CountUsesRequest *question) MUST_USE;

#endif
