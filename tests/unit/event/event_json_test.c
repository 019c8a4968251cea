/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON of an event: both readers (plain lines and jansson's) agree, every fault names its
 * attribute.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "event/event_json.h"
#include "random_event.h"

#define RECEIVED_LINE                                                                              \
    "{\"eventId\":\"e-1\",\"dossier\":\"H27.45-240119-0001\",\"kind\":\"RECEIVED\","               \
    "\"occurredAt\":\"2024-01-19T08:12:00+07:00\",\"unit\":\"H27.45\",\"procedure\":\"1.004221\"," \
    "\"field\":\"dat-dai\",\"channel\":\"ONLINE\",\"serviceLevel\":\"FULL\","                      \
    "\"dueAt\":\"2024-02-02T17:00:00+07:00\"}"

static void test_a_line(void **state)
{
    (void)state;
    struct arena arena;
    struct buffer buffer;
    struct event event;
    struct event_fault fault = {.field = ""};
    arena_init(&arena, 1 << 16);
    buffer_init(&buffer, EVENT_JSON_MAX);
    assert_int_equal(event_from_json(slice_text(RECEIVED_LINE), &arena, &event, &fault), STATUS_OK);
    assert_true(slice_equal(event.event_id, slice_text("e-1")));
    assert_true(slice_equal(event.dossier, slice_text("H27.45-240119-0001")));
    assert_true(slice_equal(event.unit, slice_text("H27.45")));
    assert_true(slice_equal(event.procedure, slice_text("1.004221")));
    assert_true(slice_equal(event.field, slice_text("dat-dai")));
    assert_true(event.occurred_at_ms == 1705626720000);
    assert_true(event.due_at_ms == 1706868000000);
    assert_int_equal(event.kind, KIND_RECEIVED);
    assert_int_equal(event.channel, CHANNEL_ONLINE);
    assert_int_equal(event.level, LEVEL_FULL);
    event_to_json(&event, &buffer);
    assert_true(slice_equal(buffer_slice(&buffer), slice_text(RECEIVED_LINE)));
    buffer_fini(&buffer);
    arena_fini(&arena);
}

/* A bare event: what is appended to it decides. */
#define BARE "{\"eventId\":\"e\",\"dossier\":\"d\",\"occurredAt\":\"2024-01-19T08:12:00Z\""

struct row {
    const char *line;
    const char *field;  /* NULL = good */
    const char *reason; /* part of it */
};

static void check_row(const struct row *row)
{
    struct arena arena;
    struct event event = {.kind = KIND_RESOLVED};
    struct event_fault fault = {.field = NULL};
    arena_init(&arena, 1 << 16);
    const enum status status = event_from_json(slice_text(row->line), &arena, &event, &fault);
    if (row->field == NULL) {
        if (status != STATUS_OK) {
            fail_msg("%s: %s %s", row->line, fault.field, fault.reason);
        }
    } else if (status != STATUS_INVALID || strcmp(fault.field, row->field) != 0 ||
               strstr(fault.reason, row->reason) == NULL) {
        fail_msg("%s: \"%s\" \"%s\"", row->line, fault.field, fault.reason);
    }
    arena_fini(&arena);
}

static void test_what_could_be_read_of_a_faulty_event(void **state)
{
    (void)state;
    struct arena arena;
    struct event event;
    struct event_fault fault = {.field = NULL};
    arena_init(&arena, 1 << 16);
    const char *line = "{\"eventId\":\"e\",\"kind\":\"RECEIVED\",\"unit\":\"u\",\"dueAt\":\"soon\","
                       "\"procedure\":\"p\"}";
    assert_int_equal(event_from_json(slice_text(line), &arena, &event, &fault), STATUS_INVALID);
    assert_int_equal(event.kind, KIND_RECEIVED);
    assert_true(slice_equal(event.unit, slice_text("u")));
    assert_true(slice_equal(event.procedure, slice_text("p")));
    assert_int_equal(event.due_at_ms, 0);
    arena_fini(&arena);
}

static const struct row rows[] = {
    {BARE ",\"kind\":\"RESOLVED\"}", NULL, NULL},
    {" \t" BARE " , \"kind\" : \"RESOLVED\" } \r\n", NULL, NULL},
    {BARE ",\"kind\":\"RES\\u004fLVED\"}", NULL, NULL},
    {BARE ",\"k\\u0069nd\":\"RESOLVED\"}", NULL, NULL},
    {BARE ",\"kind\":\"EXTENDED\",\"apologySent\":true}", NULL, NULL},
    {BARE ",\"kind\":\"PAYMENT_RECEIVED\",\"paidOnline\":false}", NULL, NULL},
    {BARE ",\"kind\":\"PETITION_RECEIVED\",\"unit\":\"u\",\"petitionClass\":\"BUSINESS\"}", NULL,
     NULL},
    {BARE ",\"kind\":\"VOIDED\",\"voids\":\"e-0\"}", NULL, NULL},
    /* null = not given, as in the JSON of protobuf */
    {BARE ",\"kind\":\"RESOLVED\",\"apologySent\":null,\"dueAt\":null,\"unit\":null}", NULL, NULL},
    {BARE
     ",\"kind\":\"REFUSED\",\"unit\":\"u\",\"procedure\":\"p\",\"reason\":\"thiếu \\\"x\\\"\"}",
     NULL, NULL},
    /* syntax */
    {"", "", "is not JSON"},
    {"{", "", "is not JSON"},
    {"[]", "", "object"},
    {"{}", "kind", "must be given"},
    {BARE ",\"kind\":\"RESOLVED\"} x", "", "is not JSON"},
    {BARE ",\"kind\":\"RESOLVED\",}", "", "is not JSON"},
    {BARE ",\"kind\":\"RESOLVED\"", "", "is not JSON"},
    {BARE ",\"kind\":\"RESOLVED", "", "is not JSON"},
    {BARE ",\"kind\":\"RESOLVED\",\"reason\":\"\xff\",\"x\":1}", "", "is not JSON"},
    {BARE ",\"kind\":\"RESOLVED\",\"reason\":\"a\tb\"}", "", "is not JSON"},
    {BARE ",\"kind\":\"RESOLVED\",\"kind\":\"RESOLVED\"}", "", "duplicate"},
    {BARE ",\"kind\":\"RESOLVED\",\"k\\u0069nd\":\"RESOLVED\"}", "", "duplicate"},
    /* names */
    {BARE ",\"kind\":\"RESOLVED\",\"occuredAt\":\"x\"}", "occuredAt",
     "did you mean \"occurredAt\"?"},
    {BARE ",\"kind\":\"RESOLVED\",\"occurred_at\":\"x\"}", "occurred_at",
     "did you mean \"occurredAt\"?"},
    {BARE ",\"kind\":\"RESOLVED\",\"source\":\"x\"}", "source", "unknown name \"source\""},
    {BARE ",\"kind\":\"RESOLVED\",\"a\\u0001\":\"x\"}", "", "unknown name \"a<U+0001>\""},
    /* types and values */
    {BARE ",\"kind\":2}", "kind", "must be a text"},
    {BARE ",\"kind\":null}", "kind", "must be given"},
    {BARE ",\"kind\":true}", "kind", "must be a text"},
    {BARE ",\"kind\":{\"kind\":\"RESOLVED\"}}", "kind", "must be a text"},
    {BARE ",\"kind\":\"RESOLVD\"}", "kind", "did you mean \"RESOLVED\"?"},
    {BARE ",\"kind\":\"KIND_RESOLVED\"}", "kind", "did you mean \"RESOLVED\"?"},
    {BARE ",\"kind\":\"resolved\"}", "kind", "did you mean \"RESOLVED\"?"},
    {BARE "}", "kind", "must be given"},
    {BARE ",\"kind\":\"RESOLVED\",\"paidOnline\":\"true\"}", "paidOnline", "true or false"},
    {BARE ",\"kind\":\"RESOLVED\",\"outOfTerritory\":1}", "outOfTerritory", "true or false"},
    {BARE ",\"kind\":\"RESOLVED\",\"nothing\":null}", "nothing", "unknown name"},
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":\"2024-01-19\"}", "dueAt", "must be a time"},
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":1705626720000}", "dueAt", "must be a text"},
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":\"1970-01-01T00:00:00Z\"}", "dueAt", "2000 to 2099"},
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":\"2100-01-01T00:00:00Z\"}", "dueAt", "2000 to 2099"},
    {BARE ",\"kind\":\"RESOLVED\",\"channel\":\"online\"}", "channel", "ONLINE, DIRECT or POSTAL"},
    {BARE ",\"kind\":\"RESOLVED\",\"serviceLevel\":\"mức độ 5\"}", "serviceLevel", "FULL, PARTIAL"},
    {BARE ",\"kind\":\"RESOLVED\",\"serviceLevel\":4}", "serviceLevel", "must be a text"},
    {BARE ",\"kind\":\"RESOLVED\",\"petitionClass\":\"OTHER\"}", "petitionClass", "ADMINISTRATIVE"},
    /* what event_check finds, by its JSON name */
    {BARE ",\"kind\":\"RECEIVED\"}", "unit", "must be given with kind RECEIVED"},
    {BARE ",\"kind\":\"VOIDED\"}", "voids", "must be given"},
    {BARE ",\"kind\":\"PETITION_RECEIVED\",\"unit\":\"u\"}", "petitionClass", "must be given"},
    {BARE ",\"kind\":\"RESOLVED\",\"reason\":\"a\\u0000b\"}", "reason", "control"},
    {BARE ",\"kind\":\"RESOLVED\",\"reason\":\"\\u0085\"}", "reason", "control"},
    {BARE ",\"kind\":\"RESOLVED\",\"reason\":\"\xc2\x85\"}", "reason", "control"},
    {BARE ",\"kind\":\"RESOLVED\",\"reason\":\"\xff\"}", "reason", "UTF-8"},
    {BARE ",\"kind\":\"RESOLVED\",\"unit\":\"12345678901234567890123456789012345678901234567890"
          "123456789012345\"}",
     "unit", "64"},
    {BARE ",\"kind\":\"RESOLVED\",\"unit\":\"H27\\u200b\"}", "unit",
     "\"H27<U+200B>\" holds U+200B (zero width space) as character 4"},
    {BARE ",\"kind\":\"RESOLVED\",\"unit\":\"H27\xc2\xa0\"}", "unit", "U+00A0 (no-break space)"},
    /* an empty text = not given */
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":\"\",\"unit\":\"\",\"channel\":\"\","
          "\"serviceLevel\":\" \",\"petitionClass\":\"\",\"paidOnline\":\"\"}",
     NULL, NULL},
    {BARE ",\"kind\":\"\"}", "kind", "must be given"},
    {BARE ",\"kind\":\" RESOLVED \",\"dueAt\":\" 2024-01-19T08:12+07:00 \"}", NULL, NULL},
    /* the default dates of data bases, with and without offset */
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":\"0001-01-01T00:00:00\"}", "dueAt",
     "\"0001-01-01T00:00:00\" is not in the years 2000 to 2099 (UTC); leave it out if there is "
     "none"},
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":\"0001-01-01T00:00:00Z\"}", "dueAt", "leave it out"},
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":\"1900-01-01T00:00:00+07:00\"}", "dueAt",
     "leave it out"},
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":\"1900-01-01\"}", "dueAt", "leave it out"},
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":\"1970-01-01T00:00:00Z\"}", "dueAt", "leave it out"},
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":\"9999-12-31T23:59:59.9999999+07:00\"}", "dueAt",
     "leave it out"},
    {"{\"eventId\":\"e\",\"dossier\":\"d\",\"kind\":\"RESOLVED\","
     "\"occurredAt\":\"0001-01-01T00:00:00Z\"}",
     "occurredAt", "2000 to 2099"},
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":\"2024-01-19T08:12:00\"}", "dueAt",
     "\"2024-01-19T08:12:00\" does not say its offset from UTC; write it like"},
    {BARE ",\"kind\":\"RESOLVED\",\"dueAt\":\"20240119081200\"}", "dueAt", "must be a time like"},
    /* all that is wrong, at once, each field once */
    {"{\"eventId\":\"e\",\"kind\":\"RECIEVED\",\"occurredAt\":\"now\",\"dueAt\":true,"
     "\"chanel\":\"x\",\"occurred_at\":\"x\"}",
     "kind",
     "there is no kind \"RECIEVED\": did you mean \"RECEIVED\"?; occurredAt: must be a time like "
     "\"2024-01-19T08:12:00+07:00\", not \"now\"; dueAt: must be a text in quotation marks; "
     "chanel: "
     "unknown name \"chanel\": did you mean \"channel\"?; occurred_at: unknown name "
     "\"occurred_at\": did you mean \"occurredAt\"?; dossier: must be given"},
    {"{\"eventId\":\"\",\"dossier\":\"d\",\"kind\":\"RESOLVED\","
     "\"occurredAt\":\"2024-01-19T08:12:00Z\"}",
     "eventId", "must be given"},
    {"{\"eventId\":\"e\",\"dossier\":\"d\",\"kind\":\"RESOLVED\"}", "occurredAt", "must be given"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row(&rows[i]);
    }
}

static void test_levels(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum service_level level;
    } levels[] = {
        {"FULL", LEVEL_FULL},
        {"PARTIAL", LEVEL_PARTIAL},
        {"NONE", LEVEL_NOT_ONLINE},
        {"mức độ 4", LEVEL_FULL},
        {"mức độ 3", LEVEL_PARTIAL},
        {"Mức độ 4", LEVEL_FULL},
        {"Mức độ 3", LEVEL_PARTIAL},
        {"MUC_DO_4", LEVEL_FULL},
        {"MUC_DO_3", LEVEL_PARTIAL},
        {"4", LEVEL_FULL},
        {"3", LEVEL_PARTIAL},
        {"mu\xcc\x9b\xcc\x81"
         "c \xc4\x91o\xcc\xa3\xcc\x82 4",
         LEVEL_FULL}, /* marks apart */
    };
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        struct arena arena;
        struct event event;
        struct event_fault fault = {.field = ""};
        arena_init(&arena, 1 << 16);
        const char *line = arena_printf(
            &arena, BARE ",\"kind\":\"RESOLVED\",\"serviceLevel\":\"%s\"}", levels[i].text);
        assert_int_equal(event_from_json(slice_text(line), &arena, &event, &fault), STATUS_OK);
        assert_int_equal(event.level, levels[i].level);
        arena_fini(&arena);
    }
}

static struct slice record_of(const struct event *event, struct arena *arena)
{
    struct buffer buffer;
    buffer_init(&buffer, EVENT_RECORD_MAX);
    event_encode(event, &buffer);
    const struct slice record = arena_copy(arena, buffer_slice(&buffer));
    buffer_fini(&buffer);
    return record;
}

/* The same line with the first letter escaped goes through jansson. */
static struct slice escape_first_letter(struct slice line, struct arena *arena)
{
    return slice_text(arena_printf(arena, "{\"\\u%04x%.*s", line.data[2], (int)line.size - 3,
                                   (const char *)line.data + 3));
}

static void test_round_trip_both_ways(void **state)
{
    (void)state;
    struct arena arena;
    struct buffer buffer;
    arena_init(&arena, 1 << 20);
    buffer_init(&buffer, EVENT_JSON_MAX);
    uint64_t seed = 4;
    for (int i = 0; i < 3000; i++) {
        arena_reset(&arena);
        buffer_clear(&buffer);
        const struct event event = random_event(&seed, &arena);
        event_to_json(&event, &buffer);
        assert_int_equal(buffer_status(&buffer), STATUS_OK);
        const struct slice plain = buffer_slice(&buffer);
        const struct slice escaped = escape_first_letter(plain, &arena);
        struct event first;
        struct event second;
        struct event_fault fault = {.field = ""};
        assert_int_equal(event_from_json(plain, &arena, &first, &fault), STATUS_OK);
        assert_int_equal(event_from_json(escaped, &arena, &second, &fault), STATUS_OK);
        assert_true(slice_equal(record_of(&event, &arena), record_of(&first, &arena)));
        assert_true(slice_equal(record_of(&event, &arena), record_of(&second, &arena)));
    }
    buffer_fini(&buffer);
    arena_fini(&arena);
}

static void test_every_cut_of_a_line_is_refused(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    const struct slice line = slice_text(RECEIVED_LINE);
    for (size_t size = 0; size < line.size; size++) {
        char *exact = malloc(size + (size == 0));
        struct event event;
        struct event_fault fault = {.field = ""};
        assert_non_null(exact);
        memcpy(exact, line.data, size);
        arena_reset(&arena);
        assert_int_equal(event_from_json(slice_of(exact, size), &arena, &event, &fault),
                         STATUS_INVALID);
        assert_string_equal(fault.field, "");
        free(exact);
    }
    arena_fini(&arena);
}

static void test_limits(void **state)
{
    (void)state;
    static char line[EVENT_JSON_MAX + 1];
    memset(line, '[', sizeof line);
    struct arena arena;
    struct event event;
    struct event_fault fault = {.field = ""};
    arena_init(&arena, 16);
    assert_int_equal(event_from_json(slice_of(line, sizeof line), &arena, &event, &fault),
                     STATUS_INVALID);
    assert_non_null(strstr(fault.reason, "longer"));
    assert_int_equal(event_from_json(slice_of(line, sizeof line - 1), &arena, &event, &fault),
                     STATUS_INVALID);
    assert_int_equal(event_from_json(slice_text(RECEIVED_LINE), &arena, &event, &fault),
                     STATUS_TOO_LARGE);
    arena_fini(&arena);
}

static void test_an_empty_event_is_written_as_braces(void **state)
{
    (void)state;
    const struct event event = {.kind = KIND_NONE};
    struct buffer buffer;
    buffer_init(&buffer, 64);
    event_to_json(&event, &buffer);
    assert_true(slice_equal(buffer_slice(&buffer), slice_text("{}")));
    buffer_fini(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line),
        cmocka_unit_test(test_what_could_be_read_of_a_faulty_event),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_round_trip_both_ways),
        cmocka_unit_test(test_every_cut_of_a_line_is_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_an_empty_event_is_written_as_braces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
