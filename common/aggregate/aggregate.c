/* SPDX-License-Identifier: Apache-2.0
 *
 * Applying a batch: gather the events of its blocks, sort them by dossier, and for each dossier
 * take away what it added before, add its new events, and put what it adds now. The difference goes
 * to the ledger once, at the end, and from there into the change log. Batches share a transaction
 * until it is committed: records that several of them touch are written to the disk once.
 */
#include "aggregate/aggregate.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "aggregate/change_log.h"
#include "aggregate/change_tail.h"
#include "aggregate/closing.h"
#include "aggregate/dossier.h"
#include "aggregate/in_force.h"
#include "aggregate/source_tally.h"
#include "aggregate/tables.h"
#include "base/localday.h"
#include "base/require.h"

enum {
    FOLD_BYTES_MAX = 64 << 20, /* one dossier's work */
    BATCH_BYTES_MAX = 1 << 30  /* a batch's events and amounts */
};

struct aggregate {
    struct store *store;
    struct ledger_batch *batch;
    struct ledger_closes *closes; /* of what is applied */
    uint32_t committed_closes;
    struct source_tally sources; /* the batch's */
    struct in_force in_force;    /* after what was gathered */
    struct arena arena;          /* the batch's events */
    struct arena fold_arena;     /* one dossier's */
    struct buffer history;       /* one dossier's new bytes */
    uint64_t change_log_bytes;   /* at most */
    struct derivation dropped;   /* at open; fold_version 0 = none was */
    struct store_txn txn;
    bool open;                        /* txn is */
    struct aggregate_state state;     /* of what is applied */
    struct aggregate_state committed; /* and of what is on the disk */
    struct aggregate_counts applied;  /* since the last commit */
    struct change_tail tail;
    _Atomic uint64_t incarnation, position; /* committed */
    _Atomic uint64_t applied_incarnation, applied_position;
    _Atomic uint64_t events, duplicates, conflicts, batches;
};

/* A batch on its way. */
struct job {
    struct aggregate *aggregate;
    struct history_event *events;
    unsigned event_count;
    struct dossier_work dossiers;
    struct aggregate_state state;
    struct slice catalogue;    /* the batch's last, empty = none */
    const struct block *close; /* the batch's last block is one; NULL = it is not */
};

/* What is applied, for other threads. */
static void publish_applied(struct aggregate *aggregate)
{
    atomic_store(&aggregate->applied_incarnation, aggregate->state.cut.incarnation);
    atomic_store(&aggregate->applied_position, aggregate->state.cut.position);
}

struct derivation aggregate_derivation(void)
{
    return (struct derivation){FOLD_VERSION, localday_offset_minutes()};
}

uint64_t aggregate_recount_to(const struct aggregate *aggregate, struct derivation *ret_before)
{
    *ret_before = aggregate->dropped;
    return aggregate->state.recount_to;
}

/* Empties the store of what another derivation counted. */
static enum status begin_anew(struct store *store, struct aggregate_state *state)
{
    struct store_txn txn;
    const uint64_t counted = state->cut.position;
    *state = (struct aggregate_state){
        .derivation = aggregate_derivation(),
        .recount_to = counted > state->recount_to ? counted : state->recount_to,
    };
    store_begin_write(store, &txn);
    for (unsigned table = 0; table < TABLE_COUNT; table++) {
        store_clear(&txn, table);
    }
    state_write(&txn, state);
    return store_commit(&txn);
}

/* The state of what this derivation counted; `ret_dropped` is another one that is gone. */
static enum status load_state(struct store *store, struct aggregate_state *ret_state,
                              struct derivation *ret_dropped)
{
    struct store_txn txn;
    const struct derivation derivation = aggregate_derivation();
    store_begin_read(store, &txn);
    state_read(&txn, ret_state);
    const enum status status = txn.status;
    store_abort(&txn);
    if (status != STATUS_OK || derivation_equal(&ret_state->derivation, &derivation)) {
        return status;
    }
    if (ret_state->derivation.fold_version == 0) {
        ret_state->derivation = derivation;
        return STATUS_OK;
    }
    *ret_dropped = ret_state->derivation;
    return begin_anew(store, ret_state);
}

static enum status load_closes(struct aggregate *aggregate)
{
    struct store_txn txn;
    store_begin_read(aggregate->store, &txn);
    const enum status status = ledger_closes_load(aggregate->closes, &txn, TABLE_LEDGER);
    store_abort(&txn);
    aggregate->committed_closes = ledger_closes_count(aggregate->closes);
    return status;
}

enum status aggregate_open(struct store *store, struct aggregate **ret_aggregate,
                           struct error *error)
{
    struct aggregate_state state;
    struct derivation dropped = {0};
    enum status status = load_state(store, &state, &dropped);
    if (status != STATUS_OK) {
        return error_set(error, status, "cannot read the aggregate's cursor: %s",
                         status_text(status));
    }
    struct aggregate *aggregate = calloc(1, sizeof *aggregate);
    require(aggregate != NULL);
    aggregate->store = store;
    aggregate->dropped = dropped;
    aggregate->state = state;
    aggregate->committed = state;
    aggregate->change_log_bytes = CHANGE_LOG_BYTES_MAX;
    publish_applied(aggregate);
    atomic_store(&aggregate->incarnation, state.cut.incarnation);
    atomic_store(&aggregate->position, state.cut.position);
    arena_init(&aggregate->arena, BATCH_BYTES_MAX);
    arena_init(&aggregate->fold_arena, FOLD_BYTES_MAX);
    buffer_init(&aggregate->history, HISTORY_BYTES_MAX);
    change_tail_init(&aggregate->tail);
    require(ledger_batch_new(BATCH_BYTES_MAX, &aggregate->batch) == STATUS_OK);
    require(ledger_closes_new(&aggregate->closes) == STATUS_OK);
    ledger_batch_close(aggregate->batch, aggregate->closes);
    *ret_aggregate = aggregate;
    status = load_closes(aggregate);
    return status == STATUS_OK
               ? status
               : error_set(error, status, "cannot read the closes: %s", status_text(status));
}

void aggregate_close(struct aggregate *aggregate)
{
    if (aggregate != NULL) {
        aggregate_abandon(aggregate);
        change_tail_fini(&aggregate->tail);
        ledger_batch_free(aggregate->batch);
        ledger_closes_free(aggregate->closes);
        source_tally_fini(&aggregate->sources);
        in_force_fini(&aggregate->in_force);
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

struct cut aggregate_applied(const struct aggregate *aggregate)
{
    return (struct cut){atomic_load(&aggregate->applied_incarnation),
                        atomic_load(&aggregate->applied_position)};
}

uint64_t aggregate_pending(const struct aggregate *aggregate)
{
    return aggregate->state.cut.position - aggregate->committed.cut.position;
}

enum status aggregate_read_tail(struct aggregate *aggregate, uint64_t after_position, uint32_t part,
                                size_t max_bytes, struct arena *arena,
                                struct change_part *ret_parts, unsigned max, unsigned *ret_count)
{
    return change_tail_read(&aggregate->tail, after_position, part, max_bytes, arena, ret_parts,
                            max, ret_count);
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

static enum status gather_block(struct job *job, const struct block *block)
{
    if (block->kind == BLOCK_CATALOGUE) {
        job->catalogue = block->payload;
        return in_force_take(&job->aggregate->in_force, block->payload);
    }
    if (block->kind == BLOCK_CLOSE) {
        job->close = block;
        return STATUS_OK;
    }
    struct reader payload = reader_of(block->payload);
    for (uint32_t i = 0; i < block->count; i++) {
        struct history_event *event = &job->events[job->event_count++];
        struct reader ahead = payload;
        event->record = reader_text(&ahead);
        block_next_event(&payload, &event->event);
        if (payload.failed) {
            return STATUS_CORRUPT;
        }
        event->source = block->source;
        event->space = block->space;
        event->position = block->first_position + i;
        event->unit_not_valid = in_force_is_invalid_unit(&job->aggregate->in_force, &event->event);
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
                         "the journal's block at position %" PRIu64 " holds a damaged record",
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
    struct aggregate *aggregate = job->aggregate;
    struct store_txn *txn = &aggregate->txn;
    struct change_writer writer;
    change_writer_begin(&writer, txn, &aggregate->tail, aggregate->state.cut.position,
                        job->state.cut.position);
    if (job->catalogue.size != 0) {
        store_put(txn, TABLE_LEDGER, ledger_catalogue_key(), job->catalogue);
        change_writer_add(&writer, ledger_catalogue_key(), job->catalogue);
    }
    ledger_batch_write(aggregate->batch, txn, TABLE_LEDGER, change_writer_add, &writer);
    source_tally_write(&aggregate->sources, txn, TABLE_LEDGER, change_writer_add, &writer);
    if (job->close != NULL) {
        store_fail(txn, closing_apply(txn, job->close, &aggregate->arena, aggregate->closes,
                                      change_writer_add, &writer));
    }
    job->state.change_bytes += change_writer_end(&writer);
    change_log_prune(txn, &job->state, aggregate->change_log_bytes);
}

/* The batch is in the transaction: from here on it counts. */
static void take_in(struct aggregate *aggregate, const struct job *job)
{
    aggregate->state = job->state;
    aggregate->applied.events += job->dossiers.fresh;
    aggregate->applied.duplicates += job->dossiers.duplicates;
    aggregate->applied.conflicts += job->dossiers.conflicts;
    change_tail_publish(&aggregate->tail);
    publish_applied(aggregate);
}

/* Those that are not committed. A store that cannot be read fails the next batch, too. */
static void forget_closes(struct aggregate *aggregate)
{
    if (ledger_closes_count(aggregate->closes) != aggregate->committed_closes) {
        require(load_closes(aggregate) == STATUS_OK);
    }
}

void aggregate_abandon(struct aggregate *aggregate)
{
    if (aggregate->open) {
        store_abort(&aggregate->txn);
        aggregate->open = false;
    }
    forget_closes(aggregate);
    aggregate->state = aggregate->committed;
    in_force_forget(&aggregate->in_force);
    aggregate->applied = (struct aggregate_counts){0};
    change_tail_clear(&aggregate->tail);
    publish_applied(aggregate);
}

static enum status apply_job(struct job *job)
{
    struct aggregate *aggregate = job->aggregate;
    if (!aggregate->open) {
        store_begin_write(aggregate->store, &aggregate->txn);
        aggregate->open = true;
    }
    const enum status status = aggregate->txn.status == STATUS_OK
                                   ? dossiers_apply(&job->dossiers, job->events, job->event_count)
                                   : aggregate->txn.status;
    if (status == STATUS_OK) {
        write_batch(job);
        return aggregate->txn.status;
    }
    return status;
}

/* Up to and with the first close: what comes after it is counted in another layer. */
static unsigned count_to_close(const struct slice *blocks, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (block_kind_of(blocks[i]) == BLOCK_CLOSE) {
            return i + 1;
        }
    }
    return count;
}

static enum status apply_blocks(struct aggregate *aggregate, uint64_t incarnation,
                                const struct slice *blocks, unsigned count, struct error *error)
{
    if (aggregate->state.cut.position != 0 && aggregate->state.cut.incarnation != incarnation) {
        return error_set(error, STATUS_CONFLICT,
                         "these numbers come from journal %016" PRIx64
                         ", but this is journal %016" PRIx64
                         "; point to the right intake, or empty the data directory to count anew",
                         aggregate->state.cut.incarnation, incarnation);
    }
    struct job job = {.aggregate = aggregate, .state = aggregate->state};
    job.dossiers = (struct dossier_work){.txn = &aggregate->txn,
                                         .amounts = aggregate->batch,
                                         .sources = &aggregate->sources,
                                         .closes = aggregate->closes,
                                         .batch_arena = &aggregate->arena,
                                         .arena = &aggregate->fold_arena,
                                         .history = &aggregate->history};
    job.state.cut.incarnation = incarnation;
    arena_reset(&aggregate->arena);
    ledger_batch_clear(aggregate->batch);
    source_tally_clear(&aggregate->sources);
    enum status status = in_force_know(&aggregate->in_force, aggregate->store,
                                       aggregate->open ? &aggregate->txn : NULL, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = gather_all(&job, blocks, count, error);
    if (status != STATUS_OK) {
        in_force_forget(&aggregate->in_force);
    }
    if (status != STATUS_OK || job.state.cut.position == aggregate->state.cut.position) {
        return status;
    }
    status = apply_job(&job);
    if (status != STATUS_OK) {
        aggregate_abandon(aggregate);
        return error_set(error, status, "cannot apply the batch up to position %" PRIu64 ": %s",
                         job.state.cut.position, status_text(status));
    }
    take_in(aggregate, &job);
    return STATUS_OK;
}

void aggregate_take_empty(struct aggregate *aggregate, uint64_t incarnation)
{
    if (aggregate->state.cut.position == 0) {
        aggregate->state.cut.incarnation = incarnation;
        aggregate->committed.cut.incarnation = incarnation;
        publish_applied(aggregate);
        atomic_store(&aggregate->incarnation, incarnation);
    }
}

enum status aggregate_apply(struct aggregate *aggregate, uint64_t incarnation,
                            const struct slice *blocks, unsigned count, struct error *error)
{
    enum status status = STATUS_OK;
    for (unsigned first = 0, size = 0; first < count && status == STATUS_OK; first += size) {
        size = count_to_close(blocks + first, count - first);
        status = apply_blocks(aggregate, incarnation, blocks + first, size, error);
    }
    return status;
}

/* What was applied is on the disk. */
static void publish_committed(struct aggregate *aggregate)
{
    aggregate->committed = aggregate->state;
    aggregate->committed_closes = ledger_closes_count(aggregate->closes);
    atomic_store(&aggregate->incarnation, aggregate->committed.cut.incarnation);
    atomic_store(&aggregate->position, aggregate->committed.cut.position);
    atomic_fetch_add(&aggregate->events, aggregate->applied.events);
    atomic_fetch_add(&aggregate->duplicates, aggregate->applied.duplicates);
    atomic_fetch_add(&aggregate->conflicts, aggregate->applied.conflicts);
    atomic_fetch_add(&aggregate->batches, 1);
    aggregate->applied = (struct aggregate_counts){0};
    change_tail_clear(&aggregate->tail);
}

enum status aggregate_commit(struct aggregate *aggregate, struct error *error)
{
    if (!aggregate->open) {
        return STATUS_OK;
    }
    const uint64_t position = aggregate->state.cut.position;
    state_write(&aggregate->txn, &aggregate->state);
    const enum status status = store_commit(&aggregate->txn);
    aggregate->open = false;
    if (status != STATUS_OK) {
        aggregate_abandon(aggregate);
        return error_set(error, status,
                         "cannot commit what was counted up to position %" PRIu64 ": %s", position,
                         status_text(status));
    }
    publish_committed(aggregate);
    return STATUS_OK;
}
