/* SPDX-License-Identifier: Apache-2.0
 *
 * The serving thread. A request goes: envelope → unpacked into the arena → its row of the table →
 * (parked | answered | forwarded) → packed → sent.
 */
#include "services/reporting/server.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/require.h"
#include "log/log.h"
#include "services/reporting/forward.h"
#include "services/reporting/metrics.h"
#include "services/reporting/parking.h"
#include "services/reporting/settings.h"
#include "wire/wire.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name

struct server {
    struct server_options options;
    struct bus_socket *socket;
    struct forward *forward;
    struct parking parking;
    struct arena arena;
    struct buffer reply;
    pthread_t thread;
};

const struct server_options *server_options(const struct server *server)
{
    return &server->options;
}

static struct metrics *metrics_of(const struct server *server)
{
    return server->options.service->metrics;
}

static void pack_too_large(struct server *server, uint64_t request_id)
{
    Hoso__V1__ReportingReply reply = HOSO__V1__REPORTING_REPLY__INIT;
    Hoso__V1__Error error = HOSO__V1__ERROR__INIT;
    error.code = CODE(TOO_LARGE);
    error.text = message_text("the answer would be over 16 MiB: ask for a smaller unit");
    reply.request_id = request_id;
    reply.body_case = HOSO__V1__REPORTING_REPLY__BODY_ERROR;
    reply.error = &error;
    buffer_clear(&server->reply);
    wire_pack(&reply.base, &server->reply);
}

/* An answer too large for its limit becomes an error; a peer that is gone or does not read will ask
 * again. */
static void send_reply(struct server *server, const struct envelope *to,
                       Hoso__V1__ReportingReply *reply)
{
    if (reply->body_case == HOSO__V1__REPORTING_REPLY__BODY_ERROR) {
        count_error(metrics_of(server), (int)reply->error->code);
    }
    reply->request_id = to->request_id;
    buffer_clear(&server->reply);
    wire_pack(&reply->base, &server->reply);
    if (buffer_status(&server->reply) != STATUS_OK) {
        pack_too_large(server, to->request_id);
        count_error(metrics_of(server), CODE(TOO_LARGE));
    }
    if (bus_send_to(server->socket, to->peer, to->peer_size, buffer_slice(&server->reply)) !=
        STATUS_OK) {
        metrics_add(metrics_of(server), REPORTING_UNDELIVERED, 0, 1);
    }
}

enum outcome server_forward(struct request *request, Hoso__V1__LedgerRequest *ledger)
{
    switch (forward_send(request->server->forward, request->from, ledger)) {
    case STATUS_OK:
        return REQUEST_FORWARDED;
    case STATUS_BUSY:
        return request_refuse(request, CODE(BUSY), "",
                              "too many questions wait for aggregation: try again");
    default:
        return request_fail(request, STATUS_TOO_LARGE);
    }
}

/* Aggregation's answer, or none, goes back to whoever asked. */
static void forwarded(void *context, const struct envelope *from,
                      const Hoso__V1__LedgerReply *ledger)
{
    Hoso__V1__ReportingReply reply = HOSO__V1__REPORTING_REPLY__INIT;
    Hoso__V1__Error error = HOSO__V1__ERROR__INIT;
    error.code = CODE(UNAVAILABLE);
    error.text = message_text("aggregation does not answer: try again");
    reply.body_case = HOSO__V1__REPORTING_REPLY__BODY_ERROR;
    reply.error = &error;
    if (ledger != NULL && ledger->body_case == HOSO__V1__LEDGER_REPLY__BODY_DOSSIERS) {
        reply.body_case = HOSO__V1__REPORTING_REPLY__BODY_DOSSIERS;
        reply.dossiers = ledger->dossiers;
    } else if (ledger != NULL && ledger->body_case == HOSO__V1__LEDGER_REPLY__BODY_QUALITY) {
        reply.body_case = HOSO__V1__REPORTING_REPLY__BODY_QUALITY;
        reply.quality = ledger->quality;
    } else if (ledger != NULL && ledger->body_case == HOSO__V1__LEDGER_REPLY__BODY_ERROR) {
        reply.error = ledger->error;
    }
    send_reply(context, from, &reply);
}

static const struct message_kind *find_kind(const struct server *server,
                                            const Hoso__V1__ReportingRequest *body)
{
    for (unsigned i = 0; i < server->options.kind_count; i++) {
        if (server->options.kinds[i].body == body->body_case) {
            return &server->options.kinds[i];
        }
    }
    return NULL;
}

/* Any role of the registry may ask; what for is each answer's business. */
static bool is_known(struct server *server, const char *user)
{
    struct registry *registry = server->options.service->registry;
    const struct principal *principal = registry_begin(registry, user);
    const bool known = principal != NULL && principal->role != ROLE_NONE;
    registry_end(registry);
    return known;
}

/* Waits for a position, if the asker wants to and there is room. `payload` NULL = it has waited. */
static enum outcome wait_for_copy(struct request *request, const struct slice *payload,
                                  bool *ret_parked)
{
    struct server *server = request->server;
    const bool report = request->body->body_case == HOSO__V1__REPORTING_REQUEST__BODY_RUN_REPORT;
    const uint32_t wait_ms = report ? request->body->run_report->wait_ms : 0;
    if (payload != NULL && wait_ms != 0) {
        const int64_t deadline_ms = clock_ms() + wait_ms;
        if (parking_add(&server->parking, request->from, *payload,
                        request->body->run_report->min_position, deadline_ms) == STATUS_OK) {
            *ret_parked = true;
            return REQUEST_ANSWERED;
        }
        return request_refuse(request, CODE(BUSY), "", "too many requests wait here: try again");
    }
    const struct replica_status status = replica_status(server->options.replica);
    if (!status.ready) {
        return request_refuse(request, CODE(NOT_READY), "",
                              "the copy of the ledger is not complete yet: try again");
    }
    return request_refuse(request, CODE(NOT_READY), "min_position",
                          "the copy of the ledger is at position %" PRIu64 ": try again",
                          status.cut.position);
}

static bool far_enough(const struct request *request)
{
    return request->body->body_case != HOSO__V1__REPORTING_REQUEST__BODY_RUN_REPORT ||
           request->body->run_report->min_position <= request->view->cut.position;
}

/* How long a request may wait is checked before anything waits. */
static bool wait_is_bounded(struct request *request)
{
    if (request->body->body_case != HOSO__V1__REPORTING_REQUEST__BODY_RUN_REPORT ||
        request->body->run_report->wait_ms <= WAIT_MS_MAX) {
        return true;
    }
    (void)request_refuse(request, CODE(INVALID), "wait_ms", "%" PRIu32 " is over %d",
                         request->body->run_report->wait_ms, WAIT_MS_MAX);
    return false;
}

/* Answers inside one read transaction of the replica. */
static enum outcome answer_from_copy(struct request *request, const struct message_kind *kind,
                                     const struct slice *payload, bool *ret_parked)
{
    struct replica *replica = request->server->options.replica;
    if (!wait_is_bounded(request)) {
        return REQUEST_ANSWERED;
    }
    const enum status status = replica_begin(replica, &request->copy);
    if (status == STATUS_UNAVAILABLE) {
        return wait_for_copy(request, payload, ret_parked);
    }
    if (status != STATUS_OK) {
        log_event(LOG_ERROR, "reporting.read_failed", "the copy of the ledger cannot be read",
                  "status", status_text(status), NULL);
        return request_fail(request, status);
    }
    request->view = &request->copy;
    const enum outcome outcome =
        far_enough(request) ? kind->answer(request) : wait_for_copy(request, payload, ret_parked);
    const enum status read = request->copy.txn.status;
    if (read != STATUS_OK) {
        log_event(LOG_ERROR, "reporting.read_failed", "the copy of the ledger cannot be read",
                  "status", status_text(read), NULL);
    }
    return outcome;
}

static void measure_report(const struct request *request, uint64_t took_us)
{
    if (request->body != NULL &&
        request->body->body_case == HOSO__V1__REPORTING_REQUEST__BODY_RUN_REPORT) {
        count_report(metrics_of(request->server), request->body->run_report->form,
                     request->reply->body_case == HOSO__V1__REPORTING_REPLY__BODY_REPORT, took_us);
    }
}

/* `payload` of a request that has waited is not parked again. */
static void handle(struct server *server, struct envelope *from, struct slice payload,
                   bool may_wait)
{
    Hoso__V1__ReportingReply reply = HOSO__V1__REPORTING_REPLY__INIT;
    struct error error = {0};
    ProtobufCMessage *body = NULL;
    arena_reset(&server->arena);
    struct request request = {.server = server,
                              .registry = server->options.service->registry,
                              .from = from,
                              .arena = &server->arena,
                              .reply = &reply};
    bool parked = false;
    const uint64_t begun_us = clock_us();
    enum outcome outcome = REQUEST_ANSWERED;
    const enum status status = wire_unpack(&hoso__v1__reporting_request__descriptor, payload,
                                           &server->arena, &body, &error);
    request.body = (const Hoso__V1__ReportingRequest *)body;
    from->request_id = status == STATUS_OK ? request.body->request_id : 0;
    if (may_wait) {
        count_request(metrics_of(server), request.body);
    }
    const struct message_kind *kind = status == STATUS_OK ? find_kind(server, request.body) : NULL;
    if (status != STATUS_OK) {
        outcome = request_refuse(&request, CODE(INVALID), "", "%s", error.text);
    } else if (!is_known(server, from->user)) {
        outcome = request_refuse(&request, CODE(DENIED), "",
                                 "\"%s\" is not in the registry any more", from->user);
    } else if (kind == NULL) {
        outcome = request_refuse(&request, CODE(INVALID), "body", "none of the known requests");
    } else if (kind->needs_copy) {
        outcome = answer_from_copy(&request, kind, may_wait ? &payload : NULL, &parked);
    } else {
        outcome = kind->answer(&request);
    }
    if (outcome == REQUEST_ANSWERED && !parked) {
        send_reply(server, from, &reply);
        measure_report(&request, clock_us() - begun_us);
    }
    if (request.view != NULL) {
        replica_end(server->options.replica, &request.copy);
    }
}

static void receive(struct server *server)
{
    struct bus_message message;
    for (unsigned i = 0; i < QUEUE_MESSAGES; i++) {
        if (bus_receive(server->socket, &message) != STATUS_OK) {
            return;
        }
        struct envelope from = {.peer_size = message.peer_size};
        memcpy(from.peer, message.peer, message.peer_size);
        memcpy(from.user, message.user, sizeof from.user);
        handle(server, &from, message.payload, true);
        bus_message_fini(&message);
    }
}

/* Handles again what waited: for a position that is reached, or to the end of its time. */
static void unpark(struct server *server, bool all)
{
    const struct replica_status status = replica_status(server->options.replica);
    const int64_t now = all ? INT64_MAX : clock_ms();
    struct parked *parked = parking_take(&server->parking, status.ready, status.cut.position, now);
    while (parked != NULL) {
        handle(server, &parked->from, slice_of(parked->payload, parked->size), false);
        free(parked);
        parked = parking_take(&server->parking, status.ready, status.cut.position, now);
    }
}

static int poll_timeout(const struct server *server)
{
    const int64_t parked = parking_deadline(&server->parking);
    const int64_t forwards = forward_deadline(server->forward);
    const int64_t next = parked < forwards ? parked : forwards;
    if (next == INT64_MAX) {
        return -1;
    }
    const int64_t left = next - clock_ms();
    return left > 0 ? (int)left : 0;
}

static void *run(void *context)
{
    struct server *server = context;
    struct service *service = server->options.service;
    while (!service_stopping(service)) {
        struct bus_poll_item items[] = {{.socket = server->socket},
                                        {.socket = forward_socket(server->forward)},
                                        {.fd = server->options.moved->fd},
                                        {.fd = service->stop_fd}};
        (void)bus_poll(items, COUNT_OF(items), poll_timeout(server));
        if (items[2].readable) {
            bus_wake_drain(server->options.moved);
        }
        receive(server);
        forward_poll(server->forward, forwarded, server);
        unpark(server, false);
        replica_want(server->options.replica, parking_position(&server->parking));
        metrics_set(metrics_of(server), REPORTING_PARKED, 0, server->parking.count);
        metrics_set(metrics_of(server), REPORTING_FORWARDED, 0, forward_count(server->forward));
    }
    unpark(server, true);
    return NULL;
}

enum status server_open(const struct server_options *options, struct server **ret_server,
                        struct error *error)
{
    const struct bus_limits limits = {REQUEST_BYTES_MAX, QUEUE_MESSAGES};
    const struct reporting_settings *settings = options->service->settings;
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return error_set(error, STATUS_INTERNAL, "server: out of memory");
    }
    server->options = *options;
    arena_init(&server->arena, REQUEST_ARENA_BYTES);
    buffer_init(&server->reply, REPLY_BYTES_MAX);
    enum status status = forward_open(options->service->bus, settings->aggregation,
                                      settings->aggregation_key, &server->forward, error);
    if (status == STATUS_OK) {
        /* Made here and used by the thread alone: its start is the hand-over. */
        status = bus_bind(options->service->bus, settings->service.listen, &limits, &server->socket,
                          error);
    }
    if (status == STATUS_OK) {
        require(pthread_create(&server->thread, NULL, run, server) == 0);
        log_event(LOG_INFO, "reporting.started", "answering", "endpoint",
                  bus_endpoint(server->socket), NULL);
        *ret_server = server;
        return STATUS_OK;
    }
    forward_close(server->forward);
    buffer_fini(&server->reply);
    arena_fini(&server->arena);
    free(server);
    return status;
}

void server_close(struct server *server)
{
    if (server == NULL) {
        return;
    }
    (void)pthread_join(server->thread, NULL);
    bus_close(server->socket);
    forward_close(server->forward);
    parking_fini(&server->parking);
    buffer_fini(&server->reply);
    arena_fini(&server->arena);
    free(server);
}
