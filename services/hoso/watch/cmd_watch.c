/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso watch: live totals of a unit and what is below it. On a terminal a table that is redrawn in
 * place; otherwise one JSON object a line; with --once the state as soon as it is there.
 */
#include "services/hoso/watch/watch_internal.h"

#include <stdlib.h>
#include <unistd.h>

static const struct usage usage = {
    "watch [--unit U] [--once] [--measures LIST]",
    "Live totals of a unit and the units below it.",
    "On a terminal: a table, redrawn as figures change; q or Ctrl-C leaves. Otherwise, and with\n"
    "--format json: one JSON object a line, hoso(1). Without --unit: the whole feed.\n"
    "--measures: names of columns of the form thong-ke, with commas between them.",
};

enum { GO_ON = -1, QUEUE_MAX = 1 << 20 };

static int run(struct watching *watching)
{
    const struct hoso_watch_options options = {
        .unit = watching->unit,
        .restricted = watching->restricted,
        .high_water_mark = (unsigned)watching->queue,
    };
    struct hoso_error error;
    int code = command_connect(watching->command, &watching->client);
    if (code != EXIT_DONE) {
        return code;
    }
    buffer_init(&watching->frame, SCREEN_FRAME_BYTES);
    if (hoso_watch_open(watching->client, &options, &watching->watch, &error) != HOSO_OK) {
        code = report_failure(&error);
    } else {
        code = watching->once ? watching_once(watching) : watching_on(watching);
    }
    buffer_fini(&watching->frame);
    unit_names_fini(&watching->names);
    hoso_watch_close(watching->watch);
    hoso_client_close(watching->client);
    return code;
}

static int check(struct watching *watching)
{
    const char *wrong;
    struct watch_columns *columns = &watching->screen.columns;
    watch_columns_default(columns);
    if (watching->measures != NULL && !watch_columns_parse(watching->measures, columns, &wrong)) {
        return usage_error(&usage,
                           "--measures: \"%s\" does not begin with a measure, or the columns are "
                           "more than %d; hoso forms names them under thong-ke",
                           wrong, WATCH_COLUMNS_MAX);
    }
    if (watching->queue > QUEUE_MAX) {
        return usage_error(&usage, "--queue is at most %d", QUEUE_MAX);
    }
    if (!watching->once && watching->command->format == RENDER_CSV) {
        return usage_error(&usage, "--format csv goes with --once");
    }
    if (!watching->once && watching->min_cut.position != 0) {
        return usage_error(&usage, "--min-position goes with --once");
    }
    return GO_ON;
}

static void set_screen(struct watching *watching)
{
    const char *no_color = getenv("NO_COLOR");
    watching->table =
        !watching->once && watching->command->format == RENDER_TABLE && isatty(STDOUT_FILENO) == 1;
    watching->names.english = watching->command->english;
    watching->screen.english = watching->command->english;
    watching->screen.colour = no_color == NULL || no_color[0] == '\0';
    watching->screen.names = &watching->names;
    watching->screen.root = watching->unit != NULL ? watching->unit : "";
}

int cmd_watch(struct command *command, int argc, char **argv)
{
    struct watching *watching = calloc(1, sizeof *watching);
    if (watching == NULL) {
        command_say("out of memory");
        return EXIT_FAILED;
    }
    watching->command = command;
    const struct option options[] = {
        {"unit", OPTION_TEXT, &watching->unit, "U", "unit id (the whole feed)", false},
        {"once", OPTION_FLAG, &watching->once, NULL, "print the state and end", false},
        {"min-position", OPTION_CUT, &watching->min_cut, "CUT",
         "with --once: wait until events up to here are counted", false},
        {"measures", OPTION_TEXT, &watching->measures, "LIST", "columns of the table", false},
        {"restricted", OPTION_FLAG, &watching->restricted, NULL, "the restricted feed", false},
        {"queue", OPTION_NUMBER, &watching->queue, "N", "messages that may wait here (1000)",
         false},
        OPTIONS_END,
    };
    int code = command_parse(command, argc, argv, options, &usage);
    if (code < 0) {
        code = check(watching);
    }
    if (code < 0) {
        set_screen(watching);
        code = run(watching);
    }
    free(watching);
    return code;
}
