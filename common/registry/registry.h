/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may do what: name → public key, role, unit subtrees, expiry. An INI file, one section per
 * name:
 *
 *     [mot-cua-cam-xuyen]
 *     key = <Z85 public key>
 *     role = source                ; source, agency, admin, service or gateway
 *     units = H27.45 H27.46        ; subtrees, or * for all (source and agency)
 *     space = ha-tinh              ; source: whose dossier codes are meant, optional
 *     close = yes                  ; may close periods of these units, optional
 *     expires = 2027-01-01         ; last day, optional
 *     password = $argon2id$…       ; of hoso key password, optional
 *     token = <id> <hash> <last day or never> [<label>]  ; of hoso key token, up to 16
 *
 * An entry is a principal. It comes itself with its key, or through a gateway, which names it:
 * after a log-in by password or token (registry_login.h), or because a proxy that the gateway
 * trusts named it. So the roles source, agency and admin may do without a key; the roles service
 * and gateway have a key and cannot log in.
 *
 * Read whole or not at all: a faulty file leaves the one in force (at start: refuses to start).
 * Thread-safe.
 */
#ifndef HOSO_REGISTRY_REGISTRY_H
#define HOSO_REGISTRY_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "bus/bus.h"

enum {
    REGISTRY_ENTRIES_MAX = 20000,
    REGISTRY_UNITS_MAX = 64,
    REGISTRY_BYTES_MAX = 16 << 20,
    REGISTRY_UNIT_SIZE = 64 + 1, /* a unit's id, NUL-terminated */
    REGISTRY_TOKENS_MAX = 16,    /* of one entry */
    REGISTRY_TOKEN_ID_SIZE = 8 + 1,
    REGISTRY_TOKEN_HASH_SIZE = 32,
    REGISTRY_LABEL_SIZE = 64 + 1
};

enum role { ROLE_NONE, ROLE_SOURCE, ROLE_AGENCY, ROLE_ADMIN, ROLE_SERVICE, ROLE_GATEWAY };

struct registry_token {
    char id[REGISTRY_TOKEN_ID_SIZE];        /* hex digits; unique in the registry */
    uint8_t hash[REGISTRY_TOKEN_HASH_SIZE]; /* of the whole token */
    char label[REGISTRY_LABEL_SIZE];        /* what it is for; may be empty */
    int32_t expires_day;                    /* last local day, INT32_MAX = never */
    unsigned owner;                         /* index of its entry */
};

struct principal {
    char name[BUS_NAME_MAX + 1];  /* [a-z0-9.-], the source of its events */
    char space[BUS_NAME_MAX + 1]; /* of its dossier codes; "" = none was given: the name itself */
    bool has_key;
    uint8_t key[BUS_KEY_SIZE];
    enum role role;
    bool all_units;
    bool may_close; /* periods of its units */
    unsigned unit_count;
    char (*units)[REGISTRY_UNIT_SIZE];
    int32_t expires_day; /* last local day, INT32_MAX = never */
    char *password;      /* its hash, or NULL */
    unsigned token_count;
    struct registry_token *tokens;
    uint64_t login_mark; /* of the password: another one when it changed */
};

struct registry;

enum status registry_open(const char *path, struct registry **ret_registry,
                          struct error *error) MUST_USE;
void registry_close(struct registry *registry);
enum status registry_reload(struct registry *registry, struct error *error) MUST_USE;

/* Names a key's owner; expired and unknown keys are refused. */
bool registry_admit(struct registry *registry, const uint8_t public_key[BUS_KEY_SIZE],
                    char ret_name[BUS_NAME_MAX + 1]);

/* The principal by name, or NULL if unknown, revoked or expired today. Valid until registry_end;
 * hold it briefly: a reload waits. Every begin is ended, also after NULL. */
const struct principal *registry_begin(struct registry *registry, const char *name);
/* Likewise the owner of a token that has not expired. */
const struct principal *registry_begin_token(struct registry *registry, const char *token);
void registry_end(struct registry *registry);

/* Changes whenever a key lost a right: a reload took away or changed an entry, or one expired.
 * Who keeps connections open without a check per message asks now and then. */
uint64_t registry_revocations(struct registry *registry);

/* Every entry in file order, expired ones, too; a reload waits. */
typedef void registry_visit(void *context, const struct principal *principal);
void registry_each(struct registry *registry, registry_visit *visit, void *context);

const char *role_name(enum role role);
/* The space in which a source's dossier codes are meant (counting-rules.md §2). */
const char *principal_space(const struct principal *principal);
/* Whether a gateway may act for principals of this role: source, agency and admin. */
bool role_may_log_in(enum role role);

/* For `hoso key`: all entries in file order. */
unsigned registry_count(const struct registry *registry);
const struct principal *registry_at(const struct registry *registry, unsigned index);

#endif
