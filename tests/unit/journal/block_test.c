/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks: what is written is read, any damage is noticed, another version is told from damage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <xxhash.h>

#include "../event/random_event.h"
#include "journal/block.h"

enum { SOME_EVENTS = 20 };

struct fixture {
    struct arena arena;
    struct buffer payload;
    struct buffer bytes;
    struct block block;
    struct event events[SOME_EVENTS];
    uint8_t hash[BLOCK_HASH_SIZE];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    uint64_t seed = 5;
    arena_init(&fixture.arena, 1 << 20);
    buffer_init(&fixture.payload, 1 << 20);
    buffer_init(&fixture.bytes, BLOCK_BYTES_MAX);
    for (int i = 0; i < SOME_EVENTS; i++) {
        fixture.events[i] = random_event(&seed, &fixture.arena);
        block_put_event(&fixture.payload, &fixture.events[i]);
    }
    fixture.block = (struct block){
        .kind = BLOCK_EVENTS,
        .first_position = 41,
        .count = SOME_EVENTS,
        .journaled_at_ms = 1705626720000,
        .source = slice_text("cam-xuyen"),
        .epoch = 3,
        .first_sequence = 1001,
        .previous = {1, 2, 3},
        .payload = buffer_slice(&fixture.payload),
    };
    block_encode(&fixture.block, &fixture.bytes, fixture.hash);
    *state = &fixture;
    return (int)buffer_status(&fixture.bytes);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    buffer_fini(&fixture->bytes);
    buffer_fini(&fixture->payload);
    arena_fini(&fixture->arena);
    return 0;
}

static void test_round_trip(void **state)
{
    const struct fixture *f = *state;
    struct block block;
    assert_int_equal(block_decode(buffer_slice(&f->bytes), &block), STATUS_OK);
    assert_int_equal(block.kind, f->block.kind);
    assert_true(block.first_position == f->block.first_position);
    assert_int_equal(block.count, f->block.count);
    assert_true(block.journaled_at_ms == f->block.journaled_at_ms);
    assert_true(slice_equal(block.source, f->block.source));
    assert_true(block.epoch == f->block.epoch);
    assert_true(block.first_sequence == f->block.first_sequence);
    assert_memory_equal(block.previous, f->block.previous, BLOCK_HASH_SIZE);
    assert_true(slice_equal(block.payload, f->block.payload));
    uint8_t hash[BLOCK_HASH_SIZE];
    block_hash(buffer_slice(&f->bytes), hash);
    assert_memory_equal(hash, f->hash, BLOCK_HASH_SIZE);
}

static void test_events_come_back(void **state)
{
    const struct fixture *f = *state;
    struct reader payload = reader_of(f->block.payload);
    struct buffer expected;
    struct buffer found;
    buffer_init(&expected, EVENT_RECORD_MAX);
    buffer_init(&found, EVENT_RECORD_MAX);
    for (int i = 0; i < SOME_EVENTS; i++) {
        struct event event;
        block_next_event(&payload, &event);
        assert_false(payload.failed);
        buffer_clear(&expected);
        buffer_clear(&found);
        event_encode(&f->events[i], &expected);
        event_encode(&event, &found);
        assert_true(slice_equal(buffer_slice(&expected), buffer_slice(&found)));
    }
    assert_true(reader_done(&payload));
    struct event event = {.kind = KIND_RESOLVED};
    block_next_event(&payload, &event);
    assert_true(payload.failed);
    assert_int_equal(event.kind, KIND_RESOLVED);
    buffer_fini(&expected);
    buffer_fini(&found);
}

static void test_a_record_must_fill_its_size(void **state)
{
    (void)state;
    const uint8_t payload[] = {8, 15, 0, 0, 1, 'e', 1, 'd', 0};
    struct reader reader = reader_of(slice_of(payload, sizeof payload));
    struct event event;
    block_next_event(&reader, &event);
    assert_true(reader.failed);
}

static void test_any_flipped_bit_is_corrupt(void **state)
{
    struct fixture *f = *state;
    struct block block;
    for (size_t at = 0; at < f->bytes.size; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            f->bytes.data[at] = (uint8_t)(f->bytes.data[at] ^ 1U << bit);
            assert_int_equal(block_decode(buffer_slice(&f->bytes), &block), STATUS_CORRUPT);
            f->bytes.data[at] = (uint8_t)(f->bytes.data[at] ^ 1U << bit);
        }
    }
    assert_int_equal(block_decode(buffer_slice(&f->bytes), &block), STATUS_OK);
}

static void test_any_cut_is_corrupt(void **state)
{
    const struct fixture *f = *state;
    struct block block;
    for (size_t size = 0; size < f->bytes.size; size++) {
        uint8_t *exact = malloc(size + (size == 0));
        assert_non_null(exact);
        memcpy(exact, f->bytes.data, size);
        assert_int_equal(block_decode(slice_of(exact, size), &block), STATUS_CORRUPT);
        free(exact);
    }
}

/* A block of chosen bytes with a checksum that is right. */
static enum status decode_sealed(uint8_t *bytes, size_t size, struct block *ret_block)
{
    uint64_t sum = XXH3_64bits(bytes, size - 8);
    for (int i = 7; i >= 0; i--) {
        bytes[size - 8 + (size_t)i] = (uint8_t)sum;
        sum >>= 8;
    }
    return block_decode(slice_of(bytes, size), ret_block);
}

static void test_another_version(void **state)
{
    const struct fixture *f = *state;
    struct block block;
    uint8_t *bytes = malloc(f->bytes.size);
    assert_non_null(bytes);
    memcpy(bytes, f->bytes.data, f->bytes.size);
    for (uint8_t version = 0; version < 4; version++) {
        bytes[4] = version;
        assert_int_equal(decode_sealed(bytes, f->bytes.size, &block),
                         version == 2 ? STATUS_OK : STATUS_VERSION);
    }
    bytes[4] = 2;
    assert_int_equal(decode_sealed(bytes, f->bytes.size, &block), STATUS_OK);
    bytes[0] = 'X';
    assert_int_equal(decode_sealed(bytes, f->bytes.size, &block), STATUS_CORRUPT);
    free(bytes);
    uint8_t shortest[13] = {'H', 'O', 'S', 'B', 2};
    assert_int_equal(decode_sealed(shortest, sizeof shortest, &block), STATUS_CORRUPT);
}

struct patch {
    const char *what;
    size_t at;
    uint8_t bytes[16];
    size_t size;
    enum status status;
};

static const struct patch patches[] = {
    {"kind 0", 5, {0}, 1, STATUS_CORRUPT},
    {"kind 3", 5, {3}, 1, STATUS_CORRUPT},
    {"events called a catalogue", 5, {2}, 1, STATUS_CORRUPT},
    {"no source", 6, {0}, 1, STATUS_CORRUPT},
    {"another source size", 6, {10}, 1, STATUS_CORRUPT},
    {"another space size", 7, {1}, 1, STATUS_CORRUPT},
    {"a space of another size than the payload leaves", 7, {65}, 1, STATUS_CORRUPT},
    {"no events", 8, {0, 0, 0, 0}, 4, STATUS_CORRUPT},
    {"an event too few", 8, {0, 0, 0, SOME_EVENTS - 1}, 4, STATUS_CORRUPT},
    {"an event too many", 8, {0, 0, 0, SOME_EVENTS + 1}, 4, STATUS_CORRUPT},
    {"a great many events", 8, {0, 0, 0x10, 1}, 4, STATUS_CORRUPT},
    {"position 0", 12, {0, 0, 0, 0, 0, 0, 0, 0}, 8, STATUS_CORRUPT},
    {"position 1", 12, {0, 0, 0, 0, 0, 0, 0, 1}, 8, STATUS_OK},
    {"a position that wraps", 12, {0x7f, 255, 255, 255, 255, 255, 255, 255}, 8, STATUS_CORRUPT},
    {"a position beyond int64", 12, {0x80, 0, 0, 0, 0, 0, 0, 1}, 8, STATUS_CORRUPT},
    {"a time before 1970", 20, {255, 255, 255, 255, 255, 255, 255, 255}, 8, STATUS_CORRUPT},
    {"epoch 0", 28, {0, 0, 0, 0, 0, 0, 0, 0}, 8, STATUS_CORRUPT},
    {"epoch and sequence 0", 28, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 16, STATUS_OK},
    {"sequence 0", 36, {0, 0, 0, 0, 0, 0, 0, 0}, 8, STATUS_CORRUPT},
    {"a sequence that wraps", 36, {255, 255, 255, 255, 255, 255, 255, 255}, 8, STATUS_CORRUPT},
    {"a payload that is too long", 76, {0, 255, 255, 255}, 4, STATUS_CORRUPT},
    {"no payload", 76, {0, 0, 0, 0}, 4, STATUS_CORRUPT},
};

static void test_numbers_are_checked_even_under_a_right_checksum(void **state)
{
    const struct fixture *f = *state;
    uint8_t *bytes = malloc(f->bytes.size);
    assert_non_null(bytes);
    for (size_t i = 0; i < sizeof patches / sizeof *patches; i++) {
        struct block block;
        memcpy(bytes, f->bytes.data, f->bytes.size);
        memcpy(bytes + patches[i].at, patches[i].bytes, patches[i].size);
        if (decode_sealed(bytes, f->bytes.size, &block) != patches[i].status) {
            fail_msg("%s", patches[i].what);
        }
    }
    free(bytes);
}

/* A space is written when it is not the source's name; a text that says the same is damage, so that
 * equal blocks are equal bytes. */
static void test_space(void **state)
{
    const struct fixture *f = *state;
    static const char *const spaces[] = {"", "cam-xuyen", "ha-tinh"};
    uint8_t hash[BLOCK_HASH_SIZE];
    struct buffer bytes;
    struct block block = f->block;
    struct block found;
    buffer_init(&bytes, BLOCK_BYTES_MAX);
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        size_t size = 0;
        buffer_clear(&bytes);
        block.space = slice_text(spaces[i]);
        block_encode(&block, &bytes, hash);
        assert_int_equal(block_decode(buffer_slice(&bytes), &found), STATUS_OK);
        assert_true(slice_equal(found.space, slice_text(i == 2 ? "ha-tinh" : "cam-xuyen")));
        assert_int_equal(bytes.size - f->bytes.size, i == 2 ? strlen("ha-tinh") : 0);
        assert_int_equal(block_size(bytes.data, &size), STATUS_OK);
        assert_int_equal(size, bytes.size);
    }
    block.space = slice_text("cam-xuyeN");
    buffer_clear(&bytes);
    block_encode(&block, &bytes, hash);
    bytes.data[BLOCK_HEAD_SIZE + 2 * strlen("cam-xuyen") - 1] = 'n';
    assert_int_equal(decode_sealed(bytes.data, bytes.size, &found), STATUS_CORRUPT);
    buffer_fini(&bytes);
}

static void test_catalogue(void **state)
{
    (void)state;
    struct buffer bytes;
    struct block block = {.kind = BLOCK_CATALOGUE,
                          .first_position = 1,
                          .count = 1,
                          .journaled_at_ms = 1705626720000,
                          .source = slice_text("admin"),
                          .payload = slice_text("anything")};
    uint8_t hash[BLOCK_HASH_SIZE];
    buffer_init(&bytes, BLOCK_BYTES_MAX);
    block_encode(&block, &bytes, hash);
    assert_int_equal(buffer_status(&bytes), STATUS_OK);
    struct block again;
    assert_int_equal(block_decode(buffer_slice(&bytes), &again), STATUS_OK);
    assert_int_equal(again.kind, BLOCK_CATALOGUE);
    assert_true(slice_equal(again.payload, block.payload));
    assert_int_equal(again.space.size, 0);
    buffer_fini(&bytes);
}

static void test_limits(void **state)
{
    (void)state;
    struct buffer payload;
    struct buffer bytes;
    uint8_t hash[BLOCK_HASH_SIZE];
    const struct event event = {.kind = KIND_RESOLVED,
                                .event_id = slice_text("e"),
                                .dossier = slice_text("d"),
                                .occurred_at_ms = 1705626720000};
    buffer_init(&payload, 1 << 20);
    buffer_init(&bytes, 2 * (size_t)BLOCK_BYTES_MAX);
    for (int i = 0; i < BLOCK_EVENTS_MAX; i++) {
        block_put_event(&payload, &event);
    }
    struct block block = {.kind = BLOCK_EVENTS,
                          .first_position = 1,
                          .count = BLOCK_EVENTS_MAX,
                          .source = slice_text("s"),
                          .epoch = 1,
                          .first_sequence = 1,
                          .payload = buffer_slice(&payload)};
    block_encode(&block, &bytes, hash);
    assert_int_equal(block_decode(buffer_slice(&bytes), &block), STATUS_OK);
    assert_int_equal(block.count, BLOCK_EVENTS_MAX);
    buffer_fini(&payload);

    uint8_t *much = calloc(1, BLOCK_BYTES_MAX);
    assert_non_null(much);
    const struct block catalogue = {.kind = BLOCK_CATALOGUE,
                                    .first_position = 1,
                                    .count = 1,
                                    .source = slice_text("admin"),
                                    .payload = slice_of(much, BLOCK_BYTES_MAX)};
    buffer_clear(&bytes);
    block_encode(&catalogue, &bytes, hash);
    assert_int_equal(buffer_status(&bytes), STATUS_TOO_LARGE);
    free(much);
    buffer_fini(&bytes);
}

/* Each block's `previous` is the hash of the one before: an old block cannot change unnoticed. */
static void test_chain(void **state)
{
    const struct fixture *f = *state;
    struct block second = f->block;
    struct buffer bytes;
    uint8_t hash[BLOCK_HASH_SIZE];
    buffer_init(&bytes, BLOCK_BYTES_MAX);
    memcpy(second.previous, f->hash, BLOCK_HASH_SIZE);
    second.first_position += second.count;
    block_encode(&second, &bytes, hash);
    assert_memory_not_equal(hash, f->hash, BLOCK_HASH_SIZE);
    assert_int_equal(block_decode(buffer_slice(&bytes), &second), STATUS_OK);
    block_hash(buffer_slice(&f->bytes), hash);
    assert_memory_equal(second.previous, hash, BLOCK_HASH_SIZE);
    buffer_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_events_come_back),
        cmocka_unit_test(test_a_record_must_fill_its_size),
        cmocka_unit_test(test_any_flipped_bit_is_corrupt),
        cmocka_unit_test(test_any_cut_is_corrupt),
        cmocka_unit_test(test_another_version),
        cmocka_unit_test(test_space),
        cmocka_unit_test(test_numbers_are_checked_even_under_a_right_checksum),
        cmocka_unit_test(test_catalogue),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_chain),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
