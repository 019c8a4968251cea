/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal's record: a block. One Append, one catalogue, one close makes one block. Blocks
 * form a chain: each carries the BLAKE2b-256 of the whole block before it, and ends in the XXH3-64
 * of all its own bytes. Layout: docs/journal-format.md. Pure: storing is the business of intake.
 */
#ifndef HOSO_JOURNAL_BLOCK_H
#define HOSO_JOURNAL_BLOCK_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"
#include "event/event.h"

enum {
    BLOCK_EVENTS_MAX = 4096,
    BLOCK_BYTES_MAX = 17 << 20, /* a catalogue is the largest */
    BLOCK_HEAD_SIZE = 80,
    BLOCK_HASH_SIZE = 32
};

enum block_kind { BLOCK_EVENTS = 1, BLOCK_CATALOGUE = 2, BLOCK_CLOSE = 3 };

struct block {
    enum block_kind kind;
    uint64_t first_position;
    uint32_t count; /* positions it takes: its events, or 1 */
    int64_t journaled_at_ms;
    struct slice source;               /* who sent it: publisher or administrator */
    struct slice space;                /* of events: whose dossier codes; empty = the source's name,
                                          which it is after decoding */
    uint64_t epoch;                    /* of events with sequences, else 0 */
    uint64_t first_sequence;           /* likewise */
    uint8_t previous[BLOCK_HASH_SIZE]; /* zeros in the first block */
    struct slice payload; /* `count` event records, each a varint length and its bytes; or a packed
                             hoso.v1.Catalogue; or a close (close.h) */
};

/* Appends the whole block with its checksum to the buffer, and gives its hash. A block over
 * BLOCK_BYTES_MAX makes the buffer TOO_LARGE and gives no hash; numbers that no block may have are
 * a broken invariant. */
void block_encode(const struct block *block, struct buffer *buffer,
                  uint8_t ret_hash[BLOCK_HASH_SIZE]);

/* Parses and checks the checksum; slices point into `bytes`. CORRUPT or VERSION. */
enum status block_decode(struct slice bytes, struct block *ret_block) MUST_USE;

/* The size of the whole block that begins with these bytes, at least BLOCK_HEAD_SIZE of them, for
 * those who read one block after the other. CORRUPT or VERSION. */
enum status block_size(const uint8_t *head, size_t *ret_size) MUST_USE;

/* The kind that the bytes name, without any check; 0 = too few bytes. */
unsigned block_kind_of(struct slice bytes);

void block_hash(struct slice bytes, uint8_t ret_hash[BLOCK_HASH_SIZE]);

/* Appends an event that has passed event_check to a payload. */
void block_put_event(struct buffer *payload, const struct event *event);

/* Takes the next event record of a block's payload: a reader over the payload gives `count` of
 * them. A damaged record fails the reader and leaves the event untouched. */
void block_next_event(struct reader *payload, struct event *ret_event);

#endif
