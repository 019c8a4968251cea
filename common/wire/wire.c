/* SPDX-License-Identifier: Apache-2.0
 *
 * The scan walks the bytes once, with one `struct level` per nested message on the stack, before
 * protobuf-c sees them. It refuses what protobuf-c would merge (a singular field or two members of
 * a oneof given twice: quadratic time), recurse into (depth) or blow up (unknown fields, endless
 * repetitions), and any text that is not clean. After it, unpacking is linear in the bytes and its
 * memory comes out of the caller's arena alone.
 */
#include "wire/wire.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/require.h"
#include "base/text.h"

enum {
    FIELDS_MAX = 64, /* of one message type: one bit each in `seen` */
    PATH_MAX_BYTES = 256,
    VARINT_BYTES = 10,
    VARINT32_BYTES = 5 /* tags and lengths */
};

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

static const uint8_t wire_types[] = {
    [PROTOBUF_C_TYPE_INT32] = WIRE_VARINT,     [PROTOBUF_C_TYPE_SINT32] = WIRE_VARINT,
    [PROTOBUF_C_TYPE_SFIXED32] = WIRE_FIXED32, [PROTOBUF_C_TYPE_INT64] = WIRE_VARINT,
    [PROTOBUF_C_TYPE_SINT64] = WIRE_VARINT,    [PROTOBUF_C_TYPE_SFIXED64] = WIRE_FIXED64,
    [PROTOBUF_C_TYPE_UINT32] = WIRE_VARINT,    [PROTOBUF_C_TYPE_FIXED32] = WIRE_FIXED32,
    [PROTOBUF_C_TYPE_UINT64] = WIRE_VARINT,    [PROTOBUF_C_TYPE_FIXED64] = WIRE_FIXED64,
    [PROTOBUF_C_TYPE_FLOAT] = WIRE_FIXED32,    [PROTOBUF_C_TYPE_DOUBLE] = WIRE_FIXED64,
    [PROTOBUF_C_TYPE_BOOL] = WIRE_VARINT,      [PROTOBUF_C_TYPE_ENUM] = WIRE_VARINT,
    [PROTOBUF_C_TYPE_STRING] = WIRE_BYTES,     [PROTOBUF_C_TYPE_BYTES] = WIRE_BYTES,
    [PROTOBUF_C_TYPE_MESSAGE] = WIRE_BYTES,
};

struct cursor {
    const uint8_t *at;
    const uint8_t *end;
};

struct level {
    const struct level *parent;
    const ProtobufCMessageDescriptor *descriptor;
    const ProtobufCFieldDescriptor *field; /* being looked at; NULL = the message itself */
    struct wire_fault *fault;
    uint64_t seen; /* by index in the descriptor */
    unsigned depth;
    unsigned unknown;
    uint32_t counts[FIELDS_MAX]; /* of repeated fields; set once seen */
};

static size_t field_index(const struct level *level)
{
    return (size_t)(level->field - level->descriptor->fields);
}

/* The steps down to this level's field, outermost first. */
static void write_path(const struct level *level, struct wire_fault *fault)
{
    if (level->parent != NULL) {
        write_path(level->parent, fault);
    }
    if (level->field == NULL) {
        return;
    }
    const size_t index = field_index(level);
    const bool counted = level->field->label == PROTOBUF_C_LABEL_REPEATED &&
                         (level->seen >> index & 1) != 0 && level->counts[index] != 0;
    fault->path[fault->depth++] =
        (struct wire_step){level->field, counted ? level->counts[index] - 1 : 0};
}

static enum status fail(const struct level *level, const char *why)
{
    level->fault->depth = 0;
    level->fault->why = why;
    write_path(level, level->fault);
    return STATUS_INVALID;
}

size_t wire_fault_path(const struct wire_fault *fault, unsigned from, char *path, size_t size)
{
    size_t used = 0;
    path[0] = '\0';
    for (unsigned i = from; i < fault->depth && used + 1 < size; i++) {
        const struct wire_step *step = &fault->path[i];
        const char *dot = i > from ? "." : "";
        const int written =
            step->field->label == PROTOBUF_C_LABEL_REPEATED
                ? snprintf(path + used, size - used, "%s%s[%u]", dot, step->field->name,
                           step->index)
                : snprintf(path + used, size - used, "%s%s", dot, step->field->name);
        used += written > 0 ? (size_t)written : 0;
    }
    return used < size ? used : size - 1;
}

enum status wire_fault_error(const struct wire_fault *fault, enum status status,
                             struct error *error)
{
    char path[PATH_MAX_BYTES];
    const char *where =
        wire_fault_path(fault, 0, path, sizeof path) != 0 ? path : fault->descriptor->short_name;
    return error_set(error, status, "%s: %s", where, fault->why);
}

static inline bool take_varint(struct cursor *in, size_t bytes_max, uint64_t *ret_value)
{
    if (in->at < in->end && *in->at < 0x80) {
        *ret_value = *in->at++;
        return true;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < bytes_max && in->at + i < in->end; i++) {
        value |= (uint64_t)(in->at[i] & 0x7f) << (7 * i);
        if (in->at[i] < 0x80) {
            in->at += i + 1;
            *ret_value = value;
            return true;
        }
    }
    return false;
}

static bool take_bytes(struct cursor *in, size_t size, struct cursor *ret_bytes)
{
    if (size > (size_t)(in->end - in->at)) {
        return false;
    }
    *ret_bytes = (struct cursor){in->at, in->at + size};
    in->at += size;
    return true;
}

/* Takes one value of the wire type; NULL = fine, else why not. `ret_value` holds it as bytes. */
static const char *take_value(struct cursor *in, unsigned wire_type, struct cursor *ret_value)
{
    uint64_t number;
    switch (wire_type) {
    case WIRE_VARINT: {
        const uint8_t *start = in->at;
        if (!take_varint(in, VARINT_BYTES, &number)) {
            return "broken varint";
        }
        *ret_value = (struct cursor){start, in->at};
        return NULL;
    }
    case WIRE_FIXED64:
        return take_bytes(in, 8, ret_value) ? NULL : "cut short";
    case WIRE_FIXED32:
        return take_bytes(in, 4, ret_value) ? NULL : "cut short";
    case WIRE_BYTES:
        if (!take_varint(in, VARINT32_BYTES, &number)) {
            return "broken length";
        }
        return number <= SIZE_MAX && take_bytes(in, (size_t)number, ret_value) ? NULL : "cut short";
    default:
        return "wire type that is not in use";
    }
}

/* Ids are dense nearly everywhere, so the index is nearly always id − 1. */
static inline const ProtobufCFieldDescriptor *
find_field(const ProtobufCMessageDescriptor *descriptor, uint32_t id)
{
    if (id - 1 < descriptor->n_fields && descriptor->fields[id - 1].id == id) {
        return &descriptor->fields[id - 1];
    }
    for (unsigned i = descriptor->n_fields; i > 0; i--) {
        if (descriptor->fields[i - 1].id == id) {
            return &descriptor->fields[i - 1];
        }
    }
    return NULL;
}

/* Members of one oneof share the place of their case. */
static bool oneof_taken(const struct level *level)
{
    for (unsigned i = 0; i < level->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *other = &level->descriptor->fields[i];
        if ((other->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
            other->quantifier_offset == level->field->quantifier_offset &&
            (level->seen >> i & 1) != 0) {
            return true;
        }
    }
    return false;
}

/* Entries in a packed run, or −1 if it is broken. */
static int64_t packed_count(unsigned wire_type, struct cursor in)
{
    const size_t size = (size_t)(in.end - in.at);
    if (wire_type == WIRE_FIXED32 || wire_type == WIRE_FIXED64) {
        const size_t width = wire_type == WIRE_FIXED32 ? 4 : 8;
        return size % width == 0 ? (int64_t)(size / width) : -1;
    }
    int64_t count = 0;
    uint64_t number;
    while (in.at < in.end) {
        if (!take_varint(&in, VARINT_BYTES, &number)) {
            return -1;
        }
        count++;
    }
    return count;
}

/* Counts `entries` more of this field, or says why there may be none. */
static const char *count_field(struct level *level, int64_t entries)
{
    const size_t index = field_index(level);
    const bool again = (level->seen >> index & 1) != 0;
    if (level->field->label == PROTOBUF_C_LABEL_REPEATED) {
        const int64_t count = (again ? (int64_t)level->counts[index] : 0) + entries;
        if (entries < 0 || count > WIRE_REPEATED_MAX) {
            level->counts[index] = 0;
            return entries < 0 ? "broken packed run" : "too many entries";
        }
        level->counts[index] = (uint32_t)count;
    } else if (again) {
        return "given twice";
    } else if ((level->field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 && oneof_taken(level)) {
        return "given beside another member of its oneof";
    }
    level->seen |= UINT64_C(1) << index;
    return NULL;
}

static enum status scan_message(struct level *level, struct cursor in);

static enum status scan_submessage(const struct level *parent, struct cursor value)
{
    if (parent->depth >= WIRE_DEPTH_MAX) {
        return fail(parent, "nested too deeply");
    }
    struct level level;
    level.parent = parent;
    level.descriptor = parent->field->descriptor;
    level.field = NULL;
    level.fault = parent->fault;
    level.seen = 0;
    level.depth = parent->depth + 1;
    level.unknown = 0;
    return scan_message(&level, value);
}

static enum status scan_text(const struct level *level, struct cursor value)
{
    const struct slice text = slice_of(value.at, (size_t)(value.end - value.at));
    if (text.size > WIRE_TEXT_MAX) {
        return fail(level, "text too long");
    }
    return text_is_clean(text) ? STATUS_OK : fail(level, "not UTF-8, or with control characters");
}

static enum status scan_field(struct level *level, unsigned wire_type, struct cursor *in)
{
    const ProtobufCFieldDescriptor *field = level->field;
    const unsigned expected = wire_types[field->type];
    const bool packed = wire_type == WIRE_BYTES && expected != WIRE_BYTES &&
                        field->label == PROTOBUF_C_LABEL_REPEATED;
    if (wire_type != expected && !packed) {
        return fail(level, "wrong wire type");
    }
    struct cursor value = {NULL, NULL};
    const char *why = take_value(in, wire_type, &value);
    if (why == NULL) {
        why = count_field(level, packed ? packed_count(expected, value) : 1);
    }
    if (why != NULL) {
        return fail(level, why);
    }
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        return scan_text(level, value);
    }
    return field->type == PROTOBUF_C_TYPE_MESSAGE ? scan_submessage(level, value) : STATUS_OK;
}

static enum status scan_message(struct level *level, struct cursor in)
{
    require(level->descriptor->n_fields <= FIELDS_MAX);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && in.at < in.end) {
        uint64_t tag;
        level->field = NULL;
        if (!take_varint(&in, VARINT32_BYTES, &tag) || tag > UINT32_MAX || tag < 8) {
            return fail(level, "broken tag");
        }
        level->field = find_field(level->descriptor, (uint32_t)tag >> 3);
        if (level->field != NULL) {
            status = scan_field(level, tag & 7, &in);
            continue;
        }
        struct cursor skipped;
        const char *why = take_value(&in, tag & 7, &skipped);
        if (why == NULL && ++level->unknown > WIRE_UNKNOWN_MAX) {
            why = "too many unknown fields";
        }
        status = why == NULL ? STATUS_OK : fail(level, why);
    }
    return status;
}

static void *allocate(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

/* The arena gives everything back at once. */
static void release(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

enum status wire_unpack_fault(const ProtobufCMessageDescriptor *descriptor, struct slice bytes,
                              struct arena *arena, ProtobufCMessage **ret_message,
                              struct wire_fault *ret_fault)
{
    struct level top = {.descriptor = descriptor, .fault = ret_fault, .depth = 1};
    ret_fault->descriptor = descriptor;
    if (bytes.size > INT_MAX) {
        (void)fail(&top, "too large");
        return STATUS_TOO_LARGE;
    }
    const uint8_t *data = bytes.size != 0 ? bytes.data : (const uint8_t *)"";
    const enum status status = scan_message(&top, (struct cursor){data, data + bytes.size});
    if (status != STATUS_OK) {
        return status;
    }
    ProtobufCAllocator allocator = {allocate, release, arena};
    ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, &allocator, bytes.size, data);
    top.field = NULL;
    if (message == NULL && arena->exceeded) {
        (void)fail(&top, "takes more memory than one message may");
        return STATUS_TOO_LARGE;
    }
    if (message == NULL) {
        return fail(&top, "malformed");
    }
    *ret_message = message;
    return STATUS_OK;
}

enum status wire_unpack(const ProtobufCMessageDescriptor *descriptor, struct slice bytes,
                        struct arena *arena, ProtobufCMessage **ret_message, struct error *error)
{
    struct wire_fault fault;
    const enum status status = wire_unpack_fault(descriptor, bytes, arena, ret_message, &fault);
    return status == STATUS_OK ? status : wire_fault_error(&fault, status, error);
}

bool wire_find_number(struct slice bytes, const uint32_t *numbers, unsigned count,
                      uint64_t *ret_number)
{
    struct cursor in = {bytes.data, bytes.data + bytes.size};
    while (in.at < in.end) {
        uint64_t tag;
        struct cursor value;
        if (!take_varint(&in, VARINT32_BYTES, &tag)) {
            return false;
        }
        if (tag == ((uint64_t)numbers[0] << 3 | WIRE_BYTES) && count > 1) {
            uint64_t size;
            if (!take_varint(&in, VARINT32_BYTES, &size)) {
                return false;
            }
            const size_t left = (size_t)(in.end - in.at);
            return wire_find_number(slice_of(in.at, size < left ? (size_t)size : left), numbers + 1,
                                    count - 1, ret_number);
        }
        if (take_value(&in, tag & 7, &value) != NULL) {
            return false;
        }
        if (tag == ((uint64_t)numbers[0] << 3 | WIRE_VARINT) && count == 1) {
            return take_varint(&value, VARINT_BYTES, ret_number);
        }
    }
    return false;
}

size_t wire_packed_size(const ProtobufCMessage *message)
{
    return protobuf_c_message_get_packed_size(message);
}

void wire_pack_into(const ProtobufCMessage *message, uint8_t *data, size_t size)
{
    require(protobuf_c_message_pack(message, data) == size);
}

/* Packed aside: protobuf-c's own growing buffer loses data silently when memory runs out. */
void wire_pack(const ProtobufCMessage *message, struct buffer *buffer)
{
    const size_t size = wire_packed_size(message);
    if (buffer_status(buffer) != STATUS_OK || size == 0) {
        return;
    }
    uint8_t *packed = size <= buffer->max - buffer->size ? malloc(size) : NULL;
    if (packed == NULL) {
        buffer->status = STATUS_TOO_LARGE;
        return;
    }
    wire_pack_into(message, packed, size);
    buffer_put(buffer, packed, size);
    free(packed);
}
