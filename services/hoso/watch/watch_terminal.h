/* SPDX-License-Identifier: Apache-2.0
 *
 * A terminal on which frames are drawn over each other, in place: the cursor is hidden meanwhile,
 * keys are not echoed, and both are put right at the end. What was on the screen before stays
 * above.
 */
#ifndef HOSO_WATCH_WATCH_TERMINAL_H
#define HOSO_WATCH_WATCH_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

#include "base/slice.h"

struct terminal {
    struct termios before;
    bool quiet;     /* keys are not echoed */
    unsigned lines; /* of the frame that is shown */
    unsigned width, height;
};

void terminal_begin(struct terminal *terminal);
void terminal_end(struct terminal *terminal);
/* The window has another size: the next frame begins on an empty screen, since lines may have been
 * broken anew. */
void terminal_resize(struct terminal *terminal);
/* Lines that end with \n, fewer than the height. */
void terminal_draw(struct terminal *terminal, struct slice frame);
/* A key for leaving was pressed; reads what is there. */
bool terminal_quits(const struct terminal *terminal);

#endif
