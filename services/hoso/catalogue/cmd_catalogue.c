/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso catalogue: units, fields and procedures, in from CSV files and out again.
 */
#include "services/hoso/catalogue/catalogue_internal.h"

static const struct usage usage = {
    "catalogue import DIR | export DIR | show [units|fields|procedures] [--at D]",
    "Units, fields and procedures.",
    "import reads units.csv, fields.csv and procedures.csv in DIR and replaces the catalogue as a "
    "whole; it needs a key\n"
    "with the role admin. --dry-run shows what would change. export writes the three files. show "
    "prints what is in force.",
};

int cmd_catalogue(struct command *command, int argc, char **argv)
{
    static const struct command_entry verbs[] = {{"import", catalogue_import_verb, NULL},
                                                 {"export", catalogue_export_verb, NULL},
                                                 {"show", catalogue_show, NULL},
                                                 {NULL, NULL, NULL}};
    return command_run(command, argc, argv, verbs, &usage);
}
