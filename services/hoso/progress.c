/* SPDX-License-Identifier: Apache-2.0
 *
 * [########··········]  41 %  182.345 events  61.200/s  0:04 left
 */
#include "services/hoso/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

enum { REDRAW_MS = 100, BAR_CELLS = 24 };

void progress_begin(struct progress *progress, const char *unit, uint64_t total)
{
    *progress = (struct progress){.unit = unit,
                                  .started_ms = clock_ms(),
                                  .total = total,
                                  .shown = isatty(STDERR_FILENO) == 1};
}

static void draw_bar(double part)
{
    (void)fputc('[', stderr);
    for (int i = 0; i < BAR_CELLS; i++) {
        (void)fputs((double)i < part * BAR_CELLS ? "#" : "·", stderr);
    }
    (void)fprintf(stderr, "] %3.0f %%  ", part * 100);
}

void progress_update(struct progress *progress, uint64_t done, uint64_t units)
{
    const int64_t now_ms = clock_ms();
    if (!progress->shown || now_ms - progress->drawn_ms < REDRAW_MS) {
        return;
    }
    progress->drawn_ms = now_ms;
    const double seconds = (double)(now_ms - progress->started_ms + 1) / 1000;
    (void)fputs("\r", stderr);
    if (progress->total != 0) {
        const double part = done < progress->total ? (double)done / (double)progress->total : 1;
        draw_bar(part);
        if (part > 0.01) {
            const int left = (int)(seconds / part - seconds);
            (void)fprintf(stderr, "%d:%02d left  ", left / 60, left % 60);
        }
    }
    (void)fprintf(stderr, "%" PRIu64 " %s  %.0f/s\033[K", units, progress->unit,
                  (double)units / seconds);
    (void)fflush(stderr);
}

void progress_clear(struct progress *progress)
{
    if (progress->shown && progress->drawn_ms != 0) {
        (void)fputs("\r\033[K", stderr);
    }
}
