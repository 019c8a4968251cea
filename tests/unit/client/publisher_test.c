/* SPDX-License-Identifier: Apache-2.0
 *
 * A publisher against an intake that plays tricks: whatever happens, each event is taken exactly
 * once, in order, or reported as refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/require.h"
#include "tests/unit/client/fake_intake.h"
#include "tests/unit/client/folder.h"

enum { TIMEOUT_MS = 20000, SHORT_MS = 1500, BATCH = 10, REFUSALS_MAX = 16, OPEN_MAX = 2 };
enum { SMALL_OUTBOX_BYTES = 4 << 20, REASON_BYTES = 500 };

struct fixture {
    struct fake_intake intake;
    struct hoso_client *client;
    struct hoso_publisher *open[OPEN_MAX]; /* so that a failed test's are closed, too */
    unsigned open_count;
    char outbox[FOLDER_MAX];
    uint64_t refused[REFUSALS_MAX];
    unsigned refused_count;
    unsigned earlier;
    unsigned notices;
    uint64_t outbox_bytes;
};

static int begin(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    require(fixture != NULL);
    folder_make(fixture->outbox);
    fake_intake_start(&fixture->intake);
    fixture->client = fake_intake_client(&fixture->intake, TIMEOUT_MS);
    fixture->outbox_bytes = 64 << 20;
    *state = fixture;
    return 0;
}

static void close_publishers(struct fixture *fixture)
{
    while (fixture->open_count != 0) {
        hoso_publisher_close(fixture->open[--fixture->open_count]);
    }
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    close_publishers(fixture);
    hoso_client_close(fixture->client);
    fake_intake_stop(&fixture->intake);
    folder_remove(fixture->outbox);
    free(fixture);
    return 0;
}

static void on_refused(void *context, const struct hoso_refusal *refusal)
{
    struct fixture *fixture = context;
    assert_true(fixture->refused_count < REFUSALS_MAX);
    assert_string_equal(refusal->field, "unit");
    assert_string_equal(refusal->reason, "is bad");
    fixture->refused[fixture->refused_count++] = refusal->tag;
    fixture->earlier += refusal->earlier != 0;
}

static void on_notice(void *context, const char *sentence)
{
    struct fixture *fixture = context;
    assert_true(sentence[0] != '\0');
    fixture->notices++;
}

static struct hoso_publisher *open_publisher(struct fixture *fixture, bool durable)
{
    const struct hoso_publisher_options options = {
        .outbox = durable ? fixture->outbox : NULL,
        .batch = BATCH,
        .outbox_bytes = fixture->outbox_bytes,
        .any_filesystem = 1,
        .refused = on_refused,
        .notice = on_notice,
        .context = fixture,
    };
    struct hoso_publisher *publisher = NULL;
    struct hoso_error error = {.status = HOSO_OK};
    const enum hoso_status status =
        hoso_publisher_open(fixture->client, &options, &publisher, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, HOSO_OK);
    assert_true(fixture->open_count < OPEN_MAX);
    fixture->open[fixture->open_count++] = publisher;
    return publisher;
}

/* Event `number`, tagged with it; a bad one is refused by intake. */
static enum hoso_status try_put(struct hoso_publisher *publisher, unsigned number, bool bad)
{
    static char reason[REASON_BYTES + 1];
    char id[32];
    (void)snprintf(id, sizeof id, "e-%u", number);
    memset(reason, 'x', REASON_BYTES);
    const struct hoso_event event = {
        .event_id = id,
        .dossier = "H27.45-240119-0001",
        .kind = "REFUSED",
        .reason = reason,
        .occurred_at_ms = INT64_C(1705626720000),
        .unit = bad ? "bad" : "H27.45",
        .procedure = "1.004221",
    };
    struct hoso_error error;
    return hoso_publisher_put(publisher, &event, number, &error);
}

static void put(struct hoso_publisher *publisher, unsigned number, bool bad)
{
    assert_int_equal(try_put(publisher, number, bad), HOSO_OK);
}

static void put_many(struct hoso_publisher *publisher, unsigned from, unsigned to)
{
    for (unsigned number = from; number < to; number++) {
        put(publisher, number, false);
    }
}

static void flush(struct hoso_publisher *publisher)
{
    struct hoso_cut cut = {0, 0};
    struct hoso_error error = {.status = HOSO_OK};
    const enum hoso_status status = hoso_publisher_flush(publisher, &cut, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, HOSO_OK);
    assert_int_equal(cut.incarnation, 7);
}

/* Exactly the events [from, to), in order, from the sequence on. */
static void expect_taken(struct fixture *fixture, uint64_t sequence, unsigned from, unsigned to)
{
    assert_int_equal(fake_intake_count(&fixture->intake), sequence - 1 + to - from);
    for (unsigned number = from; number < to; number++) {
        char id[32];
        (void)snprintf(id, sizeof id, "e-%u", number);
        assert_string_equal(fixture->intake.taken[sequence - 1 + number - from], id);
    }
}

static void publish_both_ways(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned durable = 0; durable < 2; durable++) {
        struct hoso_publisher *publisher = open_publisher(fixture, durable != 0);
        put_many(publisher, durable * 95, durable * 95 + 95);
        flush(publisher);
        const struct hoso_publisher_counts counts = hoso_publisher_counts(publisher);
        assert_int_equal(counts.put, 95);
        assert_int_equal(counts.acknowledged, 95);
        assert_int_equal(counts.waiting, 0);
        close_publishers(fixture);
    }
    expect_taken(fixture, 1, 0, 190);
}

/* Requests and answers get lost, intake is busy: all of it passes. */
static void tricks_pass(void **state)
{
    static const enum trick tricks[] = {BEHAVE, LOSE_ANSWER, SAY_BUSY, IGNORE, BEHAVE,     SAY_BUSY,
                                        IGNORE, BEHAVE,      SAY_FULL, BEHAVE, LOSE_ANSWER};
    struct fixture *fixture = *state;
    hoso_client_close(fixture->client);
    fixture->client = fake_intake_client(&fixture->intake, SHORT_MS);
    for (unsigned durable = 0; durable < 2; durable++) {
        struct hoso_publisher *publisher = open_publisher(fixture, durable != 0);
        for (unsigned i = 0; i < sizeof tricks / sizeof *tricks; i++) {
            fake_intake_play(&fixture->intake, tricks[i]);
        }
        put_many(publisher, durable * 200, durable * 200 + 200);
        flush(publisher);
        close_publishers(fixture);
    }
    expect_taken(fixture, 1, 0, 400);
    assert_true(fixture->notices != 0);
}

static void refused_events_are_told_and_left_out(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned durable = 0; durable < 2; durable++) {
        struct hoso_publisher *publisher = open_publisher(fixture, durable != 0);
        fixture->refused_count = 0;
        for (unsigned number = 0; number < 60; number++) {
            put(publisher, durable * 100 + number,
                number == 0 || number == 19 || number == 33 || number == 34);
        }
        flush(publisher);
        assert_int_equal(fixture->refused_count, 4);
        assert_int_equal(fixture->refused[0], durable * 100);
        assert_int_equal(fixture->refused[1], durable * 100 + 19);
        assert_int_equal(fixture->refused[3], durable * 100 + 34);
        const struct hoso_publisher_counts counts = hoso_publisher_counts(publisher);
        assert_int_equal(counts.acknowledged, 56);
        assert_int_equal(counts.refused, 4);
        close_publishers(fixture);
    }
    assert_int_equal(fake_intake_count(&fixture->intake), 112);
    assert_int_equal(fake_intake_has(&fixture->intake, "e-19"), 0);
    assert_int_equal(fake_intake_has(&fixture->intake, "e-18"), 1);
    assert_int_equal(fake_intake_has(&fixture->intake, "e-159"), 1);
    assert_int_equal(fixture->earlier, 0);
}

/* Put and synced, never flushed; some of it arrived, its answers did not. */
static void leave_in_outbox(struct fixture *fixture, unsigned from, unsigned to, enum trick trick)
{
    struct hoso_error error;
    struct hoso_publisher *publisher = open_publisher(fixture, true);
    for (unsigned i = 0; i < 4; i++) {
        fake_intake_play(&fixture->intake, trick);
    }
    put_many(publisher, from, to);
    assert_int_equal(hoso_publisher_sync(publisher, &error), HOSO_OK);
    while (true) { /* until intake has seen the whole window */
        require(pthread_mutex_lock(&fixture->intake.lock) == 0);
        const bool seen = fixture->intake.trick_next == fixture->intake.trick_count;
        require(pthread_mutex_unlock(&fixture->intake.lock) == 0);
        if (seen) {
            break;
        }
        (void)hoso_publisher_sync(publisher, &error);
    }
    close_publishers(fixture);
}

static void outbox_goes_first_after_a_crash(void **state)
{
    struct fixture *fixture = *state;
    leave_in_outbox(fixture, 0, 75, LOSE_ANSWER); /* 40 arrived */
    assert_int_equal(fake_intake_count(&fixture->intake), 40);
    struct hoso_publisher *publisher = open_publisher(fixture, true);
    assert_int_equal(hoso_publisher_counts(publisher).waiting, 75);
    put_many(publisher, 75, 80);
    flush(publisher);
    assert_int_equal(hoso_publisher_counts(publisher).acknowledged, 80);
    close_publishers(fixture);
    expect_taken(fixture, 1, 0, 80);
}

/* Nothing arrived, and another publisher of this source went on in between: the numbers are taken.
 */
static void outbox_is_numbered_anew_when_others_published(void **state)
{
    struct fixture *fixture = *state;
    leave_in_outbox(fixture, 0, 45, IGNORE);
    assert_int_equal(fake_intake_count(&fixture->intake), 0);
    fake_intake_take(&fixture->intake, "other", 23);
    struct hoso_publisher *publisher = open_publisher(fixture, true);
    put_many(publisher, 45, 50);
    flush(publisher);
    close_publishers(fixture);
    expect_taken(fixture, 24, 0, 50);
    assert_true(fixture->notices != 0);
}

/* The journal was lost: it expects sequence 1, the outbox begins later. */
static void outbox_is_numbered_anew_for_an_older_journal(void **state)
{
    struct fixture *fixture = *state;
    fake_intake_take(&fixture->intake, "old", 100);
    leave_in_outbox(fixture, 0, 45, IGNORE);
    fake_intake_restore(&fixture->intake, 0, true);
    struct hoso_publisher *publisher = open_publisher(fixture, true);
    flush(publisher);
    close_publishers(fixture);
    expect_taken(fixture, 1, 0, 45);
}

/* The journal goes back while a publisher is open: what was acknowledged and is gone is not ours
 * any more, everything else arrives once, in order, under the numbers that the journal expects. */
static void a_restored_journal_is_opened_anew(void **state)
{
    static const struct {
        bool durable, marked;
        unsigned left, waiting; /* of 50 that were acknowledged; not acknowledged yet */
    } rows[] = {{false, true, 30, 0}, {true, true, 30, 25},  {false, true, 0, 25},
                {true, true, 50, 25}, {true, false, 30, 25}, {false, false, 0, 5}};
    struct fixture *fixture = *state;
    hoso_client_close(fixture->client);
    fixture->client = fake_intake_client(&fixture->intake, SHORT_MS);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake_intake_restore(&fixture->intake, 0, false);
        fixture->notices = 0;
        struct hoso_publisher *publisher = open_publisher(fixture, rows[i].durable);
        put_many(publisher, 0, 50);
        flush(publisher);
        for (unsigned k = 0; k < rows[i].waiting; k += BATCH) {
            fake_intake_play(&fixture->intake, IGNORE);
        }
        put_many(publisher, 50, 50 + rows[i].waiting);
        struct hoso_error error;
        assert_int_equal(hoso_publisher_sync(publisher, &error), HOSO_OK);
        fake_intake_restore(&fixture->intake, rows[i].left, rows[i].marked);
        put_many(publisher, 100, 110);
        flush(publisher);
        close_publishers(fixture);
        assert_int_equal(fake_intake_count(&fixture->intake), rows[i].left + rows[i].waiting + 10);
        assert_int_equal(fake_intake_has(&fixture->intake, "e-29"), rows[i].left >= 30);
        assert_int_equal(fake_intake_has(&fixture->intake, "e-30"), rows[i].left == 50);
        assert_int_equal(fake_intake_has(&fixture->intake, "e-50"), rows[i].waiting != 0);
        assert_int_equal(fake_intake_has(&fixture->intake, "e-109"), 1);
        assert_true(fixture->notices != 0);
    }
}

static void events_wait_while_intake_is_away(void **state)
{
    struct fixture *fixture = *state;
    struct hoso_error error;
    fake_intake_silence(&fixture->intake, true);
    hoso_client_close(fixture->client);
    fixture->client = fake_intake_client(&fixture->intake, SHORT_MS);
    struct hoso_publisher *publisher = open_publisher(fixture, true);
    put_many(publisher, 0, 33);
    assert_int_equal(hoso_publisher_flush(publisher, NULL, &error), HOSO_UNAVAILABLE);
    assert_int_equal(hoso_publisher_counts(publisher).waiting, 33);
    fake_intake_silence(&fixture->intake, false);
    flush(publisher);
    close_publishers(fixture);
    expect_taken(fixture, 1, 0, 33);
    fake_intake_silence(&fixture->intake, true);
    const struct hoso_publisher_options memory = {.outbox = NULL};
    assert_int_equal(hoso_publisher_open(fixture->client, &memory, &publisher, &error),
                     HOSO_UNAVAILABLE);
}

/* The outbox fills while intake is silent. When it answers again, put, sync and flush make room:
 * everything arrives once, in order. */
static void a_full_outbox_empties_itself(void **state)
{
    struct fixture *fixture = *state;
    struct hoso_error error;
    fixture->outbox_bytes = SMALL_OUTBOX_BYTES;
    hoso_client_close(fixture->client);
    fixture->client = fake_intake_client(&fixture->intake, SHORT_MS);
    struct hoso_publisher *publisher = open_publisher(fixture, true);
    unsigned number = 0;
    for (unsigned round = 0; round < 3; round++) {
        fake_intake_silence(&fixture->intake, true);
        while (try_put(publisher, number, false) == HOSO_OK) {
            number++;
        }
        assert_int_equal(try_put(publisher, number, false), HOSO_FULL);
        assert_int_equal(hoso_publisher_sync(publisher, &error), HOSO_FULL);
        assert_int_equal(hoso_publisher_flush(publisher, NULL, &error), HOSO_UNAVAILABLE);
        fake_intake_silence(&fixture->intake, false);
        while (round == 1 && hoso_publisher_sync(publisher, &error) != HOSO_OK) {
            assert_int_equal(error.status, HOSO_FULL);
        }
        while (round == 2 && try_put(publisher, number, false) != HOSO_OK) {
        }
        number += round == 2;
        flush(publisher);
        assert_int_equal(hoso_publisher_counts(publisher).waiting, 0);
    }
    close_publishers(fixture);
    assert_true(number > 1000);
    expect_taken(fixture, 1, 0, number);
}

/* Intake answers, but its disk is full: that is reported once, a flush ends after the timeout, and
 * the outbox keeps the events. */
static void a_flush_ends_while_intake_is_full(void **state)
{
    struct fixture *fixture = *state;
    struct hoso_error error;
    hoso_client_close(fixture->client);
    fixture->client = fake_intake_client(&fixture->intake, SHORT_MS);
    struct hoso_publisher *publisher = open_publisher(fixture, true);
    for (unsigned i = 0; i < FAKE_TRICKS_MAX; i++) {
        fake_intake_play(&fixture->intake, SAY_FULL);
    }
    put_many(publisher, 0, 5);
    const int64_t begun_ms = clock_ms();
    assert_int_equal(hoso_publisher_flush(publisher, NULL, &error), HOSO_UNAVAILABLE);
    assert_true(clock_ms() - begun_ms < 3 * SHORT_MS);
    assert_non_null(strstr(error.text, "disk is full"));
    assert_int_equal(hoso_publisher_flush(publisher, NULL, &error), HOSO_UNAVAILABLE);
    assert_true(fixture->intake.appends >= 4);
    assert_int_equal(fixture->notices, 1);
    assert_int_equal(hoso_publisher_counts(publisher).waiting, 5);
    fake_intake_forget_tricks(&fixture->intake);
    flush(publisher);
    close_publishers(fixture);
    expect_taken(fixture, 1, 0, 5);
}

static void an_older_publisher_is_fenced(void **state)
{
    struct fixture *fixture = *state;
    struct hoso_error error;
    struct hoso_publisher *older = open_publisher(fixture, false);
    struct hoso_publisher *newer = open_publisher(fixture, true);
    put_many(older, 0, 5);
    assert_int_equal(hoso_publisher_flush(older, NULL, &error), HOSO_FENCED);
    const struct hoso_event event = {.event_id = "x"};
    assert_int_equal(hoso_publisher_put(older, &event, 1, &error), HOSO_FENCED);
    put_many(newer, 0, 5);
    flush(newer);
    close_publishers(fixture);
    expect_taken(fixture, 1, 0, 5);
}

static void faulty_events_are_not_taken(void **state)
{
    struct fixture *fixture = *state;
    struct hoso_publisher *publisher = open_publisher(fixture, false);
    struct hoso_error error;
    const struct hoso_event no_kind = {.event_id = "x", .dossier = "d", .kind = "NOTHING"};
    assert_int_equal(hoso_publisher_put(publisher, &no_kind, 1, &error), HOSO_INVALID);
    assert_string_equal(error.field, "kind");
    const struct hoso_event no_unit = {.event_id = "x",
                                       .dossier = "d",
                                       .kind = "SUBMITTED",
                                       .occurred_at_ms = INT64_C(1705626720000)};
    assert_int_equal(hoso_publisher_put(publisher, &no_unit, 1, &error), HOSO_INVALID);
    assert_string_equal(error.field, "unit");
    assert_int_equal(hoso_publisher_put_json(publisher, "{}", 2, 1, &error), HOSO_INVALID);
    assert_int_equal(hoso_publisher_counts(publisher).put, 0);
    flush(publisher);
    close_publishers(fixture);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(publish_both_ways),
        TEST(tricks_pass),
        TEST(refused_events_are_told_and_left_out),
        TEST(outbox_goes_first_after_a_crash),
        TEST(outbox_is_numbered_anew_when_others_published),
        TEST(outbox_is_numbered_anew_for_an_older_journal),
        TEST(a_restored_journal_is_opened_anew),
        TEST(events_wait_while_intake_is_away),
        TEST(a_full_outbox_empties_itself),
        TEST(a_flush_ends_while_intake_is_full),
        TEST(an_older_publisher_is_fenced),
        TEST(faulty_events_are_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
