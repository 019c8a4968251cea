/* SPDX-License-Identifier: Apache-2.0
 *
 * The only code that knows ZeroMQ. One `struct bus` (our key pair, a context for listening sockets
 * with the guard that admits keys, and one for outgoing sockets) per process. Every socket comes
 * out of one constructor that sets all limits: message size, high-water marks, linger, handshake
 * interval, TCP keepalive, ROUTER_MANDATORY, CURVE with an enforced ZAP domain.
 *
 * A server is a ROUTER, a client a DEALER; a message is one frame. Feeds are in feed.h, questions
 * with a deadline in exchange.h. A socket belongs to the thread that made it. Nothing here blocks
 * except bus_poll: names are looked up in a thread of their own.
 */
#ifndef HOSO_BUS_BUS_H
#define HOSO_BUS_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/status.h"

enum {
    BUS_KEY_SIZE = 32,      /* raw */
    BUS_KEY_TEXT_SIZE = 41, /* Z85 and NUL */
    BUS_NAME_MAX = 64,      /* a peer's name in the registry */
    BUS_IDENTITY_MAX = 255,
    BUS_PEERS_MAX = 8, /* endpoints in a client's list */
    BUS_POLL_MAX = 16,
    /* A server's high-water mark for a peer that does not read, where queue_messages is less. It
       bounds messages: who sends large ones counts their bytes (bus_send_owned). */
    BUS_ANSWERS_MAX = 4096
};

#define BUS_DOMAIN "hoso" /* of every server but feeds, which say their own */

struct bus;
struct bus_socket;

struct bus_keys {
    char public_text[BUS_KEY_TEXT_SIZE];
    char secret_text[BUS_KEY_TEXT_SIZE];
};

/* Finds the owner of a public key: copies the name and returns true, or false to refuse. `domain`
 * is that of the socket that the key's owner connects to. Called by the guard's thread. */
typedef bool bus_admit(void *context, const char *domain, const uint8_t public_key[BUS_KEY_SIZE],
                       char ret_name[BUS_NAME_MAX + 1]);

struct bus_limits {
    uint32_t message_bytes;  /* received; larger ones cut the connection */
    uint32_t queue_messages; /* high-water mark each way, per peer; see BUS_ANSWERS_MAX */
};

/* What arrived. `peer` and `user` are only set by servers. */
struct bus_message {
    struct slice payload; /* lives until bus_message_fini */
    uint8_t peer[BUS_IDENTITY_MAX];
    uint8_t peer_size;
    char user[BUS_NAME_MAX + 1]; /* the name that the guard gave to the sender's key */
    void *frame;
};

struct bus_poll_item {
    struct bus_socket *socket; /* or NULL, then fd */
    int fd;
    bool readable; /* result */
};

enum status bus_keys_generate(struct bus_keys *ret_keys) MUST_USE;
/* The public half of a Z85 secret; INVALID. */
enum status bus_keys_derive(const char *secret_text, struct bus_keys *ret_keys) MUST_USE;
enum status bus_key_decode(const char *text, uint8_t ret_key[BUS_KEY_SIZE]) MUST_USE;
void bus_key_encode(const uint8_t key[BUS_KEY_SIZE], char ret_text[BUS_KEY_TEXT_SIZE]);

/* With `admit`, starts the guard (ZAP handler) first and proves that a random key is refused: a
 * server must have it. Clients pass NULL. */
enum status bus_new(const struct bus_keys *keys, bus_admit *admit, void *context,
                    struct bus **ret_bus, struct error *error) MUST_USE;
/* All sockets must be closed before. */
void bus_free(struct bus *bus);

/* Server; "tcp://127.0.0.1:*" picks a port, which bus_endpoint gives. Refuses to bind without a
 * guard. */
enum status bus_bind(struct bus *bus, const char *endpoint, const struct bus_limits *limits,
                     struct bus_socket **ret_socket, struct error *error) MUST_USE;
/* Client; connects in the background, and again after a loss or a refusal. `endpoints` is one
 * endpoint or several with blanks between, of which the next is tried when one cannot be reached;
 * `server_keys` likewise, one for all or one each in the same order. What keeps a connection going
 * is done in bus_poll, bus_send and bus_receive: a socket that is not used does not reconnect.
 * INVALID names the endpoint. */
enum status bus_connect(struct bus *bus, const char *endpoints, const char *server_keys,
                        const struct bus_limits *limits, struct bus_socket **ret_socket,
                        struct error *error) MUST_USE;
void bus_close(struct bus_socket *socket); /* NULL-safe */
/* Of a client: the one of its endpoints that is tried or connected now. */
const char *bus_endpoint(const struct bus_socket *socket);

/* TIMEOUT = nothing there. A message of more than one frame, without a user or over a limit is
 * dropped and counted. */
enum status bus_receive(struct bus_socket *socket, struct bus_message *ret_message) MUST_USE;
void bus_message_fini(struct bus_message *message);
/* To the sender of `to` (servers) or the server (clients: `to` = NULL). BUSY = high-water mark, or
 * a client without a session; UNAVAILABLE = the peer is gone; in both cases nothing was sent. */
enum status bus_send(struct bus_socket *socket, const struct bus_message *to,
                     struct slice payload) MUST_USE;
/* The same, to an identity kept from an earlier message. */
enum status bus_send_to(struct bus_socket *socket, const uint8_t *peer, uint8_t peer_size,
                        struct slice payload) MUST_USE;
/* The same without a copy, for those who count what waits for a peer: `release` is called once,
 * from any thread, when the library has sent or dropped the bytes, and before this returns if
 * nothing was sent. */
typedef void bus_release(void *data, void *hint);
enum status bus_send_owned(struct bus_socket *socket, const uint8_t *peer, uint8_t peer_size,
                           void *data, size_t size, bus_release *release, void *hint) MUST_USE;
uint64_t bus_dropped(const struct bus_socket *socket);
/* Waits until something is readable: of a client also when its connection came up, ended or failed.
 * timeout_ms −1 = for ever. Returns the number readable, 0 on timeout or signal. */
int bus_poll(struct bus_poll_item *items, unsigned count, int timeout_ms);

/* A wake-up between threads (eventfd): signal from any thread, poll its fd, then drain. */
struct bus_wake {
    int fd;
};
enum status bus_wake_init(struct bus_wake *wake) MUST_USE;
void bus_wake_fini(struct bus_wake *wake);
void bus_wake_signal(struct bus_wake *wake);
void bus_wake_drain(struct bus_wake *wake);

#endif
