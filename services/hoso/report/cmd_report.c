/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso report: one form, printed.
 */
#include "services/hoso/command.h"

#include <stdio.h>

#include "render/report.h"

static const struct usage usage = {
    "report FORM --unit U --from D --to D [--tree-at D] [--min-position N]",
    "Print a form for a unit and its subtree. / In biểu báo cáo của đơn vị và các đơn vị trực "
    "thuộc.",
    "Dates are inclusive, as on paper. `hoso forms` lists the forms, `hoso units` the units.",
};

/* An identity that does not hold is an alarm. */
static int check_identities(const struct hoso_report *report)
{
    int code = EXIT_DONE;
    for (size_t i = 0; i < report->check_count; i++) {
        if (!report->checks[i].ok) {
            (void)fprintf(stderr, "hoso: the identity \"%s\" does not hold: %s\n",
                          report->checks[i].id, report->checks[i].text);
            code = EXIT_FAILED;
        }
    }
    return code;
}

static int print_report(const struct command *command, const struct hoso_report *report)
{
    struct document document;
    if (command->format == RENDER_JSON) {
        report_print_json(report, stdout);
        return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
    }
    document_of_report(&document, report, command->english);
    return command_print(command, &document);
}

static int run_report(const struct command *command, const struct hoso_query *query)
{
    struct hoso_client *client = NULL;
    struct hoso_report *report = NULL;
    struct hoso_error error;
    int code = command_connect(command, &client);
    if (code != EXIT_DONE) {
        return code;
    }
    if (hoso_report_run(client, query, &report, &error) == HOSO_OK) {
        code = print_report(command, report);
        code = code == EXIT_DONE ? check_identities(report) : code;
    } else {
        code = report_failure(&error);
    }
    hoso_free(report);
    hoso_client_close(client);
    return code;
}

int cmd_report(struct command *command, int argc, char **argv)
{
    struct hoso_query query = {.form = NULL};
    const struct option options[] = {
        {"unit", OPTION_TEXT, &query.unit, "U", "unit id", true},
        {"from", OPTION_DATE, &query.from, "D", "first day, 2024-01-19", true},
        {"to", OPTION_DATE, &query.to, "D", "last day", true},
        {"tree-at", OPTION_DATE, &query.tree_at, "D",
         "the day whose unit tree applies (the last day)", false},
        {"min-position", OPTION_NUMBER, &query.min_position, "N",
         "wait until events up to here are counted", false},
        {NULL, OPTION_FLAG, NULL, NULL, NULL, false},
    };
    unsigned count = 0;
    const int code = options_parse(command, argc, argv, options, &usage, &query.form, 1, &count);
    if (code >= 0) {
        return code;
    }
    if (count == 0) {
        return usage_error(&usage, "which form? hoso forms lists them");
    }
    query.lang = command->lang;
    return run_report(command, &query);
}
