/* SPDX-License-Identifier: Apache-2.0
 *
 * event_decode: bytes fail, or are the very record of the event they decode to.
 */
#include "base/require.h"
#include "event/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader reader = reader_of(slice_of(data, size));
    struct event event;
    event_decode(&reader, &event);
    if (reader.failed) {
        return 0;
    }
    struct buffer buffer;
    buffer_init(&buffer, EVENT_RECORD_MAX);
    event_encode(&event, &buffer);
    require(buffer_status(&buffer) == STATUS_OK);
    require(slice_equal(buffer_slice(&buffer), slice_of(data, size - reader_left(&reader))));
    buffer_fini(&buffer);
    return 0;
}
