/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop, and the life of an endpoint. The way of a request through it is in endpoint_request.c.
 */
#include "service/endpoint.h"

#include <stdlib.h>

#include "base/clock.h"
#include "service/endpoint_internal.h"
#include "service/observe.h"

enum { RECEIVE_BURST_MAX = 64 /* messages before the stop is looked at again */ };

static int64_t turn(struct endpoint *endpoint)
{
    const struct endpoint_options *options = &endpoint->options;
    return options->turn != NULL ? options->turn(options->context) : INT64_MAX;
}

static void receive_some(struct endpoint *endpoint)
{
    struct bus_message message;
    for (unsigned i = 0; i < RECEIVE_BURST_MAX; i++) {
        if (bus_receive(endpoint->socket, &message) != STATUS_OK) {
            return;
        }
        endpoint_take_in(endpoint, &message);
        bus_message_fini(&message);
        (void)turn(endpoint);
    }
}

/* At the stop those that still wait are answered as it is; long work is not begun. */
static void handle_waiting(struct endpoint *endpoint, int64_t now_ms, bool stopping)
{
    endpoint_waiting_end(endpoint, now_ms);
    while (endpoint->due != NULL) {
        struct endpoint_job *job = endpoint->due;
        endpoint->due = job->next;
        if (job->message->lane == ENDPOINT_LONG && !(stopping && job->late)) {
            endpoint_lane_push(endpoint, job);
        } else {
            endpoint_handle_job(endpoint, job, ENDPOINT_QUICK, &endpoint->arena);
            free(job);
        }
    }
}

static void drain(const struct bus_poll_item *item, struct bus_wake *wake)
{
    if (item->readable) {
        bus_wake_drain(wake);
    }
}

/* Polls once; returns when the next turn is due. */
static int64_t poll_once(struct endpoint *endpoint, int64_t due_ms)
{
    struct endpoint_options *options = &endpoint->options;
    enum { STOP, SOCKET, DONE, EASED, WAKE, OTHER };
    struct bus_poll_item items[] = {
        [STOP] = {.fd = options->service->stop_fd},
        [SOCKET] = {.socket = endpoint->socket},
        [DONE] = {.fd = endpoint->lane.done.fd},
        [EASED] = {.fd = endpoint->book->eased.fd},
        [WAKE] = {.fd = options->wake != NULL ? options->wake->fd : options->service->stop_fd},
        [OTHER] = {.socket = options->other},
    };
    int64_t now_ms = clock_ms();
    const int64_t waiting_ms = endpoint_waiting_deadline(endpoint);
    due_ms = waiting_ms < due_ms ? waiting_ms : due_ms;
    const int64_t left_ms = due_ms > now_ms ? due_ms - now_ms : 0;
    (void)bus_poll(items, options->other != NULL ? OTHER + 1 : OTHER,
                   left_ms < ENDPOINT_TURN_MS ? (int)left_ms : ENDPOINT_TURN_MS);
    now_ms = clock_ms();
    atomic_store(&endpoint->turned_ms, now_ms);
    if (items[STOP].readable) {
        return now_ms;
    }
    drain(&items[DONE], &endpoint->lane.done);
    drain(&items[EASED], &endpoint->book->eased);
    drain(&items[WAKE], options->wake);
    if (items[DONE].readable) {
        endpoint_lane_collect(endpoint);
    }
    if (items[EASED].readable) {
        endpoint_lane_kick(endpoint);
    }
    due_ms = turn(endpoint);
    if (items[WAKE].readable || waiting_ms <= now_ms) {
        handle_waiting(endpoint, now_ms, false);
    }
    if (items[SOCKET].readable) {
        receive_some(endpoint);
    }
    if (options->metrics.waiting != 0) {
        metrics_set(options->service->metrics, options->metrics.waiting, 0,
                    endpoint->waiting_count);
    }
    return due_ms;
}

static void *endpoint_main(void *argument)
{
    struct endpoint *endpoint = argument;
    const struct endpoint_options *options = &endpoint->options;
    int64_t due_ms = turn(endpoint);
    while (!service_stopping(options->service)) {
        due_ms = poll_once(endpoint, due_ms);
    }
    if (options->finish != NULL) {
        options->finish(options->context);
    }
    handle_waiting(endpoint, INT64_MAX, true);
    endpoint_lane_collect(endpoint);
    return NULL;
}

enum status endpoint_open(const struct endpoint_options *options, struct endpoint **ret_endpoint,
                          struct error *error)
{
    const struct bus_limits limits = {options->limits.request_bytes,
                                      options->limits.queue_messages};
    struct endpoint *endpoint = calloc(1, sizeof *endpoint);
    struct endpoint_book *book = endpoint != NULL ? endpoint_book_new() : NULL;
    if (book == NULL) {
        free(endpoint);
        return error_set(error, STATUS_TOO_LARGE, "no memory or file descriptor for the endpoint");
    }
    if (options->metrics.requests != 0) { /* a message without a label ends the service here */
        (void)metrics_get(options->service->metrics, options->metrics.requests,
                          endpoint_other_message(options));
    }
    endpoint->options = *options;
    endpoint->book = book;
    arena_init(&endpoint->arena, options->limits.arena_bytes);
    atomic_init(&endpoint->turned_ms, clock_ms());
    enum status status = endpoint_lane_init(endpoint);
    if (status != STATUS_OK) {
        (void)error_set(error, status, "no file descriptor for the endpoint");
    } else {
        status =
            bus_bind(options->service->bus, options->listen, &limits, &endpoint->socket, error);
    }
    if (status != STATUS_OK) {
        endpoint_close(endpoint);
        return status;
    }
    *ret_endpoint = endpoint;
    return STATUS_OK;
}

enum status endpoint_start(struct endpoint *endpoint, struct error *error)
{
    enum status status = endpoint_lane_start(endpoint);
    if (status == STATUS_OK) {
        atomic_store(&endpoint->turned_ms, clock_ms());
        service_watch_loop(endpoint->options.service, &endpoint->turned_ms);
        endpoint->running = pthread_create(&endpoint->thread, NULL, endpoint_main, endpoint) == 0;
        status = endpoint->running ? STATUS_OK : STATUS_IO;
    }
    return status == STATUS_OK
               ? status
               : error_set(error, status, "a thread of the endpoint could not be started");
}

void endpoint_join(struct endpoint *endpoint)
{
    if (endpoint != NULL && endpoint->running) {
        (void)pthread_join(endpoint->thread, NULL);
        endpoint->running = false;
    }
    if (endpoint != NULL) {
        endpoint_lane_end(endpoint);
    }
}

void endpoint_close(struct endpoint *endpoint)
{
    if (endpoint == NULL) {
        return;
    }
    endpoint_lane_fini(endpoint);
    endpoint_waiting_fini(endpoint);
    bus_close(endpoint->socket);
    arena_fini(&endpoint->arena);
    endpoint_book_drop(endpoint->book);
    free(endpoint);
}

const char *endpoint_address(const struct endpoint *endpoint)
{
    return bus_endpoint(endpoint->socket);
}

uint64_t endpoint_dropped(const struct endpoint *endpoint)
{
    return bus_dropped(endpoint->socket);
}
