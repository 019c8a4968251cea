/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared catalogues. Parsing takes milliseconds, so it happens outside the lock; two threads that
 * miss at once both parse, and the cache keeps the newer version.
 */
#include "replica/catalogue_cache.h"

#include <stdlib.h>

#include "base/require.h"
#include "ledger/ledger.h"
#include "replica/replica.h"

void catalogue_cache_init(struct catalogue_cache *cache)
{
    require(pthread_mutex_init(&cache->lock, NULL) == 0);
    cache->newest = NULL;
}

static void drop(struct shared_catalogue *shared)
{
    if (shared != NULL && --shared->references == 0) {
        catalogue_free(shared->catalogue);
        free(shared);
    }
}

void catalogue_cache_fini(struct catalogue_cache *cache)
{
    drop(cache->newest);
    (void)pthread_mutex_destroy(&cache->lock);
}

static struct shared_catalogue *find(struct catalogue_cache *cache, uint64_t version)
{
    struct shared_catalogue *found = NULL;
    require(pthread_mutex_lock(&cache->lock) == 0);
    if (cache->newest != NULL && cache->newest->version == version) {
        found = cache->newest;
        found->references++;
    }
    require(pthread_mutex_unlock(&cache->lock) == 0);
    return found;
}

static void keep(struct catalogue_cache *cache, struct shared_catalogue *shared)
{
    require(pthread_mutex_lock(&cache->lock) == 0);
    if (cache->newest == NULL || cache->newest->version < shared->version) {
        drop(cache->newest);
        cache->newest = shared;
        shared->references++;
    }
    require(pthread_mutex_unlock(&cache->lock) == 0);
}

enum status catalogue_cache_take(struct catalogue_cache *cache, struct store_txn *txn,
                                 uint64_t version, struct shared_catalogue **ret_shared,
                                 struct error *error)
{
    struct slice packed;
    struct shared_catalogue *shared = find(cache, version);
    if (shared != NULL) {
        *ret_shared = shared;
        return STATUS_OK;
    }
    shared = calloc(1, sizeof *shared);
    if (shared == NULL) {
        return error_set(error, STATUS_INTERNAL, "out of memory");
    }
    shared->version = version;
    shared->references = 1;
    if (store_get(txn, REPLICA_LEDGER, ledger_catalogue_key(), &packed)) {
        const enum status status = catalogue_parse(packed, &shared->catalogue, error);
        if (status != STATUS_OK) {
            free(shared);
            return status;
        }
    }
    keep(cache, shared);
    *ret_shared = shared;
    return STATUS_OK;
}

void catalogue_cache_give(struct catalogue_cache *cache, struct shared_catalogue *shared)
{
    require(pthread_mutex_lock(&cache->lock) == 0);
    drop(shared);
    require(pthread_mutex_unlock(&cache->lock) == 0);
}
