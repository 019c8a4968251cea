/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking at the copy: from any thread at what is committed, and by a visit in the replica's thread
 * at what is applied. LMDB ties an open write transaction to its thread, so the visit comes
 * there.
 */
#include "replica/replica_internal.h"

/* Completes a view whose transaction is begun. */
static enum status fill_view(struct replica *replica, const struct copy_state *state,
                             struct replica_view *view)
{
    struct error error = {0};
    if (!replica_can_answer(state)) {
        return STATUS_UNAVAILABLE;
    }
    const enum status status = catalogue_cache_take(
        &replica->catalogues, &view->txn, state->catalogue_version, &view->shared, &error);
    if (status != STATUS_OK) {
        replica_report(replica, REPLICA_CATALOGUE, error.text);
        return status;
    }
    view->cut = state->cut;
    view->catalogue = view->shared->catalogue;
    return STATUS_OK;
}

/* What is applied: in the open transaction, or in the store as it is. A batch that is coming in is
 * alone in its transaction. */
static enum status show(struct replica *replica, const struct visit *visit)
{
    const struct copy *copy = &replica->copy;
    const bool pending = copy_is_pending(copy);
    struct replica_view view = {.txn = copy->txn};
    if (!pending) {
        store_begin_read(replica->options.store, &view.txn);
    }
    enum status status = view.txn.status;
    if (status == STATUS_OK) {
        status = fill_view(replica, pending ? &copy->pending : &copy->state, &view);
    }
    if (status == STATUS_OK) {
        if (visit->reader(visit->context, &view, &replica->changed)) {
            copy_forget_changes(&replica->copy);
        }
        catalogue_cache_give(&replica->catalogues, view.shared);
    }
    if (!pending) {
        store_abort(&view.txn);
    }
    return status;
}

void replica_receive_visit(struct replica *replica)
{
    require(pthread_mutex_lock(&replica->visiting) == 0);
    struct visit *visit = replica->visit;
    require(pthread_mutex_unlock(&replica->visiting) == 0);
    if (visit == NULL) {
        return;
    }
    const enum status status = show(replica, visit);
    require(pthread_mutex_lock(&replica->visiting) == 0);
    visit->status = status;
    visit->done = true;
    replica->visit = NULL;
    require(pthread_cond_broadcast(&replica->visited) == 0);
    require(pthread_mutex_unlock(&replica->visiting) == 0);
}

/* A visit that is asked for later fails. */
void replica_end_visits(struct replica *replica)
{
    require(pthread_mutex_lock(&replica->visiting) == 0);
    replica->ended = true;
    require(pthread_cond_broadcast(&replica->visited) == 0);
    require(pthread_mutex_unlock(&replica->visiting) == 0);
}

enum status replica_begin(struct replica *replica, struct replica_view *ret_view)
{
    struct copy_state state = {0};
    *ret_view = (struct replica_view){0};
    store_begin_read(replica->options.store, &ret_view->txn);
    enum status status = copy_read_state(&ret_view->txn, &state);
    if (status == STATUS_OK) {
        status = fill_view(replica, &state, ret_view);
    }
    if (status != STATUS_OK) {
        store_abort(&ret_view->txn);
    }
    return status;
}

void replica_end(struct replica *replica, struct replica_view *view)
{
    catalogue_cache_give(&replica->catalogues, view->shared);
    store_abort(&view->txn);
}

enum status replica_visit(struct replica *replica, replica_reader *reader, void *context)
{
    struct visit visit = {reader, context, STATUS_UNAVAILABLE, false};
    require(pthread_mutex_lock(&replica->visiting) == 0);
    replica->visit = &visit;
    bus_wake_signal(&replica->wake);
    while (!visit.done && !replica->ended) {
        require(pthread_cond_wait(&replica->visited, &replica->visiting) == 0);
    }
    replica->visit = NULL;
    require(pthread_mutex_unlock(&replica->visiting) == 0);
    return visit.status;
}

void replica_want(struct replica *replica, uint64_t position)
{
    if (atomic_exchange(&replica->wanted, position) != position && position != UINT64_MAX) {
        bus_wake_signal(&replica->wake);
    }
}
