/* SPDX-License-Identifier: Apache-2.0
 *
 * Histories at rest. The layout is in the header.
 */
#include "aggregate/history.h"

#include "base/require.h"

static void decode_event(struct reader *reader, struct history_event *event)
{
    event->position = reader_varint(reader);
    event->source = reader_text(reader);
    event->record = reader_text(reader);
    struct reader record = reader_of(event->record);
    event_decode(&record, &event->event);
    reader->failed |= !reader_done(&record);
}

/* Walks over the events without decoding them; UINT_MAX = damaged. */
static unsigned count_events(struct slice bytes)
{
    struct reader reader = reader_of(bytes);
    unsigned count = 0;
    while (reader_left(&reader) != 0 && !reader.failed) {
        (void)reader_varint(&reader);
        (void)reader_text(&reader);
        (void)reader_text(&reader);
        count++;
    }
    return reader.failed || count > HISTORY_EVENTS_MAX ? UINT32_MAX : count;
}

enum status history_decode(struct slice bytes, unsigned more, struct arena *arena,
                           struct history *ret_history)
{
    const unsigned count = count_events(bytes);
    if (count == UINT32_MAX) {
        return STATUS_CORRUPT;
    }
    struct history history = {.count = count, .capacity = count + more};
    history.events = arena_array(arena, history.capacity + 1U, sizeof *history.events);
    if (history.events == NULL) {
        return STATUS_TOO_LARGE;
    }
    struct reader reader = reader_of(bytes);
    for (unsigned i = 0; i < count; i++) {
        decode_event(&reader, &history.events[i]);
    }
    *ret_history = history;
    return reader_done(&reader) ? STATUS_OK : STATUS_CORRUPT;
}

void history_encode_event(const struct history_event *event, struct buffer *buffer)
{
    buffer_varint(buffer, event->position);
    buffer_text(buffer, event->source);
    buffer_text(buffer, event->record);
}

const struct history_event *history_find(const struct history *history,
                                         const struct history_event *event)
{
    for (unsigned i = 0; i < history->count; i++) {
        const struct history_event *known = &history->events[i];
        if (slice_equal(known->event.event_id, event->event.event_id) &&
            slice_equal(known->source, event->source)) {
            return known;
        }
    }
    return NULL;
}
