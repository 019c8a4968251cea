/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal over LMDB: the chain, runs, comparing, reading, restarts and damage.
 */
#include "tests/unit/intake/fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/catalogue/given.h"

/* Appends `count` events numbered from the source's next sequence on, in a transaction of its own.
 */
static void append(struct fixture *f, const char *name, uint32_t count, int flavour)
{
    struct journal_source source;
    journal_begin(f->journal);
    journal_get_source(f->journal, slice_text(name), &source);
    if (source.epoch == 0) {
        journal_open_epoch(f->journal, slice_text(name), &source);
    }
    journal_append(f->journal, &(struct journal_origin){.name = slice_text(name)}, &source, count,
                   records_of(f, source.next_sequence, count, flavour));
    assert_int_equal(journal_commit(f->journal), STATUS_OK);
}

static struct slice packed_catalogue(struct catalogue **ret_catalogue)
{
    static const struct given given = {.units = {{.id = "H27"}},
                                       .fields = {{.id = "dat-dai"}},
                                       .procedures = {{.id = "1.1", .field = "dat-dai"}}};
    *ret_catalogue = parsed(&given);
    return catalogue_packed(*ret_catalogue);
}

static void append_catalogue(struct fixture *f)
{
    struct catalogue *catalogue;
    const struct slice packed = packed_catalogue(&catalogue);
    journal_begin(f->journal);
    journal_append_catalogue(f->journal, slice_text("admin"), packed);
    assert_int_equal(journal_commit(f->journal), STATUS_OK);
    catalogue_free(catalogue);
}

/* Compares events first … first + count - 1; the position of the last, 0 if they differ. */
static uint64_t match(struct fixture *f, const char *name, uint64_t first, uint32_t count,
                      int flavour)
{
    uint64_t position = 0;
    journal_begin(f->journal);
    const bool same = journal_matches(f->journal, slice_text(name), first, count,
                                      records_of(f, first, count, flavour), &position);
    assert_int_equal(journal_commit(f->journal), STATUS_OK);
    return same ? position : 0;
}

/* Reads from after `after` to the end, checks the chain, and returns the number of blocks. */
static unsigned walk_chain(struct fixture *f, uint64_t after, uint64_t *ret_first,
                           uint64_t *ret_end)
{
    struct journal_reader reader;
    struct slice bytes;
    struct block block;
    uint8_t hash[BLOCK_HASH_SIZE] = {0};
    uint64_t next = 0;
    unsigned count = 0;
    journal_read_begin(f->journal, after, &reader);
    *ret_end = reader.end;
    while (journal_read_next(&reader, &bytes)) {
        assert_int_equal(block_decode(bytes, &block), STATUS_OK);
        if (count == 0) {
            *ret_first = block.first_position;
        }
        if (count > 0 || block.first_position == 1) {
            assert_memory_equal(block.previous, hash, BLOCK_HASH_SIZE);
            assert_int_equal(block.first_position, count > 0 ? next : 1);
        }
        next = block.first_position + block.count;
        block_hash(bytes, hash);
        count++;
    }
    assert_int_equal(journal_read_end(&reader), STATUS_OK);
    return count;
}

static void test_empty(void **state)
{
    struct fixture *f = *state;
    struct catalogue *catalogue = NULL;
    uint64_t first = 0;
    uint64_t end = 7;
    assert_int_equal(walk_chain(f, 0, &first, &end), 0);
    assert_int_equal(end, 0);
    assert_int_equal(journal_end(f->journal)->position, 0);
    assert_int_equal(journal_load_catalogue(f->journal, &catalogue, NULL), STATUS_OK);
    assert_null(catalogue);
    assert_int_equal(reopen(f), STATUS_OK);
}

static void test_chain(void **state)
{
    struct fixture *f = *state;
    uint64_t first = 0;
    uint64_t end = 0;
    append(f, "a", 3, 0);
    append(f, "b", 1, 0);
    append_catalogue(f);
    append(f, "a", 2, 0);
    assert_int_equal(walk_chain(f, 0, &first, &end), 4);
    assert_int_equal(first, 1);
    assert_int_equal(end, 7);
    /* Reading begins with the block that holds the position after the one given. */
    static const struct {
        uint64_t after, first;
        unsigned blocks;
    } rows[] = {{1, 1, 4}, {2, 1, 4}, {3, 4, 3}, {4, 5, 2},         {5, 6, 1},
                {6, 6, 1}, {7, 0, 0}, {8, 0, 0}, {UINT64_MAX, 0, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        first = 0;
        assert_int_equal(walk_chain(f, rows[i].after, &first, &end), rows[i].blocks);
        assert_int_equal(first, rows[i].first);
        assert_int_equal(end, 7);
    }
}

static void test_restart_continues(void **state)
{
    struct fixture *f = *state;
    uint64_t first = 0;
    uint64_t end = 0;
    append(f, "a", 3, 0);
    const uint64_t incarnation = journal_incarnation(f->journal);
    assert_int_equal(reopen(f), STATUS_OK);
    assert_int_equal(journal_incarnation(f->journal), incarnation);
    assert_int_equal(journal_end(f->journal)->position, 3);
    assert_int_equal(journal_end(f->journal)->sources, 1);
    append(f, "a", 2, 0);
    assert_int_equal(walk_chain(f, 0, &first, &end), 2);
    assert_int_equal(match(f, "a", 1, 5, 0), 5);
}

static void test_abort_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct journal_source source;
    uint64_t first = 0;
    uint64_t end = 0;
    append(f, "a", 3, 0);
    const struct journal_end before = *journal_end(f->journal);
    journal_begin(f->journal);
    journal_get_source(f->journal, slice_text("a"), &source);
    journal_append(f->journal, &(struct journal_origin){.name = slice_text("a")}, &source, 2,
                   records_of(f, 4, 2, 0));
    assert_int_equal(journal_end(f->journal)->position, 5);
    journal_abort(f->journal);
    assert_memory_equal(journal_end(f->journal), &before, sizeof before);
    assert_int_equal(walk_chain(f, 0, &first, &end), 1);
    append(f, "a", 1, 0);
    assert_int_equal(walk_chain(f, 0, &first, &end), 2);
}

static void test_epochs(void **state)
{
    struct fixture *f = *state;
    struct journal_source source;
    for (uint64_t epoch = 1; epoch <= 3; epoch++) {
        journal_begin(f->journal);
        journal_get_source(f->journal, slice_text("a"), &source);
        journal_open_epoch(f->journal, slice_text("a"), &source);
        assert_int_equal(journal_commit(f->journal), STATUS_OK);
        assert_int_equal(source.epoch, epoch);
        assert_int_equal(source.next_sequence, 1);
        assert_int_equal(journal_end(f->journal)->sources, 1);
        assert_int_equal(reopen(f), STATUS_OK);
    }
}

/* Runs of one source: merged while nothing comes between, apart otherwise; names that are prefixes
 * of each other do not meet. */
static void test_matches(void **state)
{
    struct fixture *f = *state;
    append(f, "s", 4, 0);  /* s 1–4 at 1–4 */
    append(f, "s", 2, 0);  /* s 5–6 at 5–6 */
    append(f, "s1", 3, 1); /* s1 1–3 at 7–9 */
    append(f, "s", 3, 0);  /* s 7–9 at 10–12 */
    append_catalogue(f);   /* 13 */
    append(f, "s", 1, 0);  /* s 10 at 14 */
    append(f, "s1", 1, 1); /* s1 4 at 15 */
    static const struct {
        const char *name;
        uint64_t first;
        uint32_t count;
        int flavour;
        uint64_t position;
    } rows[] = {{"s", 1, 1, 0, 1},   {"s", 1, 4, 0, 4},  {"s", 1, 10, 0, 14}, {"s", 4, 2, 0, 5},
                {"s", 6, 2, 0, 10},  {"s", 9, 1, 0, 12}, {"s", 9, 2, 0, 14},  {"s", 10, 1, 0, 14},
                {"s1", 1, 4, 1, 15}, {"s1", 3, 1, 1, 9}, {"s", 1, 1, 1, 0},   {"s", 10, 1, 1, 0},
                {"s1", 1, 1, 0, 0},  {"s", 3, 8, 0, 14}};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            assert_int_equal(match(f, rows[i].name, rows[i].first, rows[i].count, rows[i].flavour),
                             rows[i].position);
        }
        assert_int_equal(reopen(f), STATUS_OK);
    }
}

/* Only the last of many differs. */
static void test_matches_to_the_last(void **state)
{
    struct fixture *f = *state;
    uint64_t position = 0;
    append(f, "a", 100, 0);
    append(f, "a", 100, 1);
    struct buffer mixed;
    buffer_init(&mixed, 1 << 20);
    const struct slice first = records_of(f, 1, 100, 0);
    buffer_put(&mixed, first.data, first.size);
    const struct slice second = records_of(f, 101, 100, 1);
    buffer_put(&mixed, second.data, second.size);
    journal_begin(f->journal);
    assert_true(
        journal_matches(f->journal, slice_text("a"), 1, 200, buffer_slice(&mixed), &position));
    assert_int_equal(position, 200);
    mixed.data[mixed.size - 1] ^= 1;
    assert_false(
        journal_matches(f->journal, slice_text("a"), 1, 200, buffer_slice(&mixed), &position));
    assert_int_equal(journal_commit(f->journal), STATUS_OK);
    buffer_fini(&mixed);
}

/* A sequence that is not journaled is asked for only if the journal contradicts itself. */
static void test_missing_run_is_damage(void **state)
{
    struct fixture *f = *state;
    uint64_t position = 0;
    append(f, "a", 1, 0);
    journal_begin(f->journal);
    assert_false(
        journal_matches(f->journal, slice_text("a"), 2, 1, records_of(f, 2, 1, 0), &position));
    assert_int_equal(journal_commit(f->journal), STATUS_CORRUPT);
}

static void test_catalogue_survives(void **state)
{
    struct fixture *f = *state;
    struct catalogue *catalogue = NULL;
    struct catalogue *expected;
    append(f, "a", 5, 0);
    append_catalogue(f);
    append(f, "a", 5, 0);
    assert_int_equal(reopen(f), STATUS_OK);
    assert_int_equal(journal_end(f->journal)->catalogue_position, 6);
    assert_int_equal(journal_load_catalogue(f->journal, &catalogue, &f->error), STATUS_OK);
    const struct slice packed = packed_catalogue(&expected);
    assert_true(slice_equal(catalogue_packed(catalogue), packed));
    catalogue_free(catalogue);
    catalogue_free(expected);
}

/* Changes the last byte of the last block's payload in the file. */
static void flip_in_file(const struct fixture *f, const char *wanted)
{
    char path[FIXTURE_PATH_BYTES + 16];
    (void)snprintf(path, sizeof path, "%s/data.mdb", f->path);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    static char bytes[1 << 20];
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    bool found = false;
    for (size_t at = 0; at + strlen(wanted) <= size; at++) {
        if (memcmp(bytes + at, wanted, strlen(wanted)) == 0) {
            assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
            assert_int_equal(fputc(wanted[0] ^ 1, file), wanted[0] ^ 1);
            found = true;
        }
    }
    assert_int_equal(fclose(file), 0);
    assert_true(found);
}

static void test_a_damaged_end_is_refused(void **state)
{
    struct fixture *f = *state;
    append(f, "a", 5, 0);
    append_catalogue(f);
    journal_close(f->journal);
    f->journal = NULL;
    flip_in_file(f, "dat-dai");
    assert_int_equal(journal_open(&f->options, &f->journal, &f->error), STATUS_CORRUPT);
    assert_non_null(strstr(f->error.text, "damaged"));
    assert_null(f->journal);
}

static void test_damage_is_no_conflict(void **state)
{
    struct fixture *f = *state;
    uint64_t position = 0;
    append(f, "a", 3, 0);
    append_catalogue(f);
    journal_close(f->journal);
    f->journal = NULL;
    flip_in_file(f, "H27.45-240119-0001");
    assert_int_equal(journal_open(&f->options, &f->journal, &f->error), STATUS_OK);
    journal_begin(f->journal);
    assert_false(
        journal_matches(f->journal, slice_text("a"), 1, 3, records_of(f, 1, 3, 0), &position));
    assert_int_equal(journal_commit(f->journal), STATUS_CORRUPT);
}

/* The map has a limit: the transaction that passes it is rejected whole, and work goes on. */
static void test_full_is_rejected_whole(void **state)
{
    struct fixture *f = *state;
    struct journal_source source;
    uint64_t first = 0;
    uint64_t end = 0;
    append(f, "a", 10, 0);
    const struct journal_end before = *journal_end(f->journal);
    journal_begin(f->journal);
    journal_get_source(f->journal, slice_text("a"), &source);
    for (unsigned i = 0; i < 600; i++) {
        journal_append(f->journal, &(struct journal_origin){.name = slice_text("a")}, &source,
                       BLOCK_EVENTS_MAX, records_of(f, source.next_sequence, BLOCK_EVENTS_MAX, 0));
    }
    assert_int_equal(journal_commit(f->journal), STATUS_FULL);
    assert_memory_equal(journal_end(f->journal), &before, sizeof before);
    append(f, "a", 10, 0);
    assert_int_equal(walk_chain(f, 0, &first, &end), 2);
    assert_int_equal(match(f, "a", 1, 20, 0), 20);
}

static void test_order_of_names(void **state)
{
    struct fixture *f = *state;
    append(f, "a", 1, 0);
    append(f, "a.b", 1, 1);
    append(f, "a-b", 1, 2);
    append(f, "ab", 1, 3);
    assert_int_equal(match(f, "a", 1, 1, 0), 1);
    assert_int_equal(match(f, "a.b", 1, 1, 1), 2);
    assert_int_equal(match(f, "a-b", 1, 1, 2), 3);
    assert_int_equal(match(f, "ab", 1, 1, 3), 4);
    assert_int_equal(journal_end(f->journal)->sources, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_chain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_restart_continues, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_abort_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_epochs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_matches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_matches_to_the_last, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_run_is_damage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_catalogue_survives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_damaged_end_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damage_is_no_conflict, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_full_is_rejected_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_order_of_names, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
