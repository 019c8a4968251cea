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

enum { SHORT_MS = 200 };

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

static void test_the_right_key_and_a_wrong_one(void **state)
{
    struct fixture *f = *state;
    struct bus_message message;
    struct bus_keys other;
    const char *endpoint = bus_endpoint(f->server);
    assert_int_equal(bus_keys_generate(&other), STATUS_OK);
    assert_int_equal(bus_probe(endpoint, f->server_keys.public_text, DEADLINE_MS), PROBE_RIGHT_KEY);
    assert_int_equal(bus_probe(endpoint, other.public_text, DEADLINE_MS), PROBE_WRONG_KEY);
    send_text(f->client, NULL, "still there"); /* the server goes on */
    expect_text(f->server, "still there", &message);
    bus_message_fini(&message);
    assert_int_equal(bus_probe(endpoint, f->server_keys.public_text, DEADLINE_MS), PROBE_RIGHT_KEY);
}

static void test_nothing_listens(void **state)
{
    struct fixture *f = *state;
    char endpoint[64];
    assert_int_equal(close(listen_somewhere(endpoint)), 0);
    assert_int_equal(bus_probe(endpoint, f->server_keys.public_text, DEADLINE_MS), PROBE_REFUSED);
}

static void test_it_says_nothing(void **state)
{
    struct fixture *f = *state;
    char endpoint[64];
    const int fd = listen_somewhere(endpoint);
    assert_int_equal(bus_probe(endpoint, f->server_keys.public_text, SHORT_MS), PROBE_SILENT);
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
        assert_int_equal(bus_probe(endpoint, f->server_keys.public_text, DEADLINE_MS),
                         PROBE_FOREIGN);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(close(talker.fd), 0);
    }
}

static void test_what_is_no_endpoint(void **state)
{
    struct fixture *f = *state;
    static const char *const endpoints[] = {"", "tcp://", "127.0.0.1:1", "ipc:///tmp/x"};
    for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++) {
        assert_int_equal(bus_probe(endpoints[i], f->server_keys.public_text, SHORT_MS),
                         PROBE_INVALID);
    }
    assert_int_equal(bus_probe(bus_endpoint(f->server), "no key", SHORT_MS), PROBE_INVALID);
    assert_int_equal(bus_probe("tcp://127.0.0.1:nine", f->server_keys.public_text, SHORT_MS),
                     PROBE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_right_key_and_a_wrong_one, fixture_begin,
                                        fixture_end),
        cmocka_unit_test_setup_teardown(test_nothing_listens, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(test_it_says_nothing, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(test_something_else, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(test_what_is_no_endpoint, fixture_begin, fixture_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
