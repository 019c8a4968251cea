/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso publish: a file of events, one JSON object a line, through the outbox to intake. A faulty
 * line is told as FILE:LINE: field: reason and left out; the ones around it go on.
 */
#include "services/hoso/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "event/event_json.h"
#include "services/hoso/lines.h"
#include "services/hoso/progress.h"

static const struct usage usage = {
    "publish FILE.ndjson|- [--outbox DIR] [--batch N] [--print-position]",
    "Send events to intake. / Gửi sự kiện hồ sơ đến hệ thống.",
    "One event a line, as JSON. Events wait in the outbox directory until intake has them on disk; "
    "if it cannot be\n"
    "reached they stay there and go first the next time. Publishing the same file again is "
    "harmless. A pipe may\nstay open: what it gives is sent as it comes.",
};

struct publishing {
    const char *name; /* of the file, for messages */
    struct lines input;
    uint64_t read_bytes;
    uint64_t lines;
    uint64_t read; /* events: lines that are not empty */
    uint64_t refused;
    struct progress progress;
    struct hoso_publisher *publisher;
    struct hoso_error idle_error; /* what ended the run while there was no input */
};

static void say(struct publishing *publishing, uint64_t line, const char *field, const char *reason)
{
    progress_clear(&publishing->progress);
    (void)fprintf(stderr, "%s:%" PRIu64 ": %s%s%s\n", publishing->name, line, field,
                  field[0] != '\0' ? ": " : "", reason);
}

static void refused(void *context, const struct hoso_refusal *refusal)
{
    struct publishing *publishing = context;
    publishing->refused++;
    if (!refusal->earlier) {
        say(publishing, refusal->tag, refusal->field, refusal->reason);
        return;
    }
    progress_clear(&publishing->progress);
    (void)fprintf(stderr, "outbox: event %s of dossier %s, from an earlier run: %s: %s\n",
                  refusal->event_id, refusal->dossier, refusal->field, refusal->reason);
}

static void notice(void *context, const char *sentence)
{
    struct publishing *publishing = context;
    progress_clear(&publishing->progress);
    (void)fprintf(stderr, "hoso: %s\n", sentence);
}

/* A full outbox has room again when intake has taken what is in it. A file's publisher gives up
 * after the timeout; behind a pipe is somebody who goes on writing, so that one waits. */
static enum hoso_status make_room(struct publishing *publishing, struct hoso_error *error)
{
    enum hoso_status status;
    do {
        status = hoso_publisher_flush(publishing->publisher, NULL, error);
    } while (status == HOSO_UNAVAILABLE && !publishing->input.is_file);
    return status;
}

/* No input for the moment: what came so far goes out, and answers come in. */
static enum idle idle(void *context)
{
    struct publishing *publishing = context;
    struct hoso_error error;
    enum hoso_status status = hoso_publisher_sync(publishing->publisher, &error);
    if (status == HOSO_FULL) {
        status = make_room(publishing, &error);
    }
    if (status != HOSO_OK) {
        publishing->idle_error = error;
        return IDLE_STOP;
    }
    return hoso_publisher_counts(publishing->publisher).waiting != 0 ? IDLE_AGAIN : IDLE_WAIT;
}

static bool is_blank(struct slice line)
{
    return strspn((const char *)line.data, " \t\r") >= line.size;
}

/* One line; false ends the run. */
static bool put_line(struct publishing *publishing, struct slice line, struct hoso_error *error)
{
    const char *text = (const char *)line.data;
    publishing->lines++;
    if (is_blank(line)) {
        return true;
    }
    publishing->read++;
    enum hoso_status status;
    if (line.size > EVENT_JSON_MAX) {
        *error = (struct hoso_error){.status = HOSO_INVALID};
        (void)snprintf(error->text, sizeof error->text, "longer than %d bytes", EVENT_JSON_MAX);
        status = HOSO_INVALID;
    } else {
        status = hoso_publisher_put_json(publishing->publisher, text, line.size, publishing->lines,
                                         error);
        if (status == HOSO_FULL && make_room(publishing, error) == HOSO_OK) {
            status = hoso_publisher_put_json(publishing->publisher, text, line.size,
                                             publishing->lines, error);
        }
    }
    if (status == HOSO_INVALID || status == HOSO_TOO_LARGE) {
        publishing->refused++;
        say(publishing, publishing->lines, error->field, error->text);
        return true;
    }
    return status == HOSO_OK;
}

static enum hoso_status put_lines(struct publishing *publishing, struct hoso_error *error)
{
    struct slice line;
    size_t length;
    bool more = true;
    *error = (struct hoso_error){.status = HOSO_OK};
    while (more && (length = lines_next(&publishing->input, &line)) != 0) {
        publishing->read_bytes += length;
        more = put_line(publishing, line, error);
        progress_update(&publishing->progress, publishing->read_bytes, publishing->read);
    }
    if (more && publishing->input.failed != 0) {
        return client_fail(error, HOSO_IO, NULL, "cannot read %s: %s", publishing->name,
                           strerror(publishing->input.failed));
    }
    if (more && publishing->idle_error.status != HOSO_OK) {
        *error = publishing->idle_error;
        return error->status;
    }
    return more ? HOSO_OK : error->status;
}

static void print_summary(const struct publishing *publishing, struct hoso_publisher_counts counts)
{
    (void)fprintf(stderr, "%" PRIu64 " read, %" PRIu64 " acknowledged, %" PRIu64 " refused",
                  publishing->read, counts.acknowledged, publishing->refused);
    if (counts.waiting != 0) {
        (void)fprintf(stderr, ", %" PRIu64 " wait in the outbox", counts.waiting);
    }
    (void)fputc('\n', stderr);
}

static void print_result(const struct command *command, bool print_position,
                         const struct publishing *publishing, struct hoso_publisher_counts counts,
                         struct hoso_cut cut)
{
    if (command->format == RENDER_JSON) {
        (void)printf("{\"read\":%" PRIu64 ",\"acknowledged\":%" PRIu64 ",\"refused\":%" PRIu64
                     ",\"cut\":{\"incarnation\":\"%" PRIu64 "\",\"position\":%" PRIu64 "}}\n",
                     publishing->read, counts.acknowledged, publishing->refused, cut.incarnation,
                     cut.position);
    } else if (print_position) {
        (void)printf("%" PRIu64 "\n", cut.position);
    }
}

static int run(struct command *command, struct publishing *publishing, bool print_position)
{
    struct hoso_error error;
    struct hoso_cut cut = {0, 0};
    progress_begin(&publishing->progress, "events", publishing->input.size);
    enum hoso_status status = put_lines(publishing, &error);
    struct hoso_error flush_error;
    if (status == HOSO_OK) {
        status = hoso_publisher_flush(publishing->publisher, &cut, &error);
    } else if (hoso_publisher_sync(publishing->publisher, &flush_error) != HOSO_OK) {
        (void)fprintf(stderr, "hoso: %s\n", flush_error.text);
    }
    progress_clear(&publishing->progress);
    const struct hoso_publisher_counts counts = hoso_publisher_counts(publishing->publisher);
    print_summary(publishing, counts);
    if (status != HOSO_OK) {
        return report_failure(&error);
    }
    print_result(command, print_position, publishing, counts, cut);
    return publishing->refused != 0 ? EXIT_REFUSED : EXIT_DONE;
}

static int open_input(struct publishing *publishing)
{
    if (lines_open(&publishing->input, publishing->name, EVENT_JSON_MAX + 1) != STATUS_OK) {
        (void)fprintf(stderr, "hoso: cannot open %s: %s\n", publishing->name, strerror(errno));
        return EXIT_FAILED;
    }
    publishing->input.idle = idle;
    publishing->input.context = publishing;
    return EXIT_DONE;
}

/* NULL = in memory. */
static const char *choose_outbox(const char *given, const struct client_settings *settings)
{
    if (given != NULL) {
        return strcmp(given, "none") != 0 ? given : NULL;
    }
    return settings->outbox[0] != '\0' ? settings->outbox : NULL;
}

static int publish(struct command *command, struct publishing *publishing, const char *outbox,
                   uint64_t batch, bool print_position)
{
    struct hoso_client *client = NULL;
    int code = command_connect(command, &client);
    if (code != EXIT_DONE) {
        return code;
    }
    if (outbox == NULL && client->settings.outbox_missing) {
        hoso_client_close(client);
        return usage_error(&usage, "without a configuration file, name an outbox: a directory in "
                                   "--outbox or HOSO_CLIENT_OUTBOX, or there the word none");
    }
    const struct hoso_publisher_options options = {
        .outbox = choose_outbox(outbox, &client->settings),
        .batch = (unsigned)batch,
        .any_filesystem = client->settings.any_filesystem,
        .refused = refused,
        .notice = notice,
        .context = publishing,
    };
    struct hoso_error error;
    if (hoso_publisher_open(client, &options, &publishing->publisher, &error) == HOSO_OK) {
        code = run(command, publishing, print_position);
        hoso_publisher_close(publishing->publisher);
    } else {
        code = report_failure(&error);
    }
    hoso_client_close(client);
    return code;
}

int cmd_publish(struct command *command, int argc, char **argv)
{
    const char *outbox = NULL;
    uint64_t batch = 0;
    bool print_position = false;
    const struct option options[] = {
        {"outbox", OPTION_TEXT, &outbox, "DIR",
         "keep events here until they are acknowledged; none: in memory", false},
        {"batch", OPTION_NUMBER, &batch, "N", "events of one message (1000)", false},
        {"print-position", OPTION_FLAG, &print_position, NULL,
         "print the journal position that holds all", false},
        {NULL, OPTION_FLAG, NULL, NULL, NULL, false},
    };
    const char *name = NULL;
    unsigned count = 0;
    int code = options_parse(command, argc, argv, options, &usage, &name, 1, &count);
    if (code >= 0) {
        return code;
    }
    if (count == 0) {
        return usage_error(&usage, "which file? - is standard input");
    }
    if (batch > 4096) {
        return usage_error(&usage, "--batch is at most 4096");
    }
    struct publishing publishing = {.name = name};
    code = open_input(&publishing);
    if (code == EXIT_DONE) {
        code = publish(command, &publishing, outbox, batch, print_position);
        lines_close(&publishing.input);
    }
    return code;
}
