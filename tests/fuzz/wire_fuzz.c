/* SPDX-License-Identifier: Apache-2.0
 *
 * wire_unpack of every message that comes from another machine; the first byte says which. What is
 * accepted, packed and read again is the same message.
 */
#include "base/require.h"
#include "hoso/v1/journal.pb-c.h"
#include "hoso/v1/ledger.pb-c.h"
#include "hoso/v1/publisher.pb-c.h"
#include "hoso/v1/reporting.pb-c.h"
#include "hoso/v1/totals.pb-c.h"
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 64 << 20, PACKED_MAX = 16 << 20 };

static const ProtobufCMessageDescriptor *const messages[] = {
    &hoso__v1__intake_request__descriptor,    &hoso__v1__intake_reply__descriptor,
    &hoso__v1__journal_request__descriptor,   &hoso__v1__journal_reply__descriptor,
    &hoso__v1__ledger_request__descriptor,    &hoso__v1__ledger_reply__descriptor,
    &hoso__v1__reporting_request__descriptor, &hoso__v1__reporting_reply__descriptor,
    &hoso__v1__feed_message__descriptor,
};
enum { MESSAGES = sizeof messages / sizeof messages[0] };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buffer packed, again;
    ProtobufCMessage *message = NULL;
    struct error error;
    if (size == 0) {
        return 0;
    }
    const ProtobufCMessageDescriptor *descriptor = messages[data[0] % MESSAGES];
    arena_init(&arena, ARENA_BYTES);
    buffer_init(&packed, PACKED_MAX);
    buffer_init(&again, PACKED_MAX);
    const enum status status =
        wire_unpack(descriptor, slice_of(data + 1, size - 1), &arena, &message, &error);
    if (status == STATUS_OK) {
        wire_pack(message, &packed);
        require(buffer_status(&packed) == STATUS_OK);
        require(wire_unpack(descriptor, buffer_slice(&packed), &arena, &message, &error) ==
                STATUS_OK);
        wire_pack(message, &again);
        require(slice_equal(buffer_slice(&packed), buffer_slice(&again)));
    } else {
        require(status == STATUS_INVALID || status == STATUS_TOO_LARGE);
        require(error.text[0] != '\0');
    }
    buffer_fini(&packed);
    buffer_fini(&again);
    arena_fini(&arena);
    return 0;
}
