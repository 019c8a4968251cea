/* SPDX-License-Identifier: Apache-2.0
 *
 * A frame goes out in one write: up to the first line, each line with the rest of it cleared, then
 * whatever is below. So nothing flickers.
 */
#include "services/hoso/watch/watch_terminal.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buffer.h"

#define HIDE_CURSOR "\033[?25l\033[?7l" /* and break no lines */
#define SHOW_CURSOR "\033[?7h\033[?25h"
#define EMPTY_SCREEN "\033[H\033[2J"

enum { OUT_BYTES = 2 << 20, WIDTH = 80, HEIGHT = 24, KEYS = 64 };

static void write_all(struct slice text)
{
    while (text.size != 0) {
        const ssize_t written = write(STDOUT_FILENO, text.data, text.size);
        if (written < 0 && errno != EINTR) {
            return; /* the terminal is gone; a signal will say so */
        }
        if (written > 0) {
            text.data += written;
            text.size -= (size_t)written;
        }
    }
}

static void measure(struct terminal *terminal)
{
    struct winsize size = {0};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    terminal->width = known && size.ws_col > 1 ? size.ws_col : WIDTH;
    terminal->height = known && size.ws_row > 1 ? size.ws_row : HEIGHT;
}

/* Only where we are in front, or the terminal would stop us for it. */
static void silence_keys(struct terminal *terminal)
{
    if (tcgetpgrp(STDIN_FILENO) != getpgrp() || tcgetattr(STDIN_FILENO, &terminal->before) != 0) {
        return;
    }
    struct termios quiet = terminal->before;
    quiet.c_lflag &= (tcflag_t) ~(ECHO | ICANON);
    quiet.c_cc[VMIN] = 0;
    quiet.c_cc[VTIME] = 0;
    terminal->quiet = tcsetattr(STDIN_FILENO, TCSANOW, &quiet) == 0;
}

void terminal_begin(struct terminal *terminal)
{
    *terminal = (struct terminal){.lines = 0};
    measure(terminal);
    silence_keys(terminal);
    write_all(slice_text(HIDE_CURSOR));
}

void terminal_end(struct terminal *terminal)
{
    write_all(slice_text(SHOW_CURSOR));
    if (terminal->quiet) {
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal->before);
        terminal->quiet = false;
    }
}

void terminal_resize(struct terminal *terminal)
{
    measure(terminal);
    write_all(slice_text(EMPTY_SCREEN));
    terminal->lines = 0;
}

void terminal_draw(struct terminal *terminal, struct slice frame)
{
    struct buffer out;
    buffer_init(&out, OUT_BYTES);
    if (terminal->lines != 0) {
        buffer_printf(&out, "\r\033[%uA", terminal->lines);
    }
    terminal->lines = 0;
    while (frame.size != 0) {
        const uint8_t *end = memchr(frame.data, '\n', frame.size);
        const size_t size = end != NULL ? (size_t)(end - frame.data) : frame.size;
        buffer_put(&out, frame.data, size);
        buffer_printf(&out, "\033[K\n");
        frame.data += end != NULL ? size + 1 : size;
        frame.size -= end != NULL ? size + 1 : size;
        terminal->lines++;
    }
    buffer_printf(&out, "\033[J");
    write_all(buffer_slice(&out));
    buffer_fini(&out);
}

bool terminal_quits(const struct terminal *terminal)
{
    char keys[KEYS];
    const ssize_t count = terminal->quiet ? read(STDIN_FILENO, keys, sizeof keys) : 0;
    for (ssize_t i = 0; i < count; i++) {
        if (keys[i] == 'q' || keys[i] == 'Q') {
            return true;
        }
    }
    return false;
}
