/* SPDX-License-Identifier: Apache-2.0
 *
 * See deadline.h. A thread looks at all connections once a second.
 */
#include "services/gateway/http/deadline.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/require.h"
#include "services/gateway/http/web.h"

enum { LOOK_MS = 1000 };

static const int64_t stage_ms[] = {[DEADLINE_NONE] = INT64_MAX / 2,
                                   [DEADLINE_HEAD] = 30000,
                                   [DEADLINE_BODY] = WEB_READ_MS,
                                   [DEADLINE_ANSWER] = 300000};

struct held {
    struct held *next, *previous;
    int fd;
    atomic_llong until_ms;
};

struct deadlines {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct held first; /* of a ring */
    bool ending;
    pthread_t thread;
};

static void hold(struct deadlines *deadlines, struct held *held)
{
    atomic_store(&held->until_ms, clock_ms() + stage_ms[DEADLINE_HEAD]);
    require(pthread_mutex_lock(&deadlines->mutex) == 0);
    held->previous = &deadlines->first;
    held->next = deadlines->first.next;
    held->next->previous = held;
    deadlines->first.next = held;
    require(pthread_mutex_unlock(&deadlines->mutex) == 0);
}

/* The library closes the socket afterwards, so none is shut down that became another's. */
static void drop(struct deadlines *deadlines, struct held *held)
{
    require(pthread_mutex_lock(&deadlines->mutex) == 0);
    held->previous->next = held->next;
    held->next->previous = held->previous;
    require(pthread_mutex_unlock(&deadlines->mutex) == 0);
    free(held);
}

void deadlines_notify(void *context, struct MHD_Connection *connection, void **place,
                      enum MHD_ConnectionNotificationCode code)
{
    struct deadlines *deadlines = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*place != NULL) {
            drop(deadlines, *place);
        }
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct held *held = calloc(1, sizeof *held);
    if (held == NULL) { /* none without a deadline */
        (void)shutdown(info->connect_fd, SHUT_RDWR);
        return;
    }
    held->fd = info->connect_fd;
    hold(deadlines, held);
    *place = held;
}

void deadline_set(struct MHD_Connection *connection, enum deadline_stage stage)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct held *held = info != NULL ? info->socket_context : NULL;
    if (held != NULL) {
        atomic_store(&held->until_ms, clock_ms() + stage_ms[stage]);
    }
}

static void look(const struct deadlines *deadlines)
{
    const int64_t now_ms = clock_ms();
    for (struct held *held = deadlines->first.next; held != &deadlines->first; held = held->next) {
        if (atomic_load(&held->until_ms) < now_ms) {
            (void)shutdown(held->fd, SHUT_RDWR);
        }
    }
}

static void *deadlines_main(void *context)
{
    struct deadlines *deadlines = context;
    require(pthread_mutex_lock(&deadlines->mutex) == 0);
    while (!deadlines->ending) {
        struct timespec until;
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += LOOK_MS / 1000;
        const int code = pthread_cond_timedwait(&deadlines->changed, &deadlines->mutex, &until);
        require(code == 0 || code == ETIMEDOUT);
        look(deadlines);
    }
    require(pthread_mutex_unlock(&deadlines->mutex) == 0);
    return NULL;
}

enum status deadlines_open(struct deadlines **ret_deadlines, struct error *error)
{
    struct deadlines *deadlines = calloc(1, sizeof *deadlines);
    pthread_condattr_t monotonic;
    if (deadlines == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    deadlines->first.next = deadlines->first.previous = &deadlines->first;
    require(pthread_mutex_init(&deadlines->mutex, NULL) == 0);
    require(pthread_condattr_init(&monotonic) == 0);
    require(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    require(pthread_cond_init(&deadlines->changed, &monotonic) == 0);
    (void)pthread_condattr_destroy(&monotonic);
    if (pthread_create(&deadlines->thread, NULL, deadlines_main, deadlines) != 0) {
        (void)pthread_mutex_destroy(&deadlines->mutex);
        (void)pthread_cond_destroy(&deadlines->changed);
        free(deadlines);
        return error_set(error, STATUS_TOO_LARGE,
                         "no thread for deadlines: raise the limit of threads");
    }
    *ret_deadlines = deadlines;
    return STATUS_OK;
}

void deadlines_close(struct deadlines *deadlines)
{
    if (deadlines == NULL) {
        return;
    }
    require(pthread_mutex_lock(&deadlines->mutex) == 0);
    deadlines->ending = true;
    require(pthread_cond_signal(&deadlines->changed) == 0);
    require(pthread_mutex_unlock(&deadlines->mutex) == 0);
    require(pthread_join(deadlines->thread, NULL) == 0);
    (void)pthread_mutex_destroy(&deadlines->mutex);
    (void)pthread_cond_destroy(&deadlines->changed);
    free(deadlines);
}
