/* SPDX-License-Identifier: Apache-2.0
 *
 * Each thing that can stand at an endpoint is told from the others.
 */
#include "bus/probe.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/bus/fixture.h"

enum { SHORT_MS = 900 };

/* A listener on a free port of loopback, and its endpoint. */
static int listen_somewhere(char endpoint[64])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    (void)snprintf(endpoint, 64, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
    return fd;
}

/* The first fault of a probe of one endpoint. */
static enum bus_fault probe(struct bus *bus, const char *endpoint, const char *key, int timeout_ms)
{
    enum bus_fault fault = BUS_FAULT_COUNT;
    char name[BUS_ENDPOINT_SIZE];
    assert_true(bus_probe(bus, endpoint, key, 0, timeout_ms, name, &fault));
    assert_string_equal(name, endpoint);
    return fault;
}

static void test_the_right_key_and_a_wrong_one(void **state)
{
    struct fixture *f = *state;
    struct bus_message message;
    struct bus_keys other;
    struct bus *stranger = NULL;
    const char *endpoint = bus_endpoint(f->server);
    const char *key = f->server_keys.public_text;
    assert_int_equal(bus_keys_generate(&other), STATUS_OK);
    assert_int_equal(bus_new(&other, NULL, NULL, &stranger, NULL), STATUS_OK);
    assert_int_equal(probe(f->client_bus, endpoint, key, DEADLINE_MS), BUS_FAULT_NONE);
    assert_int_equal(probe(f->client_bus, endpoint, other.public_text, DEADLINE_MS),
                     BUS_FAULT_WRONG_KEY);
    assert_int_equal(probe(stranger, endpoint, key, DEADLINE_MS), BUS_FAULT_NO_RIGHT);
    send_text(f->client, NULL, "still there"); /* the server goes on */
    expect_text(f->server, "still there", &message);
    bus_message_fini(&message);
    assert_int_equal(probe(f->client_bus, endpoint, key, DEADLINE_MS), BUS_FAULT_NONE);
    bus_free(stranger);
}

static void test_nothing_listens(void **state)
{
    struct fixture *f = *state;
    char endpoint[64];
    assert_int_equal(close(listen_somewhere(endpoint)), 0);
    assert_int_equal(probe(f->client_bus, endpoint, f->server_keys.public_text, DEADLINE_MS),
                     BUS_FAULT_REFUSED);
}

static void test_it_says_nothing(void **state)
{
    struct fixture *f = *state;
    char endpoint[64];
    const int fd = listen_somewhere(endpoint);
    assert_int_equal(probe(f->client_bus, endpoint, f->server_keys.public_text, SHORT_MS),
                     BUS_FAULT_SILENT);
    assert_int_equal(close(fd), 0);
}

struct talker {
    int fd;
    const char *text;
    size_t size;
};

static void *talk(void *argument)
{
    const struct talker *talker = argument;
    char ignored[64];
    const int fd = accept(talker->fd, NULL, NULL);
    (void)read(fd, ignored, sizeof ignored);
    (void)write(fd, talker->text, talker->size);
    (void)close(fd);
    return NULL;
}

static void test_something_else(void **state)
{
    struct fixture *f = *state;
    static char null_mechanism[64] = {'\xff', 0,    0, 0, 0,   0,   0,   0,
                                      1,      0x7f, 3, 0, 'N', 'U', 'L', 'L'};
    static const char http[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
                               "Connection: close\r\nServer: something\r\n\r\n";
    const struct talker talkers[] = {{0, http, sizeof http - 1},
                                     {0, "220 mail\r\n", 10},
                                     {0, null_mechanism, sizeof null_mechanism}};
    for (size_t i = 0; i < sizeof talkers / sizeof *talkers; i++) {
        char endpoint[64];
        pthread_t thread;
        struct talker talker = talkers[i];
        talker.fd = listen_somewhere(endpoint);
        assert_int_equal(pthread_create(&thread, NULL, talk, &talker), 0);
        assert_int_equal(probe(f->client_bus, endpoint, f->server_keys.public_text, DEADLINE_MS),
                         BUS_FAULT_FOREIGN);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(close(talker.fd), 0);
    }
}

static void test_lists(void **state)
{
    struct fixture *f = *state;
    const char *key = f->server_keys.public_text;
    char list[128];
    char name[BUS_ENDPOINT_SIZE];
    enum bus_fault fault = BUS_FAULT_COUNT;
    (void)snprintf(list, sizeof list, "tcp://no-such-host.invalid:1 %s", bus_endpoint(f->server));
    assert_true(bus_probe(f->client_bus, list, key, 0, DEADLINE_MS, name, &fault));
    assert_int_equal(fault, BUS_FAULT_NAME);
    assert_true(bus_probe(f->client_bus, list, key, 1, DEADLINE_MS, name, &fault));
    assert_int_equal(fault, BUS_FAULT_NONE);
    assert_string_equal(name, bus_endpoint(f->server));
    assert_false(bus_probe(f->client_bus, list, key, 2, DEADLINE_MS, name, &fault));
    assert_false(bus_probe(f->client_bus, "ipc:///tmp/x", key, 0, DEADLINE_MS, name, &fault));
    assert_false(bus_probe(f->client_bus, list, "no key", 0, DEADLINE_MS, name, &fault));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_right_key_and_a_wrong_one, fixture_begin,
                                        fixture_end),
        cmocka_unit_test_setup_teardown(test_nothing_listens, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(test_it_says_nothing, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(test_something_else, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(test_lists, fixture_begin, fixture_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
