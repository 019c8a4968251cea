/* SPDX-License-Identifier: Apache-2.0
 *
 * The record of an event, as the journal and the dossiers keep it:
 *
 *   kind        u8
 *   flags       varint   which attributes follow, and the small ones themselves
 *   occurred_at varint   ms after 2000-01-01T00:00:00Z
 *   due_at      signed   ms after occurred_at                    only with FLAG_DUE
 *   event_id    text
 *   dossier     text
 *   unit, procedure, field, reason, voids   text                 only with their flag
 *
 * The flags of frequent attributes come first, so that most events need one byte for them. One
 * event has one record: absent attributes take no bytes, and a present one may not be empty.
 */
#include "base/localday.h"
#include "base/require.h"
#include "event/event.h"

enum {
    FLAG_UNIT = 1 << 0,
    FLAG_PROCEDURE = 1 << 1,
    FLAG_DUE = 1 << 2,
    FLAG_FIELD = 1 << 3,
    FLAG_REASON = 1 << 4,
    FLAG_VOIDS = 1 << 5,
    FLAG_PAID_ONLINE = 1 << 6,
    CHANNEL_SHIFT = 7,
    LEVEL_SHIFT = 9,
    FLAG_OUT_OF_TERRITORY = 1 << 11,
    FLAG_APOLOGY_SENT = 1 << 12,
    CLASS_SHIFT = 13,
    FLAGS_END = 1 << 15,
    ENUM_MASK = 3
};

_Static_assert(CHANNEL_COUNT <= ENUM_MASK + 1 && LEVEL_COUNT <= ENUM_MASK + 1 &&
                   CLASS_COUNT <= ENUM_MASK + 1,
               "small attributes must fit into two bits");

static bool is_time(int64_t ms)
{
    return ms >= TIME_MIN_MS && ms < TIME_MAX_MS;
}

static void require_valid(const struct event *event)
{
    require(event->kind > KIND_NONE && event->kind < KIND_COUNT);
    require(event->channel < CHANNEL_COUNT && event->level < LEVEL_COUNT);
    require(event->petition_class < CLASS_COUNT);
    require(is_time(event->occurred_at_ms));
    require(event->due_at_ms == 0 || is_time(event->due_at_ms));
    require(event_is_complete(event));
    require(event->event_id.size <= EVENT_ID_MAX && event->dossier.size <= EVENT_ID_MAX);
    require(event->unit.size <= EVENT_CODE_MAX && event->procedure.size <= EVENT_CODE_MAX);
    require(event->field.size <= EVENT_CODE_MAX && event->reason.size <= EVENT_REASON_MAX);
    require(event->voids.size <= EVENT_ID_MAX);
}

static unsigned flags_of(const struct event *event)
{
    return (event->unit.size != 0 ? FLAG_UNIT : 0U) |
           (event->procedure.size != 0 ? FLAG_PROCEDURE : 0U) |
           (event->due_at_ms != 0 ? FLAG_DUE : 0U) | (event->field.size != 0 ? FLAG_FIELD : 0U) |
           (event->reason.size != 0 ? FLAG_REASON : 0U) |
           (event->voids.size != 0 ? FLAG_VOIDS : 0U) |
           (event->paid_online ? FLAG_PAID_ONLINE : 0U) |
           (unsigned)event->channel << CHANNEL_SHIFT | (unsigned)event->level << LEVEL_SHIFT |
           (event->out_of_territory ? FLAG_OUT_OF_TERRITORY : 0U) |
           (event->apology_sent ? FLAG_APOLOGY_SENT : 0U) |
           (unsigned)event->petition_class << CLASS_SHIFT;
}

static void put_optional(struct buffer *buffer, struct slice text)
{
    if (text.size != 0) {
        buffer_text(buffer, text);
    }
}

void event_encode(const struct event *event, struct buffer *buffer)
{
    require_valid(event);
    buffer_u8(buffer, (uint8_t)event->kind);
    buffer_varint(buffer, flags_of(event));
    buffer_varint(buffer, (uint64_t)(event->occurred_at_ms - TIME_MIN_MS));
    if (event->due_at_ms != 0) {
        buffer_signed(buffer, event->due_at_ms - event->occurred_at_ms);
    }
    buffer_text(buffer, event->event_id);
    buffer_text(buffer, event->dossier);
    put_optional(buffer, event->unit);
    put_optional(buffer, event->procedure);
    put_optional(buffer, event->field);
    put_optional(buffer, event->reason);
    put_optional(buffer, event->voids);
}

static void fail(struct reader *reader)
{
    reader->failed = true;
    reader->at = reader->end;
}

static struct slice take_text(struct reader *reader, size_t max)
{
    const struct slice text = reader_text(reader);
    if (text.size == 0 || text.size > max) {
        fail(reader);
    }
    return text;
}

static struct slice take_optional(struct reader *reader, bool present, size_t max)
{
    return present ? take_text(reader, max) : (struct slice){NULL, 0};
}

static void take_times(struct reader *reader, bool has_due, struct event *event)
{
    const uint64_t since = reader_varint(reader);
    if (since >= (uint64_t)(TIME_MAX_MS - TIME_MIN_MS)) {
        fail(reader);
        return;
    }
    event->occurred_at_ms = TIME_MIN_MS + (int64_t)since;
    if (has_due) {
        const int64_t after = reader_signed(reader);
        if (after < TIME_MIN_MS - event->occurred_at_ms ||
            after >= TIME_MAX_MS - event->occurred_at_ms) {
            fail(reader);
            return;
        }
        event->due_at_ms = event->occurred_at_ms + after;
    }
}

static void take_texts(struct reader *reader, unsigned flags, struct event *event)
{
    event->event_id = take_text(reader, EVENT_ID_MAX);
    event->dossier = take_text(reader, EVENT_ID_MAX);
    event->unit = take_optional(reader, (flags & FLAG_UNIT) != 0, EVENT_CODE_MAX);
    event->procedure = take_optional(reader, (flags & FLAG_PROCEDURE) != 0, EVENT_CODE_MAX);
    event->field = take_optional(reader, (flags & FLAG_FIELD) != 0, EVENT_CODE_MAX);
    event->reason = take_optional(reader, (flags & FLAG_REASON) != 0, EVENT_REASON_MAX);
    event->voids = take_optional(reader, (flags & FLAG_VOIDS) != 0, EVENT_ID_MAX);
}

void event_decode(struct reader *reader, struct event *ret_event)
{
    const unsigned kind = reader_u8(reader);
    const uint64_t flags = reader_varint(reader);
    if (kind == KIND_NONE || kind >= KIND_COUNT || flags >= FLAGS_END) {
        fail(reader);
        return;
    }
    const unsigned bits = (unsigned)flags;
    struct event event = {
        .kind = (enum event_kind)kind,
        .channel = (enum channel)(bits >> CHANNEL_SHIFT & ENUM_MASK),
        .level = (enum service_level)(bits >> LEVEL_SHIFT & ENUM_MASK),
        .petition_class = (enum petition_class)(bits >> CLASS_SHIFT & ENUM_MASK),
        .out_of_territory = (bits & FLAG_OUT_OF_TERRITORY) != 0,
        .apology_sent = (bits & FLAG_APOLOGY_SENT) != 0,
        .paid_online = (bits & FLAG_PAID_ONLINE) != 0,
    };
    take_times(reader, (bits & FLAG_DUE) != 0, &event);
    take_texts(reader, bits, &event);
    if (event.petition_class >= CLASS_COUNT || !event_is_complete(&event)) {
        fail(reader);
    }
    if (!reader->failed) {
        *ret_event = event;
    }
}
