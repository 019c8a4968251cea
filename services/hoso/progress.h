/* SPDX-License-Identifier: Apache-2.0
 *
 * A progress line on stderr, only when that is a terminal: part, rate, time left. Redrawn a few
 * times a second.
 */
#ifndef HOSO_PROGRESS_H
#define HOSO_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *unit; /* "events" */
    int64_t started_ms;
    int64_t drawn_ms;
    uint64_t total; /* of the measure of `done`; 0 = unknown */
    bool shown;
};

void progress_begin(struct progress *progress, const char *unit, uint64_t total);
/* `done` of `total`, and how many `units` that is. */
void progress_update(struct progress *progress, uint64_t done, uint64_t units);
/* Clears the line, so that something else can be said. */
void progress_clear(struct progress *progress);

#endif
