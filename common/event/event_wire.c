/* SPDX-License-Identifier: Apache-2.0
 *
 * Field by field between struct event and the generated struct. Enum numbers are the same on both
 * sides; the assertions below keep it so.
 */
#include "event/event_wire.h"

#define SAME_KIND(name, number) \
    _Static_assert((int)HOSO__V1__KIND__KIND_##name == (int)KIND_##name, "kinds differ");
EVENT_KIND_LIST(SAME_KIND)
#undef SAME_KIND
_Static_assert((int)HOSO__V1__CHANNEL__CHANNEL_POSTAL == (int)CHANNEL_POSTAL, "channels differ");
_Static_assert((int)HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_NONE == (int)LEVEL_NOT_ONLINE,
               "service levels differ");
_Static_assert((int)HOSO__V1__PETITION_CLASS__PETITION_CLASS_BUSINESS == (int)CLASS_BUSINESS,
               "petition classes differ");

void event_from_wire(const Hoso__V1__Event *wire, struct event *ret_event)
{
    *ret_event = (struct event){
        .event_id = slice_text(wire->event_id),
        .dossier = slice_text(wire->dossier),
        .unit = slice_text(wire->unit),
        .procedure = slice_text(wire->procedure),
        .field = slice_text(wire->field),
        .reason = slice_text(wire->reason),
        .voids = slice_text(wire->voids),
        .occurred_at_ms = wire->occurred_at,
        .due_at_ms = wire->due_at,
        .kind = (enum event_kind)wire->kind,
        .channel = (enum channel)wire->channel,
        .level = (enum service_level)wire->service_level,
        .petition_class = (enum petition_class)wire->petition_class,
        .out_of_territory = wire->out_of_territory != 0,
        .apology_sent = wire->apology_sent != 0,
        .paid_online = wire->paid_online != 0,
    };
}

/* An empty text keeps protobuf-c's own empty string, which is how it knows not to send it. */
static void put_text(struct arena *arena, struct slice text, char **ret_text)
{
    if (text.size != 0) {
        *ret_text = arena_string(arena, text);
    }
}

enum status event_to_wire(const struct event *event, struct arena *arena, Hoso__V1__Event *ret_wire)
{
    Hoso__V1__Event wire = HOSO__V1__EVENT__INIT;
    wire.occurred_at = event->occurred_at_ms;
    wire.due_at = event->due_at_ms;
    wire.kind = (Hoso__V1__Kind)event->kind;
    wire.channel = (Hoso__V1__Channel)event->channel;
    wire.service_level = (Hoso__V1__ServiceLevel)event->level;
    wire.petition_class = (Hoso__V1__PetitionClass)event->petition_class;
    wire.out_of_territory = event->out_of_territory;
    wire.apology_sent = event->apology_sent;
    wire.paid_online = event->paid_online;
    put_text(arena, event->event_id, &wire.event_id);
    put_text(arena, event->dossier, &wire.dossier);
    put_text(arena, event->unit, &wire.unit);
    put_text(arena, event->procedure, &wire.procedure);
    put_text(arena, event->field, &wire.field);
    put_text(arena, event->reason, &wire.reason);
    put_text(arena, event->voids, &wire.voids);
    if (arena->exceeded) {
        return STATUS_TOO_LARGE;
    }
    *ret_wire = wire;
    return STATUS_OK;
}
