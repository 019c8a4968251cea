/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the front and the writer: requests one way, answers the other.
 *
 *     front ──queue_push──▶ heap by turn ──queue_take──▶ batch ──▶ writer: one commit
 *     front ◀──queue_pop─── ring of answers ◀──queue_answer── writer, after the commit
 *
 * Keys take turns, by bytes: each request gets a turn when it comes, the later of the turn that is
 * served now and the end of its key's last one, so a key that sends much waits for itself and not
 * the others for it (start-time fair queueing). One key's requests keep their order. While the
 * writer commits one batch the next gathers; a batch is bounded, so whoever comes waits for two
 * commits of that size at most. There is no timer.
 *
 * At most QUEUE_REQUESTS_MAX requests are under way from push to pop, so the ring of answers
 * cannot overflow, and at most QUEUE_BYTES_MAX bytes of records wait; beyond either, push says
 * BUSY. How much of it one key may take is the endpoint's to say (QUEUE_KEY_REQUESTS_MAX,
 * QUEUE_KEY_BYTES_MAX).
 */
#ifndef HOSO_INTAKE_QUEUE_H
#define HOSO_INTAKE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "hoso/v1/publisher.pb-c.h"
#include "service/endpoint.h"
#include "services/intake/catalogue_ref.h"
#include "services/intake/uses.h"

enum {
    QUEUE_REQUESTS_MAX = 1024,
    QUEUE_BYTES_MAX = 64 << 20,
    QUEUE_KEY_REQUESTS_MAX = QUEUE_REQUESTS_MAX / 4,
    QUEUE_KEY_BYTES_MAX = QUEUE_BYTES_MAX / 4,
    QUEUE_BATCH_EVENTS = 2048, /* a batch ends with the request that goes beyond either */
    QUEUE_BATCH_BYTES = 2 << 20
};

enum request_kind { REQUEST_OPEN, REQUEST_APPEND, REQUEST_CATALOGUE, REQUEST_CLOSE };

struct writer_request {
    enum request_kind kind;
    struct endpoint_caller caller; /* `user` is the source, or the administrator */
    unsigned place;                /* endpoint_caller_place */
    uint64_t epoch;                /* Append */
    uint64_t first_sequence;
    uint32_t count;
    char space[BUS_NAME_MAX + 1];    /* Append: of the dossier codes */
    struct slice records;            /* Append, ClosePeriod; the queue keeps a copy */
    struct catalogue_ref *catalogue; /* PutCatalogue: parsed; one reference */
    uint64_t checked_by;             /* Append, ClosePeriod: catalogue_ref.number */
    struct uses_proof proof;         /* PutCatalogue: that what it drops is not used */
    uint64_t turn;                   /* the queue's own */
};

enum answer_kind { ANSWER_OPEN, ANSWER_APPEND, ANSWER_CATALOGUE, ANSWER_CLOSE, ANSWER_ERROR };

struct writer_answer {
    enum answer_kind kind;
    struct endpoint_caller caller;
    Hoso__V1__AppendResult result; /* Append */
    uint64_t epoch;                /* Open */
    uint64_t next_sequence;        /* Open, Append */
    uint64_t position;
    uint32_t count;                  /* Append: events journaled */
    uint64_t number;                 /* ClosePeriod */
    bool unchanged;                  /* PutCatalogue, ClosePeriod */
    struct catalogue_ref *catalogue; /* PutCatalogue: newly in force, one reference; or NULL */
    const char *field;               /* Error: static text */
    struct error error;              /* Error */
};

struct writer_batch {
    struct writer_request **requests;
    unsigned count;
    size_t bytes; /* records and catalogues */
};

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    struct writer_batch waiting;           /* a heap: first the one whose turn is next */
    struct writer_batch taken;             /* the writer's */
    uint64_t turn;                         /* that is served now */
    uint64_t key_turns[ENDPOINT_KEYS_MAX]; /* by place: the end of each key's last turn */
    struct writer_answer *answers;
    unsigned first_answer;
    unsigned answer_count;
    unsigned under_way;   /* pushed and not popped */
    bool closed;          /* no more pushes */
    bool finished;        /* no more answers */
    struct bus_wake wake; /* the front polls it: answers, or finished */
};

/* What counts against the bounds: the records or the catalogue. */
size_t writer_request_bytes(const struct writer_request *request);

enum status queue_init(struct queue *queue) MUST_USE;
void queue_fini(struct queue *queue); /* after queue_init failed, too */

/* Copies the request and its records. BUSY = full; CLOSED. The catalogue's reference moves to the
 * queue only if the result is OK. */
enum status queue_push(struct queue *queue, const struct writer_request *request) MUST_USE;
/* True with an answer, whose catalogue's reference moves to the caller. */
bool queue_pop(struct queue *queue, struct writer_answer *ret_answer);
bool queue_finished(struct queue *queue);
/* From any thread: queue_take still gives what was gathered, then NULL. */
void queue_close(struct queue *queue);

/* What is under way now; any thread. */
struct queue_load {
    unsigned requests;
    size_t bytes;
};
struct queue_load queue_load(struct queue *queue);

/* The writer's: frees the batch taken before, then waits for the next: at least one request, in
 * turn. NULL = closed and empty. */
const struct writer_batch *queue_take(struct queue *queue);
void queue_answer(struct queue *queue, const struct writer_answer *answers, unsigned count);
/* The writer's last call. Closes, so that pushes fail. */
void queue_finish(struct queue *queue);

#endif
