/* SPDX-License-Identifier: Apache-2.0
 *
 * One function per kind of body; each fills protobuf-c's structs on the stack and packs them.
 * protobuf-c's texts are not const, but packing only reads them.
 */
#include "services/intake/reply.h"

#include "wire/wire.h"

static void pack(struct buffer *reply, const Hoso__V1__IntakeReply *wire)
{
    buffer_clear(reply);
    wire_pack(&wire->base, reply);
}

static void pack_open(struct buffer *reply, const struct answer *answer, Hoso__V1__Cut *cut)
{
    Hoso__V1__OpenReply open = HOSO__V1__OPEN_REPLY__INIT;
    Hoso__V1__IntakeReply wire = HOSO__V1__INTAKE_REPLY__INIT;
    open.epoch = answer->epoch;
    open.next_sequence = answer->next_sequence;
    open.cut = cut;
    open.max_events = ADMISSION_EVENTS_MAX;
    open.max_bytes = ADMISSION_BYTES_MAX;
    wire.request_id = answer->caller.request_id;
    wire.body_case = HOSO__V1__INTAKE_REPLY__BODY_OPEN;
    wire.open = &open;
    pack(reply, &wire);
}

static void pack_append(struct buffer *reply, uint64_t request_id, Hoso__V1__AppendReply *append)
{
    Hoso__V1__IntakeReply wire = HOSO__V1__INTAKE_REPLY__INIT;
    wire.request_id = request_id;
    wire.body_case = HOSO__V1__INTAKE_REPLY__BODY_APPEND;
    wire.append = append;
    pack(reply, &wire);
}

static void pack_catalogue(struct buffer *reply, const struct answer *answer, Hoso__V1__Cut *cut)
{
    Hoso__V1__PutCatalogueReply put = HOSO__V1__PUT_CATALOGUE_REPLY__INIT;
    Hoso__V1__IntakeReply wire = HOSO__V1__INTAKE_REPLY__INIT;
    put.cut = cut;
    put.unchanged = answer->unchanged;
    wire.request_id = answer->caller.request_id;
    wire.body_case = HOSO__V1__INTAKE_REPLY__BODY_PUT_CATALOGUE;
    wire.put_catalogue = &put;
    pack(reply, &wire);
}

void reply_answer(struct buffer *reply, const struct answer *answer, uint64_t incarnation)
{
    Hoso__V1__Cut cut = HOSO__V1__CUT__INIT;
    cut.incarnation = incarnation;
    cut.position = answer->position;
    switch (answer->kind) {
    case ANSWER_OPEN:
        pack_open(reply, answer, &cut);
        return;
    case ANSWER_APPEND: {
        Hoso__V1__AppendReply append = HOSO__V1__APPEND_REPLY__INIT;
        append.result = answer->result;
        append.next_sequence = answer->next_sequence;
        append.cut = answer->position != 0 ? &cut : NULL;
        pack_append(reply, answer->caller.request_id, &append);
        return;
    }
    case ANSWER_CATALOGUE:
        pack_catalogue(reply, answer, &cut);
        return;
    case ANSWER_ERROR:
        reply_error(reply, answer->caller.request_id, answer->code, answer->field, answer->text);
        return;
    }
}

void reply_append(struct buffer *reply, const struct append_refusal *refusal, struct arena *arena)
{
    Hoso__V1__AppendReply append = HOSO__V1__APPEND_REPLY__INIT;
    const unsigned count = refusal->faults.count;
    Hoso__V1__EventFault *wires = arena_array(arena, count, sizeof *wires);
    Hoso__V1__EventFault **list = arena_array(arena, count, sizeof(void *));
    append.result = refusal->result;
    append.next_sequence = refusal->next_sequence;
    if (wires != NULL && list != NULL) {
        for (unsigned i = 0; i < count; i++) {
            struct admission_fault *fault = &refusal->faults.list[i];
            hoso__v1__event_fault__init(&wires[i]);
            wires[i].index = fault->index;
            wires[i].field = (char *)fault->fault.field;
            wires[i].reason = fault->fault.reason;
            list[i] = &wires[i];
        }
        append.n_faults = count;
        append.faults = list;
    }
    pack_append(reply, refusal->request_id, &append);
}

void reply_status(struct buffer *reply, uint64_t request_id, Hoso__V1__StatusReply *status)
{
    Hoso__V1__IntakeReply wire = HOSO__V1__INTAKE_REPLY__INIT;
    wire.request_id = request_id;
    wire.body_case = HOSO__V1__INTAKE_REPLY__BODY_STATUS;
    wire.status = status;
    pack(reply, &wire);
}

void reply_error(struct buffer *reply, uint64_t request_id, Hoso__V1__ErrorCode code,
                 const char *field, const char *text)
{
    Hoso__V1__Error error = HOSO__V1__ERROR__INIT;
    Hoso__V1__IntakeReply wire = HOSO__V1__INTAKE_REPLY__INIT;
    error.code = code;
    error.field = (char *)field;
    error.text = (char *)text;
    wire.request_id = request_id;
    wire.body_case = HOSO__V1__INTAKE_REPLY__BODY_ERROR;
    wire.error = &error;
    pack(reply, &wire);
}
