/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes to a registry file: whole or not at all, one editor at a time, and only a text that the
 * services can read takes the file's place. Every line that is not of the entry stays, comments
 * too; so do comments and blank lines behind the entry's last setting.
 */
#ifndef HOSO_REGISTRY_REGISTRY_EDIT_H
#define HOSO_REGISTRY_REGISTRY_EDIT_H

#include "registry/registry.h"

struct registry_grant {
    const char *name;
    char key[BUS_KEY_TEXT_SIZE]; /* empty = none: comes through a gateway only */
    const char *role;
    const char *units;   /* "U,U", "*" or NULL */
    const char *expires; /* or NULL */
    const char *space;   /* or NULL */
    bool may_close;
};

/* Makes the file if there is none; an entry of this name gives way to the new one. INVALID says
 * what is wrong with the entry or the file. */
enum status registry_grant(const char *path, const struct registry_grant *grant, bool *ret_replaced,
                           struct error *error) MUST_USE;
/* Puts the line `setting = value` at the end of an entry; with `replace` in the place of the one
 * that it has. NOT_FOUND = there is no such name. */
struct registry_line {
    const char *name; /* of the entry */
    const char *setting;
    const char *value;
    bool replace;
};
enum status registry_put_line(const char *path, const struct registry_line *line,
                              struct error *error) MUST_USE;
/* NOT_FOUND = there is no such name. */
enum status registry_revoke(const char *path, const char *name, struct error *error) MUST_USE;

#endif
