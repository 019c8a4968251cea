/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the JSON of an event. jansson is the parser, but nearly every line is plain: one object
 * of texts without escapes, true and false. Those are split in place, which is ten times as fast;
 * whatever is not plain, and so every error of syntax, is left to jansson.
 */
#include "event/event_json.h"

#include <jansson.h>

#include "event/event_attribute.h"

enum { PAIRS_MAX = 16 }; /* there are no more attributes */

struct pair {
    const struct attribute *attribute;
    struct json_value value;
};

struct pairs {
    struct pair at[PAIRS_MAX];
    unsigned count;
    uint32_t seen;
};

static void skip_space(struct reader *reader)
{
    while (reader->at != reader->end && (*reader->at == ' ' || *reader->at == '\t' ||
                                         *reader->at == '\r' || *reader->at == '\n')) {
        reader->at++;
    }
}

/* The next byte after white space, if it is this one. */
static bool skip(struct reader *reader, char byte)
{
    skip_space(reader);
    if (reader->at == reader->end || *reader->at != (uint8_t)byte) {
        return false;
    }
    reader->at++;
    return true;
}

static bool skip_word(struct reader *reader, const char *word)
{
    const size_t size = strlen(word);
    if (reader_left(reader) < size || memcmp(reader->at, word, size) != 0) {
        return false;
    }
    reader->at += size;
    return true;
}

static bool plain_text(struct reader *reader, struct slice *ret_text)
{
    if (!skip(reader, '"')) {
        return false;
    }
    const uint8_t *start = reader->at;
    while (reader->at != reader->end && *reader->at != '"') {
        if (*reader->at == '\\' || *reader->at < 0x20) {
            return false;
        }
        reader->at++;
    }
    *ret_text = slice_of(start, (size_t)(reader->at - start));
    return skip(reader, '"');
}

static bool plain_value(struct reader *reader, struct json_value *ret_value)
{
    skip_space(reader);
    *ret_value = (struct json_value){.type = VALUE_FLAG};
    if (skip_word(reader, "true")) {
        ret_value->flag = true;
        return true;
    }
    if (skip_word(reader, "false")) {
        return true;
    }
    ret_value->type = VALUE_TEXT;
    return plain_text(reader, &ret_value->text);
}

static bool plain_pair(struct reader *reader, struct pairs *pairs)
{
    struct slice name;
    struct pair pair;
    if (!plain_text(reader, &name) || !skip(reader, ':') || !plain_value(reader, &pair.value)) {
        return false;
    }
    pair.attribute = attribute_of(name);
    if (pair.attribute == NULL || pairs->count == PAIRS_MAX) {
        return false;
    }
    const uint32_t bit = UINT32_C(1) << attribute_index(pair.attribute);
    if ((pairs->seen & bit) != 0) {
        return false;
    }
    pairs->seen |= bit;
    pairs->at[pairs->count++] = pair;
    return true;
}

/* False: not plain, or wrong. */
static bool split_plain(struct slice line, struct pairs *ret_pairs)
{
    struct reader reader = reader_of(line);
    ret_pairs->count = 0;
    ret_pairs->seen = 0;
    if (!skip(&reader, '{')) {
        return false;
    }
    do {
        if (!plain_pair(&reader, ret_pairs)) {
            return false;
        }
    } while (skip(&reader, ','));
    if (!skip(&reader, '}')) {
        return false;
    }
    skip_space(&reader);
    return reader_done(&reader);
}

/* A fault is added and the rest goes on, here and in take_object; else TOO_LARGE. */
static enum status take_plain(const struct pairs *pairs, struct arena *arena, struct event *event,
                              struct event_fault *fault)
{
    for (unsigned i = 0; i < pairs->count; i++) {
        const struct pair *pair = &pairs->at[i];
        const enum status status =
            attribute_take(pair->attribute, pair->value, arena, event, fault);
        if (status == STATUS_TOO_LARGE) {
            return status;
        }
    }
    return STATUS_OK;
}

static struct json_value value_of(const json_t *value)
{
    if (json_is_string(value)) {
        return (struct json_value){
            .type = VALUE_TEXT,
            .text = slice_of(json_string_value(value), json_string_length(value))};
    }
    return (struct json_value){.type = json_is_boolean(value) ? VALUE_FLAG : VALUE_OTHER,
                               .flag = json_is_true(value)};
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
        if (attribute != NULL && json_is_null(value)) {
            continue; /* not given, as in the JSON of protobuf */
        }
        const enum status status =
            attribute != NULL ? attribute_take(attribute, value_of(value), arena, event, fault)
                              : attribute_unknown(name, arena, fault);
        if (status == STATUS_TOO_LARGE) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status take_json(struct slice line, struct arena *arena, struct event *event,
                             struct event_fault *fault)
{
    /* NUL is let through here so that the attribute's own check refuses it by name. */
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
    const char *text = line.size != 0 ? (const char *)line.data : "";
    json_error_t error;
    json_t *object = json_loadb(text, line.size, flags, &error);
    if (object == NULL) {
        return event_fault_set(fault, "", "is not JSON: %s (byte %d)", error.text, error.position);
    }
    const enum status status =
        json_is_object(object)
            ? take_object(object, arena, event, fault)
            : event_fault_set(fault, "", "an event is an object in braces, not a list");
    json_decref(object);
    return status;
}

enum status event_from_json(struct slice line, struct arena *arena, struct event *ret_event,
                            struct event_fault *ret_fault)
{
    if (line.size > EVENT_JSON_MAX) {
        return event_fault_set(ret_fault, "", "the line is longer than %d bytes", EVENT_JSON_MAX);
    }
    struct event event = {.kind = KIND_NONE};
    struct pairs pairs;
    *ret_fault = (struct event_fault){.field = "", .json_names = true};
    enum status status = split_plain(line, &pairs) ? take_plain(&pairs, arena, &event, ret_fault)
                                                   : take_json(line, arena, &event, ret_fault);
    if (status == STATUS_OK) {
        status = event_check(&event, arena, ret_fault);
    }
    if (status != STATUS_TOO_LARGE) {
        *ret_event = event;
    }
    return status;
}
