/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that wait for a position. A few hundred at most, so walking the list is cheaper than any
 * order would be.
 */
#include <stdlib.h>
#include <string.h>

#include "service/endpoint_internal.h"

struct endpoint_job *endpoint_job_new(const struct endpoint_request *request)
{
    struct endpoint_job *job = malloc(sizeof *job + request->bytes.size);
    if (job == NULL) {
        return NULL;
    }
    *job = (struct endpoint_job){
        .message = request->message, .caller = request->caller, .late = request->late};
    memcpy(job->data, request->bytes.data, request->bytes.size);
    job->bytes = slice_of(job->data, request->bytes.size);
    return job;
}

void endpoint_jobs_take(struct endpoint_job **list, const struct endpoint_caller *peer,
                        struct endpoint_job **taken)
{
    while (*list != NULL) {
        struct endpoint_job *job = *list;
        if (job->caller.peer_size != peer->peer_size ||
            memcmp(job->caller.peer, peer->peer, peer->peer_size) != 0) {
            list = &job->next;
            continue;
        }
        *list = job->next;
        job->next = *taken;
        *taken = job;
    }
}

void endpoint_waiting_add(struct endpoint *endpoint, struct endpoint_job *job)
{
    job->next = endpoint->waiting;
    endpoint->waiting = job;
    endpoint->waiting_count++;
}

void endpoint_waiting_end(struct endpoint *endpoint, int64_t now_ms)
{
    struct endpoint_job **at = &endpoint->waiting;
    while (*at != NULL) {
        struct endpoint_job *job = *at;
        const bool reached = job->message->reached(endpoint->options.context, job->cut);
        if (!reached && job->deadline_ms > now_ms) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        job->late = !reached;
        job->next = endpoint->due; /* the oldest first: the list has the newest first */
        endpoint->due = job;
        endpoint->waiting_count--;
    }
}

void endpoint_waiting_take(struct endpoint *endpoint, const struct endpoint_caller *peer,
                           struct endpoint_job **taken)
{
    const struct endpoint_job *before = *taken;
    endpoint_jobs_take(&endpoint->waiting, peer, taken);
    for (const struct endpoint_job *job = *taken; job != before; job = job->next) {
        endpoint->waiting_count--;
    }
    endpoint_jobs_take(&endpoint->due, peer, taken);
}

int64_t endpoint_waiting_deadline(const struct endpoint *endpoint)
{
    int64_t deadline_ms = INT64_MAX;
    for (const struct endpoint_job *job = endpoint->waiting; job != NULL; job = job->next) {
        deadline_ms = job->deadline_ms < deadline_ms ? job->deadline_ms : deadline_ms;
    }
    return deadline_ms;
}

uint64_t endpoint_wanted(const struct endpoint *endpoint)
{
    uint64_t position = UINT64_MAX;
    for (const struct endpoint_job *job = endpoint->waiting; job != NULL; job = job->next) {
        position = job->cut.position < position ? job->cut.position : position;
    }
    return position;
}

void endpoint_waiting_fini(struct endpoint *endpoint)
{
    while (endpoint->waiting != NULL) {
        struct endpoint_job *job = endpoint->waiting;
        endpoint->waiting = job->next;
        free(job);
    }
    endpoint->waiting_count = 0;
}
