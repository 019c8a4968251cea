/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso status: how far each service is, and what it measures of itself. A service that does not
 * answer is a line too.
 */
#include "services/hoso/command.h"

#include <stdio.h>
#include <string.h>

#include "render/lists/services.h"

static const struct usage usage = {
    "status",
    "How far intake, aggregation and reporting are.",
    "Asks every service that the client configuration names. Exit code 4 if one of them does not "
    "answer.",
};

/* The journal's end as intake reports it; 0 if it was not asked. */
static uint64_t journal_end(const struct status_answer *answers)
{
    return status_position(&answers[0]);
}

static int print_json(const struct status_answer *answers)
{
    status_print_json(answers, stdout);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

/* The service is named in its first row. */
static void add_row(struct document *document, const char *service, const char *gauge,
                    uint64_t value)
{
    DOCUMENT_ROW(document, 0, service, gauge);
    document_number(document, (int64_t)value);
}

static void add_text_row(struct document *document, const char *service, const char *gauge,
                         const char *text)
{
    DOCUMENT_ROW(document, 0, service, gauge, text);
}

static void add_rows(struct document *document, const struct status_answer *answer, uint64_t end)
{
    const uint64_t position = status_position(answer);
    if (answer->reply == NULL) {
        add_text_row(document, status_service(answer->peer), "-", answer->error.text);
        return;
    }
    add_row(document, status_service(answer->peer), "position", position);
    if (!answer->reply->ready) {
        add_text_row(document, "", "not_ready", answer->reply->reason);
    }
    if (end > position) {
        add_row(document, "", "lag_positions", end - position);
    }
    for (size_t g = 0; g < answer->reply->n_gauges; g++) {
        const Hoso__V1__Gauge *gauge = answer->reply->gauges[g];
        if (strcmp(gauge->name, "position") != 0) { /* the cut has it */
            add_row(document, "", gauge->name, (uint64_t)gauge->value);
        }
    }
}

static int print_rows(const struct command *command, const struct status_answer *answers)
{
    static const struct list_column columns[] = {
        {"service", {"Dịch vụ", "Service"}, false},
        {"gauge", {"Chỉ số", "Gauge"}, false},
        {"value", {"Giá trị", "Value"}, true},
    };
    struct document document;
    document_init_list(&document, columns, sizeof columns / sizeof *columns, command->english);
    for (unsigned i = 0; i < STATUS_PEERS; i++) {
        if (answers[i].asked) {
            add_rows(&document, &answers[i], journal_end(answers));
        }
    }
    return command_print(command, &document);
}

int cmd_status(struct command *command, int argc, char **argv)
{
    struct status_answer answers[STATUS_PEERS];
    int code = command_parse(command, argc, argv, NULL, &usage);
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
    const int printed =
        command->format == RENDER_JSON ? print_json(answers) : print_rows(command, answers);
    code = printed != EXIT_DONE ? printed : code;
    arena_fini(&arena);
    hoso_client_close(client);
    return code;
}
