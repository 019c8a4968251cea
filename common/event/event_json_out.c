/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the JSON of an event, in the order of the attributes' list. Written by hand because a
 * tree of jansson values would be built only to be printed.
 */
#include "event/event_json.h"

#include "base/localday.h"
#include "base/text.h"
#include "event/event_names.h"

#define NAME_CASE(name, value) \
    case value:                \
        return name;

static const char *channel_name(enum channel channel)
{
    switch (channel) {
        EVENT_CHANNEL_NAMES(NAME_CASE)
    default:
        return "";
    }
}

static const char *level_name(enum service_level level)
{
    switch (level) {
        EVENT_LEVEL_NAMES(NAME_CASE)
    default:
        return "";
    }
}

static const char *class_name(enum petition_class petition_class)
{
    switch (petition_class) {
        EVENT_CLASS_NAMES(NAME_CASE)
    default:
        return "";
    }
}

static void put_quoted(struct buffer *buffer, struct slice text)
{
    char escape[TEXT_ESCAPE_SIZE];
    buffer_u8(buffer, '"');
    while (text.size != 0) {
        const struct slice piece = text_json_piece(&text, escape);
        buffer_put(buffer, piece.data, piece.size);
    }
    buffer_u8(buffer, '"');
}

/* {"name": or ,"name": */
static void put_name(struct buffer *buffer, const char *name, bool *first)
{
    buffer_u8(buffer, *first ? '{' : ',');
    *first = false;
    put_quoted(buffer, slice_text(name));
    buffer_u8(buffer, ':');
}

static void put_text(struct buffer *buffer, const char *name, struct slice text, bool *first)
{
    if (text.size != 0) {
        put_name(buffer, name, first);
        put_quoted(buffer, text);
    }
}

static void put_time(struct buffer *buffer, const char *name, int64_t ms, bool *first)
{
    if (ms != 0) {
        char text[TIME_TEXT_SIZE];
        time_format(ms, text);
        put_text(buffer, name, slice_text(text), first);
    }
}

static void put_flag(struct buffer *buffer, const char *name, bool flag, bool *first)
{
    if (flag) {
        put_name(buffer, name, first);
        buffer_put(buffer, "true", 4);
    }
}

#define PUT_TEXT(value, name) put_text(buffer, name, value, &first);
#define PUT_TIME(value, name) put_time(buffer, name, value, &first);
#define PUT_FLAG(value, name) put_flag(buffer, name, value, &first);
#define PUT_KIND(value, name) PUT_TEXT(slice_text(event_kind_name(value)), name)
#define PUT_CHANNEL(value, name) PUT_TEXT(slice_text(channel_name(value)), name)
#define PUT_LEVEL(value, name) PUT_TEXT(slice_text(level_name(value)), name)
#define PUT_CLASS(value, name) PUT_TEXT(slice_text(class_name(value)), name)
#define PUT(type, member, name, proto_name) PUT_##type(event->member, name)

void event_to_json(const struct event *event, struct buffer *buffer)
{
    bool first = true;
    EVENT_ATTRIBUTE_LIST(PUT)
    if (first) {
        buffer_u8(buffer, '{');
    }
    buffer_u8(buffer, '}');
}
