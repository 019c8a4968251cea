/* SPDX-License-Identifier: Apache-2.0
 *
 * What does not follow is refused, and leaves the chain where it was. Block sizes from their heads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../event/random_event.h"
#include "journal/chain.h"

enum { BLOCKS = 4 };

struct fixture {
    struct arena arena;
    struct buffer payload;
    struct buffer bytes[BLOCKS];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    uint64_t seed = 11;
    struct block block = {.kind = BLOCK_EVENTS,
                          .first_position = 1,
                          .source = slice_text("cam-xuyen"),
                          .epoch = 1,
                          .first_sequence = 1};
    arena_init(&fixture.arena, 1 << 20);
    buffer_init(&fixture.payload, 1 << 20);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        const struct event event = random_event(&seed, &fixture.arena);
        buffer_clear(&fixture.payload);
        for (uint32_t k = 0; k <= i; k++) {
            block_put_event(&fixture.payload, &event);
        }
        block.count = i + 1;
        block.payload = buffer_slice(&fixture.payload);
        buffer_init(&fixture.bytes[i], BLOCK_BYTES_MAX);
        block_encode(&block, &fixture.bytes[i], block.previous);
        block.first_position += block.count;
        block.first_sequence += block.count;
    }
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < BLOCKS; i++) {
        buffer_fini(&f->bytes[i]);
    }
    buffer_fini(&f->payload);
    arena_fini(&f->arena);
    return 0;
}

static void test_follows(void **state)
{
    const struct fixture *f = *state;
    struct chain chain = {0};
    struct block block;
    uint8_t hash[BLOCK_HASH_SIZE];
    for (unsigned i = 0; i < BLOCKS; i++) {
        assert_int_equal(chain_follow(&chain, buffer_slice(&f->bytes[i]), &block, NULL), STATUS_OK);
        assert_int_equal(block.count, i + 1);
        block_hash(buffer_slice(&f->bytes[i]), hash);
        assert_memory_equal(chain.hash, hash, BLOCK_HASH_SIZE);
    }
    assert_int_equal(chain.position, 1 + 2 + 3 + 4);
}

static void test_refuses(void **state)
{
    const struct fixture *f = *state;
    static const struct {
        unsigned followed, next; /* so many blocks, then this one */
        uint64_t skip;           /* as if the chain were further */
        size_t flip;             /* a byte of it */
        const char *text;
    } rows[] = {{0, 1, 0, 0, "has position 2 where 1 must come"},
                {2, 0, 0, 0, "has position 1 where 4 must come"},
                {2, 1, 0, 0, "has position 2 where 4 must come"},
                {1, 2, 2, 0, "at position 4 does not follow"},
                {2, 2, 0, 100, "block at position 4: stored data are damaged"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct chain chain = {0};
        struct block block;
        struct error error;
        for (unsigned k = 0; k < rows[i].followed; k++) {
            assert_int_equal(chain_follow(&chain, buffer_slice(&f->bytes[k]), &block, NULL),
                             STATUS_OK);
        }
        chain.position += rows[i].skip;
        const struct chain before = chain;
        const struct slice bytes = buffer_slice(&f->bytes[rows[i].next]);
        f->bytes[rows[i].next].data[rows[i].flip] ^= rows[i].flip != 0;
        assert_int_equal(chain_follow(&chain, bytes, &block, &error), STATUS_CORRUPT);
        f->bytes[rows[i].next].data[rows[i].flip] ^= rows[i].flip != 0;
        assert_non_null(strstr(error.text, rows[i].text));
        assert_memory_equal(&chain, &before, sizeof chain);
    }
}

static void test_sizes(void **state)
{
    const struct fixture *f = *state;
    static const struct {
        size_t at;
        uint8_t value;
        enum status status;
    } rows[] = {{0, 'X', STATUS_CORRUPT}, {4, 1, STATUS_VERSION}, {76, 2, STATUS_CORRUPT}};
    uint8_t head[BLOCK_HEAD_SIZE];
    size_t size = 0;
    for (unsigned i = 0; i < BLOCKS; i++) {
        assert_int_equal(block_size(f->bytes[i].data, &size), STATUS_OK);
        assert_int_equal(size, f->bytes[i].size);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memcpy(head, f->bytes[0].data, sizeof head);
        head[rows[i].at] = rows[i].value;
        assert_int_equal(block_size(head, &size), rows[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_follows),
                                       cmocka_unit_test(test_refuses),
                                       cmocka_unit_test(test_sizes)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
