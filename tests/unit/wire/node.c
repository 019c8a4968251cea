/* SPDX-License-Identifier: Apache-2.0
 *
 * Written by hand, so that the tests need no proto file of their own.
 */
#include "tests/unit/wire/node.h"

#include <stddef.h>

#define AT(member) (unsigned)offsetof(struct node, member)

static void node_init(ProtobufCMessage *message)
{
    *(struct node *)message = (struct node){.base = PROTOBUF_C_MESSAGE_INIT(&node_descriptor)};
}

static const ProtobufCFieldDescriptor fields[] = {
    {.name = "child",
     .id = 1,
     .label = PROTOBUF_C_LABEL_NONE,
     .type = PROTOBUF_C_TYPE_MESSAGE,
     .offset = AT(child),
     .descriptor = &node_descriptor},
    {.name = "numbers",
     .id = 2,
     .label = PROTOBUF_C_LABEL_REPEATED,
     .type = PROTOBUF_C_TYPE_UINT32,
     .quantifier_offset = AT(n_numbers),
     .offset = AT(numbers),
     .flags = PROTOBUF_C_FIELD_FLAG_PACKED},
    {.name = "a",
     .id = 3,
     .label = PROTOBUF_C_LABEL_NONE,
     .type = PROTOBUF_C_TYPE_UINT64,
     .quantifier_offset = AT(choice_case),
     .offset = AT(a),
     .flags = PROTOBUF_C_FIELD_FLAG_ONEOF},
    {.name = "b",
     .id = 4,
     .label = PROTOBUF_C_LABEL_NONE,
     .type = PROTOBUF_C_TYPE_STRING,
     .quantifier_offset = AT(choice_case),
     .offset = AT(b),
     .flags = PROTOBUF_C_FIELD_FLAG_ONEOF},
    {.name = "marks",
     .id = 5,
     .label = PROTOBUF_C_LABEL_REPEATED,
     .type = PROTOBUF_C_TYPE_FIXED64,
     .quantifier_offset = AT(n_marks),
     .offset = AT(marks),
     .flags = PROTOBUF_C_FIELD_FLAG_PACKED},
    {.name = "children",
     .id = 6,
     .label = PROTOBUF_C_LABEL_REPEATED,
     .type = PROTOBUF_C_TYPE_MESSAGE,
     .quantifier_offset = AT(n_children),
     .offset = AT(children),
     .descriptor = &node_descriptor},
    {.name = "weight",
     .id = 40,
     .label = PROTOBUF_C_LABEL_NONE,
     .type = PROTOBUF_C_TYPE_FLOAT,
     .offset = AT(weight)},
};

static const ProtobufCIntRange ranges[] = {{1, 0}, {40, 6}, {0, 7}};

const ProtobufCMessageDescriptor node_descriptor = {
    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
    .name = "test.Node",
    .short_name = "Node",
    .c_name = "Node",
    .package_name = "test",
    .sizeof_message = sizeof(struct node),
    .n_fields = sizeof fields / sizeof fields[0],
    .fields = fields,
    .n_field_ranges = 2,
    .field_ranges = ranges,
    .message_init = node_init,
};
