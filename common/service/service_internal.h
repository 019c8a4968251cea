/* SPDX-License-Identifier: Apache-2.0
 *
 * A service while it runs, as service.c and signals.c see it.
 */
#ifndef HOSO_SERVICE_SERVICE_INTERNAL_H
#define HOSO_SERVICE_SERVICE_INTERNAL_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "service/observe.h"

struct running {
    struct service service; /* first: a service is its running */
    const struct service_spec *spec;
    struct config *config;
    void *settings;       /* what it fills */
    struct bus_wake stop; /* never drained: service.stop_fd is its fd */
    struct bus_wake done; /* everything is closed: the signal thread may end */
    int signal_fd;
    pthread_t signal_thread;
    atomic_bool stopping;
    atomic_bool failed;
    pthread_mutex_t observing; /* held while the service is observed */
    bool observable;           /* under observing: between start and stop */
    struct observation observed;
    const _Atomic int64_t *loops[SERVICE_LOOPS_MAX]; /* under observing */
    unsigned loop_count;
    pthread_mutex_t admission; /* guards the two below */
    service_admit *admit;      /* NULL = other domains are closed */
    void *admit_context;
};

/* Blocks the signals that the thread will take, and ignores SIGPIPE. Before any other thread
 * starts. */
void signals_block(void);

/* From now on SIGHUP re-reads the registry, SIGTERM and SIGINT stop, twice at once, and a stop that
 * takes longer than 8 s ends the process. */
enum status signals_start(struct running *running, struct error *error) MUST_USE;
void signals_finish(struct running *running);

void running_stop(struct running *running);

#endif
