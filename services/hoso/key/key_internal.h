/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs of `hoso key` share, and those that are about logging in.
 */
#ifndef HOSO_HOSO_KEY_KEY_INTERNAL_H
#define HOSO_HOSO_KEY_KEY_INTERNAL_H

#include "services/hoso/command.h"

int key_password(struct command *command, int argc, char **argv);
int key_token(struct command *command, int argc, char **argv);

/* DONE, or the exit code: the day has passed. "never" and NULL are no day. */
int key_check_expires(const char *expires, bool may_be_forced);
/* DONE, also with a warning if the catalogue cannot be asked for; or the exit code: a unit of "U,U"
 * was never in it. */
int key_check_units(const struct command *command, const char *units);

#endif
