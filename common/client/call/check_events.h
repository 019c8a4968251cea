/* SPDX-License-Identifier: Apache-2.0
 *
 * What only intake can say of an event that was refused here, so that a person is told all of its
 * faults at once. Private to us.
 */
#ifndef HOSO_CLIENT_CALL_CHECK_EVENTS_H
#define HOSO_CLIENT_CALL_CHECK_EVENTS_H

#include "client/client.h"
#include "event/event.h"
#include "hoso/v1/publisher.pb-c.h"

enum { CHECK_EVENTS_MAX = 256 /* of one question */ };

/* The event as far as it was read, and the fields that are known to be faulty, in the arena. NULL =
 * nothing could be read, so there is nothing to ask; or the arena is full. */
Hoso__V1__EventCheck *check_event_new(const struct event *event, const struct event_fault *fault,
                                      struct arena *arena);
/* Asks intake of 1 to CHECK_EVENTS_MAX events. `ret_others` gets a text of the arena for each:
 * "procedure: …; field: …", or "". */
enum hoso_status check_events(struct hoso_client *client, Hoso__V1__EventCheck **checks,
                              size_t count, struct arena *arena, char **ret_others,
                              struct hoso_error *error);

#endif
