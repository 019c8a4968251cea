/* SPDX-License-Identifier: Apache-2.0
 *
 * An event's attributes by their JSON names, and how a JSON value becomes one. Private to this
 * library.
 */
#ifndef HOSO_EVENT_EVENT_ATTRIBUTE_H
#define HOSO_EVENT_EVENT_ATTRIBUTE_H

#include "event/event.h"

struct attribute;

/* What JSON can say about an attribute: a text, true or false, or anything else, which is always
 * wrong. */
struct json_value {
    enum { VALUE_TEXT, VALUE_FLAG, VALUE_OTHER } type;
    bool flag;
    struct slice text;
};

/* NULL if there is none of that name. */
const struct attribute *attribute_of(struct slice json_name);
/* 0, 1, 2, … below 32 */
unsigned attribute_index(const struct attribute *attribute);
/* A name that is not in the list comes back as it is. */
const char *attribute_json_name(const char *proto_name);

/* What is said of a time, here and in event_check. */
#define EVENT_OUT_OF_RANGE "is not in the years 2000 to 2099 (UTC)"
#define EVENT_LEAVE_OUT "; leave it out if there is none"

/* Sets the event's attribute; texts are copied into the arena. An empty text = not given. INVALID
 * adds to the fault; TOO_LARGE = arena full. */
enum status attribute_take(const struct attribute *attribute, struct json_value value,
                           struct arena *arena, struct event *event,
                           struct event_fault *fault) MUST_USE;

/* INVALID for a name that does not exist, with the nearest one that does. */
enum status attribute_unknown(struct slice json_name, struct arena *arena,
                              struct event_fault *fault) MUST_USE;

#endif
