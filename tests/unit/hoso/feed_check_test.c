/* SPDX-License-Identifier: Apache-2.0
 *
 * Which broken promise is found by which row of hoso feed check.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../client/given_totals.h"
#include "base/localday.h"
#include "services/hoso/feed/feed_check.h"
#include "wire/wire.h"

enum { F = 7, BYTES = 1 << 20 };

static const struct given_unit units[] = {{"P", 10, 5}, {"P/A", 9, 3}};
static struct buffer buffer;
static int64_t noon_ms; /* of the day that given messages have */

static int setup(void **state)
{
    int32_t day;
    (void)state;
    buffer_init(&buffer, BYTES);
    assert_true(localday_parse(slice_text("2024-02-19"), &day));
    noon_ms = localday_start_ms(day) + 12 * 3600 * 1000;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buffer_fini(&buffer);
    return 0;
}

static ProtobufCMessage *unpack(const ProtobufCMessageDescriptor *descriptor, struct arena *arena)
{
    ProtobufCMessage *message = NULL;
    assert_int_equal(wire_unpack(descriptor, buffer_slice(&buffer), arena, &message, NULL),
                     STATUS_OK);
    return message;
}

typedef void snapshot_use(struct feed_check *check, Hoso__V1__TotalsSnapshotReply *reply);

static void with_snapshot(struct feed_check *check, const struct given_snapshot *given,
                          snapshot_use *use)
{
    struct arena arena;
    arena_init(&arena, BYTES);
    given_snapshot_pack(given, &buffer);
    use(check, (Hoso__V1__TotalsSnapshotReply *)unpack(&hoso__v1__totals_snapshot_reply__descriptor,
                                                       &arena));
    arena_fini(&arena);
}

static void take(struct feed_check *check, Hoso__V1__TotalsSnapshotReply *reply)
{
    feed_check_snapshot(check, reply);
}

static void take_without_subscriptions(struct feed_check *check,
                                       Hoso__V1__TotalsSnapshotReply *reply)
{
    reply->n_subscriptions = 0;
    feed_check_snapshot(check, reply);
}

static void compare(struct feed_check *check, Hoso__V1__TotalsSnapshotReply *reply)
{
    assert_true(feed_check_compare(check, reply));
}

static void send(struct feed_check *check, struct given_message given, const char *topic,
                 int64_t now_ms, int64_t unix_ms)
{
    char own[BUS_TOPIC_MAX + 1];
    given_message_pack(&given, own, &buffer);
    feed_check_message(check, topic != NULL ? topic : own, buffer_slice(&buffer), now_ms, unix_ms);
}

/* Sends a message as a faulty feed would. */
static void send_altered(struct feed_check *check, struct given_message given,
                         void (*alter)(Hoso__V1__FeedMessage *message))
{
    char topic[BUS_TOPIC_MAX + 1];
    struct arena arena;
    arena_init(&arena, BYTES);
    given_message_pack(&given, topic, &buffer);
    Hoso__V1__FeedMessage *message =
        (Hoso__V1__FeedMessage *)unpack(&hoso__v1__feed_message__descriptor, &arena);
    alter(message);
    buffer_clear(&buffer);
    wire_pack(&message->base, &buffer);
    feed_check_message(check, topic, buffer_slice(&buffer), 1500, noon_ms);
    arena_fini(&arena);
}

/* Follows P, or with "" the whole feed. */
static void begin_at(struct feed_check *check, const char *root)
{
    const struct given_snapshot start = {F, 10, root[0] == '\0' ? 10 : 6, root, units, 2};
    const struct given_message beat = {GIVEN_BEAT, root, F, start.sequence, start.messages, 0};
    assert_true(feed_check_init(check, root));
    with_snapshot(check, &start, take);
    send(check, beat, NULL, 1000, noon_ms);
    with_snapshot(check, &start, take);
    assert_int_equal(check->follower->want, FOLLOWER_WANTS_MESSAGES);
}

static void begin(struct feed_check *check)
{
    begin_at(check, "P");
}

/* Nothing was wrong, or this promise alone. */
static void expect(const struct feed_check *check, enum promise promise, uint64_t wrong)
{
    for (unsigned i = 0; i < PROMISE_COUNT_OF; i++) {
        if (check->findings[i].wrong != (i == promise ? wrong : 0)) {
            print_message("%s: %s\n", promise_id((enum promise)i), check->findings[i].detail);
        }
        assert_int_equal(check->findings[i].wrong, i == promise ? wrong : 0);
    }
}

static void test_a_sound_feed(void **state)
{
    static const struct given_unit later[] = {{"P", 12, 6}, {"P/A", 11, 4}};
    static const struct given_snapshot end = {F, 12, 8, "P", later, 2};
    struct feed_check check;
    (void)state;
    begin(&check);
    assert_false(feed_check_ok(&check));
    send(&check, (struct given_message){GIVEN_TOTALS, "P/A", F, 11, 9, 4}, NULL, 1500, noon_ms);
    send(&check, (struct given_message){GIVEN_TOTALS, "P", F, 12, 10, 6}, NULL, 1500, noon_ms);
    send(&check, (struct given_message){GIVEN_BEAT, "P", F, 12, 8, 0}, NULL, 2000, noon_ms);
    send(&check, (struct given_message){GIVEN_BEAT, "P", F, 12, 8, 0}, NULL, 3000, noon_ms);
    with_snapshot(&check, &end, compare);
    feed_check_silence(&check, 3000 + FEED_LATE_MS);
    feed_check_end(&check);
    expect(&check, PROMISE_FORM, 0);
    assert_true(feed_check_ok(&check));
    assert_int_equal(check.findings[PROMISE_STATE].seen, 2);
    feed_check_fini(&check);
}

static void test_topics(void **state)
{
    static const struct {
        const char *path, *topic;
        bool right;
    } rows[] = {
        {"P", "totals.P.", true},
        {"P/A", "totals.P/A.", true},
        {"P/A", "totals.P/A", false},
        {"P/A", "totals.P/B.", false},
        {"P/A", "totals.A.", false},
        {"P/a~b", "totals.P/~0123456789abcdef.", true},
        {"P/a~b", "totals.P/a~b.", false},
        {"P/a~b", "totals.P/~0123456789abcde.", false},
        {"P/a~b", "totals.P/~0123456789ABCDEF.", false},
        {"P/123456789012345678901234567890123456/12345678901234567890",
         "totals.P/123456789012345678901234567890123456/~0123456789abcdef.", true},
        {"P/1234567890123456789012345678901234567/12345678901234567890",
         "totals.P/~0123456789abcdef.", true},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feed_check check;
        begin(&check);
        send(&check, (struct given_message){GIVEN_TOTALS, rows[i].path, F, 11, 0, 1}, rows[i].topic,
             1500, noon_ms);
        assert_int_equal(check.findings[PROMISE_TOPIC].wrong, !rows[i].right);
        feed_check_fini(&check);
    }
}

static void test_what_is_wrong(void **state)
{
    static const struct {
        struct given_message message;
        const char *topic;
        enum promise promise;
    } rows[] = {
        {{GIVEN_TOTALS, "P/A", F, 12, 11, 4}, NULL, PROMISE_CHAIN},
        {{GIVEN_BEAT, "P", F, 12, 8, 0}, NULL, PROMISE_COUNT},
        {{GIVEN_GARBAGE, "P", F, 0, 0, 0}, NULL, PROMISE_FORM},
        {{GIVEN_BEAT, "P", F, 10, 6, 0}, "heart.P.", PROMISE_TOPIC},
        {{GIVEN_RESET, "", F, 10, 0, 0}, "totals.P.", PROMISE_TOPIC},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feed_check check;
        begin(&check);
        send(&check, rows[i].message, rows[i].topic, 1500, noon_ms);
        expect(&check, rows[i].promise, 1);
        feed_check_fini(&check);
    }
}

static void no_day(Hoso__V1__FeedMessage *message)
{
    message->header->day = (char *)(uintptr_t) "";
}

static void no_cut(Hoso__V1__FeedMessage *message)
{
    message->header->cut = NULL;
}

static void earlier_cut(Hoso__V1__FeedMessage *message)
{
    message->header->cut->position = 9;
}

static void other_incarnation(Hoso__V1__FeedMessage *message)
{
    message->header->cut->incarnation++;
}

static void no_feed(Hoso__V1__FeedMessage *message)
{
    message->header->feed = 0;
}

static void no_header(Hoso__V1__FeedMessage *message)
{
    message->header = NULL;
}

/* A heartbeat, so that the follower has nothing to object to. */
static void test_wrong_headers(void **state)
{
    static const struct {
        void (*alter)(Hoso__V1__FeedMessage *message);
        enum promise promise;
    } rows[] = {
        {no_day, PROMISE_FORM},           {no_cut, PROMISE_FORM},  {earlier_cut, PROMISE_CUT},
        {other_incarnation, PROMISE_CUT}, {no_feed, PROMISE_FORM}, {no_header, PROMISE_FORM},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feed_check check;
        begin(&check);
        send_altered(&check, (struct given_message){GIVEN_BEAT, "P", F, 10, 6, 0}, rows[i].alter);
        assert_true(check.findings[rows[i].promise].wrong != 0);
        feed_check_fini(&check);
    }
}

/* In the whole feed, each number comes once and none is left out. */
static void test_sequences(void **state)
{
    static const struct {
        uint64_t second, previous;
        enum promise promise;
        uint64_t wrong;
    } rows[] = {
        {12, 10, PROMISE_SEQUENCE, 0}, {13, 10, PROMISE_SEQUENCE, 1}, /* one is left out */
        {11, 10, PROMISE_SEQUENCE, 1},                                /* a number twice */
        {10, 9, PROMISE_SEQUENCE, 1},                                 /* backwards */
        {12, 12, PROMISE_FORM, 1}, /* a message cannot follow itself */
    };
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feed_check check;
        begin_at(&check, "");
        send(&check, (struct given_message){GIVEN_TOTALS, "P/A", F, 11, 9, 4}, NULL, 1500, noon_ms);
        send(&check,
             (struct given_message){GIVEN_TOTALS, "P", F, rows[i].second, rows[i].previous, 6},
             NULL, 1500, noon_ms);
        assert_int_equal(check.findings[rows[i].promise].wrong, rows[i].wrong);
        feed_check_fini(&check);
    }
}

/* The last message of a round is lost: only the heartbeat shows it. */
static void test_a_loss_at_the_end(void **state)
{
    struct feed_check check;
    (void)state;
    begin_at(&check, "");
    send(&check, (struct given_message){GIVEN_TOTALS, "P/A", F, 11, 9, 4}, NULL, 1500, noon_ms);
    send(&check, (struct given_message){GIVEN_BEAT, "", F, 12, 12, 0}, NULL, 1600, noon_ms);
    expect(&check, PROMISE_COUNT, 1);
    feed_check_fini(&check);
}

static void test_heartbeats_that_stop(void **state)
{
    static const struct {
        int64_t now_ms;
        uint64_t wrong;
    } rows[] = {{2000 + FEED_LATE_MS, 0}, {2001 + FEED_LATE_MS, 1}};
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feed_check check;
        begin(&check);
        send(&check, (struct given_message){GIVEN_BEAT, "P", F, 10, 6, 0}, NULL, 2000, noon_ms);
        feed_check_silence(&check, rows[i].now_ms);
        expect(&check, PROMISE_HEARTBEAT, rows[i].wrong);
        feed_check_fini(&check);
    }
}

static void test_no_heartbeat_at_all(void **state)
{
    static const struct given_snapshot start = {F, 10, 6, "P", units, 2};
    struct feed_check check;
    (void)state;
    assert_true(feed_check_init(&check, "P"));
    with_snapshot(&check, &start, take);
    send(&check, (struct given_message){GIVEN_TOTALS, "P/A", F, 11, 9, 4}, NULL, 1500, noon_ms);
    feed_check_silence(&check, 60000);
    feed_check_end(&check);
    assert_int_equal(check.findings[PROMISE_HEARD].wrong, 1);
    assert_int_equal(check.findings[PROMISE_STATE].wrong, 1);
    assert_false(feed_check_ok(&check));
    feed_check_fini(&check);
}

static void test_a_snapshot_without_subscriptions(void **state)
{
    static const struct given_snapshot start = {F, 10, 6, "P", units, 2};
    struct feed_check check;
    (void)state;
    assert_true(feed_check_init(&check, "P"));
    with_snapshot(&check, &start, take_without_subscriptions);
    expect(&check, PROMISE_SNAPSHOT, 1);
    feed_check_fini(&check);
}

static void test_times(void **state)
{
    static const struct {
        int64_t now_ms, hours;
        enum promise promise;
        uint64_t wrong;
    } rows[] = {
        {2500, 0, PROMISE_HEARTBEAT, 0}, {5001, 0, PROMISE_HEARTBEAT, 1},
        {2500, 12, PROMISE_DAY, 0}, /* midnight, and the other clock is late */
        {2500, 13, PROMISE_DAY, 1},      {2500, -13, PROMISE_DAY, 1},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feed_check check;
        begin(&check);
        send(&check, (struct given_message){GIVEN_BEAT, "P", F, 10, 6, 0}, NULL, 2000, noon_ms);
        send(&check, (struct given_message){GIVEN_BEAT, "P", F, 10, 6, 0}, NULL, rows[i].now_ms,
             noon_ms + rows[i].hours * 3600 * 1000);
        expect(&check, rows[i].promise, rows[i].wrong);
        feed_check_fini(&check);
    }
}

static void test_snapshots_differ(void **state)
{
    static const struct given_unit other[] = {{"P", 10, 5}, {"P/A", 9, 4}};
    static const struct given_unit more[] = {{"P", 10, 5}, {"P/A", 9, 3}, {"P/B", 0, 0}};
    static const struct given_unit fewer[] = {{"P", 10, 5}};
    static const struct given_snapshot rows[] = {
        {F, 10, 6, "P", other, 2}, {F, 10, 6, "P", more, 3}, {F, 10, 6, "P", fewer, 1}};
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feed_check check;
        begin(&check);
        with_snapshot(&check, &rows[i], compare);
        assert_true(check.findings[PROMISE_STATE].wrong != 0);
        feed_check_fini(&check);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sound_feed),
        cmocka_unit_test(test_topics),
        cmocka_unit_test(test_what_is_wrong),
        cmocka_unit_test(test_wrong_headers),
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_a_loss_at_the_end),
        cmocka_unit_test(test_heartbeats_that_stop),
        cmocka_unit_test(test_no_heartbeat_at_all),
        cmocka_unit_test(test_a_snapshot_without_subscriptions),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_snapshots_differ),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
