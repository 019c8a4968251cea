/* SPDX-License-Identifier: Apache-2.0
 *
 * A peer fills a server's receive queue and is reset while the server is busy elsewhere. With
 * heartbeats of ZMTP the timer of the dead connection aborts the process in libzmq 4.3.4.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/unit/bus/fixture.h"

enum {
    FLOOD_BYTES = 1000,
    BUSY_MS = 7000, /* longer than heartbeats are apart, and their answers late */
    ANSWERS = 200   /* that the peer leaves unread, so that its end is a reset */
};

static const char *self;

/* In a process of its own: sends for ever, and reads nothing. */
static int flood(char **arguments)
{
    static const char text[FLOOD_BYTES] = "flood";
    const int queue = 1;
    void *context = zmq_ctx_new();
    void *handle = zmq_socket(context, ZMQ_DEALER);
    if (handle == NULL || zmq_setsockopt(handle, ZMQ_RCVHWM, &queue, sizeof queue) != 0 ||
        zmq_setsockopt(handle, ZMQ_CURVE_SERVERKEY, arguments[1], 40) != 0 ||
        zmq_setsockopt(handle, ZMQ_CURVE_PUBLICKEY, arguments[2], 40) != 0 ||
        zmq_setsockopt(handle, ZMQ_CURVE_SECRETKEY, arguments[3], 40) != 0 ||
        zmq_connect(handle, arguments[0]) != 0) {
        return 1;
    }
    while (zmq_send(handle, text, sizeof text, 0) >= 0) {
    }
    return 1;
}

static pid_t start_flood(struct fixture *f)
{
    const pid_t child = fork();
    if (child == 0) {
        (void)execl(self, self, "--flood", bus_endpoint(f->server), f->server_keys.public_text,
                    f->client_keys.public_text, f->client_keys.secret_text, (char *)NULL);
        _exit(1);
    }
    assert_true(child > 0);
    return child;
}

static void test_a_flood_that_is_reset(void **state)
{
    struct fixture *f = *state;
    static uint8_t large[MESSAGE_BYTES];
    struct bus_message message;
    struct bus_poll_item none = {.fd = f->door.refusal.fd};
    const pid_t child = start_flood(f);
    expect_message(f->server, &message);
    for (unsigned i = 0; i < ANSWERS; i++) {
        if (bus_send(f->server, &message, slice_of(large, sizeof large)) != STATUS_OK) {
            break;
        }
    }
    bus_message_fini(&message);
    assert_int_equal(bus_poll(&none, 1, 500), 0); /* its queue fills meanwhile */
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(bus_poll(&none, 1, BUSY_MS), 0);
    send_text(f->client, NULL, "the server lives");
    bool found = false;
    while (!found) { /* after what is left of the flood */
        expect_message(f->server, &message);
        found = slice_equal(message.payload, slice_text("the server lives"));
        bus_message_fini(&message);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_flood_that_is_reset, fixture_begin, fixture_end),
    };
    if (argc == 6 && strcmp(argv[1], "--flood") == 0) {
        return flood(argv + 2);
    }
    self = argv[0];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
