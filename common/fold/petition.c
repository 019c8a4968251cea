/* SPDX-License-Identifier: Apache-2.0
 *
 * A petition, and the amounts that petitions and dossiers have alike.
 *
 * A stock is emitted when a span ends: +1 on its first day, −1 on its last. A stock at a boundary
 * is the sum of all days before it, so a dossier due on day D turns overdue by amounts on D,
 * without an event.
 */
#include "base/localday.h"
#include "fold/fold_internal.h"

void fold_emit(struct fold_result *result, const struct amount *cell, enum measure measure,
               int32_t day, int delta)
{
    struct amount *amount = &result->amounts[result->amount_count++];
    *amount = *cell;
    amount->measure = (uint8_t)measure;
    amount->day = day;
    amount->delta = delta;
}

void fold_emit_span(struct fold_result *result, const struct amount *cell, enum measure measure,
                    int32_t from_day, int32_t to_day)
{
    if (from_day >= to_day) {
        return;
    }
    fold_emit(result, cell, measure, from_day, 1);
    if (to_day != FOREVER) {
        fold_emit(result, cell, measure, to_day, -1);
    }
}

void fold_emit_clock(struct fold_result *result, const struct amount *cell, enum measure in_time,
                     enum measure overdue, int32_t due_day, int32_t from_day, int32_t to_day)
{
    int32_t turn_day = due_day < from_day ? from_day : due_day;
    turn_day = turn_day > to_day ? to_day : turn_day;
    fold_emit_span(result, cell, in_time, from_day, turn_day);
    const unsigned turned = result->amount_count;
    fold_emit_span(result, cell, overdue, turn_day, to_day);
    if (from_day < turn_day && turn_day < to_day) {
        result->amounts[turned - 1].turns = true;
        result->amounts[turned].turns = true;
    }
}

int32_t fold_due_day(const struct event *event)
{
    return event->due_at_ms != 0 ? localday_of_ms(event->due_at_ms) : FOREVER;
}

const struct history_event *fold_first(const struct history_event **events, unsigned count,
                                       enum event_kind kind)
{
    unsigned i = 0;
    while (i < count && events[i]->event.kind != kind) {
        i++;
    }
    return i < count ? events[i] : NULL;
}

void fold_petition(const struct history_event **events, unsigned count, struct fold_result *result)
{
    const struct history_event *received = fold_first(events, count, KIND_PETITION_RECEIVED);
    const struct history_event *resolved = fold_first(events, count, KIND_PETITION_RESOLVED);
    for (unsigned i = 0; i < count; i++) {
        if (received == NULL || (events[i] != received && events[i] != resolved)) {
            fold_find(result, received == NULL ? FINDING_ORPHAN : FINDING_IGNORED, events[i]);
        }
    }
    if (received == NULL) {
        return;
    }
    const struct event *event = &received->event;
    const int32_t day = localday_of_ms(event->occurred_at_ms);
    const int32_t due_day = fold_due_day(event);
    const struct amount cell = {.unit = event->unit, .slot = (uint8_t)event->petition_class};
    int32_t resolved_day = FOREVER;
    fold_emit(result, &cell, MEASURE_PETITION_RECEIVED, day, 1);
    if (resolved != NULL) {
        resolved_day = localday_of_ms(resolved->event.occurred_at_ms);
        resolved_day = resolved_day < day ? day : resolved_day;
        fold_emit(result, &cell,
                  resolved_day <= due_day ? MEASURE_PETITION_RESOLVED_ON_TIME
                                          : MEASURE_PETITION_RESOLVED_LATE,
                  resolved_day, 1);
    }
    const bool ended = resolved_day < result->before_day;
    if (day < result->before_day) {
        result->petition =
            (struct dossier_standing){.state = ended ? PETITION_RESOLVED : PETITION_OPEN,
                                      .unit = event->unit,
                                      .received_day = day,
                                      .due_day = due_day,
                                      .ended_day = ended ? resolved_day : FOREVER};
    }
    fold_emit_clock(result, &cell, MEASURE_PETITION_OPEN_IN_TIME, MEASURE_PETITION_OPEN_OVERDUE,
                    due_day, day, resolved_day);
    result->unit = result->unit.size != 0 ? result->unit : event->unit;
}
