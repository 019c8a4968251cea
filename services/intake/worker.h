/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread that may not have been started: front, writer and feed have one each.
 */
#ifndef HOSO_INTAKE_WORKER_H
#define HOSO_INTAKE_WORKER_H

#include <pthread.h>
#include <stdbool.h>

#include "base/status.h"

struct worker {
    pthread_t thread;
    bool running;
};

static inline enum status worker_start(struct worker *worker, void *(*run)(void *), void *argument)
{
    worker->running = pthread_create(&worker->thread, NULL, run, argument) == 0;
    return worker->running ? STATUS_OK : STATUS_IO;
}

static inline void worker_join(struct worker *worker)
{
    if (worker->running) {
        (void)pthread_join(worker->thread, NULL);
        worker->running = false;
    }
}

#endif
