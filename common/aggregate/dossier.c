/* SPDX-License-Identifier: Apache-2.0
 *
 * Three steps for each: load what the dossier was; take the batch's events and fold again; write
 * the difference. The transaction keeps the first failure, so the steps after it change nothing.
 */
#include "aggregate/dossier.h"

#include "aggregate/dossier_index.h"
#include "aggregate/tables.h"
#include "base/radix.h"

/* What a dossier's events amount to. */
struct standing {
    struct fold_result result;
    struct dossier_index index;
};

/* Folds the history as it is; an empty one amounts to nothing. */
static void stand(struct dossier_work *work, const struct history *history, struct slice dossier,
                  struct standing *ret_standing)
{
    *ret_standing = (struct standing){0};
    enum status status = STATUS_OK;
    if (history->count != 0) {
        status = fold(history->events, history->count, work->arena, &ret_standing->result);
    }
    if (status == STATUS_OK) {
        status =
            dossier_index_of(&ret_standing->result, dossier, work->arena, &ret_standing->index);
    }
    store_fail(work->txn, status);
}

/* The stored history, with room for `more` events; work->history has its bytes. */
static void load(struct dossier_work *work, struct slice dossier, unsigned more,
                 struct history *ret_history)
{
    struct slice stored = {0};
    arena_reset(work->arena);
    buffer_clear(work->history);
    if (store_cursor_find(&work->cursor, dossier, &stored)) {
        buffer_put(work->history, stored.data, stored.size);
        stored = arena_copy(work->arena, stored);
    } else {
        stored = (struct slice){0};
    }
    *ret_history = (struct history){0};
    store_fail(work->txn, history_decode(dossier, stored, more, work->arena, ret_history));
}

/* An event that found no way into the history. */
static void count_outside(struct dossier_work *work, enum finding_kind kind,
                          const struct history_event *event, const struct history *history)
{
    dossier_index_count(work->txn, kind, event, history_unit(history));
    store_fail(work->txn, source_tally_finding(work->sources, event->source, kind, 1));
}

/* Takes the batch's events of one dossier into its history; returns how many were new. */
static unsigned take_events(struct dossier_work *work, struct history *history,
                            const struct history_event *events, unsigned count)
{
    unsigned fresh = 0;
    for (unsigned i = 0; i < count && work->txn->status == STATUS_OK; i++) {
        const struct history_event *known = history_find(history, &events[i]);
        if (known != NULL && slice_equal(known->record, events[i].record)) {
            work->duplicates++;
        } else if (known != NULL) {
            work->conflicts++;
            count_outside(work, FINDING_CONFLICTING, &events[i], history);
        } else if (history->count == HISTORY_EVENTS_MAX) {
            count_outside(work, FINDING_OVER_LIMIT, &events[i], history);
        } else {
            store_fail(work->txn, source_tally_event(work->sources, &events[i]));
            history_add(history, &events[i]);
            history_encode_event(&events[i], work->history);
            fresh++;
        }
    }
    return fresh;
}

static bool same_amount(const struct amount *a, const struct amount *b)
{
    return a->day == b->day && a->delta == b->delta && a->slot == b->slot &&
           a->measure == b->measure && slice_equal(a->procedure, b->procedure) &&
           slice_equal(a->field, b->field) && slice_equal(a->unit, b->unit);
}

/* How many amounts at the start are the same: what happened first mostly stays. */
static unsigned same_amounts(const struct fold_result *before, const struct fold_result *now)
{
    const unsigned count =
        before->amount_count < now->amount_count ? before->amount_count : now->amount_count;
    unsigned same = 0;
    while (same < count && same_amount(&before->amounts[same], &now->amounts[same])) {
        same++;
    }
    return same;
}

static void add_amounts(struct dossier_work *work, const struct fold_result *result, unsigned first,
                        int sign)
{
    for (unsigned i = first; i < result->amount_count && work->txn->status == STATUS_OK; i++) {
        store_fail(work->txn, ledger_batch_add(work->amounts, &result->amounts[i], sign));
    }
}

/* The dossier's memory is used again for the next one, so the names of sources are copied. */
static void add_findings(struct dossier_work *work, const struct fold_result *result, int sign)
{
    for (unsigned i = 0; i < result->finding_count && work->txn->status == STATUS_OK; i++) {
        const struct finding *finding = &result->findings[i];
        const struct slice source = arena_copy(work->batch_arena, finding->event->source);
        store_fail(work->txn, source.size != 0
                                  ? source_tally_finding(work->sources, source, finding->kind, sign)
                                  : STATUS_TOO_LARGE);
    }
}

static void write_difference(struct dossier_work *work, struct slice dossier,
                             const struct standing *before, const struct standing *now)
{
    const unsigned same = same_amounts(&before->result, &now->result);
    add_amounts(work, &before->result, same, -1);
    add_amounts(work, &now->result, same, 1);
    add_findings(work, &before->result, -1);
    add_findings(work, &now->result, 1);
    dossier_index_write(work->txn, work->closes, &before->index, &now->index);
    store_fail(work->txn, buffer_status(work->history));
    store_cursor_put(&work->cursor, dossier, buffer_slice(work->history));
}

/* Everything of one dossier: its events are in order of position. */
static enum status apply_one(struct dossier_work *work, struct slice dossier,
                             const struct history_event *events, unsigned count)
{
    struct history history;
    struct standing before;
    struct standing now;
    load(work, dossier, count, &history);
    stand(work, &history, dossier, &before);
    const unsigned fresh = take_events(work, &history, events, count);
    if (fresh != 0) {
        stand(work, &history, dossier, &now);
        write_difference(work, dossier, &before, &now);
        work->fresh += fresh;
    }
    return work->txn->status;
}

/* The key of each event's dossier, and the order of the keys. False = arena full. */
static bool order_events(struct arena *arena, const struct history_event *events, unsigned count,
                         struct slice **ret_keys, struct radix_text **ret_order)
{
    struct slice *keys = arena_array(arena, count + 1U, sizeof *keys);
    struct radix_text *order = arena_array(arena, count + 1U, sizeof *order);
    struct radix_text *spare = arena_array(arena, count + 1U, sizeof *spare);
    if (arena->exceeded) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        uint8_t key[DOSSIER_KEY_MAX];
        keys[i] = arena_copy(arena, dossier_key(events[i].space, events[i].event.dossier, key));
    }
    if (!arena->exceeded) {
        radix_sort_texts(keys, count, order, spare);
    }
    *ret_keys = keys;
    *ret_order = order;
    return !arena->exceeded;
}

enum status dossiers_apply(struct dossier_work *work, const struct history_event *events,
                           unsigned count)
{
    struct slice *keys = NULL;
    struct radix_text *order = NULL;
    struct history_event *group = arena_array(work->batch_arena, count + 1U, sizeof *group);
    if (!order_events(work->batch_arena, events, count, &keys, &order)) {
        return STATUS_TOO_LARGE;
    }
    enum status status = STATUS_OK;
    store_cursor_open(work->txn, TABLE_DOSSIERS, &work->cursor);
    for (unsigned i = 0; i < count && status == STATUS_OK;) {
        const struct slice dossier = keys[order[i].index];
        unsigned size = 0;
        do {
            group[size++] = events[order[i++].index];
        } while (i < count && slice_equal(keys[order[i].index], dossier));
        status = apply_one(work, dossier, group, size);
    }
    store_cursor_close(&work->cursor);
    return status;
}
