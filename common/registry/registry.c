/* SPDX-License-Identifier: Apache-2.0
 *
 * A reload builds a new snapshot aside and swaps it under the lock. Faults are found before that,
 * so what is in force is always whole.
 */
#include "registry/registry.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/localday.h"
#include "base/require.h"
#include "registry/registry_internal.h"
#include "registry/registry_login.h"

struct registry {
    pthread_rwlock_t lock;
    struct registry_snapshot *snapshot;
    char *path;
    uint64_t revocations; /* reloads that took something away */
};

static enum status load(const char *path, struct registry_snapshot **ret_snapshot,
                        struct error *error)
{
    struct buffer text;
    buffer_init(&text, REGISTRY_BYTES_MAX);
    enum status status = file_read(path, REGISTRY_FORBIDDEN_MODE, &text, error);
    if (status == STATUS_OK) {
        status = registry_snapshot_parse(path, buffer_slice(&text), ret_snapshot, error);
    }
    buffer_fini(&text);
    return status;
}

enum status registry_open(const char *path, struct registry **ret_registry, struct error *error)
{
    struct registry *registry = calloc(1, sizeof *registry);
    if (registry == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    require(pthread_rwlock_init(&registry->lock, NULL) == 0);
    registry->path = strdup(path);
    const enum status status = registry->path != NULL
                                   ? load(path, &registry->snapshot, error)
                                   : error_set(error, STATUS_TOO_LARGE, "out of memory");
    if (status != STATUS_OK) {
        registry_close(registry);
        return status;
    }
    *ret_registry = registry;
    return STATUS_OK;
}

void registry_close(struct registry *registry)
{
    if (registry != NULL) {
        registry_snapshot_free(registry->snapshot);
        free(registry->path);
        require(pthread_rwlock_destroy(&registry->lock) == 0);
        free(registry);
    }
}

static int compare_key(const void *key, const void *pointer)
{
    return memcmp(key, registry_entry_at(pointer)->key, BUS_KEY_SIZE);
}

static int compare_name(const void *name, const void *pointer)
{
    return strcmp(name, registry_entry_at(pointer)->name);
}

static int compare_token(const void *id, const void *pointer)
{
    return strcmp(id, registry_token_at(pointer)->id);
}

static const struct principal *unless_expired(const struct principal *entry)
{
    return entry != NULL && localday_today() <= entry->expires_day ? entry : NULL;
}

static const struct principal *find_key(const struct registry_snapshot *snapshot,
                                        const uint8_t key[BUS_KEY_SIZE])
{
    const void *found =
        bsearch(key, snapshot->by_key, snapshot->key_count, sizeof *snapshot->by_key, compare_key);
    return unless_expired(found != NULL ? registry_entry_at(found) : NULL);
}

static const struct principal *find_name(const struct registry_snapshot *snapshot, const char *name)
{
    const void *found =
        bsearch(name, snapshot->by_name, snapshot->count, sizeof *snapshot->by_name, compare_name);
    return unless_expired(found != NULL ? registry_entry_at(found) : NULL);
}

/* The secret part is compared in constant time. */
static const struct principal *find_token(const struct registry_snapshot *snapshot,
                                          const char *text)
{
    char id[REGISTRY_TOKEN_ID_SIZE];
    uint8_t hash[REGISTRY_TOKEN_HASH_SIZE];
    if (!registry_token_read(text, id, hash)) {
        return NULL;
    }
    const void *found = bsearch(id, snapshot->by_token, snapshot->token_count,
                                sizeof *snapshot->by_token, compare_token);
    const struct registry_token *token = found != NULL ? registry_token_at(found) : NULL;
    const bool valid = token != NULL && localday_today() <= token->expires_day &&
                       sodium_memcmp(token->hash, hash, sizeof hash) == 0;
    return unless_expired(valid ? &snapshot->entries[token->owner] : NULL);
}

static bool same_rights(const struct principal *a, const struct principal *b)
{
    bool same = strcmp(a->name, b->name) == 0 && a->role == b->role &&
                a->all_units == b->all_units && a->may_close == b->may_close &&
                a->expires_day == b->expires_day && a->unit_count == b->unit_count;
    for (unsigned i = 0; same && i < a->unit_count; i++) {
        same = strcmp(a->units[i], b->units[i]) == 0;
    }
    return same;
}

/* Whether a key that was in force is gone, or means something else. Who has no key keeps no
 * connection. */
static bool revokes(const struct registry_snapshot *old, const struct registry_snapshot *fresh)
{
    bool revoked = false;
    for (unsigned i = 0; i < old->count && !revoked; i++) {
        const struct principal *before = &old->entries[i];
        const struct principal *after = find_key(fresh, before->key);
        revoked = before->has_key && localday_today() <= before->expires_day &&
                  (after == NULL || !same_rights(before, after));
    }
    return revoked;
}

enum status registry_reload(struct registry *registry, struct error *error)
{
    struct registry_snapshot *fresh = NULL;
    const enum status status = load(registry->path, &fresh, error);
    if (status != STATUS_OK) {
        return status;
    }
    require(pthread_rwlock_wrlock(&registry->lock) == 0);
    struct registry_snapshot *old = registry->snapshot;
    registry->snapshot = fresh;
    registry->revocations += revokes(old, fresh);
    require(pthread_rwlock_unlock(&registry->lock) == 0);
    registry_snapshot_free(old);
    return STATUS_OK;
}

bool registry_admit(struct registry *registry, const uint8_t public_key[BUS_KEY_SIZE],
                    char ret_name[BUS_NAME_MAX + 1])
{
    require(pthread_rwlock_rdlock(&registry->lock) == 0);
    const struct principal *entry = find_key(registry->snapshot, public_key);
    if (entry != NULL) {
        memcpy(ret_name, entry->name, sizeof entry->name);
    }
    require(pthread_rwlock_unlock(&registry->lock) == 0);
    return entry != NULL;
}

uint64_t registry_revocations(struct registry *registry)
{
    require(pthread_rwlock_rdlock(&registry->lock) == 0);
    const int32_t today = localday_today();
    uint64_t expired = 0;
    for (unsigned i = 0; i < registry->snapshot->count; i++) {
        const struct principal *entry = &registry->snapshot->entries[i];
        expired += entry->has_key && entry->expires_day < today;
    }
    const uint64_t revocations = registry->revocations << 32 | expired;
    require(pthread_rwlock_unlock(&registry->lock) == 0);
    return revocations;
}

const struct principal *registry_begin(struct registry *registry, const char *name)
{
    require(pthread_rwlock_rdlock(&registry->lock) == 0);
    return find_name(registry->snapshot, name);
}

const struct principal *registry_begin_token(struct registry *registry, const char *token)
{
    require(pthread_rwlock_rdlock(&registry->lock) == 0);
    return find_token(registry->snapshot, token);
}

void registry_end(struct registry *registry)
{
    require(pthread_rwlock_unlock(&registry->lock) == 0);
}

void registry_each(struct registry *registry, registry_visit *visit, void *context)
{
    require(pthread_rwlock_rdlock(&registry->lock) == 0);
    for (unsigned i = 0; i < registry->snapshot->count; i++) {
        visit(context, &registry->snapshot->entries[i]);
    }
    require(pthread_rwlock_unlock(&registry->lock) == 0);
}

unsigned registry_count(const struct registry *registry)
{
    return registry->snapshot->count;
}

const struct principal *registry_at(const struct registry *registry, unsigned index)
{
    require(index < registry->snapshot->count);
    return &registry->snapshot->entries[index];
}
