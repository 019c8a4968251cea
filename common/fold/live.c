/* SPDX-License-Identifier: Apache-2.0
 *
 * Which events happened: VOIDEDs find theirs by identity in a sorted array, then all are sorted by
 * the moment at which they take effect.
 */
#include "fold/fold_internal.h"

#include <stdlib.h>

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

/* Identity of an event within its dossier; of a VOIDED, that of the event it voids. */
static int compare_identity(const struct history_event *x, struct slice x_id,
                            const struct history_event *y, struct slice y_id)
{
    const int order = slice_compare(x->source, y->source);
    return order != 0 ? order : slice_compare(x_id, y_id);
}

static int by_identity(const void *a, const void *b)
{
    const struct history_event *x = *(const struct history_event *const *)a;
    const struct history_event *y = *(const struct history_event *const *)b;
    return compare_identity(x, x->event.event_id, y, y->event.event_id);
}

/* bsearch: a VOIDED against one of the events sorted by identity. */
static int by_voided(const void *key, const void *element)
{
    const struct history_event *voiding = key;
    const struct history_event *event = *(const struct history_event *const *)element;
    return compare_identity(voiding, voiding->event.voids, event, event->event.event_id);
}

/* What the VOIDEDs void: marks[i] for events[i]. A VOIDED itself cannot be voided. */
static enum status mark_voided(const struct history_event *events, unsigned count,
                               struct arena *arena, struct fold_result *result, bool **ret_marks)
{
    bool *marks = arena_array(arena, count + 1, sizeof *marks);
    const struct history_event **sorted = arena_array(arena, count + 1, sizeof *sorted);
    unsigned others = 0;
    if (marks == NULL || sorted == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < count; i++) {
        marks[i] = events[i].event.kind == KIND_VOIDED;
        if (!marks[i]) {
            sorted[others++] = &events[i];
        }
    }
    *ret_marks = marks;
    if (others == count) {
        return STATUS_OK;
    }
    qsort(sorted, others, sizeof *sorted, by_identity);
    for (unsigned i = 0; i < count; i++) {
        if (events[i].event.kind != KIND_VOIDED) {
            continue;
        }
        const struct history_event **voided =
            bsearch(&events[i], sorted, others, sizeof *sorted, by_voided);
        if (voided == NULL) {
            fold_find(result, FINDING_VOID_UNMATCHED, &events[i]);
        } else {
            marks[*voided - events] = true;
        }
    }
    return STATUS_OK;
}

static bool is_petition(enum event_kind kind)
{
    return kind == KIND_PETITION_RECEIVED || kind == KIND_PETITION_RESOLVED;
}

/* Each live event to its case. Whatever becomes of it there, its unit was not valid. */
static void part(const struct history_event *events, unsigned count, const bool *voided,
                 struct fold_result *result, struct live_events *live)
{
    for (unsigned i = 0; i < count; i++) {
        if (voided[i]) {
            continue;
        }
        if (events[i].unit_not_valid) {
            fold_find(result, FINDING_UNIT_NOT_VALID, &events[i]);
        }
        if (is_petition(events[i].event.kind)) {
            live->petition[live->petition_count++] = &events[i];
        } else {
            live->dossier[live->dossier_count++] = &events[i];
        }
    }
    qsort(live->dossier, live->dossier_count, sizeof *live->dossier, by_effect);
    qsort(live->petition, live->petition_count, sizeof *live->petition, by_effect);
}

enum status live_events_of(const struct history_event *events, unsigned count, struct arena *arena,
                           struct fold_result *result, struct live_events *ret_live)
{
    struct live_events live = {
        .dossier = arena_array(arena, count + 1, sizeof *live.dossier),
        .petition = arena_array(arena, count + 1, sizeof *live.petition),
    };
    bool *voided = NULL;
    if (live.dossier == NULL || live.petition == NULL) {
        return STATUS_TOO_LARGE;
    }
    const enum status status = mark_voided(events, count, arena, result, &voided);
    if (status == STATUS_OK) {
        part(events, count, voided, result, &live);
        *ret_live = live;
    }
    return status;
}
