/* SPDX-License-Identifier: Apache-2.0
 *
 * From the JSON form of a message to its bytes, as far as the messages of the totals feed need it:
 * names of one word, 64-bit numbers as text or not, enums by name.
 */
#ifndef HOSO_TESTS_UNIT_CLIENT_JSON_MESSAGE_H
#define HOSO_TESTS_UNIT_CLIENT_JSON_MESSAGE_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "base/buffer.h"

/* False: something in it is not of the message. */
bool json_message_pack(const ProtobufCMessageDescriptor *descriptor, const json_t *json,
                       struct buffer *buffer);

#endif
