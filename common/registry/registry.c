/* SPDX-License-Identifier: Apache-2.0
 *
 * The file is parsed into a snapshot with two sorted indexes, by key and by name; a reload builds a
 * new one aside and swaps it under the lock. Faults are found before that, so what is in force is
 * always whole.
 */
#include "registry/registry.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "base/require.h"
#include "base/slice.h"
#include "config/ini_file.h"

enum { CAPACITY_MIN = 64, UNIT_SIZE = 33, OTHERS_MAY_WRITE = 022 };

struct snapshot {
    struct principal *entries; /* file order */
    unsigned count;
    unsigned capacity;
    unsigned *by_key;
    unsigned *by_name;
};

struct registry {
    pthread_rwlock_t lock;
    struct snapshot *snapshot;
    char *path;
    uint64_t revocations; /* reloads that took something away */
};

/* Which lines the section being read has had. */
struct parsing {
    struct snapshot *snapshot;
    struct principal *current; /* NULL before the first section */
    bool has_key;
};

static void snapshot_free(struct snapshot *snapshot)
{
    if (snapshot == NULL) {
        return;
    }
    for (unsigned i = 0; i < snapshot->count; i++) {
        free(snapshot->entries[i].units);
    }
    free(snapshot->entries);
    free(snapshot->by_key);
    free(snapshot->by_name);
    free(snapshot);
}

static enum status no_memory(struct error *error)
{
    return error_set(error, STATUS_TOO_LARGE, "out of memory");
}

const char *role_name(enum role role)
{
    static const char *const names[] = {"none", "source", "agency", "admin", "service"};
    return (size_t)role < sizeof names / sizeof names[0] ? names[role] : "none";
}

static enum role role_of(const char *text)
{
    for (enum role role = ROLE_SOURCE; role <= ROLE_SERVICE; role++) {
        if (strcmp(role_name(role), text) == 0) {
            return role;
        }
    }
    return ROLE_NONE;
}

static bool has_units(const struct principal *entry)
{
    return entry->all_units || entry->unit_count != 0;
}

/* A section is complete once the next one begins, or the file ends. */
static enum status end_section(struct parsing *parsing, struct error *error)
{
    const struct principal *entry = parsing->current;
    if (entry == NULL) {
        return STATUS_OK;
    }
    if (!parsing->has_key || entry->role == ROLE_NONE) {
        return error_set(error, STATUS_INVALID, "[%s]: %s is missing", entry->name,
                         parsing->has_key ? "role" : "key");
    }
    const bool needs_units = entry->role == ROLE_SOURCE || entry->role == ROLE_AGENCY;
    if (needs_units != has_units(entry)) {
        return error_set(error, STATUS_INVALID, "[%s]: %s", entry->name,
                         needs_units ? "units is missing (* means all)"
                                     : "units are for the roles source and agency only");
    }
    return STATUS_OK;
}

static bool is_name(const char *text)
{
    const size_t size = strlen(text);
    return size != 0 && size <= BUS_NAME_MAX && text[0] != '.' && text[0] != '-' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-") == size;
}

static enum status begin_section(struct parsing *parsing, const char *name, struct error *error)
{
    struct snapshot *snapshot = parsing->snapshot;
    const enum status status = end_section(parsing, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (!is_name(name)) {
        return error_set(error, STATUS_INVALID,
                         "[%s]: a name has a-z, 0-9, . and -, and begins with a letter or digit",
                         name);
    }
    if (snapshot->count == REGISTRY_ENTRIES_MAX) {
        return error_set(error, STATUS_TOO_LARGE, "more than %d entries", REGISTRY_ENTRIES_MAX);
    }
    if (snapshot->count == snapshot->capacity) {
        const unsigned capacity = snapshot->capacity != 0 ? 2 * snapshot->capacity : CAPACITY_MIN;
        struct principal *entries =
            reallocarray(snapshot->entries, capacity, sizeof *snapshot->entries);
        if (entries == NULL) {
            return no_memory(error);
        }
        snapshot->entries = entries;
        snapshot->capacity = capacity;
    }
    parsing->current = &snapshot->entries[snapshot->count++];
    parsing->has_key = false;
    *parsing->current = (struct principal){.role = ROLE_NONE, .expires_day = INT32_MAX};
    memcpy(parsing->current->name, name, strlen(name) + 1);
    return STATUS_OK;
}

static enum status add_unit(struct principal *entry, const char *text, size_t size,
                            struct error *error)
{
    if (size >= UNIT_SIZE) {
        return error_set(error, STATUS_INVALID, "[%s]: unit %.40s… is longer than %d bytes",
                         entry->name, text, UNIT_SIZE - 1);
    }
    if (entry->unit_count == REGISTRY_UNITS_MAX) {
        return error_set(error, STATUS_INVALID, "[%s]: more than %d units", entry->name,
                         REGISTRY_UNITS_MAX);
    }
    if (entry->units == NULL) {
        entry->units = calloc(REGISTRY_UNITS_MAX, sizeof *entry->units);
        if (entry->units == NULL) {
            return no_memory(error);
        }
    }
    memcpy(entry->units[entry->unit_count++], text, size);
    return STATUS_OK;
}

/* May be given several times, for long lists. */
static enum status take_units(struct parsing *parsing, const char *value, struct error *error)
{
    struct principal *entry = parsing->current;
    enum status status = STATUS_OK;
    const char *at = value + strspn(value, " \t");
    if (*at == '\0') {
        return error_set(error, STATUS_INVALID, "[%s]: units is empty (* means all)", entry->name);
    }
    while (status == STATUS_OK && *at != '\0') {
        const size_t size = strcspn(at, " \t");
        if (size == 1 && *at == '*') {
            entry->all_units = true;
        } else {
            status = add_unit(entry, at, size, error);
        }
        at += size;
        at += strspn(at, " \t");
    }
    if (status == STATUS_OK && entry->all_units && entry->unit_count != 0) {
        status = error_set(error, STATUS_INVALID, "[%s]: units: either * or a list", entry->name);
    }
    return status;
}

static enum status given_twice(const struct parsing *parsing, const char *name, struct error *error)
{
    return error_set(error, STATUS_INVALID, "[%s]: %s is given twice", parsing->current->name,
                     name);
}

static enum status take_key(struct parsing *parsing, const char *value, struct error *error)
{
    if (parsing->has_key) {
        return given_twice(parsing, "key", error);
    }
    if (bus_key_decode(value, parsing->current->key) != STATUS_OK) {
        return error_set(error, STATUS_INVALID, "[%s]: key is not a Z85 text of 40 characters",
                         parsing->current->name);
    }
    parsing->has_key = true;
    return STATUS_OK;
}

static enum status take_role(struct parsing *parsing, const char *value, struct error *error)
{
    if (parsing->current->role != ROLE_NONE) {
        return given_twice(parsing, "role", error);
    }
    parsing->current->role = role_of(value);
    if (parsing->current->role == ROLE_NONE) {
        return error_set(error, STATUS_INVALID,
                         "[%s]: role \"%.40s\" is none of source, agency, admin, service",
                         parsing->current->name, value);
    }
    return STATUS_OK;
}

static enum status take_expires(struct parsing *parsing, const char *value, struct error *error)
{
    if (parsing->current->expires_day != INT32_MAX) {
        return given_twice(parsing, "expires", error);
    }
    if (!localday_parse(slice_text(value), &parsing->current->expires_day)) {
        return error_set(error, STATUS_INVALID, "[%s]: expires \"%.40s\" is not a date YYYY-MM-DD",
                         parsing->current->name, value);
    }
    return STATUS_OK;
}

static enum status take_entry(void *context, const struct ini_entry *entry, struct error *error)
{
    static const struct {
        const char *name;
        enum status (*take)(struct parsing *, const char *, struct error *);
    } rows[] = {
        {"key", take_key}, {"role", take_role}, {"units", take_units}, {"expires", take_expires}};
    struct parsing *parsing = context;
    if (entry->name == NULL) {
        return begin_section(parsing, entry->section, error);
    }
    if (parsing->current == NULL) {
        return error_set(error, STATUS_INVALID, "a [name] has to come first");
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, entry->name) == 0) {
            return rows[i].take(parsing, entry->value, error);
        }
    }
    return error_set(error, STATUS_INVALID,
                     "[%s]: no setting \"%.40s\"; there are key, role, units and expires",
                     entry->section, entry->name);
}

static int compare_keys(const void *a, const void *b, void *context)
{
    const struct principal *entries = context;
    return memcmp(entries[*(const unsigned *)a].key, entries[*(const unsigned *)b].key,
                  BUS_KEY_SIZE);
}

static int compare_names(const void *a, const void *b, void *context)
{
    const struct principal *entries = context;
    return strcmp(entries[*(const unsigned *)a].name, entries[*(const unsigned *)b].name);
}

typedef int compare_function(const void *, const void *, void *);

static unsigned *sorted(const struct snapshot *snapshot, compare_function *compare)
{
    unsigned *index = calloc(snapshot->count + 1UL, sizeof *index);
    if (index != NULL) {
        for (unsigned i = 0; i < snapshot->count; i++) {
            index[i] = i;
        }
        qsort_r(index, snapshot->count, sizeof *index, compare, snapshot->entries);
    }
    return index;
}

static enum status build_indexes(struct snapshot *snapshot, const char *path, struct error *error)
{
    snapshot->by_key = sorted(snapshot, compare_keys);
    snapshot->by_name = sorted(snapshot, compare_names);
    if (snapshot->by_key == NULL || snapshot->by_name == NULL) {
        return no_memory(error);
    }
    for (unsigned i = 1; i < snapshot->count; i++) {
        const unsigned *names = &snapshot->by_name[i - 1];
        const unsigned *keys = &snapshot->by_key[i - 1];
        if (compare_names(&names[0], &names[1], snapshot->entries) == 0) {
            return error_set(error, STATUS_INVALID, "%s: [%s] is there twice", path,
                             snapshot->entries[names[0]].name);
        }
        if (compare_keys(&keys[0], &keys[1], snapshot->entries) == 0) {
            return error_set(error, STATUS_INVALID, "%s: [%s] and [%s] have the same key", path,
                             snapshot->entries[keys[0]].name, snapshot->entries[keys[1]].name);
        }
    }
    return STATUS_OK;
}

static enum status load(const char *path, struct snapshot **ret_snapshot, struct error *error)
{
    struct parsing parsing = {.snapshot = calloc(1, sizeof *parsing.snapshot)};
    if (parsing.snapshot == NULL) {
        return no_memory(error);
    }
    enum status status =
        ini_file_read(path, REGISTRY_BYTES_MAX, OTHERS_MAY_WRITE, take_entry, &parsing, error);
    if (status == STATUS_OK) {
        struct error reason;
        status = end_section(&parsing, &reason);
        if (status != STATUS_OK) {
            status = error_set(error, status, "%s: %s", path, reason.text);
        }
    }
    if (status == STATUS_OK) {
        status = build_indexes(parsing.snapshot, path, error);
    }
    if (status != STATUS_OK) {
        snapshot_free(parsing.snapshot);
        return status;
    }
    *ret_snapshot = parsing.snapshot;
    return STATUS_OK;
}

enum status registry_open(const char *path, struct registry **ret_registry, struct error *error)
{
    struct registry *registry = calloc(1, sizeof *registry);
    if (registry == NULL) {
        return no_memory(error);
    }
    require(pthread_rwlock_init(&registry->lock, NULL) == 0);
    registry->path = strdup(path);
    const enum status status =
        registry->path != NULL ? load(path, &registry->snapshot, error) : no_memory(error);
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
        snapshot_free(registry->snapshot);
        free(registry->path);
        require(pthread_rwlock_destroy(&registry->lock) == 0);
        free(registry);
    }
}

static int order_by_key(const void *key, const struct principal *entry)
{
    return memcmp(key, entry->key, BUS_KEY_SIZE);
}

static int order_by_name(const void *name, const struct principal *entry)
{
    return strcmp(name, entry->name);
}

/* The one that `order` finds equal to what is sought, unless it has expired. */
static const struct principal *find(const struct snapshot *snapshot, const unsigned *index,
                                    const void *sought,
                                    int (*order)(const void *, const struct principal *))
{
    unsigned from = 0;
    unsigned to = snapshot->count;
    while (from < to) {
        const unsigned middle = from + (to - from) / 2;
        const struct principal *entry = &snapshot->entries[index[middle]];
        const int side = order(sought, entry);
        if (side == 0) {
            return localday_today() <= entry->expires_day ? entry : NULL;
        }
        if (side < 0) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return NULL;
}

static bool same_rights(const struct principal *a, const struct principal *b)
{
    bool same = strcmp(a->name, b->name) == 0 && a->role == b->role &&
                a->all_units == b->all_units && a->expires_day == b->expires_day &&
                a->unit_count == b->unit_count;
    for (unsigned i = 0; same && i < a->unit_count; i++) {
        same = strcmp(a->units[i], b->units[i]) == 0;
    }
    return same;
}

/* Whether a key that was in force is gone, or means something else. */
static bool revokes(const struct snapshot *old, const struct snapshot *fresh)
{
    bool revoked = false;
    for (unsigned i = 0; i < old->count && !revoked; i++) {
        const struct principal *before = &old->entries[i];
        const struct principal *after = find(fresh, fresh->by_key, before->key, order_by_key);
        revoked = localday_today() <= before->expires_day &&
                  (after == NULL || !same_rights(before, after));
    }
    return revoked;
}

enum status registry_reload(struct registry *registry, struct error *error)
{
    struct snapshot *fresh = NULL;
    const enum status status = load(registry->path, &fresh, error);
    if (status != STATUS_OK) {
        return status;
    }
    require(pthread_rwlock_wrlock(&registry->lock) == 0);
    struct snapshot *old = registry->snapshot;
    registry->snapshot = fresh;
    registry->revocations += revokes(old, fresh);
    require(pthread_rwlock_unlock(&registry->lock) == 0);
    snapshot_free(old);
    return STATUS_OK;
}

bool registry_admit(struct registry *registry, const uint8_t public_key[BUS_KEY_SIZE],
                    char ret_name[BUS_NAME_MAX + 1])
{
    require(pthread_rwlock_rdlock(&registry->lock) == 0);
    const struct snapshot *snapshot = registry->snapshot;
    const struct principal *entry = find(snapshot, snapshot->by_key, public_key, order_by_key);
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
        expired += registry->snapshot->entries[i].expires_day < today;
    }
    const uint64_t revocations = registry->revocations << 32 | expired;
    require(pthread_rwlock_unlock(&registry->lock) == 0);
    return revocations;
}

const struct principal *registry_begin(struct registry *registry, const char *name)
{
    require(pthread_rwlock_rdlock(&registry->lock) == 0);
    const struct snapshot *snapshot = registry->snapshot;
    return find(snapshot, snapshot->by_name, name, order_by_name);
}

void registry_end(struct registry *registry)
{
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
