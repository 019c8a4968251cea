/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of endpoints and keys, names, what is told of a connection, and the next peer.
 */
#include "bus/link.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/unit/bus/fixture.h"

static const struct bus_limits limits = {MESSAGE_BYTES, QUEUE_MESSAGES};

#define NOWHERE "tcp://127.0.0.1:1"

static struct bus_socket *connect_to(struct fixture *f, const char *endpoints, const char *keys)
{
    struct bus_socket *socket = NULL;
    struct error error = {.text = ""};
    assert_int_equal(bus_connect(f->client_bus, endpoints, keys, &limits, &socket, &error),
                     STATUS_OK);
    return socket;
}

static void test_lists(void **state)
{
    struct fixture *f = *state;
    const char *key = f->server_keys.public_text;
    char keys[4 * BUS_KEY_TEXT_SIZE];
    (void)snprintf(keys, sizeof keys, "%s %s %s", key, key, key);
    const struct {
        const char *endpoints;
        const char *keys;
        const char *why;
    } wrong[] = {
        {"", key, "an endpoint is missing: it looks like tcp://HOST:PORT"},
        {"tcp://", key, "tcp://: an endpoint looks like tcp://HOST:PORT"},
        {"tcp://:7301", key, "tcp://:7301: an endpoint looks like tcp://HOST:PORT"},
        {"tcp://a", key, "tcp://a: an endpoint looks like tcp://HOST:PORT"},
        {"tcp://a:", key, "tcp://a:: an endpoint looks like tcp://HOST:PORT"},
        {"tcp://a:0", key, "tcp://a:0: an endpoint looks like tcp://HOST:PORT"},
        {"tcp://a:70000", key, "tcp://a:70000: an endpoint looks like tcp://HOST:PORT"},
        {"tcp://a:7x", key, "tcp://a:7x: an endpoint looks like tcp://HOST:PORT"},
        {"tcp://::1:7301", key, "tcp://::1:7301: an endpoint looks like tcp://HOST:PORT"},
        {"ipc:///tmp/x", key, "ipc:///tmp/x: an endpoint looks like tcp://HOST:PORT"},
        {NOWHERE " inproc://b", key, "inproc://b: an endpoint looks like tcp://HOST:PORT"},
        {NOWHERE, "", NOWHERE ": the server's key is not a Z85 text of 40 characters"},
        {NOWHERE, "short", NOWHERE ": the server's key is not a Z85 text of 40 characters"},
        {NOWHERE " " NOWHERE, keys,
         NOWHERE ": 3 server keys for 2 endpoints: give one key for all, or one for each in the "
                 "same order"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct bus_socket *socket = NULL;
        struct error error = {.text = ""};
        assert_int_equal(
            bus_connect(f->client_bus, wrong[i].endpoints, wrong[i].keys, &limits, &socket, &error),
            STATUS_INVALID);
        assert_string_equal(error.text, wrong[i].why);
        assert_null(socket);
    }
    struct bus_socket *several = connect_to(f, NOWHERE "  " NOWHERE ", tcp://[::1]:1", keys);
    assert_int_equal(bus_peer_count(several), 3);
    bus_close(several);
}

/* Whatever is first in the list and cannot be reached, the one that answers is found. */
static void test_the_next_peer(void **state)
{
    struct fixture *f = *state;
    struct bus_message message;
    char endpoints[256];
    char keys[3 * BUS_KEY_TEXT_SIZE];
    struct bus_keys other;
    assert_int_equal(bus_keys_generate(&other), STATUS_OK);
    (void)snprintf(endpoints, sizeof endpoints, NOWHERE " tcp://no-such-host.invalid:1 %s",
                   bus_endpoint(f->server));
    struct bus_socket *client = connect_to(f, endpoints, f->server_keys.public_text);
    send_text(client, NULL, "found");
    expect_text(f->server, "found", &message);
    assert_string_equal(bus_endpoint(client), bus_endpoint(f->server));
    assert_int_equal(bus_fault(client), BUS_FAULT_NONE);
    bus_message_fini(&message);
    bus_close(client);
    (void)snprintf(endpoints, sizeof endpoints, "%s %s", bus_endpoint(f->server),
                   bus_endpoint(f->server));
    (void)snprintf(keys, sizeof keys, "%s %s", other.public_text, f->server_keys.public_text);
    client = connect_to(f, endpoints, keys);
    send_text(client, NULL, "its own key");
    expect_text(f->server, "its own key", &message);
    bus_message_fini(&message);
    bus_close(client);
}

static void test_a_silent_peer_is_left(void **state)
{
    struct fixture *f = *state;
    struct bus_socket *second = NULL;
    struct bus_message message;
    char endpoints[128];
    assert_int_equal(bus_bind(f->server_bus, "tcp://127.0.0.1:*", &limits, &second, NULL),
                     STATUS_OK);
    (void)snprintf(endpoints, sizeof endpoints, "%s %s", bus_endpoint(f->server),
                   bus_endpoint(second));
    struct bus_socket *client = connect_to(f, endpoints, f->server_keys.public_text);
    send_text(client, NULL, "one");
    expect_text(f->server, "one", &message);
    bus_message_fini(&message);
    bus_leave(client);
    assert_int_equal(bus_send(client, NULL, slice_text("not yet")), STATUS_BUSY);
    send_text(client, NULL, "two");
    expect_text(second, "two", &message);
    bus_message_fini(&message);
    assert_int_equal(bus_session(client), 2);
    bus_leave(client);
    send_text(client, NULL, "three");
    expect_text(f->server, "three", &message);
    bus_message_fini(&message);
    bus_close(client);
    bus_close(second);
}

static void test_names(void **state)
{
    struct fixture *f = *state;
    struct bus_message message;
    char endpoint[64];
    const char *port = strrchr(bus_endpoint(f->server), ':');
    (void)snprintf(endpoint, sizeof endpoint, "tcp://localhost%s", port);
    struct bus_socket *client = connect_to(f, endpoint, f->server_keys.public_text);
    send_text(client, NULL, "by name");
    expect_text(f->server, "by name", &message);
    bus_message_fini(&message);
    bus_close(client);
    client = connect_to(f, "tcp://no-such-host.invalid:7301", f->server_keys.public_text);
    assert_int_equal(bus_fault(client), BUS_FAULT_NAME);
    assert_true(await_fault(client, BUS_FAULT_NAME));
    assert_non_null(strstr(bus_fault_text(client), "\"no-such-host.invalid\""));
    bus_close(client); /* in the middle of a look-up, or not */
}

/* A look-up that is under way keeps neither a socket nor a bus from closing. */
static void test_nobody_waits_for_a_look_up(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 100; i++) {
        struct bus *bus = NULL;
        struct bus_socket *sockets[3] = {NULL};
        assert_int_equal(bus_new(&f->client_keys, NULL, NULL, &bus, NULL), STATUS_OK);
        for (unsigned j = 0; j < 3; j++) {
            assert_int_equal(bus_connect(bus, j == 1 ? "tcp://a.invalid:1" : "tcp://b.invalid:1",
                                         f->server_keys.public_text, &limits, &sockets[j], NULL),
                             STATUS_OK);
        }
        for (unsigned j = 0; j < 3; j++) {
            bus_close(sockets[j]);
        }
        bus_free(bus);
    }
}

/* The descriptor for a poll of one's own shows messages, and the time when there is more to do. */
static void test_a_poll_of_ones_own(void **state)
{
    struct fixture *f = *state;
    struct bus_message message;
    struct bus_message answer;
    enum status status = STATUS_TIMEOUT;
    const int64_t end_ms = clock_ms() + DEADLINE_MS;
    send_text(f->client, NULL, "ask");
    expect_text(f->server, "ask", &message);
    assert_int_equal(bus_receive(f->client, &answer), STATUS_TIMEOUT);
    send_text(f->server, &message, "answer");
    bus_message_fini(&message);
    while (status == STATUS_TIMEOUT && clock_ms() < end_ms) {
        await_fd(bus_fd(f->client));
        status = bus_receive(f->client, &message);
    }
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(bus_due_ms(f->client), INT64_MAX);
    bus_message_fini(&message);
    bus_close(f->server);
    f->server = NULL;
    while (bus_fault(f->client) != BUS_FAULT_LOST && clock_ms() < end_ms) {
        await_fd(bus_fd(f->client));
        assert_int_equal(bus_receive(f->client, &message), STATUS_TIMEOUT);
    }
    assert_true(bus_due_ms(f->client) <= clock_ms() + 1000);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_begin, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_lists),
        WITH_FIXTURE(test_the_next_peer),
        WITH_FIXTURE(test_a_silent_peer_is_left),
        WITH_FIXTURE(test_names),
        WITH_FIXTURE(test_nobody_waits_for_a_look_up),
        WITH_FIXTURE(test_a_poll_of_ones_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
