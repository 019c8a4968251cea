/* SPDX-License-Identifier: Apache-2.0
 *
 * One dossier event, apart from how it travels. Every text is a slice into memory of the code
 * that made the event. Pure: no I/O. Numbers of the enums are those of proto/hoso/v1/common.proto.
 */
#ifndef HOSO_EVENT_EVENT_H
#define HOSO_EVENT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"

enum {
    EVENT_ID_MAX = 64,       /* bytes: event_id, dossier, voids */
    EVENT_CODE_MAX = 64,     /* bytes: unit, procedure, field */
    EVENT_REASON_MAX = 500,  /* bytes */
    EVENT_SOURCE_MAX = 64,   /* bytes: the name of a publisher */
    EVENT_SPACE_MAX = 64,    /* bytes: whose dossier codes it means */
    EVENT_RECORD_MAX = 1024, /* bytes of one encoded event */
    EVENT_FAULT_FIELDS = 8,  /* faults reported of one event at once */
    EVENT_REASON_SIZE = 480
};

/* X(NAME, number): counting rules §2. */
#define EVENT_KIND_LIST(X)      \
    X(SUBMITTED, 1)             \
    X(RECEIVED, 2)              \
    X(REFUSED, 3)               \
    X(SUPPLEMENT_REQUESTED, 4)  \
    X(SUPPLEMENT_RECEIVED, 5)   \
    X(PAYMENT_REQUESTED, 6)     \
    X(PAYMENT_RECEIVED, 7)      \
    X(STOPPED, 8)               \
    X(RESUMED, 9)               \
    X(EXTENDED, 10)             \
    X(APOLOGY_SENT, 11)         \
    X(TRANSFERRED, 12)          \
    X(COMPONENTS_DIGITISED, 13) \
    X(RESULT_DIGITISED, 14)     \
    X(RESOLVED, 15)             \
    X(RETURNED, 16)             \
    X(WITHDRAWN, 17)            \
    X(HANDED_OVER, 18)          \
    X(VOIDED, 19)               \
    X(PETITION_RECEIVED, 20)    \
    X(PETITION_RESOLVED, 21)

enum event_kind {
    KIND_NONE = 0,
#define EVENT_KIND_ENUM(name, number) KIND_##name = number,
    EVENT_KIND_LIST(EVENT_KIND_ENUM)
#undef EVENT_KIND_ENUM
        KIND_COUNT
};

enum channel { CHANNEL_NONE, CHANNEL_ONLINE, CHANNEL_DIRECT, CHANNEL_POSTAL, CHANNEL_COUNT };
enum service_level { LEVEL_NONE_GIVEN, LEVEL_FULL, LEVEL_PARTIAL, LEVEL_NOT_ONLINE, LEVEL_COUNT };
enum petition_class { CLASS_NONE, CLASS_ADMINISTRATIVE, CLASS_BUSINESS, CLASS_COUNT };

struct event {
    struct slice event_id;
    struct slice dossier;
    struct slice unit;
    struct slice procedure;
    struct slice field;
    struct slice reason;
    struct slice voids;
    int64_t occurred_at_ms;
    int64_t due_at_ms; /* 0 = none */
    enum event_kind kind;
    enum channel channel;
    enum service_level level;
    enum petition_class petition_class;
    bool out_of_territory;
    bool apology_sent;
    bool paid_online;
};

/* Why an event is refused, all of it at once: the first field that is wrong, by its name in the
 * proto file or in JSON ("" = the whole event), and a sentence; what else is wrong follows in it as
 * "; field: sentence". */
struct event_fault {
    const char *field;
    char reason[EVENT_REASON_SIZE];
    bool json_names;
    unsigned count;
    const char *fields[EVENT_FAULT_FIELDS];
};

/* Begins a fault with this one. Returns INVALID. What a reader cannot see is escaped, and a reason
 * is cut at its size. */
__attribute__((format(printf, 3, 4))) enum status
event_fault_set(struct event_fault *fault, const char *field, const char *format, ...);
/* Adds to the faults that were found already; a second fault of one field is left out. */
__attribute__((format(printf, 3, 4))) enum status
event_fault_add(struct event_fault *fault, const char *field, const char *format, ...);

const char *event_kind_name(enum event_kind kind); /* "" if there is none */
enum event_kind event_kind_of(struct slice name);  /* KIND_NONE if there is none */
/* True if the kind must carry the attribute: SUBMITTED, RECEIVED, … (counting rules §2). */
bool event_kind_has_unit(enum event_kind kind);
bool event_kind_has_procedure(enum event_kind kind);
/* The unit that the event names, if its kind does; else empty, whatever the attribute holds. */
static inline struct slice event_unit(const struct event *event)
{
    return event_kind_has_unit(event->kind) ? event->unit : (struct slice){0};
}

/* False if the event lacks something that its kind must carry. */
bool event_is_complete(const struct event *event);

/* Takes every text by the rule of base/text.h and checks what an event can be checked for by
 * itself: lengths, characters, enum ranges, times, and what its kind must carry. Attributes its
 * kind does not carry are allowed; they count nothing. INVALID adds all that is wrong to the
 * fault, which the caller has set to {.field = ""}; also if it held something before. TOO_LARGE =
 * arena full. */
enum status event_check(struct event *event, struct arena *arena,
                        struct event_fault *fault) MUST_USE;

/* The record of an event at rest, canonical: equal events give equal bytes. Layout:
 * docs/journal-format.md. The event has passed event_check; anything else is a broken invariant. */
void event_encode(const struct event *event, struct buffer *buffer);
/* Decodes one record into slices of the reader's memory. A record that is damaged, not canonical or
 * incomplete for its kind fails the reader and leaves the event untouched. */
void event_decode(struct reader *reader, struct event *ret_event);

#endif
