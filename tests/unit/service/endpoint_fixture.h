/* SPDX-License-Identifier: Apache-2.0
 *
 * An endpoint on loopback with the ledger's messages, each handled in one of the ways there are,
 * and peers of three keys: alice and bob may ask, carol may not. Nothing waits for a time to pass:
 * every wait is for an event, with a deadline after which the test fails.
 */
#ifndef HOSO_TESTS_UNIT_SERVICE_ENDPOINT_FIXTURE_H
#define HOSO_TESTS_UNIT_SERVICE_ENDPOINT_FIXTURE_H

#include <semaphore.h>
#include <stdatomic.h>

#include "hoso/v1/ledger.pb-c.h"
#include "service/endpoint.h"
#include "service/observe.h"
#include "service/service_internal.h"

enum {
    DEADLINE_MS = 10000,
    KEY_REQUESTS = 4,
    ALL_REQUESTS = 6,
    REPLY_BYTES = 2 << 20,
    SERVED_MAX = 64
};

enum user { ALICE, BOB, CAROL, USERS };

struct world {
    struct running running;
    char path[64]; /* of the registry */
    struct bus_keys server_keys;
    struct bus_keys keys[USERS];
    struct bus *buses[USERS];
    struct endpoint *endpoint;
    struct bus_wake moved;
    _Atomic uint64_t position;
    atomic_bool gated; /* each long work waits for the gate once */
    sem_t gate;
    struct endpoint_caller kept[SERVED_MAX]; /* of the endpoint's thread */
    unsigned kept_count;
    atomic_bool answer_kept;
    atomic_uint begun;       /* long work */
    char served[SERVED_MAX]; /* first letters of the names whose long work began */
};

/* For cmocka: `*state` is the world. */
int endpoint_world_begin(void **state);
int endpoint_world_end(void **state);
/* Stops the service and joins the endpoint. */
void endpoint_world_stop(struct world *world);

/* `queue` messages wait at most at the peer's side. */
struct bus_socket *connect_as(struct world *world, enum user user, uint32_t queue);

/* Requests. A page asks for an answer of so many bytes. */
void ask_changes(struct bus_socket *peer, uint64_t id, uint64_t after, uint32_t wait_ms);
void ask_page(struct bus_socket *peer, uint64_t id, uint32_t bytes);
void ask_later(struct bus_socket *peer, uint64_t id, uint32_t padding);
void ask_deferred(struct bus_socket *peer, uint64_t id);
void ask_bytes(struct bus_socket *peer, const void *bytes, size_t size);

/* Waits for the next reply; free it with hoso__v1__ledger_reply__free_unpacked. */
Hoso__V1__LedgerReply *next_reply(struct bus_socket *peer);
/* The next reply is to this request, and is this body, or an error of this code. */
void expect_body(struct bus_socket *peer, uint64_t id, Hoso__V1__LedgerReply__BodyCase body);
void expect_error(struct bus_socket *peer, uint64_t id, Hoso__V1__ErrorCode code, const char *said);

#endif
