/* SPDX-License-Identifier: Apache-2.0
 *
 * A registry's text becomes a snapshot: its entries, and two sorted indexes of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "config/ini_file.h"
#include "registry/registry_internal.h"

enum { CAPACITY_MIN = 64 };

/* Which lines the section being read has had. */
struct registry_parsing {
    struct registry_snapshot *snapshot;
    struct principal *current; /* NULL before the first section */
};

void registry_snapshot_free(struct registry_snapshot *snapshot)
{
    if (snapshot == NULL) {
        return;
    }
    for (unsigned i = 0; i < snapshot->count; i++) {
        free(snapshot->entries[i].units);
        free(snapshot->entries[i].password);
        free(snapshot->entries[i].tokens);
    }
    free(snapshot->entries);
    free(snapshot->by_key);
    free(snapshot->by_name);
    free(snapshot->by_token);
    free(snapshot);
}

static enum status no_memory(struct error *error)
{
    return error_set(error, STATUS_TOO_LARGE, "out of memory");
}

const char *role_name(enum role role)
{
    static const char *const names[] = {"none", "source", "agency", "admin", "service", "gateway"};
    return (size_t)role < sizeof names / sizeof names[0] ? names[role] : "none";
}

const char *principal_space(const struct principal *principal)
{
    return principal->space[0] != '\0' ? principal->space : principal->name;
}

static enum role role_of(const char *text)
{
    for (enum role role = ROLE_SOURCE; role <= ROLE_GATEWAY; role++) {
        if (strcmp(role_name(role), text) == 0) {
            return role;
        }
    }
    return ROLE_NONE;
}

bool role_may_log_in(enum role role)
{
    return role == ROLE_SOURCE || role == ROLE_AGENCY || role == ROLE_ADMIN;
}

static bool has_units(const struct principal *entry)
{
    return entry->all_units || entry->unit_count != 0;
}

/* A section is complete once the next one begins, or the file ends. */
static enum status end_section(struct registry_parsing *parsing, struct error *error)
{
    const struct principal *entry = parsing->current;
    if (entry == NULL) {
        return STATUS_OK;
    }
    if (entry->role == ROLE_NONE) {
        return error_set(error, STATUS_INVALID, "[%s]: role is missing", entry->name);
    }
    if (!entry->has_key && !role_may_log_in(entry->role)) {
        return error_set(error, STATUS_INVALID, "[%s]: key is missing: the role %s comes with one",
                         entry->name, role_name(entry->role));
    }
    if ((entry->password != NULL || entry->token_count != 0) && !role_may_log_in(entry->role)) {
        return error_set(error, STATUS_INVALID,
                         "[%s]: password and token are for the roles source, agency and admin only",
                         entry->name);
    }
    const bool needs_units = entry->role == ROLE_SOURCE || entry->role == ROLE_AGENCY;
    if (needs_units != has_units(entry)) {
        return error_set(error, STATUS_INVALID, "[%s]: %s", entry->name,
                         needs_units ? "units is missing (* means all)"
                                     : "units are for the roles source and agency only");
    }
    if (entry->space[0] != '\0' && entry->role != ROLE_SOURCE) {
        return error_set(error, STATUS_INVALID, "[%s]: space is for the role source only",
                         entry->name);
    }
    return STATUS_OK;
}

static bool is_name(const char *text)
{
    const size_t size = strlen(text);
    return size != 0 && size <= BUS_NAME_MAX && text[0] != '.' && text[0] != '-' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-") == size;
}

static enum status begin_section(struct registry_parsing *parsing, const char *name,
                                 struct error *error)
{
    struct registry_snapshot *snapshot = parsing->snapshot;
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
    *parsing->current = (struct principal){.role = ROLE_NONE, .expires_day = INT32_MAX};
    memcpy(parsing->current->name, name, strlen(name) + 1);
    return STATUS_OK;
}

static enum status add_unit(struct principal *entry, const char *text, size_t size,
                            struct error *error)
{
    if (size >= REGISTRY_UNIT_SIZE) {
        return error_set(error, STATUS_INVALID, "[%s]: unit %.40s… is longer than %d bytes",
                         entry->name, text, REGISTRY_UNIT_SIZE - 1);
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
static enum status take_units(struct registry_parsing *parsing, const char *value,
                              struct error *error)
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

static enum status given_twice(const struct registry_parsing *parsing, const char *name,
                               struct error *error)
{
    return error_set(error, STATUS_INVALID, "[%s]: %s is given twice", parsing->current->name,
                     name);
}

static enum status take_key(struct registry_parsing *parsing, const char *value,
                            struct error *error)
{
    if (parsing->current->has_key) {
        return given_twice(parsing, "key", error);
    }
    if (bus_key_decode(value, parsing->current->key) != STATUS_OK) {
        return error_set(error, STATUS_INVALID, "[%s]: key is not a Z85 text of 40 characters",
                         parsing->current->name);
    }
    parsing->current->has_key = true;
    return STATUS_OK;
}

static enum status take_role(struct registry_parsing *parsing, const char *value,
                             struct error *error)
{
    if (parsing->current->role != ROLE_NONE) {
        return given_twice(parsing, "role", error);
    }
    parsing->current->role = role_of(value);
    if (parsing->current->role == ROLE_NONE) {
        return error_set(error, STATUS_INVALID,
                         "[%s]: role \"%.40s\" is none of source, agency, admin, service, gateway",
                         parsing->current->name, value);
    }
    return STATUS_OK;
}

static enum status take_close(struct registry_parsing *parsing, const char *value,
                              struct error *error)
{
    if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0) {
        return error_set(error, STATUS_INVALID, "[%s]: close is yes or no, not \"%.40s\"",
                         parsing->current->name, value);
    }
    parsing->current->may_close = value[0] == 'y';
    return STATUS_OK;
}

static enum status take_space(struct registry_parsing *parsing, const char *value,
                              struct error *error)
{
    if (parsing->current->space[0] != '\0') {
        return given_twice(parsing, "space", error);
    }
    if (!is_name(value)) {
        return error_set(error, STATUS_INVALID,
                         "[%s]: space \"%.40s\": a space has a-z, 0-9, . and -, and begins with a "
                         "letter or digit",
                         parsing->current->name, value);
    }
    memcpy(parsing->current->space, value, strlen(value) + 1);
    return STATUS_OK;
}

static enum status take_expires(struct registry_parsing *parsing, const char *value,
                                struct error *error)
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

static enum status take_password(struct registry_parsing *parsing, const char *value,
                                 struct error *error)
{
    return parsing->current->password != NULL
               ? given_twice(parsing, "password", error)
               : registry_take_password(parsing->current, value, error);
}

static enum status take_token(struct registry_parsing *parsing, const char *value,
                              struct error *error)
{
    struct registry_snapshot *snapshot = parsing->snapshot;
    const enum status status = registry_take_token(parsing->current, value, error);
    if (status == STATUS_OK) {
        struct principal *entry = parsing->current;
        entry->tokens[entry->token_count - 1].owner = snapshot->count - 1;
        snapshot->token_count++;
    }
    return status;
}

static enum status take_entry(void *context, const struct ini_entry *entry, struct error *error)
{
    static const struct {
        const char *name;
        enum status (*take)(struct registry_parsing *, const char *, struct error *);
    } rows[] = {
        {"key", take_key},           {"role", take_role},   {"units", take_units},
        {"space", take_space},       {"close", take_close}, {"expires", take_expires},
        {"password", take_password}, {"token", take_token},
    };
    struct registry_parsing *parsing = context;
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
                     "[%s]: no setting \"%.40s\"; there are key, role, units, space, close, "
                     "expires, password and "
                     "token",
                     entry->section, entry->name);
}

typedef int registry_order(const void *, const void *);

static int order_by_key(const void *a, const void *b)
{
    return memcmp(registry_entry_at(a)->key, registry_entry_at(b)->key, BUS_KEY_SIZE);
}

static int order_by_name(const void *a, const void *b)
{
    return strcmp(registry_entry_at(a)->name, registry_entry_at(b)->name);
}

static int order_by_token(const void *a, const void *b)
{
    return strcmp(registry_token_at(a)->id, registry_token_at(b)->id);
}

static enum status build_indexes(struct registry_snapshot *snapshot, struct error *error)
{
    unsigned token_count = 0;
    snapshot->by_key = calloc(snapshot->count + 1UL, sizeof *snapshot->by_key);
    snapshot->by_name = calloc(snapshot->count + 1UL, sizeof *snapshot->by_name);
    snapshot->by_token = calloc(snapshot->token_count + 1UL, sizeof *snapshot->by_token);
    if (snapshot->by_key == NULL || snapshot->by_name == NULL || snapshot->by_token == NULL) {
        return no_memory(error);
    }
    for (unsigned i = 0; i < snapshot->count; i++) {
        const struct principal *entry = &snapshot->entries[i];
        snapshot->by_name[i] = entry;
        if (entry->has_key) {
            snapshot->by_key[snapshot->key_count++] = entry;
        }
        for (unsigned j = 0; j < entry->token_count; j++) {
            snapshot->by_token[token_count++] = &entry->tokens[j];
        }
    }
    qsort(snapshot->by_key, snapshot->key_count, sizeof *snapshot->by_key, order_by_key);
    qsort(snapshot->by_name, snapshot->count, sizeof *snapshot->by_name, order_by_name);
    qsort(snapshot->by_token, token_count, sizeof *snapshot->by_token, order_by_token);
    return STATUS_OK;
}

/* The place of the first of two equal neighbours in an index of pointers; SIZE_MAX = none. */
static size_t find_twice(const void *index, unsigned count, registry_order *order)
{
    const char *elements = index;
    for (size_t i = 1; i < count; i++) {
        if (order(elements + (i - 1) * sizeof(void *), elements + i * sizeof(void *)) == 0) {
            return i - 1;
        }
    }
    return SIZE_MAX;
}

static enum status check_indexes(const struct registry_snapshot *snapshot, const char *path,
                                 struct error *error)
{
    size_t twice = find_twice(snapshot->by_name, snapshot->count, order_by_name);
    if (twice != SIZE_MAX) {
        return error_set(error, STATUS_INVALID, "%s: [%s] is there twice", path,
                         snapshot->by_name[twice]->name);
    }
    twice = find_twice(snapshot->by_key, snapshot->key_count, order_by_key);
    if (twice != SIZE_MAX) { /* named in file order */
        const struct principal *one = snapshot->by_key[twice];
        const struct principal *other = snapshot->by_key[twice + 1];
        return error_set(error, STATUS_INVALID, "%s: [%s] and [%s] have the same key", path,
                         one < other ? one->name : other->name,
                         one < other ? other->name : one->name);
    }
    twice = find_twice(snapshot->by_token, snapshot->token_count, order_by_token);
    if (twice != SIZE_MAX) {
        return error_set(error, STATUS_INVALID, "%s: the token %s is there twice", path,
                         snapshot->by_token[twice]->id);
    }
    return STATUS_OK;
}

enum status registry_snapshot_parse(const char *path, struct slice text,
                                    struct registry_snapshot **ret_snapshot, struct error *error)
{
    struct registry_parsing parsing = {.snapshot = calloc(1, sizeof *parsing.snapshot)};
    if (parsing.snapshot == NULL) {
        return no_memory(error);
    }
    enum status status = ini_text_read(path, text, take_entry, &parsing, error);
    if (status == STATUS_OK) {
        struct error reason;
        status = end_section(&parsing, &reason);
        if (status != STATUS_OK) {
            (void)error_set(error, status, "%s: %s", path, reason.text);
        }
    }
    if (status == STATUS_OK) {
        status = build_indexes(parsing.snapshot, error);
    }
    if (status == STATUS_OK) {
        status = check_indexes(parsing.snapshot, path, error);
    }
    if (status != STATUS_OK) {
        registry_snapshot_free(parsing.snapshot);
        return status;
    }
    *ret_snapshot = parsing.snapshot;
    return STATUS_OK;
}
