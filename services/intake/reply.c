/* SPDX-License-Identifier: Apache-2.0
 *
 * One function per kind of body; each fills protobuf-c's structs on the stack. protobuf-c's texts
 * are not const, but packing only reads them.
 */
#include "services/intake/reply.h"

#include "service/endpoint.h"

static void answer_open(struct endpoint *endpoint, const struct writer_answer *answer,
                        Hoso__V1__Cut *cut)
{
    Hoso__V1__OpenReply open = HOSO__V1__OPEN_REPLY__INIT;
    Hoso__V1__IntakeReply reply = HOSO__V1__INTAKE_REPLY__INIT;
    open.epoch = answer->epoch;
    open.next_sequence = answer->next_sequence;
    open.cut = cut;
    open.max_events = ADMISSION_EVENTS_MAX;
    open.max_bytes = ADMISSION_BYTES_MAX;
    reply.body_case = HOSO__V1__INTAKE_REPLY__BODY_OPEN;
    reply.open = &open;
    endpoint_answer_later(endpoint, &answer->caller, &reply.base);
}

static void answer_append(struct endpoint *endpoint, const struct writer_answer *answer,
                          Hoso__V1__Cut *cut)
{
    Hoso__V1__AppendReply append = HOSO__V1__APPEND_REPLY__INIT;
    Hoso__V1__IntakeReply reply = HOSO__V1__INTAKE_REPLY__INIT;
    append.result = answer->result;
    append.next_sequence = answer->next_sequence;
    append.cut = answer->position != 0 ? cut : NULL;
    reply.body_case = HOSO__V1__INTAKE_REPLY__BODY_APPEND;
    reply.append = &append;
    endpoint_answer_later(endpoint, &answer->caller, &reply.base);
}

static void answer_catalogue(struct endpoint *endpoint, const struct writer_answer *answer,
                             Hoso__V1__Cut *cut)
{
    Hoso__V1__PutCatalogueReply put = HOSO__V1__PUT_CATALOGUE_REPLY__INIT;
    Hoso__V1__IntakeReply reply = HOSO__V1__INTAKE_REPLY__INIT;
    put.cut = cut;
    put.unchanged = answer->unchanged;
    reply.body_case = HOSO__V1__INTAKE_REPLY__BODY_PUT_CATALOGUE;
    reply.put_catalogue = &put;
    endpoint_answer_later(endpoint, &answer->caller, &reply.base);
}

static void answer_close(struct endpoint *endpoint, const struct writer_answer *answer,
                         Hoso__V1__Cut *cut)
{
    Hoso__V1__ClosePeriodReply close = HOSO__V1__CLOSE_PERIOD_REPLY__INIT;
    Hoso__V1__IntakeReply reply = HOSO__V1__INTAKE_REPLY__INIT;
    close.cut = cut;
    close.number = (uint32_t)answer->number;
    close.unchanged = answer->unchanged;
    reply.body_case = HOSO__V1__INTAKE_REPLY__BODY_CLOSE_PERIOD;
    reply.close_period = &close;
    endpoint_answer_later(endpoint, &answer->caller, &reply.base);
}

void reply_answer(struct endpoint *endpoint, const struct writer_answer *answer,
                  uint64_t incarnation)
{
    Hoso__V1__Cut cut = HOSO__V1__CUT__INIT;
    cut.incarnation = incarnation;
    cut.position = answer->position;
    switch (answer->kind) {
    case ANSWER_OPEN:
        answer_open(endpoint, answer, &cut);
        return;
    case ANSWER_APPEND:
        answer_append(endpoint, answer, &cut);
        return;
    case ANSWER_CATALOGUE:
        answer_catalogue(endpoint, answer, &cut);
        return;
    case ANSWER_CLOSE:
        answer_close(endpoint, answer, &cut);
        return;
    case ANSWER_ERROR:
        endpoint_fail_later(endpoint, &answer->caller, answer->error.status, answer->field,
                            answer->error.text);
        return;
    }
}

enum status reply_refusal(struct endpoint_request *request, Hoso__V1__AppendResult result,
                          uint64_t next_sequence, const struct admission_faults *faults)
{
    Hoso__V1__AppendReply append = HOSO__V1__APPEND_REPLY__INIT;
    Hoso__V1__IntakeReply reply = HOSO__V1__INTAKE_REPLY__INIT;
    Hoso__V1__EventFault *wires = arena_array(request->arena, faults->count, sizeof *wires);
    Hoso__V1__EventFault **list = arena_array(request->arena, faults->count, sizeof(void *));
    append.result = result;
    append.next_sequence = next_sequence;
    if (wires != NULL && list != NULL) {
        for (unsigned i = 0; i < faults->count; i++) {
            struct admission_fault *fault = &faults->list[i];
            hoso__v1__event_fault__init(&wires[i]);
            wires[i].index = fault->index;
            wires[i].field = (char *)(uintptr_t)fault->fault.field;
            wires[i].reason = fault->fault.reason;
            list[i] = &wires[i];
        }
        append.n_faults = faults->count;
        append.faults = list;
    }
    reply.body_case = HOSO__V1__INTAKE_REPLY__BODY_APPEND;
    reply.append = &append;
    return endpoint_answer(request, &reply.base);
}
