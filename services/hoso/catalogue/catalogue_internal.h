/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs of `hoso catalogue`.
 */
#ifndef HOSO_HOSO_CATALOGUE_CATALOGUE_INTERNAL_H
#define HOSO_HOSO_CATALOGUE_CATALOGUE_INTERNAL_H

#include "catalogue/catalogue.h"
#include "services/hoso/command.h"

int catalogue_show(struct command *command, int argc, char **argv);
int catalogue_import_verb(struct command *command, int argc, char **argv);
int catalogue_export_verb(struct command *command, int argc, char **argv);

/* Warns on stderr of units that change before the last day of a close that holds for them. */
void catalogue_warn_of_closed(struct hoso_client *client, const struct catalogue *before,
                              const struct catalogue *after, struct arena *arena);

#endif
