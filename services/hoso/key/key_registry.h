/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes to the registry file: whole or not at all (a checked copy beside it takes its place), one
 * editor at a time, and every line that is not about the name stays as it is, comments too.
 */
#ifndef HOSO_KEY_KEY_REGISTRY_H
#define HOSO_KEY_KEY_REGISTRY_H

#include <stdbool.h>

#include "base/status.h"
#include "bus/bus.h"

struct grant {
    const char *name;
    char key[BUS_KEY_TEXT_SIZE];
    const char *role;
    const char *units;   /* "U,U", "*" or NULL */
    const char *expires; /* or NULL */
};

/* Makes the file if there is none. INVALID says what is wrong with the entry or the file. */
enum status registry_grant(const char *path, const struct grant *grant, bool *ret_replaced,
                           struct error *error) MUST_USE;
/* NOT_FOUND = there is no such name. */
enum status registry_revoke(const char *path, const char *name, struct error *error) MUST_USE;

#endif
