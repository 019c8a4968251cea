/* SPDX-License-Identifier: Apache-2.0
 *
 * A message type with everything that our own avoid, as protoc-c would generate it:
 *
 *     message Node {
 *         Node child = 1;
 *         repeated uint32 numbers = 2;   // packed
 *         oneof choice { uint64 a = 3; string b = 4; }
 *         repeated fixed64 marks = 5;    // packed
 *         repeated Node children = 6;
 *         float weight = 40;
 *     }
 */
#ifndef HOSO_TESTS_UNIT_WIRE_NODE_H
#define HOSO_TESTS_UNIT_WIRE_NODE_H

#include <protobuf-c/protobuf-c.h>

struct node {
    ProtobufCMessage base;
    struct node *child;
    size_t n_numbers;
    uint32_t *numbers;
    int choice_case;
    union {
        uint64_t a;
        char *b;
    };
    size_t n_marks;
    uint64_t *marks;
    size_t n_children;
    struct node **children;
    float weight;
};

extern const ProtobufCMessageDescriptor node_descriptor;

#endif
