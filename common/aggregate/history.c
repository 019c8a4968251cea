/* SPDX-License-Identifier: Apache-2.0
 *
 * Histories at rest. The layout is in the header.
 */
#include "aggregate/history.h"

#include <string.h>
#include <xxhash.h>

#include "aggregate/tables.h"
#include "base/require.h"

/* The record whole: with the dossier code between its two parts, as a text. Empty = arena full. */
static struct slice join_record(struct slice before, struct slice code, struct slice behind,
                                struct arena *arena)
{
    const size_t size = before.size + 1 + code.size + behind.size;
    uint8_t *record = arena_alloc(arena, size);
    if (record == NULL) {
        return (struct slice){0};
    }
    memcpy(record, before.data, before.size);
    record[before.size] = (uint8_t)code.size;
    memcpy(record + before.size + 1, code.data, code.size);
    memcpy(record + before.size + 1 + code.size, behind.data, behind.size);
    return slice_of(record, size);
}

/* A text in the memory that it was copied from: it lives longer. */
static void move_text(struct slice *text, const uint8_t *copy, const uint8_t *original)
{
    if (text->size != 0) {
        text->data = original + (text->data - copy);
    }
}

static void move_texts(struct event *event, struct slice record, struct slice before,
                       struct slice code, struct slice behind)
{
    const uint8_t *rest = record.data + before.size + 1 + code.size;
    move_text(&event->event_id, record.data, before.data);
    event->dossier = code;
    move_text(&event->unit, rest, behind.data);
    move_text(&event->procedure, rest, behind.data);
    move_text(&event->field, rest, behind.data);
    move_text(&event->reason, rest, behind.data);
    move_text(&event->voids, rest, behind.data);
}

static void decode_event(struct reader *reader, struct slice space, struct slice code,
                         struct arena *arena, struct history_event *event)
{
    const uint64_t place = reader_varint(reader);
    const struct slice source = reader_text(reader);
    const struct slice before = reader_text(reader);
    const struct slice behind = reader_text(reader);
    event->position = place >> 1;
    event->unit_not_valid = (place & 1) != 0;
    event->source = source.size != 0 ? source : space;
    event->space = space;
    if (reader->failed || before.size == 0) {
        reader->failed = true;
        return;
    }
    event->record = join_record(before, code, behind, arena);
    struct reader record = reader_of(event->record);
    event_decode(&record, &event->event);
    reader->failed |= !reader_done(&record);
    if (!reader->failed) {
        move_texts(&event->event, event->record, before, code, behind);
    }
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
        (void)reader_text(&reader);
        count++;
    }
    return reader.failed || count > HISTORY_EVENTS_MAX ? UINT32_MAX : count;
}

/* The slot of the event's identity: its own, or the empty one where it belongs. */
static uint32_t *place_of(const struct history *history, const struct history_event *event)
{
    const struct slice id = event->event.event_id;
    unsigned slot = (unsigned)XXH3_64bits(id.data, id.size) & history->slot_mask;
    while (history->slots[slot] != 0) {
        const struct history_event *known = &history->events[history->slots[slot] - 1];
        if (slice_equal(known->event.event_id, id) && slice_equal(known->source, event->source)) {
            break;
        }
        slot = (slot + 1) & history->slot_mask;
    }
    return &history->slots[slot];
}

/* Makes the slots, at least half of which stay empty. False = arena full. */
static bool index_events(struct history *history, struct arena *arena)
{
    unsigned slots = 4;
    while (slots < 2 * history->capacity) {
        slots *= 2;
    }
    history->slots = arena_array(arena, slots, sizeof *history->slots);
    history->slot_mask = slots - 1;
    for (unsigned i = 0; i < history->count && history->slots != NULL; i++) {
        *place_of(history, &history->events[i]) = i + 1;
    }
    return history->slots != NULL;
}

enum status history_decode(struct slice dossier, struct slice bytes, unsigned more,
                           struct arena *arena, struct history *ret_history)
{
    const unsigned count = count_events(bytes);
    struct slice space;
    struct slice code;
    if (count == UINT32_MAX || !dossier_parse(dossier, &space, &code) || code.size > EVENT_ID_MAX) {
        return STATUS_CORRUPT;
    }
    struct history history = {.count = count, .capacity = count + more};
    history.events = arena_array(arena, history.capacity + 1U, sizeof *history.events);
    if (history.events == NULL) {
        return STATUS_TOO_LARGE;
    }
    struct reader reader = reader_of(bytes);
    for (unsigned i = 0; i < count; i++) {
        decode_event(&reader, space, code, arena, &history.events[i]);
    }
    if (arena->exceeded) {
        return STATUS_TOO_LARGE;
    }
    if (more != 0 && !index_events(&history, arena)) {
        return STATUS_TOO_LARGE;
    }
    *ret_history = history;
    return reader_done(&reader) ? STATUS_OK : STATUS_CORRUPT;
}

void history_encode_event(const struct history_event *event, struct buffer *buffer)
{
    const struct slice record = event->record;
    const struct slice code = event->event.dossier;
    const bool own = slice_equal(event->source, event->space);
    require(code.data > record.data && code.data + code.size <= record.data + record.size);
    const size_t before = (size_t)(code.data - record.data) - 1; /* its size takes a byte */
    buffer_varint(buffer, event->position << 1 | event->unit_not_valid);
    buffer_text(buffer, own ? (struct slice){0} : event->source);
    buffer_text(buffer, slice_of(record.data, before));
    buffer_text(buffer, slice_of(code.data + code.size,
                                 (size_t)(record.data + record.size - (code.data + code.size))));
}

const struct history_event *history_find(const struct history *history,
                                         const struct history_event *event)
{
    const uint32_t place = *place_of(history, event);
    return place != 0 ? &history->events[place - 1] : NULL;
}

void history_add(struct history *history, const struct history_event *event)
{
    require(history->count < history->capacity);
    uint32_t *slot = place_of(history, event);
    history->events[history->count++] = *event;
    *slot = history->count;
}

struct slice history_unit(const struct history *history)
{
    struct slice unit = {0};
    for (unsigned i = history->count; i-- > 0 && unit.size == 0;) {
        unit = event_unit(&history->events[i].event);
    }
    return unit;
}
