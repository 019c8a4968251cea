/* SPDX-License-Identifier: Apache-2.0
 *
 * A question is kept packed until it is answered. What is sent in a session is lost with it, so the
 * session in which it was sent says whether it must be sent again.
 */
#include "bus/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/require.h"
#include "wire/wire.h"

enum { REQUEST_ID = 1, ERROR_BODY = 15 };

struct question {
    uint64_t id;
    struct buffer packed;
    uint64_t sent_session; /* 0 = not sent */
    int64_t answer_ms;
    int64_t sent_ms; /* when its time began */
};

struct exchange {
    const ProtobufCMessageDescriptor *reply;
    struct bus_socket *socket;
    size_t request_bytes;
    size_t kept_max;
    size_t kept_bytes;
    uint64_t last_id;
    uint64_t heard_session; /* 0 = the peer has not answered in the present session */
    int64_t heard_ms;
    unsigned left; /* peers that were not ready, since the last answer */
    unsigned max;  /* questions; 0 = one, which the next replaces */
    bool in_order;
    unsigned count;
    struct question questions[];
};

static unsigned char *field_at(const ProtobufCMessage *message, unsigned number)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(message->descriptor, number);
    require(field != NULL);
    return (unsigned char *)(uintptr_t)message + field->offset;
}

void exchange_set_id(ProtobufCMessage *request, uint64_t id)
{
    memcpy(field_at(request, REQUEST_ID), &id, sizeof id);
}

uint64_t exchange_id(const ProtobufCMessage *reply)
{
    uint64_t id;
    memcpy(&id, field_at(reply, REQUEST_ID), sizeof id);
    return id;
}

const Hoso__V1__Error *exchange_refusal(const ProtobufCMessage *reply)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(reply->descriptor, ERROR_BODY);
    const Hoso__V1__Error *refusal = NULL;
    uint32_t which;
    require(field != NULL);
    memcpy(&which, (const unsigned char *)reply + field->quantifier_offset, sizeof which);
    if (which == ERROR_BODY) {
        memcpy(&refusal, (const unsigned char *)reply + field->offset, sizeof refusal);
    }
    return refusal;
}

enum status exchange_open(const struct exchange_options *options, struct exchange **ret_exchange,
                          struct error *error)
{
    const size_t room = options->questions != 0 ? options->questions : 1;
    struct exchange *exchange = calloc(1, sizeof *exchange + room * sizeof(struct question));
    if (exchange == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    exchange->reply = options->reply;
    exchange->request_bytes = options->request_bytes;
    exchange->kept_max = options->questions != 0 ? options->kept_bytes : options->request_bytes;
    exchange->max = options->questions;
    exchange->in_order = options->in_order;
    const enum status status = bus_connect(options->bus, options->endpoints, options->server_keys,
                                           &options->limits, &exchange->socket, error);
    if (status != STATUS_OK) {
        exchange_close(exchange);
        return status;
    }
    *ret_exchange = exchange;
    return STATUS_OK;
}

static void end_question(struct exchange *exchange, unsigned index)
{
    struct question *question = &exchange->questions[index];
    exchange->kept_bytes -= question->packed.size;
    buffer_fini(&question->packed);
    exchange->count--;
    memmove(question, question + 1, (exchange->count - index) * sizeof *question);
}

void exchange_forget(struct exchange *exchange, uint64_t first)
{
    while (exchange->count != 0 && exchange->questions[exchange->count - 1].id >= first) {
        end_question(exchange, exchange->count - 1);
    }
}

void exchange_close(struct exchange *exchange)
{
    if (exchange != NULL) {
        exchange_forget(exchange, 0);
        bus_close(exchange->socket);
        free(exchange);
    }
}

struct bus_socket *exchange_socket(const struct exchange *exchange)
{
    return exchange->socket;
}

unsigned exchange_asking(const struct exchange *exchange)
{
    return exchange->count;
}

static int64_t due_ms(const struct exchange *exchange, const struct question *question)
{
    const bool later = exchange->in_order && exchange->heard_ms > question->sent_ms;
    return (later ? exchange->heard_ms : question->sent_ms) + question->answer_ms;
}

int64_t exchange_due_ms(const struct exchange *exchange)
{
    int64_t due = INT64_MAX;
    for (unsigned i = 0; i < exchange->count; i++) {
        const int64_t of_this = due_ms(exchange, &exchange->questions[i]);
        due = of_this < due ? of_this : due;
    }
    return due;
}

bool exchange_is_heard(const struct exchange *exchange)
{
    return exchange->heard_session != 0 && bus_is_up(exchange->socket) &&
           exchange->heard_session == bus_session(exchange->socket);
}

/* Sends what the present session has not seen; true = something was sent. */
static bool send_questions(struct exchange *exchange)
{
    bool sent = false;
    for (unsigned i = 0; i < exchange->count; i++) {
        struct question *question = &exchange->questions[i];
        const bool up = bus_is_up(exchange->socket);
        if (up && question->sent_session == bus_session(exchange->socket)) {
            continue;
        }
        if (bus_send(exchange->socket, NULL, buffer_slice(&question->packed)) != STATUS_OK) {
            break;
        }
        question->sent_session = bus_session(exchange->socket);
        question->sent_ms = exchange->max == 0 ? clock_ms() : question->sent_ms;
        sent = true;
    }
    return sent;
}

enum status exchange_ask(struct exchange *exchange, ProtobufCMessage *request, int64_t answer_ms)
{
    if (exchange->max == 0) {
        exchange_forget(exchange, 0);
    } else if (exchange->count == exchange->max) {
        return STATUS_BUSY;
    }
    struct question *question = &exchange->questions[exchange->count];
    *question =
        (struct question){.id = ++exchange->last_id, .answer_ms = answer_ms, .sent_ms = clock_ms()};
    buffer_init(&question->packed, exchange->request_bytes);
    exchange_set_id(request, question->id);
    wire_pack(request, &question->packed);
    enum status status = buffer_status(&question->packed);
    if (status == STATUS_OK && question->packed.size > exchange->kept_max - exchange->kept_bytes) {
        status = STATUS_BUSY;
    }
    if (status != STATUS_OK) {
        buffer_fini(&question->packed);
        return status;
    }
    exchange->kept_bytes += question->packed.size;
    exchange->count++;
    (void)send_questions(exchange);
    return STATUS_OK;
}

/* It is not ready and others may be: all questions go to the next peer. */
static bool leaves(struct exchange *exchange, const Hoso__V1__Error *refusal)
{
    if (refusal == NULL || refusal->code != HOSO__V1__ERROR_CODE__ERROR_CODE_NOT_READY ||
        exchange->left + 1 >= bus_peer_count(exchange->socket)) {
        exchange->left = 0;
        return false;
    }
    exchange->left++;
    exchange->heard_session = 0;
    bus_leave(exchange->socket);
    return true;
}

static enum exchange_news take_message(struct exchange *exchange, struct slice payload,
                                       struct arena *arena, struct exchange_answer *ret_answer,
                                       struct error *error)
{
    ProtobufCMessage *reply = NULL;
    if (wire_unpack(exchange->reply, payload, arena, &reply, error) != STATUS_OK) {
        if (exchange->max == 0) {
            exchange_forget(exchange, 0); /* what else could it answer? */
        }
        return EXCHANGE_UNREADABLE;
    }
    unsigned index = 0;
    const uint64_t id = exchange_id(reply);
    while (index < exchange->count && exchange->questions[index].id != id) {
        index++;
    }
    if (index == exchange->count) {
        return EXCHANGE_NOTHING;
    }
    exchange->heard_session = bus_session(exchange->socket);
    exchange->heard_ms = clock_ms();
    *ret_answer = (struct exchange_answer){id, reply, exchange_refusal(reply)};
    if (leaves(exchange, ret_answer->refusal)) {
        return EXCHANGE_NOTHING;
    }
    end_question(exchange, index);
    return ret_answer->refusal == NULL ? EXCHANGE_ANSWERED : EXCHANGE_REFUSED;
}

/* A question whose time is up. If nothing has come in that time, the peer is given up. */
static bool take_silence(struct exchange *exchange, struct exchange_answer *ret_answer)
{
    for (unsigned i = 0; i < exchange->count; i++) {
        const struct question *question = &exchange->questions[i];
        if (clock_ms() < due_ms(exchange, question)) {
            continue;
        }
        if (exchange->in_order || exchange->heard_ms <= question->sent_ms) {
            exchange->heard_session = 0;
            bus_leave(exchange->socket);
        }
        *ret_answer = (struct exchange_answer){.question = question->id};
        end_question(exchange, i);
        return true;
    }
    return false;
}

static enum exchange_news receive(struct exchange *exchange, struct arena *arena,
                                  struct exchange_answer *ret_answer, struct error *error)
{
    enum exchange_news news = EXCHANGE_NOTHING;
    struct bus_message message;
    while (news == EXCHANGE_NOTHING && bus_receive(exchange->socket, &message) == STATUS_OK) {
        news = take_message(exchange, message.payload, arena, ret_answer, error);
        bus_message_fini(&message);
    }
    return news;
}

enum exchange_news exchange_take(struct exchange *exchange, struct arena *arena,
                                 struct exchange_answer *ret_answer, struct error *error)
{
    enum exchange_news news;
    do {
        news = receive(exchange, arena, ret_answer, error);
    } while (news == EXCHANGE_NOTHING && send_questions(exchange));
    if (news != EXCHANGE_NOTHING) {
        return news;
    }
    if (exchange->heard_session != 0 && !exchange_is_heard(exchange)) {
        exchange->heard_session = 0;
        return EXCHANGE_LOST;
    }
    return take_silence(exchange, ret_answer) ? EXCHANGE_SILENT : EXCHANGE_NOTHING;
}

enum exchange_news exchange_call(struct exchange *exchange, ProtobufCMessage *request,
                                 int64_t timeout_ms, int64_t refused_ms, struct arena *arena,
                                 struct exchange_answer *ret_answer, struct error *error)
{
    const int64_t begun_ms = clock_ms();
    const int64_t end_ms = begun_ms + timeout_ms;
    const int64_t refused_end_ms = begun_ms + refused_ms;
    const int64_t answer_ms = timeout_ms / bus_peer_count(exchange->socket); /* then the next */
    struct bus_poll_item item = {.socket = exchange->socket};
    require(exchange->max == 0);
    for (;;) {
        const int64_t left_ms = end_ms - clock_ms();
        if (exchange->count == 0 &&
            exchange_ask(exchange, request, answer_ms < left_ms ? answer_ms : left_ms) !=
                STATUS_OK) {
            (void)error_set(error, STATUS_TOO_LARGE, "the request is over %zu MiB",
                            exchange->request_bytes >> 20);
            return EXCHANGE_UNREADABLE;
        }
        const enum exchange_news news = exchange_take(exchange, arena, ret_answer, error);
        if (news == EXCHANGE_ANSWERED || news == EXCHANGE_REFUSED || news == EXCHANGE_UNREADABLE) {
            exchange_forget(exchange, 0);
            return news;
        }
        const bool refused = bus_is_refused(exchange->socket);
        if (clock_ms() >= (refused && refused_end_ms < end_ms ? refused_end_ms : end_ms)) {
            exchange_forget(exchange, 0);
            return EXCHANGE_SILENT;
        }
        if (news == EXCHANGE_NOTHING) {
            int64_t due = exchange_due_ms(exchange) < end_ms ? exchange_due_ms(exchange) : end_ms;
            if (clock_ms() < refused_end_ms && refused_end_ms < due) {
                due = refused_end_ms; /* to see whether it is refused then */
            }
            const int64_t wait_ms = due - clock_ms();
            (void)bus_poll(&item, 1,
                           wait_ms < 0           ? 0
                           : wait_ms < INT32_MAX ? (int)wait_ms
                                                 : INT32_MAX);
        }
    }
}
