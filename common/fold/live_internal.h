/* SPDX-License-Identifier: Apache-2.0
 *
 * The events of a code that happened, in the order in which they take effect (§3.1): voided ones
 * are out, those of the petition stand apart from the dossier's.
 */
#ifndef HOSO_FOLD_LIVE_INTERNAL_H
#define HOSO_FOLD_LIVE_INTERNAL_H

#include "fold/fold.h"

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

#endif
