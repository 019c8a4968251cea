/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso period: closes periods, and lists what was closed. What was reported stays answerable,
 * docs/counting-rules.md §7a.
 */
#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/hoso_period.h"
#include "render/json.h"
#include "services/hoso/command.h"
#include "services/hoso/report/listing.h"

static const struct usage usage = {
    "period close UNIT --to DAY [--label TEXT] | list [UNIT]",
    "Close periods.",
    "What is counted after the close for days up to DAY, in UNIT and all below it, is a "
    "restatement: `hoso report`\nshows it now, and with --as-closed what was closed.",
};
static const struct usage usage_close = {
    "period close UNIT --to DAY [--label TEXT] [--id ID]",
    "Close a period.",
    "UNIT with everything below it, up to and with DAY, today at the latest. It needs a key with "
    "the role admin, or\nwith the right `close` for the unit. It cannot be undone; the same unit "
    "and day may be closed again.",
};

static const struct usage usage_list = {
    "period list [UNIT] [--limit N | --all]",
    "The closes, the latest first.",
    NULL,
};

static void print_closed(const struct command *command, const struct hoso_close_request *request,
                         const struct hoso_closed *closed)
{
    if (command->format != RENDER_JSON) {
        (void)fprintf(stderr, gettext("%s is closed up to %s, close number %u%s\n"), request->unit,
                      request->to, closed->number,
                      closed->unchanged ? gettext(" (it was before)") : "");
        (void)printf("%u\n", closed->number);
        return;
    }
    struct render_json json = render_json_to(stdout);
    json_put_object(&json, NULL);
    json_put_number(&json, "number", closed->number);
    json_put_cut(&json, closed->cut.incarnation, closed->cut.position);
    json_put_flag(&json, "unchanged", closed->unchanged);
    json_put_text(&json, "id", request->id);
    json_put_end(&json);
    (void)fputc('\n', stdout);
}

/* So that whoever asks reporting next sees the close. Where it is not named, or far behind, the
 * close stands all the same. */
static void await_reporting(struct hoso_client *client, const struct hoso_closed *closed)
{
    const struct hoso_closes_query query = {.limit = 1, .min_cut = closed->cut};
    struct hoso_closes *closes = NULL;
    if (hoso_closes_list(client, &query, &closes, NULL) == HOSO_OK) {
        hoso_free(closes);
    }
}

static int close_period(const struct command *command, const struct hoso_close_request *request)
{
    struct hoso_client *client = NULL;
    struct hoso_closed closed;
    struct hoso_error error;
    const int code = command_connect(command, &client);
    if (code != EXIT_DONE) {
        return code;
    }
    const enum hoso_status status = hoso_period_close(client, request, &closed, &error);
    if (status == HOSO_OK) {
        await_reporting(client, &closed);
    }
    hoso_client_close(client);
    if (status == HOSO_OK) {
        print_closed(command, request, &closed);
        return EXIT_DONE;
    }
    const int failed = report_failure(&error);
    if (status == HOSO_UNAVAILABLE) {
        command_say("it may be closed all the same: ask again with --id %s, which closes once",
                    request->id);
    }
    return failed;
}

static int period_close(struct command *command, int argc, char **argv)
{
    char drawn[HOSO_CLOSE_ID_SIZE];
    struct hoso_close_request request = {.unit = NULL};
    const struct option options[] = {
        {"UNIT", OPTION_ARGUMENT, &request.unit, NULL, "the unit, with everything below it", true},
        {"to", OPTION_DATE, &request.to, "DAY", "the last day", true},
        {"label", OPTION_TEXT, &request.label, "TEXT", "for people: \"Báo cáo tháng 02/2024\"",
         false},
        {"id", OPTION_TEXT, &request.id, "ID", "of a close whose answer was lost", false},
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage_close);
    if (code >= 0) {
        return code;
    }
    if (request.id == NULL) {
        hoso_close_id(drawn);
        request.id = drawn;
    }
    return close_period(command, &request);
}

static int period_list(struct command *command, int argc, char **argv)
{
    struct hoso_closes_query query = {.unit = NULL};
    struct listing_limit limit = {.most = LISTING_NOT_GIVEN};
    const struct option options[] = {
        {"UNIT", OPTION_ARGUMENT, &query.unit, NULL, "only closes of it and of what is below it",
         false},
        OPTIONS_OF_LISTING(&limit),
        OPTIONS_OF_DOCUMENTS(command),
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage_list);
    return code >= 0 ? code : listing_run(command, NULL, &list_of_closes, &query, &limit);
}

int cmd_period(struct command *command, int argc, char **argv)
{
    static const struct command_entry verbs[] = {
        {"close", period_close, NULL}, {"list", period_list, NULL}, {NULL, NULL, NULL}};
    return command_run(command, argc, argv, verbs, &usage);
}
