/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of kinds, what each kind must carry (one table), and the check every event passes before it
 * is journaled.
 */
#include "event/event.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/localday.h"
#include "base/text.h"

enum {
    NEED_UNIT = 1 << 0,
    NEED_PROCEDURE = 1 << 1,
    NEED_FIELD = 1 << 2,
    NEED_CHANNEL = 1 << 3,
    NEED_LEVEL = 1 << 4,
    NEED_CLASS = 1 << 5,
    NEED_VOIDS = 1 << 6
};

static const unsigned char needs[KIND_COUNT] = {
    [KIND_SUBMITTED] = NEED_UNIT | NEED_PROCEDURE,
    [KIND_RECEIVED] = NEED_UNIT | NEED_PROCEDURE | NEED_FIELD | NEED_CHANNEL | NEED_LEVEL,
    [KIND_REFUSED] = NEED_UNIT | NEED_PROCEDURE,
    [KIND_TRANSFERRED] = NEED_UNIT,
    [KIND_VOIDED] = NEED_VOIDS,
    [KIND_PETITION_RECEIVED] = NEED_UNIT | NEED_CLASS,
};

#define KIND_NAME(name, number) [number] = {(const uint8_t *)#name, sizeof #name - 1},
static const struct slice kind_names[KIND_COUNT] = {EVENT_KIND_LIST(KIND_NAME)};
#undef KIND_NAME

const char *event_kind_name(enum event_kind kind)
{
    return kind > KIND_NONE && kind < KIND_COUNT ? (const char *)kind_names[kind].data : "";
}

enum event_kind event_kind_of(struct slice name)
{
    for (unsigned kind = KIND_NONE + 1; kind < KIND_COUNT; kind++) {
        if (slice_equal(kind_names[kind], name)) {
            return (enum event_kind)kind;
        }
    }
    return KIND_NONE;
}

static unsigned needs_of(enum event_kind kind)
{
    return kind < KIND_COUNT ? needs[kind] : 0;
}

bool event_kind_has_unit(enum event_kind kind)
{
    return (needs_of(kind) & NEED_UNIT) != 0;
}

bool event_kind_has_procedure(enum event_kind kind)
{
    return (needs_of(kind) & NEED_PROCEDURE) != 0;
}

const char *event_missing(const struct event *event)
{
    const unsigned need = needs_of(event->kind);
    if (event->event_id.size == 0) {
        return "event_id";
    }
    if (event->dossier.size == 0) {
        return "dossier";
    }
    if ((need & NEED_UNIT) != 0 && event->unit.size == 0) {
        return "unit";
    }
    if ((need & NEED_PROCEDURE) != 0 && event->procedure.size == 0) {
        return "procedure";
    }
    if ((need & NEED_FIELD) != 0 && event->field.size == 0) {
        return "field";
    }
    if ((need & NEED_CHANNEL) != 0 && event->channel == CHANNEL_NONE) {
        return "channel";
    }
    if ((need & NEED_LEVEL) != 0 && event->level == LEVEL_NONE_GIVEN) {
        return "service_level";
    }
    if ((need & NEED_CLASS) != 0 && event->petition_class == CLASS_NONE) {
        return "petition_class";
    }
    return (need & NEED_VOIDS) != 0 && event->voids.size == 0 ? "voids" : NULL;
}

enum status event_fault_set(struct event_fault *fault, const char *field, const char *format, ...)
{
    char reason[sizeof fault->reason]; /* apart, since the arguments may include fault->reason */
    va_list arguments;
    va_start(arguments, format);
    const int printed = vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    size_t size = strlen(reason);
    if (printed >= (int)sizeof reason) {
        while (size > 0 && ((unsigned char)reason[size - 1] & 0xc0) == 0x80) {
            size--; /* a character that lost its tail goes as a whole */
        }
        size -= size > 0;
        reason[size] = '\0';
    }
    if (!text_is_clean(slice_of(reason, size))) { /* it quotes bad input */
        for (char *at = reason; *at != '\0'; at++) {
            *at = *at >= 0x20 && *at < 0x7f ? *at : '?';
        }
    }
    memcpy(fault->reason, reason, size + 1);
    fault->field = field;
    return STATUS_INVALID;
}

static enum status check_text(struct slice *text, size_t max, const char *field,
                              struct arena *arena, struct event_fault *ret_fault)
{
    /* Composing shrinks a text at most threefold; what is longer need not be looked at. */
    if (text->size > 3 * max) {
        return event_fault_set(ret_fault, field, "is longer than %zu bytes", max);
    }
    const enum status status = text_normalise(*text, arena, text);
    if (status == STATUS_INVALID) {
        return event_fault_set(
            ret_fault, field, "is not UTF-8 or holds control characters or over 30 marks in a row");
    }
    if (status == STATUS_OK && text->size > max) {
        return event_fault_set(ret_fault, field, "is longer than %zu bytes", max);
    }
    return status;
}

static enum status check_texts(struct event *event, struct arena *arena,
                               struct event_fault *ret_fault)
{
    const struct {
        struct slice *text;
        const char *field;
        size_t max;
    } rules[] = {
        {&event->event_id, "event_id", EVENT_ID_MAX},
        {&event->dossier, "dossier", EVENT_ID_MAX},
        {&event->unit, "unit", EVENT_CODE_MAX},
        {&event->procedure, "procedure", EVENT_CODE_MAX},
        {&event->field, "field", EVENT_CODE_MAX},
        {&event->reason, "reason", EVENT_REASON_MAX},
        {&event->voids, "voids", EVENT_ID_MAX},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (rules[i].text->size != 0) {
            const enum status status =
                check_text(rules[i].text, rules[i].max, rules[i].field, arena, ret_fault);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

static bool is_time(int64_t ms)
{
    return ms >= TIME_MIN_MS && ms < TIME_MAX_MS;
}

static enum status check_numbers(const struct event *event, struct event_fault *ret_fault)
{
    if (event->kind >= KIND_COUNT) {
        return event_fault_set(ret_fault, "kind", "is not one of 1 to %d", KIND_COUNT - 1);
    }
    if (event->channel >= CHANNEL_COUNT) {
        return event_fault_set(ret_fault, "channel", "is not one of ONLINE, DIRECT, POSTAL");
    }
    if (event->level >= LEVEL_COUNT) {
        return event_fault_set(ret_fault, "service_level", "is not one of FULL, PARTIAL, NONE");
    }
    if (event->petition_class >= CLASS_COUNT) {
        return event_fault_set(ret_fault, "petition_class",
                               "is not one of ADMINISTRATIVE, BUSINESS");
    }
    if (event->kind == KIND_NONE) {
        return event_fault_set(ret_fault, "kind", "must be given");
    }
    if (!is_time(event->occurred_at_ms)) {
        return event_fault_set(ret_fault, "occurred_at",
                               event->occurred_at_ms == 0
                                   ? "must be given"
                                   : "is not in the years 2000 to 2099 (UTC)");
    }
    if (event->due_at_ms != 0 && !is_time(event->due_at_ms)) {
        return event_fault_set(ret_fault, "due_at", "is not in the years 2000 to 2099 (UTC)");
    }
    return STATUS_OK;
}

enum status event_check(struct event *event, struct arena *arena, struct event_fault *ret_fault)
{
    enum status status = check_numbers(event, ret_fault);
    if (status == STATUS_OK) {
        status = check_texts(event, arena, ret_fault);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const char *missing = event_missing(event);
    return missing == NULL ? STATUS_OK
                           : event_fault_set(ret_fault, missing, "must be given with kind %s",
                                             event_kind_name(event->kind));
}
