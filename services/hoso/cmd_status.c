/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso status: how far each service is, and what it measures of itself. A service that does not
 * answer is a line too.
 */
#include "services/hoso/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/hoso/ask_status.h"
#include "services/hoso/grid.h"
#include "services/hoso/text_out.h"

static const struct usage usage = {
    "status",
    "How far intake, aggregation and reporting are. / Tình trạng các dịch vụ.",
    "Asks every service that the client configuration names. Exit code 4 if one of them does not "
    "answer.",
};

/* The journal's end as intake tells it; 0 if it was not asked. */
static uint64_t journal_end(const struct status_answer *answers)
{
    return status_position(&answers[0]);
}

static void print_json(const struct status_answer *answers)
{
    bool first = true;
    (void)fputc('[', stdout);
    for (unsigned i = 0; i < STATUS_PEERS; i++) {
        const Hoso__V1__StatusReply *reply = answers[i].reply;
        if (!answers[i].asked) {
            continue;
        }
        (void)printf("%s\n{\"service\":\"%s\",\"up\":%s", first ? "" : ",",
                     status_service(answers[i].peer), reply != NULL ? "true" : "false");
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
                reply->cut != NULL ? reply->cut->incarnation : 0, status_position(&answers[i]));
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

static void add_rows(struct grid *grid, const struct status_answer *answer, uint64_t end)
{
    grid_text(grid, status_service(answer->peer));
    if (answer->reply == NULL) {
        grid_text(grid, "-");
        grid_text(grid, answer->error.text);
        return;
    }
    grid_text(grid, "position");
    grid_number(grid, (int64_t)status_position(answer));
    if (!answer->reply->ready) {
        grid_text(grid, "");
        grid_text(grid, "not_ready");
        grid_text(grid, answer->reply->reason);
    }
    if (end > status_position(answer)) {
        grid_text(grid, "");
        grid_text(grid, "lag_positions");
        grid_number(grid, (int64_t)(end - status_position(answer)));
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

static bool print_rows(const struct command *command, const struct status_answer *answers)
{
    const struct grid_column columns[] = {
        {"service", command->english ? "Service" : "Dịch vụ", NULL, false},
        {"gauge", command->english ? "Gauge" : "Chỉ số", NULL, false},
        {"value", command->english ? "Value" : "Giá trị", NULL, true},
    };
    struct grid grid;
    grid_init(&grid, columns, sizeof columns / sizeof *columns);
    for (unsigned i = 0; i < STATUS_PEERS; i++) {
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
    struct status_answer answers[STATUS_PEERS];
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
    status_answers_init(answers);
    arena_init(&arena, STATUS_ARENA_BYTES);
    for (unsigned i = 0; i < STATUS_PEERS; i++) {
        status_ask(client, &arena, &answers[i]);
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
