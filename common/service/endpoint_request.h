/* SPDX-License-Identifier: Apache-2.0
 *
 * What an endpoint (endpoint.h) and the handlers of its messages say to each other: the row of a
 * message, the request at work, and the ways to answer it.
 */
#ifndef HOSO_SERVICE_ENDPOINT_REQUEST_H
#define HOSO_SERVICE_ENDPOINT_REQUEST_H

#include "base/arena.h"
#include "base/cut.h"
#include "service/service.h"
#include "wire/wire.h"

#define ENDPOINT_ROLE(role) (1u << (role))
#define ENDPOINT_ANYONE                                                                    \
    (ENDPOINT_ROLE(ROLE_SOURCE) | ENDPOINT_ROLE(ROLE_AGENCY) | ENDPOINT_ROLE(ROLE_ADMIN) | \
     ENDPOINT_ROLE(ROLE_SERVICE))
/* And a gateway for itself: what says nothing about a unit. */
#define ENDPOINT_ANYONE_AND_GATEWAY (ENDPOINT_ANYONE | ENDPOINT_ROLE(ROLE_GATEWAY))

enum endpoint_lane { ENDPOINT_QUICK, ENDPOINT_LONG };

struct endpoint;
struct endpoint_account;

/* Who waits for an answer: a copy of it names the request until it is answered. */
struct endpoint_caller {
    struct endpoint_account *account;
    uint64_t request_id;
    uint64_t received_us; /* clock_us() */
    size_t bytes;         /* of the request */
    bool under_way;
    uint8_t peer_size;
    uint8_t peer[BUS_IDENTITY_MAX];
    char key[BUS_NAME_MAX + 1];  /* its name in the registry */
    char user[BUS_NAME_MAX + 1]; /* the principal: the key's name, or the one for whom a gateway
                                    asks; `account` is the principal's */
};

/* A request at work. */
struct endpoint_request {
    struct endpoint *endpoint;
    void *context;                          /* the options' */
    const struct endpoint_message *message; /* its row; NULL = none is known */
    const ProtobufCMessage *wire;           /* NULL = it could not be read */
    struct slice bytes;                     /* as they came */
    struct endpoint_caller caller;
    const struct principal *principal; /* a copy, in the arena */
    struct arena *arena;
    enum endpoint_lane lane; /* whose thread this is */
    bool late;               /* what it waits for is not there, and it may not wait any longer */
    struct error error;      /* of a failure; without a text the status's own is sent */
    const char *field;       /* of a failure: its place in the request; static, or in the arena */
    bool answered;           /* the endpoint's own, like the next one */
    bool deferred;
};

/* OK = answered, deferred or left to other code; else an Error with the matching code is sent.
 */
typedef enum status endpoint_handler(struct endpoint_request *request);

/* What a request needs before it is handled, and how long it may wait. */
struct endpoint_wait {
    struct cut cut;
    uint32_t wait_ms;
};

/* A row of a service's table of messages, which ends with body 0. */
struct endpoint_message {
    uint32_t body; /* number in the oneof of the request */
    const char *name;
    const char *task; /* what it is for, in the words of people: "publishing"; NULL = the name */
    unsigned roles;   /* ENDPOINT_ROLE bits */
    enum endpoint_lane lane;
    endpoint_handler *handle;
    bool later; /* its answer may come from other code: it is under way before it is handled */
    /* NULL = it waits for nothing. A failure is answered. */
    enum status (*wait)(struct endpoint_request *request, struct endpoint_wait *ret_wait);
    bool (*reached)(void *context, struct cut wanted);
    /* May answer a refusal in its own way and return OK; the fault is NULL if it was readable. */
    enum status (*refuse)(struct endpoint_request *request, enum status why,
                          const struct wire_fault *fault);
};

/* For handlers, in their thread. `reply` is of the reply's type; its request_id is set here. */
enum status endpoint_answer(struct endpoint_request *request, ProtobufCMessage *reply);
/* Fills the request's error and field and returns the status. */
enum status endpoint_fail(struct endpoint_request *request, enum status status, const char *field,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));
/* A quick handler found the work to be long: it is called again in the long lane. */
enum status endpoint_defer(struct endpoint_request *request);
enum status endpoint_status(struct endpoint_request *request); /* the handler of Status */

#endif
