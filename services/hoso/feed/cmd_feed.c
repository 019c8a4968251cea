/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso feed check: follows a feed for a while, as any subscriber would, and reports for each
 * promise of docs/feed.md whether it was kept.
 */
#include "services/hoso/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "hoso/v1/reporting.pb-c.h"
#include "services/hoso/feed/feed_check.h"
#include "services/hoso/progress.h"

static const struct usage usage = {
    "feed check [ENDPOINT] [--unit U] [--for S]",
    "Check that a feed of live totals keeps its promises.",
    "Follows the feed for a while and looks at everything that docs/feed.md promises and that can "
    "be\n"
    "seen from outside. ENDPOINT: in place of the configuration's `totals`. Exit code 1 if a "
    "promise\n"
    "was broken, or the feed could not be followed.",
};

enum {
    GO_ON = -1,
    SECONDS = 10,
    SECONDS_MAX = 86400,
    QUEUE = 65536,      /* messages; the check must not be what loses them */
    CATCH_UP_MS = 5000, /* how long the end of a round may take to come */
    RETRY_MS = 300,     /* after NOT_READY or BUSY */
    POLL_MS = 100
};

struct checking {
    const struct command *command;
    struct hoso_client *client;
    struct bus_socket *feed;
    const char *endpoint;
    const char *unit;
    bool restricted;
    uint64_t seconds;
    struct feed_check check;
    struct progress progress;
    int64_t begun_ms;
    struct hoso_error error; /* of the last snapshot */
};

/* Asks for a snapshot; the reply lives in the arena. */
static const Hoso__V1__TotalsSnapshotReply *ask(struct checking *checking, struct arena *arena)
{
    Hoso__V1__TotalsSnapshotRequest snapshot = HOSO__V1__TOTALS_SNAPSHOT_REQUEST__INIT;
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    ProtobufCMessage *body = NULL;
    snapshot.unit = (char *)(uintptr_t)checking->unit;
    snapshot.restricted = checking->restricted;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_TOTALS_SNAPSHOT;
    request.totals_snapshot = &snapshot;
    const struct call call = {
        .peer = PEER_REPORTING,
        .request = &request.base,
        .reply = &hoso__v1__reporting_reply__descriptor,
        .expect = HOSO__V1__REPORTING_REPLY__BODY_TOTALS_SNAPSHOT,
    };
    return client_call(checking->client, &call, arena, &body, &checking->error) == HOSO_OK
               ? (const Hoso__V1__TotalsSnapshotReply *)body
               : NULL;
}

static bool subscribe(struct checking *checking)
{
    const struct client_settings *settings = &checking->client->settings;
    const struct follower *follower = checking->check.follower;
    struct error error = {.status = STATUS_OK};
    bus_close(checking->feed);
    checking->feed = NULL;
    enum status status =
        bus_subscribe(checking->client->bus, checking->endpoint,
                      settings->server_key[PEER_REPORTING], QUEUE, &checking->feed, &error);
    for (unsigned i = 0; i < follower->subscription_count && status == STATUS_OK; i++) {
        status = bus_subscribe_topic(checking->feed, follower->subscriptions[i]);
    }
    if (status != STATUS_OK) {
        feed_check_wrong(&checking->check, PROMISE_HEARD, "%s",
                         error.text[0] != '\0' ? error.text : status_text(status));
    }
    return status == STATUS_OK;
}

static bool may_pass(enum hoso_status status)
{
    return status == HOSO_NOT_READY || status == HOSO_BUSY;
}

/* Gives the follower the snapshot it wants. False = following cannot continue. */
static bool give_snapshot(struct checking *checking)
{
    struct feed_check *check = &checking->check;
    const bool first = check->follower->want == FOLLOWER_WANTS_SUBSCRIPTIONS;
    struct arena arena;
    arena_init(&arena, CLIENT_RESULT_BYTES);
    const Hoso__V1__TotalsSnapshotReply *reply = ask(checking, &arena);
    bool follow_on = true;
    if (reply != NULL) {
        feed_check_snapshot(check, reply);
        follow_on = check->findings[PROMISE_SNAPSHOT].wrong == 0;
    } else if (may_pass(checking->error.status)) {
        struct bus_poll_item none = {.fd = -1};
        (void)bus_poll(&none, 0, RETRY_MS);
    } else {
        feed_check_wrong(check, PROMISE_SNAPSHOT, "%s", checking->error.text);
        follow_on = false;
    }
    arena_fini(&arena);
    return follow_on && (!first || reply == NULL || subscribe(checking));
}

/* What is there, after waiting for it a little. */
static void take_messages(struct checking *checking)
{
    struct bus_poll_item item = {.socket = checking->feed};
    char topic[BUS_TOPIC_MAX + 1];
    struct bus_message message;
    (void)bus_poll(&item, 1, POLL_MS);
    while (bus_receive_topic(checking->feed, topic, &message) == STATUS_OK) {
        feed_check_message(&checking->check, topic, message.payload, clock_ms(), clock_unix_ms());
        bus_message_fini(&message);
        if (checking->check.follower->want == FOLLOWER_WANTS_SNAPSHOT) {
            break;
        }
    }
}

static bool wants_snapshot(const struct checking *checking)
{
    return checking->check.follower->want == FOLLOWER_WANTS_SUBSCRIPTIONS ||
           checking->check.follower->want == FOLLOWER_WANTS_SNAPSHOT;
}

static bool follow_until(struct checking *checking, int64_t deadline_ms)
{
    while (clock_ms() < deadline_ms) {
        if (wants_snapshot(checking) && !give_snapshot(checking)) {
            return false;
        }
        if (checking->feed != NULL) {
            take_messages(checking);
        }
        progress_update(&checking->progress, (uint64_t)(clock_ms() - checking->begun_ms),
                        checking->check.messages);
    }
    return true;
}

/* A last snapshot, and the rest of the round that it falls into. */
static void compare(struct checking *checking)
{
    struct arena arena;
    arena_init(&arena, CLIENT_RESULT_BYTES);
    const Hoso__V1__TotalsSnapshotReply *reply = ask(checking, &arena);
    if (reply == NULL) {
        feed_check_wrong(&checking->check, PROMISE_SNAPSHOT, "%s", checking->error.text);
    }
    const int64_t deadline_ms = clock_ms() + CATCH_UP_MS;
    while (reply != NULL && !feed_check_compare(&checking->check, reply) &&
           clock_ms() < deadline_ms && checking->feed != NULL) {
        take_messages(checking);
    }
    arena_fini(&arena);
}

static void run_checks(struct checking *checking)
{
    struct feed_check *check = &checking->check;
    const int64_t seconds_ms = (int64_t)checking->seconds * 1000;
    checking->begun_ms = clock_ms();
    progress_begin(&checking->progress, "messages", (uint64_t)seconds_ms);
    if (follow_until(checking, checking->begun_ms + seconds_ms)) {
        feed_check_silence(check, clock_ms());
        compare(checking);
    }
    progress_clear(&checking->progress);
    feed_check_end(check);
    const uint64_t dropped = checking->feed != NULL ? bus_dropped(checking->feed) : 0;
    if (dropped != 0) {
        feed_check_wrong(check, PROMISE_FORM,
                         "%" PRIu64
                         " messages were not [topic][message] within %d bytes and %d KiB",
                         dropped, BUS_TOPIC_MAX, BUS_FEED_BYTES_MAX >> 10);
    }
}

/* Results */

static const char *verdict(const struct feed_finding *finding, bool english)
{
    if (finding->wrong != 0) {
        return english ? "WRONG" : "SAI";
    }
    if (finding->seen == 0) {
        return english ? "not seen" : "chưa gặp";
    }
    return english ? "ok" : "đúng";
}

static int print_table(const struct checking *checking)
{
    static const struct list_column columns[] = {
        {"check", {"Nội dung", "Promise"}, false},
        {"result", {"Kết quả", "Result"}, false},
        {"seen", {"Số lần", "Times"}, true},
        {"detail", {"Chi tiết", "Details"}, false},
    };
    const bool english = checking->command->english;
    const struct feed_check *check = &checking->check;
    struct document document;
    document_init_list(&document, columns, sizeof columns / sizeof *columns, english);
    for (unsigned i = 0; i < PROMISE_COUNT_OF; i++) {
        const struct feed_finding *finding = &check->findings[i];
        DOCUMENT_ROW(&document, 0, promise_text((enum promise)i, english),
                     verdict(finding, english));
        document_number(&document, (int64_t)(finding->wrong != 0 ? finding->wrong : finding->seen));
        document_text(&document, finding->detail);
    }
    const int code = command_print(checking->command, &document);
    if (checking->command->format == RENDER_TABLE) {
        (void)printf("\n%s: %" PRIu64 " %s, %" PRIu64 " %s, %" PRIu64 " %s\n", checking->endpoint,
                     checking->seconds, english ? "s" : "giây", check->messages,
                     english ? "messages" : "thông điệp", check->heartbeats,
                     english ? "heartbeats" : "nhịp");
    }
    return code;
}

static int print_json(const struct checking *checking)
{
    const struct feed_check *check = &checking->check;
    struct render_json json = render_json_to(stdout);
    json_put_object(&json, NULL);
    json_put_text(&json, "endpoint", checking->endpoint);
    json_put_text(&json, "unit", checking->unit);
    json_put_number(&json, "seconds", (int64_t)checking->seconds);
    json_put_number(&json, "messages", (int64_t)check->messages);
    json_put_number(&json, "heartbeats", (int64_t)check->heartbeats);
    json_put_flag(&json, "ok", feed_check_ok(check));
    json_put_line(&json);
    json_put_array(&json, "checks");
    for (unsigned i = 0; i < PROMISE_COUNT_OF; i++) {
        const struct feed_finding *finding = &check->findings[i];
        json_put_line(&json);
        json_put_object(&json, NULL);
        json_put_text(&json, "id", promise_id((enum promise)i));
        if (finding->wrong == 0 && finding->seen == 0) {
            json_put_null(&json, "ok");
        } else {
            json_put_flag(&json, "ok", finding->wrong == 0);
        }
        json_put_number(&json, "seen", (int64_t)finding->seen);
        json_put_number(&json, "wrong", (int64_t)finding->wrong);
        json_put_text(&json, "text", promise_text((enum promise)i, checking->command->english));
        json_put_text(&json, "detail", finding->detail);
        json_put_end(&json);
    }
    json_put_line(&json);
    json_put_end(&json);
    json_put_end(&json);
    return fputc('\n', stdout) != EOF ? EXIT_DONE : EXIT_FAILED;
}

static int print_result(const struct checking *checking)
{
    const int code =
        checking->command->format == RENDER_JSON ? print_json(checking) : print_table(checking);
    return code == EXIT_DONE && feed_check_ok(&checking->check) && fflush(stdout) == 0
               ? EXIT_DONE
               : EXIT_FAILED;
}

static int check_feed(struct checking *checking)
{
    int code = command_connect(checking->command, &checking->client);
    if (code != EXIT_DONE) {
        return code;
    }
    const struct client_settings *settings = &checking->client->settings;
    const enum peer peer = checking->restricted ? PEER_TOTALS_RESTRICTED : PEER_TOTALS;
    if (checking->endpoint == NULL) {
        checking->endpoint = settings->endpoint[peer];
    }
    if (checking->endpoint[0] == '\0' || settings->endpoint[PEER_REPORTING][0] == '\0') {
        code = usage_error(&usage,
                           "name the feed, or set %s in the client's configuration; and "
                           "reporting, of which snapshots are asked",
                           peer_name(peer));
    } else if (!feed_check_init(&checking->check, checking->unit)) {
        code = usage_error(NULL, "out of memory");
    } else {
        run_checks(checking);
        code = print_result(checking);
    }
    feed_check_fini(&checking->check);
    bus_close(checking->feed);
    hoso_client_close(checking->client);
    return code;
}

static int run_check(struct command *command, int argc, char **argv)
{
    struct checking checking = {.command = command, .unit = "", .seconds = SECONDS};
    const struct option options[] = {
        {"ENDPOINT", OPTION_ARGUMENT, &checking.endpoint, NULL,
         "the feed (`totals` of the configuration)", false},
        {"unit", OPTION_TEXT, &checking.unit, "U", "follow this subtree (the whole feed)", false},
        {"for", OPTION_NUMBER, &checking.seconds, "S", "seconds to follow it (10)", false},
        {"restricted", OPTION_FLAG, &checking.restricted, NULL, "the restricted feed", false},
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    if (checking.seconds == 0 || checking.seconds > SECONDS_MAX) {
        return usage_error(&usage, "--for is 1 to %d seconds", SECONDS_MAX);
    }
    return check_feed(&checking);
}

int cmd_feed(struct command *command, int argc, char **argv)
{
    static const struct command_entry verbs[] = {{"check", run_check, ""}, {NULL, NULL, NULL}};
    return command_run(command, argc, argv, verbs, &usage);
}
