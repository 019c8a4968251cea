/* SPDX-License-Identifier: Apache-2.0
 *
 * The newest catalogue, parsed once and shared by reference count. Thread-safe.
 */
#ifndef HOSO_REPLICA_CATALOGUE_CACHE_H
#define HOSO_REPLICA_CATALOGUE_CACHE_H

#include <pthread.h>

#include "catalogue/catalogue.h"
#include "store/store.h"

struct shared_catalogue {
    struct catalogue *catalogue; /* NULL = none was published */
    uint64_t version;
    unsigned references;
};

struct catalogue_cache {
    pthread_mutex_t lock;
    struct shared_catalogue *newest; /* holds one reference */
};

void catalogue_cache_init(struct catalogue_cache *cache);
void catalogue_cache_fini(struct catalogue_cache *cache);

/* The catalogue of the transaction's cut, whose version the caller read there. A version not seen
 * before is parsed from the transaction's record. */
enum status catalogue_cache_take(struct catalogue_cache *cache, struct store_txn *txn,
                                 uint64_t version, struct shared_catalogue **ret_shared,
                                 struct error *error) MUST_USE;
void catalogue_cache_give(struct catalogue_cache *cache, struct shared_catalogue *shared);

#endif
