/* SPDX-License-Identifier: Apache-2.0
 *
 * A dossier's history at rest: for each event its position (varint, times two, plus one if its unit
 * was not valid), its source (text; empty = named like the space) and its record without the
 * dossier code, which is in the key: what stands before that and what stands behind it (two texts).
 * In the order of arrival. Only events that count are in it: no duplicates, no conflicting ones.
 */
#ifndef HOSO_AGGREGATE_HISTORY_H
#define HOSO_AGGREGATE_HISTORY_H

#include "fold/fold.h"

enum { HISTORY_BYTES_MAX = HISTORY_EVENTS_MAX * (EVENT_RECORD_MAX + EVENT_SOURCE_MAX + 16) };

struct history {
    struct history_event *events;
    unsigned count;
    unsigned capacity;
    uint32_t *slots; /* place + 1 in `events` by identity; 0 = empty */
    unsigned slot_mask;
};

/* Decodes stored bytes of a dossier, by its key, with room for `more` events, 0 = to be folded and
 * no more; texts point into `bytes` and `dossier`, records into the arena. CORRUPT, or TOO_LARGE =
 * arena full. */
enum status history_decode(struct slice dossier, struct slice bytes, unsigned more,
                           struct arena *arena, struct history *ret_history) MUST_USE;

/* Of an event that is not decoded from a history: its dossier code lies in its record. */
void history_encode_event(const struct history_event *event, struct buffer *buffer);

/* The event with the same identity (source, event_id; space and dossier are given), or NULL. */
const struct history_event *history_find(const struct history *history,
                                         const struct history_event *event);
/* Adds one that history_find does not find; there must be room. */
void history_add(struct history *history, const struct history_event *event);
/* The unit that an event named last, in the order of arrival; empty = none did. */
struct slice history_unit(const struct history *history);

#endif
