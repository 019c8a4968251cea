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
    queue->waiting.requests = calloc(QUEUE_REQUESTS_MAX, sizeof *queue->waiting.requests);
    queue->taken.requests = calloc(QUEUE_REQUESTS_MAX, sizeof *queue->taken.requests);
    const bool complete =
        queue->answers != NULL && queue->waiting.requests != NULL && queue->taken.requests != NULL;
    return complete ? bus_wake_init(&queue->wake) : STATUS_TOO_LARGE;
}

static void clear_batch(struct writer_batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++) {
        catalogue_ref_drop(&batch->requests[i]->catalogue);
        free(batch->requests[i]);
    }
    batch->count = 0;
    batch->bytes = 0;
}

void queue_fini(struct queue *queue)
{
    struct writer_answer answer;
    while (queue_pop(queue, &answer)) {
        catalogue_ref_drop(&answer.catalogue);
    }
    clear_batch(&queue->waiting);
    clear_batch(&queue->taken);
    free(queue->waiting.requests);
    free(queue->taken.requests);
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

/* Of two requests with one turn either may be first: they are of different keys. */
static bool is_before(const struct writer_request *left, const struct writer_request *right)
{
    return left->turn < right->turn;
}

static void heap_put(struct writer_batch *heap, struct writer_request *request)
{
    unsigned at = heap->count++;
    while (at > 0 && is_before(request, heap->requests[(at - 1) / 2])) {
        heap->requests[at] = heap->requests[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap->requests[at] = request;
    heap->bytes += writer_request_bytes(request);
}

static struct writer_request *heap_take(struct writer_batch *heap)
{
    struct writer_request *first = heap->requests[0];
    struct writer_request *last = heap->requests[--heap->count];
    unsigned at = 0;
    for (unsigned child = 1; child < heap->count; child = 2 * at + 1) {
        if (child + 1 < heap->count &&
            is_before(heap->requests[child + 1], heap->requests[child])) {
            child++;
        }
        if (!is_before(heap->requests[child], last)) {
            break;
        }
        heap->requests[at] = heap->requests[child];
        at = child;
    }
    heap->requests[at] = last;
    heap->bytes -= writer_request_bytes(first);
    return first;
}

static enum status push(struct queue *queue, struct writer_request *request)
{
    const size_t bytes = writer_request_bytes(request);
    uint64_t *key_turn = &queue->key_turns[request->place];
    if (queue->closed) {
        return STATUS_CLOSED;
    }
    if (queue->under_way >= QUEUE_REQUESTS_MAX ||
        queue->waiting.bytes + queue->taken.bytes + bytes > QUEUE_BYTES_MAX) {
        return STATUS_BUSY;
    }
    request->turn = *key_turn > queue->turn ? *key_turn : queue->turn;
    *key_turn = request->turn + 1 + bytes;
    heap_put(&queue->waiting, request);
    queue->under_way++;
    return STATUS_OK;
}

/* With a copy of its records behind it; NULL = no memory. */
static struct writer_request *copy_of(const struct writer_request *request)
{
    const struct slice records = request->records;
    struct writer_request *copy = malloc(sizeof *copy + records.size);
    if (copy != NULL) {
        *copy = *request;
        if (records.size != 0) {
            copy->records = slice_of(memcpy(copy + 1, records.data, records.size), records.size);
        }
    }
    return copy;
}

enum status queue_push(struct queue *queue, const struct writer_request *request)
{
    struct writer_request *copy = copy_of(request);
    if (copy == NULL) {
        return STATUS_BUSY;
    }
    pthread_mutex_lock(&queue->mutex);
    const enum status status = push(queue, copy);
    if (status == STATUS_OK) {
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->mutex);
    if (status != STATUS_OK) {
        free(copy);
    }
    return status;
}

struct queue_load queue_load(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    const struct queue_load load = {queue->under_way, queue->waiting.bytes + queue->taken.bytes};
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

/* From the heap into the batch, until that has enough. */
static void fill(struct queue *queue)
{
    struct writer_batch *taken = &queue->taken;
    uint64_t events = 0;
    while (queue->waiting.count > 0 && events < QUEUE_BATCH_EVENTS &&
           taken->bytes < QUEUE_BATCH_BYTES) {
        struct writer_request *request = heap_take(&queue->waiting);
        queue->turn = request->turn;
        events += request->count;
        taken->bytes += writer_request_bytes(request);
        taken->requests[taken->count++] = request;
    }
}

const struct writer_batch *queue_take(struct queue *queue)
{
    struct writer_batch *taken = &queue->taken;
    pthread_mutex_lock(&queue->mutex);
    clear_batch(taken);
    while (queue->waiting.count == 0 && !queue->closed) {
        pthread_cond_wait(&queue->filled, &queue->mutex);
    }
    fill(queue);
    pthread_mutex_unlock(&queue->mutex);
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
