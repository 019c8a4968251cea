/* SPDX-License-Identifier: Apache-2.0
 *
 * What `hoso watch` and `hoso watch --once` share.
 */
#ifndef HOSO_WATCH_WATCH_INTERNAL_H
#define HOSO_WATCH_WATCH_INTERNAL_H

#include "base/cut.h"
#include "client/hoso_watch.h"
#include "services/hoso/command.h"
#include "services/hoso/watch/watch_screen.h"
#include "services/hoso/watch/watch_terminal.h"

struct watching {
    const struct command *command;
    struct hoso_client *client;
    struct hoso_watch *watch;
    struct unit_names names;
    uint64_t named_feed; /* of which names are known, and of which day */
    char named_day[11];
    bool once, restricted, table;
    struct cut min_cut;
    uint64_t queue;
    const char *unit;
    const char *measures;
    struct watch_screen screen;
    struct terminal terminal;
    struct buffer frame;
    int64_t drawn_ms;
    int signals; /* file descriptor */
    bool leave;
    bool failed; /* `error` says why */
    struct hoso_error error;
};

/* Loads the units' names again when the feed or the day is another one. */
void watching_refresh_names(struct watching *watching, const struct hoso_watch_info *info);

/* Print the state once it is there; follow it until a signal or a key. The exit code. */
int watching_once(struct watching *watching);
int watching_on(struct watching *watching);

#endif
