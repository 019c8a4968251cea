/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON of an event: lowerCamelCase names, enum names without prefix, times RFC 3339. Unknown
 * names, wrong types and names given twice are errors.
 */
#ifndef HOSO_EVENT_EVENT_JSON_H
#define HOSO_EVENT_EVENT_JSON_H

#include "event/event.h"

enum { EVENT_JSON_MAX = 16 << 10 /* bytes of one line */ };

/* Parses one line and runs event_check. INVALID fills the fault; its field is the JSON name
 * ("occurredAt"), also of a name that does not exist. "mức độ 4" and "mức độ 3" are read as FULL
 * and PARTIAL. All texts live in the arena. INVALID gives the event, too, as far as it could be
 * read. */
enum status event_from_json(struct slice line, struct arena *arena, struct event *ret_event,
                            struct event_fault *ret_fault) MUST_USE;

/* One line without its newline; attributes at their zero value are left out. */
void event_to_json(const struct event *event, struct buffer *buffer);

#endif
