/* SPDX-License-Identifier: Apache-2.0
 *
 * The algorithm of docs/feed.md by tables: what comes, what the follower makes of it, what it then
 * wants and holds. Recorded streams are in conformance_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/watch/follower.h"
#include "given_totals.h"
#include "wire/wire.h"

enum { F = 7, G = 8, BYTES = 1 << 20 };

struct step {
    struct given_message message;
    enum follower_event event;
    enum follower_want want;
};

#define TOTALS(path, sequence, previous, value)          \
    {                                                    \
        GIVEN_TOTALS, path, F, sequence, previous, value \
    }
#define GONE(path, sequence, previous)             \
    {                                              \
        GIVEN_GONE, path, F, sequence, previous, 0 \
    }
#define BEAT(path, sequence, messages)             \
    {                                              \
        GIVEN_BEAT, path, F, sequence, messages, 0 \
    }
#define PASSED FOLLOWER_NOTHING, FOLLOWER_WANTS_MESSAGES
#define EXACT FOLLOWER_CONFIRMED, FOLLOWER_WANTS_MESSAGES
#define ANEW(what) FOLLOWER_BEGINS_ANEW, FOLLOWER_WANTS_##what

static const struct given_unit units[] = {{"P", 10, 5}, {"P/A", 9, 3}, {"P/B", 4, 2}};
static const struct given_snapshot snapshot = {F, 10, 6, "P", units, 3};

static struct buffer buffer;

static int setup(void **state)
{
    (void)state;
    buffer_init(&buffer, BYTES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buffer_fini(&buffer);
    return 0;
}

typedef enum status answer(struct follower *follower, const Hoso__V1__TotalsSnapshotReply *reply);

static enum status give(struct follower *follower, answer *to, const struct given_snapshot *given)
{
    struct arena arena;
    ProtobufCMessage *reply = NULL;
    arena_init(&arena, BYTES);
    given_snapshot_pack(given, &buffer);
    assert_int_equal(wire_unpack(&hoso__v1__totals_snapshot_reply__descriptor,
                                 buffer_slice(&buffer), &arena, &reply, NULL),
                     STATUS_OK);
    const enum status status = to(follower, (const Hoso__V1__TotalsSnapshotReply *)reply);
    arena_fini(&arena);
    return status;
}

static enum follower_event send(struct follower *follower, const struct given_message *given)
{
    char topic[BUS_TOPIC_MAX + 1];
    given_message_pack(given, topic, &buffer);
    return follower_message(follower, topic, buffer_slice(&buffer));
}

static void play(struct follower *follower, const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const enum follower_event event = send(follower, &steps[i].message);
        if (event != steps[i].event || follower->want != steps[i].want) {
            print_message("step %zu: event %d, want %d (%s)\n", i, (int)event, (int)follower->want,
                          follower->why);
        }
        assert_int_equal(event, steps[i].event);
        assert_int_equal(follower->want, steps[i].want);
    }
}

#define PLAY(follower, ...)                            \
    play(follower, (const struct step[]){__VA_ARGS__}, \
         sizeof((const struct step[]){__VA_ARGS__}) / sizeof(struct step))

/* "P=5 A=3 B=2": what is shown, in order. */
static void expect(const struct follower *follower, const char *text)
{
    char got[256] = "";
    for (size_t i = 0; i < follower->table.order.count; i++) {
        const struct totals_entry *entry = follower->table.order.items[i];
        const struct hoso_unit_totals *unit = entry->unit;
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s=%d", i != 0 ? " " : "",
                       unit->unit, unit->flow_count != 0 ? (int)unit->flows[0].year : 0);
        assert_int_equal(unit->flow_count, unit->stock_count);
    }
    assert_string_equal(got, text);
}

static void expect_lists(struct follower *follower, const char *changed, const char *gone)
{
    char got[256] = "";
    for (size_t i = 0; i < follower->table.changed.count; i++) {
        const struct totals_entry *entry = follower->table.changed.items[i];
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s ", entry->unit->unit);
    }
    assert_string_equal(got, changed);
    got[0] = '\0';
    for (size_t i = 0; i < follower->table.gone.count; i++) {
        const struct hoso_unit_totals *unit = follower->table.gone.items[i];
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s ", unit->unit);
    }
    assert_string_equal(got, gone);
    totals_table_clear(&follower->table);
}

static struct follower *in_step(void)
{
    struct follower *follower = follower_new("P");
    assert_non_null(follower);
    assert_int_equal(give(follower, follower_subscribe, &snapshot), STATUS_OK);
    PLAY(follower, {BEAT("P", 10, 6), FOLLOWER_HEARD, FOLLOWER_WANTS_SNAPSHOT});
    assert_int_equal(give(follower, follower_snapshot, &snapshot), STATUS_OK);
    assert_int_equal(follower->want, FOLLOWER_WANTS_MESSAGES);
    expect_lists(follower, "P A B ", "");
    return follower;
}

static void test_beginning(void **state)
{
    (void)state;
    struct follower *follower = follower_new("P");
    assert_int_equal(follower->want, FOLLOWER_WANTS_SUBSCRIPTIONS);
    assert_int_equal(give(follower, follower_subscribe, &snapshot), STATUS_OK);
    assert_int_equal(follower->want, FOLLOWER_WANTS_HEARTBEAT);
    assert_int_equal(follower->subscription_count, 4);
    assert_string_equal(follower->subscriptions[3], "beat.P.");
    /* Buffered: of an ended feed, older than the snapshot, newer. */
    PLAY(follower, {{GIVEN_TOTALS, "P", G, 99, 98, 99}, FOLLOWER_NOTHING, FOLLOWER_WANTS_HEARTBEAT},
         {TOTALS("P/A", 9, 8, 3), FOLLOWER_NOTHING, FOLLOWER_WANTS_HEARTBEAT},
         {BEAT("P", 10, 6), FOLLOWER_HEARD, FOLLOWER_WANTS_SNAPSHOT},
         {TOTALS("P/B", 11, 4, 7), FOLLOWER_NOTHING, FOLLOWER_WANTS_SNAPSHOT},
         {TOTALS("P", 12, 10, 10), FOLLOWER_NOTHING, FOLLOWER_WANTS_SNAPSHOT});
    assert_int_equal(give(follower, follower_snapshot, &snapshot), STATUS_OK);
    expect(follower, "P=5 A=3 B=2");
    assert_int_equal(follower->cut.position, 10);
    assert_string_equal(follower->day, "2024-02-19");
    PLAY(follower, {BEAT("P", 12, 8), EXACT});
    expect(follower, "P=10 A=3 B=7");
    assert_int_equal(follower->cut.position, 12);
    assert_int_equal(follower->resyncs, 0);
    follower_free(follower);
}

/* Nothing shows before the heartbeat says that all of it is there. */
static void test_a_round(void **state)
{
    (void)state;
    struct follower *follower = in_step();
    PLAY(follower, {TOTALS("P/A", 11, 9, 4), PASSED}, {TOTALS("P", 12, 10, 6), PASSED});
    expect(follower, "P=5 A=3 B=2");
    expect_lists(follower, "", "");
    PLAY(follower, {BEAT("P", 12, 8), EXACT});
    expect(follower, "P=6 A=4 B=2");
    expect_lists(follower, "A P ", "");
    follower_free(follower);
}

static void test_what_is_passed_over(void **state)
{
    (void)state;
    struct follower *follower = in_step();
    PLAY(follower, {TOTALS("P.other", 11, 3, 4), PASSED}, /* another root, by prefix */
         {TOTALS("P/A", 9, 8, 99), PASSED},               /* older than the snapshot */
         {TOTALS("P/A", 12, 9, 4), PASSED}, {TOTALS("P/A", 12, 9, 4), PASSED}, /* twice */
         {{GIVEN_UNKNOWN, "P/A", F, 12, 9, 0}, PASSED}, /* of a newer version */
         {BEAT("P.other", 12, 5), PASSED}, {BEAT("P", 9, 5), PASSED}, {BEAT("P", 12, 7), EXACT});
    expect(follower, "P=5 A=4 B=2");
    assert_int_equal(follower->resyncs, 0);
    follower_free(follower);
}

static void test_losses(void **state)
{
    (void)state;
    static const struct {
        struct given_message before, last;
        enum follower_want want;
        enum follower_reason reason;
    } rows[] = {
        {BEAT("P", 10, 6), TOTALS("P/A", 13, 11, 4), FOLLOWER_WANTS_HEARTBEAT, FOLLOWER_CHAIN},
        {TOTALS("P/A", 11, 9, 4), TOTALS("P/A", 13, 9, 4), FOLLOWER_WANTS_HEARTBEAT,
         FOLLOWER_CHAIN},
        {BEAT("P", 10, 6), TOTALS("P/C", 13, 2, 4), FOLLOWER_WANTS_HEARTBEAT, FOLLOWER_CHAIN},
        {BEAT("P", 10, 6), BEAT("P", 11, 7), FOLLOWER_WANTS_SNAPSHOT, FOLLOWER_COUNT},
        {TOTALS("P/A", 11, 9, 4), BEAT("P", 12, 8), FOLLOWER_WANTS_SNAPSHOT, FOLLOWER_COUNT},
        {TOTALS("P/A", 11, 9, 4), BEAT("P", 12, 6), FOLLOWER_WANTS_SNAPSHOT, FOLLOWER_COUNT},
        {TOTALS("P/A", 11, 9, 4),
         {GIVEN_RESET, "", G, 0, 0, 0},
         FOLLOWER_WANTS_HEARTBEAT,
         FOLLOWER_FEED},
        {TOTALS("P/A", 11, 9, 4),
         {GIVEN_BEAT, "P", G, 0, 0, 0},
         FOLLOWER_WANTS_SNAPSHOT,
         FOLLOWER_FEED},
        {TOTALS("P/A", 11, 9, 4),
         {GIVEN_GARBAGE, "P", F, 0, 0, 0},
         FOLLOWER_WANTS_HEARTBEAT,
         FOLLOWER_UNREADABLE},
        {TOTALS("P/A", 11, 9, 4), GONE("P", 12, 10), FOLLOWER_WANTS_SUBSCRIPTIONS, FOLLOWER_ROOT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct follower *follower = in_step();
        (void)send(follower, &rows[i].before);
        assert_int_equal(send(follower, &rows[i].last), FOLLOWER_BEGINS_ANEW);
        assert_int_equal(follower->want, rows[i].want);
        assert_int_equal(follower->reason, rows[i].reason);
        assert_int_equal(follower->resyncs, 1);
        assert_true(follower->why[0] != '\0');
        expect(follower, "P=5 A=3 B=2"); /* the old ones stay until the snapshot */
        follower_free(follower);
    }
}

static void test_beginning_anew(void **state)
{
    (void)state;
    static const struct given_unit later[] = {{"P", 20, 9}, {"P/B", 4, 2}, {"P/C", 19, 7}};
    static const struct given_snapshot second = {F, 20, 12, "P", later, 3};
    struct follower *follower = in_step();
    PLAY(follower, {TOTALS("P/A", 13, 12, 4), ANEW(HEARTBEAT)},
         {TOTALS("P/C", 19, 0, 7), FOLLOWER_NOTHING, FOLLOWER_WANTS_HEARTBEAT},
         {BEAT("P", 20, 12), FOLLOWER_HEARD, FOLLOWER_WANTS_SNAPSHOT});
    assert_int_equal(give(follower, follower_snapshot, &second), STATUS_OK);
    expect(follower, "P=9 B=2 C=7");
    expect_lists(follower, "P C ", "A ");
    PLAY(follower, {TOTALS("P/C", 21, 19, 8), PASSED}, {BEAT("P", 21, 13), EXACT});
    expect(follower, "P=9 B=2 C=8");
    /* The first time at once, then after a random while. */
    assert_int_equal(follower_pause_ms(follower, 12345), 0);
    PLAY(follower, {BEAT("P", 22, 99), ANEW(SNAPSHOT)});
    assert_in_range(follower_pause_ms(follower, 12345), 1, FOLLOWER_PAUSE_MAX_MS);
    assert_int_not_equal(follower_pause_ms(follower, 12345), follower_pause_ms(follower, 999));
    follower_free(follower);
}

/* Units come and go: their topic's chain begins anew. */
static void test_units_come_and_go(void **state)
{
    (void)state;
    struct follower *follower = in_step();
    PLAY(follower, {GONE("P/A", 11, 9), PASSED}, {TOTALS("P/A/X", 12, 0, 1), PASSED},
         {TOTALS("P/B/Y", 13, 0, 2), PASSED}, {BEAT("P", 13, 9), EXACT});
    expect(follower, "P=5 B=2 Y=2 X=1");
    expect_lists(follower, "X Y ", "A ");
    PLAY(follower, {TOTALS("P/A", 14, 0, 8), PASSED}, {BEAT("P", 14, 10), EXACT},
         {TOTALS("P/A", 15, 14, 9), PASSED}, {GONE("P/A", 16, 15), PASSED},
         {BEAT("P", 16, 12), EXACT});
    expect(follower, "P=5 B=2 Y=2 X=1");
    PLAY(follower, {TOTALS("P/A", 17, 11, 8), ANEW(HEARTBEAT)});
    follower_free(follower);
}

static void test_the_root_moves(void **state)
{
    (void)state;
    static const struct given_unit moved[] = {{"Q/P", 3, 5}};
    static const struct given_snapshot elsewhere = {F, 14, 2, "Q/P", moved, 1};
    struct follower *follower = in_step();
    PLAY(follower, {BEAT("P", 13, 9), ANEW(SNAPSHOT)});
    assert_int_equal(give(follower, follower_snapshot, &elsewhere), STATUS_OK);
    assert_int_equal(follower->want, FOLLOWER_WANTS_SUBSCRIPTIONS);
    assert_int_equal(give(follower, follower_subscribe, &elsewhere), STATUS_OK);
    PLAY(follower, {BEAT("Q/P", 14, 2), FOLLOWER_HEARD, FOLLOWER_WANTS_SNAPSHOT});
    assert_int_equal(give(follower, follower_snapshot, &elsewhere), STATUS_OK);
    PLAY(follower, {TOTALS("Q/P", 15, 3, 6), PASSED}, {BEAT("Q/P", 15, 3), EXACT});
    expect(follower, "P=6");
    follower_free(follower);
}

static void test_the_whole_feed(void **state)
{
    (void)state;
    static const struct given_snapshot whole = {F, 10, 6, "", units, 3};
    struct follower *follower = follower_new("");
    assert_int_equal(give(follower, follower_snapshot, &whole), STATUS_OK);
    PLAY(follower, {TOTALS("R", 11, 0, 1), PASSED}, {BEAT("P", 11, 7), PASSED},
         {BEAT("", 11, 7), EXACT});
    expect(follower, "P=5 A=3 B=2 R=1");
    follower_free(follower);
}

/* More than the buffer holds is dropped, and then missing. */
static void test_a_full_buffer(void **state)
{
    (void)state;
    struct follower *follower = follower_new("P");
    assert_int_equal(give(follower, follower_subscribe, &snapshot), STATUS_OK);
    PLAY(follower, {BEAT("P", 10, 6), FOLLOWER_HEARD, FOLLOWER_WANTS_SNAPSHOT});
    uint64_t sequence = 10;
    for (size_t bytes = 0; bytes <= FOLLOWER_BUFFER_BYTES; bytes += buffer.size) {
        const struct given_message message = TOTALS("P", sequence + 1, sequence, 1);
        assert_int_equal(send(follower, &message), FOLLOWER_NOTHING);
        assert_true(follower->buffer.size <= FOLLOWER_BUFFER_BYTES);
        sequence++;
    }
    assert_int_equal(give(follower, follower_snapshot, &snapshot), STATUS_OK);
    assert_int_equal(follower->want, FOLLOWER_WANTS_HEARTBEAT);
    assert_int_equal(follower->reason, FOLLOWER_CHAIN);
    follower_free(follower);
}

static void test_snapshots_that_are_none(void **state)
{
    (void)state;
    struct follower *follower = follower_new("P");
    Hoso__V1__TotalsSnapshotReply reply = HOSO__V1__TOTALS_SNAPSHOT_REPLY__INIT;
    assert_int_equal(follower_subscribe(follower, &reply), STATUS_INVALID);
    assert_int_equal(follower_snapshot(follower, &reply), STATUS_INVALID);
    assert_int_equal(follower->want, FOLLOWER_WANTS_SUBSCRIPTIONS);
    follower_free(follower);
}

/* Equal values are not news, and zeros are as good as nothing. */
static void test_only_what_differs_is_told(void **state)
{
    (void)state;
    struct follower *follower = in_step();
    PLAY(follower, {TOTALS("P/A", 11, 9, 3), PASSED}, {TOTALS("P/B", 12, 4, 0), PASSED},
         {BEAT("P", 12, 8), EXACT});
    expect_lists(follower, "B ", "");
    const struct totals_entry *entry = totals_table_find(&follower->table, "totals.P/B.");
    assert_int_equal(entry->unit->flow_count, 0);
    assert_int_equal(entry->unit->stock_count, 0);
    follower_free(follower);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beginning),
        cmocka_unit_test(test_a_round),
        cmocka_unit_test(test_what_is_passed_over),
        cmocka_unit_test(test_losses),
        cmocka_unit_test(test_beginning_anew),
        cmocka_unit_test(test_units_come_and_go),
        cmocka_unit_test(test_the_root_moves),
        cmocka_unit_test(test_the_whole_feed),
        cmocka_unit_test(test_a_full_buffer),
        cmocka_unit_test(test_snapshots_that_are_none),
        cmocka_unit_test(test_only_what_differs_is_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
