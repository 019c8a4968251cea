/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions and their answers, over a client's socket of its own: ask, wait, ask again. Questions
 * are sent in the order they were asked, as soon as there is a session, and once more in each
 * session that follows, until an answer with the request id came or the time is up; so a peer that
 * was restarted is asked at once.
 * Answers to what is not asked any more are dropped. A peer that is silent, and one that says
 * NOT_READY while the list has others, is left for the next.
 *
 * Every request and every reply has its `request_id` as field 1, and a reply has `error` as field
 * 15 of its oneof.
 */
#ifndef HOSO_BUS_EXCHANGE_H
#define HOSO_BUS_EXCHANGE_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "bus/link.h"
#include "hoso/v1/common.pb-c.h"

struct exchange;

struct exchange_options {
    struct bus *bus;
    const char *endpoints; /* as bus_connect takes them, and the keys */
    const char *server_keys;
    struct bus_limits limits;
    uint32_t request_bytes; /* the largest question */
    unsigned questions;     /* under way at once; 0 = one, and the next takes its place */
    size_t kept_bytes;      /* of several together */
    bool in_order;          /* a question's time begins with the answer to the one before */
    const ProtobufCMessageDescriptor *reply; /* of every answer */
};

enum exchange_news {
    EXCHANGE_NOTHING,
    EXCHANGE_ANSWERED,
    EXCHANGE_REFUSED,    /* the answer is an error */
    EXCHANGE_UNREADABLE, /* what came is no answer of this protocol: `error` says why */
    EXCHANGE_SILENT,     /* the question's time is up */
    EXCHANGE_LOST        /* a peer that had answered is gone; a question is asked again by itself */
};

/* After ANSWERED and REFUSED, and after SILENT the question; the memory is the arena's. */
struct exchange_answer {
    uint64_t question; /* the request's id */
    const ProtobufCMessage *reply;
    const Hoso__V1__Error *refusal;
};

/* INVALID names the endpoint. */
enum status exchange_open(const struct exchange_options *options, struct exchange **ret_exchange,
                          struct error *error) MUST_USE;
void exchange_close(struct exchange *exchange);                      /* NULL-safe */
struct bus_socket *exchange_socket(const struct exchange *exchange); /* to poll */

/* Gives the request its id and asks. It is SILENT after `answer_ms`; the time of a question that is
 * the only one is counted anew when it is sent again. TOO_LARGE = over `request_bytes`; BUSY = as
 * many as may be are under way. */
enum status exchange_ask(struct exchange *exchange, ProtobufCMessage *request,
                         int64_t answer_ms) MUST_USE;
unsigned exchange_asking(const struct exchange *exchange); /* questions under way */
/* Those asked from the one with this id on; 0 = all. */
void exchange_forget(struct exchange *exchange, uint64_t first);
/* When the next one is SILENT; INT64_MAX = none is asked. */
int64_t exchange_due_ms(const struct exchange *exchange);

/* One piece of news; call until NOTHING before polling. */
enum exchange_news exchange_take(struct exchange *exchange, struct arena *arena,
                                 struct exchange_answer *ret_answer, struct error *error);
/* For one question at a time: asks and waits for the answer, which is never NOTHING nor LOST. */
/* `refused_ms`: SILENT sooner, where the peer is known to be no use for so long: nothing listens,
 * its name is unknown, or it ends the handshake. */
enum exchange_news exchange_call(struct exchange *exchange, ProtobufCMessage *request,
                                 int64_t timeout_ms, int64_t refused_ms, struct arena *arena,
                                 struct exchange_answer *ret_answer, struct error *error);

/* The peer that is connected now has answered something. */
bool exchange_is_heard(const struct exchange *exchange);

/* The request's first field, and a reply's. */
void exchange_set_id(ProtobufCMessage *request, uint64_t id);
uint64_t exchange_id(const ProtobufCMessage *reply);
/* NULL = the reply is no error. */
const Hoso__V1__Error *exchange_refusal(const ProtobufCMessage *reply);

#endif
