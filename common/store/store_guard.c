/* SPDX-License-Identifier: Apache-2.0
 *
 * LMDB trusts its pages: a damaged one ends in a failed assertion, in an access to memory that is
 * not there, or, if the header says pages of no bytes, in a division by zero. Each thread notes
 * which store it is inside of; so the fault can be told from any other, and the operator is told
 * which store it was.
 *
 * A fault outside of every store is left to whoever handled the signal before.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/store_internal.h"

enum { FAULTS = 3, GUARDED_MAX = 4 };

static const int faults[FAULTS] = {SIGSEGV, SIGBUS, SIGFPE};

static _Thread_local const struct store *inside;
static struct sigaction before[FAULTS];
static store_damage_handler *damaged;
static _Atomic(const struct store *) guarded[GUARDED_MAX];

void store_enter(const struct store *store)
{
    inside = store;
}

void store_leave(void)
{
    inside = NULL;
}

/* A mark that cannot be written leaves the store to the operator. */
static void call_handler(const struct store *store)
{
    struct error error;
    const bool marked =
        store->derived && store_lock_write(store, store->path, STORE_DAMAGED, &error) == STATUS_OK;
    if (damaged != NULL) {
        damaged(store->path, marked ? NULL : store->remedy);
    }
}

void store_note_damage(const struct store *store)
{
    if (store->derived) {
        call_handler(store);
    }
}

/* There is no way back into the call that met it. */
static void end_damaged(const struct store *store)
{
    call_handler(store);
    abort();
}

/* Records are read where they lie in the map, also between two calls: only their pages can be
 * beyond the end of a file. */
static const struct store *mapped_store(void)
{
    for (unsigned i = 0; i < GUARDED_MAX; i++) {
        const struct store *store = atomic_load(&guarded[i]);
        if (store != NULL) {
            return store;
        }
    }
    return NULL;
}

static void take_fault(int signal_number, siginfo_t *info, void *context)
{
    const struct store *outside = signal_number == SIGBUS ? mapped_store() : NULL;
    const struct store *store = inside != NULL ? inside : outside;
    unsigned fault = 0;
    if (store != NULL) {
        end_damaged(store);
    }
    while (fault < FAULTS - 1 && faults[fault] != signal_number) {
        fault++;
    }
    const struct sigaction *next = &before[fault];
    if ((next->sa_flags & SA_SIGINFO) != 0) {
        next->sa_sigaction(signal_number, info, context);
    } else {
        /* The instruction is carried out again, and now ends the process. */
        (void)signal(signal_number, SIG_DFL);
    }
}

static void take_assertion(MDB_env *env, const char *text)
{
    (void)text;
    end_damaged(mdb_env_get_userctx(env));
}

void store_guard_begin(struct store *store)
{
    (void)mdb_env_set_userctx(store->env, store);
    (void)mdb_env_set_assert(store->env, take_assertion);
    for (unsigned i = 0; i < GUARDED_MAX; i++) {
        const struct store *none = NULL;
        if (atomic_compare_exchange_strong(&guarded[i], &none, store)) {
            return;
        }
    }
}

void store_guard_end(const struct store *store)
{
    for (unsigned i = 0; i < GUARDED_MAX; i++) {
        const struct store *own = store;
        (void)atomic_compare_exchange_strong(&guarded[i], &own, NULL);
    }
    inside = NULL;
}

void store_on_damage(store_damage_handler *handler)
{
    damaged = handler;
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_NODEFER};
    action.sa_sigaction = take_fault;
    (void)sigemptyset(&action.sa_mask);
    for (unsigned i = 0; i < FAULTS; i++) {
        (void)sigaction(faults[i], &action, &before[i]);
    }
}
