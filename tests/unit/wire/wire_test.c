/* SPDX-License-Identifier: Apache-2.0
 *
 * Hostile bytes as a table (what comes in → what the error says), the limits to the last entry, and
 * round trips.
 */
#include "wire/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "hoso/v1/publisher.pb-c.h"
#include "tests/unit/wire/node.h"

enum { ARENA_BYTES = 32 << 20, BYTES_MAX = 4 << 20, DEADLINE_S = 5 };

struct fixture {
    struct arena arena;
    struct buffer bytes;
    struct error error;
};

static void begin(struct fixture *fixture)
{
    arena_init(&fixture->arena, ARENA_BYTES);
    buffer_init(&fixture->bytes, BYTES_MAX);
    fixture->error.text[0] = '\0';
}

static void end(struct fixture *fixture)
{
    arena_fini(&fixture->arena);
    buffer_fini(&fixture->bytes);
}

static enum status unpack(struct fixture *fixture, const ProtobufCMessageDescriptor *descriptor,
                          ProtobufCMessage **ret_message)
{
    assert_int_equal(buffer_status(&fixture->bytes), STATUS_OK);
    return wire_unpack(descriptor, buffer_slice(&fixture->bytes), &fixture->arena, ret_message,
                       &fixture->error);
}

static void put_bytes(struct buffer *buffer, unsigned id, struct slice value)
{
    buffer_varint(buffer, id << 3 | 2);
    buffer_text(buffer, value);
}

#define HOSTILE(name, descriptor, bytes, error)                                 \
    {                                                                           \
        name, &descriptor, {(const uint8_t *)(bytes), sizeof(bytes) - 1}, error \
    }

/* IntakeRequest: 1 request_id, 3 append {1 epoch, 2 first_sequence, 3 events {1 event_id, 2
 * dossier, 3 kind, …}}. */
static const struct hostile {
    const char *name;
    const ProtobufCMessageDescriptor *descriptor;
    struct slice bytes;
    const char *error;
} hostile[] = {
    HOSTILE("field number 0", hoso__v1__event__descriptor, "\x00\x01", "Event: broken tag"),
    HOSTILE("endless tag", hoso__v1__event__descriptor, "\x88\x80\x80\x80\x80\x00\x01",
            "Event: broken tag"),
    HOSTILE("tag of 35 bits", hoso__v1__event__descriptor, "\x88\x80\x80\x80\x7f\x01",
            "Event: broken tag"),
    HOSTILE("tag cut short", hoso__v1__event__descriptor, "\x88", "Event: broken tag"),
    HOSTILE("number missing", hoso__v1__event__descriptor, "\x18", "kind: broken varint"),
    HOSTILE("number cut short", hoso__v1__event__descriptor, "\x18\x80", "kind: broken varint"),
    HOSTILE("number of 11 bytes", hoso__v1__event__descriptor,
            "\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "occurred_at: broken varint"),
    HOSTILE("text cut short", hoso__v1__event__descriptor,
            "\x0a\x05"
            "abc",
            "event_id: cut short"),
    HOSTILE("text of 4 GiB", hoso__v1__event__descriptor,
            "\x0a\xff\xff\xff\xff\x0f"
            "abc",
            "event_id: cut short"),
    HOSTILE("endless length", hoso__v1__event__descriptor,
            "\x0a\x81\x80\x80\x80\x80\x00"
            "a",
            "event_id: broken length"),
    HOSTILE("NUL in text", hoso__v1__event__descriptor,
            "\x0a\x03"
            "a\0b",
            "event_id: not UTF-8, or with control characters"),
    HOSTILE("bad UTF-8", hoso__v1__event__descriptor, "\x12\x02\xc3\x28",
            "dossier: not UTF-8, or with control characters"),
    HOSTILE("surrogate", hoso__v1__event__descriptor, "\x12\x03\xed\xa0\x80",
            "dossier: not UTF-8, or with control characters"),
    HOSTILE("C1 control", hoso__v1__event__descriptor, "\x12\x02\xc2\x85",
            "dossier: not UTF-8, or with control characters"),
    HOSTILE("text as number", hoso__v1__event__descriptor, "\x08\x01", "event_id: wrong wire type"),
    HOSTILE("number as text", hoso__v1__event__descriptor, "\x1a\x01\x01", "kind: wrong wire type"),
    HOSTILE("number as fixed", hoso__v1__event__descriptor, "\x1d\x01\x02\x03\x04",
            "kind: wrong wire type"),
    HOSTILE("group", hoso__v1__event__descriptor, "\x0b\x0c", "event_id: wrong wire type"),
    HOSTILE("unknown group", hoso__v1__event__descriptor, "\xa3\x06\xa4\x06",
            "Event: wire type that is not in use"),
    HOSTILE("wire type 7", hoso__v1__event__descriptor, "\xa7\x06",
            "Event: wire type that is not in use"),
    HOSTILE("unknown field cut short", hoso__v1__event__descriptor, "\xa1\x06\x01",
            "Event: cut short"),
    HOSTILE("number twice", hoso__v1__event__descriptor, "\x18\x01\x18\x01", "kind: given twice"),
    HOSTILE("text twice", hoso__v1__event__descriptor, "\x0a\x01\x61\x0a\x01\x61",
            "event_id: given twice"),
    HOSTILE("oneof member twice", hoso__v1__intake_request__descriptor, "\x12\x00\x12\x00",
            "open: given twice"),
    HOSTILE("two members of a oneof", hoso__v1__intake_request__descriptor, "\x12\x00\x1a\x00",
            "append: given beside another member of its oneof"),
    HOSTILE("sound after all", hoso__v1__intake_request__descriptor,
            "\x1a\x09\x1a\x03\x0a\x01\x61\x1a\x02\x0a\x00\x08\x01", NULL),
    HOSTILE("deep inside", hoso__v1__intake_request__descriptor,
            "\x1a\x0a\x1a\x03\x0a\x01\x61\x1a\x03\x12\x01\xff",
            "append.events[1].dossier: not UTF-8, or with control characters"),
    HOSTILE("wrong wire type before the first entry", hoso__v1__intake_request__descriptor,
            "\x1a\x02\x18\x01", "append.events[0]: wrong wire type"),
    HOSTILE("scalar oneof twice over", node_descriptor, "\x18\x01\x22\x01\x61",
            "b: given beside another member of its oneof"),
    HOSTILE("packed run cut short", node_descriptor, "\x12\x02\x01\x80",
            "numbers[0]: broken packed run"),
    HOSTILE("packed marks uneven", node_descriptor, "\x2a\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09",
            "marks[0]: broken packed run"),
    HOSTILE("sparse id", node_descriptor, "\xc0\x02\x01", "weight: wrong wire type"),
};

static void test_hostile(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        struct fixture fixture;
        ProtobufCMessage *message = NULL;
        begin(&fixture);
        const enum status status = wire_unpack(hostile[i].descriptor, hostile[i].bytes,
                                               &fixture.arena, &message, &fixture.error);
        const char *expected = hostile[i].error != NULL ? hostile[i].error : "";
        if (strcmp(fixture.error.text, expected) != 0) {
            fail_msg("%s: \"%s\"", hostile[i].name, fixture.error.text);
        }
        assert_int_equal(status, hostile[i].error != NULL ? STATUS_INVALID : STATUS_OK);
        assert_int_equal(message != NULL, hostile[i].error == NULL);
        end(&fixture);
    }
}

/* What made protobuf-c take 88 s for 1 MiB: the same singular submessage over and over. */
static void test_merge_bomb(void **state)
{
    (void)state;
    struct fixture fixture;
    ProtobufCMessage *message = NULL;
    begin(&fixture);
    while (fixture.bytes.size < 1 << 20) {
        put_bytes(&fixture.bytes, 3, slice_of("\x1a\x00", 2));
    }
    const time_t start = time(NULL);
    assert_int_equal(unpack(&fixture, &hoso__v1__intake_request__descriptor, &message),
                     STATUS_INVALID);
    assert_string_equal(fixture.error.text, "append: given twice");
    assert_true(time(NULL) - start < DEADLINE_S);
    end(&fixture);
}

/* Node in Node in Node …: `levels` messages altogether. */
static void put_nested(struct buffer *bytes, unsigned levels)
{
    uint8_t inner[128];
    size_t size = 0;
    for (unsigned i = 1; i < levels; i++) {
        memmove(inner + 2, inner, size);
        inner[0] = 1 << 3 | 2;
        inner[1] = (uint8_t)size;
        size += 2;
    }
    buffer_put(bytes, inner, size);
}

static void test_depth(void **state)
{
    (void)state;
    for (unsigned levels = 1; levels <= WIRE_DEPTH_MAX + 2; levels++) {
        struct fixture fixture;
        ProtobufCMessage *message = NULL;
        begin(&fixture);
        put_nested(&fixture.bytes, levels);
        const enum status status = unpack(&fixture, &node_descriptor, &message);
        assert_int_equal(status, levels <= WIRE_DEPTH_MAX ? STATUS_OK : STATUS_INVALID);
        if (status != STATUS_OK) {
            assert_string_equal(fixture.error.text,
                                "child.child.child.child.child.child: nested too deeply");
        }
        end(&fixture);
    }
}

static void test_unknown_fields(void **state)
{
    (void)state;
    for (unsigned count = WIRE_UNKNOWN_MAX; count <= WIRE_UNKNOWN_MAX + 1; count++) {
        struct fixture fixture;
        ProtobufCMessage *message = NULL;
        begin(&fixture);
        for (unsigned i = 0; i < count; i++) {
            put_bytes(&fixture.bytes, 100 + i, slice_text("newer"));
        }
        const enum status status = unpack(&fixture, &hoso__v1__event__descriptor, &message);
        assert_int_equal(status, count <= WIRE_UNKNOWN_MAX ? STATUS_OK : STATUS_INVALID);
        assert_string_equal(fixture.error.text,
                            status == STATUS_OK ? "" : "Event: too many unknown fields");
        end(&fixture);
    }
}

static void test_text_limit(void **state)
{
    (void)state;
    char text[WIRE_TEXT_MAX + 1];
    memset(text, 'a', sizeof text);
    for (size_t size = WIRE_TEXT_MAX; size <= WIRE_TEXT_MAX + 1; size++) {
        struct fixture fixture;
        ProtobufCMessage *message = NULL;
        begin(&fixture);
        put_bytes(&fixture.bytes, 1, slice_of(text, size));
        assert_int_equal(unpack(&fixture, &hoso__v1__event__descriptor, &message),
                         size <= WIRE_TEXT_MAX ? STATUS_OK : STATUS_INVALID);
        end(&fixture);
    }
}

/* Empty submessages, a byte or two each on the wire, and packed ones. */
static void test_repeated_limit(void **state)
{
    (void)state;
    for (unsigned packed = 0; packed <= 1; packed++) {
        for (size_t count = WIRE_REPEATED_MAX; count <= WIRE_REPEATED_MAX + 1; count++) {
            struct fixture fixture;
            ProtobufCMessage *message = NULL;
            begin(&fixture);
            if (packed != 0) {
                buffer_varint(&fixture.bytes, 2 << 3 | 2);
                buffer_varint(&fixture.bytes, count);
            }
            for (size_t i = 0; i < count; i++) {
                if (packed != 0) {
                    buffer_u8(&fixture.bytes, 7);
                } else {
                    put_bytes(&fixture.bytes, 6, slice_text(""));
                }
            }
            assert_int_equal(unpack(&fixture, &node_descriptor, &message),
                             count <= WIRE_REPEATED_MAX ? STATUS_OK : STATUS_INVALID);
            if (message != NULL) {
                const struct node *node = (const struct node *)message;
                assert_int_equal(node->n_numbers + node->n_children, count);
            }
            end(&fixture);
        }
    }
}

static void test_packed_and_oneof(void **state)
{
    (void)state;
    struct fixture fixture;
    ProtobufCMessage *message = NULL;
    begin(&fixture);
    put_bytes(&fixture.bytes, 2, slice_of("\x01\x80\x01", 3));
    buffer_varint(&fixture.bytes, 2 << 3);
    buffer_varint(&fixture.bytes, 3);
    put_bytes(&fixture.bytes, 5, slice_of("\x09\0\0\0\0\0\0\0", 8));
    put_bytes(&fixture.bytes, 4, slice_text("hồ sơ"));
    assert_int_equal(unpack(&fixture, &node_descriptor, &message), STATUS_OK);
    const struct node *node = (const struct node *)message;
    assert_int_equal(node->n_numbers, 3);
    assert_int_equal(node->numbers[0], 1);
    assert_int_equal(node->numbers[1], 128);
    assert_int_equal(node->numbers[2], 3);
    assert_int_equal(node->n_marks, 1);
    assert_int_equal(node->marks[0], 9);
    assert_int_equal(node->choice_case, 4);
    assert_string_equal(node->b, "hồ sơ");
    end(&fixture);
}

static void put_append(struct buffer *bytes, unsigned count)
{
    Hoso__V1__Event *events = calloc(count, sizeof *events);
    Hoso__V1__Event **pointers = calloc(count, sizeof(Hoso__V1__Event *));
    assert_non_null(events);
    assert_non_null(pointers);
    for (unsigned i = 0; i < count; i++) {
        hoso__v1__event__init(&events[i]);
        events[i].event_id = "e-1";
        events[i].dossier = "H27.45-240119-0001";
        events[i].kind = HOSO__V1__KIND__KIND_RECEIVED;
        events[i].occurred_at = 1705626720000 + i;
        events[i].unit = "H27.45";
        events[i].procedure = "1.004221";
        events[i].field = "dat-dai";
        pointers[i] = &events[i];
    }
    Hoso__V1__AppendRequest append = HOSO__V1__APPEND_REQUEST__INIT;
    append.epoch = 3;
    append.first_sequence = 41;
    append.n_events = count;
    append.events = pointers;
    Hoso__V1__IntakeRequest request = HOSO__V1__INTAKE_REQUEST__INIT;
    request.request_id = 9;
    request.body_case = HOSO__V1__INTAKE_REQUEST__BODY_APPEND;
    request.append = &append;
    wire_pack(&request.base, bytes);
    free(pointers);
    free(events);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct fixture fixture;
    ProtobufCMessage *message = NULL;
    begin(&fixture);
    put_append(&fixture.bytes, 1000);
    assert_int_equal(unpack(&fixture, &hoso__v1__intake_request__descriptor, &message), STATUS_OK);
    const Hoso__V1__IntakeRequest *request = (const Hoso__V1__IntakeRequest *)message;
    assert_int_equal(request->body_case, HOSO__V1__INTAKE_REQUEST__BODY_APPEND);
    assert_int_equal(request->append->n_events, 1000);
    assert_int_equal(request->append->events[999]->occurred_at, 1705626720999);
    assert_string_equal(request->append->events[999]->dossier, "H27.45-240119-0001");
    end(&fixture);
}

static void test_empty(void **state)
{
    (void)state;
    struct fixture fixture;
    ProtobufCMessage *message = NULL;
    begin(&fixture);
    assert_int_equal(unpack(&fixture, &hoso__v1__intake_request__descriptor, &message), STATUS_OK);
    assert_int_equal(((const Hoso__V1__IntakeRequest *)message)->body_case, 0);
    wire_pack(message, &fixture.bytes);
    assert_int_equal(fixture.bytes.size, 0);
    end(&fixture);
}

/* Wherever memory ends, it ends as TOO_LARGE. */
static void test_arena_limit(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    put_append(&fixture.bytes, 40);
    bool complete = false;
    for (size_t limit = 0; !complete; limit += 97) {
        struct arena small;
        ProtobufCMessage *message = NULL;
        arena_init(&small, limit);
        const enum status status =
            wire_unpack(&hoso__v1__intake_request__descriptor, buffer_slice(&fixture.bytes), &small,
                        &message, &fixture.error);
        complete = status == STATUS_OK;
        assert_true(complete || status == STATUS_TOO_LARGE);
        arena_fini(&small);
    }
    end(&fixture);
}

static void test_pack_limit(void **state)
{
    (void)state;
    struct buffer small;
    buffer_init(&small, 100);
    put_append(&small, 3);
    assert_int_equal(buffer_status(&small), STATUS_TOO_LARGE);
    assert_int_equal(small.size, 0);
    buffer_fini(&small);
}

/* Flipped bytes of a real message: some status, no crash; the sanitizers watch. */
static void test_flips(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture);
    put_append(&fixture.bytes, 2);
    for (size_t at = 0; at < fixture.bytes.size; at++) {
        for (unsigned value = 0; value < 256; value++) {
            const uint8_t before = fixture.bytes.data[at];
            ProtobufCMessage *message = NULL;
            fixture.bytes.data[at] = (uint8_t)value;
            const enum status status =
                unpack(&fixture, &hoso__v1__intake_request__descriptor, &message);
            assert_int_equal(status == STATUS_OK, message != NULL);
            fixture.bytes.data[at] = before;
            arena_reset(&fixture.arena);
        }
    }
    end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_merge_bomb),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_unknown_fields),
        cmocka_unit_test(test_text_limit),
        cmocka_unit_test(test_repeated_limit),
        cmocka_unit_test(test_packed_and_oneof),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_arena_limit),
        cmocka_unit_test(test_pack_limit),
        cmocka_unit_test(test_flips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
