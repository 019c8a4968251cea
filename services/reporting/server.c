/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the endpoint and the answers: a read transaction of the replica around those that need
 * the copy, and the way to aggregation and back.
 */
#include "services/reporting/server.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/require.h"
#include "log/log.h"
#include "services/reporting/answers/closed.h"
#include "services/reporting/answers/names.h"
#include "services/reporting/forward.h"
#include "services/reporting/metrics.h"
#include "services/reporting/settings.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name

enum { QUEUE_MESSAGES = 64, REQUESTS_MAX = 512, KEY_REQUESTS_MAX = 64 };

struct server {
    struct server_options options;
    struct endpoint *endpoint;
    struct forward *forward;
};

const struct server_options *server_options(const struct server *server)
{
    return &server->options;
}

static const Hoso__V1__ReportingRequest *wire_of(const struct endpoint_request *request)
{
    return (const Hoso__V1__ReportingRequest *)request->wire;
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

/* With the names that the catalogue has now; without any if the copy cannot be read. */
static void name_lines(const struct server *server, const Hoso__V1__LedgerReply *ledger,
                       struct arena *arena)
{
    struct replica_view view;
    if (replica_begin(server->options.replica, &view) != STATUS_OK) {
        return;
    }
    if (ledger->body_case == HOSO__V1__LEDGER_REPLY__BODY_DOSSIERS) {
        names_dossiers(view.catalogue, arena, ledger->dossiers);
    } else if (ledger->body_case == HOSO__V1__LEDGER_REPLY__BODY_LIVES) {
        names_lives(view.catalogue, arena, ledger->lives);
    }
    replica_end(server->options.replica, &view);
}

/* Aggregation's answer, or none, goes back to the peer that asked. */
static void forwarded(void *context, const struct endpoint_caller *from,
                      const Hoso__V1__LedgerReply *ledger, struct arena *arena)
{
    const struct server *server = context;
    Hoso__V1__ReportingReply reply = HOSO__V1__REPORTING_REPLY__INIT;
    if (ledger != NULL) {
        name_lines(server, ledger, arena);
    }
    if (ledger != NULL && ledger->body_case == HOSO__V1__LEDGER_REPLY__BODY_DOSSIERS) {
        reply.body_case = HOSO__V1__REPORTING_REPLY__BODY_DOSSIERS;
        reply.dossiers = ledger->dossiers;
    } else if (ledger != NULL && ledger->body_case == HOSO__V1__LEDGER_REPLY__BODY_QUALITY) {
        reply.body_case = HOSO__V1__REPORTING_REPLY__BODY_QUALITY;
        reply.quality = ledger->quality;
    } else if (ledger != NULL && ledger->body_case == HOSO__V1__LEDGER_REPLY__BODY_LIVES) {
        reply.body_case = HOSO__V1__REPORTING_REPLY__BODY_LIVES;
        reply.lives = ledger->lives;
    } else if (ledger != NULL && ledger->body_case == HOSO__V1__LEDGER_REPLY__BODY_ERROR) {
        reply.body_case = HOSO__V1__REPORTING_REPLY__BODY_ERROR;
        reply.error = ledger->error;
    } else {
        endpoint_fail_later(server->endpoint, from, STATUS_UNAVAILABLE, "",
                            "aggregation does not answer: try again");
        return;
    }
    endpoint_answer_later(server->endpoint, from, &reply.base);
}

bool server_reached(void *context, struct cut wanted)
{
    const struct server *server = context;
    const struct replica_status status = replica_status(server->options.replica);
    return status.ready && cut_reaches(status.cut, wanted);
}

/* Of a request that may wait for a cut. */
static struct endpoint_wait wait_of(const Hoso__V1__ReportingRequest *body)
{
#define WAIT(of) \
    ((struct endpoint_wait){{(of)->min_incarnation, (of)->min_position}, (of)->wait_ms})
    switch (body->body_case) {
    case HOSO__V1__REPORTING_REQUEST__BODY_RUN_REPORT:
        return WAIT(body->run_report);
    case HOSO__V1__REPORTING_REQUEST__BODY_LIST_DOSSIERS:
        return WAIT(body->list_dossiers);
    case HOSO__V1__REPORTING_REQUEST__BODY_LIST_OPEN:
        return WAIT(body->list_open);
    case HOSO__V1__REPORTING_REQUEST__BODY_QUALITY:
        return WAIT(body->quality);
    case HOSO__V1__REPORTING_REQUEST__BODY_GET_DOSSIER:
        return WAIT(body->get_dossier);
    case HOSO__V1__REPORTING_REQUEST__BODY_LIST_CLOSES:
        return WAIT(body->list_closes);
    default:
        return (struct endpoint_wait){0};
    }
#undef WAIT
}

enum status server_wait(struct endpoint_request *request, struct endpoint_wait *ret_wait)
{
    const struct endpoint_wait wait = wait_of(wire_of(request));
    if (wait.wait_ms > WAIT_MS_MAX) {
        return endpoint_fail(request, STATUS_INVALID, "wait_ms", "%" PRIu32 " is over %d",
                             wait.wait_ms, WAIT_MS_MAX);
    }
    if (wait.cut.position != 0 && wait.cut.incarnation == 0) {
        return endpoint_fail(request, STATUS_INVALID, "min_incarnation",
                             "a position is of one journal: give the incarnation of the same cut");
    }
    *ret_wait = wait;
    return STATUS_OK;
}

static enum status not_ready(struct endpoint_request *from)
{
    const struct server *server = from->context;
    const struct replica_status status = replica_status(server->options.replica);
    const struct cut wanted = wait_of(wire_of(from)).cut;
    if (status.ready && wanted.position != 0 && wanted.incarnation != status.cut.incarnation) {
        return endpoint_fail(from, STATUS_NOT_READY, "min_position",
                             "position %" PRIu64 " is of journal %" PRIu64
                             ", the copy of the ledger is of journal %" PRIu64
                             ": if intake was restored from a backup, send the events again that "
                             "were acknowledged since that backup, and ask with the new "
                             "acknowledgement's cut; else try again",
                             wanted.position, wanted.incarnation, status.cut.incarnation);
    }
    return status.ready
               ? endpoint_fail(from, STATUS_NOT_READY, "min_position",
                               "the copy of the ledger is at position %" PRIu64 ": try again",
                               status.cut.position)
               : endpoint_fail(from, STATUS_NOT_READY, "", "%s", replica_unready(&status));
}

static enum status read_failed(enum status status)
{
    if (status != STATUS_OK) {
        log_event(LOG_ERROR, "reporting.read_failed", "the copy of the ledger cannot be read",
                  "status", status_text(status), NULL);
    }
    return status;
}

/* Makes the answer and sends it, unless aggregation answers or the work is for the long lane. */
static enum status answer(struct request *request, request_answer *make)
{
    switch (make(request)) {
    case REQUEST_FORWARDED:
        return STATUS_OK;
    case REQUEST_LONG:
        return endpoint_defer(request->at);
    default:
        return endpoint_answer(request->at, &request->reply->base);
    }
}

static struct request begin(struct endpoint_request *from, Hoso__V1__ReportingReply *reply)
{
    struct server *server = from->context;
    hoso__v1__reporting_reply__init(reply);
    return (struct request){.server = server,
                            .at = from,
                            .from = &from->caller,
                            .body = wire_of(from),
                            .arena = from->arena,
                            .reply = reply};
}

/* Answers inside one read transaction of the replica. */
static enum status answer_from_copy(struct endpoint_request *from, request_answer *make)
{
    const struct server *server = from->context;
    Hoso__V1__ReportingReply reply;
    struct request request = begin(from, &reply);
    if (from->late) {
        return not_ready(from);
    }
    enum status status = replica_begin(server->options.replica, &request.copy);
    if (status == STATUS_UNAVAILABLE) {
        return not_ready(from);
    }
    if (status != STATUS_OK) {
        return read_failed(status);
    }
    request.view = &request.copy;
    status = answer(&request, make);
    (void)read_failed(request.copy.txn.status);
    closed_leave(&request);
    replica_end(server->options.replica, &request.copy);
    return status;
}

static enum status answer_without_copy(struct endpoint_request *from, request_answer *make)
{
    Hoso__V1__ReportingReply reply;
    struct request request = begin(from, &reply);
    return answer(&request, make);
}

#define BODY(name) HOSO__V1__REPORTING_REQUEST__BODY_##name

static const struct {
    request_answer *make;
    bool from_copy; /* in a read transaction of the replica; else it needs none, or its own */
} answers[] = {
    [BODY(RUN_REPORT)] = {answer_report, true},
    [BODY(LIST_FORMS)] = {answer_forms, false},
    [BODY(LIST_UNITS)] = {answer_units, true},
    [BODY(GET_CATALOGUE)] = {answer_catalogue, true},
    [BODY(LIST_DOSSIERS)] = {answer_dossiers, true},
    [BODY(QUALITY)] = {answer_quality, true},
    [BODY(LIST_OPEN)] = {answer_open, true},
    [BODY(GET_DOSSIER)] = {answer_dossier, true},
    [BODY(LIST_SOURCES)] = {answer_sources, true},
    [BODY(LIST_CLOSES)] = {answer_closes, true},
    [BODY(SERIES)] = {answer_series, true},
    [BODY(TOTALS_SNAPSHOT)] = {answer_totals, false},
};

enum status server_answer(struct endpoint_request *request)
{
    const unsigned body = wire_of(request)->body_case;
    require(body < sizeof answers / sizeof *answers && answers[body].make != NULL);
    return answers[body].from_copy ? answer_from_copy(request, answers[body].make)
                                   : answer_without_copy(request, answers[body].make);
}

static int64_t turn(void *context)
{
    struct server *server = context;
    forward_poll(server->forward, forwarded, server);
    replica_want(server->options.replica, endpoint_wanted(server->endpoint));
    metrics_set(server->options.service->metrics, REPORTING_FORWARDED, 0,
                forward_count(server->forward));
    return forward_deadline(server->forward);
}

static enum status open_endpoint(struct server *server, struct error *error)
{
    struct service *service = server->options.service;
    const struct reporting_settings *settings = service->settings;
    const struct endpoint_options options = {
        .service = service,
        .listen = settings->service.listen,
        .messages = server->options.messages,
        .request = &hoso__v1__reporting_request__descriptor,
        .reply = &hoso__v1__reporting_reply__descriptor,
        .limits = {.request_bytes = REQUEST_BYTES_MAX,
                   .queue_messages = QUEUE_MESSAGES,
                   .key_requests = KEY_REQUESTS_MAX,
                   .all_requests = REQUESTS_MAX,
                   .key_bytes = (size_t)KEY_REQUESTS_MAX * REQUEST_BYTES_MAX,
                   .all_bytes = (size_t)REQUESTS_MAX * REQUEST_BYTES_MAX,
                   .reply_bytes = REPLY_BYTES_MAX,
                   .arena_bytes = REQUEST_ARENA_BYTES},
        .metrics = {.requests = REPORTING_REQUESTS,
                    .unsent = REPORTING_UNDELIVERED,
                    .waiting = REPORTING_PARKED},
        .context = server,
        .wake = server->options.committed,
        .other = forward_socket(server->forward),
        .turn = turn};
    enum status status = endpoint_open(&options, &server->endpoint, error);
    if (status == STATUS_OK) {
        status = endpoint_start(server->endpoint, error);
    }
    if (status == STATUS_OK) {
        log_event(LOG_INFO, "reporting.started", "answering", "endpoint",
                  endpoint_address(server->endpoint), NULL);
    }
    return status;
}

enum status server_open(const struct server_options *options, struct server **ret_server,
                        struct error *error)
{
    struct service *service = options->service;
    const struct reporting_settings *settings = service->settings;
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return error_set(error, STATUS_INTERNAL, "server: out of memory");
    }
    server->options = *options;
    enum status status = forward_open(service->bus, settings->aggregation,
                                      settings->aggregation_key, &server->forward, error);
    if (status == STATUS_OK) {
        status = open_endpoint(server, error);
    }
    if (status != STATUS_OK) {
        service_fail(service); /* a thread that runs sees the stop */
        server_close(server);
        return status;
    }
    *ret_server = server;
    return STATUS_OK;
}

void server_close(struct server *server)
{
    if (server == NULL) {
        return;
    }
    endpoint_join(server->endpoint);
    endpoint_close(server->endpoint);
    forward_close(server->forward);
    free(server);
}
