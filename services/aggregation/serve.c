/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger's endpoint: one request, one short read transaction, one answer. A question for
 * changes that finds nothing new waits until something is applied; a question for dossiers or
 * findings waits until the position is committed that the asker has seen, so that what is behind a
 * number that was seen is found.
 */
#include <inttypes.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "log/log.h"
#include "services/aggregation/metrics.h"

enum { CHECK_INTERVAL_MS = 60000 };

typedef enum status answer_in_transaction(struct answer *answer);

static const Hoso__V1__LedgerRequest *wire_of(const struct endpoint_request *request)
{
    return (const Hoso__V1__LedgerRequest *)request->wire;
}

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

/* The answer is packed before the transaction ends, since it points into the store's pages. */
static enum status serve(struct endpoint_request *request, answer_in_transaction *fill)
{
    struct aggregation *owner = request->context;
    struct store_txn txn;
    Hoso__V1__LedgerReply reply = HOSO__V1__LEDGER_REPLY__INIT;
    struct answer answer = {owner, &txn, request->arena, wire_of(request), &reply, &request->error};
    store_begin_read(owner->store, &txn);
    enum status status = fill(&answer);
    status = status_first(txn.status, status);
    if (status == STATUS_OK) {
        status = endpoint_answer(request, &reply.base);
    }
    store_abort(&txn);
    if (status == STATUS_CORRUPT || status == STATUS_IO || status == STATUS_INTERNAL) {
        log_event(LOG_ERROR, "aggregation.read_failed", status_text(status), NULL);
    }
    return status;
}

enum status serve_changes(struct endpoint_request *request)
{
    return serve(request, answer_changes);
}

enum status serve_snapshot(struct endpoint_request *request)
{
    return serve(request, answer_snapshot);
}

#define CUT_OF(scan) ((struct cut){(scan)->min_incarnation, (scan)->min_position})

/* The cut that a scan waits for. */
static struct cut wanted_cut(const Hoso__V1__LedgerRequest *body)
{
    switch (body->body_case) {
    case HOSO__V1__LEDGER_REQUEST__BODY_SCAN_DOSSIERS:
        return CUT_OF(body->scan_dossiers);
    case HOSO__V1__LEDGER_REQUEST__BODY_SCAN_QUALITY:
        return CUT_OF(body->scan_quality);
    case HOSO__V1__LEDGER_REQUEST__BODY_SCAN_OPEN:
        return CUT_OF(body->scan_open);
    case HOSO__V1__LEDGER_REQUEST__BODY_READ_DOSSIER:
        return CUT_OF(body->read_dossier);
    default:
        return (struct cut){0, 0};
    }
}

static enum status late(struct endpoint_request *request)
{
    const struct aggregation *owner = request->context;
    const struct cut wanted = wanted_cut(wire_of(request));
    const struct cut cut = aggregate_cut(owner->aggregate);
    if (wanted.incarnation != cut.incarnation) {
        return endpoint_fail(request, STATUS_NOT_READY, "",
                             "aggregation counts journal %" PRIu64 ", not journal %" PRIu64
                             ", which was asked for: try again when reporting has the ledger of "
                             "the same journal",
                             cut.incarnation, wanted.incarnation);
    }
    return endpoint_fail(request, STATUS_NOT_READY, "",
                         "aggregation has not counted and stored the events up to position "
                         "%" PRIu64 " yet: try again later",
                         wanted.position);
}

static enum status scan(struct endpoint_request *request, answer_in_transaction *fill)
{
    const struct aggregation *owner = request->context;
    if (aggregate_cut(owner->aggregate).position < atomic_load(&owner->complete_at)) {
        return endpoint_fail(request, STATUS_NOT_READY, "",
                             "aggregation is still counting the journal: try again later");
    }
    return request->late ? late(request) : serve(request, fill);
}

enum status serve_dossiers(struct endpoint_request *request)
{
    return scan(request, answer_dossiers);
}

enum status serve_quality(struct endpoint_request *request)
{
    return scan(request, answer_quality);
}

enum status serve_open_dossiers(struct endpoint_request *request)
{
    return scan(request, answer_open);
}

enum status serve_life(struct endpoint_request *request)
{
    return scan(request, answer_life);
}

enum status serve_wait_changes(struct endpoint_request *request, struct endpoint_wait *ret_wait)
{
    const Hoso__V1__ChangesRequest *changes = wire_of(request)->changes;
    const uint64_t after = changes->after_position;
    ret_wait->cut = (struct cut){0, after < UINT64_MAX ? after + 1 : after};
    ret_wait->wait_ms = changes->wait_ms < WAIT_MS_MAX ? changes->wait_ms : WAIT_MS_MAX;
    if (replication_other_derivation(changes)) {
        ret_wait->wait_ms = 0;
    }
    return STATUS_OK;
}

bool serve_applied(void *aggregation, struct cut wanted)
{
    struct aggregation *owner = aggregation;
    return aggregate_applied(owner->aggregate).position >= wanted.position;
}

bool serve_committed(void *aggregation, struct cut wanted)
{
    struct aggregation *owner = aggregation;
    return cut_reaches(aggregate_cut(owner->aggregate), wanted);
}

/* What is waited for is committed as soon as it is applied. While we are still counting, nothing
 * is waited for: that takes long. */
enum status serve_wait_committed(struct endpoint_request *request, struct endpoint_wait *ret_wait)
{
    struct aggregation *owner = request->context;
    const struct cut wanted = wanted_cut(wire_of(request));
    const bool counting =
        aggregate_cut(owner->aggregate).position < atomic_load(&owner->complete_at);
    if (wanted.position != 0 && wanted.incarnation == 0) {
        return endpoint_fail(request, STATUS_INVALID, "min_incarnation",
                             "a position is of one journal: give the incarnation of the same cut");
    }
    *ret_wait = (struct endpoint_wait){wanted, counting ? 0 : SCAN_WAIT_MS};
    if (!counting && !serve_committed(owner, wanted)) {
        atomic_store(&owner->wanted, wanted.position);
        bus_wake_signal(&owner->commit_wanted);
    }
    return STATUS_OK;
}

static int64_t turn(void *aggregation)
{
    struct aggregation *owner = aggregation;
    const int64_t now_ms = clock_ms();
    if (owner->next_check_ms <= now_ms) {
        store_check_readers(owner->store);
        owner->next_check_ms = now_ms + CHECK_INTERVAL_MS;
    }
    return owner->next_check_ms;
}

enum status serve_open(struct aggregation *aggregation, struct error *error)
{
    struct service *service = aggregation->service;
    const struct service_settings *settings = service->settings;
    const struct endpoint_options options = {
        .service = service,
        .listen = settings->listen,
        .messages = ledger_messages,
        .request = &hoso__v1__ledger_request__descriptor,
        .reply = &hoso__v1__ledger_reply__descriptor,
        .limits = {.request_bytes = LEDGER_REQUEST_BYTES_MAX,
                   .queue_messages = LEDGER_QUEUE,
                   .key_requests = LEDGER_KEY_REQUESTS_MAX,
                   .all_requests = LEDGER_REQUESTS_MAX,
                   .key_bytes = (size_t)LEDGER_KEY_REQUESTS_MAX * LEDGER_REQUEST_BYTES_MAX / 4,
                   .all_bytes = (size_t)LEDGER_KEY_REQUESTS_MAX * LEDGER_REQUEST_BYTES_MAX,
                   .reply_bytes = LEDGER_REPLY_BYTES_MAX,
                   .arena_bytes = LEDGER_ARENA_BYTES},
        .metrics = {.answers = AGGREGATION_ANSWERS, .waiting = AGGREGATION_PARKED},
        .context = aggregation,
        .wake = &aggregation->progress,
        .turn = turn};
    const enum status status = endpoint_open(&options, &aggregation->endpoint, error);
    if (status == STATUS_OK) {
        log_event(LOG_INFO, "aggregation.serving", "serving the ledger", "endpoint",
                  endpoint_address(aggregation->endpoint), NULL);
    }
    return status;
}
