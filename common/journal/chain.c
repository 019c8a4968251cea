/* SPDX-License-Identifier: Apache-2.0
 *
 * Positions without a gap, and each block's `previous` is the hash of the one before.
 */
#include "journal/chain.h"

#include <inttypes.h>

enum status chain_follow(struct chain *chain, struct slice bytes, struct block *ret_block,
                         struct error *error)
{
    struct block block;
    const uint64_t expected = chain->position + 1;
    const enum status status = block_decode(bytes, &block);
    if (status != STATUS_OK) {
        return error_set(error, status, "the journal's block at position %" PRIu64 ": %s", expected,
                         status_text(status));
    }
    if (block.first_position != expected) {
        return error_set(error, STATUS_CORRUPT,
                         "the journal has position %" PRIu64 " where %" PRIu64 " must come",
                         block.first_position, expected);
    }
    if (memcmp(block.previous, chain->hash, BLOCK_HASH_SIZE) != 0) {
        return error_set(error, STATUS_CORRUPT,
                         "the journal's chain is broken: the block at position %" PRIu64
                         " does not follow the one before it",
                         expected);
    }
    chain->position += block.count;
    block_hash(bytes, chain->hash);
    *ret_block = block;
    return STATUS_OK;
}
