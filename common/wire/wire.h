/* SPDX-License-Identifier: Apache-2.0
 *
 * protobuf from outside, safely: a linear scan of the bytes against the message's descriptor (size,
 * depth, unknown fields, singular fields given twice, counts, text lengths, UTF-8 without control
 * characters), then protobuf-c unpacks into a bounded arena. Pure.
 */
#ifndef HOSO_WIRE_WIRE_H
#define HOSO_WIRE_WIRE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

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

/* One step of the way from the message to the field at fault. */
struct wire_step {
    const ProtobufCFieldDescriptor *field;
    uint32_t index; /* of a repeated field */
};

/* Why a message was refused, and where: `depth` steps, 0 = the message itself. */
struct wire_fault {
    const ProtobufCMessageDescriptor *descriptor;
    struct wire_step path[WIRE_DEPTH_MAX];
    unsigned depth;
    const char *why; /* static text */
};

/* INVALID = the message is refused; TOO_LARGE = the message or what it needs is over a limit. Both
 * fill the fault. The message and all it points to live in the arena. */
enum status wire_unpack_fault(const ProtobufCMessageDescriptor *descriptor, struct slice bytes,
                              struct arena *arena, ProtobufCMessage **ret_message,
                              struct wire_fault *ret_fault) MUST_USE;
/* The same, with the fault as a sentence ("append.events[17].dossier: not UTF-8"). */
enum status wire_unpack(const ProtobufCMessageDescriptor *descriptor, struct slice bytes,
                        struct arena *arena, ProtobufCMessage **ret_message,
                        struct error *error) MUST_USE;
/* Writes the steps from `from` on as "append.events[17].dossier"; returns the bytes written. */
size_t wire_fault_path(const struct wire_fault *fault, unsigned from, char *path, size_t size);
/* Fills the error with the fault's sentence and returns `status`. */
enum status wire_fault_error(const struct wire_fault *fault, enum status status,
                             struct error *error);

/* Looks for a number in a message that may be malformed: `numbers` are the fields to go through,
 * the last one is the number's. False = not found before the bytes end or break. */
bool wire_find_number(struct slice bytes, const uint32_t *numbers, unsigned count,
                      uint64_t *ret_number);

/* The bytes of the packed message, and the packing itself into as many. */
size_t wire_packed_size(const ProtobufCMessage *message);
void wire_pack_into(const ProtobufCMessage *message, uint8_t *data, size_t size);
/* Appends the packed message; passing the buffer's maximum makes it TOO_LARGE (sticky). */
void wire_pack(const ProtobufCMessage *message, struct buffer *buffer);

#endif
