/* SPDX-License-Identifier: Apache-2.0
 *
 * A replica of aggregation's ledger, kept in a store of its own. A thread asks aggregation for the
 * changes after our cut and applies each batch in one transaction; too far behind, or on another
 * journal, it copies a snapshot:
 *
 *     EMPTY ──first page──▶ COPYING ──last page──▶ FOLLOWING ──changes──▶ FOLLOWING …
 *       ▲                      │ restart              │ other incarnation, or changes are gone
 *       └──────────────────────┴──────────────────────┘
 *
 * Pages of a snapshot have different cuts, so the copy is exact only once it has applied the
 * changes up to the cut of the last page (`ready_at`); values are absolute, so applying one twice
 * is harmless. While aggregation is away the replica answers from what it has. Libraries do not
 * log: news go to the owner.
 *
 * Changes are applied to a transaction that stays open, and is committed at the pace of
 * commit_pace.h.
 */
#ifndef HOSO_REPLICA_REPLICA_H
#define HOSO_REPLICA_REPLICA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cut.h"
#include "base/status.h"
#include "bus/bus.h"
#include "catalogue/catalogue.h"
#include "replica/changed_units.h"
#include "store/store.h"

enum replica_table {
    REPLICA_LEDGER, /* aggregation's records, as they are */
    REPLICA_STATE   /* one record: phase, cut, ready_at, catalogue version */
};
extern const char *const replica_tables[]; /* NULL-terminated, for store_open */

enum { REPLICA_SCHEMA = 6 };

enum replica_news {
    REPLICA_CONNECTED,  /* aggregation answers (again) */
    REPLICA_SILENT,     /* it does not answer, or its connection ended; asking again */
    REPLICA_REFUSED,    /* it answered with an error, or against the protocol */
    REPLICA_COPYING,    /* a snapshot begins: nothing can be answered until it is complete */
    REPLICA_READY,      /* answers are possible */
    REPLICA_OTHER_DAYS, /* they are not: our utc_offset_minutes is not that of the copy */
    REPLICA_CATALOGUE,  /* the copied catalogue cannot be read */
    REPLICA_FULL,       /* the store is full; trying again each second; news once a minute */
    REPLICA_ROOM,       /* there is room again */
    REPLICA_FAILED      /* the store failed; the thread has ended */
};

struct replica_options {
    struct store *store; /* opened with replica_tables, ours to write until replica_close */
    struct bus *bus;
    const char *endpoints;   /* aggregation's, or a list of several */
    const char *server_keys; /* Z85; one for all, or one each */
    /* All are called by the replica's thread, and news also by replica_begin's. What is applied is
     * seen by replica_visit, what is committed by replica_begin. */
    void (*applied)(void *context);
    void (*committed)(void *context);
    void (*news)(void *context, enum replica_news news, const char *detail);
    void *context;
};

struct replica_status {
    struct cut cut;
    bool ready;
    bool other_days; /* the copy's utc_offset_minutes is not ours */
    bool connected;
    bool full;                /* a batch waits for room */
    int64_t heard_ms;         /* clock_ms() of aggregation's last answer; at first, of the start */
    uint64_t source_position; /* aggregation's, when it last answered */
    uint64_t batches;         /* since start */
    uint64_t snapshots;
};

struct replica;
struct shared_catalogue;

/* One read transaction and the catalogue of the same cut. */
struct replica_view {
    struct store_txn txn;
    struct cut cut;
    const struct catalogue *catalogue; /* NULL = none was ever published */
    struct shared_catalogue *shared;
};

enum status replica_open(const struct replica_options *options, struct replica **ret_replica,
                         struct error *error) MUST_USE;
/* Ends and joins the thread. NULL-safe. */
void replica_close(struct replica *replica);
struct replica_status replica_status(struct replica *replica);
/* Why the copy answers nothing, as a sentence; NULL = it does. */
const char *replica_unready(const struct replica_status *status);

/* UNAVAILABLE = no complete copy of our days yet; CORRUPT, IO. After a failure the view is ended.
 * Any thread.
 */
enum status replica_begin(struct replica *replica, struct replica_view *ret_view) MUST_USE;
void replica_end(struct replica *replica, struct replica_view *view);

/* Lets the replica's thread show what is applied, committed or not, and which units changed since
 * `visit` last returned true: true = the caller knows now. The view is for reading and ends with
 * the call. Waits while a batch is being applied or committed. The set is one: for one caller. As
 * replica_begin. */
typedef bool replica_reader(void *context, struct replica_view *view,
                            const struct changed_units *changed);
enum status replica_visit(struct replica *replica, replica_reader *visit, void *context) MUST_USE;

/* The least position that a caller waits to see in replica_begin's views, UINT64_MAX = none: it is
 * committed as soon as it is applied. */
void replica_want(struct replica *replica, uint64_t position);

#endif
