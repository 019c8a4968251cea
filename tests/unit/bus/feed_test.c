/* SPDX-License-Identifier: Apache-2.0
 *
 * Feeds over real sockets on loopback: topics, the door of a domain, a subscriber that does not
 * read, limits.
 */
#include "bus/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include <cmocka.h>

#include "bus/bus_internal.h"
#include "bus/link.h"

enum { DEADLINE_MS = 10000, SMALL_QUEUE = 10, FLOOD = 20000 };

struct world {
    struct bus_keys server_keys;
    struct bus_keys alice_keys; /* may enter both domains */
    struct bus_keys bob_keys;   /* may enter "open" alone */
    struct bus *server;
    struct bus *alice;
    struct bus *bob;
    struct bus_socket *open;
    struct bus_socket *closed;
};

static bool is_key(const struct bus_keys *keys, const uint8_t key[BUS_KEY_SIZE])
{
    uint8_t own[BUS_KEY_SIZE];
    assert_int_equal(bus_key_decode(keys->public_text, own), STATUS_OK);
    return memcmp(own, key, BUS_KEY_SIZE) == 0;
}

static bool admit(void *context, const char *domain, const uint8_t public_key[BUS_KEY_SIZE],
                  char ret_name[BUS_NAME_MAX + 1])
{
    const struct world *world = context;
    const bool alice = is_key(&world->alice_keys, public_key);
    const bool bob = is_key(&world->bob_keys, public_key) && strcmp(domain, "open") == 0;
    (void)snprintf(ret_name, BUS_NAME_MAX + 1, "%s", alice ? "alice" : "bob");
    return alice || bob;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    assert_int_equal(bus_keys_generate(&w->server_keys), STATUS_OK);
    assert_int_equal(bus_keys_generate(&w->alice_keys), STATUS_OK);
    assert_int_equal(bus_keys_generate(&w->bob_keys), STATUS_OK);
    assert_int_equal(bus_new(&w->server_keys, admit, w, &w->server, NULL), STATUS_OK);
    assert_int_equal(bus_new(&w->alice_keys, NULL, NULL, &w->alice, NULL), STATUS_OK);
    assert_int_equal(bus_new(&w->bob_keys, NULL, NULL, &w->bob, NULL), STATUS_OK);
    assert_int_equal(bus_publish(w->server, "tcp://127.0.0.1:*", "open", &w->open, NULL),
                     STATUS_OK);
    assert_int_equal(bus_publish(w->server, "tcp://127.0.0.1:*", "closed", &w->closed, NULL),
                     STATUS_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    bus_close(w->open);
    bus_close(w->closed);
    bus_free(w->alice);
    bus_free(w->bob);
    bus_free(w->server);
    free(w);
    return 0;
}

static struct bus_socket *subscribe(const struct world *w, struct bus *bus,
                                    const struct bus_socket *feed, const char *prefix)
{
    struct bus_socket *socket = NULL;
    assert_int_equal(bus_subscribe(bus, bus_endpoint(feed), w->server_keys.public_text, SMALL_QUEUE,
                                   &socket, NULL),
                     STATUS_OK);
    assert_int_equal(bus_subscribe_topic(socket, prefix), STATUS_OK);
    return socket;
}

/* What is dropped makes a feed readable, too. */
static struct bus_subscription next_subscription(struct bus_socket *feed)
{
    struct bus_subscription subscription = {0};
    struct bus_poll_item item = {.socket = feed};
    enum status status = STATUS_TIMEOUT;
    while (status == STATUS_TIMEOUT && bus_poll(&item, 1, DEADLINE_MS) == 1) {
        status = bus_receive_subscription(feed, &subscription);
    }
    assert_int_equal(status, STATUS_OK);
    return subscription;
}

/* News of the connection make a subscriber readable, too. */
static enum status receive(struct bus_socket *socket, int wait_ms, char topic[BUS_TOPIC_MAX + 1],
                           struct bus_message *ret_message)
{
    struct bus_poll_item item = {.socket = socket};
    enum status status = bus_receive_topic(socket, topic, ret_message);
    while (status == STATUS_TIMEOUT && bus_poll(&item, 1, wait_ms) == 1) {
        status = bus_receive_topic(socket, topic, ret_message);
    }
    return status;
}

static void expect(struct bus_socket *socket, const char *topic, const char *text)
{
    char got[BUS_TOPIC_MAX + 1];
    struct bus_message message;
    assert_int_equal(receive(socket, DEADLINE_MS, got, &message), STATUS_OK);
    assert_string_equal(got, topic);
    assert_true(slice_equal(message.payload, slice_text(text)));
    bus_message_fini(&message);
}

static void test_topics(void **state)
{
    struct world *w = *state;
    struct bus_socket *alice = subscribe(w, w->alice, w->open, "a.b");
    const struct bus_subscription begun = next_subscription(w->open);
    assert_true(begun.on);
    assert_string_equal(begun.topic, "a.b");
    assert_string_equal(begun.user, "alice");
    assert_int_equal(bus_publish_message(w->open, "a.a.", slice_text("no")), STATUS_OK);
    assert_int_equal(bus_publish_message(w->open, "a.b.", slice_text("yes")), STATUS_OK);
    assert_int_equal(bus_publish_message(w->open, "a.bc.", slice_text("")), STATUS_OK);
    expect(alice, "a.b.", "yes");
    expect(alice, "a.bc.", "");
    bus_close(alice);
    const struct bus_subscription ended = next_subscription(w->open);
    assert_false(ended.on);
    assert_string_equal(ended.topic, "a.b");
}

/* Bob is let into one domain and not into the other, where alice is. */
static void test_domains(void **state)
{
    struct world *w = *state;
    struct bus_socket *bob_closed = subscribe(w, w->bob, w->closed, "b");
    struct bus_socket *bob_open = subscribe(w, w->bob, w->open, "b");
    struct bus_socket *alice = subscribe(w, w->alice, w->closed, "a");
    assert_string_equal(next_subscription(w->open).user, "bob");
    assert_string_equal(next_subscription(w->closed).user, "alice");
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(bus_publish_message(w->closed, "b", slice_text("secret")), STATUS_OK);
        assert_int_equal(bus_publish_message(w->open, "b", slice_text("public")), STATUS_OK);
        expect(bob_open, "b", "public");
    }
    struct bus_poll_item item = {.socket = bob_closed};
    struct bus_message message;
    char topic[BUS_TOPIC_MAX + 1];
    for (unsigned i = 0; i < 3; i++) {
        (void)bus_poll(&item, 1, 100);
        assert_int_equal(bus_receive_topic(bob_closed, topic, &message), STATUS_TIMEOUT);
    }
    assert_int_equal(bus_session(bob_closed), 0);
    bus_close(alice);
    bus_close(bob_open);
    bus_close(bob_closed);
}

/* Neither the publisher nor its memory suffers from a subscriber that does not read. */
static void test_slow_subscriber(void **state)
{
    struct world *w = *state;
    static const uint8_t payload[8192];
    struct bus_socket *alice = subscribe(w, w->alice, w->open, "");
    char topic[BUS_TOPIC_MAX + 1];
    unsigned received = 0;
    (void)next_subscription(w->open);
    for (unsigned i = 0; i < FLOOD; i++) {
        assert_int_equal(bus_publish_message(w->open, "flood.", slice_of(payload, sizeof payload)),
                         STATUS_OK);
    }
    struct bus_message message;
    while (receive(alice, 500, topic, &message) == STATUS_OK) {
        assert_int_equal(message.payload.size, sizeof payload);
        bus_message_fini(&message);
        received++;
    }
    assert_in_range(received, 1, FLOOD - 1);
    bus_close(alice);
}

static void expect_option(const struct bus_socket *socket, const char *name, int64_t expected)
{
    int64_t value = -1;
    assert_true(bus_option(socket, name, &value));
    if (value != expected) {
        fail_msg("%s is %lld", name, (long long)value);
    }
}

static void test_options(void **state)
{
    struct world *w = *state;
    struct bus_socket *alice = subscribe(w, w->alice, w->open, "");
    expect_option(w->open, "send_queue", BUS_FEED_QUEUE);
    expect_option(w->open, "frame_bytes", 1024 + 64);
    expect_option(w->open, "zap_enforce_domain", 1);
    expect_option(w->open, "heartbeat_ms", 0);
    expect_option(w->open, "curve_server", 1);
    expect_option(alice, "receive_queue", SMALL_QUEUE);
    expect_option(alice, "frame_bytes", BUS_FEED_BYTES_MAX + 64);
    expect_option(alice, "handshake_ms", 4000);
    int type = 0;
    size_t size = sizeof type;
    assert_int_equal(zmq_getsockopt(w->open->handle, ZMQ_TYPE, &type, &size), 0);
    assert_int_equal(type, ZMQ_XPUB);
    bus_close(alice);
}

static void test_limits(void **state)
{
    struct world *w = *state;
    static uint8_t large[BUS_FEED_BYTES_MAX + 1];
    char topic[BUS_TOPIC_MAX + 2];
    memset(topic, 'x', sizeof topic - 1);
    topic[sizeof topic - 1] = '\0';
    struct bus_socket *alice = subscribe(w, w->alice, w->open, "x");
    (void)next_subscription(w->open);
    assert_int_equal(bus_subscribe_topic(alice, topic), STATUS_TOO_LARGE);
    assert_int_equal(bus_publish_message(w->open, topic, slice_text("")), STATUS_TOO_LARGE);
    assert_int_equal(bus_publish_message(w->open, "x", slice_of(large, sizeof large)),
                     STATUS_TOO_LARGE);
    /* What is no subscription is dropped and counted. */
    assert_int_equal(zmq_setsockopt(alice->handle, ZMQ_SUBSCRIBE, large, 100), 0);
    assert_int_equal(bus_subscribe_topic(alice, topic + 1), STATUS_OK);
    assert_string_equal(next_subscription(w->open).topic, topic + 1);
    assert_int_equal(bus_dropped(w->open), 1);
    /* Nor is one frame a message. */
    assert_int_equal(zmq_send(w->open->handle, "x", 1, 0), 1);
    assert_int_equal(bus_publish_message(w->open, topic + 1, slice_of(large, BUS_FEED_BYTES_MAX)),
                     STATUS_OK);
    char got[BUS_TOPIC_MAX + 1];
    struct bus_message message;
    enum status status = STATUS_TIMEOUT;
    for (unsigned i = 0; i < 10 && status != STATUS_OK; i++) {
        status = receive(alice, DEADLINE_MS, got, &message);
    }
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(message.payload.size, BUS_FEED_BYTES_MAX);
    assert_int_equal(bus_dropped(alice), 1);
    bus_message_fini(&message);
    bus_close(alice);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_topics),  WITH_WORLD(test_domains), WITH_WORLD(test_slow_subscriber),
        WITH_WORLD(test_options), WITH_WORLD(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
