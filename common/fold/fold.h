/* SPDX-License-Identifier: Apache-2.0
 *
 * fold: the set of events of one dossier → signed daily amounts and findings. Counting rules §3,
 * and nothing else: pure, no I/O, the order of the input does not matter.
 */
#ifndef HOSO_FOLD_FOLD_H
#define HOSO_FOLD_FOLD_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "event/event.h"
#include "ledger/ledger.h"

enum { HISTORY_EVENTS_MAX = 2000 };

/* Grows with each change of what fold gives for any history: what was counted by another version is
 * then counted anew. tests/unit/fold_corpus_test.c has the digest of each version. */
enum { FOLD_VERSION = 4 };

/* An event as the dossier's history keeps it. */
struct history_event {
    struct event event;
    struct slice source;
    struct slice space; /* of the dossier code */
    uint64_t position;
    bool unit_not_valid; /* on its day, by the catalogue in force at its position */
    struct slice record; /* its canonical bytes: equal = the same content */
};

/* Numbers as in FindingKind of ledger.proto. */
enum finding_kind {
    FINDING_NONE,
    FINDING_ORPHAN,
    FINDING_IGNORED,
    FINDING_CONFLICTING,
    FINDING_VOID_UNMATCHED,
    FINDING_OVER_LIMIT,
    FINDING_RESULT_IMPLIED,
    FINDING_UNIT_NOT_VALID
};

struct finding {
    enum finding_kind kind;
    const struct history_event *event;
};

/* Where a dossier or a petition stands. Numbers as in OpenState and DossierState of ledger.proto.
 */
enum dossier_state {
    OPEN_NONE, /* it is not open, or there is nothing */
    OPEN_PROCESSING,
    OPEN_WAITING_SUPPLEMENT,
    OPEN_WAITING_PAYMENT,
    OPEN_STOPPED,
    OPEN_AWAITING_RECEPTION,
    OPEN_STATE_COUNT,
    ENDED_RESOLVED = OPEN_STATE_COUNT,
    ENDED_RETURNED,
    ENDED_WITHDRAWN,
    ENDED_REFUSED,
    PETITION_OPEN,
    PETITION_RESOLVED
};

struct dossier_standing {
    enum dossier_state state;
    struct slice unit, procedure, field; /* no field: before reception */
    int32_t received_day;                /* submitted, before reception */
    int32_t due_day;                     /* INT32_MAX = none */
    int32_t ended_day;                   /* of what is not open */
    uint8_t slot;
};

struct fold_result {
    struct amount
        *amounts; /* in no particular order; several may name the same cell, day and measure */
    unsigned amount_count;
    struct finding *findings;
    unsigned finding_count;
    struct slice unit;            /* the unit that has the dossier in the end; empty = none yet */
    struct dossier_standing open; /* in the end; OPEN_NONE = it is not */
    /* Where they stood at the start of this day, by the events that happened before it: */
    int32_t before_day;
    struct dossier_standing dossier;
    struct dossier_standing petition;
};

/* Everything in the result lives in the arena or points into the events. TOO_LARGE = arena full. */
enum status fold(const struct history_event *events, unsigned count, struct arena *arena,
                 struct fold_result *ret_result) MUST_USE;
/* The same amounts, and where they stood at the start of `before_day`; fold() says it of the end.
 */
enum status fold_before(const struct history_event *events, unsigned count, int32_t before_day,
                        struct arena *arena, struct fold_result *ret_result) MUST_USE;

#endif
