/* SPDX-License-Identifier: Apache-2.0
 *
 * Written to the wire directly, field by field.
 */
#include "json_message.h"

#include <stdlib.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, MESSAGE_BYTES = 1 << 20 };

static void put_tag(struct buffer *buffer, uint32_t field, unsigned type)
{
    buffer_varint(buffer, (uint64_t)field << 3 | type);
}

static long long number_of(const json_t *value)
{
    return json_is_string(value) ? (long long)strtoull(json_string_value(value), NULL, 10)
                                 : json_integer_value(value);
}

static long long signed_of(const json_t *value)
{
    return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10)
                                 : json_integer_value(value);
}

static bool put_message(const ProtobufCFieldDescriptor *field, const json_t *value,
                        struct buffer *buffer)
{
    struct buffer inner;
    buffer_init(&inner, MESSAGE_BYTES);
    const bool ok = json_message_pack(field->descriptor, value, &inner);
    put_tag(buffer, field->id, WIRE_BYTES);
    buffer_text(buffer, buffer_slice(&inner));
    buffer_fini(&inner);
    return ok;
}

static bool put_value(const ProtobufCFieldDescriptor *field, const json_t *value,
                      struct buffer *buffer)
{
    const ProtobufCEnumValue *named;
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        return put_message(field, value, buffer);
    case PROTOBUF_C_TYPE_STRING:
        put_tag(buffer, field->id, WIRE_BYTES);
        buffer_text(buffer, slice_text(json_string_value(value)));
        return json_is_string(value);
    case PROTOBUF_C_TYPE_UINT64:
        put_tag(buffer, field->id, WIRE_VARINT);
        buffer_varint(buffer, (uint64_t)number_of(value));
        return true;
    case PROTOBUF_C_TYPE_SINT64:
        put_tag(buffer, field->id, WIRE_VARINT);
        buffer_signed(buffer, signed_of(value));
        return true;
    case PROTOBUF_C_TYPE_FIXED64: {
        const uint64_t number = (uint64_t)number_of(value);
        put_tag(buffer, field->id, WIRE_FIXED64);
        for (unsigned byte = 0; byte < 8; byte++) {
            buffer_u8(buffer, (uint8_t)(number >> 8 * byte));
        }
        return true;
    }
    case PROTOBUF_C_TYPE_ENUM:
        named = protobuf_c_enum_descriptor_get_value_by_name(field->descriptor,
                                                             json_string_value(value));
        put_tag(buffer, field->id, WIRE_VARINT);
        buffer_varint(buffer, named != NULL ? (uint64_t)named->value : 0);
        return named != NULL;
    default:
        return false;
    }
}

bool json_message_pack(const ProtobufCMessageDescriptor *descriptor, const json_t *json,
                       struct buffer *buffer)
{
    const char *name;
    json_t *value;
    bool ok = json_is_object(json);
    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(descriptor, name);
        if (field == NULL) {
            return false;
        }
        for (size_t i = 0; i < json_array_size(value); i++) {
            ok = put_value(field, json_array_get(value, i), buffer) && ok;
        }
        ok = (json_is_array(value) || put_value(field, value, buffer)) && ok;
    }
    return ok && buffer_status(buffer) == STATUS_OK;
}
