/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sources of the endpoint share: accounts of keys (endpoint_account.c), requests that wait
 * (endpoint_waiting.c), the long lane (endpoint_lane.c), and the endpoint itself (endpoint.c).
 */
#ifndef HOSO_SERVICE_ENDPOINT_INTERNAL_H
#define HOSO_SERVICE_ENDPOINT_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "service/endpoint.h"

/* Accounts: what each key has under way, and what its peers have not read. */

struct endpoint_book;

struct endpoint_account {
    struct endpoint_book *book;
    char name[BUS_NAME_MAX + 1];
    unsigned requests; /* under way; of the endpoint's thread, like the next one */
    size_t bytes;
    uint64_t served; /* the lane's: when it last had its turn */
    _Atomic size_t unread;
};

/* Outlives the endpoint while the library holds answers. */
struct endpoint_book {
    atomic_uint references;
    _Atomic size_t unread;
    struct bus_wake eased; /* signalled when long work that was held back may run */
    struct endpoint_account accounts[ENDPOINT_KEYS_MAX];
};

struct endpoint_book *endpoint_book_new(void); /* NULL = no memory or no file descriptor */
void endpoint_book_drop(struct endpoint_book *book);
/* The account of a name, made if there is none; NULL = every place is taken. */
struct endpoint_account *endpoint_account_find(struct endpoint_book *book, const char *name);
/* Its peers have taken enough to be sent more. Any thread. */
bool endpoint_account_reads(const struct endpoint_account *account);

/* One packed answer, counted in its account from here until it is freed. */
struct endpoint_answer {
    struct endpoint_account *account;
    bool mapped;
    size_t size;
    uint8_t data[];
};

/* How the table's end counts: requests that are none of its messages. */
unsigned endpoint_other_message(const struct endpoint_options *options);

/* NULL = no memory. Any thread. */
struct endpoint_answer *endpoint_answer_new(struct endpoint_account *account, size_t size);
void endpoint_answer_free(void *data, void *answer); /* a bus_release */

/* A request kept until it can be handled. */
struct endpoint_job {
    struct endpoint_job *next;
    const struct endpoint_message *message;
    struct endpoint_caller caller;
    struct cut cut; /* waited for */
    int64_t deadline_ms;
    bool late;
    struct slice bytes; /* the request as it came: `data` */
    uint8_t data[];
};

/* NULL = no memory. */
struct endpoint_job *endpoint_job_new(const struct endpoint_request *request);
/* Moves the peer's jobs from one list to another. */
void endpoint_jobs_take(struct endpoint_job **list, const struct endpoint_caller *peer,
                        struct endpoint_job **taken);

/* The long lane: jobs in, answers out through a place for one. */
struct endpoint_lane_worker {
    pthread_t thread;
    bool running;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct endpoint_job *first; /* in the order they came */
    struct endpoint_job **last;
    uint64_t turn;
    bool ending;
    bool has_result;
    struct endpoint_caller caller; /* of the result */
    struct endpoint_answer *result;
    struct bus_wake done; /* a result waits */
    struct arena arena;   /* the lane's thread's */
};

struct endpoint {
    struct endpoint_options options;
    struct bus_socket *socket;
    struct endpoint_book *book;
    struct arena arena;
    unsigned requests; /* under way, of all keys */
    size_t bytes;
    struct endpoint_job *waiting;
    unsigned waiting_count;
    struct endpoint_job *due; /* taken from there, to be handled next */
    pthread_t thread;
    bool running;
    _Atomic int64_t turned_ms;
    struct endpoint_lane_worker lane;
};

enum status endpoint_lane_init(struct endpoint *endpoint) MUST_USE;
enum status endpoint_lane_start(struct endpoint *endpoint) MUST_USE;
void endpoint_lane_end(struct endpoint *endpoint);  /* ends the thread after the job at work */
void endpoint_lane_fini(struct endpoint *endpoint); /* ends it and drops what waits */
void endpoint_lane_push(struct endpoint *endpoint, struct endpoint_job *job);
/* Sends the result, if there is one. */
void endpoint_lane_collect(struct endpoint *endpoint);
void endpoint_lane_take(struct endpoint *endpoint, const struct endpoint_caller *peer,
                        struct endpoint_job **taken);
/* Looks again for a job that may run. */
void endpoint_lane_kick(struct endpoint *endpoint);

/* Keeps the job until its position is reached or its deadline. */
void endpoint_waiting_add(struct endpoint *endpoint, struct endpoint_job *job);
/* Makes the jobs `due` whose position is reached or whose time is up; these are marked late. */
void endpoint_waiting_end(struct endpoint *endpoint, int64_t now_ms);
void endpoint_waiting_take(struct endpoint *endpoint, const struct endpoint_caller *peer,
                           struct endpoint_job **taken);
int64_t endpoint_waiting_deadline(const struct endpoint *endpoint); /* INT64_MAX = none */
void endpoint_waiting_fini(struct endpoint *endpoint);

/* A message that was received: handles, keeps or refuses it. */
void endpoint_take_in(struct endpoint *endpoint, const struct bus_message *message);
/* Begins the request again in the arena, handles it, and answers its failure if it failed. In the
 * lane's thread or the endpoint's. */
void endpoint_handle_job(struct endpoint *endpoint, const struct endpoint_job *job,
                         enum endpoint_lane lane, struct arena *arena);
/* Sends, and the request is not under way any more. The answer may be NULL: lost. */
void endpoint_send(struct endpoint *endpoint, struct endpoint_caller *caller,
                   struct endpoint_answer *answer);
/* Answers with the request's error. */
void endpoint_give_error(struct endpoint_request *request, enum status status);
/* Hands an answer of the lane's thread over to the endpoint's. */
void endpoint_lane_result(struct endpoint *endpoint, const struct endpoint_caller *caller,
                          struct endpoint_answer *answer);

#endif
