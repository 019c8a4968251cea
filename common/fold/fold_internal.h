/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the fold share.
 *
 * The events of a code that happened, in the order in which they take effect (§3.1): voided ones
 * are out, those of the petition stand apart from the dossier's.
 */
#ifndef HOSO_FOLD_FOLD_INTERNAL_H
#define HOSO_FOLD_FOLD_INTERNAL_H

#include "fold/fold.h"

enum { FOREVER = INT32_MAX };

struct live_events {
    const struct history_event **dossier;
    const struct history_event **petition;
    unsigned dossier_count;
    unsigned petition_count;
};

static inline void fold_find(struct fold_result *result, enum finding_kind kind,
                             const struct history_event *event)
{
    result->findings[result->finding_count++] = (struct finding){kind, event};
}

/* In n log n steps. Finds the VOIDEDs that void nothing, and events whose unit was not valid.
 * TOO_LARGE = arena full. */
enum status live_events_of(const struct history_event *events, unsigned count, struct arena *arena,
                           struct fold_result *result, struct live_events *ret_live) MUST_USE;

/* The day of due_at, or FOREVER. */
int32_t fold_due_day(const struct event *event);
/* The first event of a kind, or NULL. */
const struct history_event *fold_first(const struct history_event **events, unsigned count,
                                       enum event_kind kind);

void fold_emit(struct fold_result *result, const struct amount *cell, enum measure measure,
               int32_t day, int delta);
/* A stock held over [from_day, to_day). */
void fold_emit_span(struct fold_result *result, const struct amount *cell, enum measure measure,
                    int32_t from_day, int32_t to_day);
/* Open and running over [from_day, to_day): in time up to its due day, overdue from the boundary
 * after it. */
void fold_emit_clock(struct fold_result *result, const struct amount *cell, enum measure in_time,
                     enum measure overdue, int32_t due_day, int32_t from_day, int32_t to_day);

void fold_petition(const struct history_event **events, unsigned count, struct fold_result *result);

#endif
