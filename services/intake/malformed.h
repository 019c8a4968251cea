/* SPDX-License-Identifier: Apache-2.0
 *
 * What can still be told of a message that wire_unpack refused, so that its sender learns which of
 * its requests it was and, of an Append, which event. Pure.
 */
#ifndef HOSO_INTAKE_MALFORMED_H
#define HOSO_INTAKE_MALFORMED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "services/intake/admission.h"

/* The request_id, 0 if it cannot be read. */
uint64_t malformed_request_id(struct slice message);
/* An Append's first_sequence, 0 if it cannot be read. */
uint64_t malformed_first_sequence(struct slice message);

/* Turns wire_unpack's "append.events[17].dossier: not UTF-8" into the fault of event 17. False if
 * the text is not about an event. The field's name lives in the arena. */
bool malformed_event(const char *text, struct arena *arena, struct admission_fault *ret_fault);

#endif
