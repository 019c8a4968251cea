/* SPDX-License-Identifier: Apache-2.0
 *
 * An event given as a plain struct of texts becomes one of ours.
 */
#include "client/publisher/publisher_internal.h"
#include "event/event_names.h"

#include <string.h>

struct name {
    const char *name;
    int value;
};

#define NAME_ROW(name, value) {name, value},
static const struct name channels[] = {EVENT_CHANNEL_NAMES(NAME_ROW){NULL, 0}};
static const struct name levels[] = {EVENT_LEVEL_NAMES(NAME_ROW){NULL, 0}};
static const struct name classes[] = {EVENT_CLASS_NAMES(NAME_ROW){NULL, 0}};
#undef NAME_ROW

/* 0 for no text, and for a text that is no name, which is reported. */
static int value_of(const struct name *names, const char *field, const char *text,
                    struct event_fault *fault)
{
    if (text == NULL || text[0] == '\0') {
        return 0;
    }
    for (const struct name *name = names; name->name != NULL; name++) {
        if (strcmp(name->name, text) == 0) {
            return name->value;
        }
    }
    (void)event_fault_add(fault, field, "there is no %s \"%.40s\"", field, text);
    return 0;
}

static void take_names(const struct hoso_event *given, struct event *event,
                       struct event_fault *fault)
{
    event->kind = event_kind_of(slice_text(given->kind));
    event->channel = (enum channel)value_of(channels, "channel", given->channel, fault);
    event->level =
        (enum service_level)value_of(levels, "service_level", given->service_level, fault);
    event->petition_class =
        (enum petition_class)value_of(classes, "petition_class", given->petition_class, fault);
    if (event->kind == KIND_NONE) {
        (void)event_fault_add(fault, "kind", "there is no kind \"%.40s\"",
                              given->kind != NULL ? given->kind : "");
    }
}

enum status publisher_event(const struct hoso_event *given, struct arena *arena,
                            struct event *ret_event, struct event_fault *ret_fault)
{
    struct event event = {
        .event_id = slice_text(given->event_id),
        .dossier = slice_text(given->dossier),
        .unit = slice_text(given->unit),
        .procedure = slice_text(given->procedure),
        .field = slice_text(given->field),
        .reason = slice_text(given->reason),
        .voids = slice_text(given->voids),
        .occurred_at_ms = given->occurred_at_ms,
        .due_at_ms = given->due_at_ms,
        .out_of_territory = given->out_of_territory != 0,
        .apology_sent = given->apology_sent != 0,
        .paid_online = given->paid_online != 0,
    };
    *ret_fault = (struct event_fault){.field = ""};
    take_names(given, &event, ret_fault);
    const enum status status = event_check(&event, arena, ret_fault);
    if (status == STATUS_OK) {
        *ret_event = event;
    }
    return status;
}
