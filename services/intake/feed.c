/* SPDX-License-Identifier: Apache-2.0
 *
 * The feed's loop: a request with something new after its position is answered at once; otherwise
 * it is parked. Blocks go from the read transaction's pages into the packed answer, copied once.
 * The answer's memory is bounded by FEED_BYTES_MAX and the largest block.
 */
#include "services/intake/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "journal/block.h"
#include "log/log.h"
#include "services/intake/intake.h"
#include "services/intake/malformed.h"
#include "wire/wire.h"

enum {
    MESSAGE_BYTES_MAX = 4 << 10,
    SOCKET_MESSAGES_MAX = 100,
    ARENA_BYTES_MAX = 64 << 10,
    REPLY_BYTES_MAX = FEED_BYTES_MAX + BLOCK_BYTES_MAX + FEED_BLOCKS_MAX * 8 + 1024,
    CHECK_INTERVAL_MS = 60000,
    RECEIVE_BURST_MAX = 64
};

enum status feed_init(struct feed *feed, struct intake *intake, struct error *error)
{
    const struct bus_limits limits = {MESSAGE_BYTES_MAX, SOCKET_MESSAGES_MAX};
    *feed = (struct feed){.intake = intake, .wake = {.fd = -1}};
    arena_init(&feed->arena, ARENA_BYTES_MAX);
    buffer_init(&feed->reply, REPLY_BYTES_MAX);
    feed->blocks = calloc(FEED_BLOCKS_MAX, sizeof *feed->blocks);
    if (feed->blocks == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "no memory for the journal feed");
    }
    enum status status = bus_wake_init(&feed->wake);
    if (status != STATUS_OK) {
        return error_set(error, status, "no event file descriptor for the journal feed");
    }
    const struct intake_settings *settings = intake->service->settings;
    return bus_bind(intake->service->bus, settings->journal_listen, &limits, &feed->socket, error);
}

void feed_fini(struct feed *feed)
{
    bus_close(feed->socket);
    if (feed->wake.fd >= 0) {
        bus_wake_fini(&feed->wake);
    }
    free(feed->blocks);
    arena_fini(&feed->arena);
    buffer_fini(&feed->reply);
}

/* A reader that is gone loses the answer and asks again. */
static void send_packed(struct feed *feed, const struct caller *to)
{
    enum status status = buffer_status(&feed->reply);
    if (status == STATUS_OK) {
        status = bus_send_to(feed->socket, to->peer, to->peer_size, buffer_slice(&feed->reply));
    }
    if (status != STATUS_OK) {
        metrics_add(feed->intake->metrics, INTAKE_UNSENT_ANSWERS, 0, 1);
    }
}

static void refuse(struct feed *feed, const struct caller *to, Hoso__V1__ErrorCode code,
                   const char *text)
{
    Hoso__V1__Error error = HOSO__V1__ERROR__INIT;
    Hoso__V1__JournalReply wire = HOSO__V1__JOURNAL_REPLY__INIT;
    count_error(feed->intake->metrics, (int)code);
    error.code = code;
    error.text = (char *)text; /* packing only reads it */
    wire.request_id = to->request_id;
    wire.body_case = HOSO__V1__JOURNAL_REPLY__BODY_ERROR;
    wire.error = &error;
    buffer_clear(&feed->reply);
    wire_pack(&wire.base, &feed->reply);
    send_packed(feed, to);
}

/* As many whole blocks as fit, at least one if there is one. */
static size_t collect_blocks(struct feed *feed, struct journal_reader *reader, uint32_t max_bytes)
{
    struct slice block;
    size_t count = 0;
    size_t bytes = 0;
    while (count < FEED_BLOCKS_MAX && journal_read_next(reader, &block)) {
        bytes += block.size;
        if (count > 0 && bytes > max_bytes) {
            break;
        }
        feed->blocks[count].len = block.size;
        feed->blocks[count].data = (uint8_t *)block.data; /* packing only reads it */
        count++;
    }
    return count;
}

static void answer(struct feed *feed, const struct parked *reader)
{
    struct journal *journal = feed->intake->journal;
    Hoso__V1__Cut cut = HOSO__V1__CUT__INIT;
    Hoso__V1__ReadJournalReply read = HOSO__V1__READ_JOURNAL_REPLY__INIT;
    Hoso__V1__JournalReply wire = HOSO__V1__JOURNAL_REPLY__INIT;
    struct journal_reader blocks;
    journal_read_begin(journal, reader->after_position, &blocks);
    read.n_blocks = collect_blocks(feed, &blocks, reader->max_bytes);
    read.blocks = feed->blocks;
    cut.incarnation = journal_incarnation(journal);
    cut.position = blocks.end;
    read.cut = &cut;
    wire.request_id = reader->caller.request_id;
    wire.body_case = HOSO__V1__JOURNAL_REPLY__BODY_READ;
    wire.read = &read;
    buffer_clear(&feed->reply);
    wire_pack(&wire.base, &feed->reply);
    const enum status status = journal_read_end(&blocks);
    if (status != STATUS_OK) {
        log_event(LOG_ERROR, "intake.read_failed", "the journal cannot be read", "status",
                  status_text(status), NULL);
        refuse(feed, &reader->caller, HOSO__V1__ERROR_CODE__ERROR_CODE_INTERNAL,
               "the journal cannot be read; intake's log has the reason");
        return;
    }
    send_packed(feed, &reader->caller);
}

static bool has_news(const struct feed *feed, const struct parked *reader)
{
    return atomic_load(&feed->intake->position) > reader->after_position;
}

void feed_read(struct feed *feed, const struct feed_request *request)
{
    const Hoso__V1__ReadJournalRequest *read = request->wire->read;
    const uint32_t wait_ms = read->wait_ms < FEED_WAIT_MAX_MS ? read->wait_ms : FEED_WAIT_MAX_MS;
    const struct parked reader = {.caller = caller_of(request->message, request->wire->request_id),
                                  .after_position = read->after_position,
                                  .max_bytes = read->max_bytes < FEED_BYTES_MAX ? read->max_bytes
                                                                                : FEED_BYTES_MAX,
                                  .deadline_ms = clock_ms() + wait_ms};
    if (wait_ms == 0 || has_news(feed, &reader)) {
        answer(feed, &reader);
    } else if (feed->parked_count == FEED_PARKED_MAX) {
        refuse(feed, &reader.caller, HOSO__V1__ERROR_CODE__ERROR_CODE_BUSY,
               "too many readers wait already; try again");
    } else {
        feed->parked[feed->parked_count++] = reader;
    }
}

/* Answers the parked readers that have something new or whose time is up. */
static void serve_parked(struct feed *feed)
{
    const int64_t now = clock_ms();
    unsigned kept = 0;
    for (unsigned i = 0; i < feed->parked_count; i++) {
        const struct parked *reader = &feed->parked[i];
        if (has_news(feed, reader) || reader->deadline_ms <= now) {
            answer(feed, reader);
        } else {
            feed->parked[kept++] = *reader;
        }
    }
    feed->parked_count = kept;
}

static void handle(struct feed *feed, const struct bus_message *message)
{
    struct registry *registry = feed->intake->service->registry;
    const struct feed_message *row = feed_messages;
    ProtobufCMessage *wire;
    struct error error;
    arena_reset(&feed->arena);
    if (wire_unpack(&hoso__v1__journal_request__descriptor, message->payload, &feed->arena, &wire,
                    &error) != STATUS_OK) {
        const struct caller to = caller_of(message, malformed_request_id(message->payload));
        refuse(feed, &to, HOSO__V1__ERROR_CODE__ERROR_CODE_INVALID, error.text);
        return;
    }
    const struct feed_request request = {message, (const Hoso__V1__JournalRequest *)wire,
                                         registry_begin(registry, message->user)};
    const struct caller to = caller_of(message, request.wire->request_id);
    while (row->body != 0 && row->body != request.wire->body_case) {
        row++;
    }
    if (row->body == 0) {
        refuse(feed, &to, HOSO__V1__ERROR_CODE__ERROR_CODE_INVALID,
               "the request has no body that this version knows");
    } else if (request.principal == NULL || (row->roles & ROLE_BIT(request.principal->role)) == 0) {
        refuse(feed, &to, HOSO__V1__ERROR_CODE__ERROR_CODE_DENIED,
               "only keys with role service or admin read the journal");
    } else {
        row->answer(feed, &request);
    }
    registry_end(registry);
}

static void receive_some(struct feed *feed)
{
    struct bus_message message;
    for (unsigned i = 0; i < RECEIVE_BURST_MAX; i++) {
        if (bus_receive(feed->socket, &message) != STATUS_OK) {
            return;
        }
        handle(feed, &message);
        bus_message_fini(&message);
    }
}

/* Until the first parked reader's time is up or the store wants its look, in milliseconds. */
static int poll_timeout(struct feed *feed)
{
    const int64_t now = clock_ms();
    if (feed->next_check_ms <= now) {
        journal_check_readers(feed->intake->journal);
        feed->next_check_ms = now + CHECK_INTERVAL_MS;
    }
    int64_t next = feed->next_check_ms;
    for (unsigned i = 0; i < feed->parked_count; i++) {
        next = feed->parked[i].deadline_ms < next ? feed->parked[i].deadline_ms : next;
    }
    return next > now ? (int)(next - now) : 0;
}

static void *run(void *argument)
{
    struct feed *feed = argument;
    struct bus_poll_item items[] = {
        {.socket = feed->socket}, {.fd = feed->wake.fd}, {.fd = feed->intake->service->stop_fd}};
    while (!items[2].readable) {
        (void)bus_poll(items, 3, poll_timeout(feed));
        if (items[1].readable) {
            bus_wake_drain(&feed->wake);
        }
        serve_parked(feed);
        if (items[0].readable) {
            receive_some(feed);
        }
        metrics_set(feed->intake->metrics, INTAKE_PARKED_READERS, 0, feed->parked_count);
    }
    return NULL;
}

enum status feed_start(struct feed *feed)
{
    return worker_start(&feed->worker, run, feed);
}

void feed_join(struct feed *feed)
{
    worker_join(&feed->worker);
}
