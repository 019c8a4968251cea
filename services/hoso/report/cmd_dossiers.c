/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso dossiers: which dossiers make up one figure of a report.
 */
#include "services/hoso/command.h"

#include <libintl.h>

#include "services/hoso/report/listing.h"
#include "options/period.h"

static const struct usage usage = {
    "dossiers FORM --column C --unit U --from D --to D [--field F] [--procedure P] [--row R] "
    "[--as-closed N|latest] [--restated] [--limit N | --all]",
    "The dossiers behind one figure.",
    "Column and row are the ids that `hoso report --format json` shows. The amounts add up to the "
    "figure.",
};

int cmd_dossiers(struct command *command, int argc, char **argv)
{
    struct hoso_cell_query query = {.column = NULL};
    struct hoso_client *client = NULL;
    struct period given = {.from = NULL};
    const char *as_closed = NULL;
    struct listing_limit limit = {.most = LISTING_NOT_GIVEN};
    const struct option options[] = {
        {"FORM", OPTION_ARGUMENT, &query.report.form, NULL, "`hoso forms` lists them", true},
        {"column", OPTION_TEXT, &query.column, "C", "column id, or its number on paper", true},
        {"unit", OPTION_TEXT, &query.report.unit, "U", "the row's unit", true},
        OPTIONS_OF_PERIOD(&given),
        {"field", OPTION_TEXT, &query.field, "F", "the row's field", false},
        {"procedure", OPTION_TEXT, &query.procedure, "P", "the row's procedure", false},
        {"row", OPTION_TEXT, &query.row, "R", "the row's id", false},
        {"report-unit", OPTION_TEXT, &query.report_unit, "U",
         "the report's unit, for a row below it (the row's unit)", false},
        {"tree-at", OPTION_DATE, &query.report.tree_at, "D", "the day whose unit tree applies",
         false},
        OPTION_AS_CLOSED(&as_closed),
        {"restated", OPTION_FLAG, &query.restated, NULL,
         "those behind the difference between now and the close", false},
        OPTION_MIN_POSITION(&query.report.min_cut),
        OPTIONS_OF_LISTING(&limit),
        OPTIONS_OF_DOCUMENTS(command),
        OPTIONS_END,
    };
    int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    if (!as_closed_parse(as_closed, &query.report.as_closed)) {
        return usage_error(&usage, AS_CLOSED_WRONG, as_closed);
    }
    if (query.restated && as_closed == NULL) {
        query.report.as_closed = HOSO_LATEST_CLOSE;
    }
    struct period period = given;
    const char *wrong = period_resolve(&period, 1, localday_today());
    if (wrong != NULL) {
        return usage_error(&usage, "%s", gettext(wrong));
    }
    code = command_connect(command, &client);
    if (code != EXIT_DONE) {
        return code;
    }
    period = given; /* with the configuration's own month */
    (void)period_resolve(&period, client->settings.reporting_day, localday_today());
    query.report.from = period.from;
    query.report.to = period.to;
    query.report.lang = command->lang;
    return listing_run(command, client, &list_of_dossiers, &query, &limit);
}
