/* SPDX-License-Identifier: Apache-2.0
 *
 * A server on loopback that admits one client by its key, and that client. Nothing waits for a time
 * to pass: every wait is for an event, with a deadline after which the test fails.
 */
#ifndef HOSO_TESTS_UNIT_BUS_FIXTURE_H
#define HOSO_TESTS_UNIT_BUS_FIXTURE_H

#include <pthread.h>

#include "bus/link.h"

enum { DEADLINE_MS = 10000, MESSAGE_BYTES = 4096, QUEUE_MESSAGES = 1000 };

struct door {
    pthread_mutex_t lock;
    uint8_t admitted[BUS_KEY_SIZE]; /* "alice" */
    struct bus_wake refusal;        /* signalled when somebody else was refused */
};

struct fixture {
    struct door door;
    struct bus_keys server_keys;
    struct bus_keys client_keys;
    struct bus *server_bus;
    struct bus *client_bus;
    struct bus_socket *server;
    struct bus_socket *client;
};

/* For cmocka: `*state` is the fixture. */
int fixture_begin(void **state);
int fixture_end(void **state);

struct bus_socket *connect_with(struct bus *bus, const struct fixture *fixture,
                                const char *server_key, const struct bus_limits *limits);
void send_text(struct bus_socket *socket, const struct bus_message *to, const char *text);
/* Waits until that is what is wrong with a client's connection. A server that refuses a key ends
 * the handshake at once or, depending on the moment, lets it run into its timeout. */
bool await_fault(struct bus_socket *socket, enum bus_fault fault);
void expect_message(struct bus_socket *socket, struct bus_message *ret_message);
/* Waits for one message and checks its text. */
void expect_text(struct bus_socket *socket, const char *text, struct bus_message *ret_message);
/* The client's session is ending: sends the text again until the server has it. */
void expect_in_next_session(struct fixture *f, const char *text, struct bus_message *ret_message);
void expect_nothing(struct bus_socket *socket);
void await_fd(int fd);

#endif
