/* SPDX-License-Identifier: Apache-2.0
 *
 * The outbox: a queue of event records under keys first, first + 1, … end − 1. A key's sequence is
 * key + offset, so numbering all of it anew writes one number. With a directory it is a store and
 * each commit one sync; without, it lives in memory and holds OUTBOX_MEMORY_ENTRIES. One thread.
 *
 *     dropped │ first … on their way …   waiting … end │ staged
 */
#ifndef HOSO_CLIENT_PUBLISHER_OUTBOX_H
#define HOSO_CLIENT_PUBLISHER_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"
#include "bus/bus.h"

enum { OUTBOX_MEMORY_ENTRIES = 16384, OUTBOX_STAGED_BYTES = 8 << 20 };
enum { OUTBOX_MAP_MIN = 4 << 20 }; /* a tenth of it must do for deleting what is acknowledged */

struct outbox;

struct outbox_options {
    const char *path; /* NULL = memory */
    uint64_t map_bytes;
    bool any_filesystem;
    uint8_t owner[BUS_KEY_SIZE]; /* public key of the publisher */
};

struct outbox_entry {
    uint64_t key;
    uint64_t tag;
    struct slice record; /* lives for the visit */
};

/* CONFLICT = it belongs to another key; else as store_open. */
enum status outbox_open(const struct outbox_options *options, struct outbox **ret_outbox,
                        struct error *error) MUST_USE;
void outbox_close(struct outbox *outbox); /* NULL-safe; what is staged is lost */

uint64_t outbox_first(const struct outbox *outbox);
uint64_t outbox_end(const struct outbox *outbox);
uint64_t outbox_sequence(const struct outbox *outbox, uint64_t key);
uint64_t outbox_key(const struct outbox *outbox, uint64_t sequence);
unsigned outbox_staged(const struct outbox *outbox);

/* FULL = commit first. */
enum status outbox_stage(struct outbox *outbox, uint64_t tag, struct slice record) MUST_USE;
/* Moves what is staged to the end and makes drops durable, with one sync. FULL = what is staged
 * stays staged; drops may be durable: when more can be dropped, another commit may find room. */
enum status outbox_commit(struct outbox *outbox) MUST_USE;
/* What is below `key` is no longer needed; durable with the next commit. */
void outbox_drop(struct outbox *outbox, uint64_t key);

/* Visits `count` entries from `key` on, until a visit returns false. */
typedef bool outbox_visit(void *context, const struct outbox_entry *entry);
enum status outbox_read(struct outbox *outbox, uint64_t key, uint32_t count, outbox_visit *visit,
                        void *context) MUST_USE;

/* Takes faulty ones out of `count` entries at the queue's front. The others move up against the
 * ones behind them, so that keys stay without a gap, and sequences too: the front keeps its
 * sequence. */
enum status outbox_remove(struct outbox *outbox, uint32_t count, const bool *faulty) MUST_USE;
/* Gives the queue's front this sequence. */
enum status outbox_renumber(struct outbox *outbox, uint64_t sequence) MUST_USE;

#endif
