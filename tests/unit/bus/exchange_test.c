/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions over real sockets: answered, refused, silent, lost and asked again, and the next peer.
 */
#include "bus/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "hoso/v1/journal.pb-c.h"
#include "tests/unit/bus/fixture.h"
#include "wire/wire.h"

enum { REQUEST_BYTES = 256, ARENA_BYTES = 1 << 20, SHORT_MS = 300 };

static struct exchange *open_exchange(struct fixture *f, const char *endpoints, unsigned questions)
{
    const struct exchange_options options = {.bus = f->client_bus,
                                             .endpoints = endpoints,
                                             .server_keys = f->server_keys.public_text,
                                             .limits = {MESSAGE_BYTES, QUEUE_MESSAGES},
                                             .request_bytes = REQUEST_BYTES,
                                             .reply = &hoso__v1__journal_reply__descriptor,
                                             .questions = questions,
                                             .kept_bytes = 4 * REQUEST_BYTES,
                                             .in_order = questions > 2};
    struct exchange *exchange = NULL;
    assert_int_equal(exchange_open(&options, &exchange, NULL), STATUS_OK);
    return exchange;
}

static void ask(struct exchange *exchange, uint64_t position, int answer_ms)
{
    Hoso__V1__ReadJournalRequest read = HOSO__V1__READ_JOURNAL_REQUEST__INIT;
    Hoso__V1__JournalRequest request = HOSO__V1__JOURNAL_REQUEST__INIT;
    read.after_position = position;
    request.body_case = HOSO__V1__JOURNAL_REQUEST__BODY_READ;
    request.read = &read;
    assert_int_equal(exchange_ask(exchange, &request.base, answer_ms), STATUS_OK);
}

/* What the server is asked, while the exchange does its part. */
static uint64_t expect_question(struct exchange *exchange, struct bus_socket *server,
                                struct bus_message *ret_message)
{
    struct bus_poll_item items[] = {{.socket = server}, {.socket = exchange_socket(exchange)}};
    const int64_t end_ms = clock_ms() + DEADLINE_MS;
    enum status status = STATUS_TIMEOUT;
    struct arena arena;
    ProtobufCMessage *request = NULL;
    arena_init(&arena, ARENA_BYTES);
    while (status != STATUS_OK && clock_ms() < end_ms) {
        struct exchange_answer answer;
        const enum exchange_news news = exchange_take(exchange, &arena, &answer, NULL);
        assert_true(news == EXCHANGE_NOTHING || news == EXCHANGE_LOST);
        (void)bus_poll(items, 2, DEADLINE_MS / 100);
        status = bus_receive(server, ret_message);
    }
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(wire_unpack(&hoso__v1__journal_request__descriptor, ret_message->payload,
                                 &arena, &request, NULL),
                     STATUS_OK);
    const uint64_t id = exchange_id(request);
    arena_fini(&arena);
    return id;
}

static void answer(struct bus_socket *server, const struct bus_message *to, uint64_t id, int code)
{
    Hoso__V1__ReadJournalReply read = HOSO__V1__READ_JOURNAL_REPLY__INIT;
    Hoso__V1__Error refusal = HOSO__V1__ERROR__INIT;
    Hoso__V1__JournalReply reply = HOSO__V1__JOURNAL_REPLY__INIT;
    struct buffer packed;
    reply.request_id = id;
    reply.body_case =
        code == 0 ? HOSO__V1__JOURNAL_REPLY__BODY_READ : HOSO__V1__JOURNAL_REPLY__BODY_ERROR;
    if (code == 0) {
        reply.read = &read;
    } else {
        refusal.code = (Hoso__V1__ErrorCode)code;
        reply.error = &refusal;
    }
    buffer_init(&packed, REQUEST_BYTES);
    wire_pack(&reply.base, &packed);
    assert_int_equal(bus_send(server, to, buffer_slice(&packed)), STATUS_OK);
    buffer_fini(&packed);
}

static void answer_next(struct exchange *exchange, struct bus_socket *server, int code)
{
    struct bus_message message;
    const uint64_t id = expect_question(exchange, server, &message);
    answer(server, &message, id, code);
    bus_message_fini(&message);
}

/* The next news that is one; `ret_question` = its question. */
static enum exchange_news await_news(struct exchange *exchange, uint64_t *ret_question)
{
    struct bus_poll_item item = {.socket = exchange_socket(exchange)};
    const int64_t end_ms = clock_ms() + DEADLINE_MS;
    enum exchange_news news = EXCHANGE_NOTHING;
    struct exchange_answer got = {.question = 0};
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    while (news == EXCHANGE_NOTHING && clock_ms() < end_ms) {
        news = exchange_take(exchange, &arena, &got, NULL);
        if (news == EXCHANGE_NOTHING) {
            (void)bus_poll(&item, 1, 10);
        }
    }
    *ret_question = got.question;
    arena_fini(&arena);
    return news;
}

static void test_answers(void **state)
{
    struct fixture *f = *state;
    struct exchange *exchange = open_exchange(f, bus_endpoint(f->server), 0);
    struct bus_message message;
    uint64_t question;
    ask(exchange, 1, DEADLINE_MS);
    const uint64_t first = expect_question(exchange, f->server, &message);
    assert_false(exchange_is_heard(exchange));
    ask(exchange, 2, DEADLINE_MS); /* takes the first one's place */
    answer(f->server, &message, first, 0);
    bus_message_fini(&message);
    const uint64_t second = expect_question(exchange, f->server, &message);
    assert_int_equal(second, first + 1);
    assert_int_equal(exchange_asking(exchange), 1);
    answer(f->server, &message, second, 0);
    assert_int_equal(await_news(exchange, &question), EXCHANGE_ANSWERED);
    assert_int_equal(question, second);
    assert_true(exchange_is_heard(exchange));
    assert_int_equal(exchange_asking(exchange), 0);
    bus_message_fini(&message);
    ask(exchange, 3, DEADLINE_MS);
    const uint64_t third = expect_question(exchange, f->server, &message);
    answer(f->server, &message, third, HOSO__V1__ERROR_CODE__ERROR_CODE_NOT_READY);
    assert_int_equal(await_news(exchange, &question), EXCHANGE_REFUSED); /* there is no other */
    assert_int_equal(bus_send(f->server, &message, slice_text("nonsense")), STATUS_OK);
    assert_int_equal(await_news(exchange, &question), EXCHANGE_UNREADABLE);
    bus_message_fini(&message);
    exchange_close(exchange);
}

/* A question without an answer ends, and the connection with it; the next one is asked anew. */
static void test_silence(void **state)
{
    struct fixture *f = *state;
    struct exchange *exchange = open_exchange(f, bus_endpoint(f->server), 0);
    struct bus_message message;
    uint64_t question;
    ask(exchange, 1, SHORT_MS);
    const uint64_t id = expect_question(exchange, f->server, &message);
    bus_message_fini(&message);
    const uint64_t session = bus_session(exchange_socket(exchange));
    assert_int_equal(await_news(exchange, &question), EXCHANGE_SILENT);
    assert_int_equal(question, id);
    ask(exchange, 1, DEADLINE_MS);
    assert_int_equal(expect_question(exchange, f->server, &message), id + 1);
    assert_int_equal(bus_session(exchange_socket(exchange)), session + 1);
    bus_message_fini(&message);
    exchange_close(exchange);
}

/* The server is gone and comes back: the loss is seen, and the question asked again by itself. */
static void test_loss(void **state)
{
    struct fixture *f = *state;
    const struct bus_limits limits = {MESSAGE_BYTES, QUEUE_MESSAGES};
    char endpoint[64];
    struct bus_message message;
    uint64_t question;
    (void)snprintf(endpoint, sizeof endpoint, "%s", bus_endpoint(f->server));
    struct exchange *exchange = open_exchange(f, endpoint, 0);
    ask(exchange, 1, DEADLINE_MS);
    answer_next(exchange, f->server, 0);
    assert_int_equal(await_news(exchange, &question), EXCHANGE_ANSWERED);
    ask(exchange, 2, DEADLINE_MS);
    const uint64_t id = expect_question(exchange, f->server, &message);
    bus_message_fini(&message);
    bus_close(f->server);
    f->server = NULL;
    assert_int_equal(await_news(exchange, &question), EXCHANGE_LOST);
    assert_false(exchange_is_heard(exchange));
    enum status status = STATUS_EXISTS;
    for (unsigned i = 0; status == STATUS_EXISTS && i < DEADLINE_MS / 10; i++) {
        struct bus_poll_item item = {.fd = f->door.refusal.fd};
        (void)bus_poll(&item, 1, 10);
        status = bus_bind(f->server_bus, endpoint, &limits, &f->server, NULL);
    }
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(expect_question(exchange, f->server, &message), id);
    answer(f->server, &message, id, 0);
    bus_message_fini(&message);
    assert_int_equal(await_news(exchange, &question), EXCHANGE_ANSWERED);
    exchange_close(exchange);
}

/* One that is not ready is left for one that is; all of them not ready is an answer. */
static void test_the_next_peer(void **state)
{
    struct fixture *f = *state;
    const struct bus_limits limits = {MESSAGE_BYTES, QUEUE_MESSAGES};
    const int not_ready = HOSO__V1__ERROR_CODE__ERROR_CODE_NOT_READY;
    char endpoints[128];
    struct bus_socket *second = NULL;
    struct bus_message message;
    uint64_t question;
    assert_int_equal(bus_bind(f->server_bus, "tcp://127.0.0.1:*", &limits, &second, NULL),
                     STATUS_OK);
    (void)snprintf(endpoints, sizeof endpoints, "%s %s", bus_endpoint(f->server),
                   bus_endpoint(second));
    struct exchange *exchange = open_exchange(f, endpoints, 0);
    ask(exchange, 1, DEADLINE_MS);
    const uint64_t id = expect_question(exchange, f->server, &message);
    answer(f->server, &message, id, not_ready);
    bus_message_fini(&message);
    assert_int_equal(expect_question(exchange, second, &message), id);
    answer(second, &message, id, 0);
    bus_message_fini(&message);
    assert_int_equal(await_news(exchange, &question), EXCHANGE_ANSWERED);
    ask(exchange, 2, DEADLINE_MS);
    answer_next(exchange, second, not_ready);
    answer_next(exchange, f->server, not_ready);
    assert_int_equal(await_news(exchange, &question), EXCHANGE_REFUSED);
    exchange_close(exchange);
    bus_close(second);
}

/* Several at once: answered in any order, bounded in number and bytes. */
static void test_several(void **state)
{
    struct fixture *f = *state;
    struct exchange *exchange = open_exchange(f, bus_endpoint(f->server), 2);
    Hoso__V1__JournalRequest request = HOSO__V1__JOURNAL_REQUEST__INIT;
    struct bus_message first;
    struct bus_message second;
    uint64_t question;
    ask(exchange, 1, DEADLINE_MS);
    ask(exchange, 2, SHORT_MS);
    assert_int_equal(exchange_ask(exchange, &request.base, SHORT_MS), STATUS_BUSY);
    const uint64_t one = expect_question(exchange, f->server, &first);
    const uint64_t two = expect_question(exchange, f->server, &second);
    assert_int_equal(two, one + 1);
    assert_int_equal(await_news(exchange, &question), EXCHANGE_SILENT);
    assert_int_equal(question, two);
    ask(exchange, 3, DEADLINE_MS);
    bus_message_fini(&first);
    bus_message_fini(&second);
    assert_int_equal(expect_question(exchange, f->server, &first), one); /* a new connection */
    const uint64_t three = expect_question(exchange, f->server, &second);
    answer(f->server, &second, three, 0);
    assert_int_equal(await_news(exchange, &question), EXCHANGE_ANSWERED);
    assert_int_equal(question, three);
    answer(f->server, &first, one, 0);
    assert_int_equal(await_news(exchange, &question), EXCHANGE_ANSWERED);
    assert_int_equal(question, one);
    bus_message_fini(&first);
    bus_message_fini(&second);
    exchange_close(exchange);
}

static uint64_t expect_next(struct exchange *exchange, struct bus_socket *server)
{
    struct bus_message message;
    const uint64_t id = expect_question(exchange, server, &message);
    bus_message_fini(&message);
    return id;
}

/* Whatever is answered, silent or forgotten, the others are asked again in their order. */
static void test_in_order(void **state)
{
    struct fixture *f = *state;
    struct exchange *exchange = open_exchange(f, bus_endpoint(f->server), 4);
    struct bus_message message;
    uint64_t question;
    ask(exchange, 1, DEADLINE_MS);
    ask(exchange, 2, SHORT_MS);
    ask(exchange, 3, DEADLINE_MS);
    ask(exchange, 4, DEADLINE_MS);
    const uint64_t one = expect_question(exchange, f->server, &message);
    for (unsigned i = 1; i < 4; i++) {
        assert_int_equal(expect_next(exchange, f->server), one + i);
    }
    const int64_t answered_ms = clock_ms();
    answer(f->server, &message, one, 0);
    bus_message_fini(&message);
    assert_int_equal(await_news(exchange, &question), EXCHANGE_ANSWERED);
    assert_int_equal(question, one);
    assert_true(exchange_due_ms(exchange) >= answered_ms + SHORT_MS); /* it begins anew */
    assert_int_equal(await_news(exchange, &question), EXCHANGE_SILENT);
    assert_int_equal(question, one + 1);
    ask(exchange, 5, DEADLINE_MS);
    assert_int_equal(expect_next(exchange, f->server), one + 2); /* a new connection */
    assert_int_equal(expect_next(exchange, f->server), one + 3);
    assert_int_equal(expect_next(exchange, f->server), one + 4);
    exchange_forget(exchange, one + 3);
    assert_int_equal(exchange_asking(exchange), 1);
    exchange_close(exchange);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_begin, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_answers),       WITH_FIXTURE(test_silence), WITH_FIXTURE(test_loss),
        WITH_FIXTURE(test_the_next_peer), WITH_FIXTURE(test_several), WITH_FIXTURE(test_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
