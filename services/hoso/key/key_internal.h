/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs of `hoso key` that are about logging in.
 */
#ifndef HOSO_HOSO_KEY_KEY_INTERNAL_H
#define HOSO_HOSO_KEY_KEY_INTERNAL_H

#include "services/hoso/command.h"

int key_password(struct command *command, int argc, char **argv);
int key_token(struct command *command, int argc, char **argv);

#endif
