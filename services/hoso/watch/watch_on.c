/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso watch without --once: the feed, signals and keys in one poll, then either lines for programs
 * or the next frame for people.
 */
#include "services/hoso/watch/watch_internal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "render/lists/watch_lines.h"

enum { REDRAW_MS = 500, DRAW_MIN_MS = 100 };

void watching_refresh_names(struct watching *watching, const struct hoso_watch_info *info)
{
    if (info->day[0] == '\0' ||
        (info->feed == watching->named_feed && strcmp(info->day, watching->named_day) == 0)) {
        return;
    }
    watching->named_feed = info->feed;
    memcpy(watching->named_day, info->day, sizeof watching->named_day);
    unit_names_load(&watching->names, watching->client, watching->unit, info->day);
}

/* Before there is a table every failure ends it; afterwards only one that cannot pass. */
static void judge(struct watching *watching, const struct hoso_error *error)
{
    const bool passes = error->status == HOSO_UNAVAILABLE || error->status == HOSO_NOT_READY ||
                        error->status == HOSO_BUSY;
    if (!passes || hoso_watch_info(watching->watch).snapshots == 0) {
        watching->error = *error;
        watching->failed = true;
        watching->leave = true;
    }
}

static void report_lines(struct watching *watching, const struct hoso_watch_news *news)
{
    const struct hoso_watch_info info = hoso_watch_info(watching->watch);
    if ((news->what & HOSO_WATCH_STATE) != 0) {
        watch_line_state(stdout, &info);
    }
    for (size_t i = 0; i < news->gone_count; i++) {
        watch_line_gone(stdout, &info, news->gone[i]);
    }
    for (size_t i = 0; i < news->changed_count; i++) {
        watch_line_unit(stdout, &info, news->changed[i],
                        unit_name(&watching->names, news->changed[i]->unit));
    }
    if ((news->what & HOSO_WATCH_HEARTBEAT) != 0) {
        size_t count;
        (void)hoso_watch_units(watching->watch, &count);
        watch_line_heartbeat(stdout, &info, count);
    }
    watching->leave = fflush(stdout) != 0;
}

static void draw(struct watching *watching)
{
    size_t count;
    const struct hoso_watch_info info = hoso_watch_info(watching->watch);
    const struct hoso_unit_totals *const *units = hoso_watch_units(watching->watch, &count);
    /* Clearing the rest of a full line would delete its last column. */
    watching->screen.width = watching->terminal.width - 1;
    watching->screen.height = watching->terminal.height;
    watching->drawn_ms = clock_ms();
    buffer_clear(&watching->frame);
    watch_screen_frame(&watching->screen, &info, units, count, watching->drawn_ms,
                       &watching->frame);
    terminal_draw(&watching->terminal, buffer_slice(&watching->frame));
}

/* All that there is to show now. */
static void take_news(struct watching *watching, bool *ret_changed)
{
    while (!watching->leave) {
        struct hoso_watch_news news;
        struct hoso_error error;
        if (hoso_watch_next(watching->watch, 0, &news, &error) != HOSO_OK) {
            judge(watching, &error);
            return;
        }
        if (news.what == 0) {
            return;
        }
        const struct hoso_watch_info info = hoso_watch_info(watching->watch);
        watching_refresh_names(watching, &info);
        if (!watching->table) {
            report_lines(watching, &news);
        }
        *ret_changed = *ret_changed || (news.what & ~(unsigned)HOSO_WATCH_HEARTBEAT) != 0;
    }
}

/* Ctrl-Z: the terminal is put right, we stop, and begin again below whatever came meanwhile. */
static void pause_here(struct watching *watching)
{
    if (watching->table) {
        terminal_end(&watching->terminal);
    }
    (void)raise(SIGSTOP);
    if (watching->table) {
        terminal_begin(&watching->terminal);
    }
}

static void take_signals(struct watching *watching, bool *ret_changed)
{
    struct signalfd_siginfo info;
    while (read(watching->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGWINCH) {
            if (watching->table) {
                terminal_resize(&watching->terminal);
            }
        } else if (info.ssi_signo == SIGTSTP) {
            pause_here(watching);
        } else {
            watching->leave = true;
        }
        *ret_changed = true;
    }
}

static int wait_ms(const struct watching *watching, bool changed)
{
    if (!watching->table) {
        return -1;
    }
    const int64_t due_ms = watching->drawn_ms + (changed ? DRAW_MIN_MS : REDRAW_MS);
    const int64_t now_ms = clock_ms();
    return due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
}

static void follow(struct watching *watching)
{
    bool changed = true;
    while (!watching->leave) {
        struct bus_poll_item items[3] = {{.fd = hoso_watch_fd(watching->watch)},
                                         {.fd = watching->signals},
                                         {.fd = STDIN_FILENO}};
        (void)bus_poll(items, watching->terminal.quiet ? 3 : 2, wait_ms(watching, changed));
        if (items[1].readable) {
            take_signals(watching, &changed);
        }
        take_news(watching, &changed);
        if (watching->table && wait_ms(watching, changed) == 0) {
            draw(watching);
            changed = false;
        }
        watching->leave =
            watching->leave || (items[2].readable && terminal_quits(&watching->terminal));
    }
}

/* Signals are taken in turn with everything else, so that no way out leaves the terminal changed.
 */
int watching_on(struct watching *watching)
{
    static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP};
    sigset_t set;
    (void)sigemptyset(&set);
    for (unsigned i = 0; i < sizeof taken / sizeof *taken; i++) {
        (void)sigaddset(&set, taken[i]);
    }
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    watching->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (watching->signals < 0 || hoso_watch_fd(watching->watch) < 0) {
        command_say("%s", strerror(errno));
        return EXIT_FAILED;
    }
    if (watching->table) {
        terminal_begin(&watching->terminal);
    }
    follow(watching);
    if (watching->table) {
        terminal_end(&watching->terminal);
    }
    (void)close(watching->signals);
    return watching->failed ? report_failure(&watching->error) : EXIT_DONE;
}
