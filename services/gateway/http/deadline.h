/* SPDX-License-Identifier: Apache-2.0
 *
 * How long a connection may take for what it is at: the head of a request, its body, to read the
 * answer. The library's own timeout begins anew with each byte. A connection that is late is shut
 * down; the library then ends it as one whose peer left. Any thread.
 */
#ifndef HOSO_GATEWAY_DEADLINE_H
#define HOSO_GATEWAY_DEADLINE_H

#include <microhttpd.h>

#include "base/status.h"

enum deadline_stage {
    DEADLINE_NONE, /* handled by a worker, which has a deadline of its own; or a stream */
    DEADLINE_HEAD, /* from the connection's begin, or the answer before */
    DEADLINE_BODY,
    DEADLINE_ANSWER
};

struct deadlines;
enum status deadlines_open(struct deadlines **ret_deadlines, struct error *error) MUST_USE;
/* After the library's daemon. NULL-safe. */
void deadlines_close(struct deadlines *deadlines);
/* The daemon's MHD_OPTION_NOTIFY_CONNECTION; `context` is the deadlines. */
void deadlines_notify(void *context, struct MHD_Connection *connection, void **place,
                      enum MHD_ConnectionNotificationCode code);
/* The time for this stage begins now. */
void deadline_set(struct MHD_Connection *connection, enum deadline_stage stage);

#endif
