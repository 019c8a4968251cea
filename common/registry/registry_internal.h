/* SPDX-License-Identifier: Apache-2.0
 *
 * What a registry file says, for the sources of the registry.
 */
#ifndef HOSO_REGISTRY_REGISTRY_INTERNAL_H
#define HOSO_REGISTRY_REGISTRY_INTERNAL_H

#include <string.h>

#include "base/slice.h"
#include "registry/registry.h"

enum { REGISTRY_FORBIDDEN_MODE = 022 }; /* others may not write the file */

struct registry_snapshot {
    struct principal *entries; /* in file order */
    unsigned count;
    unsigned capacity;
    const struct principal **by_key; /* sorted; of the entries that have one */
    unsigned key_count;
    const struct principal **by_name;
    const struct registry_token **by_token;
    unsigned token_count;
};

/* The settings `password` and `token` of a section. */
enum status registry_take_password(struct principal *entry, const char *value,
                                   struct error *error) MUST_USE;
enum status registry_take_token(struct principal *entry, const char *value,
                                struct error *error) MUST_USE;

/* The entry that an element of an index points to. */
static inline const struct principal *registry_entry_at(const void *element)
{
    const struct principal *entry;
    memcpy(&entry, element, sizeof entry);
    return entry;
}

static inline const struct registry_token *registry_token_at(const void *element)
{
    const struct registry_token *token;
    memcpy(&token, element, sizeof token);
    return token;
}

/* INVALID names file, line and entry. `path` is for the sentence. */
enum status registry_snapshot_parse(const char *path, struct slice text,
                                    struct registry_snapshot **ret_snapshot,
                                    struct error *error) MUST_USE;
void registry_snapshot_free(struct registry_snapshot *snapshot); /* NULL-safe */

#endif
