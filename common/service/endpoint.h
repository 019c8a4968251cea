/* SPDX-License-Identifier: Apache-2.0
 *
 * An endpoint answers requests: one ROUTER socket, a table of messages, a thread for quick work and
 * one for long work.
 *
 *     received ──▶ refused: malformed, unknown, no right, over a limit
 *              ──▶ waits for what its row's `wait` names ──┐ there, or its time is up
 *              ──▶ quick: handled by the endpoint's thread ◀┤
 *              ──▶ long: queued by key, handled in turn    ◀┘
 *     handled  ──▶ answered (endpoint_answer), failed (a status: an Error goes back), or left to
 *                  other code (`later`), which calls endpoint_answer_later
 *
 * Requests and replies are protobuf messages with their request_id in field 1 and one oneof, in
 * which the reply has its Error in field 15 (common.proto). A request that cannot be read is
 * answered with its own id.
 *
 * Bounds. A request that was not answered at once is under way until it is: per key and in all
 * there are limits in requests and in bytes. Answers that a peer has not taken are counted in bytes
 * until the library has sent or dropped them. A key over ENDPOINT_UNREAD_KEY is refused with BUSY
 * before anything is worked on, and above twice that gets nothing; its long work waits. One key's
 * long work never stands before another's: keys take turns. What a gateway asks counts for the
 * principal that it names, as if that had a key.
 *
 * Threads: all functions here belong to the owner before endpoint_start and after endpoint_join;
 * between them to the endpoint's thread (quick handlers, `turn`, `finish`), unless they say
 * otherwise. Memory of a request is one arena per thread, freed by the endpoint.
 */
#ifndef HOSO_SERVICE_ENDPOINT_H
#define HOSO_SERVICE_ENDPOINT_H

#include "service/endpoint_request.h"

enum {
    ENDPOINT_KEYS_MAX = 4096,        /* with something under way or unread */
    ENDPOINT_UNREAD_KEY = 16 << 20,  /* bytes of answers that one key's peers have not taken */
    ENDPOINT_UNREAD_ALL = 256 << 20, /* of all keys; above it only keys without any are served */
    ENDPOINT_TURN_MS = 1000          /* the endpoint's thread turns at least this often */
};

struct endpoint_limits {
    uint32_t request_bytes;  /* one */
    uint32_t queue_messages; /* received and not yet looked at, per connection */
    unsigned key_requests;   /* under way */
    unsigned all_requests;
    size_t key_bytes; /* of requests under way */
    size_t all_bytes;
    size_t reply_bytes; /* one */
    size_t arena_bytes; /* one request, unpacked, and its answer before it is packed */
};

/* Rows of the service's table of metrics; 0 = not counted. Errors are counted in METRIC_ERRORS. */
struct endpoint_metrics {
    unsigned requests; /* by row, and one more for those of no row */
    unsigned answers;  /* by row; errors are not */
    unsigned unsent;
    unsigned waiting;
};

struct endpoint_options {
    struct service *service;
    const char *listen;
    const struct endpoint_message *messages;
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *reply;
    struct endpoint_limits limits;
    struct endpoint_metrics metrics;
    void *context;
    struct bus_wake *wake;    /* signalled when a position moved or an answer came; NULL = none */
    struct bus_socket *other; /* polled, too; NULL = none */
    /* Called after every poll and every request; returns the clock_ms() of the next call that it
     * wants at the latest. NULL = nothing to do. */
    int64_t (*turn)(void *context);
    void (*finish)(void *context); /* after the stop, before the thread ends; NULL = nothing */
};

/* Binds. The options' strings and tables outlive it. */
enum status endpoint_open(const struct endpoint_options *options, struct endpoint **ret_endpoint,
                          struct error *error) MUST_USE;
enum status endpoint_start(struct endpoint *endpoint, struct error *error) MUST_USE;
void endpoint_join(struct endpoint *endpoint);  /* after the service began to stop; NULL-safe */
void endpoint_close(struct endpoint *endpoint); /* NULL-safe */
const char *endpoint_address(const struct endpoint *endpoint);
uint64_t endpoint_dropped(const struct endpoint *endpoint); /* messages; any thread */

/* The place of the caller's account among ENDPOINT_KEYS_MAX: what is under way with one place is of
 * one principal. */
unsigned endpoint_caller_place(const struct endpoint_caller *caller);
/* For `turn` and `finish`: answers what was left for later. */
void endpoint_answer_later(struct endpoint *endpoint, const struct endpoint_caller *caller,
                           ProtobufCMessage *reply);
void endpoint_fail_later(struct endpoint *endpoint, const struct endpoint_caller *caller,
                         enum status status, const char *field, const char *text);
/* The least position that a request waits for, UINT64_MAX = none. */
uint64_t endpoint_wanted(const struct endpoint *endpoint);

#endif
