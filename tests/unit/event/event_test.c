/* SPDX-License-Identifier: Apache-2.0
 *
 * Kinds, what each must carry, the limits of every attribute, and the way to protobuf and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/localday.h"
#include "base/text.h"
#include "event/event_wire.h"
#include "random_event.h"

/* Carries everything, so that one change at a time makes it wrong. */
static struct event whole_event(enum event_kind kind)
{
    return (struct event){
        .event_id = slice_text("e-1"),
        .dossier = slice_text("H27.45-240119-0001"),
        .unit = slice_text("H27.45"),
        .procedure = slice_text("1.004221"),
        .field = slice_text("dat-dai"),
        .reason = slice_text("thiếu giấy tờ"),
        .voids = slice_text("e-0"),
        .occurred_at_ms = 1705626720000,
        .due_at_ms = 1706868000000,
        .kind = kind,
        .channel = CHANNEL_ONLINE,
        .level = LEVEL_FULL,
        .petition_class = CLASS_BUSINESS,
    };
}

static void test_kind_names(void **state)
{
    (void)state;
    for (unsigned kind = 1; kind < KIND_COUNT; kind++) {
        const char *name = event_kind_name((enum event_kind)kind);
        assert_int_equal(event_kind_of(slice_text(name)), kind);
    }
    assert_string_equal(event_kind_name(KIND_SUPPLEMENT_REQUESTED), "SUPPLEMENT_REQUESTED");
    assert_string_equal(event_kind_name(KIND_NONE), "");
    assert_string_equal(event_kind_name(KIND_COUNT), "");
    assert_int_equal(event_kind_of(slice_text("")), KIND_NONE);
    assert_int_equal(event_kind_of(slice_text("received")), KIND_NONE);
    assert_int_equal(event_kind_of(slice_text("RECEIVED ")), KIND_NONE);
}

struct need {
    const char *field;
    unsigned kinds; /* bit set */
};

#define BIT(kind) (1U << (kind))
static const struct need needs[] = {
    {"unit", BIT(KIND_SUBMITTED) | BIT(KIND_RECEIVED) | BIT(KIND_REFUSED) | BIT(KIND_TRANSFERRED) |
                 BIT(KIND_PETITION_RECEIVED)},
    {"procedure", BIT(KIND_SUBMITTED) | BIT(KIND_RECEIVED) | BIT(KIND_REFUSED)},
    {"field", BIT(KIND_RECEIVED)},
    {"channel", BIT(KIND_RECEIVED)},
    {"service_level", BIT(KIND_RECEIVED)},
    {"petition_class", BIT(KIND_PETITION_RECEIVED)},
    {"voids", BIT(KIND_VOIDED)},
    {"event_id", ~0U},
    {"dossier", ~0U},
    {"occurred_at", ~0U},
    {"reason", 0},
    {"due_at", 0},
};

static void drop(struct event *event, const char *field)
{
    const struct {
        const char *field;
        void *at;
        size_t size;
    } rows[] = {
        {"unit", &event->unit, sizeof event->unit},
        {"procedure", &event->procedure, sizeof event->procedure},
        {"field", &event->field, sizeof event->field},
        {"channel", &event->channel, sizeof event->channel},
        {"service_level", &event->level, sizeof event->level},
        {"petition_class", &event->petition_class, sizeof event->petition_class},
        {"voids", &event->voids, sizeof event->voids},
        {"event_id", &event->event_id, sizeof event->event_id},
        {"dossier", &event->dossier, sizeof event->dossier},
        {"occurred_at", &event->occurred_at_ms, sizeof event->occurred_at_ms},
        {"reason", &event->reason, sizeof event->reason},
        {"due_at", &event->due_at_ms, sizeof event->due_at_ms},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].field, field) == 0) {
            memset(rows[i].at, 0, rows[i].size);
        }
    }
}

static void test_what_kinds_must_carry(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (unsigned kind = 1; kind < KIND_COUNT; kind++) {
        for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
            struct event event = whole_event((enum event_kind)kind);
            struct event_fault fault = {.field = ""};
            drop(&event, needs[i].field);
            const bool needed = (needs[i].kinds & BIT(kind)) != 0;
            assert_int_equal(event_check(&event, &arena, &fault),
                             needed ? STATUS_INVALID : STATUS_OK);
            assert_string_equal(fault.field, needed ? needs[i].field : "");
            assert_int_equal(fault.reason[0] != '\0', needed);
        }
        assert_int_equal(event_kind_has_unit((enum event_kind)kind),
                         (needs[0].kinds & BIT(kind)) != 0);
        assert_int_equal(event_kind_has_procedure((enum event_kind)kind),
                         (needs[1].kinds & BIT(kind)) != 0);
    }
    arena_fini(&arena);
}

static void test_numbers_out_of_range(void **state)
{
    (void)state;
    static const struct {
        const char *field; /* "" = good */
        int64_t occurred_at_ms;
        int64_t due_at_ms;
        unsigned kind;
        unsigned channel;
        unsigned level;
        unsigned petition_class;
    } rows[] = {
        {"", TIME_MIN_MS, 0, 1, 0, 0, 0},
        {"", TIME_MAX_MS - 1, TIME_MIN_MS, 1, 0, 0, 0},
        {"", TIME_MIN_MS, TIME_MAX_MS - 1, 21, 3, 3, 2},
        {"occurred_at", TIME_MIN_MS - 1, 0, 1, 0, 0, 0},
        {"occurred_at", TIME_MAX_MS, 0, 1, 0, 0, 0},
        {"occurred_at", INT64_MIN, 0, 1, 0, 0, 0},
        {"occurred_at", INT64_MAX, 0, 1, 0, 0, 0},
        {"due_at", TIME_MIN_MS, TIME_MIN_MS - 1, 1, 0, 0, 0},
        {"due_at", TIME_MIN_MS, TIME_MAX_MS, 1, 0, 0, 0},
        {"due_at", TIME_MIN_MS, -1, 1, 0, 0, 0},
        {"due_at", TIME_MIN_MS, INT64_MIN, 1, 0, 0, 0},
        {"kind", TIME_MIN_MS, 0, 0, 0, 0, 0},
        {"kind", TIME_MIN_MS, 0, 22, 0, 0, 0},
        {"kind", TIME_MIN_MS, 0, UINT32_MAX, 0, 0, 0},
        {"channel", TIME_MIN_MS, 0, 1, 4, 0, 0},
        {"channel", TIME_MIN_MS, 0, 1, UINT32_MAX, 0, 0},
        {"service_level", TIME_MIN_MS, 0, 1, 0, 4, 0},
        {"petition_class", TIME_MIN_MS, 0, 1, 0, 0, 3},
    };
    struct arena arena;
    arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event event = whole_event((enum event_kind)rows[i].kind);
        struct event_fault fault = {.field = ""};
        event.occurred_at_ms = rows[i].occurred_at_ms;
        event.due_at_ms = rows[i].due_at_ms;
        event.channel = (enum channel)rows[i].channel;
        event.level = (enum service_level)rows[i].level;
        event.petition_class = (enum petition_class)rows[i].petition_class;
        const bool good = rows[i].field[0] == '\0';
        assert_int_equal(event_check(&event, &arena, &fault), good ? STATUS_OK : STATUS_INVALID);
        assert_string_equal(fault.field, rows[i].field);
    }
    arena_fini(&arena);
}

static struct slice *text_of(struct event *event, unsigned index)
{
    struct slice *const texts[] = {&event->event_id,  &event->dossier, &event->unit,
                                   &event->procedure, &event->field,   &event->reason,
                                   &event->voids};
    return texts[index];
}

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        size_t max;
    } texts[] = {{"event_id", 64}, {"dossier", 64}, {"unit", 64}, {"procedure", 64},
                 {"field", 64},    {"reason", 500}, {"voids", 64}};
    char filler[2000];
    memset(filler, 'x', sizeof filler);
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct {
            struct slice text;
            bool good;
        } rows[] = {
            {slice_of(filler, texts[i].max), true},
            {slice_of(filler, texts[i].max + 1), false},
            {slice_of(filler, sizeof filler), false},
            {slice_text("Ca\xcc\x82\xcc\x89m"), true},
            {slice_text("tab\t"), false},
            {slice_of("nul\0", 4), false},
            {slice_text("\xc2\x80"), false},
            {slice_text("\xc0\x80"), false},
            {slice_text("\xff"), false},
        };
        for (size_t j = 0; j < sizeof rows / sizeof *rows; j++) {
            struct event event = whole_event(KIND_RECEIVED);
            struct event_fault fault = {.field = ""};
            *text_of(&event, i) = rows[j].text;
            assert_int_equal(event_check(&event, &arena, &fault),
                             rows[j].good ? STATUS_OK : STATUS_INVALID);
            assert_string_equal(fault.field, rows[j].good ? "" : texts[i].field);
        }
    }
    struct event event = whole_event(KIND_RECEIVED);
    struct event_fault fault = {.field = ""};
    event.dossier = slice_text("Ca\xcc\x82\xcc\x89m Xuye\xcc\x82n");
    assert_int_equal(event_check(&event, &arena, &fault), STATUS_OK);
    assert_true(slice_equal(event.dossier, slice_text("Cẩm Xuyên")));
    arena_fini(&arena);
}

static void test_a_long_text_may_compose_to_a_short_one(void **state)
{
    (void)state;
    char apart[EVENT_CODE_MAX / 3 * 5 + 1];
    for (size_t i = 0; i < EVENT_CODE_MAX / 3; i++) {
        memcpy(apart + 5 * i, "a\xcc\x82\xcc\x89", 5); /* ẩ: 5 bytes apart, 3 composed */
    }
    struct arena arena;
    arena_init(&arena, 1 << 16);
    struct event event = whole_event(KIND_RECEIVED);
    struct event_fault fault = {.field = ""};
    event.unit = slice_of(apart, sizeof apart - 1);
    assert_int_equal(event_check(&event, &arena, &fault), STATUS_OK);
    assert_int_equal(event.unit.size, EVENT_CODE_MAX / 3 * 3);
    arena_fini(&arena);
    arena_init(&arena, 16);
    event.unit = slice_of(apart, sizeof apart - 1);
    assert_int_equal(event_check(&event, &arena, &fault), STATUS_TOO_LARGE);
    arena_fini(&arena);
}

static void test_faults_stay_clean(void **state)
{
    (void)state;
    struct event_fault fault = {.field = ""};
    for (int before = EVENT_REASON_SIZE - 20; before < EVENT_REASON_SIZE + 5; before++) {
        assert_int_equal(event_fault_set(&fault, "unit", "%*s%s", before, "", "ẩẩẩẩẩẩẩẩ"),
                         STATUS_INVALID);
        assert_true(text_is_clean(slice_text(fault.reason)));
        assert_true(strlen(fault.reason) >= EVENT_REASON_SIZE - 5);
        (void)event_fault_add(&fault, "dossier", "%s", "ẩẩẩẩẩẩẩẩ");
        assert_true(text_is_clean(slice_text(fault.reason)));
    }
    (void)event_fault_set(&fault, "unit", "\"%s\"", "a\x01\xff\xc3z\xe2\x80\x8b");
    assert_string_equal(fault.reason, "\"a<U+0001><0xFF><0xC3>z<U+200B>\"");
    assert_string_equal(fault.field, "unit");
    (void)event_fault_set(&fault, "unit", "see %s", fault.reason);
    assert_string_equal(fault.reason, "see \"a<U+0001><0xFF><0xC3>z<U+200B>\"");
}

static void test_all_faults_are_told_at_once(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    struct event event = whole_event(KIND_RECEIVED);
    struct event_fault fault = {.field = ""};
    event.dossier = slice_text("H27.45\xe2\x80\x8b");
    event.procedure = slice_text("");
    event.due_at_ms = -2208988800000;
    event.channel = CHANNEL_COUNT;
    assert_int_equal(event_check(&event, &arena, &fault), STATUS_INVALID);
    assert_string_equal(fault.field, "channel");
    assert_string_equal(
        fault.reason,
        "is not one of ONLINE, DIRECT, POSTAL; due_at: is not in the years 2000 to 2099 (UTC); "
        "leave it out if there is none; dossier: \"H27.45<U+200B>\" holds U+200B (zero width "
        "space) as character 7, which cannot be seen; delete it; procedure: must be given with "
        "kind RECEIVED");
    /* Each field once, and no more than there is room for. */
    fault = (struct event_fault){.field = ""};
    for (int i = 0; i < 2 * EVENT_FAULT_FIELDS; i++) {
        static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
        (void)event_fault_add(&fault, names[i / 2], "wrong");
    }
    assert_string_equal(fault.reason, "wrong; b: wrong; c: wrong; d: wrong; e: wrong; f: wrong; "
                                      "g: wrong; h: wrong");
    arena_fini(&arena);
}

static void test_blanks_at_the_ends_are_cut(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    struct event event = whole_event(KIND_RECEIVED);
    struct event_fault fault = {.field = ""};
    event.dossier = slice_text(" H27.45-240603-0902 ");
    event.reason = slice_text("thiếu\xc2\xa0giấy  tờ ");
    event.voids = slice_text("  ");
    assert_int_equal(event_check(&event, &arena, &fault), STATUS_OK);
    assert_true(slice_equal(event.dossier, slice_text("H27.45-240603-0902")));
    assert_true(slice_equal(event.reason, slice_text("thiếu giấy tờ")));
    assert_int_equal(event.voids.size, 0);
    event.unit = slice_text("  ");
    assert_int_equal(event_check(&event, &arena, &fault), STATUS_INVALID);
    assert_string_equal(fault.field, "unit");
    arena_fini(&arena);
}

static void assert_events_equal(const struct event *a, const struct event *b)
{
    struct buffer buffers[2];
    buffer_init(&buffers[0], EVENT_RECORD_MAX);
    buffer_init(&buffers[1], EVENT_RECORD_MAX);
    event_encode(a, &buffers[0]);
    event_encode(b, &buffers[1]);
    assert_int_equal(buffer_status(&buffers[0]), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&buffers[0]), buffer_slice(&buffers[1])));
    buffer_fini(&buffers[0]);
    buffer_fini(&buffers[1]);
}

static void test_wire_round_trip(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    uint64_t seed = 20240119;
    for (int i = 0; i < 2000; i++) {
        arena_reset(&arena);
        const struct event event = random_event(&seed, &arena);
        Hoso__V1__Event wire;
        assert_int_equal(event_to_wire(&event, &arena, &wire), STATUS_OK);
        uint8_t *packed = arena_alloc(&arena, hoso__v1__event__get_packed_size(&wire));
        const size_t size = hoso__v1__event__pack(&wire, packed);
        Hoso__V1__Event *unpacked = hoso__v1__event__unpack(NULL, size, packed);
        assert_non_null(unpacked);
        struct event again;
        struct event_fault fault = {.field = ""};
        event_from_wire(unpacked, &again);
        assert_int_equal(event_check(&again, &arena, &fault), STATUS_OK);
        assert_events_equal(&event, &again);
        hoso__v1__event__free_unpacked(unpacked, NULL);
    }
    arena_fini(&arena);
}

static void test_wire_edges(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    Hoso__V1__Event wire = HOSO__V1__EVENT__INIT;
    struct event event;
    event_from_wire(&wire, &event);
    assert_int_equal(event.kind, KIND_NONE);
    assert_int_equal(event.event_id.size, 0);
    wire.kind = (Hoso__V1__Kind)-1;
    wire.channel = (Hoso__V1__Channel)99;
    event_from_wire(&wire, &event);
    assert_true(event.kind >= KIND_COUNT);
    assert_true(event.channel >= CHANNEL_COUNT);
    struct event_fault fault = {.field = ""};
    assert_int_equal(event_check(&event, &arena, &fault), STATUS_INVALID);
    assert_string_equal(fault.field, "kind");
    arena_fini(&arena);

    arena_init(&arena, 8);
    event = whole_event(KIND_RECEIVED);
    assert_int_equal(event_to_wire(&event, &arena, &wire), STATUS_TOO_LARGE);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kind_names),
        cmocka_unit_test(test_what_kinds_must_carry),
        cmocka_unit_test(test_numbers_out_of_range),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_a_long_text_may_compose_to_a_short_one),
        cmocka_unit_test(test_faults_stay_clean),
        cmocka_unit_test(test_all_faults_are_told_at_once),
        cmocka_unit_test(test_blanks_at_the_ends_are_cut),
        cmocka_unit_test(test_wire_round_trip),
        cmocka_unit_test(test_wire_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
