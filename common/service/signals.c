/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals are taken by one thread, as events: no handler ever interrupts anything. The same thread
 * is the watchdog of an orderly end, because PID 1 of a container is ended by
 * nothing before SIGKILL, and tells the supervisor's watchdog that the service is alive.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"
#include "log/log.h"
#include "service/notify.h"
#include "service/service_internal.h"

enum { STOP_MS = 8000 };

static void taken_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGHUP);
}

void signals_block(void)
{
    sigset_t set;
    taken_signals(&set);
    require(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
    require(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
}

static void reload_registry(struct running *running)
{
    struct error error;
    if (registry_reload(running->service.registry, &error) == STATUS_OK) {
        char count[16];
        (void)snprintf(count, sizeof count, "%u", registry_count(running->service.registry));
        log_event(LOG_INFO, "registry.reloaded", "the registry was read again", "entries", count,
                  NULL);
    } else {
        log_event(LOG_ERROR, "registry.refused", "the registry in force stays", "why", error.text,
                  NULL);
    }
}

/* What the service reads again itself, if it has started. */
static void reload_own(struct running *running)
{
    require(pthread_mutex_lock(&running->observing) == 0);
    if (running->observable && running->spec->reload != NULL) {
        running->spec->reload(&running->service);
    }
    require(pthread_mutex_unlock(&running->observing) == 0);
}

static void take_signal(struct running *running)
{
    struct signalfd_siginfo info;
    if (read(running->signal_fd, &info, sizeof info) != (ssize_t)sizeof info) {
        return;
    }
    if (info.ssi_signo == SIGHUP) {
        reload_registry(running);
        reload_own(running);
    } else if (atomic_load(&running->stopping)) {
        log_event(LOG_WARNING, "service.aborted", "a second signal to stop: ending at once", NULL);
        _exit(1);
    } else {
        running_stop(running);
    }
}

/* When it is due. Returns when it is due next. */
static int64_t tell_watchdog(struct running *running, int64_t due_ms, int64_t every_ms)
{
    if (clock_ms() < due_ms) {
        return due_ms;
    }
    if (service_is_alive(&running->service)) {
        notify_supervisor("WATCHDOG=1");
    }
    return clock_ms() + every_ms;
}

/* As poll() takes it. */
static int wait_ms(int64_t until_ms)
{
    const int64_t now = clock_ms();
    return until_ms == INT64_MAX ? -1 : until_ms > now ? (int)(until_ms - now) : 0;
}

static void *signals_main(void *argument)
{
    struct running *running = argument;
    int64_t deadline = INT64_MAX;
    const int64_t every_ms = notify_watchdog_ms();
    int64_t due_ms = every_ms != 0 ? 0 : INT64_MAX;
    for (;;) {
        due_ms = tell_watchdog(running, due_ms, every_ms);
        const bool stopping = deadline != INT64_MAX;
        struct pollfd fds[] = {{running->done.fd, POLLIN, 0},
                               {running->signal_fd, POLLIN, 0},
                               {stopping ? -1 : running->stop.fd, POLLIN, 0}};
        const int64_t left = deadline - clock_ms();
        if (left <= 0) {
            log_event(LOG_ERROR, "service.overdue", "did not stop in time: ending at once", NULL);
            _exit(1);
        }
        (void)poll(fds, sizeof fds / sizeof fds[0], wait_ms(deadline < due_ms ? deadline : due_ms));
        if (fds[0].revents != 0) {
            return NULL;
        }
        if (fds[2].revents != 0) {
            deadline = clock_ms() + STOP_MS;
        }
        if (fds[1].revents != 0) {
            take_signal(running);
        }
    }
}

enum status signals_start(struct running *running, struct error *error)
{
    sigset_t set;
    taken_signals(&set);
    running->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (running->signal_fd < 0) {
        return error_set(error, STATUS_IO, "cannot receive signals: %s", strerror(errno));
    }
    const int code = pthread_create(&running->signal_thread, NULL, signals_main, running);
    if (code != 0) {
        (void)close(running->signal_fd);
        return error_set(error, STATUS_IO, "cannot start a thread: %s", strerror(code));
    }
    return STATUS_OK;
}

void signals_finish(struct running *running)
{
    bus_wake_signal(&running->done);
    require(pthread_join(running->signal_thread, NULL) == 0);
    (void)close(running->signal_fd);
}
