/* SPDX-License-Identifier: Apache-2.0
 *
 * Applying a batch: gather the events of its blocks, sort them by dossier, and for each dossier
 * take away what it added before, add its new events, and put what it adds now. The difference goes
 * to the ledger once, at the end, and from there into the change log. Everything moves in one
 * transaction.
 */
#include "aggregate/aggregate.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "aggregate/change_log.h"
#include "aggregate/history.h"
#include "aggregate/tables.h"
#include "base/require.h"

enum {
    FOLD_BYTES_MAX = 64 << 20, /* one dossier's work */
    BATCH_BYTES_MAX = 1 << 30  /* a batch's events and amounts */
};

struct aggregate {
    struct store *store;
    struct ledger_batch *batch;
    struct arena arena;      /* the batch's events */
    struct arena fold_arena; /* one dossier's */
    struct buffer history;   /* one dossier's new bytes */
    struct aggregate_state state;
    uint64_t change_log_bytes; /* at most */
    _Atomic uint64_t incarnation;
    _Atomic uint64_t position;
    _Atomic uint64_t events, duplicates, conflicts, batches;
};

/* One month in which a dossier adds something to a unit. */
struct touch {
    struct slice unit;
    uint16_t month;
};

struct touches {
    struct touch *items;
    unsigned count;
};

struct job {
    struct aggregate *aggregate;
    struct store_txn *txn;
    struct store_cursor dossiers; /* moves through the table in the order of the batch */
    struct history_event *events;
    unsigned event_count;
    uint64_t duplicates, conflicts, fresh;
    struct aggregate_state state;
    struct slice catalogue; /* the batch's last, empty = none */
};

enum status aggregate_open(struct store *store, struct aggregate **ret_aggregate,
                           struct error *error)
{
    struct store_txn txn;
    struct aggregate_state state;
    store_begin_read(store, &txn);
    state_read(&txn, &state);
    const enum status status = txn.status;
    store_abort(&txn);
    if (status != STATUS_OK) {
        return error_set(error, status, "cannot read the aggregate's cursor: %s",
                         status_text(status));
    }
    struct aggregate *aggregate = calloc(1, sizeof *aggregate);
    require(aggregate != NULL);
    aggregate->store = store;
    aggregate->state = state;
    aggregate->change_log_bytes = CHANGE_LOG_BYTES_MAX;
    atomic_store(&aggregate->incarnation, state.cut.incarnation);
    atomic_store(&aggregate->position, state.cut.position);
    arena_init(&aggregate->arena, BATCH_BYTES_MAX);
    arena_init(&aggregate->fold_arena, FOLD_BYTES_MAX);
    buffer_init(&aggregate->history, HISTORY_BYTES_MAX);
    *ret_aggregate = aggregate;
    return ledger_batch_new(BATCH_BYTES_MAX, &aggregate->batch);
}

void aggregate_close(struct aggregate *aggregate)
{
    if (aggregate != NULL) {
        ledger_batch_free(aggregate->batch);
        buffer_fini(&aggregate->history);
        arena_fini(&aggregate->fold_arena);
        arena_fini(&aggregate->arena);
        free(aggregate);
    }
}

void aggregate_limit_changes(struct aggregate *aggregate, uint64_t bytes)
{
    aggregate->change_log_bytes = bytes;
}

struct cut aggregate_cut(const struct aggregate *aggregate)
{
    return (struct cut){atomic_load(&aggregate->incarnation), atomic_load(&aggregate->position)};
}

struct aggregate_counts aggregate_counts(const struct aggregate *aggregate)
{
    return (struct aggregate_counts){
        .events = atomic_load(&aggregate->events),
        .duplicates = atomic_load(&aggregate->duplicates),
        .conflicts = atomic_load(&aggregate->conflicts),
        .batches = atomic_load(&aggregate->batches),
    };
}

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

static enum status add_amounts(struct job *job, const struct fold_result *result, int sign)
{
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < result->amount_count && status == STATUS_OK; i++) {
        status = ledger_batch_add(job->aggregate->batch, &result->amounts[i], sign);
    }
    return status;
}

/* Takes the batch's events of one dossier into its history; returns how many were new. */
static unsigned take_events(struct job *job, struct history *history,
                            const struct history_event *events, unsigned count, struct slice unit)
{
    unsigned fresh = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct history_event *known = history_find(history, &events[i]);
        if (known != NULL && slice_equal(known->record, events[i].record)) {
            job->duplicates++;
        } else if (known != NULL) {
            job->conflicts++;
            finding_put(job->txn, FINDING_CONFLICTING, &events[i], unit);
        } else if (history->count == HISTORY_EVENTS_MAX) {
            finding_put(job->txn, FINDING_OVER_LIMIT, &events[i], unit);
        } else {
            history->events[history->count++] = events[i];
            history_encode_event(&events[i], &job->aggregate->history);
            fresh++;
        }
    }
    return fresh;
}

/* Everything of one dossier: events[0 … count) are the batch's, in order of position. */
static enum status apply_dossier(struct job *job, const struct history_event *events,
                                 unsigned count)
{
    struct arena *arena = &job->aggregate->fold_arena;
    struct buffer *bytes = &job->aggregate->history;
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
    if (store_cursor_seek(&job->dossiers, dossier, &found, &stored) &&
        slice_equal(found, dossier)) {
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
    const unsigned fresh = take_events(job, &history, events, count, before.unit);
    if (fresh == 0) {
        return job->txn->status;
    }
    job->fresh += fresh;
    status = fold(history.events, history.count, arena, &now);
    status = status == STATUS_OK ? touches_of(&before, arena, &touched_before) : status;
    status = status == STATUS_OK ? touches_of(&now, arena, &touched_now) : status;
    status = status == STATUS_OK ? add_amounts(job, &before, -1) : status;
    status = status == STATUS_OK ? add_amounts(job, &now, 1) : status;
    status = status == STATUS_OK ? buffer_status(bytes) : status;
    if (status == STATUS_OK) {
        write_touches(job->txn, dossier, &touched_before, &touched_now);
        write_findings(job->txn, &before, &now);
        store_cursor_put(&job->dossiers, dossier, buffer_slice(bytes));
        status = job->txn->status;
    }
    return status;
}

static int by_dossier(const void *a, const void *b)
{
    const struct history_event *x = *(const struct history_event *const *)a;
    const struct history_event *y = *(const struct history_event *const *)b;
    const int order = slice_compare(x->event.dossier, y->event.dossier);
    return order != 0 ? order : (x->position > y->position) - (x->position < y->position);
}

static enum status apply_events(struct job *job)
{
    struct arena *arena = &job->aggregate->arena;
    const struct history_event **order = arena_array(arena, job->event_count + 1U, sizeof *order);
    struct history_event *group = arena_array(arena, job->event_count + 1U, sizeof *group);
    if (order == NULL || group == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < job->event_count; i++) {
        order[i] = &job->events[i];
    }
    qsort(order, job->event_count, sizeof *order, by_dossier);
    enum status status = STATUS_OK;
    store_cursor_open(job->txn, TABLE_DOSSIERS, &job->dossiers);
    for (unsigned i = 0; i < job->event_count && status == STATUS_OK;) {
        unsigned count = 0;
        do {
            group[count++] = *order[i++];
        } while (i < job->event_count &&
                 slice_equal(order[i]->event.dossier, group[0].event.dossier));
        status = apply_dossier(job, group, count);
    }
    store_cursor_close(&job->dossiers);
    return status;
}

static enum status gather_block(struct job *job, const struct block *block)
{
    if (block->kind == BLOCK_CATALOGUE) {
        job->catalogue = block->payload;
        return STATUS_OK;
    }
    struct reader payload = reader_of(block->payload);
    for (uint32_t i = 0; i < block->count; i++) {
        struct history_event *event = &job->events[job->event_count++];
        struct reader ahead = payload;
        event->record = reader_text(&ahead);
        block_next_event(&payload, &event->event);
        event->source = block->source;
        event->position = block->first_position + i;
    }
    return reader_done(&payload) ? STATUS_OK : STATUS_CORRUPT;
}

/* Checks that the block continues the chain, then takes its events; `hash` moves on. */
static enum status gather(struct job *job, struct slice bytes, const struct block *block,
                          struct error *error)
{
    if (block->first_position + block->count - 1 <= job->state.cut.position) {
        return STATUS_OK; /* applied before */
    }
    if (block->first_position != job->state.cut.position + 1 ||
        memcmp(block->previous, job->state.hash, BLOCK_HASH_SIZE) != 0) {
        return error_set(error, STATUS_CORRUPT,
                         "the journal's chain is broken: block at position %" PRIu64
                         " does not continue %" PRIu64
                         "; restore the journal from a backup, or verify it",
                         block->first_position, job->state.cut.position);
    }
    const enum status status = gather_block(job, block);
    if (status != STATUS_OK) {
        return error_set(error, status,
                         "the journal's block at position %" PRIu64 " holds a damaged event record",
                         block->first_position);
    }
    job->state.cut.position += block->count;
    block_hash(bytes, job->state.hash);
    return STATUS_OK;
}

static enum status gather_all(struct job *job, const struct slice *blocks, unsigned count,
                              struct error *error)
{
    struct arena *arena = &job->aggregate->arena;
    struct block *parsed = arena_array(arena, count + 1U, sizeof *parsed);
    unsigned events = 0;
    if (parsed == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (unsigned i = 0; i < count; i++) {
        const enum status status = block_decode(blocks[i], &parsed[i]);
        if (status != STATUS_OK) {
            return error_set(error, status,
                             "block %u after position %" PRIu64 " cannot be read: %s", i,
                             job->state.cut.position, status_text(status));
        }
        events += parsed[i].count;
    }
    job->events = arena_array(arena, events + 1U, sizeof *job->events);
    enum status status = job->events != NULL ? STATUS_OK : STATUS_TOO_LARGE;
    for (unsigned i = 0; i < count && status == STATUS_OK; i++) {
        status = gather(job, blocks[i], &parsed[i], error);
    }
    return status;
}

static void write_batch(struct job *job)
{
    struct change_writer writer;
    change_writer_begin(&writer, job->txn, job->aggregate->state.cut.position,
                        job->state.cut.position);
    if (job->catalogue.size != 0) {
        store_put(job->txn, TABLE_LEDGER, ledger_catalogue_key(), job->catalogue);
        change_writer_add(&writer, ledger_catalogue_key(), job->catalogue);
    }
    ledger_batch_write(job->aggregate->batch, job->txn, TABLE_LEDGER, change_writer_add, &writer);
    job->state.change_bytes += change_writer_end(&writer);
    change_log_prune(job->txn, &job->state, job->aggregate->change_log_bytes);
    state_write(job->txn, &job->state);
}

static void publish(struct aggregate *aggregate, const struct job *job)
{
    aggregate->state = job->state;
    atomic_store(&aggregate->incarnation, job->state.cut.incarnation);
    atomic_store(&aggregate->position, job->state.cut.position);
    atomic_fetch_add(&aggregate->events, job->fresh);
    atomic_fetch_add(&aggregate->duplicates, job->duplicates);
    atomic_fetch_add(&aggregate->conflicts, job->conflicts);
    atomic_fetch_add(&aggregate->batches, 1);
}

enum status aggregate_apply(struct aggregate *aggregate, uint64_t incarnation,
                            const struct slice *blocks, unsigned count, struct error *error)
{
    if (aggregate->state.cut.incarnation != 0 && aggregate->state.cut.incarnation != incarnation) {
        return error_set(error, STATUS_CONFLICT,
                         "these numbers come from journal %016" PRIx64
                         ", but this is journal %016" PRIx64
                         "; point to the right intake, or empty the data directory to count anew",
                         aggregate->state.cut.incarnation, incarnation);
    }
    struct store_txn txn;
    struct job job = {.aggregate = aggregate, .txn = &txn, .state = aggregate->state};
    job.state.cut.incarnation = incarnation;
    arena_reset(&aggregate->arena);
    ledger_batch_clear(aggregate->batch);
    enum status status = gather_all(&job, blocks, count, error);
    if (status != STATUS_OK || job.state.cut.position == aggregate->state.cut.position) {
        return status;
    }
    store_begin_write(aggregate->store, &txn);
    status = txn.status == STATUS_OK ? apply_events(&job) : txn.status;
    if (status == STATUS_OK) {
        write_batch(&job);
        status = store_commit(&txn);
    } else {
        store_abort(&txn);
    }
    if (status != STATUS_OK) {
        return error_set(error, status, "cannot apply the batch up to position %" PRIu64 ": %s",
                         job.state.cut.position, status_text(status));
    }
    publish(aggregate, &job);
    return STATUS_OK;
}
