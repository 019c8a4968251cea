/* SPDX-License-Identifier: Apache-2.0
 *
 * Aggregation: follows the journal, folds it into the ledger, and serves the ledger to replicas.
 * The journal reader's thread writes, the endpoint's threads read; they share the store, what the
 * aggregate publishes to other threads, and a wake-up whenever something was applied or committed.
 */
#ifndef HOSO_AGGREGATION_AGGREGATION_H
#define HOSO_AGGREGATION_AGGREGATION_H

#include <pthread.h>
#include <stdatomic.h>

#include "aggregate/aggregate.h"
#include "aggregate/tables.h"
#include "hoso/v1/ledger.pb-c.h"
#include "service/endpoint.h"

enum {
    LEDGER_REQUEST_BYTES_MAX = 1 << 20,
    LEDGER_REPLY_BYTES_MAX = 32 << 20,
    LEDGER_ARENA_BYTES = 64 << 20,
    LEDGER_QUEUE = 16, /* messages each way, per peer */
    JOURNAL_REPLY_BYTES_MAX = 20 << 20,
    JOURNAL_WAIT_MS = 5000,    /* long poll */
    JOURNAL_GRACE_MS = 3000,   /* beyond it the question is asked again */
    LEDGER_REQUESTS_MAX = 256, /* under way */
    LEDGER_KEY_REQUESTS_MAX = 64,
    PAGE_BYTES_DEFAULT = 1 << 20,
    PAGE_BYTES_MAX = 8 << 20,
    WAIT_MS_MAX = 10000,
    SCAN_WAIT_MS = 5000, /* below what reporting waits for an answer */
    SCAN_LIMIT_MAX = 1000,
    SCAN_UNITS_MAX = 65536,
    SCAN_STEPS_MAX = 4000, /* records looked at for one page, unless one unit has more: */
    SCAN_UNIT_STEPS_MAX = 400000,
    COUNT_STEPS_MAX = 200000 /* records counted for one page */
};

struct aggregation_settings {
    struct service_settings service;
    const char *journal;
    const char *journal_key;
    int64_t change_log_bytes;
};

/* What intake last did. */
enum intake_link { INTAKE_UNHEARD, INTAKE_ANSWERS, INTAKE_REFUSES, INTAKE_SILENT };

struct aggregation {
    struct service *service;
    struct store *store;
    struct aggregate *aggregate;
    struct bus_wake progress; /* something was applied or committed */
    pthread_t reader;
    struct endpoint *endpoint;
    int64_t next_check_ms;        /* of the store's reader table; of the endpoint's thread */
    _Atomic uint64_t journal_end; /* as intake last said */
    _Atomic uint64_t complete_at; /* below it we are still counting: as intake first said, or where
                                   * another derivation stood */
    atomic_bool recounting;       /* what another derivation had counted, up to there */
    _Atomic enum intake_link intake;
    atomic_bool full; /* a batch waits for room */
    struct bus_wake commit_wanted;
    _Atomic uint64_t wanted; /* a position that a request waits to see committed */
};

/* The service's life, for service_run. */
enum status aggregation_check(const void *settings, struct error *error);
enum status aggregation_start(struct service *service, struct error *error);
void aggregation_stop(struct service *service);

void *aggregation_reader_main(void *aggregation); /* intake_reader.c */

/* The messages of main.c's table, and what they wait for: changes, until something was applied;
 * scans, until the position is committed that the asker has seen. */
extern const struct endpoint_message ledger_messages[];
endpoint_handler serve_changes, serve_snapshot, serve_dossiers, serve_quality, serve_open_dossiers,
    serve_life;
enum status serve_wait_changes(struct endpoint_request *request, struct endpoint_wait *ret_wait);
bool serve_applied(void *aggregation, struct cut wanted);
enum status serve_wait_committed(struct endpoint_request *request, struct endpoint_wait *ret_wait);
bool serve_committed(void *aggregation, struct cut wanted);

enum status serve_open(struct aggregation *aggregation, struct error *error) MUST_USE;

/* Answers one request inside one read transaction: fills `reply` (memory of the arena or of the
 * transaction). A failure fills `error`. */
struct answer {
    struct aggregation *aggregation;
    struct store_txn *txn;
    struct arena *arena;
    const Hoso__V1__LedgerRequest *request;
    Hoso__V1__LedgerReply *reply;
    struct error *error;
};

enum status answer_changes(struct answer *answer);
enum status answer_snapshot(struct answer *answer);
enum status answer_dossiers(struct answer *answer);
enum status answer_quality(struct answer *answer);
enum status answer_open(struct answer *answer);
enum status answer_life(struct answer *answer);

/* Adds the findings of the kind and dossier of `first` to the page, which has room for
 * SCAN_LIMIT_MAX. */
enum status findings_of(struct answer *answer, const struct finding_line *first,
                        Hoso__V1__QualityPage *page) MUST_USE;

/* Does the replica ask for changes of numbers that were made otherwise? */
bool replication_other_derivation(const Hoso__V1__ChangesRequest *request);

/* What was counted does not reach to where the journal ended when we started: half of it must not
 * pass for all. */
bool still_counting(const struct answer *answer);

/* The cut as a message. TOO_LARGE = arena full. */
enum status cut_message(struct answer *answer, struct cut cut,
                        Hoso__V1__Cut **ret_message) MUST_USE;

/* Continuations of pages: the key to go on from, in hexadecimal. NULL = arena full; INVALID = not
 * one of ours. */
char *token_of(struct arena *arena, struct slice key);
enum status token_parse(struct answer *answer, const char *token, size_t max,
                        struct slice *ret_key) MUST_USE;

#endif
