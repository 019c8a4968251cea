/* SPDX-License-Identifier: Apache-2.0
 *
 * A publisher's life: open a new epoch, settle what an earlier one left in the outbox, take events,
 * pump them to intake. Whether earlier entries are journaled is never guessed from their numbers
 * alone: they are sent again, and intake compares.
 */
#include "client/publisher/publisher_internal.h"

#include "base/clock.h"
#include "event/event_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RECORD_BYTES = 2 * EVENT_RECORD_MAX,
    EVENT_ARENA = 64 << 10,
    BATCH_ARENA = 64 << 20,
    BACKLOG_BATCHES = 64, /* beyond, put lets intake catch up as long as it answers */
    ALIVE_MS = 1000,
    POLL_MS = 200,
    QUEUE_MESSAGES = 64 /* answers received and not yet looked at */
};
#define OUTBOX_BYTES (UINT64_C(16) << 30)

enum hoso_status publisher_die(struct hoso_publisher *publisher, enum hoso_status status,
                               const char *format, ...)
{
    if (publisher->dead == HOSO_OK) {
        va_list arguments;
        va_start(arguments, format);
        publisher->dead = status;
        publisher->why = (struct hoso_error){.status = status};
        (void)vsnprintf(publisher->why.text, sizeof publisher->why.text, format, arguments);
        va_end(arguments);
    }
    return publisher->dead;
}

static void notice(struct hoso_publisher *publisher, const char *format, va_list arguments)
{
    char sentence[ERROR_TEXT_MAX];
    if (publisher->options.notice != NULL) {
        (void)vsnprintf(sentence, sizeof sentence, format, arguments);
        publisher->options.notice(publisher->options.context, sentence);
    }
}

void publisher_notice(struct hoso_publisher *publisher, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    notice(publisher, format, arguments);
    va_end(arguments);
}

void publisher_notice_wait(struct hoso_publisher *publisher, enum publisher_wait wait,
                           const char *format, ...)
{
    publisher->wait = wait;
    if (reminder_due(&publisher->reminders[wait], clock_ms())) {
        va_list arguments;
        va_start(arguments, format);
        notice(publisher, format, arguments);
        va_end(arguments);
    }
}

void publisher_progress(struct hoso_publisher *publisher)
{
    publisher->progress_ms = clock_ms();
    publisher->wait = WAIT_COUNT;
}

/* OK, or why the publisher may not go on. */
static enum hoso_status health(const struct hoso_publisher *publisher, struct hoso_error *error)
{
    if (error != NULL && publisher->dead != HOSO_OK) {
        *error = publisher->why;
    }
    return publisher->dead;
}

static enum hoso_status open_outbox(struct hoso_publisher *publisher, struct hoso_error *error)
{
    struct outbox_options options = {
        .path = publisher->options.outbox,
        .map_bytes =
            publisher->options.outbox_bytes != 0 ? publisher->options.outbox_bytes : OUTBOX_BYTES,
        .any_filesystem = publisher->options.any_filesystem != 0,
    };
    struct error inner = {.status = STATUS_OK};
    if (bus_key_decode(publisher->client->settings.keys.public_text, options.owner) != STATUS_OK) {
        return client_fail(error, HOSO_INVALID, "public_key",
                           "our public key is not 40 characters of Z85");
    }
    if (options.map_bytes < OUTBOX_MAP_MIN) {
        return client_fail(error, HOSO_INVALID, "outbox_bytes", "at least %d", OUTBOX_MAP_MIN);
    }
    const enum status status = outbox_open(&options, &publisher->outbox, &inner);
    if (status == STATUS_BUSY) {
        return client_fail(error, HOSO_BUSY, NULL,
                           "the outbox %s is in use by another publisher: wait until it has ended, "
                           "or give this one an outbox and a key of its own",
                           options.path);
    }
    return status == STATUS_OK ? HOSO_OK : client_fail_inner(error, status, &inner);
}

static enum hoso_status open_exchange(struct hoso_publisher *publisher, struct hoso_error *error)
{
    const struct hoso_client *client = publisher->client;
    const struct exchange_options options = {
        .bus = client->bus,
        .endpoints = client->settings.endpoint[PEER_INTAKE],
        .server_keys = client->settings.server_key[PEER_INTAKE],
        .limits = {.message_bytes = CLIENT_REPLY_BYTES, .queue_messages = QUEUE_MESSAGES},
        .request_bytes = CLIENT_REQUEST_BYTES,
        .questions = WINDOW,
        .kept_bytes = (size_t)WINDOW * CLIENT_REQUEST_BYTES,
        .in_order = true,
        .reply = &hoso__v1__intake_reply__descriptor,
    };
    struct error inner = {.status = STATUS_OK};
    const enum hoso_status named = client_check_named(client, PEER_INTAKE, error);
    if (named != HOSO_OK) {
        return named;
    }
    const enum status status = exchange_open(&options, &publisher->exchange, &inner);
    return status == STATUS_OK ? HOSO_OK : client_fail_inner(error, status, &inner);
}

/* Waits for the new epoch. Without an answer events can wait in an outbox on disk, but not in
 * memory. */
static enum hoso_status wait_for_epoch(struct hoso_publisher *publisher, struct hoso_error *error)
{
    const int64_t deadline_ms = clock_ms() + publisher->client->settings.timeout_ms;
    const struct bus_socket *socket = exchange_socket(publisher->exchange);
    while (!publisher->opened && publisher->dead == HOSO_OK && clock_ms() < deadline_ms) {
        (void)publisher_pump(publisher, POLL_MS);
    }
    if (publisher->opened || publisher->dead != HOSO_OK) {
        return health(publisher, error);
    }
    if (publisher->options.outbox == NULL) {
        return client_no_answer(publisher->client, PEER_INTAKE, socket, error);
    }
    publisher_notice(publisher, "intake at %s does not answer: %s; events wait in the outbox",
                     bus_endpoint(socket), bus_fault_text(socket));
    return HOSO_OK;
}

enum hoso_status hoso_publisher_open(struct hoso_client *client,
                                     const struct hoso_publisher_options *options,
                                     struct hoso_publisher **ret_publisher,
                                     struct hoso_error *error)
{
    struct hoso_publisher *publisher = calloc(1, sizeof *publisher);
    if (publisher == NULL) {
        return client_fail(error, HOSO_TOO_LARGE, NULL, "out of memory");
    }
    publisher->client = client;
    publisher->options = *options;
    publisher->busy_ms = BUSY_MIN_MS;
    const unsigned half_ms = client->settings.timeout_ms / 2;
    publisher->resend_min_ms = half_ms < RESEND_MIN_MS ? (int)half_ms + 1 : RESEND_MIN_MS;
    publisher->resend_ms = publisher->resend_min_ms;
    publisher->max_events = options->batch == 0 ? BATCH_EVENTS : options->batch;
    publisher->max_events = publisher->max_events < BATCH_MAX ? publisher->max_events : BATCH_MAX;
    arena_init(&publisher->arena, EVENT_ARENA);
    arena_init(&publisher->batch_arena, BATCH_ARENA);
    buffer_init(&publisher->record, RECORD_BYTES);
    enum hoso_status status = open_outbox(publisher, error);
    if (status == HOSO_OK) {
        status = open_exchange(publisher, error);
    }
    if (status == HOSO_OK) {
        publisher->opened_end = outbox_end(publisher->outbox);
        publisher->sent_end = publisher->opened_end;
        status = wait_for_epoch(publisher, error);
    }
    if (status != HOSO_OK) {
        hoso_publisher_close(publisher);
        return status;
    }
    publisher->options.outbox = NULL; /* the caller's text */
    publisher_progress(publisher);
    *ret_publisher = publisher;
    return HOSO_OK;
}

void hoso_publisher_close(struct hoso_publisher *publisher)
{
    if (publisher == NULL) {
        return;
    }
    if (publisher->outbox != NULL && outbox_commit(publisher->outbox) != STATUS_OK) {
        publisher_notice(publisher, "the last events put could not be written to the outbox");
    }
    outbox_close(publisher->outbox);
    exchange_close(publisher->exchange);
    arena_fini(&publisher->arena);
    arena_fini(&publisher->batch_arena);
    buffer_fini(&publisher->record);
    free(publisher);
}

enum hoso_status publisher_pump(struct hoso_publisher *publisher, int wait_ms)
{
    publisher_ask_epoch(publisher);
    publisher_send(publisher);
    const int64_t pause_ms = publisher->resume_ms - clock_ms();
    const int wait = pause_ms > 0 && pause_ms < wait_ms ? (int)pause_ms + 1 : wait_ms;
    struct bus_poll_item item = {.socket = exchange_socket(publisher->exchange), .fd = -1};
    if (publisher->dead == HOSO_OK && wait > 0) {
        (void)bus_poll(&item, 1, wait);
    }
    while (publisher->dead == HOSO_OK && publisher_take_news(publisher)) {
    }
    publisher_ask_epoch(publisher);
    publisher_send(publisher);
    return publisher->dead;
}

static enum hoso_status commit(struct hoso_publisher *publisher, struct hoso_error *error)
{
    const enum status status = outbox_commit(publisher->outbox);
    if (status == STATUS_FULL) {
        return client_fail(
            error, HOSO_FULL, NULL,
            "the outbox is full: flush waits until intake has taken events from it; if "
            "intake cannot be reached, give the outbox a larger disk");
    }
    if (status != STATUS_OK) {
        (void)publisher_die(publisher, HOSO_IO, "cannot write the outbox: %s", status_text(status));
    }
    return health(publisher, error);
}

/* Commits what is staged. If there is no room, sends what waits and takes the answers that are
 * there, then tries once more. */
static enum hoso_status commit_or_make_room(struct hoso_publisher *publisher,
                                            struct hoso_error *error)
{
    enum hoso_status status = commit(publisher, NULL);
    if (status == HOSO_FULL) {
        (void)publisher_pump(publisher, 0);
        status = commit(publisher, error);
    }
    return status == HOSO_FULL ? status : health(publisher, error);
}

static uint64_t waiting_events(const struct hoso_publisher *publisher)
{
    return outbox_end(publisher->outbox) - outbox_first(publisher->outbox);
}

static bool timed_out(const struct hoso_publisher *publisher)
{
    return clock_ms() - publisher->progress_ms > publisher->client->settings.timeout_ms;
}

/* Lets intake catch up while it takes events; when it takes none the outbox keeps what comes. */
static void hold_back(struct hoso_publisher *publisher)
{
    const uint64_t limit = (uint64_t)BACKLOG_BATCHES * publisher->max_events;
    while (publisher->dead == HOSO_OK && waiting_events(publisher) > limit &&
           clock_ms() - publisher->progress_ms < ALIVE_MS) {
        (void)publisher_pump(publisher, POLL_MS);
    }
}

/* Commits what is staged so that the record fits. In memory that takes acknowledgements: waits for
 * them as long as intake takes events. */
static enum hoso_status stage_with_room(struct hoso_publisher *publisher, uint64_t tag,
                                        struct hoso_error *error)
{
    publisher->progress_ms = clock_ms();
    for (;;) {
        const enum hoso_status status = commit_or_make_room(publisher, error);
        if (status != HOSO_OK ||
            outbox_stage(publisher->outbox, tag, buffer_slice(&publisher->record)) == STATUS_OK) {
            return status;
        }
        if (timed_out(publisher)) {
            return client_fail(error, HOSO_UNAVAILABLE, NULL,
                               "intake takes no events, and there is no outbox to wait in");
        }
        (void)publisher_pump(publisher, POLL_MS);
    }
}

static enum hoso_status stage(struct hoso_publisher *publisher, const struct event *event,
                              uint64_t tag, struct hoso_error *error)
{
    enum hoso_status status = HOSO_OK;
    if (outbox_staged(publisher->outbox) >= publisher->max_events) {
        status = commit_or_make_room(publisher, error);
    }
    if (status != HOSO_OK) {
        return status;
    }
    buffer_clear(&publisher->record);
    event_encode(event, &publisher->record);
    if (outbox_stage(publisher->outbox, tag, buffer_slice(&publisher->record)) != STATUS_OK) {
        status = stage_with_room(publisher, tag, error);
    }
    if (status != HOSO_OK) {
        return status;
    }
    publisher->counts.put++;
    if (outbox_staged(publisher->outbox) >= publisher->max_events) {
        /* A failure here is the next call's: this event is taken. */
        const bool committed = outbox_commit(publisher->outbox) == STATUS_OK;
        (void)publisher_pump(publisher, 0);
        if (committed) {
            hold_back(publisher);
        }
    }
    return HOSO_OK;
}

static enum hoso_status refuse(enum status status, const struct event_fault *fault,
                               struct hoso_error *error)
{
    return status == STATUS_INVALID
               ? client_fail(error, HOSO_INVALID, fault->field, "%s", fault->reason)
               : client_fail(error, HOSO_TOO_LARGE, NULL, "the event is too large");
}

enum hoso_status hoso_publisher_put(struct hoso_publisher *publisher,
                                    const struct hoso_event *event, uint64_t tag,
                                    struct hoso_error *error)
{
    struct event ours;
    struct event_fault fault = {.field = ""};
    if (publisher->dead != HOSO_OK) {
        return health(publisher, error);
    }
    arena_reset(&publisher->arena);
    const enum status status = publisher_event(event, &publisher->arena, &ours, &fault);
    return status == STATUS_OK ? stage(publisher, &ours, tag, error)
                               : refuse(status, &fault, error);
}

enum hoso_status hoso_publisher_put_json(struct hoso_publisher *publisher, const char *line,
                                         size_t size, uint64_t tag, struct hoso_error *error)
{
    struct event ours;
    struct event_fault fault = {.field = ""};
    if (publisher->dead != HOSO_OK) {
        return health(publisher, error);
    }
    arena_reset(&publisher->arena);
    const enum status status =
        event_from_json(slice_of(line, size), &publisher->arena, &ours, &fault);
    return status == STATUS_OK ? stage(publisher, &ours, tag, error)
                               : refuse(status, &fault, error);
}

enum hoso_status hoso_publisher_sync(struct hoso_publisher *publisher, struct hoso_error *error)
{
    if (publisher->dead != HOSO_OK) {
        return health(publisher, error);
    }
    const enum hoso_status status = commit_or_make_room(publisher, error);
    (void)publisher_pump(publisher, 0);
    return status == HOSO_OK ? health(publisher, error) : status;
}

static enum hoso_status fail_flush(const struct hoso_publisher *publisher, struct hoso_error *error)
{
    static const char *const because[WAIT_COUNT + 1] = {
        [WAIT_ANSWER] = " (it does not answer)",
        [WAIT_READY] = " (it is not ready)",
        [WAIT_DISK] = " (its disk is full: make room there)",
        [WAIT_COUNT] = "",
    };
    const struct bus_socket *socket = exchange_socket(publisher->exchange);
    const bool away = publisher->wait == WAIT_ANSWER && !bus_is_up(socket);
    return client_fail(error, HOSO_UNAVAILABLE, NULL,
                       "intake at %s took none of them within %u ms%s%s; %llu events wait",
                       bus_endpoint(socket), publisher->client->settings.timeout_ms,
                       away ? ": " : because[publisher->wait], away ? bus_fault_text(socket) : "",
                       (unsigned long long)hoso_publisher_counts(publisher).waiting);
}

/* Until the outbox is empty and committed. While it is full, what intake takes makes room for what
 * is staged. */
static enum hoso_status drain(struct hoso_publisher *publisher, struct hoso_error *error)
{
    publisher_progress(publisher);
    if (publisher->resend_ms != publisher->resend_min_ms) { /* after a long silence: ask now */
        publisher->resend_ms = publisher->resend_min_ms;
        publisher_rewind(publisher, outbox_first(publisher->outbox));
    }
    while (publisher->dead == HOSO_OK) {
        const bool empty = waiting_events(publisher) == 0;
        if (empty || outbox_staged(publisher->outbox) != 0) {
            const enum hoso_status status = commit(publisher, empty ? error : NULL);
            if (waiting_events(publisher) == 0) {
                return status;
            }
        }
        if (timed_out(publisher)) {
            return fail_flush(publisher, error);
        }
        (void)publisher_pump(publisher, POLL_MS);
    }
    return health(publisher, error);
}

enum hoso_status hoso_publisher_flush(struct hoso_publisher *publisher, struct hoso_cut *ret_cut,
                                      struct hoso_error *error)
{
    const enum hoso_status status = drain(publisher, error);
    if (status == HOSO_OK && ret_cut != NULL) {
        *ret_cut = publisher->cut;
    }
    return status;
}

struct hoso_publisher_counts hoso_publisher_counts(const struct hoso_publisher *publisher)
{
    struct hoso_publisher_counts counts = publisher->counts;
    counts.waiting = waiting_events(publisher) + outbox_staged(publisher->outbox);
    return counts;
}
