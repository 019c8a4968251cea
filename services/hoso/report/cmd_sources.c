/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso sources: whose events come in, and whose do not.
 */
#include "services/hoso/command.h"

#include "services/hoso/report/listing.h"

static const struct usage usage = {
    "sources [--unit U] [--limit N | --all]",
    "Whose events come in, and whose do not.",
    "Events are counted by the day on which they occurred, whenever they came. SILENT: none in the "
    "last three\nworking days, and some in the 365 days before; ENDED: none in these either. "
    "NEVER_SENT: it has a key\nand has sent nothing yet. Refused: since intake was started; for "
    "administrators.",
};

int cmd_sources(struct command *command, int argc, char **argv)
{
    struct hoso_sources_query query = {.unit = NULL};
    struct listing_limit limit = {.most = LISTING_NOT_GIVEN};
    const struct option options[] = {
        {"unit", OPTION_TEXT, &query.unit, "U",
         "only those that may send events of a unit and its subtree, or did", false},
        OPTIONS_OF_LISTING(&limit),
        OPTIONS_OF_DOCUMENTS(command),
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    return listing_run(command, NULL, &list_of_sources, &query, &limit);
}
