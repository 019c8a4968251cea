/* SPDX-License-Identifier: Apache-2.0
 *
 * Events in protobuf-c's structs. Both directions share texts; nothing is copied.
 */
#ifndef HOSO_EVENT_EVENT_WIRE_H
#define HOSO_EVENT_EVENT_WIRE_H

#include "event/event.h"
#include "hoso/v1/common.pb-c.h"

/* No checks beyond types: run event_check next. Unknown enum numbers become out of range, so
 * event_check refuses them. */
void event_from_wire(const Hoso__V1__Event *wire, struct event *ret_event);

/* `ret_wire` points to NUL-terminated copies in the arena. TOO_LARGE = arena full. */
enum status event_to_wire(const struct event *event, struct arena *arena,
                          Hoso__V1__Event *ret_wire) MUST_USE;

#endif
