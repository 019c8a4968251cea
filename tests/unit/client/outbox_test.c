/* SPDX-License-Identifier: Apache-2.0
 *
 * The outbox on disk and in memory: both keep the same queue; only the one on disk outlives a
 * close.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "client/publisher/outbox.h"
#include "tests/unit/client/folder.h"

struct fixture {
    char path[FOLDER_MAX];
    struct outbox *outbox;
    uint8_t owner;
    uint64_t map_bytes;
};

static enum status open_outbox(struct fixture *fixture, bool durable)
{
    struct outbox_options options = {.path = durable ? fixture->path : NULL,
                                     .map_bytes = fixture->map_bytes,
                                     .any_filesystem = true};
    struct error error;
    memset(options.owner, fixture->owner, sizeof options.owner);
    return outbox_open(&options, &fixture->outbox, &error);
}

static int begin(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    require(fixture != NULL);
    folder_make(fixture->path);
    fixture->map_bytes = 64 << 20;
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    outbox_close(fixture->outbox);
    folder_remove(fixture->path);
    free(fixture);
    return 0;
}

static void stage(struct outbox *outbox, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        char record[32];
        (void)snprintf(record, sizeof record, "record %u", i);
        assert_int_equal(outbox_stage(outbox, i, slice_text(record)), STATUS_OK);
    }
}

static void stage_large(struct outbox *outbox, unsigned count)
{
    static uint8_t record[1000];
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(outbox_stage(outbox, i, slice_of(record, sizeof record)), STATUS_OK);
    }
}

/* What a read shall find: tags, up to −1. */
struct expected {
    const int *tags;
    unsigned count;
};

static bool check_entry(void *context, const struct outbox_entry *entry)
{
    struct expected *expected = context;
    char record[32];
    (void)snprintf(record, sizeof record, "record %d", expected->tags[expected->count]);
    assert_int_equal(entry->tag, expected->tags[expected->count]);
    assert_true(slice_equal(entry->record, slice_text(record)));
    expected->count++;
    return true;
}

static void expect(struct outbox *outbox, const int *tags)
{
    struct expected expected = {.tags = tags};
    const uint64_t first = outbox_first(outbox);
    const uint32_t count = (uint32_t)(outbox_end(outbox) - first);
    assert_int_equal(outbox_read(outbox, first, count, check_entry, &expected), STATUS_OK);
    assert_int_equal(expected.count, count);
    assert_int_equal(tags[count], -1);
}

static void queue(struct fixture *fixture, bool durable)
{
    assert_int_equal(open_outbox(fixture, durable), STATUS_OK);
    struct outbox *outbox = fixture->outbox;
    expect(outbox, (const int[]){-1});
    stage(outbox, 0, 6);
    expect(outbox, (const int[]){-1});
    assert_int_equal(outbox_staged(outbox), 6);
    assert_int_equal(outbox_commit(outbox), STATUS_OK);
    expect(outbox, (const int[]){0, 1, 2, 3, 4, 5, -1});
    assert_int_equal(outbox_renumber(outbox, 100), STATUS_OK);
    outbox_drop(outbox, outbox_first(outbox) + 1);
    expect(outbox, (const int[]){1, 2, 3, 4, 5, -1});
    assert_int_equal(outbox_sequence(outbox, outbox_first(outbox)), 101);

    /* of the four at the front the first and third go */
    assert_int_equal(outbox_remove(outbox, 4, (const bool[]){true, false, true, false}), STATUS_OK);
    expect(outbox, (const int[]){2, 4, 5, -1});
    assert_int_equal(outbox_sequence(outbox, outbox_first(outbox)), 101);
    assert_int_equal(outbox_key(outbox, 103), outbox_end(outbox) - 1);
    stage(outbox, 6, 8);
    assert_int_equal(outbox_commit(outbox), STATUS_OK);
    expect(outbox, (const int[]){2, 4, 5, 6, 7, -1});

    /* all of one batch go */
    assert_int_equal(outbox_remove(outbox, 2, (const bool[]){true, true}), STATUS_OK);
    expect(outbox, (const int[]){5, 6, 7, -1});
    assert_int_equal(outbox_sequence(outbox, outbox_first(outbox)), 101);
}

static void queue_on_disk(void **state)
{
    struct fixture *fixture = *state;
    queue(fixture, true);
    stage(fixture->outbox, 8, 9); /* never committed */
    outbox_close(fixture->outbox);
    assert_int_equal(open_outbox(fixture, true), STATUS_OK);
    expect(fixture->outbox, (const int[]){5, 6, 7, -1});
    assert_int_equal(outbox_sequence(fixture->outbox, outbox_first(fixture->outbox)), 101);
}

static void queue_in_memory(void **state)
{
    queue(*state, false);
}

/* An outbox that was emptied goes on counting. */
static void numbers_go_on(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(open_outbox(fixture, true), STATUS_OK);
    stage(fixture->outbox, 0, 3);
    assert_int_equal(outbox_commit(fixture->outbox), STATUS_OK);
    outbox_drop(fixture->outbox, outbox_end(fixture->outbox));
    assert_int_equal(outbox_commit(fixture->outbox), STATUS_OK);
    outbox_close(fixture->outbox);
    assert_int_equal(open_outbox(fixture, true), STATUS_OK);
    expect(fixture->outbox, (const int[]){-1});
    assert_int_equal(outbox_sequence(fixture->outbox, outbox_first(fixture->outbox)), 4);
}

static void belongs_to_one_key(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(open_outbox(fixture, true), STATUS_OK);
    stage(fixture->outbox, 0, 1);
    assert_int_equal(outbox_commit(fixture->outbox), STATUS_OK);
    outbox_close(fixture->outbox);
    fixture->outbox = NULL;
    fixture->owner = 1;
    assert_int_equal(open_outbox(fixture, true), STATUS_CONFLICT);
}

static void memory_is_bounded(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(open_outbox(fixture, false), STATUS_OK);
    for (unsigned i = 0; i < OUTBOX_MEMORY_ENTRIES; i += 1024) {
        stage(fixture->outbox, i, i + 1024);
        assert_int_equal(outbox_commit(fixture->outbox), STATUS_OK);
    }
    assert_int_equal(outbox_stage(fixture->outbox, 0, slice_text("one too many")), STATUS_FULL);
    outbox_drop(fixture->outbox, outbox_first(fixture->outbox) + 1);
    assert_int_equal(outbox_stage(fixture->outbox, 0, slice_text("fits now")), STATUS_OK);
    assert_int_equal(outbox_commit(fixture->outbox), STATUS_OK);
}

static unsigned fill(struct outbox *outbox, unsigned from)
{
    unsigned number = from;
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        stage_large(outbox, 100);
        number += 100;
        status = outbox_commit(outbox);
    }
    assert_int_equal(status, STATUS_FULL);
    return number;
}

/* What was dropped leaves a full store, and makes room for what is staged. */
static void a_full_store_gives_room_back(void **state)
{
    struct fixture *fixture = *state;
    fixture->map_bytes = OUTBOX_MAP_MIN;
    assert_int_equal(open_outbox(fixture, true), STATUS_OK);
    struct outbox *outbox = fixture->outbox;
    unsigned number = 0;
    for (unsigned round = 0; round < 4; round++) {
        number = fill(outbox, number);
        assert_int_equal(outbox_staged(outbox), 100);
        assert_int_equal(outbox_commit(outbox), STATUS_FULL);
        outbox_drop(outbox, outbox_end(outbox) - 10);
        assert_int_equal(outbox_commit(outbox), STATUS_OK);
        assert_int_equal(outbox_end(outbox) - outbox_first(outbox), 110);
    }
    outbox_close(outbox);
    assert_int_equal(open_outbox(fixture, true), STATUS_OK);
    assert_int_equal(outbox_end(fixture->outbox) - outbox_first(fixture->outbox), 110);
    assert_int_equal(outbox_end(fixture->outbox), number + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(queue_on_disk),      TEST(queue_in_memory),   TEST(numbers_go_on),
        TEST(belongs_to_one_key), TEST(memory_is_bounded), TEST(a_full_store_gives_room_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
