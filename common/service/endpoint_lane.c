/* SPDX-License-Identifier: Apache-2.0
 *
 * The long lane. Of the jobs whose peers read their answers, the one whose key had its last turn
 * longest ago comes next; one key's jobs keep their order. There is place for one answer that the
 * endpoint's thread has not taken yet, so the lane is at most one job ahead of it.
 */
#include <stdlib.h>

#include "base/require.h"
#include "service/endpoint_internal.h"

static void lock(struct endpoint_lane_worker *lane)
{
    require(pthread_mutex_lock(&lane->mutex) == 0);
}

static void unlock(struct endpoint_lane_worker *lane)
{
    require(pthread_mutex_unlock(&lane->mutex) == 0);
}

enum status endpoint_lane_init(struct endpoint *endpoint)
{
    struct endpoint_lane_worker *lane = &endpoint->lane;
    lane->last = &lane->first;
    require(pthread_mutex_init(&lane->mutex, NULL) == 0);
    require(pthread_cond_init(&lane->changed, NULL) == 0);
    arena_init(&lane->arena, endpoint->options.limits.arena_bytes);
    lane->done.fd = -1;
    return bus_wake_init(&lane->done);
}

/* Takes out the next job that may run; NULL = none. */
static struct endpoint_job *next_job(struct endpoint_lane_worker *lane)
{
    struct endpoint_job **best = NULL;
    for (struct endpoint_job **at = &lane->first; *at != NULL; at = &(*at)->next) {
        const struct endpoint_account *account = (*at)->caller.account;
        if (endpoint_account_reads(account) &&
            (best == NULL || account->served < (*best)->caller.account->served)) {
            best = at;
        }
    }
    if (best == NULL) {
        return NULL;
    }
    struct endpoint_job *job = *best;
    *best = job->next;
    if (job->next == NULL) {
        lane->last = best;
    }
    job->caller.account->served = ++lane->turn;
    return job;
}

static void *lane_main(void *argument)
{
    struct endpoint *endpoint = argument;
    struct endpoint_lane_worker *lane = &endpoint->lane;
    lock(lane);
    while (!lane->ending) {
        struct endpoint_job *job = next_job(lane);
        if (job == NULL) {
            require(pthread_cond_wait(&lane->changed, &lane->mutex) == 0);
            continue;
        }
        unlock(lane);
        endpoint_handle_job(endpoint, job, ENDPOINT_LONG, &lane->arena);
        free(job);
        lock(lane);
    }
    unlock(lane);
    return NULL;
}

enum status endpoint_lane_start(struct endpoint *endpoint)
{
    struct endpoint_lane_worker *lane = &endpoint->lane;
    lane->running = pthread_create(&lane->thread, NULL, lane_main, endpoint) == 0;
    return lane->running ? STATUS_OK : STATUS_IO;
}

void endpoint_lane_end(struct endpoint *endpoint)
{
    struct endpoint_lane_worker *lane = &endpoint->lane;
    lock(lane);
    lane->ending = true;
    require(pthread_cond_broadcast(&lane->changed) == 0);
    unlock(lane);
    if (lane->running) {
        (void)pthread_join(lane->thread, NULL);
        lane->running = false;
    }
}

void endpoint_lane_fini(struct endpoint *endpoint)
{
    struct endpoint_lane_worker *lane = &endpoint->lane;
    endpoint_lane_end(endpoint);
    while (lane->first != NULL) {
        struct endpoint_job *job = lane->first;
        lane->first = job->next;
        free(job);
    }
    if (lane->result != NULL) {
        endpoint_answer_free(NULL, lane->result);
    }
    bus_wake_fini(&lane->done);
    arena_fini(&lane->arena);
    (void)pthread_cond_destroy(&lane->changed);
    (void)pthread_mutex_destroy(&lane->mutex);
}

void endpoint_lane_push(struct endpoint *endpoint, struct endpoint_job *job)
{
    struct endpoint_lane_worker *lane = &endpoint->lane;
    lock(lane);
    job->next = NULL;
    *lane->last = job;
    lane->last = &job->next;
    require(pthread_cond_broadcast(&lane->changed) == 0);
    unlock(lane);
}

void endpoint_lane_take(struct endpoint *endpoint, const struct endpoint_caller *peer,
                        struct endpoint_job **taken)
{
    struct endpoint_lane_worker *lane = &endpoint->lane;
    lock(lane);
    endpoint_jobs_take(&lane->first, peer, taken);
    lane->last = &lane->first;
    while (*lane->last != NULL) {
        lane->last = &(*lane->last)->next;
    }
    unlock(lane);
}

void endpoint_lane_kick(struct endpoint *endpoint)
{
    lock(&endpoint->lane);
    require(pthread_cond_broadcast(&endpoint->lane.changed) == 0);
    unlock(&endpoint->lane);
}

void endpoint_lane_result(struct endpoint *endpoint, const struct endpoint_caller *caller,
                          struct endpoint_answer *answer)
{
    struct endpoint_lane_worker *lane = &endpoint->lane;
    lock(lane);
    while (lane->has_result && !lane->ending) {
        require(pthread_cond_wait(&lane->changed, &lane->mutex) == 0);
    }
    const bool taken = !lane->has_result;
    if (taken) {
        lane->has_result = true;
        lane->caller = *caller;
        lane->result = answer;
    }
    unlock(lane);
    if (taken) {
        bus_wake_signal(&lane->done);
    } else if (answer != NULL) {
        endpoint_answer_free(NULL, answer);
    }
}

void endpoint_lane_collect(struct endpoint *endpoint)
{
    struct endpoint_lane_worker *lane = &endpoint->lane;
    lock(lane);
    const bool has_result = lane->has_result;
    struct endpoint_caller caller = lane->caller;
    struct endpoint_answer *answer = lane->result;
    lane->has_result = false;
    lane->result = NULL;
    require(pthread_cond_broadcast(&lane->changed) == 0);
    unlock(lane);
    if (has_result) {
        endpoint_send(endpoint, &caller, answer);
    }
}
