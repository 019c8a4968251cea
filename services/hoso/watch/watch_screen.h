/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso watch on a terminal: the lines of one frame. The total and as many units as fit, the columns
 * that fit, and for a moment what changed stands out. Pure: no terminal, no clock.
 */
#ifndef HOSO_WATCH_WATCH_SCREEN_H
#define HOSO_WATCH_WATCH_SCREEN_H

#include "base/buffer.h"
#include "client/hoso_watch.h"
#include "services/hoso/report/unit_names.h"
#include "services/hoso/watch/watch_columns.h"

enum {
    SCREEN_ROWS_MAX = 200,
    SCREEN_UNIT_MAX = 64,
    SCREEN_FRAME_BYTES = 1 << 20,
    SCREEN_CHANGED_MS = 2000 /* how long a change stands out */
};

struct screen_row {
    char unit[SCREEN_UNIT_MAX + 1];
    int64_t values[WATCH_COLUMNS_MAX];
    int64_t changed_ms[WATCH_COLUMNS_MAX]; /* 0 = never */
};

struct watch_screen {
    const char *root; /* unit id; "" = the whole feed */
    const struct unit_names *names;
    struct watch_columns columns;
    bool english;
    bool colour;
    unsigned width, height; /* of the terminal */
    struct screen_row rows[SCREEN_ROWS_MAX];
    struct screen_row before[SCREEN_ROWS_MAX]; /* of the last frame */
    unsigned row_count;
};

/* Lines that end with \n, fewer than the terminal has, none wider than it. */
void watch_screen_frame(struct watch_screen *screen, const struct hoso_watch_info *info,
                        const struct hoso_unit_totals *const *units, size_t count, int64_t now_ms,
                        struct buffer *out);

#endif
