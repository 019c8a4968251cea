/* SPDX-License-Identifier: Apache-2.0
 *
 * One mutex guards all of it; it is held for a copy, never while anything is written to disk.
 */
#include "services/intake/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/require.h"

enum status queue_init(struct queue *queue)
{
    *queue = (struct queue){.wake = {.fd = -1}};
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->filled, NULL);
    queue->answers = calloc(QUEUE_REQUESTS_MAX, sizeof *queue->answers);
    bool complete = queue->answers != NULL;
    for (unsigned i = 0; i < 2; i++) {
        struct writer_batch *batch = &queue->batches[i];
        buffer_init(&batch->records, QUEUE_BYTES_MAX);
        batch->requests = calloc(QUEUE_REQUESTS_MAX, sizeof *batch->requests);
        complete = complete && batch->requests != NULL;
    }
    return complete ? bus_wake_init(&queue->wake) : STATUS_TOO_LARGE;
}

static void clear_batch(struct writer_batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++) {
        catalogue_ref_drop(&batch->requests[i].catalogue);
    }
    buffer_clear(&batch->records);
    batch->count = 0;
    batch->bytes = 0;
}

void queue_fini(struct queue *queue)
{
    struct writer_answer answer;
    while (queue_pop(queue, &answer)) {
        catalogue_ref_drop(&answer.catalogue);
    }
    for (unsigned i = 0; i < 2; i++) {
        clear_batch(&queue->batches[i]);
        buffer_fini(&queue->batches[i].records);
        free(queue->batches[i].requests);
    }
    free(queue->answers);
    if (queue->wake.fd >= 0) {
        bus_wake_fini(&queue->wake);
    }
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->mutex);
}

size_t writer_request_bytes(const struct writer_request *request)
{
    return request->catalogue != NULL ? catalogue_packed(request->catalogue->catalogue).size
                                      : request->records.size;
}

static enum status push(struct queue *queue, const struct writer_request *request)
{
    struct writer_batch *batch = &queue->batches[queue->gathering];
    const size_t bytes = writer_request_bytes(request);
    const size_t offset = batch->records.size;
    if (queue->closed) {
        return STATUS_CLOSED;
    }
    if (queue->under_way >= QUEUE_REQUESTS_MAX || queue->bytes + bytes > QUEUE_BYTES_MAX) {
        return STATUS_BUSY;
    }
    buffer_put(&batch->records, request->records.data, request->records.size);
    if (buffer_status(&batch->records) != STATUS_OK) {
        batch->records.status = STATUS_OK; /* no memory now; what was gathered stays */
        return STATUS_BUSY;
    }
    struct writer_request *kept = &batch->requests[batch->count++];
    *kept = *request;
    kept->offset = offset; /* the buffer may still move */
    batch->bytes += bytes;
    queue->bytes += bytes;
    queue->under_way++;
    return STATUS_OK;
}

enum status queue_push(struct queue *queue, const struct writer_request *request)
{
    pthread_mutex_lock(&queue->mutex);
    const enum status status = push(queue, request);
    if (status == STATUS_OK) {
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->mutex);
    return status;
}

struct queue_load queue_load(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    const struct queue_load load = {queue->under_way, queue->bytes};
    pthread_mutex_unlock(&queue->mutex);
    return load;
}

bool queue_pop(struct queue *queue, struct writer_answer *ret_answer)
{
    pthread_mutex_lock(&queue->mutex);
    const bool found = queue->answer_count > 0;
    if (found) {
        struct writer_answer *answer = &queue->answers[queue->first_answer];
        *ret_answer = *answer;
        answer->catalogue = NULL;
        queue->first_answer = (queue->first_answer + 1) % QUEUE_REQUESTS_MAX;
        queue->answer_count--;
        queue->under_way--;
    }
    pthread_mutex_unlock(&queue->mutex);
    return found;
}

bool queue_finished(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    const bool finished = queue->finished;
    pthread_mutex_unlock(&queue->mutex);
    return finished;
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
}

struct writer_batch *queue_take(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    struct writer_batch *taken = &queue->batches[1 - queue->gathering];
    queue->bytes -= taken->bytes;
    clear_batch(taken);
    while (queue->batches[queue->gathering].count == 0 && !queue->closed) {
        pthread_cond_wait(&queue->filled, &queue->mutex);
    }
    taken = &queue->batches[queue->gathering];
    queue->gathering = 1 - queue->gathering;
    pthread_mutex_unlock(&queue->mutex);
    for (unsigned i = 0; i < taken->count; i++) {
        struct writer_request *request = &taken->requests[i];
        if (request->records.size != 0) {
            request->records.data = taken->records.data + request->offset;
        }
    }
    return taken->count > 0 ? taken : NULL;
}

void queue_answer(struct queue *queue, const struct writer_answer *answers, unsigned count)
{
    pthread_mutex_lock(&queue->mutex);
    require(queue->answer_count + count <= queue->under_way);
    for (unsigned i = 0; i < count; i++) {
        const unsigned at = (queue->first_answer + queue->answer_count) % QUEUE_REQUESTS_MAX;
        queue->answers[at] = answers[i];
        queue->answer_count++;
    }
    pthread_mutex_unlock(&queue->mutex);
    bus_wake_signal(&queue->wake);
}

void queue_finish(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    queue->finished = true;
    pthread_mutex_unlock(&queue->mutex);
    bus_wake_signal(&queue->wake);
}
