/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs of `hoso catalogue`.
 */
#ifndef HOSO_HOSO_CATALOGUE_CATALOGUE_INTERNAL_H
#define HOSO_HOSO_CATALOGUE_CATALOGUE_INTERNAL_H

#include "services/hoso/command.h"

int catalogue_show(struct command *command, int argc, char **argv);
int catalogue_import_verb(struct command *command, int argc, char **argv);
int catalogue_export_verb(struct command *command, int argc, char **argv);

#endif
