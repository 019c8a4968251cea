/* SPDX-License-Identifier: Apache-2.0
 *
 * See check_events.h.
 */
#include "client/call/check_events.h"

#include "base/text.h"
#include "event/event_wire.h"
#include "wire/wire.h"

/* A text that no message may carry is a known fault, and goes without it. */
static void leave_out_faulty(Hoso__V1__Event *wire)
{
    char **const texts[] = {&wire->event_id, &wire->dossier, &wire->unit, &wire->procedure,
                            &wire->field,    &wire->reason,  &wire->voids};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct slice text = slice_text(*texts[i]);
        if (text.size > WIRE_TEXT_MAX || !text_is_clean(text)) {
            *texts[i] = (char *)(uintptr_t) "";
        }
    }
}

Hoso__V1__EventCheck *check_event_new(const struct event *event, const struct event_fault *fault,
                                      struct arena *arena)
{
    Hoso__V1__EventCheck *check = arena_alloc(arena, sizeof *check);
    Hoso__V1__Event *wire = arena_alloc(arena, sizeof *wire);
    char **known = arena_array(arena, EVENT_FAULT_FIELDS, sizeof *known);
    const bool whole = fault->count != 0 && fault->fields[0][0] == '\0';
    if (whole || check == NULL || wire == NULL || known == NULL ||
        event_to_wire(event, arena, wire) != STATUS_OK) {
        return NULL;
    }
    leave_out_faulty(wire);
    hoso__v1__event_check__init(check);
    check->event = wire;
    check->known = known;
    while (check->n_known < fault->count) {
        known[check->n_known] = arena_string(arena, slice_text(fault->fields[check->n_known]));
        check->n_known++;
    }
    return arena->exceeded ? NULL : check;
}

enum hoso_status check_events(struct hoso_client *client, Hoso__V1__EventCheck **checks,
                              size_t count, struct arena *arena, char **ret_others,
                              struct hoso_error *error)
{
    Hoso__V1__CheckEventsRequest check = HOSO__V1__CHECK_EVENTS_REQUEST__INIT;
    Hoso__V1__IntakeRequest request = HOSO__V1__INTAKE_REQUEST__INIT;
    ProtobufCMessage *body = NULL;
    check.checks = checks;
    check.n_checks = count;
    request.body_case = HOSO__V1__INTAKE_REQUEST__BODY_CHECK_EVENTS;
    request.check_events = &check;
    const struct call call = {.peer = PEER_INTAKE,
                              .request = &request.base,
                              .reply = &hoso__v1__intake_reply__descriptor,
                              .expect = HOSO__V1__INTAKE_REPLY__BODY_CHECK_EVENTS};
    const enum hoso_status status = client_call(client, &call, arena, &body, error);
    if (status != HOSO_OK) {
        return status;
    }
    const Hoso__V1__CheckEventsReply *reply = (const Hoso__V1__CheckEventsReply *)body;
    if (reply->n_others != count) {
        return client_fail(error, HOSO_INTERNAL, NULL, "intake checked something else");
    }
    memcpy(ret_others, reply->others, count * sizeof *ret_others);
    return HOSO_OK;
}
