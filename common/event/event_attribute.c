/* SPDX-License-Identifier: Apache-2.0
 *
 * Each attribute of an event is one row of a table: its names, its type, its place. Faults name the
 * attribute and say what would be right, because people correct these lines by hand.
 */
#include "event/event_attribute.h"

#include <stdio.h>

#include "base/localday.h"
#include "base/text.h"
#include "event/event_names.h"

enum type { TYPE_TEXT, TYPE_TIME, TYPE_KIND, TYPE_CHANNEL, TYPE_LEVEL, TYPE_CLASS, TYPE_FLAG };

struct attribute {
    struct slice name;
    const char *proto_name;
    enum type type;
    size_t offset; /* in struct event */
};

#define SLICE(text)                               \
    {                                             \
        (const uint8_t *)(text), sizeof(text) - 1 \
    }
#define ATTRIBUTE(type, member, name, proto_name) \
    {SLICE(name), proto_name, TYPE_##type, offsetof(struct event, member)},
static const struct attribute attributes[] = {EVENT_ATTRIBUTE_LIST(ATTRIBUTE)};

enum { ATTRIBUTE_COUNT = sizeof attributes / sizeof *attributes };

struct named_value {
    struct slice name;
    unsigned value;
};

#define NAMED(name, value) {SLICE(name), value},
static const struct named_value channel_names[] = {EVENT_CHANNEL_NAMES(NAMED)};
static const struct named_value class_names[] = {EVENT_CLASS_NAMES(NAMED)};
static const struct named_value level_names[] = {EVENT_LEVEL_NAMES(NAMED)
                                                     EVENT_OLD_LEVEL_NAMES(NAMED)};

const struct attribute *attribute_of(struct slice json_name)
{
    for (unsigned i = 0; i < ATTRIBUTE_COUNT; i++) {
        if (slice_equal(attributes[i].name, json_name)) {
            return &attributes[i];
        }
    }
    return NULL;
}

static const char *name_of(const struct attribute *attribute)
{
    return (const char *)attribute->name.data;
}

unsigned attribute_index(const struct attribute *attribute)
{
    return (unsigned)(attribute - attributes);
}

const char *attribute_json_name(const char *proto_name)
{
    for (unsigned i = 0; i < ATTRIBUTE_COUNT; i++) {
        if (strcmp(attributes[i].proto_name, proto_name) == 0) {
            return name_of(&attributes[i]);
        }
    }
    return proto_name;
}

/* True if only the offset is missing. */
static bool is_without_offset(struct slice text)
{
    char with_offset[64];
    int64_t ms;
    if (text.size + 1 >= sizeof with_offset) {
        return false;
    }
    (void)snprintf(with_offset, sizeof with_offset, "%.*sZ", SLICE_ARG(text));
    return time_parse(slice_text(with_offset), &ms);
}

/* A data base's default date, 0001, 1900, 1970 or 9999, is not taken for a time, nor for none:
 * 1970-01-01 in milliseconds would read as "not given". Such dates often come without offset. */
static enum status take_time(struct slice text, const char *field, int64_t *ret_ms,
                             struct event_fault *fault)
{
    static const char example[] = "2024-01-19T08:12:00+07:00";
    int64_t ms = TIME_MIN_MS;
    struct date date;
    const bool is_parsed = time_parse(text, &ms);
    if (ms < TIME_MIN_MS || ms >= TIME_MAX_MS ||
        (!is_parsed && date_parse(text, &date) && (date.year < 2000 || date.year > 2099))) {
        return event_fault_add(fault, field, "\"%.*s\" " EVENT_OUT_OF_RANGE "%s", SLICE_ARG(text),
                               strcmp(field, "due_at") == 0 ? EVENT_LEAVE_OUT : "");
    }
    if (!is_parsed && is_without_offset(text)) {
        return event_fault_add(fault, field,
                               "\"%.*s\" does not say its offset from UTC; write it like \"%s\"",
                               SLICE_ARG(text), example);
    }
    if (!is_parsed) {
        return event_fault_add(fault, field, "must be a time like \"%s\", not \"%.*s\"", example,
                               SLICE_ARG(text));
    }
    *ret_ms = ms;
    return STATUS_OK;
}

/* The nearest kind for "did you mean"; NULL if none is near. Small letters and the name in the
 * proto file are near. */
static const char *nearest_kind(struct slice text)
{
    static const char prefix[] = "KIND_";
    char capitals[32];
    if (text.size < sizeof capitals) {
        for (size_t i = 0; i < text.size; i++) {
            const uint8_t byte = text.data[i];
            capitals[i] = (char)(byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte);
        }
        text.data = (const uint8_t *)capitals;
    }
    if (text.size > sizeof prefix && memcmp(text.data, prefix, sizeof prefix - 1) == 0) {
        text = slice_of(text.data + sizeof prefix - 1, text.size - sizeof prefix + 1);
    }
    struct text_guess guess = text_guess_of(text);
    for (unsigned i = KIND_NONE + 1; i < KIND_COUNT; i++) {
        text_guess_try(&guess, event_kind_name((enum event_kind)i));
    }
    return guess.nearest;
}

static enum status take_kind(struct slice text, const char *field, enum event_kind *ret_kind,
                             struct event_fault *fault)
{
    *ret_kind = event_kind_of(text);
    if (*ret_kind != KIND_NONE) {
        return STATUS_OK;
    }
    const char *nearest = nearest_kind(text);
    return nearest != NULL
               ? event_fault_add(fault, field, "there is no kind \"%.*s\": did you mean \"%s\"?",
                                 SLICE_ARG(text), nearest)
               : event_fault_add(fault, field, "there is no kind \"%.*s\"", SLICE_ARG(text));
}

static bool find_value(const struct named_value *names, size_t count, struct slice text,
                       unsigned *ret_value)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(names[i].name, text)) {
            *ret_value = names[i].value;
            return true;
        }
    }
    return false;
}

#define FIND_VALUE(names, text, ret_value) \
    find_value(names, sizeof(names) / sizeof *(names), text, ret_value)

static enum status take_value(const struct attribute *attribute, struct slice text,
                              struct event *event, struct event_fault *fault)
{
    unsigned value = 0;
    const char *allowed = NULL;
    if (attribute->type == TYPE_CHANNEL) {
        allowed = FIND_VALUE(channel_names, text, &value) ? NULL : "ONLINE, DIRECT or POSTAL";
        event->channel = (enum channel)value;
    } else if (attribute->type == TYPE_LEVEL) {
        allowed = FIND_VALUE(level_names, text, &value) ? NULL : "FULL, PARTIAL or NONE";
        event->level = (enum service_level)value;
    } else {
        allowed = FIND_VALUE(class_names, text, &value) ? NULL : "ADMINISTRATIVE or BUSINESS";
        event->petition_class = (enum petition_class)value;
    }
    return allowed == NULL ? STATUS_OK
                           : event_fault_add(fault, attribute->proto_name,
                                             "must be %s, not \"%.*s\"", allowed, SLICE_ARG(text));
}

/* A time or kind without blanks at the ends, as nearly all are, needs no taking: it is ASCII, or
 * wrong. */
static bool is_bare(const struct attribute *attribute, struct slice text)
{
    return (attribute->type == TYPE_TIME || attribute->type == TYPE_KIND) && text.data[0] > ' ' &&
           text.data[text.size - 1] > ' ';
}

static enum status take_text(const struct attribute *attribute, struct slice text,
                             struct arena *arena, struct event *event, struct event_fault *fault)
{
    void *member = (char *)event + attribute->offset;
    struct text_fault wrong;
    if (attribute->type == TYPE_TEXT) {
        const struct slice copy = arena_copy(arena, text);
        *(struct slice *)member = copy;
        return copy.size == text.size ? STATUS_OK : STATUS_TOO_LARGE;
    }
    if (text.size == 0) {
        return STATUS_OK;
    }
    /* Faulty characters are reported as a wrong value. */
    if (!is_bare(attribute, text) &&
        text_take(text, TEXT_WORDS, arena, &text, &wrong) == STATUS_TOO_LARGE) {
        return STATUS_TOO_LARGE;
    }
    if (text.size == 0) { /* it was blanks */
        return STATUS_OK;
    }
    if (attribute->type == TYPE_TIME) {
        return take_time(text, attribute->proto_name, member, fault);
    }
    return attribute->type == TYPE_KIND ? take_kind(text, attribute->proto_name, member, fault)
                                        : take_value(attribute, text, event, fault);
}

enum status attribute_take(const struct attribute *attribute, struct json_value value,
                           struct arena *arena, struct event *event, struct event_fault *fault)
{
    if (value.type == VALUE_TEXT && (attribute->type != TYPE_FLAG || value.text.size == 0)) {
        return take_text(attribute, value.text, arena, event, fault);
    }
    if (attribute->type != TYPE_FLAG) {
        return event_fault_add(fault, attribute->proto_name, "must be a text in quotation marks");
    }
    if (value.type != VALUE_FLAG) {
        return event_fault_add(fault, attribute->proto_name, "must be true or false");
    }
    *(bool *)((char *)event + attribute->offset) = value.flag;
    return STATUS_OK;
}

enum status attribute_unknown(struct slice json_name, struct arena *arena,
                              struct event_fault *fault)
{
    enum { NAME_MAX = 64 };
    const size_t size = json_name.size < NAME_MAX ? json_name.size : NAME_MAX;
    const struct slice cut = slice_of(json_name.data, size);
    const char *field = text_is_clean(cut) ? arena_string(arena, cut) : "";
    field = field != NULL ? field : "";
    struct text_guess guess = text_guess_of(json_name);
    for (unsigned i = 0; i < ATTRIBUTE_COUNT; i++) {
        text_guess_try(&guess, name_of(&attributes[i]));
    }
    fault->json_names = false; /* it stands as it was written */
    const enum status status =
        guess.nearest != NULL
            ? event_fault_add(fault, field, "unknown name \"%.*s\": did you mean \"%s\"?",
                              SLICE_ARG(cut), guess.nearest)
            : event_fault_add(fault, field, "unknown name \"%.*s\"", SLICE_ARG(cut));
    fault->json_names = true;
    return status;
}
