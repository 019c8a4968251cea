/* SPDX-License-Identifier: Apache-2.0
 *
 * The record at rest: one event has one record, and no other bytes decode.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/localday.h"
#include "random_event.h"

static bool texts_equal(const struct event *a, const struct event *b)
{
    return slice_equal(a->event_id, b->event_id) && slice_equal(a->dossier, b->dossier) &&
           slice_equal(a->unit, b->unit) && slice_equal(a->procedure, b->procedure) &&
           slice_equal(a->field, b->field) && slice_equal(a->reason, b->reason) &&
           slice_equal(a->voids, b->voids);
}

static void assert_equal(const struct event *a, const struct event *b)
{
    assert_true(texts_equal(a, b));
    assert_true(a->occurred_at_ms == b->occurred_at_ms);
    assert_true(a->due_at_ms == b->due_at_ms);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->channel, b->channel);
    assert_int_equal(a->level, b->level);
    assert_int_equal(a->petition_class, b->petition_class);
    assert_int_equal(a->out_of_territory, b->out_of_territory);
    assert_int_equal(a->apology_sent, b->apology_sent);
    assert_int_equal(a->paid_online, b->paid_online);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct arena arena;
    struct buffer buffer;
    arena_init(&arena, 1 << 16);
    buffer_init(&buffer, EVENT_RECORD_MAX);
    uint64_t seed = 1;
    for (int i = 0; i < 5000; i++) {
        arena_reset(&arena);
        buffer_clear(&buffer);
        const struct event event = random_event(&seed, &arena);
        event_encode(&event, &buffer);
        assert_int_equal(buffer_status(&buffer), STATUS_OK);
        struct reader reader = reader_of(buffer_slice(&buffer));
        struct event again;
        event_decode(&reader, &again);
        assert_true(reader_done(&reader));
        assert_equal(&event, &again);
    }
    buffer_fini(&buffer);
    arena_fini(&arena);
}

/* Any bytes either fail or are the record of what they decode to. */
static void assert_canonical(struct slice bytes, struct buffer *scratch)
{
    struct reader reader = reader_of(bytes);
    struct event event;
    event_decode(&reader, &event);
    if (reader.failed) {
        return;
    }
    const size_t used = bytes.size - reader_left(&reader);
    buffer_clear(scratch);
    event_encode(&event, scratch);
    assert_true(slice_equal(buffer_slice(scratch), slice_of(bytes.data, used)));
}

static void test_changed_bytes_fail_or_are_canonical(void **state)
{
    (void)state;
    struct arena arena;
    struct buffer buffer;
    struct buffer scratch;
    arena_init(&arena, 1 << 16);
    buffer_init(&buffer, EVENT_RECORD_MAX);
    buffer_init(&scratch, EVENT_RECORD_MAX);
    uint64_t seed = 2;
    for (int i = 0; i < 100; i++) {
        arena_reset(&arena);
        buffer_clear(&buffer);
        const struct event event = random_event(&seed, &arena);
        event_encode(&event, &buffer);
        for (size_t at = 0; at < buffer.size; at++) {
            const uint8_t byte = buffer.data[at];
            for (unsigned bit = 0; bit < 8; bit++) {
                buffer.data[at] = (uint8_t)(byte ^ 1U << bit);
                assert_canonical(buffer_slice(&buffer), &scratch);
            }
            buffer.data[at] = byte;
        }
    }
    buffer_fini(&scratch);
    buffer_fini(&buffer);
    arena_fini(&arena);
}

static void test_truncated_records_fail(void **state)
{
    (void)state;
    struct arena arena;
    struct buffer buffer;
    arena_init(&arena, 1 << 16);
    buffer_init(&buffer, EVENT_RECORD_MAX);
    uint64_t seed = 3;
    for (int i = 0; i < 200; i++) {
        arena_reset(&arena);
        buffer_clear(&buffer);
        const struct event event = random_event(&seed, &arena);
        event_encode(&event, &buffer);
        for (size_t size = 0; size < buffer.size; size++) {
            uint8_t *exact = malloc(size + (size == 0)); /* so that reading on is noticed */
            assert_non_null(exact);
            memcpy(exact, buffer.data, size);
            struct reader reader = reader_of(slice_of(exact, size));
            struct event untouched = {.kind = KIND_RESOLVED};
            event_decode(&reader, &untouched);
            assert_true(reader.failed);
            assert_int_equal(untouched.kind, KIND_RESOLVED);
            free(exact);
        }
    }
    buffer_fini(&buffer);
    arena_fini(&arena);
}

static void test_layout(void **state)
{
    (void)state;
    const struct event received = {
        .kind = KIND_RECEIVED,
        .event_id = slice_text("e"),
        .dossier = slice_text("d"),
        .unit = slice_text("u"),
        .procedure = slice_text("p"),
        .field = slice_text("f"),
        .channel = CHANNEL_DIRECT,
        .level = LEVEL_NOT_ONLINE,
        .occurred_at_ms = TIME_MIN_MS + 300,
        .due_at_ms = TIME_MIN_MS + 299,
        .out_of_territory = true,
    };
    const uint8_t bytes[] = {2, 0x8f, 0x1e, 0xac, 0x02, 1, 1, 'e', 1, 'd', 1, 'u', 1, 'p', 1, 'f'};
    struct buffer buffer;
    buffer_init(&buffer, EVENT_RECORD_MAX);
    event_encode(&received, &buffer);
    assert_int_equal(buffer.size, sizeof bytes);
    assert_memory_equal(buffer.data, bytes, sizeof bytes);
    buffer_fini(&buffer);
}

static void test_damaged_records(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint8_t bytes[16];
        size_t size;
        bool good;
    } rows[] = {
        {"the shortest", {15, 0, 0, 1, 'e', 1, 'd'}, 7, true},
        {"kind 0", {0, 0, 0, 1, 'e', 1, 'd'}, 7, false},
        {"kind 22", {22, 0, 0, 1, 'e', 1, 'd'}, 7, false},
        {"an unknown flag", {15, 0x80, 0x80, 0x02, 0, 1, 'e', 1, 'd'}, 9, false},
        {"petition class 3", {15, 0x80, 0x80, 0x03, 0, 1, 'e', 1, 'd'}, 9, false},
        {"over-long flags", {15, 0x80, 0x00, 0, 1, 'e', 1, 'd'}, 8, false},
        {"no event id", {15, 0, 0, 0, 1, 'd'}, 6, false},
        {"no dossier", {15, 0, 0, 1, 'e', 0}, 6, false},
        {"a unit that is empty", {15, 1, 0, 1, 'e', 1, 'd', 0}, 8, false},
        {"no unit where needed", {12, 0, 0, 1, 'e', 1, 'd'}, 7, false},
        {"unit where needed", {12, 1, 0, 1, 'e', 1, 'd', 1, 'u'}, 9, true},
        {"due before 2000", {15, 4, 0, 1, 1, 'e', 1, 'd'}, 8, false},
        {"due at the same time", {15, 4, 0, 0, 1, 'e', 1, 'd'}, 8, true},
        {"occurred in 2100",
         {15, 0, 0x80, 0xd8, 0xd0, 0x8f, 0xec, 0x5b, 1, 'e', 1, 'd'},
         12,
         false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reader reader = reader_of(slice_of(rows[i].bytes, rows[i].size));
        struct event event;
        event_decode(&reader, &event);
        if (reader_done(&reader) != rows[i].good) {
            fail_msg("%s", rows[i].what);
        }
    }
}

static void test_the_largest_record_fits(void **state)
{
    (void)state;
    char filler[EVENT_REASON_MAX];
    memset(filler, 'x', sizeof filler);
    const struct slice id = slice_of(filler, EVENT_ID_MAX);
    const struct slice code = slice_of(filler, EVENT_CODE_MAX);
    const struct event event = {
        .kind = KIND_PETITION_RECEIVED,
        .event_id = id,
        .dossier = id,
        .voids = id,
        .unit = code,
        .procedure = code,
        .field = code,
        .reason = slice_of(filler, EVENT_REASON_MAX),
        .channel = CHANNEL_POSTAL,
        .level = LEVEL_NOT_ONLINE,
        .petition_class = CLASS_BUSINESS,
        .occurred_at_ms = TIME_MAX_MS - 1,
        .due_at_ms = TIME_MIN_MS,
        .out_of_territory = true,
        .apology_sent = true,
        .paid_online = true,
    };
    struct buffer buffer;
    buffer_init(&buffer, EVENT_RECORD_MAX);
    event_encode(&event, &buffer);
    assert_int_equal(buffer_status(&buffer), STATUS_OK);
    struct reader reader = reader_of(buffer_slice(&buffer));
    struct event again;
    event_decode(&reader, &again);
    assert_true(reader_done(&reader));
    assert_equal(&event, &again);
    buffer_fini(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_changed_bytes_fail_or_are_canonical),
        cmocka_unit_test(test_truncated_records_fail),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_damaged_records),
        cmocka_unit_test(test_the_largest_record_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
