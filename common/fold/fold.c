/* SPDX-License-Identifier: Apache-2.0
 *
 * fold: what the events of one dossier add to the ledger. Counting rules §3, step by step:
 *
 *     drop voided ─▶ sort ─▶ before reception ─▶ at reception ─▶ event by event ─▶ what stays open
 *                        └─▶ petition events, a case of their own
 */
#include "base/localday.h"
#include "fold/fold_internal.h"

enum { AMOUNTS_PER_EVENT = 8, AMOUNTS_MORE = 12 };

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
struct fold_walk {
    struct fold_result *result;
    struct amount cell;
    enum state state;
    int32_t received_day;
    int32_t since_day; /* of the state, the due day and the unit */
    int32_t due_day;   /* FOREVER = none */
    int32_t ended_day;
    int32_t resolved_day;
    int32_t handed_over_day;
    bool apology;
    bool components_digitised;
    bool result_digitised;
    bool handed_over;
    bool implied; /* no event ends it: the first HANDED_OVER is the resolution, too (§3.9) */
};

/* What happened before reception: SUBMITTED and REFUSED take turns (§3.3). */
struct wait {
    const struct event *submitted; /* that began the wait; NULL = not awaiting */
    bool asked;                    /* there was a SUBMITTED or a REFUSED */
};

/* Closes the span since walk->since_day. */
static void leave(struct fold_walk *walk, int32_t day)
{
    static const enum measure stocks[] = {
        [STATE_WAITING_SUPPLEMENT] = MEASURE_WAITING_SUPPLEMENT,
        [STATE_WAITING_PAYMENT] = MEASURE_WAITING_PAYMENT,
        [STATE_STOPPED] = MEASURE_STOPPED,
    };
    if (walk->state == STATE_PROCESSING) {
        fold_emit_clock(walk->result, &walk->cell, MEASURE_PROCESSING_IN_TIME,
                        MEASURE_PROCESSING_OVERDUE, walk->due_day, walk->since_day, day);
    } else if (walk->state < STATE_RESOLVED) {
        fold_emit_span(walk->result, &walk->cell, stocks[walk->state], walk->since_day, day);
    }
    walk->since_day = day;
}

static void enter(struct fold_walk *walk, enum state state, int32_t day)
{
    leave(walk, day);
    walk->state = state;
    walk->ended_day = state >= STATE_RESOLVED ? day : FOREVER;
}

/* The last non-zero due date is in force. */
static void set_due(struct fold_walk *walk, const struct event *event, int32_t day)
{
    if (event->due_at_ms != 0) {
        leave(walk, day);
        walk->due_day = fold_due_day(event);
    }
}

static void flow(struct fold_walk *walk, enum measure measure, int32_t day)
{
    fold_emit(walk->result, &walk->cell, measure, day, 1);
}

static enum measure resolution(const struct fold_walk *walk, int32_t day)
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
static void resolve(struct fold_walk *walk, int32_t day)
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

static void transfer(struct fold_walk *walk, const struct event *event, int32_t day)
{
    leave(walk, day);
    flow(walk, MEASURE_TRANSFERRED_OUT, day);
    walk->cell.unit = event->unit;
    flow(walk, MEASURE_TRANSFERRED_IN, day);
}

/* Marks count once, in any state; false = had no effect. */
static bool apply_mark(struct fold_walk *walk, enum event_kind kind, int32_t day)
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
static void apply_clock(struct fold_walk *walk, const struct event *event, int32_t day)
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
static bool apply(struct fold_walk *walk, const struct event *event, int32_t day)
{
    switch (event->kind) {
    case KIND_HANDED_OVER:
        if (walk->implied && walk->state < STATE_RESOLVED) {
            resolve(walk, day);
        }
        return apply_mark(walk, event->kind, day);
    case KIND_COMPONENTS_DIGITISED:
    case KIND_RESULT_DIGITISED:
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

/* The wait since wait->submitted is over. */
static void end_wait(struct fold_result *result, struct wait *wait, int32_t day)
{
    if (wait->submitted != NULL) {
        const struct event *event = wait->submitted;
        const struct amount cell = {.unit = event->unit, .procedure = event->procedure};
        fold_emit_clock(result, &cell, MEASURE_AWAITING_RECEPTION,
                        MEASURE_AWAITING_RECEPTION_OVERDUE, fold_due_day(event),
                        localday_of_ms(event->occurred_at_ms), day);
    }
    wait->submitted = NULL;
}

/* A SUBMITTED or REFUSED before reception. False = it had no effect. */
static bool apply_before_reception(struct fold_result *result, struct wait *wait,
                                   const struct event *event)
{
    const bool submits = event->kind == KIND_SUBMITTED;
    const bool awaiting = wait->submitted != NULL;
    const int32_t day = localday_of_ms(event->occurred_at_ms);
    const struct amount cell = {.unit = event->unit, .procedure = event->procedure};
    if (submits ? awaiting : !awaiting && wait->asked) {
        return false;
    }
    end_wait(result, wait, day);
    fold_emit(result, &cell, submits ? MEASURE_SUBMITTED : MEASURE_REFUSED, day, 1);
    wait->submitted = submits ? event : NULL;
    wait->asked = true;
    result->unit = event->unit;
    if (day < result->before_day) {
        const struct dossier_standing *before = awaiting ? &result->dossier : NULL;
        result->dossier =
            (struct dossier_standing){.state = submits ? OPEN_AWAITING_RECEPTION : ENDED_REFUSED,
                                      .unit = event->unit,
                                      .procedure = event->procedure,
                                      .received_day = before != NULL ? before->received_day : day,
                                      .due_day = submits          ? fold_due_day(event)
                                                 : before != NULL ? before->due_day
                                                                  : FOREVER,
                                      .ended_day = submits ? FOREVER : day};
    }
    return true;
}

/* Before RECEIVED a dossier can only await reception or be refused; everything else waits for
 * RECEIVED. Only SUBMITTED and REFUSED events are looked at. */
static void fold_before_reception(const struct history_event **events, unsigned count,
                                  struct fold_result *result, struct wait *ret_wait)
{
    struct wait wait = {0};
    for (unsigned i = 0; i < count; i++) {
        const enum event_kind kind = events[i]->event.kind;
        if ((kind == KIND_SUBMITTED || kind == KIND_REFUSED) &&
            !apply_before_reception(result, &wait, &events[i]->event)) {
            fold_find(result, FINDING_IGNORED, events[i]);
        }
    }
    *ret_wait = wait;
}

/* Ends the wait, if there is one. */
static struct fold_walk receive(const struct event *event, struct wait *wait,
                                struct fold_result *result)
{
    const int32_t day = localday_of_ms(event->occurred_at_ms);
    const bool late = wait->submitted != NULL && day > fold_due_day(wait->submitted);
    struct fold_walk walk = {
        .result = result,
        .cell = {.unit = event->unit,
                 .field = event->field,
                 .procedure = event->procedure,
                 .slot = (uint8_t)slot_of(event->channel, event->level)},
        .state = STATE_PROCESSING,
        .received_day = day,
        .since_day = day,
        .due_day = fold_due_day(event),
        .ended_day = FOREVER,
        .resolved_day = FOREVER,
        .handed_over_day = FOREVER,
    };
    end_wait(result, wait, day);
    flow(&walk, MEASURE_RECEIVED, day);
    if (event->out_of_territory) {
        flow(&walk, MEASURE_OUT_OF_TERRITORY, day);
    }
    if (late) {
        flow(&walk, MEASURE_RECEIVED_LATE, day);
    }
    return walk;
}

static struct dossier_standing standing_of(const struct fold_walk *walk)
{
    static const enum dossier_state states[] = {
        [STATE_PROCESSING] = OPEN_PROCESSING,
        [STATE_WAITING_SUPPLEMENT] = OPEN_WAITING_SUPPLEMENT,
        [STATE_WAITING_PAYMENT] = OPEN_WAITING_PAYMENT,
        [STATE_STOPPED] = OPEN_STOPPED,
        [STATE_RESOLVED] = ENDED_RESOLVED,
        [STATE_RETURNED] = ENDED_RETURNED,
        [STATE_WITHDRAWN] = ENDED_WITHDRAWN,
    };
    return (struct dossier_standing){.state = states[walk->state],
                                     .unit = walk->cell.unit,
                                     .procedure = walk->cell.procedure,
                                     .field = walk->cell.field,
                                     .received_day = walk->received_day,
                                     .due_day = walk->due_day,
                                     .ended_day = walk->ended_day,
                                     .slot = walk->cell.slot};
}

static void stand(struct fold_walk *walk, int32_t day)
{
    if (day < walk->result->before_day) {
        walk->result->dossier = standing_of(walk);
    }
}

static void step(struct fold_walk *walk, const struct history_event *event, int32_t received_day)
{
    const int32_t own = localday_of_ms(event->event.occurred_at_ms);
    const int32_t day = own < received_day ? received_day : own;
    if (!apply(walk, &event->event, day)) {
        fold_find(walk->result, FINDING_IGNORED, event);
    }
    stand(walk, day);
}

/* The HANDED_OVER that is the resolution of a dossier which no event ends, or NULL. */
static const struct history_event *implied_result(const struct history_event **events,
                                                  unsigned count)
{
    static const enum event_kind endings[] = {KIND_RESOLVED, KIND_RETURNED, KIND_WITHDRAWN};
    const struct history_event *handed_over = fold_first(events, count, KIND_HANDED_OVER);
    for (unsigned i = 0; i < sizeof endings / sizeof *endings && handed_over != NULL; i++) {
        handed_over = fold_first(events, count, endings[i]) == NULL ? handed_over : NULL;
    }
    return handed_over;
}

/* The way from RECEIVED on. What came before it, but for SUBMITTED and REFUSED, takes effect on its
 * day. */
static void fold_received(const struct history_event **events, unsigned count, unsigned received,
                          struct wait *wait, struct fold_result *result)
{
    const int32_t received_day = localday_of_ms(events[received]->event.occurred_at_ms);
    const struct history_event *implied = implied_result(events, count);
    struct fold_walk walk = receive(&events[received]->event, wait, result);
    walk.implied = implied != NULL;
    stand(&walk, received_day);
    for (unsigned i = 0; i < count; i++) {
        const enum event_kind kind = events[i]->event.kind;
        if (i > received || (i < received && kind != KIND_SUBMITTED && kind != KIND_REFUSED)) {
            step(&walk, events[i], received_day);
        }
    }
    if (implied != NULL) {
        fold_find(result, FINDING_RESULT_IMPLIED, implied);
    }
    leave(&walk, FOREVER);
    fold_emit_span(result, &walk.cell, MEASURE_RESULT_WAITING, walk.resolved_day,
                   walk.handed_over_day);
    result->unit = walk.cell.unit;
    result->open = standing_of(&walk);
    if (result->open.state >= OPEN_STATE_COUNT) {
        result->open.state = OPEN_NONE;
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
    struct wait wait;
    fold_before_reception(events, received, result, &wait);
    if (received < count) {
        fold_received(events, count, received, &wait, result);
        return;
    }
    if (wait.submitted != NULL) {
        const struct event *event = wait.submitted;
        result->open =
            (struct dossier_standing){.state = OPEN_AWAITING_RECEPTION,
                                      .unit = event->unit,
                                      .procedure = event->procedure,
                                      .received_day = localday_of_ms(event->occurred_at_ms),
                                      .due_day = fold_due_day(event)};
    }
    end_wait(result, &wait, FOREVER);
    for (unsigned i = 0; i < count; i++) {
        const enum event_kind kind = events[i]->event.kind;
        if (kind != KIND_SUBMITTED && kind != KIND_REFUSED) {
            fold_find(result, FINDING_ORPHAN, events[i]);
        }
    }
}

enum status fold_before(const struct history_event *events, unsigned count, int32_t before_day,
                        struct arena *arena, struct fold_result *ret_result)
{
    struct fold_result result = {
        .before_day = before_day,
        .amounts =
            arena_array(arena, count * AMOUNTS_PER_EVENT + AMOUNTS_MORE, sizeof *result.amounts),
        .findings = arena_array(arena, 2 * count + 2, sizeof *result.findings),
    };
    struct live_events live;
    if (result.amounts == NULL || result.findings == NULL) {
        return STATUS_TOO_LARGE;
    }
    const enum status status = live_events_of(events, count, arena, &result, &live);
    if (status != STATUS_OK) {
        return status;
    }
    fold_dossier(live.dossier, live.dossier_count, &result);
    fold_petition(live.petition, live.petition_count, &result);
    *ret_result = result;
    return STATUS_OK;
}

enum status fold(const struct history_event *events, unsigned count, struct arena *arena,
                 struct fold_result *ret_result)
{
    return fold_before(events, count, FOREVER, arena, ret_result);
}
