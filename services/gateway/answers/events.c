/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v1/events. The events go to intake in Appends without sequences, for the principal, who is
 * their source. What intake refuses is taken out and the others are sent again; the answer is given
 * when all of them are journaled. Who gets no answer sends the whole again: the same event counts
 * once.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "client/call/check_events.h"
#include "event/event_json.h"
#include "event/event_wire.h"
#include "hoso/v1/publisher.pb-c.h"
#include "render/json.h"
#include "services/gateway/handlers.h"

enum {
    EVENTS_MAX = 4096, /* of one request */
    EVENTS_ARENA_BYTES = 128 << 20,
    EVENTS_APPEND_MAX = 4096, /* as intake takes them */
    EVENTS_APPEND_BYTES = 1000 << 10,
    EVENTS_FIELD_BYTES = 8, /* tag and length of an event in an Append, at most */
    EVENTS_RETRY_S = 2,
    EVENTS_RETRY_FULL_S = 30
};

struct posted_event {
    const char *event_id;
    const char *field, *reason; /* of a refused one; NULL = it is not */
    bool taken;
    Hoso__V1__Event wire;
    Hoso__V1__EventCheck *check; /* of one that was refused here: what else is wrong */
};

struct posted_events {
    struct web_request *request;
    struct arena arena;
    struct posted_event *list;
    uint32_t count;
    struct hoso_cut cut; /* position 0 = nothing was taken yet */
};

static void refuse(struct posted_events *events, struct posted_event *event, const char *field,
                   const char *reason)
{
    event->field = arena_string(&events->arena, slice_text(field));
    event->reason = arena_string(&events->arena, slice_text(reason));
}

/* One event as JSON; a faulty one is refused here, by the rules by which intake would. */
static bool add(struct posted_events *events, struct slice text)
{
    struct event event;
    struct event_fault fault = {.field = ""};
    if (events->count == EVENTS_MAX) {
        web_fail(events->request, PROBLEM_INVALID, NULL,
                 "there are more than %d events: send them in several requests", EVENTS_MAX);
        return false;
    }
    struct posted_event *posted = &events->list[events->count++];
    hoso__v1__event__init(&posted->wire);
    enum status status = event_from_json(text, &events->arena, &event, &fault);
    if (status == STATUS_INVALID) {
        refuse(events, posted, fault.field, fault.reason);
        posted->check = check_event_new(&event, &fault, &events->arena);
    } else if (status == STATUS_OK) {
        status = event_to_wire(&event, &events->arena, &posted->wire);
        posted->event_id = posted->wire.event_id;
    }
    if (status == STATUS_TOO_LARGE) {
        web_fail(events->request, PROBLEM_INVALID, NULL,
                 "these events take too much memory: send fewer at once");
    }
    return status != STATUS_TOO_LARGE;
}

static bool is_blank(struct slice line)
{
    for (size_t i = 0; i < line.size; i++) {
        if (strchr(" \t\r\n", line.data[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool read_lines(struct posted_events *events, struct slice body)
{
    bool good = true;
    while (good && body.size != 0) {
        struct slice line = slice_take_line(&body);
        if (!is_blank(line)) {
            line.size -= line.data[line.size - 1] == '\n';
            good = add(events, line);
        }
    }
    return good;
}

static bool read_array(struct posted_events *events, struct slice body)
{
    json_error_t error;
    json_t *array = json_loadb((const char *)body.data, body.size, JSON_REJECT_DUPLICATES, &error);
    bool good = json_is_array(array);
    if (!good) {
        web_fail(events->request, PROBLEM_INVALID, NULL, "the body is no JSON array: %s",
                 array == NULL ? error.text : "it is something else");
    }
    for (size_t i = 0; good && i < json_array_size(array); i++) {
        char *text = json_dumps(json_array_get(array, i), JSON_COMPACT | JSON_ENCODE_ANY);
        good = text != NULL && add(events, slice_text(text));
        free(text);
    }
    json_decref(array);
    return good;
}

static bool read_events(struct posted_events *events)
{
    const struct slice body = buffer_slice(&events->request->body);
    const char *type = web_header(events->request, MHD_HTTP_HEADER_CONTENT_TYPE);
    const bool lines = type != NULL && strncmp(type, "application/x-ndjson", 20) == 0;
    if (!(lines ? read_lines(events, body) : read_array(events, body))) {
        return false;
    }
    if (events->count == 0) {
        web_fail(events->request, PROBLEM_INVALID, NULL, "the body has no event");
    }
    return events->count != 0;
}

/* What intake has to add to what was refused here. False = it was answered. */
static bool check_refused(struct posted_events *events)
{
    Hoso__V1__EventCheck *checks[CHECK_EVENTS_MAX];
    struct posted_event *asked[CHECK_EVENTS_MAX];
    char *others[CHECK_EVENTS_MAX];
    struct hoso_error error;
    for (uint32_t next = 0; next < events->count;) {
        size_t count = 0;
        for (; next < events->count && count < CHECK_EVENTS_MAX; next++) {
            if (events->list[next].check != NULL) {
                asked[count] = &events->list[next];
                checks[count++] = events->list[next].check;
            }
        }
        if (count != 0 && check_events(events->request->client, checks, count, &events->arena,
                                       others, &error) != HOSO_OK) {
            web_fail_client(events->request, &error);
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (others[i][0] != '\0') {
                asked[i]->reason =
                    arena_printf(&events->arena, "%s; %s", asked[i]->reason, others[i]);
            }
        }
    }
    return true;
}

/* The next events that one Append can carry: `wires` gets them, `places` where they stand. */
static size_t fill_append(struct posted_events *events, Hoso__V1__Event **wires, uint32_t *places)
{
    size_t count = 0;
    size_t bytes = 0;
    for (uint32_t i = 0; i < events->count && count < EVENTS_APPEND_MAX; i++) {
        struct posted_event *event = &events->list[i];
        if (event->taken || event->reason != NULL) {
            continue;
        }
        bytes += protobuf_c_message_get_packed_size(&event->wire.base) + EVENTS_FIELD_BYTES;
        if (bytes > EVENTS_APPEND_BYTES) {
            break;
        }
        wires[count] = &event->wire;
        places[count++] = i;
    }
    return count;
}

static void refuse_faulty(struct posted_events *events, const Hoso__V1__AppendReply *reply,
                          const uint32_t *places, size_t count)
{
    for (size_t i = 0; i < reply->n_faults; i++) {
        const Hoso__V1__EventFault *fault = reply->faults[i];
        if (fault->index < count) {
            refuse(events, &events->list[places[fault->index]], fault->field, fault->reason);
        }
    }
}

/* False = it was answered: nothing more can be taken now. */
static bool take_reply(struct posted_events *events, const Hoso__V1__AppendReply *reply,
                       const uint32_t *places, size_t count)
{
    struct web_request *request = events->request;
    switch (reply->result) {
    case HOSO__V1__APPEND_RESULT__APPEND_RESULT_ACK:
        for (size_t i = 0; i < count; i++) {
            events->list[places[i]].taken = true;
        }
        events->cut = (struct hoso_cut){reply->cut->incarnation, reply->cut->position};
        return true;
    case HOSO__V1__APPEND_RESULT__APPEND_RESULT_INVALID:
        refuse_faulty(events, reply, places, count);
        return reply->n_faults != 0;
    case HOSO__V1__APPEND_RESULT__APPEND_RESULT_FULL:
        request->answer.retry_s = EVENTS_RETRY_FULL_S;
        web_fail(request, PROBLEM_UNAVAILABLE, NULL,
                 "intake's disk is full: keep the events and send them again later");
        return false;
    default:
        request->answer.retry_s = EVENTS_RETRY_S;
        web_fail(request, PROBLEM_UNAVAILABLE, NULL, "intake is busy: send the events again");
        return false;
    }
}

/* One Append; false = it was answered. */
static bool append(struct posted_events *events, Hoso__V1__Event **wires, const uint32_t *places,
                   size_t count)
{
    Hoso__V1__AppendRequest append = HOSO__V1__APPEND_REQUEST__INIT;
    Hoso__V1__IntakeRequest intake = HOSO__V1__INTAKE_REQUEST__INIT;
    ProtobufCMessage *body = NULL;
    struct hoso_error error;
    append.n_events = count;
    append.events = wires;
    intake.body_case = HOSO__V1__INTAKE_REQUEST__BODY_APPEND;
    intake.append = &append;
    const struct call call = {.peer = PEER_INTAKE,
                              .request = &intake.base,
                              .reply = &hoso__v1__intake_reply__descriptor,
                              .expect = HOSO__V1__INTAKE_REPLY__BODY_APPEND};
    if (client_call(events->request->client, &call, &events->arena, &body, &error) != HOSO_OK) {
        web_fail_client(events->request, &error);
        return false;
    }
    return take_reply(events, (const Hoso__V1__AppendReply *)body, places, count);
}

static bool append_all(struct posted_events *events)
{
    Hoso__V1__Event **wires = arena_array(&events->arena, EVENTS_APPEND_MAX, sizeof *wires);
    uint32_t *places = arena_array(&events->arena, EVENTS_APPEND_MAX, sizeof *places);
    if (wires == NULL || places == NULL) {
        web_fail(events->request, PROBLEM_INTERNAL, NULL, "out of memory");
        return false;
    }
    bool good = true;
    for (size_t count; good && (count = fill_append(events, wires, places)) != 0;) {
        good = append(events, wires, places, count);
    }
    return good;
}

static void put_results(struct posted_events *events, FILE *out)
{
    struct render_json json = render_json_to(out);
    uint32_t taken = 0;
    for (uint32_t i = 0; i < events->count; i++) {
        taken += events->list[i].taken;
    }
    json_put_object(&json, NULL);
    if (taken != 0) {
        json_put_cut(&json, events->cut.incarnation, events->cut.position);
    }
    json_put_number(&json, "taken", taken);
    json_put_number(&json, "refused", events->count - taken);
    json_put_array(&json, "results");
    for (uint32_t i = 0; i < events->count; i++) {
        const struct posted_event *event = &events->list[i];
        json_put_object(&json, NULL);
        json_put_number(&json, "index", i);
        json_put_text(&json, "result", event->taken ? "TAKEN" : "REFUSED");
        json_put_optional(&json, "eventId", event->event_id);
        json_put_optional(&json, "field", event->field);
        json_put_optional(&json, "reason",
                          event->reason != NULL
                              ? web_words(events->request, event->reason, &events->arena)
                              : NULL);
        json_put_end(&json);
    }
    json_put_end(&json);
    json_put_end(&json);
    (void)fputc('\n', out);
    web_note(events->request, "taken", arena_printf(&events->request->arena, "%u", taken));
    web_note(events->request, "refused",
             arena_printf(&events->request->arena, "%u", events->count - taken));
}

void handle_events(struct web_request *request)
{
    struct posted_events events = {.request = request};
    struct web_print print;
    arena_init(&events.arena, EVENTS_ARENA_BYTES);
    events.list = arena_array(&events.arena, EVENTS_MAX, sizeof *events.list);
    if (events.list != NULL && read_events(&events) && check_refused(&events) &&
        append_all(&events) && web_print_begin(request, &print)) {
        put_results(&events, print.out);
        web_print_answer(request, &print, MHD_HTTP_OK, true);
    }
    arena_fini(&events.arena);
}
