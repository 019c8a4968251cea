/* SPDX-License-Identifier: Apache-2.0
 *
 * The queue's bounds, its end, and its order with two threads at work.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>

#include "services/intake/queue.h"

static struct writer_request append_request(uint64_t id, struct slice records)
{
    return (struct writer_request){.kind = REQUEST_APPEND,
                                   .caller = {.peer_size = 1, .request_id = id, .user = "s"},
                                   .count = 1,
                                   .records = records};
}

static enum status push(struct queue *queue, uint64_t id, struct slice records)
{
    const struct writer_request request = append_request(id, records);
    return queue_push(queue, &request);
}

/* Answers every request of the batch; `true` while there was one. */
static bool answer_batch(struct queue *queue)
{
    const struct writer_batch *batch = queue_take(queue);
    if (batch == NULL) {
        return false;
    }
    for (unsigned i = 0; i < batch->count; i++) {
        const struct writer_answer answer = {.kind = ANSWER_APPEND,
                                             .caller = batch->requests[i]->caller};
        queue_answer(queue, &answer, 1);
    }
    return true;
}

static void test_requests_are_bounded(void **state)
{
    (void)state;
    struct queue queue;
    struct writer_answer answer;
    assert_int_equal(queue_init(&queue), STATUS_OK);
    for (unsigned i = 0; i < QUEUE_REQUESTS_MAX; i++) {
        assert_int_equal(push(&queue, i, slice_text("x")), STATUS_OK);
    }
    assert_int_equal(push(&queue, 0, slice_text("x")), STATUS_BUSY);
    assert_true(answer_batch(&queue));
    /* Not before its answer is taken does a request give its place to another. */
    assert_int_equal(push(&queue, 0, slice_text("x")), STATUS_BUSY);
    assert_true(queue_pop(&queue, &answer));
    assert_int_equal(answer.caller.request_id, 0);
    assert_int_equal(push(&queue, 7, slice_text("x")), STATUS_OK);
    assert_int_equal(push(&queue, 8, slice_text("x")), STATUS_BUSY);
    queue_fini(&queue);
}

static void test_bytes_are_bounded(void **state)
{
    (void)state;
    enum { SIZE = QUEUE_BYTES_MAX / 16 };
    struct queue queue;
    struct writer_answer answer;
    uint8_t *bytes = calloc(1, SIZE);
    assert_non_null(bytes);
    assert_int_equal(queue_init(&queue), STATUS_OK);
    for (unsigned i = 0; i < 16; i++) {
        assert_int_equal(push(&queue, i, slice_of(bytes, SIZE)), STATUS_OK);
    }
    assert_int_equal(push(&queue, 16, slice_text("x")), STATUS_BUSY);
    assert_true(answer_batch(&queue));
    assert_true(queue_pop(&queue, &answer));
    /* The taken batch's bytes count until the writer is done with it. */
    assert_int_equal(push(&queue, 16, slice_text("x")), STATUS_BUSY);
    assert_true(answer_batch(&queue));
    assert_int_equal(push(&queue, 16, slice_text("x")), STATUS_OK);
    queue_close(&queue);
    while (answer_batch(&queue)) {
    }
    assert_int_equal(queue_load(&queue).bytes, 0);
    queue_fini(&queue);
    free(bytes);
}

/* A key with much waits for itself: of what another sends meanwhile the first request is in the
 * next batch, and one key's requests keep their order. */
static void test_keys_take_turns(void **state)
{
    (void)state;
    enum { LOUD = 16, EVENTS = 1000, SIZE = 60000 };
    struct queue queue;
    uint8_t *bytes = calloc(1, SIZE);
    uint64_t next_loud = 0;
    bool was_answered = false;
    assert_non_null(bytes);
    assert_int_equal(queue_init(&queue), STATUS_OK);
    for (unsigned i = 0; i < LOUD; i++) {
        struct writer_request loud = append_request(i, slice_of(bytes, SIZE));
        loud.count = EVENTS;
        loud.place = 1;
        assert_int_equal(queue_push(&queue, &loud), STATUS_OK);
    }
    for (unsigned round = 0; next_loud < LOUD; round++) {
        if (round == 2) {
            assert_int_equal(push(&queue, LOUD, slice_text("x")), STATUS_OK);
        }
        const struct writer_batch *batch = queue_take(&queue);
        assert_non_null(batch);
        assert_true(batch->count <= QUEUE_BATCH_EVENTS / EVENTS + 2);
        for (unsigned i = 0; i < batch->count; i++) {
            if (batch->requests[i]->place == 1) {
                assert_int_equal(batch->requests[i]->caller.request_id, next_loud++);
            } else {
                assert_int_equal(round, 2);
                was_answered = true;
            }
        }
    }
    assert_true(was_answered);
    queue_fini(&queue);
    free(bytes);
}

static void test_close_gives_the_rest(void **state)
{
    (void)state;
    struct queue queue;
    struct writer_answer answer;
    assert_int_equal(queue_init(&queue), STATUS_OK);
    assert_int_equal(push(&queue, 1, slice_text("abc")), STATUS_OK);
    assert_int_equal(push(&queue, 2, slice_text("def")), STATUS_OK);
    queue_close(&queue);
    assert_int_equal(push(&queue, 3, slice_text("x")), STATUS_CLOSED);
    const struct writer_batch *batch = queue_take(&queue);
    assert_non_null(batch);
    assert_int_equal(batch->count, 2);
    assert_true(slice_equal(batch->requests[0]->records, slice_text("abc")));
    assert_true(slice_equal(batch->requests[1]->records, slice_text("def")));
    assert_null(queue_take(&queue));
    assert_false(queue_finished(&queue));
    queue_finish(&queue);
    assert_true(queue_finished(&queue));
    assert_false(queue_pop(&queue, &answer));
    queue_fini(&queue);
}

static void *write_all(void *argument)
{
    struct queue *queue = argument;
    while (answer_batch(queue)) {
    }
    queue_finish(queue);
    return NULL;
}

/* Every request is answered once, in order, however the batches fall. */
static void test_two_threads(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    struct queue queue;
    struct writer_answer answer;
    pthread_t writer;
    uint64_t pushed = 0;
    uint64_t popped = 0;
    assert_int_equal(queue_init(&queue), STATUS_OK);
    assert_int_equal(pthread_create(&writer, NULL, write_all, &queue), 0);
    while (popped < COUNT) {
        if (pushed < COUNT && push(&queue, pushed, slice_text("record")) == STATUS_OK) {
            pushed++;
            if (pushed == COUNT) {
                queue_close(&queue);
            }
        }
        struct bus_poll_item item = {.fd = queue.wake.fd};
        if (bus_poll(&item, 1, pushed == COUNT || pushed - popped == QUEUE_REQUESTS_MAX ? -1 : 0) >
            0) {
            bus_wake_drain(&queue.wake);
        }
        while (queue_pop(&queue, &answer)) {
            assert_int_equal(answer.caller.request_id, popped);
            popped++;
        }
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_true(queue_finished(&queue));
    queue_fini(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_bounded), cmocka_unit_test(test_bytes_are_bounded),
        cmocka_unit_test(test_keys_take_turns),      cmocka_unit_test(test_close_gives_the_rest),
        cmocka_unit_test(test_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
