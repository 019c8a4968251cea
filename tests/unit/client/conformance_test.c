/* SPDX-License-Identifier: Apache-2.0
 *
 * The recorded streams of tests/conformance, through libhoso's subscriber: what it must hold at the
 * end is in their last lines.
 */
#include <glob.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/watch/follower.h"
#include "json_message.h"
#include "wire/wire.h"

enum { BYTES = 1 << 20, STREAMS_MIN = 7 };

static void give_snapshot(struct follower *follower, const json_t *json)
{
    struct buffer packed;
    struct arena arena;
    ProtobufCMessage *reply = NULL;
    buffer_init(&packed, BYTES);
    arena_init(&arena, BYTES);
    assert_int_not_equal(follower->want, FOLLOWER_WANTS_MESSAGES);
    assert_true(json_message_pack(&hoso__v1__totals_snapshot_reply__descriptor, json, &packed));
    assert_int_equal(wire_unpack(&hoso__v1__totals_snapshot_reply__descriptor,
                                 buffer_slice(&packed), &arena, &reply, NULL),
                     STATUS_OK);
    assert_int_equal(follower_snapshot(follower, (const Hoso__V1__TotalsSnapshotReply *)reply),
                     STATUS_OK);
    arena_fini(&arena);
    buffer_fini(&packed);
}

static void give_message(struct follower *follower, const char *topic, const json_t *json)
{
    struct buffer packed;
    buffer_init(&packed, BYTES);
    assert_true(json_message_pack(&hoso__v1__feed_message__descriptor, json, &packed));
    (void)follower_message(follower, topic, buffer_slice(&packed));
    buffer_fini(&packed);
}

/* As `values` of the last line has it. */
static json_t *values_of(const struct follower *follower)
{
    json_t *values = json_object();
    for (size_t i = 0; i < follower->table.order.count; i++) {
        const struct totals_entry *entry = follower->table.order.items[i];
        const struct hoso_unit_totals *unit = entry->unit;
        json_t *measures = json_object();
        for (size_t f = 0; f < unit->flow_count; f++) {
            const struct hoso_flow_total *flow = &unit->flows[f];
            (void)json_object_set_new(measures, flow->measure,
                                      json_pack("[I,I,I]", (json_int_t)flow->today,
                                                (json_int_t)flow->month, (json_int_t)flow->year));
        }
        for (size_t s = 0; s < unit->stock_count; s++) {
            (void)json_object_set_new(measures, unit->stocks[s].measure,
                                      json_integer(unit->stocks[s].now));
        }
        (void)json_object_set_new(values, unit->unit, measures);
    }
    return values;
}

static void expect_end(const struct follower *follower, const json_t *end)
{
    char feed[32];
    (void)snprintf(feed, sizeof feed, "%" PRIu64, follower->feed);
    json_t *values = values_of(follower);
    assert_int_equal(follower->want, FOLLOWER_WANTS_MESSAGES);
    assert_string_equal(feed, json_string_value(json_object_get(end, "feed")));
    assert_string_equal(follower->day, json_string_value(json_object_get(end, "day")));
    assert_int_equal(follower->cut.position, json_integer_value(json_object_get(end, "position")));
    assert_int_equal(follower->snapshots, json_integer_value(json_object_get(end, "snapshots")));
    assert_true(json_equal(values, json_object_get(end, "values")));
    json_decref(values);
}

static void replay(const char *path)
{
    struct follower *follower = NULL;
    char *text = NULL;
    size_t capacity = 0;
    bool ended = false;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (getline(&text, &capacity, file) > 0) {
        json_t *line = json_loads(text, 0, NULL);
        assert_non_null(line);
        if (follower == NULL) {
            follower = follower_new(json_string_value(json_object_get(line, "unit")));
        } else if (json_object_get(line, "snapshot") != NULL) {
            give_snapshot(follower, json_object_get(line, "snapshot"));
        } else if (json_object_get(line, "end") != NULL) {
            expect_end(follower, json_object_get(line, "end"));
            ended = true;
        } else {
            give_message(follower, json_string_value(json_object_get(line, "topic")),
                         json_object_get(line, "message"));
        }
        json_decref(line);
    }
    assert_true(ended);
    follower_free(follower);
    free(text);
    (void)fclose(file);
}

static void test_streams(void **state)
{
    (void)state;
    glob_t found;
    assert_int_equal(glob(CONFORMANCE "/*.jsonl", 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= STREAMS_MIN);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        print_message("%s\n", found.gl_pathv[i]);
        replay(found.gl_pathv[i]);
    }
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_streams)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
