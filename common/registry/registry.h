/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may do what: public key → name, role, unit subtrees, expiry. An INI file, one section per
 * name:
 *
 *     [mot-cua-cam-xuyen]
 *     key = <Z85 public key>
 *     role = source                ; source, agency, admin or service
 *     units = H27.45 H27.46        ; subtrees, or * for all (source and agency)
 *     space = ha-tinh              ; source: whose dossier codes are meant, optional
 *     close = yes                  ; may close periods of these units, optional
 *     expires = 2027-01-01         ; last day, optional
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
    REGISTRY_UNIT_SIZE = 64 + 1 /* a unit's id, NUL-terminated */
};

enum role { ROLE_NONE, ROLE_SOURCE, ROLE_AGENCY, ROLE_ADMIN, ROLE_SERVICE };

struct principal {
    char name[BUS_NAME_MAX + 1];  /* [a-z0-9.-], the source of its events */
    char space[BUS_NAME_MAX + 1]; /* of its dossier codes; "" = none was given: the name itself */
    uint8_t key[BUS_KEY_SIZE];
    enum role role;
    bool all_units;
    bool may_close; /* periods of its units */
    unsigned unit_count;
    char (*units)[REGISTRY_UNIT_SIZE];
    int32_t expires_day; /* last local day, INT32_MAX = never */
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

/* For `hoso key`: all entries in file order. */
unsigned registry_count(const struct registry *registry);
const struct principal *registry_at(const struct registry *registry, unsigned index);

#endif
