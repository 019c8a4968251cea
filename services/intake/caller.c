/* SPDX-License-Identifier: Apache-2.0
 *
 * A request_id is field 1 of every request.
 */
#include "services/intake/caller.h"

#include "base/buffer.h"

enum { REQUEST_ID_TAG = 1 << 3 };

struct caller caller_of(const struct bus_message *message, uint64_t request_id)
{
    struct caller caller = {.peer_size = message->peer_size, .request_id = request_id};
    memcpy(caller.peer, message->peer, message->peer_size);
    return caller;
}

uint64_t caller_request_id(struct slice payload)
{
    struct reader reader = reader_of(payload);
    return reader_u8(&reader) == REQUEST_ID_TAG ? reader_varint(&reader) : 0;
}
