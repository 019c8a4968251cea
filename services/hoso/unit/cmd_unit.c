/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso unit: what is to be done when a unit ends.
 */
#include "services/hoso/unit/unit_internal.h"

static const struct usage usage = {
    "unit split UNIT --to FILE",
    "Move the open dossiers of a unit that was split.",
    NULL,
};

int cmd_unit(struct command *command, int argc, char **argv)
{
    static const struct command_entry verbs[] = {{"split", unit_split_verb, NULL},
                                                 {NULL, NULL, NULL}};
    return command_run(command, argc, argv, verbs, &usage);
}
