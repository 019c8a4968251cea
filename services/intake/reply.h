/* SPDX-License-Identifier: Apache-2.0
 *
 * The IntakeReply of every outcome.
 */
#ifndef HOSO_INTAKE_REPLY_H
#define HOSO_INTAKE_REPLY_H

#include "services/intake/admission.h"
#include "services/intake/queue.h"

/* Sends the writer's answer. The endpoint's thread. */
void reply_answer(struct endpoint *endpoint, const struct writer_answer *answer,
                  uint64_t incarnation);
/* Answers an Append that was not queued: BUSY, or INVALID with its faults. `next_sequence` is its
 * own first one, because nothing of it was journaled; 0 = it could not be read. */
enum status reply_refusal(struct endpoint_request *request, Hoso__V1__AppendResult result,
                          uint64_t next_sequence, const struct admission_faults *faults) MUST_USE;

#endif
