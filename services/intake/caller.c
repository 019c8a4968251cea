/* SPDX-License-Identifier: Apache-2.0
 *
 * A copy, because the message is gone before the answer is there.
 */
#include "services/intake/caller.h"

#include <string.h>

struct caller caller_of(const struct bus_message *message, uint64_t request_id)
{
    struct caller caller = {.peer_size = message->peer_size, .request_id = request_id};
    memcpy(caller.peer, message->peer, message->peer_size);
    return caller;
}
