/* SPDX-License-Identifier: Apache-2.0
 *
 * fold: what the events of one dossier add to the ledger. Counting rules §3, step by step:
 *
 *     drop voided ─▶ sort ─▶ before reception ─▶ at reception ─▶ event by event ─▶ what stays open
 *                        └─▶ petition events, a case of their own
 *
 * A stock is emitted when a span ends: +1 on its first day, −1 on its last. A stock at a boundary
 * is the sum of all days before it, so a dossier due on day D turns overdue by amounts on D,
 * without an event.
 */
#include "fold/fold.h"

#include <stdlib.h>

#include "base/localday.h"

enum { AMOUNTS_PER_EVENT = 8, AMOUNTS_MORE = 12, FOREVER = INT32_MAX };

enum state {
    STATE_PROCESSING,
    STATE_WAITING_SUPPLEMENT,
    STATE_WAITING_PAYMENT,
    STATE_STOPPED,
    STATE_RESOLVED,
    STATE_RETURNED,
    STATE_WITHDRAWN
};

/* One dossier on its way through its events. `cell` is where it counts now. */
struct walk {
    struct fold_result *result;
    struct amount cell;
    enum state state;
    int32_t since_day; /* of the state, the due day and the unit */
    int32_t due_day;   /* FOREVER = none */
    int32_t resolved_day;
    int32_t handed_over_day;
    bool apology;
    bool components_digitised;
    bool result_digitised;
    bool handed_over;
};

static void find(struct fold_result *result, enum finding_kind kind,
                 const struct history_event *event)
{
    result->findings[result->finding_count++] = (struct finding){kind, event};
}

static void emit(struct fold_result *result, const struct amount *cell, enum measure measure,
                 int32_t day, int delta)
{
    struct amount *amount = &result->amounts[result->amount_count++];
    *amount = *cell;
    amount->measure = (uint8_t)measure;
    amount->day = day;
    amount->delta = delta;
}

/* A stock held over [from_day, to_day). */
static void emit_span(struct fold_result *result, const struct amount *cell, enum measure measure,
                      int32_t from_day, int32_t to_day)
{
    if (from_day >= to_day) {
        return;
    }
    emit(result, cell, measure, from_day, 1);
    if (to_day != FOREVER) {
        emit(result, cell, measure, to_day, -1);
    }
}

/* Open and running over [from_day, to_day): in time up to its due day, overdue from the boundary
 * after it. */
static void emit_clock(struct fold_result *result, const struct amount *cell, enum measure in_time,
                       enum measure overdue, int32_t due_day, int32_t from_day, int32_t to_day)
{
    int32_t turn_day = due_day < from_day ? from_day : due_day;
    turn_day = turn_day > to_day ? to_day : turn_day;
    emit_span(result, cell, in_time, from_day, turn_day);
    emit_span(result, cell, overdue, turn_day, to_day);
}

/* Closes the span since walk->since_day. */
static void leave(struct walk *walk, int32_t day)
{
    static const enum measure stocks[] = {
        [STATE_WAITING_SUPPLEMENT] = MEASURE_WAITING_SUPPLEMENT,
        [STATE_WAITING_PAYMENT] = MEASURE_WAITING_PAYMENT,
        [STATE_STOPPED] = MEASURE_STOPPED,
    };
    if (walk->state == STATE_PROCESSING) {
        emit_clock(walk->result, &walk->cell, MEASURE_PROCESSING_IN_TIME,
                   MEASURE_PROCESSING_OVERDUE, walk->due_day, walk->since_day, day);
    } else if (walk->state < STATE_RESOLVED) {
        emit_span(walk->result, &walk->cell, stocks[walk->state], walk->since_day, day);
    }
    walk->since_day = day;
}

static int32_t due_day_of(const struct event *event)
{
    return event->due_at_ms != 0 ? localday_of_ms(event->due_at_ms) : FOREVER;
}

static void enter(struct walk *walk, enum state state, int32_t day)
{
    leave(walk, day);
    walk->state = state;
}

/* The last non-zero due date is in force. */
static void set_due(struct walk *walk, const struct event *event, int32_t day)
{
    if (event->due_at_ms != 0) {
        leave(walk, day);
        walk->due_day = due_day_of(event);
    }
}

static void flow(struct walk *walk, enum measure measure, int32_t day)
{
    emit(walk->result, &walk->cell, measure, day, 1);
}

static enum measure resolution(const struct walk *walk, int32_t day)
{
    if (walk->due_day == FOREVER || day == walk->due_day) {
        return MEASURE_RESOLVED_ON_TIME;
    }
    if (day < walk->due_day) {
        return MEASURE_RESOLVED_EARLY;
    }
    return walk->apology ? MEASURE_RESOLVED_LATE_APOLOGY : MEASURE_RESOLVED_LATE_NO_APOLOGY;
}

/* Marks that came before the resolution count on its day. */
static void resolve(struct walk *walk, int32_t day)
{
    enter(walk, STATE_RESOLVED, day);
    flow(walk, resolution(walk, day), day);
    walk->resolved_day = day;
    if (walk->handed_over) {
        flow(walk, MEASURE_HANDED_OVER, day);
        walk->handed_over_day = day;
    }
    if (walk->result_digitised) {
        flow(walk, MEASURE_RESULT_DIGITISED, day);
    }
}

static void transfer(struct walk *walk, const struct event *event, int32_t day)
{
    leave(walk, day);
    flow(walk, MEASURE_TRANSFERRED_OUT, day);
    walk->cell.unit = event->unit;
    flow(walk, MEASURE_TRANSFERRED_IN, day);
}

/* Marks count once, in any state; false = had no effect. */
static bool apply_mark(struct walk *walk, enum event_kind kind, int32_t day)
{
    bool *done = kind == KIND_COMPONENTS_DIGITISED ? &walk->components_digitised
                 : kind == KIND_RESULT_DIGITISED   ? &walk->result_digitised
                                                   : &walk->handed_over;
    if (*done || (kind != KIND_COMPONENTS_DIGITISED && walk->state > STATE_RESOLVED)) {
        return false;
    }
    *done = true;
    if (kind == KIND_COMPONENTS_DIGITISED) {
        flow(walk, MEASURE_COMPONENTS_DIGITISED, day);
    } else if (walk->state == STATE_RESOLVED) {
        flow(walk, kind == KIND_RESULT_DIGITISED ? MEASURE_RESULT_DIGITISED : MEASURE_HANDED_OVER,
             day);
        if (kind == KIND_HANDED_OVER) {
            walk->handed_over_day = day;
        }
    }
    return true;
}

/* Events that run or stop the clock of an open dossier. Those that stop it carry no due date: one
 * that is given all the same counts nothing. */
static void apply_clock(struct walk *walk, const struct event *event, int32_t day)
{
    switch (event->kind) {
    case KIND_SUPPLEMENT_REQUESTED:
        enter(walk, STATE_WAITING_SUPPLEMENT, day);
        return;
    case KIND_PAYMENT_REQUESTED:
        enter(walk, STATE_WAITING_PAYMENT, day);
        return;
    case KIND_STOPPED:
        enter(walk, STATE_STOPPED, day);
        return;
    case KIND_EXTENDED:
        walk->apology |= event->apology_sent;
        break;
    case KIND_PAYMENT_RECEIVED:
        if (event->paid_online) {
            flow(walk, MEASURE_PAID_ONLINE, day);
        }
        enter(walk, STATE_PROCESSING, day);
        break;
    default: /* SUPPLEMENT_RECEIVED, RESUMED */
        enter(walk, STATE_PROCESSING, day);
        break;
    }
    set_due(walk, event, day);
}

/* False = the event had no effect. */
static bool apply(struct walk *walk, const struct event *event, int32_t day)
{
    switch (event->kind) {
    case KIND_COMPONENTS_DIGITISED:
    case KIND_RESULT_DIGITISED:
    case KIND_HANDED_OVER:
        return apply_mark(walk, event->kind, day);
    case KIND_SUBMITTED:
    case KIND_RECEIVED:
    case KIND_REFUSED:
        return false;
    default:
        break;
    }
    if (walk->state >= STATE_RESOLVED) {
        return false;
    }
    switch (event->kind) {
    case KIND_RESOLVED:
        resolve(walk, day);
        break;
    case KIND_RETURNED:
        enter(walk, STATE_RETURNED, day);
        flow(walk, MEASURE_RETURNED, day);
        break;
    case KIND_WITHDRAWN:
        enter(walk, STATE_WITHDRAWN, day);
        flow(walk, MEASURE_WITHDRAWN, day);
        break;
    case KIND_TRANSFERRED:
        transfer(walk, event, day);
        break;
    case KIND_APOLOGY_SENT:
        walk->apology = true;
        break;
    default:
        apply_clock(walk, event, day);
        break;
    }
    return true;
}

/* Before RECEIVED a dossier can only await reception or be refused; everything else waits for
 * RECEIVED. Only SUBMITTED and REFUSED events are looked at. */
static void fold_before_reception(const struct history_event **events, unsigned count,
                                  int32_t received_day, struct fold_result *result)
{
    const struct event *submitted = NULL;
    const struct event *refused = NULL;
    int32_t awaited_to_day = received_day;
    for (unsigned i = 0; i < count; i++) {
        const struct event *event = &events[i]->event;
        const struct event **first = event->kind == KIND_SUBMITTED ? &submitted : &refused;
        if (event->kind != KIND_SUBMITTED && event->kind != KIND_REFUSED) {
            continue;
        }
        if (*first != NULL) {
            find(result, FINDING_IGNORED, events[i]);
            continue;
        }
        *first = event;
        const int32_t day = localday_of_ms(event->occurred_at_ms);
        const struct amount cell = {.unit = event->unit, .procedure = event->procedure};
        emit(result, &cell, event->kind == KIND_SUBMITTED ? MEASURE_SUBMITTED : MEASURE_REFUSED,
             day, 1);
        result->unit = event->unit;
        if (event->kind == KIND_REFUSED) {
            awaited_to_day = day;
        }
    }
    if (submitted != NULL) {
        const struct amount cell = {.unit = submitted->unit, .procedure = submitted->procedure};
        const int32_t day = localday_of_ms(submitted->occurred_at_ms);
        emit_span(result, &cell, MEASURE_AWAITING_RECEPTION, day, awaited_to_day);
    }
}

static struct walk receive(const struct event *event, struct fold_result *result)
{
    const int32_t day = localday_of_ms(event->occurred_at_ms);
    struct walk walk = {
        .result = result,
        .cell = {.unit = event->unit,
                 .field = event->field,
                 .procedure = event->procedure,
                 .slot = (uint8_t)slot_of(event->channel, event->level)},
        .state = STATE_PROCESSING,
        .since_day = day,
        .due_day = due_day_of(event),
        .resolved_day = FOREVER,
        .handed_over_day = FOREVER,
    };
    flow(&walk, MEASURE_RECEIVED, day);
    if (event->out_of_territory) {
        flow(&walk, MEASURE_OUT_OF_TERRITORY, day);
    }
    return walk;
}

static void step(struct walk *walk, const struct history_event *event, int32_t received_day)
{
    const int32_t day = localday_of_ms(event->event.occurred_at_ms);
    if (!apply(walk, &event->event, day < received_day ? received_day : day)) {
        find(walk->result, FINDING_IGNORED, event);
    }
}

/* `events` are sorted and hold no petition events. */
static void fold_dossier(const struct history_event **events, unsigned count,
                         struct fold_result *result)
{
    unsigned received = 0;
    while (received < count && events[received]->event.kind != KIND_RECEIVED) {
        received++;
    }
    const bool is_received = received < count;
    const int32_t received_day =
        is_received ? localday_of_ms(events[received]->event.occurred_at_ms) : FOREVER;
    fold_before_reception(events, received, received_day, result);
    struct walk walk = {0};
    if (is_received) {
        walk = receive(&events[received]->event, result);
    }
    for (unsigned i = 0; i < count; i++) {
        const enum event_kind kind = events[i]->event.kind;
        if (i == received || (i < received && (kind == KIND_SUBMITTED || kind == KIND_REFUSED))) {
            continue;
        }
        if (is_received) {
            step(&walk, events[i], received_day);
        } else {
            find(result, FINDING_ORPHAN, events[i]);
        }
    }
    if (is_received) {
        leave(&walk, FOREVER);
        emit_span(result, &walk.cell, MEASURE_RESULT_WAITING, walk.resolved_day,
                  walk.handed_over_day);
        result->unit = walk.cell.unit;
    }
}

static const struct history_event *first_of(const struct history_event **events, unsigned count,
                                            enum event_kind kind)
{
    unsigned i = 0;
    while (i < count && events[i]->event.kind != kind) {
        i++;
    }
    return i < count ? events[i] : NULL;
}

static void fold_petition(const struct history_event **events, unsigned count,
                          struct fold_result *result)
{
    const struct history_event *received = first_of(events, count, KIND_PETITION_RECEIVED);
    const struct history_event *resolved = first_of(events, count, KIND_PETITION_RESOLVED);
    for (unsigned i = 0; i < count; i++) {
        if (received == NULL || (events[i] != received && events[i] != resolved)) {
            find(result, received == NULL ? FINDING_ORPHAN : FINDING_IGNORED, events[i]);
        }
    }
    if (received == NULL) {
        return;
    }
    const struct event *event = &received->event;
    const int32_t day = localday_of_ms(event->occurred_at_ms);
    const int32_t due_day = due_day_of(event);
    const struct amount cell = {.unit = event->unit, .slot = (uint8_t)event->petition_class};
    int32_t resolved_day = FOREVER;
    emit(result, &cell, MEASURE_PETITION_RECEIVED, day, 1);
    if (resolved != NULL) {
        resolved_day = localday_of_ms(resolved->event.occurred_at_ms);
        resolved_day = resolved_day < day ? day : resolved_day;
        emit(result, &cell,
             resolved_day <= due_day ? MEASURE_PETITION_RESOLVED_ON_TIME
                                     : MEASURE_PETITION_RESOLVED_LATE,
             resolved_day, 1);
    }
    emit_clock(result, &cell, MEASURE_PETITION_OPEN_IN_TIME, MEASURE_PETITION_OPEN_OVERDUE, due_day,
               day, resolved_day);
    result->unit = result->unit.size != 0 ? result->unit : event->unit;
}

static int by_effect(const void *a, const void *b)
{
    const struct history_event *x = *(const struct history_event *const *)a;
    const struct history_event *y = *(const struct history_event *const *)b;
    if (x->event.occurred_at_ms != y->event.occurred_at_ms) {
        return x->event.occurred_at_ms < y->event.occurred_at_ms ? -1 : 1;
    }
    if (x->event.kind != y->event.kind) {
        return x->event.kind < y->event.kind ? -1 : 1;
    }
    const int order = slice_compare(x->source, y->source);
    return order != 0 ? order : slice_compare(x->event.event_id, y->event.event_id);
}

static bool voids(const struct history_event *voiding, const struct history_event *target)
{
    return target->event.kind != KIND_VOIDED && slice_equal(voiding->source, target->source) &&
           slice_equal(voiding->event.voids, target->event.event_id);
}

static bool is_voided(const struct history_event *target, const struct history_event *events,
                      unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (events[i].event.kind == KIND_VOIDED && voids(&events[i], target)) {
            return true;
        }
    }
    return false;
}

static void find_unmatched(const struct history_event *events, unsigned count,
                           struct fold_result *result)
{
    for (unsigned i = 0; i < count; i++) {
        bool matched = events[i].event.kind != KIND_VOIDED;
        for (unsigned k = 0; k < count && !matched; k++) {
            matched = voids(&events[i], &events[k]);
        }
        if (!matched) {
            find(result, FINDING_VOID_UNMATCHED, &events[i]);
        }
    }
}

static bool is_petition(enum event_kind kind)
{
    return kind == KIND_PETITION_RECEIVED || kind == KIND_PETITION_RESOLVED;
}

/* Parts the live events into those of the dossier and those of the petition, each sorted. */
static void part(const struct history_event *events, unsigned count,
                 const struct history_event **dossier, unsigned *ret_dossiers,
                 const struct history_event **petition, unsigned *ret_petitions)
{
    unsigned dossiers = 0;
    unsigned petitions = 0;
    for (unsigned i = 0; i < count; i++) {
        const enum event_kind kind = events[i].event.kind;
        if (kind == KIND_VOIDED || is_voided(&events[i], events, count)) {
            continue;
        }
        if (is_petition(kind)) {
            petition[petitions++] = &events[i];
        } else {
            dossier[dossiers++] = &events[i];
        }
    }
    qsort(dossier, dossiers, sizeof *dossier, by_effect);
    qsort(petition, petitions, sizeof *petition, by_effect);
    *ret_dossiers = dossiers;
    *ret_petitions = petitions;
}

enum status fold(const struct history_event *events, unsigned count, struct arena *arena,
                 struct fold_result *ret_result)
{
    struct fold_result result = {
        .amounts =
            arena_array(arena, count * AMOUNTS_PER_EVENT + AMOUNTS_MORE, sizeof *result.amounts),
        .findings = arena_array(arena, count + 1, sizeof *result.findings),
    };
    const struct history_event **dossier = arena_array(arena, count + 1, sizeof *dossier);
    const struct history_event **petition = arena_array(arena, count + 1, sizeof *petition);
    if (result.amounts == NULL || result.findings == NULL || dossier == NULL || petition == NULL) {
        return STATUS_TOO_LARGE;
    }
    unsigned dossiers = 0;
    unsigned petitions = 0;
    part(events, count, dossier, &dossiers, petition, &petitions);
    fold_dossier(dossier, dossiers, &result);
    fold_petition(petition, petitions, &result);
    find_unmatched(events, count, &result);
    *ret_result = result;
    return STATUS_OK;
}
