/* SPDX-License-Identifier: Apache-2.0
 *
 * What hoso publish reports of events that were refused, in the order of the lines, whichever side
 * found the fault: one found here waits until intake has answered for all events before it. With a
 * file, the refused events are written there, too, each after a comment that says why: corrected,
 * the file can be published as it is.
 */
#ifndef HOSO_PUBLISH_REFUSALS_H
#define HOSO_PUBLISH_REFUSALS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"
#include "client/call/check_events.h"
#include "client/hoso.h"
#include "services/hoso/progress.h"

enum {
    REFUSALS_HELD_MAX = 4096,
    REFUSALS_HELD_BYTES = 16 << 20,
    REFUSALS_GATHER = CHECK_EVENTS_MAX /* held at least, while events go on coming */
};

/* One that waits for its turn, or a note about the file, which counts nothing. */
struct held_refusal {
    uint64_t line;
    uint64_t after; /* events that were put before it */
    const char *field;
    const char *reason;
    struct slice record;         /* empty: not for the file */
    Hoso__V1__EventCheck *check; /* to be asked of intake; NULL = nothing, or it was */
    const char *others;          /* what intake said */
    bool is_note;
};

struct refusals {
    const char *name; /* of the input, for messages */
    struct progress *progress;
    const char *path; /* of the file; NULL = none */
    FILE *file;
    int failed;       /* errno of what could not be written, or 0 */
    uint64_t count;   /* of this run */
    uint64_t earlier; /* from an earlier run, left in the outbox */
    struct held_refusal *held;
    unsigned first;
    unsigned end;
    struct arena arena;         /* of what is held */
    struct hoso_client *client; /* to ask intake what else is wrong; NULL = it is not asked */
};

/* `input` is the open input: a file cannot be its own list of refusals. INVALID = it is, IO = errno
 * says why the file cannot be written. */
enum status refusals_open(struct refusals *refusals, const char *name, const char *path, int input,
                          struct progress *progress) MUST_USE;
/* Reports what is held, syncs the file and closes it; an empty one goes. IO = errno. */
enum status refusals_close(struct refusals *refusals) MUST_USE;

/* A fault found here, after `after` events had been put; `event` and `fault` tell what intake need
 * not say again, or are NULL. FULL = no room: wait for intake's answers, release, and come again.
 */
enum status refusals_hold(struct refusals *refusals, const struct held_refusal *refusal,
                          const struct event *event, const struct event_fault *fault) MUST_USE;
/* True if enough is held that releasing it costs few questions to intake. */
bool refusals_gathered(const struct refusals *refusals);
/* Reports what needs to wait no more: intake has answered for `answered` events. */
void refusals_release(struct refusals *refusals, uint64_t answered);
/* A fault found by intake. */
void refusals_by_intake(struct refusals *refusals, const struct hoso_refusal *refusal);

#endif
