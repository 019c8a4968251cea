/* SPDX-License-Identifier: Apache-2.0
 *
 * First come, first served. A request that waited so long that its asker has surely given up is
 * answered without work.
 */
#include "services/gateway/http/lane.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/require.h"
#include "log/log.h"

enum { LANE_THREADS_MAX = 64, LANE_WAIT_MS = 20000, LANE_RETRY_S = 2 };

struct lane {
    struct gateway *gateway;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct web_request *first;
    struct web_request **last;
    unsigned waiting, queue;
    bool ending;
    unsigned thread_count;
    pthread_t threads[LANE_THREADS_MAX];
};

static struct web_request *take(struct lane *lane)
{
    require(pthread_mutex_lock(&lane->mutex) == 0);
    while (lane->first == NULL && !lane->ending) {
        require(pthread_cond_wait(&lane->changed, &lane->mutex) == 0);
    }
    struct web_request *request = lane->first;
    if (request != NULL) {
        lane->first = request->next;
        lane->last = lane->first == NULL ? &lane->first : lane->last;
        lane->waiting--;
    }
    require(pthread_mutex_unlock(&lane->mutex) == 0);
    return request;
}

static void work(const struct lane *lane, struct web_request *request, struct hoso_client *client)
{
    if (atomic_load(&lane->gateway->stopping) ||
        clock_ms() - request->started_ms > LANE_WAIT_MS + WEB_READ_MS) {
        request->answer.retry_s = LANE_RETRY_S;
        web_fail(request, PROBLEM_UNAVAILABLE, NULL,
                 "the gateway has more to do than it can or is being stopped: ask again");
    } else {
        request->client = client;
        client_act_for(client, request->who.by != WEB_NOBODY ? request->who.name : NULL);
        request->route->handle(request);
        request->client = NULL;
    }
    web_handled(request);
    MHD_resume_connection(request->connection);
}

static void *lane_main(void *context)
{
    struct lane *lane = context;
    struct hoso_client *client = NULL;
    struct hoso_error error = {.text = ""};
    if (client_open_on(lane->gateway->service->bus, &lane->gateway->client, &client, &error) !=
        HOSO_OK) {
        log_event(LOG_ERROR, "gateway.worker", "a worker cannot work", "why", error.text, NULL);
        service_fail(lane->gateway->service);
        return NULL;
    }
    for (struct web_request *request; (request = take(lane)) != NULL;) {
        work(lane, request, client);
    }
    hoso_client_close(client);
    return NULL;
}

enum status lane_open(struct gateway *gateway, unsigned threads, unsigned queue,
                      struct lane **ret_lane, struct error *error)
{
    require(threads <= LANE_THREADS_MAX);
    struct lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    lane->gateway = gateway;
    lane->queue = queue;
    lane->last = &lane->first;
    require(pthread_mutex_init(&lane->mutex, NULL) == 0);
    require(pthread_cond_init(&lane->changed, NULL) == 0);
    while (lane->thread_count < threads) {
        if (pthread_create(&lane->threads[lane->thread_count], NULL, lane_main, lane) != 0) {
            lane_close(lane);
            return error_set(error, STATUS_TOO_LARGE,
                             "no thread for a worker: raise the limit of "
                             "threads, or lower `workers`");
        }
        lane->thread_count++;
    }
    *ret_lane = lane;
    return STATUS_OK;
}

bool lane_push(struct lane *lane, struct web_request *request)
{
    require(pthread_mutex_lock(&lane->mutex) == 0);
    const bool room = lane->waiting < lane->queue && !lane->ending;
    if (room) {
        request->next = NULL;
        *lane->last = request;
        lane->last = &request->next;
        lane->waiting++;
        require(pthread_cond_signal(&lane->changed) == 0);
    }
    require(pthread_mutex_unlock(&lane->mutex) == 0);
    return room;
}

unsigned lane_waiting(struct lane *lane)
{
    require(pthread_mutex_lock(&lane->mutex) == 0);
    const unsigned waiting = lane->waiting;
    require(pthread_mutex_unlock(&lane->mutex) == 0);
    return waiting;
}

void lane_close(struct lane *lane)
{
    if (lane == NULL) {
        return;
    }
    require(pthread_mutex_lock(&lane->mutex) == 0);
    lane->ending = true;
    require(pthread_cond_broadcast(&lane->changed) == 0);
    require(pthread_mutex_unlock(&lane->mutex) == 0);
    for (unsigned i = 0; i < lane->thread_count; i++) {
        require(pthread_join(lane->threads[i], NULL) == 0);
    }
    (void)pthread_mutex_destroy(&lane->mutex);
    (void)pthread_cond_destroy(&lane->changed);
    free(lane);
}
