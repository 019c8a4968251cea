/* SPDX-License-Identifier: Apache-2.0
 *
 * The server: one request, one short read transaction, one answer. A question for changes that
 * finds nothing new is parked until the follower has moved or its time is up; so is a question for
 * dossiers or findings until the position is committed that the asker has seen: who has seen a
 * number must find what is behind it.
 */
#include <inttypes.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/require.h"
#include "log/log.h"
#include "services/aggregation/metrics.h"
#include "wire/wire.h"

struct question {
    struct bus_message message;
    int64_t deadline_ms; /* of one that is parked */
};

struct server {
    struct aggregation *owner;
    struct bus_socket *socket;
    struct arena arena;
    struct buffer reply;
    struct question parked[PARKED_MAX];
    unsigned parked_count;
};

enum status cut_message(struct answer *answer, struct cut cut, Hoso__V1__Cut **ret_message)
{
    Hoso__V1__Cut *message = arena_alloc(answer->arena, sizeof *message);
    if (message == NULL) {
        return STATUS_TOO_LARGE;
    }
    hoso__v1__cut__init(message);
    message->incarnation = cut.incarnation;
    message->position = cut.position;
    *ret_message = message;
    return STATUS_OK;
}

bool still_counting(const struct answer *answer)
{
    return aggregate_read_cut(answer->txn).position <
           atomic_load(&answer->aggregation->complete_at);
}

static Hoso__V1__ErrorCode error_code(enum status status)
{
    switch (status) {
    case STATUS_INVALID:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_INVALID;
    case STATUS_DENIED:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_DENIED;
    case STATUS_NOT_FOUND:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_NOT_FOUND;
    case STATUS_TOO_LARGE:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_TOO_LARGE;
    case STATUS_BUSY:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_BUSY;
    case STATUS_UNAVAILABLE:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_NOT_READY;
    default:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_INTERNAL;
    }
}

static void send_reply(struct server *server, const struct bus_message *to,
                       const Hoso__V1__LedgerReply *reply)
{
    buffer_clear(&server->reply);
    wire_pack(&reply->base, &server->reply);
    require(buffer_status(&server->reply) == STATUS_OK);
    /* A peer that is gone or does not read will ask again. */
    const enum status status = bus_send(server->socket, to, buffer_slice(&server->reply));
    if (status != STATUS_OK) {
        log_event(LOG_DEBUG, "aggregation.not_answered", status_text(status), NULL);
    }
}

static void send_error(struct server *server, const struct bus_message *to, uint64_t request_id,
                       enum status status, struct error *error)
{
    Hoso__V1__LedgerReply reply = HOSO__V1__LEDGER_REPLY__INIT;
    Hoso__V1__Error body = HOSO__V1__ERROR__INIT;
    if (error->text[0] == '\0') {
        (void)error_set(error, status, "%s", status_text(status));
    }
    body.code = error_code(status);
    count_error(server->owner->service->metrics, (int)body.code);
    body.text = error->text;
    reply.request_id = request_id;
    reply.body_case = HOSO__V1__LEDGER_REPLY__BODY_ERROR;
    reply.error = &body;
    send_reply(server, to, &reply);
}

/* The position up to which everything must be committed. */
static uint64_t min_position(const Hoso__V1__LedgerRequest *request)
{
    return request->body_case == HOSO__V1__LEDGER_REQUEST__BODY_SCAN_DOSSIERS
               ? request->scan_dossiers->min_position
               : request->scan_quality->min_position;
}

static enum status scan(struct answer *answer, bool may_wait, bool *ret_wait)
{
    if (still_counting(answer)) {
        return error_set(answer->error, STATUS_UNAVAILABLE,
                         "aggregation is still counting the journal: try again later");
    }
    if (aggregate_read_cut(answer->txn).position < min_position(answer->request)) {
        *ret_wait = true;
        return may_wait ? STATUS_OK
                        : error_set(answer->error, STATUS_UNAVAILABLE,
                                    "aggregation has not counted and stored the events up to "
                                    "position %" PRIu64 " yet: try again later",
                                    min_position(answer->request));
    }
    return answer->request->body_case == HOSO__V1__LEDGER_REQUEST__BODY_SCAN_DOSSIERS
               ? answer_dossiers(answer)
               : answer_quality(answer);
}

static enum status dispatch(struct answer *answer, bool may_wait, bool *ret_wait)
{
    switch (answer->request->body_case) {
    case HOSO__V1__LEDGER_REQUEST__BODY_CHANGES:
        return answer_changes(answer, ret_wait);
    case HOSO__V1__LEDGER_REQUEST__BODY_SNAPSHOT:
        return answer_snapshot(answer);
    case HOSO__V1__LEDGER_REQUEST__BODY_SCAN_DOSSIERS:
    case HOSO__V1__LEDGER_REQUEST__BODY_SCAN_QUALITY:
        return scan(answer, may_wait, ret_wait);
    case HOSO__V1__LEDGER_REQUEST__BODY_STATUS:
        return answer_status(answer);
    default:
        return error_set(answer->error, STATUS_INVALID, "request.body: none of the known requests");
    }
}

/* Answers, unless there is something to wait for and it may wait: then returns true. */
static bool answer_request(struct server *server, const struct question *question,
                           const Hoso__V1__LedgerRequest *request, bool may_wait)
{
    struct store_txn txn;
    struct error error = {0};
    Hoso__V1__LedgerReply reply = HOSO__V1__LEDGER_REPLY__INIT;
    struct answer answer = {server->owner, &txn, &server->arena, request, &reply, &error};
    bool wait = false;
    reply.request_id = request->request_id;
    store_begin_read(server->owner->store, &txn);
    enum status status = dispatch(&answer, may_wait, &wait);
    status = txn.status != STATUS_OK ? txn.status : status;
    wait = wait && may_wait && status == STATUS_OK;
    if (status != STATUS_OK) {
        send_error(server, &question->message, request->request_id, status, &error);
    } else if (!wait) {
        send_reply(server, &question->message, &reply);
        count_answer(server->owner->service->metrics, request->body_case);
    }
    store_abort(&txn);
    if (status == STATUS_CORRUPT || status == STATUS_IO || status == STATUS_INTERNAL) {
        log_event(LOG_ERROR, "aggregation.read_failed", status_text(status), NULL);
    }
    return wait;
}

static bool may_ask(struct server *server, const char *user)
{
    const struct principal *principal = registry_begin(server->owner->service->registry, user);
    const bool allowed =
        principal != NULL && (principal->role == ROLE_SERVICE || principal->role == ROLE_ADMIN);
    registry_end(server->owner->service->registry);
    return allowed;
}

static int64_t wait_ms(const Hoso__V1__LedgerRequest *request)
{
    const bool changes = request->body_case == HOSO__V1__LEDGER_REQUEST__BODY_CHANGES;
    const uint32_t asked_ms = changes ? request->changes->wait_ms : SCAN_WAIT_MS;
    return asked_ms < WAIT_MS_MAX ? asked_ms : WAIT_MS_MAX;
}

/* Takes the question's message: it is parked or done with. */
static void handle(struct server *server, struct question *question)
{
    struct error error = {0};
    ProtobufCMessage *unpacked = NULL;
    arena_reset(&server->arena);
    enum status status = wire_unpack(&hoso__v1__ledger_request__descriptor,
                                     question->message.payload, &server->arena, &unpacked, &error);
    const Hoso__V1__LedgerRequest *request = (const Hoso__V1__LedgerRequest *)unpacked;
    if (status == STATUS_OK && !may_ask(server, question->message.user)) {
        status = error_set(&error, STATUS_DENIED,
                           "\"%s\" may not ask for the ledger: roles service and admin may",
                           question->message.user);
    }
    if (status != STATUS_OK) {
        send_error(server, &question->message, request != NULL ? request->request_id : 0, status,
                   &error);
        bus_message_fini(&question->message);
        return;
    }
    const int64_t now = clock_ms();
    if (question->deadline_ms == 0) {
        question->deadline_ms = now + wait_ms(request);
    }
    const bool may_wait = now < question->deadline_ms && server->parked_count < PARKED_MAX;
    if (answer_request(server, question, request, may_wait)) {
        server->parked[server->parked_count++] = *question;
        if (request->body_case != HOSO__V1__LEDGER_REQUEST__BODY_CHANGES) {
            atomic_store(&server->owner->wanted, min_position(request));
            bus_wake_signal(&server->owner->hurry);
        }
    } else {
        bus_message_fini(&question->message);
    }
}

/* Asks again for everybody who is parked; those past their deadline are answered as it is. */
static void answer_parked(struct server *server)
{
    const unsigned count = server->parked_count;
    server->parked_count = 0;
    for (unsigned i = 0; i < count; i++) {
        struct question question = server->parked[i];
        handle(server, &question);
    }
}

static int next_timeout_ms(const struct server *server)
{
    int64_t nearest = INT64_MAX;
    for (unsigned i = 0; i < server->parked_count; i++) {
        nearest = server->parked[i].deadline_ms < nearest ? server->parked[i].deadline_ms : nearest;
    }
    const int64_t left = nearest == INT64_MAX ? WAIT_MS_MAX : nearest - clock_ms();
    return left < 0 ? 0 : (int)left;
}

static void run(struct server *server)
{
    struct bus_poll_item items[] = {{.socket = server->socket},
                                    {.fd = server->owner->moved.fd},
                                    {.fd = server->owner->service->stop_fd}};
    while (!service_stopping(server->owner->service)) {
        const int timeout_ms = next_timeout_ms(server);
        (void)bus_poll(items, 3, timeout_ms);
        struct question question = {.deadline_ms = 0};
        if (bus_receive(server->socket, &question.message) == STATUS_OK) {
            handle(server, &question);
        }
        if (items[1].readable || next_timeout_ms(server) == 0) {
            bus_wake_drain(&server->owner->moved);
            answer_parked(server);
            store_check_readers(server->owner->store);
        }
        metrics_set(server->owner->service->metrics, AGGREGATION_PARKED, 0, server->parked_count);
    }
}

void *serve(void *aggregation)
{
    static struct server server;
    struct error error = {0};
    const struct bus_limits limits = {LEDGER_REQUEST_BYTES_MAX, LEDGER_QUEUE};
    server.owner = aggregation;
    struct service *service = server.owner->service;
    const struct service_settings *settings = service->settings;
    arena_init(&server.arena, LEDGER_ARENA_BYTES);
    buffer_init(&server.reply, LEDGER_REPLY_BYTES_MAX);
    if (bus_bind(service->bus, settings->listen, &limits, &server.socket, &error) == STATUS_OK) {
        log_event(LOG_INFO, "aggregation.serving", "serving the ledger", "endpoint",
                  bus_endpoint(server.socket), NULL);
        run(&server);
        for (unsigned i = 0; i < server.parked_count; i++) {
            bus_message_fini(&server.parked[i].message);
        }
    } else {
        log_event(LOG_ERROR, "aggregation.bind_failed", error.text, NULL);
        service_fail(service);
    }
    bus_close(server.socket);
    buffer_fini(&server.reply);
    arena_fini(&server.arena);
    return NULL;
}
