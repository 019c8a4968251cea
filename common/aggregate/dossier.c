/* SPDX-License-Identifier: Apache-2.0
 *
 * The index of touched months, the findings and the history of one dossier, before and after.
 */
#include "aggregate/dossier.h"

#include <stdlib.h>

#include "aggregate/tables.h"

/* One month in which a dossier adds something to a unit. */
struct touch {
    struct slice unit;
    uint16_t month;
};

struct touches {
    struct touch *items;
    unsigned count;
};

/* Sorted set of (unit, month) that the amounts name. */
static int by_touch(const void *a, const void *b)
{
    const struct touch *x = a;
    const struct touch *y = b;
    const int order = slice_compare(x->unit, y->unit);
    return order != 0 ? order : (x->month > y->month) - (x->month < y->month);
}

static enum status touches_of(const struct fold_result *result, struct arena *arena,
                              struct touches *ret_touches)
{
    struct touch *items = arena_array(arena, result->amount_count + 1U, sizeof *items);
    unsigned count = 0;
    if (items == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < result->amount_count; i++) {
        const struct amount *amount = &result->amounts[i];
        const struct touch touch = {amount->unit, touched_month(amount->day)};
        bool known = false;
        for (unsigned k = count; k-- > 0 && !known;) {
            known = by_touch(&items[k], &touch) == 0;
        }
        if (!known) {
            items[count++] = touch;
        }
    }
    qsort(items, count, sizeof *items, by_touch);
    *ret_touches = (struct touches){items, count};
    return STATUS_OK;
}

/* Deletes what only `before` has and puts what only `now` has. */
static void write_touches(struct store_txn *txn, struct slice dossier, const struct touches *before,
                          const struct touches *now)
{
    uint8_t key[TOUCHED_KEY_MAX];
    unsigned i = 0;
    unsigned k = 0;
    while (i < before->count || k < now->count) {
        const int order = i == before->count ? 1
                          : k == now->count  ? -1
                                             : by_touch(&before->items[i], &now->items[k]);
        if (order < 0) {
            store_delete(txn, TABLE_TOUCHED,
                         touched_key(before->items[i].unit, before->items[i].month, dossier, key));
        } else if (order > 0) {
            store_put(txn, TABLE_TOUCHED,
                      touched_key(now->items[k].unit, now->items[k].month, dossier, key),
                      (struct slice){0});
        }
        i += order <= 0;
        k += order >= 0;
    }
}

static void write_findings(struct store_txn *txn, const struct fold_result *before,
                           const struct fold_result *now)
{
    for (unsigned i = 0; i < before->finding_count; i++) {
        finding_delete(txn, before->findings[i].kind, before->findings[i].event);
    }
    for (unsigned i = 0; i < now->finding_count; i++) {
        finding_put(txn, now->findings[i].kind, now->findings[i].event, now->unit);
    }
}

static enum status add_amounts(struct dossier_work *work, const struct fold_result *result,
                               int sign)
{
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < result->amount_count && status == STATUS_OK; i++) {
        status = ledger_batch_add(work->amounts, &result->amounts[i], sign);
    }
    return status;
}

/* Takes the batch's events of one dossier into its history; returns how many were new. */
static unsigned take_events(struct dossier_work *work, struct history *history,
                            const struct history_event *events, unsigned count, struct slice unit)
{
    unsigned fresh = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct history_event *known = history_find(history, &events[i]);
        if (known != NULL && slice_equal(known->record, events[i].record)) {
            work->duplicates++;
        } else if (known != NULL) {
            work->conflicts++;
            finding_put(work->txn, FINDING_CONFLICTING, &events[i], unit);
        } else if (history->count == HISTORY_EVENTS_MAX) {
            finding_put(work->txn, FINDING_OVER_LIMIT, &events[i], unit);
        } else {
            history->events[history->count++] = events[i];
            history_encode_event(&events[i], work->history);
            fresh++;
        }
    }
    return fresh;
}

enum status dossier_apply(struct dossier_work *work, const struct history_event *events,
                          unsigned count)
{
    struct arena *arena = work->arena;
    struct buffer *bytes = work->history;
    const struct slice dossier = events[0].event.dossier;
    struct fold_result before = {0};
    struct fold_result now = {0};
    struct touches touched_before = {0};
    struct touches touched_now = {0};
    struct history history;
    struct slice stored = {0};
    struct slice found;

    arena_reset(arena);
    buffer_clear(bytes);
    if (store_cursor_seek(&work->cursor, dossier, &found, &stored) && slice_equal(found, dossier)) {
        buffer_put(bytes, stored.data, stored.size);
        stored = arena_copy(arena, stored);
    } else {
        stored = (struct slice){0};
    }
    enum status status = history_decode(stored, count, arena, &history);
    if (status == STATUS_OK && history.count != 0) {
        status = fold(history.events, history.count, arena, &before);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const unsigned fresh = take_events(work, &history, events, count, before.unit);
    if (fresh == 0) {
        return work->txn->status;
    }
    work->fresh += fresh;
    status = fold(history.events, history.count, arena, &now);
    status = status == STATUS_OK ? touches_of(&before, arena, &touched_before) : status;
    status = status == STATUS_OK ? touches_of(&now, arena, &touched_now) : status;
    status = status == STATUS_OK ? add_amounts(work, &before, -1) : status;
    status = status == STATUS_OK ? add_amounts(work, &now, 1) : status;
    status = status == STATUS_OK ? buffer_status(bytes) : status;
    if (status == STATUS_OK) {
        write_touches(work->txn, dossier, &touched_before, &touched_now);
        write_findings(work->txn, &before, &now);
        store_cursor_put(&work->cursor, dossier, buffer_slice(bytes));
        status = work->txn->status;
    }
    return status;
}
