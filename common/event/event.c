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
#include "event/event_attribute.h"

enum {
    NEED_UNIT = 1 << 0,
    NEED_PROCEDURE = 1 << 1,
    NEED_FIELD = 1 << 2,
    NEED_CHANNEL = 1 << 3,
    NEED_LEVEL = 1 << 4,
    NEED_CLASS = 1 << 5,
    NEED_VOIDS = 1 << 6,
    NEED_EVENT_ID = 1 << 7,
    NEED_DOSSIER = 1 << 8,
    NEED_ALWAYS = NEED_EVENT_ID | NEED_DOSSIER
};

/* In the order in which they are reported. */
static const struct {
    unsigned need;
    const char *field;
} need_names[] = {
    {NEED_EVENT_ID, "event_id"},   {NEED_DOSSIER, "dossier"},      {NEED_UNIT, "unit"},
    {NEED_PROCEDURE, "procedure"}, {NEED_FIELD, "field"},          {NEED_CHANNEL, "channel"},
    {NEED_LEVEL, "service_level"}, {NEED_CLASS, "petition_class"}, {NEED_VOIDS, "voids"},
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

static unsigned missing_of(const struct event *event)
{
    const unsigned given = (event->event_id.size != 0 ? NEED_EVENT_ID : 0U) |
                           (event->dossier.size != 0 ? NEED_DOSSIER : 0U) |
                           (event->unit.size != 0 ? NEED_UNIT : 0U) |
                           (event->procedure.size != 0 ? NEED_PROCEDURE : 0U) |
                           (event->field.size != 0 ? NEED_FIELD : 0U) |
                           (event->channel != CHANNEL_NONE ? NEED_CHANNEL : 0U) |
                           (event->level != LEVEL_NONE_GIVEN ? NEED_LEVEL : 0U) |
                           (event->petition_class != CLASS_NONE ? NEED_CLASS : 0U) |
                           (event->voids.size != 0 ? NEED_VOIDS : 0U);
    return (needs_of(event->kind) | NEED_ALWAYS) & ~given;
}

bool event_is_complete(const struct event *event)
{
    return missing_of(event) == 0;
}

static bool is_told(const struct event_fault *fault, const char *field)
{
    for (unsigned i = 0; i < fault->count; i++) {
        if (strcmp(fault->fields[i], field) == 0) {
            return true;
        }
    }
    return fault->count == EVENT_FAULT_FIELDS;
}

static void add_fault(struct event_fault *fault, const char *field, const char *format,
                      va_list arguments)
{
    char reason[2 * EVENT_REASON_SIZE]; /* apart, since the arguments may include fault->reason */
    size_t used = fault->count != 0 ? strlen(fault->reason) : 0;
    (void)vsnprintf(reason, sizeof reason, format, arguments);
    if (fault->count == 0) {
        fault->field = field;
    } else {
        const char *sign = field[0] != '\0' ? ": " : "";
        const int size =
            snprintf(fault->reason + used, sizeof fault->reason - used, "; %s%s", field, sign);
        used += (size_t)size;
        if (used >= sizeof fault->reason) {
            fault->reason[used - (size_t)size] = '\0';
            return;
        }
    }
    text_show(slice_text(reason), fault->reason + used, sizeof fault->reason - used);
    fault->fields[fault->count++] = field;
}

enum status event_fault_set(struct event_fault *fault, const char *field, const char *format, ...)
{
    va_list arguments;
    fault->count = 0;
    va_start(arguments, format);
    add_fault(fault, field, format, arguments);
    va_end(arguments);
    return STATUS_INVALID;
}

enum status event_fault_add(struct event_fault *fault, const char *field, const char *format, ...)
{
    va_list arguments;
    const char *name = fault->json_names ? attribute_json_name(field) : field;
    if (!is_told(fault, name)) {
        va_start(arguments, format);
        add_fault(fault, name, format, arguments);
        va_end(arguments);
    }
    return STATUS_INVALID;
}

/* TOO_LARGE = the arena is full; a fault is only added. */
static enum status check_text(struct slice *text, enum text_kind kind, size_t max,
                              const char *field, struct arena *arena, struct event_fault *fault)
{
    struct text_fault wrong;
    /* Composing shrinks a text at most threefold; what is longer need not be looked at. */
    if (text->size > 3 * max) {
        (void)event_fault_add(fault, field, "is longer than %zu bytes", max);
        return STATUS_OK;
    }
    const enum status status = text_take(*text, kind, arena, text, &wrong);
    if (status == STATUS_INVALID) {
        char sentence[TEXT_SENTENCE_MAX];
        text_fault_sentence(&wrong, sentence);
        if (kind == TEXT_ID) {
            (void)event_fault_add(fault, field, "\"%.*s\" %s", SLICE_ARG(*text), sentence);
        } else {
            (void)event_fault_add(fault, field, "%s", sentence);
        }
        return STATUS_OK;
    }
    if (status == STATUS_OK && text->size > max) {
        (void)event_fault_add(fault, field, "is longer than %zu bytes", max);
    }
    return status;
}

static enum status check_texts(struct event *event, struct arena *arena, struct event_fault *fault)
{
    const struct {
        struct slice *text;
        const char *field;
        size_t max;
        enum text_kind kind;
    } rules[] = {
        {&event->event_id, "event_id", EVENT_ID_MAX, TEXT_ID},
        {&event->dossier, "dossier", EVENT_ID_MAX, TEXT_ID},
        {&event->unit, "unit", EVENT_CODE_MAX, TEXT_ID},
        {&event->procedure, "procedure", EVENT_CODE_MAX, TEXT_ID},
        {&event->field, "field", EVENT_CODE_MAX, TEXT_ID},
        {&event->reason, "reason", EVENT_REASON_MAX, TEXT_WORDS},
        {&event->voids, "voids", EVENT_ID_MAX, TEXT_ID},
    };
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof rules / sizeof *rules && status == STATUS_OK; i++) {
        if (rules[i].text->size != 0) {
            status = check_text(rules[i].text, rules[i].kind, rules[i].max, rules[i].field, arena,
                                fault);
        }
    }
    return status;
}

static bool is_time(int64_t ms)
{
    return ms >= TIME_MIN_MS && ms < TIME_MAX_MS;
}

static void check_numbers(const struct event *event, struct event_fault *fault)
{
    if (event->kind >= KIND_COUNT) {
        (void)event_fault_add(fault, "kind", "is not one of 1 to %d", KIND_COUNT - 1);
    } else if (event->kind == KIND_NONE) {
        (void)event_fault_add(fault, "kind", "must be given");
    }
    if (event->occurred_at_ms == 0) {
        (void)event_fault_add(fault, "occurred_at", "must be given");
    } else if (!is_time(event->occurred_at_ms)) {
        (void)event_fault_add(fault, "occurred_at", EVENT_OUT_OF_RANGE);
    }
    if (event->channel >= CHANNEL_COUNT) {
        (void)event_fault_add(fault, "channel", "is not one of ONLINE, DIRECT, POSTAL");
    }
    if (event->level >= LEVEL_COUNT) {
        (void)event_fault_add(fault, "service_level", "is not one of FULL, PARTIAL, NONE");
    }
    if (event->due_at_ms != 0 && !is_time(event->due_at_ms)) {
        (void)event_fault_add(fault, "due_at", EVENT_OUT_OF_RANGE EVENT_LEAVE_OUT);
    }
    if (event->petition_class >= CLASS_COUNT) {
        (void)event_fault_add(fault, "petition_class", "is not one of ADMINISTRATIVE, BUSINESS");
    }
}

static void check_needs(const struct event *event, struct event_fault *fault)
{
    const unsigned missing = missing_of(event);
    for (size_t i = 0; i < sizeof need_names / sizeof *need_names && missing != 0; i++) {
        const unsigned need = need_names[i].need & missing;
        if ((need & NEED_ALWAYS) != 0) {
            (void)event_fault_add(fault, need_names[i].field, "must be given");
        } else if (need != 0) {
            (void)event_fault_add(fault, need_names[i].field, "must be given with kind %s",
                                  event_kind_name(event->kind));
        }
    }
}

enum status event_check(struct event *event, struct arena *arena, struct event_fault *fault)
{
    check_numbers(event, fault);
    const enum status status = check_texts(event, arena, fault);
    if (status != STATUS_OK) {
        return status;
    }
    check_needs(event, fault);
    return fault->count == 0 ? STATUS_OK : STATUS_INVALID;
}
