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
static const struct given_snapshot snapshot = {F, 10, 6, "P", units, 2};
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

static void give_snapshot(struct feed_check *check, const struct given_snapshot *given,
                          bool compare)
{
    struct arena arena;
    ProtobufCMessage *reply = NULL;
    arena_init(&arena, BYTES);
    given_snapshot_pack(given, &buffer);
    assert_int_equal(wire_unpack(&hoso__v1__totals_snapshot_reply__descriptor,
                                 buffer_slice(&buffer), &arena, &reply, NULL),
                     STATUS_OK);
    const Hoso__V1__TotalsSnapshotReply *packed = (const Hoso__V1__TotalsSnapshotReply *)reply;
    if (compare) {
        assert_true(feed_check_compare(check, packed));
    } else {
        feed_check_snapshot(check, packed);
    }
    arena_fini(&arena);
}

static void send(struct feed_check *check, struct given_message given, const char *topic,
                 int64_t now_ms, int64_t unix_ms)
{
    char own[BUS_TOPIC_MAX + 1];
    given_message_pack(&given, own, &buffer);
    feed_check_message(check, topic != NULL ? topic : own, buffer_slice(&buffer), now_ms, unix_ms);
}

static void begin(struct feed_check *check)
{
    assert_true(feed_check_init(check, "P"));
    give_snapshot(check, &snapshot, false);
    send(check, (struct given_message){GIVEN_BEAT, "P", F, 10, 6, 0}, NULL, 1000, noon_ms);
    give_snapshot(check, &snapshot, false);
    assert_int_equal(check->follower->want, FOLLOWER_WANTS_MESSAGES);
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
    give_snapshot(&check, &end, true);
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
        give_snapshot(&check, &rows[i], true);
        assert_true(check.findings[PROMISE_STATE].wrong != 0);
        feed_check_fini(&check);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sound_feed),     cmocka_unit_test(test_topics),
        cmocka_unit_test(test_what_is_wrong),    cmocka_unit_test(test_times),
        cmocka_unit_test(test_snapshots_differ),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
