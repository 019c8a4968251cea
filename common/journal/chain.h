/* SPDX-License-Identifier: Apache-2.0
 *
 * Following the journal's chain from its first block on: all code that reads the journal anew (a
 * recount, a backup, a restore) trusts nothing but this. Pure.
 */
#ifndef HOSO_JOURNAL_CHAIN_H
#define HOSO_JOURNAL_CHAIN_H

#include "journal/block.h"

/* The last block that was followed. All zeros: before the first one. */
struct chain {
    uint64_t position; /* of its last event or catalogue */
    uint8_t hash[BLOCK_HASH_SIZE];
};

/* The block is whole, and follows: the chain moves on to it. CORRUPT or VERSION names the position,
 * and the chain stays where it was. */
enum status chain_follow(struct chain *chain, struct slice bytes, struct block *ret_block,
                         struct error *error) MUST_USE;

#endif
