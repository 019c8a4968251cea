/* SPDX-License-Identifier: Apache-2.0
 *
 * The replica's store side: which question comes next, and what an answer does to the copy. One
 * thread. It knows nothing of sockets and clocks, so tests drive it by hand.
 */
#ifndef HOSO_REPLICA_COPY_H
#define HOSO_REPLICA_COPY_H

#include "base/cut.h"
#include "base/derivation.h"
#include "base/status.h"
#include "hoso/v1/ledger.pb-c.h"
#include "replica/changed_units.h"
#include "store/store.h"

enum {
    COPY_PAGE_BYTES = 1 << 20,    /* asked for; small entries stay below WIRE_REPEATED_MAX */
    COPY_COMMIT_BYTES = 16 << 20, /* whole batches share a transaction up to this */
    COPY_WAIT_MS = 2000           /* long poll */
};

enum copy_phase { COPY_EMPTY, COPY_COPYING, COPY_FOLLOWING };

struct copy_state {
    enum copy_phase phase;
    struct derivation derivation; /* of the snapshot */
    struct cut cut;
    uint64_t ready_at;          /* exact from this position on */
    uint64_t catalogue_version; /* grows with every change of the catalogue's record */
};

struct copy {
    struct store *store;
    struct copy_state state;   /* durable */
    struct copy_state pending; /* what is applied: the open transaction will make it durable */
    uint64_t catalogues;       /* the last version given: no number is used twice */
    struct store_txn txn;
    size_t txn_bytes;
    uint64_t batch_to; /* of the batch whose parts are coming in */
    uint32_t next_part;
    bool open;     /* txn is */
    bool in_batch; /* more parts must follow */
    bool start_over;
    size_t after_size; /* last key of the snapshot so far */
    uint8_t after_key[STORE_KEY_MAX];
    uint64_t batches;
    uint64_t commits;
    uint64_t snapshots;
    struct changed_units *changed; /* collects what is applied; NULL = not collected */
};

/* The durable state as `txn` sees it. CORRUPT. */
enum status copy_read_state(struct store_txn *txn, struct copy_state *ret_state) MUST_USE;
bool copy_is_ready(const struct copy_state *state);
/* Was it counted in other local days than this process has? Then its figures mean other days. */
bool copy_has_other_days(const struct copy_state *state);

enum status copy_init(struct copy *copy, struct store *store) MUST_USE;
/* Drops what is not committed; the next question asks for it again. */
void copy_abandon(struct copy *copy);

/* The next question; its parts live in `ret_request`. */
struct copy_request {
    Hoso__V1__LedgerRequest message;
    Hoso__V1__ChangesRequest changes;
    Hoso__V1__SnapshotRequest snapshot;
    Hoso__V1__Derivation derivation;
};
void copy_next_request(struct copy *copy, struct copy_request *ret_request);

/* Takes an answer in. `ret_moved` = whole batches were applied, or a page, committed. CONFLICT =
 * against the protocol and UNAVAILABLE = nothing to copy there yet: abandoned, ask again later;
 * FULL = rejected by the store, likewise; else the store failed. */
enum status copy_take_changes(struct copy *copy, const Hoso__V1__ChangesReply *reply,
                              bool *ret_moved) MUST_USE;
enum status copy_take_page(struct copy *copy, const Hoso__V1__SnapshotReply *page,
                           bool *ret_moved) MUST_USE;
/* The changes collected so far were read in the copy. Those of a batch whose parts are coming in
 * are not in it yet, so while there is one nothing is forgotten. */
void copy_forget_changes(struct copy *copy);
/* Whole batches are applied and not committed; never beside a part of one. */
bool copy_is_pending(const struct copy *copy);
/* Commits them. A failure drops them: FULL = ask again later; else the store failed. */
enum status copy_commit(struct copy *copy) MUST_USE;

#endif
