/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs of hoso unit.
 */
#ifndef HOSO_UNIT_UNIT_INTERNAL_H
#define HOSO_UNIT_UNIT_INTERNAL_H

#include "services/hoso/command.h"

int unit_split_verb(struct command *command, int argc, char **argv);

#endif
