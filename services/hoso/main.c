/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso: publish dossier events, read their counts. One row for each command; each is one file.
 */
#include "services/hoso/command.h"
#include "services/hoso/language.h"

static const struct command_entry commands[] = {
    {"publish", cmd_publish, "send events to intake"},
    {"report", cmd_report, "print a form"},
    {"form", cmd_form, "list or show forms, check a form's file"},
    {"forms", cmd_forms, "list the forms"},
    {"unit", cmd_unit, "move the open dossiers of a unit that was split"},
    {"units", cmd_units, "list units in printing order"},
    {"catalogue", cmd_catalogue, "import or show units and procedures"},
    {"config", cmd_config, "the settings in force, a sample"},
    {"dossiers", cmd_dossiers, "the dossiers behind a figure"},
    {"dossier", cmd_dossier, "the life of one dossier"},
    {"overdue", cmd_overdue, "what is overdue, due soon or waiting"},
    {"quality", cmd_quality, "what does not count, and why"},
    {"sources", cmd_sources, "whose events come in, and whose do not"},
    {"period", cmd_period, "close periods, list the closes"},
    {"status", cmd_status, "how far each service is"},
    {"doctor", cmd_doctor, "what is wrong and what to do"},
    {"verify", cmd_verify, "count the journal anew and compare"},
    {"backup", cmd_backup, "copy the journal, hot"},
    {"restore", cmd_restore, "make a journal of a backup"},
    {"key", cmd_key, "make keys, grant and revoke rights"},
    {"watch", cmd_watch, "live totals"},
    {"feed", cmd_feed, "check a feed of live totals"},
    {"simulate", cmd_simulate, "write events for demos and benches"},
    {NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
    struct command command = {.lang = NULL};
    int first;
    language_begin(&command, argc, argv);
    const int code = command_parse_front(&command, argc, argv, commands, &first);
    return code == OPTIONS_PARSED
               ? command_run(&command, argc - first + 1, argv + first - 1, commands, NULL)
               : code;
}
