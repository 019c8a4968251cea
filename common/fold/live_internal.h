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
    const struct history_event **unmatched; /* VOIDEDs that void nothing */
    unsigned dossier_count;
    unsigned petition_count;
    unsigned unmatched_count;
};

/* In n log n steps. TOO_LARGE = arena full. */
enum status live_events_of(const struct history_event *events, unsigned count, struct arena *arena,
                           struct live_events *ret_live) MUST_USE;

#endif
