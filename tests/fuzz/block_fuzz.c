/* SPDX-License-Identifier: Apache-2.0
 *
 * block_decode, on the bytes as they are and again with a checksum put right, which alone would
 * keep a fuzzer out. What is accepted must be what block_encode writes.
 */
#include <stdlib.h>
#include <xxhash.h>

#include "base/require.h"
#include "journal/block.h"

enum { CHECKSUM_SIZE = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_events(const struct block *block)
{
    struct reader payload = reader_of(block->payload);
    for (uint32_t i = 0; i < block->count && !payload.failed; i++) {
        struct event event;
        block_next_event(&payload, &event);
    }
    require(payload.failed || reader_done(&payload));
}

static void check(struct slice bytes)
{
    struct block block;
    const enum status status = block_decode(bytes, &block);
    if (status != STATUS_OK) {
        require(status == STATUS_CORRUPT || status == STATUS_VERSION);
        return;
    }
    struct buffer buffer;
    uint8_t hash[BLOCK_HASH_SIZE];
    buffer_init(&buffer, BLOCK_BYTES_MAX);
    block_encode(&block, &buffer, hash);
    require(slice_equal(buffer_slice(&buffer), bytes));
    buffer_fini(&buffer);
    if (block.kind == BLOCK_EVENTS) {
        read_events(&block);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(slice_of(data, size));
    if (size <= CHECKSUM_SIZE) {
        return 0;
    }
    uint8_t *sealed = malloc(size);
    require(sealed != NULL);
    memcpy(sealed, data, size);
    uint64_t sum = XXH3_64bits(data, size - CHECKSUM_SIZE);
    for (size_t i = 1; i <= CHECKSUM_SIZE; i++) {
        sealed[size - i] = (uint8_t)sum;
        sum >>= 8;
    }
    check(slice_of(sealed, size));
    free(sealed);
    return 0;
}
