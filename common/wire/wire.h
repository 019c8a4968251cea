/* SPDX-License-Identifier: Apache-2.0
 *
 * protobuf from outside, safely: a linear scan of the bytes against the message's descriptor (size,
 * depth, unknown fields, singular fields given twice, counts, text lengths, UTF-8 without control
 * characters), then protobuf-c unpacks into a bounded arena. Pure.
 */
#ifndef HOSO_WIRE_WIRE_H
#define HOSO_WIRE_WIRE_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"

enum {
    WIRE_DEPTH_MAX = 6,
    WIRE_TEXT_MAX = 4096,     /* bytes of one string field */
    WIRE_UNKNOWN_MAX = 16,    /* unknown fields of one message (a newer peer), skipped */
    WIRE_REPEATED_MAX = 65536 /* entries of one repeated field */
};

/* INVALID names the field and why ("append.events[17].dossier: not UTF-8"); TOO_LARGE = arena full.
 * The message and all it points to live in the arena. */
enum status wire_unpack(const ProtobufCMessageDescriptor *descriptor, struct slice bytes,
                        struct arena *arena, ProtobufCMessage **ret_message,
                        struct error *error) MUST_USE;

/* Appends the packed message; passing the buffer's maximum makes it TOO_LARGE (sticky). */
void wire_pack(const ProtobufCMessage *message, struct buffer *buffer);

#endif
