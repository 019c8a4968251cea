/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the JSON of an event: jansson parses the line, each attribute is then taken by its row in
 * a table. Faults name the attribute and say what would be right, because people mend these lines
 * by hand.
 */
#include "event/event_json.h"

#include <jansson.h>

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
/* Old documents number the levels: 4 was the full online service, 3 the partial one. */
static const struct named_value level_names[] = {
    EVENT_LEVEL_NAMES(NAMED) NAMED("MUC_DO_4", LEVEL_FULL) NAMED("mức độ 4", LEVEL_FULL)
        NAMED("Mức độ 4", LEVEL_FULL) NAMED("4", LEVEL_FULL) NAMED("MUC_DO_3", LEVEL_PARTIAL)
            NAMED("mức độ 3", LEVEL_PARTIAL) NAMED("Mức độ 3", LEVEL_PARTIAL)
                NAMED("3", LEVEL_PARTIAL)};

static const struct attribute *attribute_of(struct slice name)
{
    for (unsigned i = 0; i < ATTRIBUTE_COUNT; i++) {
        if (slice_equal(attributes[i].name, name)) {
            return &attributes[i];
        }
    }
    return NULL;
}

static const char *name_of(const struct attribute *attribute)
{
    return (const char *)attribute->name.data;
}

/* event_check speaks the proto's names. */
static const char *json_name_of(const char *proto_name)
{
    for (unsigned i = 0; i < ATTRIBUTE_COUNT; i++) {
        if (strcmp(attributes[i].proto_name, proto_name) == 0) {
            return name_of(&attributes[i]);
        }
    }
    return proto_name;
}

static enum status unknown_name(struct slice name, struct arena *arena, struct event_fault *fault)
{
    enum { DISTANCE_MAX = 3, NAME_MAX = 64 };
    const struct slice cut = slice_of(name.data, name.size < NAME_MAX ? name.size : NAME_MAX);
    const char *field = text_is_clean(cut) ? arena_string(arena, cut) : "";
    unsigned best = DISTANCE_MAX;
    const struct attribute *nearest = NULL;
    for (unsigned i = 0; i < ATTRIBUTE_COUNT; i++) {
        const unsigned distance = text_distance(attributes[i].name, name, DISTANCE_MAX);
        if (distance <= best) {
            best = distance - (distance != 0);
            nearest = &attributes[i];
        }
    }
    field = field != NULL ? field : "";
    return nearest != NULL
               ? event_fault_set(fault, field, "unknown name \"%.*s\": did you mean \"%s\"?",
                                 SLICE_ARG(cut), name_of(nearest))
               : event_fault_set(fault, field, "unknown name \"%.*s\"", SLICE_ARG(cut));
}

static enum status take_time(struct slice text, const char *field, int64_t *ret_ms,
                             struct event_fault *fault)
{
    if (!time_parse(text, ret_ms)) {
        return event_fault_set(fault, field,
                               "must be a time like \"2024-01-19T08:12:00+07:00\", not \"%.*s\"",
                               SLICE_ARG(text));
    }
    /* Zero would read as "not given". */
    if (*ret_ms < TIME_MIN_MS || *ret_ms >= TIME_MAX_MS) {
        return event_fault_set(fault, field, "is not in the years 2000 to 2099 (UTC)");
    }
    return STATUS_OK;
}

static enum status take_kind(struct slice text, const char *field, enum event_kind *ret_kind,
                             struct event_fault *fault)
{
    enum { DISTANCE_MAX = 3 };
    *ret_kind = event_kind_of(text);
    if (*ret_kind != KIND_NONE) {
        return STATUS_OK;
    }
    for (unsigned i = KIND_NONE + 1; i < KIND_COUNT; i++) {
        const char *name = event_kind_name((enum event_kind)i);
        if (text_distance(slice_text(name), text, DISTANCE_MAX) <= DISTANCE_MAX) {
            return event_fault_set(fault, field, "there is no kind \"%.*s\": did you mean \"%s\"?",
                                   SLICE_ARG(text), name);
        }
    }
    return event_fault_set(fault, field, "there is no kind \"%.*s\"", SLICE_ARG(text));
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

static enum status take_value(enum type type, struct slice text, struct event *event,
                              struct event_fault *fault)
{
    unsigned value = 0;
    if (type == TYPE_CHANNEL) {
        if (!FIND_VALUE(channel_names, text, &value)) {
            return event_fault_set(fault, "channel",
                                   "must be ONLINE, DIRECT or POSTAL, not \"%.*s\"",
                                   SLICE_ARG(text));
        }
        event->channel = (enum channel)value;
    } else if (type == TYPE_LEVEL) {
        if (!FIND_VALUE(level_names, text, &value)) {
            return event_fault_set(fault, "serviceLevel",
                                   "must be FULL, PARTIAL or NONE, not \"%.*s\"", SLICE_ARG(text));
        }
        event->level = (enum service_level)value;
    } else {
        if (!FIND_VALUE(class_names, text, &value)) {
            return event_fault_set(fault, "petitionClass",
                                   "must be ADMINISTRATIVE or BUSINESS, not \"%.*s\"",
                                   SLICE_ARG(text));
        }
        event->petition_class = (enum petition_class)value;
    }
    return STATUS_OK;
}

static enum status take_string(const struct attribute *attribute, const json_t *value,
                               struct arena *arena, struct event *event, struct event_fault *fault)
{
    const char *field = name_of(attribute);
    void *member = (char *)event + attribute->offset;
    struct slice text = slice_of(json_string_value(value), json_string_length(value));
    if (attribute->type == TYPE_TIME) {
        return take_time(text, field, member, fault);
    }
    if (attribute->type == TYPE_KIND) {
        return take_kind(text, field, member, fault);
    }
    if (attribute->type == TYPE_TEXT) {
        const struct slice copy = arena_copy(arena, text); /* jansson's dies with its tree */
        *(struct slice *)member = copy;
        return copy.size == text.size ? STATUS_OK : STATUS_TOO_LARGE;
    }
    if (attribute->type == TYPE_LEVEL) {
        const enum status status = text_normalise(text, arena, &text);
        if (status == STATUS_TOO_LARGE) {
            return status;
        }
    }
    return take_value(attribute->type, text, event, fault);
}

static enum status take_attribute(const struct attribute *attribute, const json_t *value,
                                  struct arena *arena, struct event *event,
                                  struct event_fault *fault)
{
    if (attribute->type == TYPE_FLAG) {
        if (!json_is_boolean(value)) {
            return event_fault_set(fault, name_of(attribute), "must be true or false");
        }
        *(bool *)((char *)event + attribute->offset) = json_is_true(value);
        return STATUS_OK;
    }
    if (!json_is_string(value)) {
        return event_fault_set(fault, name_of(attribute), "must be a text in quotation marks");
    }
    return take_string(attribute, value, arena, event, fault);
}

static enum status take_object(json_t *object, struct arena *arena, struct event *event,
                               struct event_fault *fault)
{
    const char *key;
    size_t size;
    json_t *value;
    json_object_keylen_foreach(object, key, size, value)
    {
        const struct slice name = slice_of(key, size);
        const struct attribute *attribute = attribute_of(name);
        const enum status status = attribute != NULL
                                       ? take_attribute(attribute, value, arena, event, fault)
                                       : unknown_name(name, arena, fault);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status check(struct event *event, struct arena *arena, struct event_fault *fault)
{
    const enum status status = event_check(event, arena, fault);
    if (status == STATUS_INVALID) {
        fault->field = json_name_of(fault->field);
    }
    return status;
}

enum status event_from_json(struct slice line, struct arena *arena, struct event *ret_event,
                            struct event_fault *ret_fault)
{
    if (line.size > EVENT_JSON_MAX) {
        return event_fault_set(ret_fault, "", "the line is longer than %d bytes", EVENT_JSON_MAX);
    }
    /* NUL is let through here so that the attribute's own check refuses it by name. */
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
    json_error_t error;
    json_t *object = json_loadb((const char *)line.data, line.size, flags, &error);
    if (object == NULL) {
        return event_fault_set(ret_fault, "", "is not JSON: %s (byte %d)", error.text,
                               error.position);
    }
    struct event event = {.kind = KIND_NONE};
    enum status status =
        json_is_object(object)
            ? take_object(object, arena, &event, ret_fault)
            : event_fault_set(ret_fault, "", "an event is an object in braces, not a list");
    json_decref(object);
    if (status == STATUS_OK) {
        status = check(&event, arena, ret_fault);
    }
    if (status == STATUS_OK) {
        *ret_event = event;
    }
    return status;
}
