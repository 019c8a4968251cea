/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso publish: a file of events, one JSON object a line, through the outbox to intake. A faulty
 * event is reported as FILE:LINE: field: reason and left out; the ones around it are sent.
 */
#include "services/hoso/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "event/event_json.h"
#include "services/hoso/progress.h"
#include "services/hoso/publish/lines.h"
#include "services/hoso/publish/published.h"
#include "services/hoso/publish/refusals.h"

static const struct usage usage = {
    "publish FILE.ndjson|- [--refused FILE] [--outbox DIR] [--batch N] [--print-position] "
    "[--check]",
    "Send events to intake.",
    "One event a line, as JSON. Events wait in the outbox directory until intake has them on disk; "
    "if it cannot be\n"
    "reached they stay there and go first the next time. Publishing the same file again is "
    "harmless. A pipe may\nstay open: what it gives is sent as it comes. Lines that begin with # "
    "are passed over.",
};

enum { FAULTY_EVENT_BYTES = 16 * EVENT_JSON_MAX };

struct publishing {
    const char *name; /* of the file, for messages */
    struct lines input;
    uint64_t read; /* events */
    unsigned odd;  /* what was odd about the file and has been reported */
    struct progress progress;
    struct refusals refusals;
    struct hoso_client *client;
    struct hoso_publisher *publisher;
    struct published *published;  /* NULL = what becomes of them is not checked */
    uint64_t waited;              /* in the outbox when it was opened, from earlier runs */
    struct hoso_error idle_error; /* what ended the run while there was no input */
};

static void refused(void *context, const struct hoso_refusal *refusal)
{
    struct publishing *publishing = context;
    refusals_by_intake(&publishing->refusals, refusal);
}

static void notice(void *context, const char *sentence)
{
    struct publishing *publishing = context;
    progress_clear(&publishing->progress);
    (void)fprintf(stderr, "hoso: %s\n", sentence);
}

/* Events of this run that intake has answered for: those of earlier runs go first. */
static uint64_t answered(const struct publishing *publishing)
{
    const struct hoso_publisher_counts counts = hoso_publisher_counts(publishing->publisher);
    const uint64_t all = counts.acknowledged + counts.refused;
    return all > publishing->waited ? all - publishing->waited : 0;
}

/* A full outbox has room again when intake has taken what is in it. A file's publisher gives up
 * after the timeout; behind a pipe a program goes on writing, so that one waits. */
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
    refusals_release(&publishing->refusals, answered(publishing));
    return hoso_publisher_counts(publishing->publisher).waiting != 0 ? IDLE_AGAIN : IDLE_WAIT;
}

/* Reports it in the order of the lines. If there is no room to hold it until then, waits for
 * intake; where that does not answer, it is reported out of order. */
static void report_refusal(struct publishing *publishing, struct held_refusal refusal,
                           const struct event *event, const struct event_fault *fault)
{
    struct hoso_error error;
    refusal.after = hoso_publisher_counts(publishing->publisher).put;
    while (refusals_hold(&publishing->refusals, &refusal, event, fault) == STATUS_FULL) {
        (void)hoso_publisher_flush(publishing->publisher, NULL, &error);
        refusals_release(&publishing->refusals, UINT64_MAX);
    }
    if (refusals_gathered(&publishing->refusals)) {
        refusals_release(&publishing->refusals, answered(publishing));
    }
}

/* An event that was refused here: its fields are read once more, for what intake has to add. */
static void report_faulty(struct publishing *publishing, const struct held_refusal *refusal,
                          struct slice text)
{
    struct arena arena;
    struct event event;
    struct event_fault fault = {.field = ""};
    arena_init(&arena, FAULTY_EVENT_BYTES);
    const bool is_read = event_from_json(text, &arena, &event, &fault) == STATUS_INVALID;
    report_refusal(publishing, *refusal, is_read ? &event : NULL, &fault);
    arena_fini(&arena);
}

/* Each cause once. */
static void report_oddities(struct publishing *publishing, const struct line *line)
{
    static const struct {
        unsigned bit;
        const char *sentence;
    } sentences[] = {
        {LINE_UTF16, "the file is UTF-16, and events are read as UTF-8: convert it, with iconv -f "
                     "UTF-16 -t UTF-8, or in PowerShell with Out-File -Encoding utf8"},
        {LINE_MARK, "a byte order mark in the middle: files were joined; it is passed over"},
        {LINE_NULS, "NUL bytes, as a power cut leaves them: what was written there is lost; export "
                    "the events of that time again"},
        {LINE_JOINED, "two events on one line: files were joined without a newline between them; "
                      "both are read"},
        {LINE_PRETTY, "the JSON goes over several lines: an event is one object on one line, which "
                      "jq -c '.[]' makes of a list; nothing of this file is sent"},
    };
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        if ((line->odd & ~publishing->odd & sentences[i].bit) != 0) {
            report_refusal(publishing,
                           (struct held_refusal){.line = line->number,
                                                 .field = "",
                                                 .reason = sentences[i].sentence,
                                                 .is_note = true},
                           NULL, NULL);
        }
    }
    publishing->odd |= line->odd;
}

static enum hoso_status put(struct publishing *publishing, const struct line *line,
                            struct hoso_error *error)
{
    const char *text = (const char *)line->text.data;
    const size_t size = line->text.size;
    *error = (struct hoso_error){.status = HOSO_INVALID};
    if ((line->odd & LINE_CUT) != 0) {
        (void)snprintf(error->text, sizeof error->text, "longer than %d bytes", EVENT_JSON_MAX);
        return HOSO_INVALID;
    }
    enum hoso_status status =
        hoso_publisher_put_json(publishing->publisher, text, size, line->number, error);
    if (status == HOSO_FULL && make_room(publishing, error) == HOSO_OK) {
        status = hoso_publisher_put_json(publishing->publisher, text, size, line->number, error);
    }
    return status;
}

/* One event, or a line without; false ends the run. */
static bool put_line(struct publishing *publishing, const struct line *line,
                     struct hoso_error *error)
{
    static const struct slice none = {NULL, 0};
    report_oddities(publishing, line);
    if (line->text.size == 0 || line->text.data[0] == '#') {
        return true;
    }
    publishing->read++;
    if ((line->odd & (LINE_UTF16 | LINE_PRETTY)) != 0) {
        publishing->refusals.count++;
        return true;
    }
    const enum hoso_status status = put(publishing, line, error);
    if (status == HOSO_OK && publishing->published != NULL) {
        published_add(publishing->published, line->text);
    }
    if (status != HOSO_INVALID && status != HOSO_TOO_LARGE) {
        return status == HOSO_OK;
    }
    const struct slice record = (line->odd & LINE_CUT) != 0 ? none : line->text;
    report_faulty(
        publishing,
        &(struct held_refusal){
            .line = line->number, .field = error->field, .reason = error->text, .record = record},
        record);
    return true;
}

static enum hoso_status put_lines(struct publishing *publishing, struct hoso_error *error)
{
    struct line line;
    bool more = true;
    *error = (struct hoso_error){.status = HOSO_OK};
    while (more && lines_next(&publishing->input, &line)) {
        more = put_line(publishing, &line, error);
        progress_update(&publishing->progress, publishing->input.read_bytes, publishing->read);
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

/* What became of the events of this run, and of those that waited from earlier ones. */
struct outcome {
    uint64_t acknowledged;
    uint64_t refused;
    uint64_t earlier_acknowledged;
    uint64_t earlier_refused;
    uint64_t waiting;
};

static struct outcome outcome_of(const struct publishing *publishing)
{
    const struct hoso_publisher_counts counts = hoso_publisher_counts(publishing->publisher);
    const struct refusals *refusals = &publishing->refusals;
    const uint64_t earlier = counts.acknowledged + counts.refused - answered(publishing);
    const uint64_t earlier_acknowledged = earlier - refusals->earlier;
    return (struct outcome){.acknowledged = counts.acknowledged - earlier_acknowledged,
                            .refused = refusals->count,
                            .earlier_acknowledged = earlier_acknowledged,
                            .earlier_refused = refusals->earlier,
                            .waiting = counts.waiting};
}

static void print_summary(const struct publishing *publishing, const struct outcome *outcome)
{
    (void)fprintf(stderr, "%" PRIu64 " read, %" PRIu64 " acknowledged, %" PRIu64 " refused",
                  publishing->read, outcome->acknowledged, outcome->refused);
    if (outcome->earlier_acknowledged + outcome->earlier_refused != 0) {
        (void)fprintf(stderr, "; from an earlier run %" PRIu64 " acknowledged, %" PRIu64 " refused",
                      outcome->earlier_acknowledged, outcome->earlier_refused);
    }
    if (outcome->waiting != 0) {
        (void)fprintf(stderr, "; %" PRIu64 " wait in the outbox", outcome->waiting);
    }
    (void)fputc('\n', stderr);
}

static void print_result(const struct command *command, bool print_position,
                         const struct publishing *publishing, const struct outcome *outcome,
                         struct hoso_cut cut, const struct hoso_findings *found)
{
    if (command->format == RENDER_JSON) {
        struct render_json json = render_json_to(stdout);
        json_put_object(&json, NULL);
        json_put_number(&json, "read", (int64_t)publishing->read);
        json_put_number(&json, "acknowledged", (int64_t)outcome->acknowledged);
        json_put_number(&json, "refused", (int64_t)outcome->refused);
        json_put_object(&json, "earlier");
        json_put_number(&json, "acknowledged", (int64_t)outcome->earlier_acknowledged);
        json_put_number(&json, "refused", (int64_t)outcome->earlier_refused);
        json_put_end(&json);
        json_put_cut(&json, cut.incarnation, cut.position);
        if (found != NULL) {
            published_put_json(found, &json);
        }
        json_put_end(&json);
        (void)fputc('\n', stdout);
    } else if (print_position) {
        (void)printf("%" PRIu64 "@%" PRIu64 "\n", cut.position, cut.incarnation);
    }
}

/* All is journaled: prints what became of it. The exit code. */
static int finish(struct command *command, const struct publishing *publishing, bool print_position,
                  const struct outcome *outcome, struct hoso_cut cut)
{
    struct published *published = publishing->published;
    struct hoso_findings *found = NULL;
    struct hoso_error error;
    int code = EXIT_DONE;
    if (published != NULL &&
        published_check(published, publishing->client, &cut, &found, &error) != HOSO_OK) {
        code = report_failure(&error);
    }
    print_result(command, print_position, publishing, outcome, cut, found);
    if (found != NULL && command->format != RENDER_JSON) {
        code = published_print(published, command, found);
    }
    const bool is_whole = outcome->refused + outcome->earlier_refused == 0 &&
                          (publishing->odd & LINE_NULS) == 0 &&
                          (found == NULL || found->count == 0);
    hoso_free(found);
    return code != EXIT_DONE ? code : is_whole ? EXIT_DONE : EXIT_REFUSED;
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
    if (status != HOSO_OK) { /* it would not be answered */
        publishing->refusals.client = NULL;
    }
    const bool is_written = refusals_close(&publishing->refusals) == STATUS_OK;
    progress_clear(&publishing->progress);
    const struct outcome outcome = outcome_of(publishing);
    print_summary(publishing, &outcome);
    if (!is_written) {
        (void)fprintf(stderr, "hoso: cannot write %s: %s\n", publishing->refusals.path,
                      strerror(errno));
    }
    if (status != HOSO_OK) {
        return report_failure(&error);
    }
    return finish(command, publishing, print_position, &outcome, cut);
}

static int open_files(struct publishing *publishing, const char *refused_path)
{
    if (lines_open(&publishing->input, publishing->name, EVENT_JSON_MAX) != STATUS_OK) {
        (void)fprintf(stderr, "hoso: cannot open %s: %s\n", publishing->name, strerror(errno));
        return EXIT_FAILED;
    }
    publishing->input.idle = idle;
    publishing->input.context = publishing;
    const enum status status = refusals_open(&publishing->refusals, publishing->name, refused_path,
                                             publishing->input.fd, &publishing->progress);
    if (status == STATUS_INVALID) {
        return usage_error(&usage, "--refused names the file that is published; name another one");
    }
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "hoso: cannot write %s: %s\n",
                      refused_path != NULL ? refused_path : "refusals", strerror(errno));
        return EXIT_FAILED;
    }
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
    enum hoso_status status = HOSO_OK;
    if (publishing->published != NULL) { /* reporting will be asked what became of the events */
        status = client_check_named(client, PEER_REPORTING, &error);
    }
    if (status == HOSO_OK) {
        status = hoso_publisher_open(client, &options, &publishing->publisher, &error);
    }
    if (status == HOSO_OK) {
        publishing->client = client;
        publishing->refusals.client = client;
        publishing->waited = hoso_publisher_counts(publishing->publisher).waiting;
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
    const char *refused_path = NULL;
    uint64_t batch = 0;
    bool print_position = false;
    bool check = false;
    const char *name = NULL;
    const struct option options[] = {
        {"FILE", OPTION_ARGUMENT, &name, NULL,
         "events, one JSON object a line; - is standard input", true},
        {"refused", OPTION_TEXT, &refused_path, "FILE",
         "add refused events to this file, with their reasons, to be corrected and published",
         false},
        {"outbox", OPTION_TEXT, &outbox, "DIR",
         "keep events here until they are acknowledged; none: in memory", false},
        {"batch", OPTION_NUMBER, &batch, "N", "events of one message (1000)", false},
        {"print-position", OPTION_FLAG, &print_position, NULL,
         "print the journal position that holds all", false},
        {"check", OPTION_FLAG, &check, NULL,
         "wait until they are counted, and list those that do not count or look wrong", false},
        OPTIONS_END,
    };
    int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    if (batch > 4096) {
        return usage_error(&usage, "--batch is at most 4096");
    }
    struct published published;
    struct publishing publishing = {.name = name, .published = check ? &published : NULL};
    published_init(&published);
    code = open_files(&publishing, refused_path);
    if (code == EXIT_DONE) {
        code = publish(command, &publishing, outbox, batch, print_position);
    }
    lines_close(&publishing.input);
    published_fini(&published);
    return refusals_close(&publishing.refusals) == STATUS_OK ? code : EXIT_FAILED;
}
