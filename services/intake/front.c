/* SPDX-License-Identifier: Apache-2.0
 *
 * A request that passes is queued for the writer; its answer is sent when the writer has committed
 * it. Nothing of an event is allocated: a request lives in the arena and its records in one buffer.
 */
#include "services/intake/front.h"

#include <string.h>

#include "base/clock.h"
#include "base/localday.h"
#include "base/text.h"
#include "journal/close.h"
#include "services/intake/admission.h"
#include "services/intake/metrics.h"
#include "services/intake/reply.h"
#include "services/intake/uses.h"

enum {
    REQUEST_BYTES_MAX =
        2 << 20, /* twice an Append, so that one somewhat too large gets an answer */
    QUEUE_MESSAGES_MAX = 16,
    ARENA_BYTES_MAX = 64 << 20,
    REPLY_BYTES_MAX = 256 << 10,
    EVENT_DEPTH = 2 /* steps from the request to an event: append, events[i] */
};

#define RESULT(name) HOSO__V1__APPEND_RESULT__APPEND_RESULT_##name

static const Hoso__V1__IntakeRequest *wire_of(const struct endpoint_request *request)
{
    return (const Hoso__V1__IntakeRequest *)request->wire;
}

/* Sends what the writer has answered. A new catalogue is in force here before its administrator is
 * answered. */
static int64_t send_answers(void *context)
{
    struct front *front = context;
    struct writer_answer answer;
    while (queue_pop(front->options.queue, &answer)) {
        if (answer.catalogue != NULL) {
            catalogue_ref_drop(&front->catalogue);
            front->catalogue = answer.catalogue;
        }
        reply_answer(front->endpoint, &answer, front->options.incarnation);
        if (answer.kind == ANSWER_APPEND && answer.result == RESULT(ACK)) {
            metrics_observe(front->options.service->metrics, INTAKE_ACK_TIME, 0,
                            clock_us() - answer.caller.received_us);
        }
    }
    return INT64_MAX;
}

/* After the stop: the queue is closed, and its last requests are answered. */
static void finish(void *context)
{
    struct front *front = context;
    struct queue *queue = front->options.queue;
    struct bus_poll_item item = {.fd = queue->wake.fd};
    queue_close(queue);
    while (!queue_finished(queue)) {
        (void)bus_poll(&item, 1, -1);
        bus_wake_drain(&queue->wake);
        (void)send_answers(front);
    }
    (void)send_answers(front);
}

enum status front_init(struct front *front, const struct front_options *options,
                       struct catalogue_ref *catalogue, struct error *error)
{
    *front = (struct front){.options = *options, .catalogue = catalogue};
    buffer_init(&front->records, ADMISSION_RECORDS_MAX);
    uploads_init(&front->uploads);
    refused_init(&front->refused);
    const struct service_settings *settings = options->service->settings;
    const struct endpoint_options endpoint = {.service = options->service,
                                              .listen = settings->listen,
                                              .messages = options->messages,
                                              .request = &hoso__v1__intake_request__descriptor,
                                              .reply = &hoso__v1__intake_reply__descriptor,
                                              .limits = {.request_bytes = REQUEST_BYTES_MAX,
                                                         .queue_messages = QUEUE_MESSAGES_MAX,
                                                         .key_requests = QUEUE_KEY_REQUESTS_MAX,
                                                         .all_requests = QUEUE_REQUESTS_MAX,
                                                         .key_bytes = QUEUE_KEY_BYTES_MAX,
                                                         .all_bytes = QUEUE_BYTES_MAX,
                                                         .reply_bytes = REPLY_BYTES_MAX,
                                                         .arena_bytes = ARENA_BYTES_MAX},
                                              .metrics = {.unsent = INTAKE_UNSENT_ANSWERS},
                                              .context = front,
                                              .wake = &options->queue->wake,
                                              .turn = send_answers,
                                              .finish = finish};
    return endpoint_open(&endpoint, &front->endpoint, error);
}

void front_fini(struct front *front)
{
    endpoint_close(front->endpoint);
    catalogue_ref_drop(&front->catalogue);
    buffer_fini(&front->records);
    uploads_fini(&front->uploads);
    refused_fini(&front->refused);
}

/* Queues for the writer. A closed queue answers nothing: the service ends. */
static enum status push(struct endpoint_request *request, struct writer_request *queued)
{
    struct front *front = request->context;
    queued->caller = request->caller;
    queued->place = endpoint_caller_place(&request->caller);
    const enum status status = queue_push(front->options.queue, queued);
    if (status != STATUS_OK) {
        catalogue_ref_drop(&queued->catalogue);
    }
    return status != STATUS_BUSY
               ? STATUS_OK
               : endpoint_fail(request, status, "", "the queue is full; try again");
}

enum status front_open(struct endpoint_request *request)
{
    struct writer_request open = {.kind = REQUEST_OPEN};
    return push(request, &open);
}

/* Events are counted as refused that are named as faulty: the others of the Append come again. */
static enum status answer_invalid(struct endpoint_request *request, uint64_t next_sequence,
                                  const struct admission_faults *faults)
{
    struct front *front = request->context;
    count_append(front->options.service->metrics, RESULT(INVALID), faults->count);
    refused_add(&front->refused, request->caller.user, faults->count);
    return reply_refusal(request, RESULT(INVALID), next_sequence, faults);
}

static enum status no_catalogue(struct endpoint_request *request)
{
    return endpoint_fail(request, STATUS_NOT_READY, "",
                         "there is no catalogue yet; an administrator imports it with `hoso "
                         "catalogue import`; keep the events and send them again");
}

enum status front_append(struct endpoint_request *request)
{
    struct front *front = request->context;
    const Hoso__V1__AppendRequest *append = wire_of(request)->append;
    struct admission_faults faults = {.count = 0};
    if (front->catalogue == NULL) { /* not the events' fault: they must be kept */
        return no_catalogue(request);
    }
    const struct admission admission = {.catalogue = front->catalogue->catalogue,
                                        .principal = request->principal,
                                        .arena = request->arena};
    switch (admission_append(&admission, append, request->bytes.size, &front->records, &faults)) {
    case STATUS_OK: {
        struct writer_request queued = {.kind = REQUEST_APPEND,
                                        .epoch = append->epoch,
                                        .first_sequence = append->first_sequence,
                                        .count = (uint32_t)append->n_events,
                                        .checked_by = front->catalogue->number,
                                        .records = buffer_slice(&front->records)};
        const char *space = principal_space(request->principal);
        memcpy(queued.space, space, strlen(space) + 1);
        return push(request, &queued);
    }
    case STATUS_INVALID:
        return answer_invalid(request, append->first_sequence, &faults);
    default:
        return endpoint_fail(request, STATUS_TOO_LARGE, "append",
                             "the Append takes more memory than one message may; send fewer "
                             "events at once");
    }
}

enum status front_check_events(struct endpoint_request *request)
{
    struct front *front = request->context;
    const Hoso__V1__CheckEventsRequest *check = wire_of(request)->check_events;
    Hoso__V1__CheckEventsReply answer = HOSO__V1__CHECK_EVENTS_REPLY__INIT;
    Hoso__V1__IntakeReply reply = HOSO__V1__INTAKE_REPLY__INIT;
    if (front->catalogue == NULL) {
        return no_catalogue(request);
    }
    if (check->n_checks == 0 || check->n_checks > ADMISSION_CHECKS_MAX) {
        return endpoint_fail(request, STATUS_INVALID, "check_events", "1 to %d events, not %zu",
                             ADMISSION_CHECKS_MAX, check->n_checks);
    }
    const struct admission admission = {.catalogue = front->catalogue->catalogue,
                                        .principal = request->principal,
                                        .arena = request->arena};
    answer.others = arena_array(request->arena, check->n_checks, sizeof(char *));
    for (size_t i = 0; i < check->n_checks && !request->arena->exceeded; i++) {
        answer.others[answer.n_others++] = admission_others(&admission, check->checks[i]);
    }
    if (request->arena->exceeded) {
        return STATUS_TOO_LARGE;
    }
    count_append(front->options.service->metrics, RESULT(INVALID), check->n_checks);
    refused_add(&front->refused, request->caller.user, check->n_checks);
    reply.body_case = HOSO__V1__INTAKE_REPLY__BODY_CHECK_EVENTS;
    reply.check_events = &answer;
    return endpoint_answer(request, &reply.base);
}

/* A malformed event is answered the way any other faulty event is, so that a publisher has one way
 * to learn which of its events is bad. */
static enum status refuse_malformed(struct endpoint_request *request, enum status why,
                                    const struct wire_fault *fault)
{
    static const uint32_t sequence[] = {HOSO__V1__INTAKE_REQUEST__BODY_APPEND, 2};
    enum { FIELD_BYTES_MAX = 64 };
    char field[FIELD_BYTES_MAX];
    struct admission_fault event;
    uint64_t first_sequence = 0;
    if (fault->depth < EVENT_DEPTH || fault->path[1].field->label != PROTOBUF_C_LABEL_REPEATED) {
        return why;
    }
    (void)wire_fault_path(fault, EVENT_DEPTH, field, sizeof field);
    event.index = fault->path[1].index;
    (void)event_fault_set(&event.fault, field, "%s", fault->why);
    (void)wire_find_number(request->bytes, sequence, 2, &first_sequence);
    return answer_invalid(request, first_sequence, &(struct admission_faults){&event, 1});
}

enum status front_refuse_append(struct endpoint_request *request, enum status why,
                                const struct wire_fault *fault)
{
    struct front *front = request->context;
    if (fault != NULL) {
        return refuse_malformed(request, why, fault);
    }
    if (why != STATUS_BUSY) {
        return why;
    }
    const Hoso__V1__AppendRequest *append = wire_of(request)->append;
    count_append(front->options.service->metrics, RESULT(BUSY), append->n_events);
    return reply_refusal(request, RESULT(BUSY), append->first_sequence,
                         &(struct admission_faults){.count = 0});
}

/* Parses the catalogue from its own encoding, which is the one that is journaled, and queues it. */
static enum status put_catalogue(struct endpoint_request *request, const ProtobufCMessage *wire)
{
    struct error error = {.text = ""};
    struct catalogue *catalogue = NULL;
    const struct front *front = request->context;
    struct writer_request queued = {.kind = REQUEST_CATALOGUE};
    struct buffer packed;
    buffer_init(&packed, CATALOGUE_BYTES_MAX);
    wire_pack(wire, &packed);
    enum status status = buffer_status(&packed);
    if (status != STATUS_OK) {
        (void)error_set(&error, status, "a catalogue has at most %d bytes", CATALOGUE_BYTES_MAX);
    } else {
        status = catalogue_parse(buffer_slice(&packed), &catalogue, &error);
    }
    buffer_fini(&packed);
    if (status != STATUS_OK) {
        return endpoint_fail(request, STATUS_INVALID, "catalogue", "%s", error.text);
    }
    if (strcmp(front->proof.user, request->caller.user) == 0) {
        queued.proof = front->proof;
    }
    queued.catalogue = catalogue_ref_new(&catalogue);
    if (queued.catalogue == NULL) {
        catalogue_free(catalogue);
        return endpoint_fail(request, STATUS_BUSY, "", "there is no memory for the catalogue");
    }
    return push(request, &queued);
}

enum status front_count_refused(struct endpoint_request *request)
{
    const struct front *front = request->context;
    return refused_answer(request, &front->refused);
}

enum status front_count_uses(struct endpoint_request *request)
{
    struct front *front = request->context;
    return uses_answer(request, front->options.journal, wire_of(request)->count_uses,
                       &front->proof);
}

enum status front_put_catalogue(struct endpoint_request *request)
{
    const Hoso__V1__Catalogue *wire = wire_of(request)->put_catalogue->catalogue;
    return wire != NULL ? put_catalogue(request, &wire->base)
                        : endpoint_fail(request, STATUS_INVALID, "catalogue", "catalogue: missing");
}

enum status front_put_catalogue_part(struct endpoint_request *request)
{
    struct front *front = request->context;
    const Hoso__V1__PutCataloguePartRequest *part = wire_of(request)->put_catalogue_part;
    Hoso__V1__PutCataloguePartReply next = HOSO__V1__PUT_CATALOGUE_PART_REPLY__INIT;
    Hoso__V1__IntakeReply reply = HOSO__V1__INTAKE_REPLY__INIT;
    struct upload *upload = NULL;
    bool whole = false;
    const enum status added = uploads_add(&front->uploads, request->caller.user, part, clock_ms(),
                                          &upload, &whole, &request->error);
    if (added != STATUS_OK) {
        request->field = added == STATUS_INVALID ? "put_catalogue_part" : "";
        return added;
    }
    if (whole) {
        ProtobufCMessage *wire = NULL;
        enum status status =
            wire_unpack(&hoso__v1__catalogue__descriptor, buffer_slice(&upload->bytes),
                        request->arena, &wire, &request->error);
        upload_drop(upload);
        return status == STATUS_OK ? put_catalogue(request, wire) : status;
    }
    next.next_part = upload->next_part;
    reply.body_case = HOSO__V1__INTAKE_REPLY__BODY_PUT_CATALOGUE_PART;
    reply.put_catalogue_part = &next;
    return endpoint_answer(request, &reply.base);
}

/* A text of a close by the rule of all texts; INVALID says what is wrong with it. */
static enum status take_text(struct endpoint_request *request, const char *field,
                             enum text_kind kind, size_t min, size_t max, const char *wire,
                             struct slice *ret_text)
{
    struct text_fault fault;
    char sentence[TEXT_SENTENCE_MAX];
    const enum status status = text_take(slice_text(wire), kind, request->arena, ret_text, &fault);
    if (status == STATUS_INVALID) {
        text_fault_sentence(&fault, sentence);
        return endpoint_fail(request, status, field, "%s %s", field, sentence);
    }
    if (status == STATUS_OK && (ret_text->size < min || ret_text->size > max)) {
        return endpoint_fail(request, STATUS_INVALID, field, "%s has %zu bytes, not %zu to %zu",
                             field, ret_text->size, min, max);
    }
    return status;
}

/* The days to come cannot be closed: what they will count is not known. */
static enum status take_last_day(struct endpoint_request *request, const char *wire,
                                 int32_t *ret_day)
{
    if (!localday_parse(slice_text(wire), ret_day)) {
        return endpoint_fail(request, STATUS_INVALID, "to",
                             "to: \"%.20s\" is not a date YYYY-MM-DD", wire);
    }
    return *ret_day <= localday_today()
               ? STATUS_OK
               : endpoint_fail(request, STATUS_INVALID, "to",
                               "%s is a day to come: a period is closed on its last day at the "
                               "earliest",
                               wire);
}

/* Administrators may close any unit, others what their registry entry says. */
static enum status may_close(struct endpoint_request *request, struct slice unit)
{
    const struct front *front = request->context;
    const struct principal *principal = request->principal;
    const struct admission admission = {front->catalogue->catalogue, principal, request->arena};
    if (principal->role == ROLE_ADMIN ||
        (principal->may_close && admission_covers(&admission, unit))) {
        return STATUS_OK;
    }
    return endpoint_fail(request, STATUS_DENIED, "unit",
                         "\"%s\" may not close periods of unit %.*s: an administrator closes it, "
                         "or gives this key `close = yes` and the unit in the registry",
                         principal->name, SLICE_ARG(unit));
}

enum status front_close_period(struct endpoint_request *request)
{
    struct front *front = request->context;
    const Hoso__V1__ClosePeriodRequest *wire = wire_of(request)->close_period;
    struct writer_request queued = {.kind = REQUEST_CLOSE, .count = 1};
    struct close close;
    if (front->catalogue == NULL) {
        return endpoint_fail(request, STATUS_NOT_READY, "", "there is no catalogue yet");
    }
    queued.checked_by = front->catalogue->number;
    enum status status =
        take_text(request, "id", TEXT_ID, CLOSE_ID_MIN, CLOSE_ID_MAX, wire->id, &close.id);
    if (status == STATUS_OK) {
        status = take_last_day(request, wire->to, &close.last_day);
    }
    if (status == STATUS_OK) {
        status = take_text(request, "unit", TEXT_ID, 1, EVENT_CODE_MAX, wire->unit, &close.unit);
    }
    if (status == STATUS_OK && !catalogue_unit_named(front->catalogue->catalogue, close.unit,
                                                     close.last_day, &close.unit)) {
        return endpoint_fail(request, STATUS_NOT_FOUND, "unit",
                             "there is no unit \"%.*s\" in the catalogue: `hoso units` lists them",
                             SLICE_ARG(close.unit));
    }
    if (status == STATUS_OK) {
        status =
            take_text(request, "label", TEXT_WORDS, 0, CLOSE_LABEL_MAX, wire->label, &close.label);
    }
    if (status == STATUS_OK) {
        status = may_close(request, close.unit);
    }
    if (status != STATUS_OK) {
        return status;
    }
    buffer_clear(&front->records);
    close_encode(&close, &front->records);
    queued.records = buffer_slice(&front->records);
    return push(request, &queued);
}
