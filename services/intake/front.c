/* SPDX-License-Identifier: Apache-2.0
 *
 * The front's loop: one message is received, looked up in the table of messages, checked against
 * the registry and answered or queued; then whatever the writer has answered is sent. Nothing of
 * an event is allocated: a request lives in the arena and its records in one buffer.
 */
#include "services/intake/front.h"

#include "base/clock.h"
#include "service/status_reply.h"
#include "services/intake/intake.h"
#include "services/intake/malformed.h"
#include "services/intake/reply.h"
#include "wire/wire.h"

enum {
    MESSAGE_BYTES_MAX = 8 << 20, /* a PutCatalogue is the largest */
    SOCKET_MESSAGES_MAX = 1000,
    ARENA_BYTES_MAX = 64 << 20,
    REPLY_BYTES_MAX = 256 << 10,
    RECEIVE_BURST_MAX = 64 /* messages before the stop is looked at again */
};

enum status front_init(struct front *front, struct intake *intake,
                       struct shared_catalogue *catalogue, struct error *error)
{
    const struct bus_limits limits = {MESSAGE_BYTES_MAX, SOCKET_MESSAGES_MAX};
    *front = (struct front){.intake = intake, .catalogue = catalogue};
    arena_init(&front->arena, ARENA_BYTES_MAX);
    buffer_init(&front->records, ADMISSION_RECORDS_MAX);
    buffer_init(&front->reply, REPLY_BYTES_MAX);
    const struct service_settings *settings = intake->service->settings;
    return bus_bind(intake->service->bus, settings->listen, &limits, &front->socket, error);
}

void front_fini(struct front *front)
{
    bus_close(front->socket);
    shared_catalogue_drop(&front->catalogue);
    arena_fini(&front->arena);
    buffer_fini(&front->records);
    buffer_fini(&front->reply);
}

/* A peer that is gone or does not read loses the answer: "no answer means unknown". */
static void send_reply(struct front *front, const uint8_t *peer, uint8_t peer_size)
{
    enum status status = buffer_status(&front->reply);
    if (status == STATUS_OK) {
        status = bus_send_to(front->socket, peer, peer_size, buffer_slice(&front->reply));
    }
    if (status != STATUS_OK) {
        metrics_add(front->intake->metrics, INTAKE_UNSENT_ANSWERS, 0, 1);
    }
}

static void answer_now(struct front *front, const struct front_request *request)
{
    send_reply(front, request->message->peer, request->message->peer_size);
}

static void refuse(struct front *front, const struct bus_message *message, uint64_t request_id,
                   Hoso__V1__ErrorCode code, const char *field, const char *text)
{
    count_error(front->intake->metrics, (int)code);
    reply_error(&front->reply, request_id, code, field, text);
    send_reply(front, message->peer, message->peer_size);
}

static struct request new_request(const struct front_request *from, enum request_kind kind)
{
    struct request request = {.kind = kind,
                              .received_us = from->received_us,
                              .caller = caller_of(from->message, from->wire->request_id)};
    memcpy(request.name, from->principal->name, sizeof request.name);
    return request;
}

/* Queues for the writer. A closed queue answers nothing: the service ends. */
static void queue_or_busy(struct front *front, const struct front_request *from,
                          struct request *request)
{
    const enum status status = queue_push(&front->intake->queue, request);
    if (status == STATUS_OK) {
        return;
    }
    shared_catalogue_drop(&request->catalogue);
    if (status != STATUS_BUSY) {
        return;
    }
    if (request->kind == REQUEST_APPEND) {
        count_append(front->intake->metrics, HOSO__V1__APPEND_RESULT__APPEND_RESULT_BUSY,
                     request->count);
        const struct append_refusal refusal = {from->wire->request_id,
                                               request->first_sequence,
                                               HOSO__V1__APPEND_RESULT__APPEND_RESULT_BUSY,
                                               {.count = 0}};
        reply_append(&front->reply, &refusal, &front->arena);
        answer_now(front, from);
    } else {
        refuse(front, from->message, from->wire->request_id, HOSO__V1__ERROR_CODE__ERROR_CODE_BUSY,
               "", "the queue is full; try again");
    }
}

void front_open(struct front *front, const struct front_request *from)
{
    struct request request = new_request(from, REQUEST_OPEN);
    queue_or_busy(front, from, &request);
}

/* Events are counted as refused that are told as faulty: the others of the Append come again. */
static void answer_invalid(struct front *front, const struct bus_message *message,
                           const struct append_refusal *refusal)
{
    count_append(front->intake->metrics, HOSO__V1__APPEND_RESULT__APPEND_RESULT_INVALID,
                 refusal->faults.count);
    reply_append(&front->reply, refusal, &front->arena);
    send_reply(front, message->peer, message->peer_size);
}

void front_append(struct front *front, const struct front_request *from)
{
    const Hoso__V1__AppendRequest *append = from->wire->append;
    if (front->catalogue == NULL) { /* not the events' fault: they must be kept */
        refuse(front, from->message, from->wire->request_id,
               HOSO__V1__ERROR_CODE__ERROR_CODE_NOT_READY, "",
               "there is no catalogue yet; an administrator imports it with `hoso catalogue "
               "import`; keep the events and send them again");
        return;
    }
    const struct admission admission = {.catalogue = front->catalogue->catalogue,
                                        .principal = from->principal,
                                        .arena = &front->arena};
    struct append_refusal refusal = {.request_id = from->wire->request_id,
                                     .next_sequence = append->first_sequence,
                                     .result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_INVALID};
    switch (admission_append(&admission, append, from->message->payload.size, &front->records,
                             &refusal.faults)) {
    case STATUS_OK: {
        struct request request = new_request(from, REQUEST_APPEND);
        request.epoch = append->epoch;
        request.first_sequence = append->first_sequence;
        request.count = (uint32_t)append->n_events;
        request.records = buffer_slice(&front->records);
        queue_or_busy(front, from, &request);
        return;
    }
    case STATUS_INVALID:
        answer_invalid(front, from->message, &refusal);
        return;
    default:
        refuse(front, from->message, from->wire->request_id,
               HOSO__V1__ERROR_CODE__ERROR_CODE_TOO_LARGE, "append",
               "the Append takes more memory than one message may; send fewer events at once");
    }
}

/* Parses the catalogue of a request from its own encoding, which is the one that is journaled. */
static enum status parse_catalogue(const Hoso__V1__Catalogue *wire,
                                   struct shared_catalogue **ret_shared, struct error *error)
{
    struct catalogue *catalogue = NULL;
    struct buffer packed;
    buffer_init(&packed, CATALOGUE_BYTES_MAX);
    wire_pack(&wire->base, &packed);
    enum status status = buffer_status(&packed);
    if (status != STATUS_OK) {
        (void)error_set(error, status, "a catalogue has at most %d bytes", CATALOGUE_BYTES_MAX);
    } else {
        status = catalogue_parse(buffer_slice(&packed), &catalogue, error);
    }
    buffer_fini(&packed);
    if (status != STATUS_OK) {
        return status;
    }
    *ret_shared = shared_catalogue_new(&catalogue);
    if (*ret_shared == NULL) {
        catalogue_free(catalogue);
        return error_set(error, STATUS_TOO_LARGE, "no memory for the catalogue");
    }
    return STATUS_OK;
}

void front_put_catalogue(struct front *front, const struct front_request *from)
{
    struct error error = {.text = "catalogue: missing"};
    struct request request = new_request(from, REQUEST_CATALOGUE);
    const Hoso__V1__Catalogue *wire = from->wire->put_catalogue->catalogue;
    if (wire == NULL || parse_catalogue(wire, &request.catalogue, &error) != STATUS_OK) {
        refuse(front, from->message, from->wire->request_id,
               HOSO__V1__ERROR_CODE__ERROR_CODE_INVALID, "catalogue", error.text);
        return;
    }
    queue_or_busy(front, from, &request);
}

void front_status(struct front *front, const struct front_request *from)
{
    Hoso__V1__StatusReply *status = status_reply_new(front->intake->service, &front->arena);
    if (status == NULL) {
        refuse(front, from->message, from->wire->request_id,
               HOSO__V1__ERROR_CODE__ERROR_CODE_TOO_LARGE, "status",
               "the request leaves no room for the answer");
        return;
    }
    reply_status(&front->reply, from->wire->request_id, status);
    answer_now(front, from);
}

/* A malformed event is told the way any other faulty event is, so that a publisher has one way to
 * learn which of its events is bad. */
static void refuse_malformed(struct front *front, const struct bus_message *message,
                             const struct error *error)
{
    struct admission_fault fault;
    struct append_refusal refusal = {.request_id = malformed_request_id(message->payload),
                                     .result = HOSO__V1__APPEND_RESULT__APPEND_RESULT_INVALID,
                                     .faults = {&fault, 1}};
    arena_reset(&front->arena); /* it may be full, and nothing of the message is used */
    if (malformed_event(error->text, &front->arena, &fault)) {
        refusal.next_sequence = malformed_first_sequence(message->payload);
        answer_invalid(front, message, &refusal);
    } else {
        refuse(front, message, refusal.request_id,
               error->status == STATUS_TOO_LARGE ? HOSO__V1__ERROR_CODE__ERROR_CODE_TOO_LARGE
                                                 : HOSO__V1__ERROR_CODE__ERROR_CODE_INVALID,
               "", error->text);
    }
}

static const struct front_message *find_message(Hoso__V1__IntakeRequest__BodyCase body)
{
    const struct front_message *row = front_messages;
    while (row->body != 0 && row->body != body) {
        row++;
    }
    return row->body != 0 ? row : NULL;
}

static void dispatch(struct front *front, const struct front_request *request)
{
    const struct front_message *row = find_message(request->wire->body_case);
    const struct principal *principal = request->principal;
    struct error error;
    if (row == NULL) {
        refuse(front, request->message, request->wire->request_id,
               HOSO__V1__ERROR_CODE__ERROR_CODE_INVALID, "body",
               "the request has no body that this version knows");
    } else if (principal == NULL || (row->roles & ROLE_BIT(principal->role)) == 0) {
        (void)error_set(
            &error, STATUS_DENIED, "the key \"%s\" (%s) may not send %s", request->message->user,
            principal != NULL ? role_name(principal->role) : "revoked or expired", row->name);
        refuse(front, request->message, request->wire->request_id,
               HOSO__V1__ERROR_CODE__ERROR_CODE_DENIED, "", error.text);
    } else {
        row->answer(front, request);
    }
}

static void handle(struct front *front, const struct bus_message *message)
{
    struct registry *registry = front->intake->service->registry;
    ProtobufCMessage *wire;
    struct error error;
    arena_reset(&front->arena);
    if (wire_unpack(&hoso__v1__intake_request__descriptor, message->payload, &front->arena, &wire,
                    &error) != STATUS_OK) {
        refuse_malformed(front, message, &error);
        return;
    }
    const struct front_request request = {message, (const Hoso__V1__IntakeRequest *)wire,
                                          registry_begin(registry, message->user), clock_us()};
    dispatch(front, &request);
    registry_end(registry);
}

/* A new catalogue is in force here before its administrator hears of it. */
static void send_answers(struct front *front)
{
    const uint64_t incarnation = journal_incarnation(front->intake->journal);
    struct answer answer;
    while (queue_pop(&front->intake->queue, &answer)) {
        if (answer.catalogue != NULL) {
            shared_catalogue_drop(&front->catalogue);
            front->catalogue = answer.catalogue;
        }
        reply_answer(&front->reply, &answer, incarnation);
        send_reply(front, answer.caller.peer, answer.caller.peer_size);
        if (answer.kind == ANSWER_APPEND &&
            answer.result == HOSO__V1__APPEND_RESULT__APPEND_RESULT_ACK) {
            metrics_observe(front->intake->metrics, INTAKE_ACK_TIME, 0,
                            clock_us() - answer.received_us);
        }
    }
}

static void receive_some(struct front *front)
{
    struct bus_message message;
    for (unsigned i = 0; i < RECEIVE_BURST_MAX; i++) {
        if (bus_receive(front->socket, &message) != STATUS_OK) {
            return;
        }
        handle(front, &message);
        bus_message_fini(&message);
        send_answers(front);
    }
}

/* After the stop: the queue is closed, and its last requests are answered. */
static void finish(struct front *front)
{
    struct queue *queue = &front->intake->queue;
    struct bus_poll_item item = {.fd = queue->wake.fd};
    queue_close(queue);
    while (!queue_finished(queue)) {
        (void)bus_poll(&item, 1, -1);
        bus_wake_drain(&queue->wake);
        send_answers(front);
    }
    send_answers(front);
}

static void *run(void *argument)
{
    struct front *front = argument;
    struct queue *queue = &front->intake->queue;
    struct bus_poll_item items[] = {
        {.socket = front->socket}, {.fd = queue->wake.fd}, {.fd = front->intake->service->stop_fd}};
    while (!items[2].readable) {
        (void)bus_poll(items, 3, -1);
        if (items[1].readable) {
            bus_wake_drain(&queue->wake);
            send_answers(front);
        }
        if (items[0].readable && !items[2].readable) {
            receive_some(front);
        }
    }
    finish(front);
    return NULL;
}

enum status front_start(struct front *front)
{
    return worker_start(&front->worker, run, front);
}

void front_join(struct front *front)
{
    worker_join(&front->worker);
}
