/* SPDX-License-Identifier: Apache-2.0
 *
 * close_decode: only the bytes that close_encode gives are accepted.
 */
#include "base/require.h"
#include "journal/close.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct close close;
    struct buffer buffer;
    if (close_decode(slice_of(data, size), &close)) {
        buffer_init(&buffer, CLOSE_BYTES_MAX);
        close_encode(&close, &buffer);
        require(slice_equal(buffer_slice(&buffer), slice_of(data, size)));
        buffer_fini(&buffer);
    }
    return 0;
}
