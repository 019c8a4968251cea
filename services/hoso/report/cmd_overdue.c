/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso overdue: what a unit has to see to today.
 */
#include "services/hoso/command.h"

#include <libintl.h>

#include "services/hoso/report/listing.h"

static const struct usage usage = {
    "overdue [--unit U] [--within DAYS | --waiting] [--at D] [--count] [--limit N | --all]",
    "Dossiers that are overdue, fall due soon, or wait for a supplement, today or on another day.",
    "Unit by unit in the catalogue's order, the earliest due day first. --within 0 has those due "
    "on the day, too: as many\nas a report up to that day counts as overdue at its end.",
};

int cmd_overdue(struct command *command, int argc, char **argv)
{
    enum { WITHIN_MAX = 365 };
    struct hoso_open_query query = {.unit = NULL};
    struct listing_limit limit = {.most = LISTING_NOT_GIVEN};
    uint64_t within = UINT64_MAX;
    bool waiting = false;
    const struct option options[] = {
        {"unit", OPTION_TEXT, &query.unit, "U", "a unit and its subtree (all that we may see)",
         false},
        {"within", OPTION_NUMBER, &within, "DAYS", "those due within so many days, too; 0 = today",
         false},
        {"waiting", OPTION_FLAG, &waiting, NULL, "those that wait for a supplement instead", false},
        {"at", OPTION_DATE, &query.at, "D", "at the end of this day (today)", false},
        {"tree-at", OPTION_DATE, &query.tree_at, "D", "the day whose unit tree applies (--at)",
         false},
        {"count", OPTION_FLAG, &query.counts, NULL, "only how many each unit has", false},
        OPTION_MIN_POSITION(&query.min_cut),
        OPTIONS_OF_LISTING(&limit),
        OPTIONS_OF_DOCUMENTS(command),
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    const bool soon = within != UINT64_MAX;
    if (soon && (waiting || within > WITHIN_MAX)) {
        return usage_error(&usage, "%s",
                           gettext(waiting ? "--within and --waiting are two lists"
                                           : "--within is at most 365 days"));
    }
    query.days = soon ? (unsigned)within + 1 : 0;
    query.state = waiting ? "WAITING_SUPPLEMENT" : "PROCESSING";
    query.all = waiting;
    limit.all = limit.all || query.counts;
    query.lang = command->lang;
    return listing_run(command, NULL, query.counts ? &list_of_open_counts : &list_of_open, &query,
                       &limit);
}
