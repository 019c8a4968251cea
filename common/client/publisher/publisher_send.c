/* SPDX-License-Identifier: Apache-2.0
 *
 * Sending: entries of the outbox become Appends, as many events as the server takes in one, as many
 * Appends as the window has room for.
 */
#include "base/clock.h"
#include "client/publisher/publisher_internal.h"
#include "event/event_wire.h"

enum { APPEND_OVERHEAD = 64, EVENT_OVERHEAD = 6 };

void publisher_rewind(struct hoso_publisher *publisher, uint64_t key)
{
    exchange_forget(publisher->exchange, 0);
    publisher->flight_count = 0;
    publisher->next_key = key;
    publisher->alone = false;
}

/* An Append being put together. */
struct event_batch {
    struct hoso_publisher *publisher;
    Hoso__V1__Event **events;
    uint32_t count;
    size_t bytes;
    enum status status;
};

static bool add_event(void *context, const struct outbox_entry *entry)
{
    struct event_batch *batch = context;
    struct arena *arena = &batch->publisher->batch_arena;
    struct reader reader = reader_of(entry->record);
    struct event event;
    event_decode(&reader, &event);
    if (!reader_done(&reader)) {
        batch->status = STATUS_CORRUPT;
        return false;
    }
    Hoso__V1__Event *wire = arena_alloc(arena, sizeof *wire);
    batch->status = wire != NULL ? event_to_wire(&event, arena, wire) : STATUS_TOO_LARGE;
    if (batch->status != STATUS_OK) {
        return false;
    }
    const size_t bytes = hoso__v1__event__get_packed_size(wire) + EVENT_OVERHEAD;
    if (batch->count != 0 && batch->bytes + bytes > batch->publisher->max_bytes) {
        return false;
    }
    batch->bytes += bytes;
    batch->events[batch->count++] = wire;
    return true;
}

/* How many entries from next_key on may go into one Append: a batch, but not across the line
 * between what intake may have already and what is new, nor between earlier entries and ours. */
static uint32_t batch_room(const struct hoso_publisher *publisher)
{
    const uint64_t key = publisher->next_key;
    uint64_t end = outbox_end(publisher->outbox);
    const uint64_t known = outbox_key(publisher->outbox, publisher->opened_sequence);
    if (outbox_sequence(publisher->outbox, key) < publisher->opened_sequence && known < end) {
        end = known;
    }
    if (key < publisher->opened_end && publisher->opened_end < end) {
        end = publisher->opened_end;
    }
    const uint64_t waiting = end - key;
    return waiting < publisher->max_events ? (uint32_t)waiting : publisher->max_events;
}

static enum status send_append(struct hoso_publisher *publisher, struct flight *flight)
{
    arena_reset(&publisher->batch_arena);
    const uint32_t room = batch_room(publisher);
    struct event_batch batch = {
        .publisher = publisher,
        .events = arena_array(&publisher->batch_arena, room, sizeof(Hoso__V1__Event *)),
        .bytes = APPEND_OVERHEAD,
    };
    if (batch.events == NULL) {
        return STATUS_TOO_LARGE;
    }
    const enum status status =
        outbox_read(publisher->outbox, publisher->next_key, room, add_event, &batch);
    if (status != STATUS_OK || batch.status != STATUS_OK) {
        return status != STATUS_OK ? status : batch.status;
    }
    Hoso__V1__AppendRequest append = HOSO__V1__APPEND_REQUEST__INIT;
    append.epoch = publisher->epoch;
    append.first_sequence = outbox_sequence(publisher->outbox, publisher->next_key);
    append.n_events = batch.count;
    append.events = batch.events;
    Hoso__V1__IntakeRequest request = HOSO__V1__INTAKE_REQUEST__INIT;
    request.body_case = HOSO__V1__INTAKE_REQUEST__BODY_APPEND;
    request.append = &append;
    const enum status asked =
        exchange_ask(publisher->exchange, &request.base, publisher->resend_ms);
    *flight = (struct flight){
        .question = request.request_id, .first_key = publisher->next_key, .count = batch.count};
    return asked;
}

/* Events that intake may have already are sent alone: only its answer shows which numbers the
 * others get. */
static bool must_wait(const struct hoso_publisher *publisher)
{
    if (publisher->flight_count == 0) {
        return false;
    }
    const uint64_t front = outbox_sequence(publisher->outbox, publisher->flights[0].first_key);
    const uint64_t next = outbox_sequence(publisher->outbox, publisher->next_key);
    return publisher->alone ||
           (front < publisher->opened_sequence && next >= publisher->opened_sequence);
}

/* After a silence one Append asks whether intake is there. */
static unsigned window(const struct hoso_publisher *publisher)
{
    return publisher->resend_ms == publisher->resend_min_ms ? WINDOW : 1;
}

void publisher_send(struct hoso_publisher *publisher)
{
    const int64_t now_ms = clock_ms();
    while (publisher->opened && publisher->dead == HOSO_OK && now_ms >= publisher->resume_ms &&
           publisher->flight_count < window(publisher) &&
           publisher->next_key < outbox_end(publisher->outbox) && !must_wait(publisher)) {
        struct flight *flight = &publisher->flights[publisher->flight_count];
        const enum status status = send_append(publisher, flight);
        if (status != STATUS_OK) {
            (void)publisher_die(publisher, status == STATUS_CORRUPT ? HOSO_CORRUPT : HOSO_INTERNAL,
                                "cannot send from the outbox: %s", status_text(status));
            return;
        }
        publisher->alone = false;
        publisher->flight_count++;
        publisher->next_key += flight->count;
    }
}
