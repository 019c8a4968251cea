/* SPDX-License-Identifier: Apache-2.0
 *
 * A journal made anew from the blocks of another: what is the same, and what must not be.
 */
#include "tests/unit/intake/fixture.h"

#include <stdio.h>

#include "journal_store/restore.h"
#include "tests/unit/catalogue/given.h"

enum { ANY_EPOCH = 1 << 20, BLOCKS_MAX = 64 };

static void append(struct journal *journal, struct fixture *f, const char *name, uint32_t count)
{
    struct journal_source source;
    journal_begin(journal);
    journal_get_source(journal, slice_text(name), &source);
    if (!source.open) {
        journal_open_epoch(journal, slice_text(name), &source);
    }
    journal_append(journal, &(struct journal_origin){.name = slice_text(name)}, &source, count,
                   records_of(f, source.next_sequence, count, 0));
    assert_int_equal(journal_commit(journal), STATUS_OK);
}

static void append_catalogue(struct fixture *f)
{
    static const struct given given = {.units = {{.id = "H27"}},
                                       .fields = {{.id = "dat-dai"}},
                                       .procedures = {{.id = "1.1", .field = "dat-dai"}}};
    struct catalogue *catalogue = parsed(&given);
    journal_begin(f->journal);
    journal_append_catalogue(f->journal, slice_text("admin"), catalogue_packed(catalogue));
    assert_int_equal(journal_commit(f->journal), STATUS_OK);
    catalogue_free(catalogue);
}

static void fill(struct fixture *f)
{
    append_catalogue(f);
    for (unsigned i = 0; i < 4; i++) {
        append(f->journal, f, "a", 3);
        append(f->journal, f, "a", 2);
        append(f->journal, f, "b", 1);
    }
}

/* Where the journal is made anew, beside the fixture's. */
struct target {
    char path[FIXTURE_PATH_BYTES + 16];
    struct journal_options options;
};

static void target_of(const struct fixture *f, struct target *ret_target)
{
    (void)snprintf(ret_target->path, sizeof ret_target->path, "%s/restored", f->path);
    ret_target->options = f->options;
    ret_target->options.path = ret_target->path;
}

/* Feeds the first `limit` blocks of the fixture's journal; the status of the last step. */
static enum status feed(struct fixture *f, struct journal_restore *restore, unsigned limit)
{
    struct journal_reader reader;
    struct chain chain = {0};
    struct block block;
    struct slice bytes;
    enum status status = STATUS_OK;
    journal_read_begin(f->journal, 0, &reader);
    for (unsigned i = 0; i < limit && status == STATUS_OK && journal_read_next(&reader, &bytes);
         i++) {
        assert_int_equal(chain_follow(&chain, bytes, &block, NULL), STATUS_OK);
        status = journal_restore_block(restore, bytes, &block, &chain, &f->error);
    }
    assert_int_equal(journal_read_end(&reader), STATUS_OK);
    return status;
}

static struct journal *restored(struct fixture *f, const struct target *target, unsigned limit)
{
    struct journal_restore *restore = NULL;
    struct journal *journal = NULL;
    uint64_t incarnation = 0;
    assert_int_equal(journal_restore_begin(&target->options, ANY_EPOCH, &restore, &f->error),
                     STATUS_OK);
    assert_int_equal(feed(f, restore, limit), STATUS_OK);
    assert_int_equal(journal_restore_end(restore, &incarnation, &f->error), STATUS_OK);
    journal_restore_free(restore);
    assert_int_equal(journal_open(&target->options, &journal, &f->error), STATUS_OK);
    assert_true(journal_incarnation(journal) == incarnation);
    assert_true(incarnation != journal_incarnation(f->journal));
    return journal;
}

static void test_the_same_journal(void **state)
{
    struct fixture *f = *state;
    struct target target;
    struct catalogue *catalogue = NULL;
    uint64_t position = 0;
    fill(f);
    target_of(f, &target);
    struct journal *journal = restored(f, &target, BLOCKS_MAX);
    const struct journal_end *end = journal_end(journal);
    assert_memory_equal(end, journal_end(f->journal), sizeof *end);
    assert_int_equal(end->position, 25);
    assert_int_equal(journal_load_catalogue(journal, &catalogue, NULL), STATUS_OK);
    assert_non_null(catalogue);
    catalogue_free(catalogue);
    journal_begin(journal);
    assert_true(
        journal_matches(journal, slice_text("a"), 1, 20, records_of(f, 1, 20, 0), &position));
    assert_int_equal(position, 24);
    assert_true(journal_matches(journal, slice_text("b"), 2, 3, records_of(f, 2, 3, 0), &position));
    assert_int_equal(position, 25);
    journal_abort(journal);
    append(journal, f, "b", 5);
    append(journal, f, "new", 1);
    assert_int_equal(journal_end(journal)->position, 31);
    assert_int_equal(journal_end(journal)->sources, 3);
    journal_close(journal);
}

/* Nobody has anything open, and an epoch that was granted after the backup is not granted again. */
static void test_epochs(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name;
        bool known;
    } rows[] = {{"a", true}, {"b", true}, {"new", false}};
    struct target target;
    fill(f);
    target_of(f, &target);
    struct journal *journal = restored(f, &target, BLOCKS_MAX);
    for (unsigned again = 0; again < 2; again++) {
        journal_begin(journal);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct journal_source source;
            journal_get_source(journal, slice_text(rows[i].name), &source);
            assert_int_equal(source.epoch != 0, rows[i].known || again);
            assert_int_equal(source.open, again);
            journal_open_epoch(journal, slice_text(rows[i].name), &source);
            assert_int_equal(source.epoch, ANY_EPOCH + 1 + again);
            assert_true(source.open);
        }
        assert_int_equal(journal_commit(journal), STATUS_OK);
        journal_close(journal);
        assert_int_equal(journal_open(&target.options, &journal, &f->error), STATUS_OK);
    }
    journal_close(journal);
}

static void test_an_older_copy_goes_its_own_way(void **state)
{
    struct fixture *f = *state;
    struct target target;
    uint8_t hash[BLOCK_HASH_SIZE];
    fill(f);
    target_of(f, &target);
    struct journal *journal = restored(f, &target, 5); /* the catalogue, 3 + 2, 1, 3 */
    assert_int_equal(journal_end(journal)->position, 10);
    memcpy(hash, journal_end(journal)->hash, sizeof hash);
    append(journal, f, "a", 2);
    assert_memory_not_equal(hash, journal_end(journal)->hash, sizeof hash);
    journal_begin(journal);
    struct journal_source source;
    journal_get_source(journal, slice_text("a"), &source);
    assert_int_equal(source.next_sequence, 11);
    journal_abort(journal);
    journal_close(journal);
}

static void test_nothing(void **state)
{
    struct fixture *f = *state;
    struct target target;
    target_of(f, &target);
    struct journal *journal = restored(f, &target, 0);
    assert_int_equal(journal_end(journal)->position, 0);
    append(journal, f, "a", 1);
    journal_close(journal);
}

static void test_half_a_restore_is_refused_and_begins_again(void **state)
{
    struct fixture *f = *state;
    struct target target;
    struct journal *journal = NULL;
    struct journal_restore *restore = NULL;
    fill(f);
    target_of(f, &target);
    assert_int_equal(journal_restore_begin(&target.options, ANY_EPOCH, &restore, &f->error),
                     STATUS_OK);
    assert_int_equal(journal_open(&target.options, &journal, &f->error), STATUS_BUSY);
    assert_int_equal(feed(f, restore, 4), STATUS_OK);
    journal_restore_free(restore);
    assert_int_equal(journal_open(&target.options, &journal, &f->error), STATUS_CORRUPT);
    assert_non_null(strstr(f->error.text, "did not finish: run hoso restore again"));
    journal = restored(f, &target, BLOCKS_MAX);
    assert_int_equal(journal_end(journal)->position, 25);
    journal_close(journal);
}

static void test_a_journal_is_not_written_over(void **state)
{
    struct fixture *f = *state;
    struct target target;
    struct journal_restore *restore = NULL;
    fill(f);
    target_of(f, &target);
    journal_close(restored(f, &target, 2));
    assert_int_equal(journal_restore_begin(&target.options, ANY_EPOCH, &restore, &f->error),
                     STATUS_EXISTS);
    assert_null(restore);
    assert_non_null(strstr(f->error.text, target.path));
    journal_close(f->journal);
    f->journal = NULL;
    assert_int_equal(journal_restore_begin(&f->options, ANY_EPOCH, &restore, &f->error),
                     STATUS_EXISTS);
    assert_int_equal(reopen(f), STATUS_OK);
    assert_int_equal(journal_end(f->journal)->position, 25);
}

static void test_sequences_must_go_on(void **state)
{
    struct fixture *f = *state;
    struct target target;
    struct journal_restore *restore = NULL;
    struct chain chain = {0};
    struct block block = {.kind = BLOCK_EVENTS,
                          .first_position = 1,
                          .count = 1,
                          .source = slice_text("a"),
                          .epoch = 1,
                          .first_sequence = 2,
                          .payload = records_of(f, 1, 1, 0)};
    struct buffer bytes;
    buffer_init(&bytes, BLOCK_BYTES_MAX);
    block_encode(&block, &bytes, chain.hash);
    target_of(f, &target);
    assert_int_equal(journal_restore_begin(&target.options, ANY_EPOCH, &restore, &f->error),
                     STATUS_OK);
    assert_int_equal(
        journal_restore_block(restore, buffer_slice(&bytes), &block, &chain, &f->error),
        STATUS_CORRUPT);
    journal_restore_free(restore);
    buffer_fini(&bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {TEST(test_the_same_journal),
                                       TEST(test_epochs),
                                       TEST(test_an_older_copy_goes_its_own_way),
                                       TEST(test_nothing),
                                       TEST(test_half_a_restore_is_refused_and_begins_again),
                                       TEST(test_a_journal_is_not_written_over),
                                       TEST(test_sequences_must_go_on)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
