/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso status: how far each service is, and what it measures of itself. A service that does not
 * answer is a line too.
 */
#include "services/hoso/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hoso/v1/ledger.pb-c.h"
#include "hoso/v1/publisher.pb-c.h"
#include "hoso/v1/reporting.pb-c.h"
#include "services/hoso/grid.h"
#include "services/hoso/text_out.h"

static const struct usage usage = {
    "status",
    "How far intake, aggregation and reporting are. / Tình trạng các dịch vụ.",
    "Asks every service that the client configuration names. Exit code 4 if one of them does not "
    "answer.",
};

struct answer {
    enum peer peer;
    bool asked;
    enum hoso_status status;
    struct hoso_error error;
    const Hoso__V1__StatusReply *reply;
};

enum { ASKED = 3, ARENA_BYTES = 4 << 20 };

static void ask_with(struct hoso_client *client, struct arena *arena, struct answer *answer,
                     ProtobufCMessage *request, const ProtobufCMessageDescriptor *reply,
                     unsigned expect)
{
    const struct call call = {
        .peer = answer->peer, .request = request, .reply = reply, .expect = expect};
    ProtobufCMessage *body = NULL;
    answer->asked = true;
    answer->status = client_call(client, &call, arena, &body, &answer->error);
    answer->reply = (const Hoso__V1__StatusReply *)body;
}

static void ask(struct hoso_client *client, struct arena *arena, struct answer *answer)
{
    Hoso__V1__StatusRequest status = HOSO__V1__STATUS_REQUEST__INIT;
    if (client->settings.endpoint[answer->peer][0] == '\0') {
        return;
    }
    if (answer->peer == PEER_INTAKE) {
        Hoso__V1__IntakeRequest request = HOSO__V1__INTAKE_REQUEST__INIT;
        request.body_case = HOSO__V1__INTAKE_REQUEST__BODY_STATUS;
        request.status = &status;
        ask_with(client, arena, answer, &request.base, &hoso__v1__intake_reply__descriptor,
                 HOSO__V1__INTAKE_REPLY__BODY_STATUS);
    } else if (answer->peer == PEER_LEDGER) {
        Hoso__V1__LedgerRequest request = HOSO__V1__LEDGER_REQUEST__INIT;
        request.body_case = HOSO__V1__LEDGER_REQUEST__BODY_STATUS;
        request.status = &status;
        ask_with(client, arena, answer, &request.base, &hoso__v1__ledger_reply__descriptor,
                 HOSO__V1__LEDGER_REPLY__BODY_STATUS);
    } else {
        Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
        request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_STATUS;
        request.status = &status;
        ask_with(client, arena, answer, &request.base, &hoso__v1__reporting_reply__descriptor,
                 HOSO__V1__REPORTING_REPLY__BODY_STATUS);
    }
}

static const char *service_of(const struct answer *answer)
{
    return answer->peer == PEER_LEDGER ? "aggregation" : peer_name(answer->peer);
}

static uint64_t position_of(const struct answer *answer)
{
    return answer->reply != NULL && answer->reply->cut != NULL ? answer->reply->cut->position : 0;
}

/* The journal's end as intake tells it; 0 if it was not asked. */
static uint64_t journal_end(const struct answer *answers)
{
    return position_of(&answers[0]);
}

static void print_json(const struct answer *answers)
{
    bool first = true;
    (void)fputc('[', stdout);
    for (unsigned i = 0; i < ASKED; i++) {
        const Hoso__V1__StatusReply *reply = answers[i].reply;
        if (!answers[i].asked) {
            continue;
        }
        (void)printf("%s\n{\"service\":\"%s\",\"up\":%s", first ? "" : ",", service_of(&answers[i]),
                     reply != NULL ? "true" : "false");
        first = false;
        if (reply == NULL) {
            (void)fputs(",\"error\":", stdout);
            json_text(stdout, answers[i].error.text);
        } else {
            (void)fputs(",\"version\":", stdout);
            json_text(stdout, reply->version);
            (void)printf(",\"ready\":%s,\"reason\":", reply->ready ? "true" : "false");
            json_text(stdout, reply->reason);
            (void)printf(
                ",\"cut\":{\"incarnation\":\"%" PRIu64 "\",\"position\":%" PRIu64 "},\"gauges\":{",
                reply->cut != NULL ? reply->cut->incarnation : 0, position_of(&answers[i]));
            for (size_t g = 0; g < reply->n_gauges; g++) {
                (void)fputs(g != 0 ? "," : "", stdout);
                json_text(stdout, reply->gauges[g]->name);
                (void)printf(":%" PRId64, reply->gauges[g]->value);
            }
            (void)fputc('}', stdout);
        }
        (void)fputc('}', stdout);
    }
    (void)fputs("\n]\n", stdout);
}

static void add_rows(struct grid *grid, const struct answer *answer, uint64_t end)
{
    grid_text(grid, service_of(answer));
    if (answer->reply == NULL) {
        grid_text(grid, "-");
        grid_text(grid, answer->error.text);
        return;
    }
    grid_text(grid, "position");
    grid_number(grid, (int64_t)position_of(answer));
    if (!answer->reply->ready) {
        grid_text(grid, "");
        grid_text(grid, "not_ready");
        grid_text(grid, answer->reply->reason);
    }
    if (end > position_of(answer)) {
        grid_text(grid, "");
        grid_text(grid, "lag_positions");
        grid_number(grid, (int64_t)(end - position_of(answer)));
    }
    for (size_t g = 0; g < answer->reply->n_gauges; g++) {
        if (strcmp(answer->reply->gauges[g]->name, "position") == 0) {
            continue; /* the cut has it */
        }
        grid_text(grid, "");
        grid_text(grid, answer->reply->gauges[g]->name);
        grid_number(grid, answer->reply->gauges[g]->value);
    }
}

static bool print_rows(const struct command *command, const struct answer *answers)
{
    const struct grid_column columns[] = {
        {"service", command->english ? "Service" : "Dịch vụ", NULL, false},
        {"gauge", command->english ? "Gauge" : "Chỉ số", NULL, false},
        {"value", command->english ? "Value" : "Giá trị", NULL, true},
    };
    struct grid grid;
    grid_init(&grid, columns, sizeof columns / sizeof *columns);
    for (unsigned i = 0; i < ASKED; i++) {
        if (answers[i].asked) {
            add_rows(&grid, &answers[i], journal_end(answers));
        }
    }
    const bool printed = grid_print(&grid, command, stdout);
    grid_fini(&grid);
    return printed;
}

int cmd_status(struct command *command, int argc, char **argv)
{
    struct answer answers[ASKED] = {
        {.peer = PEER_INTAKE}, {.peer = PEER_LEDGER}, {.peer = PEER_REPORTING}};
    unsigned count = 0;
    int code = options_parse(command, argc, argv, NULL, &usage, NULL, 0, &count);
    struct hoso_client *client = NULL;
    if (code < 0) {
        code = command_connect(command, &client);
    }
    if (client == NULL) {
        return code;
    }
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    for (unsigned i = 0; i < ASKED; i++) {
        ask(client, &arena, &answers[i]);
        if (answers[i].asked && answers[i].status != HOSO_OK) {
            code = answers[i].status == HOSO_UNAVAILABLE ? EXIT_UNREACHABLE : EXIT_FAILED;
        }
    }
    if (command->format == FORMAT_JSON) {
        print_json(answers);
    } else if (!print_rows(command, answers)) {
        code = EXIT_FAILED;
    }
    arena_fini(&arena);
    hoso_client_close(client);
    return code;
}
