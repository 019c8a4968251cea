/* SPDX-License-Identifier: Apache-2.0
 *
 * The bus over real sockets on loopback: who is let in, what is refused, and every limit.
 */
#include "bus/bus.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include <cmocka.h>

#include "bus/bus_internal.h"
#include "tests/unit/bus/fixture.h"

static void test_keys(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "short",
        "0123456789012345678901234567890123456789x",
        "012345678901234567890123456789012345678 ",
        "#####################################|||",
        "########################################"}; /* the last one is more than 32 bits in 5
                                                        digits */
    struct bus_keys keys;
    struct bus_keys derived;
    uint8_t key[BUS_KEY_SIZE];
    assert_int_equal(bus_keys_generate(&keys), STATUS_OK);
    assert_int_equal(bus_keys_derive(keys.secret_text, &derived), STATUS_OK);
    assert_string_equal(derived.public_text, keys.public_text);
    assert_int_equal(bus_key_decode(keys.public_text, key), STATUS_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(bus_key_decode(wrong[i], key), STATUS_INVALID);
        assert_int_equal(bus_keys_derive(wrong[i], &derived), STATUS_INVALID);
    }
}

static void test_request_reply(void **state)
{
    struct fixture *f = *state;
    struct bus_message request;
    struct bus_message reply;
    send_text(f->client, NULL, "xin chào");
    expect_text(f->server, "xin chào", &request);
    assert_string_equal(request.user, "alice");
    send_text(f->server, &request, "chào");
    expect_text(f->client, "chào", &reply);
    assert_string_equal(reply.user, "");
    assert_int_equal(bus_send_to(f->server, request.peer, request.peer_size, slice_text("")),
                     STATUS_OK);
    bus_message_fini(&reply);
    expect_text(f->client, "", &reply);
    bus_message_fini(&request);
    bus_message_fini(&reply);
    expect_nothing(f->server);
    assert_int_equal(bus_dropped(f->server), 0);
}

/* The user comes with each of many messages that wait, not only with the first. */
static void test_pipelined(void **state)
{
    struct fixture *f = *state;
    char text[16];
    for (unsigned i = 0; i < QUEUE_MESSAGES; i++) {
        (void)snprintf(text, sizeof text, "%u", i);
        send_text(f->client, NULL, text);
    }
    for (unsigned i = 0; i < QUEUE_MESSAGES; i++) {
        struct bus_message message;
        (void)snprintf(text, sizeof text, "%u", i);
        expect_text(f->server, text, &message);
        assert_string_equal(message.user, "alice");
        bus_message_fini(&message);
    }
}

static void test_stranger(void **state)
{
    struct fixture *f = *state;
    const struct bus_limits limits = {MESSAGE_BYTES, QUEUE_MESSAGES};
    struct bus_keys keys;
    struct bus *bus = NULL;
    struct bus_message message;
    assert_int_equal(bus_keys_generate(&keys), STATUS_OK);
    assert_int_equal(bus_new(&keys, NULL, NULL, &bus, NULL), STATUS_OK);
    struct bus_socket *stranger = connect_with(bus, f, f->server_keys.public_text, &limits);
    assert_true(await_fault(stranger, BUS_FAULT_REJECTED));
    await_fd(f->door.refusal.fd);
    assert_int_equal(bus_send(stranger, NULL, slice_text("let me in")), STATUS_BUSY);
    send_text(f->client, NULL, "mine");
    expect_text(f->server, "mine", &message);
    bus_message_fini(&message);
    expect_nothing(f->server);
    bus_close(stranger);
    bus_free(bus);
}

/* A key that is registered while its owner is already trying gets in without a restart. */
static void test_admitted_later(void **state)
{
    struct fixture *f = *state;
    const struct bus_limits limits = {MESSAGE_BYTES, QUEUE_MESSAGES};
    struct bus_keys keys;
    struct bus *bus = NULL;
    struct bus_message message;
    assert_int_equal(bus_keys_generate(&keys), STATUS_OK);
    assert_int_equal(bus_new(&keys, NULL, NULL, &bus, NULL), STATUS_OK);
    struct bus_socket *client = connect_with(bus, f, f->server_keys.public_text, &limits);
    assert_true(await_fault(client, BUS_FAULT_REJECTED));
    await_fd(f->door.refusal.fd);
    pthread_mutex_lock(&f->door.lock);
    assert_int_equal(bus_key_decode(keys.public_text, f->door.admitted), STATUS_OK);
    pthread_mutex_unlock(&f->door.lock);
    send_text(client, NULL, "later");
    expect_text(f->server, "later", &message);
    bus_message_fini(&message);
    bus_close(client);
    bus_free(bus);
}

/* A client that expects another server's key does not talk to this one. */
static void test_wrong_server_key(void **state)
{
    struct fixture *f = *state;
    const struct bus_limits limits = {MESSAGE_BYTES, QUEUE_MESSAGES};
    struct bus_keys other;
    struct bus_message message;
    assert_int_equal(bus_keys_generate(&other), STATUS_OK);
    struct bus_socket *client = connect_with(f->client_bus, f, other.public_text, &limits);
    assert_true(await_fault(client, BUS_FAULT_REJECTED));
    assert_int_equal(bus_send(client, NULL, slice_text("secret")), STATUS_BUSY);
    send_text(f->client, NULL, "mine");
    expect_text(f->server, "mine", &message);
    bus_message_fini(&message);
    expect_nothing(f->server);
    bus_close(client);
}

static bool admit_all(void *context, const char *domain, const uint8_t public_key[BUS_KEY_SIZE],
                      char ret_name[BUS_NAME_MAX + 1])
{
    (void)context;
    (void)domain;
    (void)public_key;
    memcpy(ret_name, "anybody", sizeof "anybody");
    return true;
}

static void test_guard_that_admits_all(void **state)
{
    (void)state;
    struct bus_keys keys;
    struct bus *bus = NULL;
    struct error error;
    assert_int_equal(bus_keys_generate(&keys), STATUS_OK);
    assert_int_equal(bus_new(&keys, admit_all, NULL, &bus, &error), STATUS_DENIED);
    assert_string_equal(error.text,
                        "the guard was not seen to refuse a random key (it was let in)");
    assert_null(bus);
}

static void test_refused_set_up(void **state)
{
    struct fixture *f = *state;
    const struct bus_limits limits = {MESSAGE_BYTES, QUEUE_MESSAGES};
    const struct bus_limits no_queue = {MESSAGE_BYTES, 0};
    const struct bus_limits no_size = {0, QUEUE_MESSAGES};
    struct bus_socket *socket = NULL;
    struct error error;
    const char *key = f->server_keys.public_text;
    assert_int_equal(bus_bind(f->client_bus, "tcp://127.0.0.1:*", &limits, &socket, &error),
                     STATUS_DENIED);
    assert_int_equal(bus_bind(f->server_bus, "inproc://x", &limits, &socket, &error),
                     STATUS_INVALID);
    assert_int_equal(bus_bind(f->server_bus, bus_endpoint(f->server), &limits, &socket, &error),
                     STATUS_EXISTS);
    assert_int_equal(bus_bind(f->server_bus, "tcp://127.0.0.1:*", &no_queue, &socket, &error),
                     STATUS_INVALID);
    assert_int_equal(
        bus_connect(f->client_bus, "tcp://127.0.0.1:1", key, &no_size, &socket, &error),
        STATUS_INVALID);
    assert_int_equal(
        bus_connect(f->client_bus, "tcp://127.0.0.1:1", "no", &limits, &socket, &error),
        STATUS_INVALID);
    assert_int_equal(bus_connect(f->client_bus, "tcp://nowhere", key, &limits, &socket, &error),
                     STATUS_INVALID);
    struct bus_keys mixed = f->server_keys;
    struct bus *bus = NULL;
    memcpy(mixed.public_text, f->client_keys.public_text, sizeof mixed.public_text);
    assert_int_equal(bus_new(&mixed, NULL, NULL, &bus, &error), STATUS_INVALID);
    assert_null(socket);
    assert_null(bus);
}

static void expect_option(const struct bus_socket *socket, const char *name, int64_t expected)
{
    int64_t value = -1;
    if (!bus_option(socket, name, &value) || value != expected) {
        fail_msg("%s is %lld", name, (long long)value);
    }
}

static void test_options(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name;
        int64_t value;
    } both[] = {{"linger_ms", 1000},
                {"handshake_ms", 4000},
                {"heartbeat_ms", 0},
                {"keepalive", 1},
                {"keepalive_idle_s", 60},
                {"keepalive_interval_s", 10},
                {"keepalive_count", 6},
                {"frame_bytes", MESSAGE_BYTES + 64},
                {"receive_queue", QUEUE_MESSAGES},
                {"ipv6", 0}};
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        expect_option(f->server, both[i].name, both[i].value);
        expect_option(f->client, both[i].name, both[i].value);
    }
    expect_option(f->client, "send_queue", QUEUE_MESSAGES);
    expect_option(f->server, "send_queue", BUS_ANSWERS_MAX);
    expect_option(f->server, "curve_server", 1);
    expect_option(f->server, "untaken_ms", BUS_UNTAKEN_MS);
    expect_option(f->server, "zap_enforce_domain", 1);
    expect_option(f->server, "backlog", 1024);
    expect_option(f->client, "curve_server", 0);
    expect_option(f->client, "immediate", 0);
    expect_option(f->client, "reconnect_ms", 3600000);
    expect_option(f->client, "connect_timeout_ms", 5000);
}

/* A server that does not read. */
static void test_full_queue_of_client(void **state)
{
    struct fixture *f = *state;
    static uint8_t large[MESSAGE_BYTES];
    send_text(f->client, NULL, "first");
    enum status status = STATUS_OK;
    for (unsigned i = 0; status == STATUS_OK && i < 100000; i++) {
        status = bus_send(f->client, NULL, slice_of(large, sizeof large));
    }
    assert_int_equal(status, STATUS_BUSY);
    assert_true(bus_is_up(f->client));
}

/* Nothing is taken that could be lost before there is a connection. */
static void test_nothing_listens(void **state)
{
    struct fixture *f = *state;
    const struct bus_limits limits = {MESSAGE_BYTES, 10};
    struct bus_socket *client = NULL;
    assert_int_equal(bus_connect(f->client_bus, "tcp://127.0.0.1:1", f->server_keys.public_text,
                                 &limits, &client, NULL),
                     STATUS_OK);
    assert_int_equal(bus_send(client, NULL, slice_text("one")), STATUS_BUSY);
    assert_true(await_fault(client, BUS_FAULT_REFUSED));
    assert_int_equal(bus_send(client, NULL, slice_text("two")), STATUS_BUSY);
    assert_int_equal(bus_session(client), 0);
    bus_close(client);
}

/* A peer that does not read. */
static void test_full_queue_of_server(void **state)
{
    struct fixture *f = *state;
    static uint8_t large[MESSAGE_BYTES];
    struct bus_message request;
    send_text(f->client, NULL, "give me all");
    expect_text(f->server, "give me all", &request);
    enum status status = STATUS_OK;
    for (unsigned i = 0; status == STATUS_OK && i < 100000; i++) {
        status = bus_send(f->server, &request, slice_of(large, sizeof large));
    }
    assert_int_equal(status, STATUS_BUSY);
    bus_message_fini(&request);
}

static void count_release(void *data, void *hint)
{
    (void)data;
    atomic_fetch_add((atomic_uint *)hint, 1);
}

/* Bytes that are not copied are released once, whether they were sent or not. */
static void test_owned_bytes_are_released(void **state)
{
    struct fixture *f = *state;
    static uint8_t large[MESSAGE_BYTES];
    const uint8_t nobody[] = {0, 1, 2, 3, 4};
    static atomic_uint released;
    struct bus_message request;
    struct bus_message reply;
    assert_int_equal(bus_send_owned(f->server, nobody, sizeof nobody, large, sizeof large,
                                    count_release, &released),
                     STATUS_UNAVAILABLE);
    assert_int_equal(atomic_load(&released), 1);
    send_text(f->client, NULL, "give me all");
    expect_text(f->server, "give me all", &request);
    assert_int_equal(bus_send_owned(f->server, request.peer, request.peer_size, large, sizeof large,
                                    count_release, &released),
                     STATUS_OK);
    expect_message(f->client, &reply);
    assert_int_equal(reply.payload.size, sizeof large);
    assert_int_equal(atomic_load(&released), 2);
    bus_message_fini(&reply);
    bus_message_fini(&request);
}

static void test_peer_is_gone(void **state)
{
    struct fixture *f = *state;
    const uint8_t nobody[] = {0, 1, 2, 3, 4};
    struct bus_message request;
    assert_int_equal(bus_send_to(f->server, nobody, sizeof nobody, slice_text("hello?")),
                     STATUS_UNAVAILABLE);
    send_text(f->client, NULL, "bye");
    expect_text(f->server, "bye", &request);
    bus_close(f->client);
    f->client = NULL;
    enum status status = STATUS_OK;
    for (unsigned i = 0; status == STATUS_OK && i < DEADLINE_MS / 10; i++) {
        struct bus_poll_item item = {.socket = f->server};
        (void)bus_poll(&item, 1, 10);
        status = bus_send(f->server, &request, slice_text("still there?"));
    }
    assert_int_equal(status, STATUS_UNAVAILABLE);
    bus_message_fini(&request);
}

/* Just over the limit is dropped; far over it the library cuts the connection before it takes the
 * memory. The client comes back as a new peer. */
static void test_oversized(void **state)
{
    struct fixture *f = *state;
    static uint8_t large[8 * MESSAGE_BYTES];
    struct bus_message first;
    struct bus_message next;
    send_text(f->client, NULL, "there");
    expect_text(f->server, "there", &first);
    bus_message_fini(&first);
    assert_int_equal(bus_send(f->client, NULL, slice_of(large, MESSAGE_BYTES)), STATUS_OK);
    struct bus_poll_item item = {.socket = f->server};
    assert_int_equal(bus_poll(&item, 1, DEADLINE_MS), 1);
    assert_int_equal(bus_receive(f->server, &first), STATUS_OK);
    assert_int_equal(first.payload.size, MESSAGE_BYTES);
    assert_int_equal(bus_send(f->client, NULL, slice_of(large, MESSAGE_BYTES + 1)), STATUS_OK);
    send_text(f->client, NULL, "small");
    expect_text(f->server, "small", &next);
    bus_message_fini(&next);
    assert_int_equal(bus_dropped(f->server), 1);
    assert_int_equal(bus_send(f->client, NULL, slice_of(large, sizeof large)), STATUS_OK);
    expect_in_next_session(f, "back", &next);
    assert_false(
        slice_equal(slice_of(first.peer, first.peer_size), slice_of(next.peer, next.peer_size)));
    bus_message_fini(&first);
    bus_message_fini(&next);
}

static void test_several_frames(void **state)
{
    struct fixture *f = *state;
    struct bus_message message;
    send_text(f->client, NULL, "before");
    expect_text(f->server, "before", &message);
    bus_message_fini(&message);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(zmq_send(f->client->handle, "one", 3, ZMQ_SNDMORE), 3);
        assert_int_equal(zmq_send(f->client->handle, "two", 3, ZMQ_SNDMORE), 3);
        assert_int_equal(zmq_send(f->client->handle, "three", 5, 0), 5);
    }
    send_text(f->client, NULL, "whole");
    expect_text(f->server, "whole", &message);
    assert_int_equal(bus_dropped(f->server), 3);
    bus_message_fini(&message);
}

static void test_poll_and_wake(void **state)
{
    struct fixture *f = *state;
    struct bus_wake wake;
    struct bus_message message;
    assert_int_equal(bus_wake_init(&wake), STATUS_OK);
    send_text(f->client, NULL, "before");
    expect_text(f->server, "before", &message);
    bus_message_fini(&message);
    struct bus_poll_item items[] = {{.fd = wake.fd}, {.socket = f->server}};
    assert_int_equal(bus_poll(items, 2, 0), 0);
    bus_wake_signal(&wake);
    bus_wake_signal(&wake);
    assert_int_equal(bus_poll(items, 2, DEADLINE_MS), 1);
    assert_true(items[0].readable && !items[1].readable);
    bus_wake_drain(&wake);
    bus_wake_drain(&wake);
    send_text(f->client, NULL, "x");
    assert_int_equal(bus_poll(items, 2, DEADLINE_MS), 1);
    assert_true(!items[0].readable && items[1].readable);
    assert_int_equal(bus_receive(f->server, &message), STATUS_OK);
    bus_message_fini(&message);
    bus_wake_fini(&wake);
}

/* The client is there before its server and survives the server's restart. */
static void test_server_restarts(void **state)
{
    struct fixture *f = *state;
    const struct bus_limits limits = {MESSAGE_BYTES, QUEUE_MESSAGES};
    char endpoint[64];
    struct bus_message message;
    (void)snprintf(endpoint, sizeof endpoint, "%s", bus_endpoint(f->server));
    send_text(f->client, NULL, "before");
    expect_text(f->server, "before", &message);
    bus_message_fini(&message);
    assert_int_equal(bus_session(f->client), 1);
    bus_close(f->server);
    f->server = NULL;
    enum status status = STATUS_EXISTS;
    for (unsigned i = 0; status == STATUS_EXISTS && i < DEADLINE_MS / 10; i++) {
        struct bus_poll_item item = {.socket = f->client};
        (void)bus_poll(&item, 1, 10);
        status = bus_bind(f->server_bus, endpoint, &limits, &f->server, NULL);
    }
    assert_int_equal(status, STATUS_OK);
    expect_in_next_session(f, "after", &message);
    assert_int_equal(bus_session(f->client), 2);
    assert_string_equal(message.user, "alice");
    bus_message_fini(&message);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_begin, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_guard_that_admits_all),
        WITH_FIXTURE(test_request_reply),
        WITH_FIXTURE(test_pipelined),
        WITH_FIXTURE(test_stranger),
        WITH_FIXTURE(test_admitted_later),
        WITH_FIXTURE(test_wrong_server_key),
        WITH_FIXTURE(test_refused_set_up),
        WITH_FIXTURE(test_options),
        WITH_FIXTURE(test_full_queue_of_client),
        WITH_FIXTURE(test_nothing_listens),
        WITH_FIXTURE(test_full_queue_of_server),
        WITH_FIXTURE(test_owned_bytes_are_released),
        WITH_FIXTURE(test_peer_is_gone),
        WITH_FIXTURE(test_oversized),
        WITH_FIXTURE(test_several_frames),
        WITH_FIXTURE(test_poll_and_wake),
        WITH_FIXTURE(test_server_restarts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
