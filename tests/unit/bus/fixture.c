/* SPDX-License-Identifier: Apache-2.0
 *
 * The door refuses everybody but "alice" and tells the test when it did.
 */
#include "tests/unit/bus/fixture.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool admit(void *context, const char *domain, const uint8_t public_key[BUS_KEY_SIZE],
                  char ret_name[BUS_NAME_MAX + 1])
{
    struct door *door = context;
    (void)domain;
    pthread_mutex_lock(&door->lock);
    const bool known = memcmp(door->admitted, public_key, BUS_KEY_SIZE) == 0;
    pthread_mutex_unlock(&door->lock);
    if (!known) {
        bus_wake_signal(&door->refusal);
        return false;
    }
    memcpy(ret_name, "alice", sizeof "alice");
    return true;
}

int fixture_begin(void **state)
{
    const struct bus_limits limits = {MESSAGE_BYTES, QUEUE_MESSAGES};
    struct fixture *f = calloc(1, sizeof *f);
    struct error error = {.text = ""};
    assert_non_null(f);
    assert_int_equal(pthread_mutex_init(&f->door.lock, NULL), 0);
    assert_int_equal(bus_wake_init(&f->door.refusal), STATUS_OK);
    assert_int_equal(bus_keys_generate(&f->server_keys), STATUS_OK);
    assert_int_equal(bus_keys_generate(&f->client_keys), STATUS_OK);
    assert_int_equal(bus_key_decode(f->client_keys.public_text, f->door.admitted), STATUS_OK);
    enum status status = bus_new(&f->server_keys, admit, &f->door, &f->server_bus, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    bus_wake_drain(&f->door.refusal);
    status = bus_bind(f->server_bus, "tcp://127.0.0.1:*", &limits, &f->server, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    status = bus_new(&f->client_keys, NULL, NULL, &f->client_bus, &error);
    assert_int_equal(status, STATUS_OK);
    f->client = connect_with(f->client_bus, f, f->server_keys.public_text, &limits);
    *state = f;
    return 0;
}

int fixture_end(void **state)
{
    struct fixture *f = *state;
    bus_close(f->client);
    bus_free(f->client_bus);
    bus_close(f->server);
    bus_free(f->server_bus);
    pthread_mutex_destroy(&f->door.lock);
    bus_wake_fini(&f->door.refusal);
    free(f);
    return 0;
}

struct bus_socket *connect_with(struct bus *bus, const struct fixture *fixture,
                                const char *server_key, const struct bus_limits *limits)
{
    struct bus_socket *socket = NULL;
    struct error error = {.text = ""};
    const enum status status =
        bus_connect(bus, bus_endpoint(fixture->server), server_key, limits, &socket, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return socket;
}

/* A client has to have a session first. */
void send_text(struct bus_socket *socket, const struct bus_message *to, const char *text)
{
    struct bus_poll_item item = {.socket = socket};
    const int64_t end_ms = clock_ms() + DEADLINE_MS;
    enum status status = bus_send(socket, to, slice_text(text));
    while (status == STATUS_BUSY && to == NULL && clock_ms() < end_ms) {
        (void)bus_poll(&item, 1, DEADLINE_MS / 100);
        status = bus_send(socket, to, slice_text(text));
    }
    assert_int_equal(status, STATUS_OK);
}

static bool ends_handshakes(enum bus_fault fault)
{
    return fault == BUS_FAULT_REJECTED || fault == BUS_FAULT_SILENT;
}

bool await_fault(struct bus_socket *socket, enum bus_fault fault)
{
    struct bus_poll_item item = {.socket = socket};
    struct bus_message message;
    const int64_t end_ms = clock_ms() + DEADLINE_MS;
    bool found = false;
    while (!found && clock_ms() < end_ms) {
        (void)bus_poll(&item, 1, DEADLINE_MS / 100);
        assert_int_equal(bus_receive(socket, &message), STATUS_TIMEOUT);
        found = bus_fault(socket) == fault ||
                (ends_handshakes(fault) && ends_handshakes(bus_fault(socket)));
    }
    return found;
}

void expect_message(struct bus_socket *socket, struct bus_message *ret_message)
{
    struct bus_poll_item item = {.socket = socket};
    const int64_t end_ms = clock_ms() + DEADLINE_MS;
    enum status status = STATUS_TIMEOUT;
    while (status == STATUS_TIMEOUT &&
           clock_ms() < end_ms) { /* what is dropped was readable, too, and so is news of a link */
        (void)bus_poll(&item, 1, DEADLINE_MS / 100);
        status = bus_receive(socket, ret_message);
    }
    assert_int_equal(status, STATUS_OK);
}

void expect_text(struct bus_socket *socket, const char *text, struct bus_message *ret_message)
{
    expect_message(socket, ret_message);
    assert_true(slice_equal(ret_message->payload, slice_text(text)));
}

void expect_in_next_session(struct fixture *f, const char *text, struct bus_message *ret_message)
{
    struct bus_poll_item items[] = {{.socket = f->server}, {.socket = f->client}};
    const int64_t end_ms = clock_ms() + DEADLINE_MS;
    enum status status = STATUS_TIMEOUT;
    while (status != STATUS_OK && clock_ms() < end_ms) {
        struct bus_message none;
        const enum status sent = bus_send(f->client, NULL, slice_text(text));
        assert_true(sent == STATUS_OK || sent == STATUS_BUSY);
        (void)bus_poll(items, 2, DEADLINE_MS / 100);
        assert_int_equal(bus_receive(f->client, &none), STATUS_TIMEOUT);
        status = bus_receive(f->server, ret_message);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(slice_equal(ret_message->payload, slice_text(text)));
}

void expect_nothing(struct bus_socket *socket)
{
    struct bus_message message;
    assert_int_equal(bus_receive(socket, &message), STATUS_TIMEOUT);
}

void await_fd(int fd)
{
    struct bus_poll_item item = {.fd = fd};
    assert_int_equal(bus_poll(&item, 1, DEADLINE_MS), 1);
    assert_true(item.readable);
}
