/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sources of the bus share. Only common/bus and its tests include this.
 */
#ifndef HOSO_BUS_BUS_INTERNAL_H
#define HOSO_BUS_BUS_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <zmq.h>

#include "bus/bus.h"

enum { BUS_ENDPOINT_MAX = 256, BUS_HANDSHAKE_MS = 4000, BUS_UNTAKEN_MS = 30000 };

struct guard;
struct link;
struct resolver;

/* What happens to outgoing connections disturbs no listening socket: each side has its own context,
 * with its own I/O thread. */
struct bus {
    void *listening; /* NULL = clients only */
    void *outgoing;
    struct bus_keys keys;
    struct guard *guard; /* NULL = clients only */
    struct resolver *resolver;
    _Atomic uint64_t monitors; /* counted, for their names */
};

/* A bit each, for the table of options. */
enum bus_kind {
    BUS_ROUTER = 1,
    BUS_DEALER = 2,
    BUS_XPUB = 4,
    BUS_SUB = 8,
    BUS_SERVERS = BUS_ROUTER | BUS_XPUB,
    BUS_CLIENTS = BUS_DEALER | BUS_SUB
};

/* What a socket is to be. */
struct bus_plan {
    enum bus_kind kind;
    const char *endpoint;        /* clients: or a list */
    const char *domain;          /* servers: what the guard gets */
    const char *server_key_text; /* clients; or a list */
    struct bus_limits limits;
    bool ipv6;
};

struct bus_socket {
    void *handle; /* NULL = a client that is not connecting now */
    enum bus_kind kind;
    uint32_t message_bytes;
    _Atomic uint64_t dropped;
    char endpoint[BUS_ENDPOINT_MAX]; /* servers */
    struct link *link;               /* clients */
};

/* errno after a failed call of the library. */
enum status bus_translate(int code) MUST_USE;

/* Sets every option of a socket. */
enum status bus_options_set(const struct bus *bus, void *handle, const struct bus_plan *plan,
                            struct error *error) MUST_USE;

/* A socket of the library with every option set, neither bound nor connected. */
enum status bus_handle_open(const struct bus *bus, const struct bus_plan *plan, void **ret_handle,
                            struct error *error) MUST_USE;

/* Sees what happens to the handle's connections: `events` are ZMQ_EVENT_… */
enum status bus_monitor_open(struct bus *bus, void *context, void *handle, int events,
                             void **ret_monitor) MUST_USE;
/* False = there is no event now. */
bool bus_monitor_next(void *monitor, unsigned *ret_event);
void bus_monitor_close(void *handle, void *monitor); /* NULL-safe */

/* The constructor of all sockets: set up, and bound or connected. */
enum status bus_socket_open(struct bus *bus, const struct bus_plan *plan,
                            struct bus_socket **ret_socket, struct error *error) MUST_USE;

/* After TIMEOUT: what became of a client's connection. */
void bus_look_at_link(struct bus_socket *socket);
/* TIMEOUT = nothing there. */
enum status bus_receive_frame(struct bus_socket *socket, zmq_msg_t *frame) MUST_USE;
/* Reads on to the end of a message of several frames; true if there was more than `first`. */
bool bus_skip_rest(struct bus_socket *socket, zmq_msg_t *first);
/* The name that the guard gave to the sender's key; false = none. */
bool bus_copy_user(zmq_msg_t *frame, char user[BUS_NAME_MAX + 1]);
int bus_send_frame(struct bus_socket *socket, zmq_msg_t *frame, int flags);

/* What the library says an option is ("linger_ms", "receive_queue", …); false = no such option, or
 * one that can only be written. For tests. */
bool bus_option(const struct bus_socket *socket, const char *name, int64_t *ret_value);

/* The guard answers the library's question who a key belongs to, in its own thread, until the
 * context shuts down. */
enum status guard_start(void *context, bus_admit *admit, void *admit_context,
                        struct guard **ret_guard, struct error *error) MUST_USE;
void guard_join(struct guard *guard); /* NULL-safe; after the context's shutdown */

/* OK only if a server socket of this bus was seen to refuse a random key. */
enum status guard_prove(struct bus *bus, struct error *error) MUST_USE;

#endif
