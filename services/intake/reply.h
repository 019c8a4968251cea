/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds the packed IntakeReply of every outcome. Pure; the buffer is cleared first and holds one
 * whole reply, or fails by its own status.
 */
#ifndef HOSO_INTAKE_REPLY_H
#define HOSO_INTAKE_REPLY_H

#include "base/arena.h"
#include "base/buffer.h"
#include "services/intake/admission.h"
#include "services/intake/queue.h"

struct append_refusal {
    uint64_t request_id;
    uint64_t next_sequence; /* 0 = unknown */
    Hoso__V1__AppendResult result;
    struct admission_faults faults;
};

/* The writer's answer. */
void reply_answer(struct buffer *reply, const struct answer *answer, uint64_t incarnation);
/* An Append that was refused before it was queued: BUSY, or INVALID with its faults (the lists are
 * made in the arena). `next_sequence` is its own first one, because nothing of it was journaled. */
void reply_append(struct buffer *reply, const struct append_refusal *refusal, struct arena *arena);
void reply_status(struct buffer *reply, uint64_t request_id, Hoso__V1__StatusReply *status);
void reply_error(struct buffer *reply, uint64_t request_id, Hoso__V1__ErrorCode code,
                 const char *field, const char *text);

#endif
