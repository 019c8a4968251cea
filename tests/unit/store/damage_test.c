/* SPDX-License-Identifier: Apache-2.0
 *
 * What a disk changed is never given out: a flipped bit, a page of zeros, two pages that changed
 * places, each at places all over the data file of a store with records of known content.
 */
#include "tests/unit/store/fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RECORDS = 700, VALUE_MAX = 90, PAGE = 4096, FLIP_STEP = 331, HEADER_BYTES = 152 };
enum outcome { SAME, REFUSED, EXPLAINED, OLDER, MISSING, WRONG, CRASHED, OUTCOMES };

/* The record's number tells its size and bytes. */
static struct slice value_of(unsigned number, uint8_t bytes[VALUE_MAX])
{
    const size_t size = number * 7 % VALUE_MAX;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(number * 31 + i);
    }
    return slice_of(bytes, size);
}

static void fill_known(struct fixture *f)
{
    char key[16];
    uint8_t value[VALUE_MAX];
    struct store_txn txn;
    store_begin_write(f->store, &txn);
    for (unsigned i = 0; i < RECORDS; i++) {
        store_put(&txn, LEDGER, numbered(i, key), value_of(i, value));
    }
    assert_int_equal(store_commit(&txn), STATUS_OK);
}

/* By a cursor and by key. */
static enum outcome read_known(struct store *store)
{
    char name[16];
    uint8_t expected[VALUE_MAX];
    struct store_txn txn;
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    unsigned walked = 0;
    unsigned got = 0;
    bool wrong = false;
    store_begin_read(store, &txn);
    store_cursor_open(&txn, LEDGER, &cursor);
    while (walked < RECORDS && store_cursor_next(&cursor, &key, &value)) {
        wrong = wrong || !slice_equal(key, numbered(walked, name)) ||
                !slice_equal(value, value_of(walked, expected));
        walked++;
    }
    store_cursor_close(&cursor);
    for (unsigned i = 0; i < RECORDS && store_get(&txn, LEDGER, numbered(i, name), &value); i++) {
        wrong = wrong || !slice_equal(value, value_of(i, expected));
        got++;
    }
    const enum status status = store_commit(&txn);
    return status != STATUS_OK                   ? REFUSED
           : wrong                               ? WRONG
           : walked == 0 && got == 0             ? OLDER
           : walked != RECORDS || got != RECORDS ? MISSING
                                                 : SAME;
}

static void explain(const char *path, const char *remedy)
{
    _exit(path[0] == '/' && (remedy == NULL || remedy[0] != '\0') ? (int)EXPLAINED : (int)CRASHED);
}

/* In a process of its own: a damaged page may end it. */
static enum outcome outcome_of(const struct fixture *f)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store *store = NULL;
        struct error error;
        (void)signal(SIGFPE, SIG_DFL); /* or cmocka goes on with the next test in the child */
        store_on_damage(explain);
        enum status status = store_open(&f->options, &store, &error);
        status = status == STATUS_OK ? store_scrub(store, LEDGER) : status;
        _exit(status == STATUS_OK ? (int)read_known(store) : (int)REFUSED);
    }
    int ended = 0;
    assert_int_equal(waitpid(child, &ended, 0), child);
    return WIFEXITED(ended) && WEXITSTATUS(ended) < CRASHED ? (enum outcome)WEXITSTATUS(ended)
                                                            : CRASHED;
}

typedef void damager(uint8_t *file, size_t size, size_t at);

/* One bit of what LMDB believes without a check, its page size among it, at the same place in both
 * headers. */
static void flip_headers(uint8_t *file, size_t size, size_t at)
{
    (void)size;
    file[at / 8] ^= (uint8_t)(1 << at % 8);
    file[PAGE + at / 8] ^= (uint8_t)(1 << at % 8);
}

static void flip(uint8_t *file, size_t size, size_t at)
{
    (void)size;
    file[at] ^= (uint8_t)(1 << (at / FLIP_STEP) % 8);
}

static void zero_page(uint8_t *file, size_t size, size_t at)
{
    (void)size;
    memset(file + at, 0, PAGE);
}

static void swap_pages(uint8_t *file, size_t size, size_t at)
{
    uint8_t page[PAGE];
    const size_t other = (at + 3 * PAGE) % size;
    memcpy(page, file + at, PAGE);
    memcpy(file + at, file + other, PAGE);
    memcpy(file + other, page, PAGE);
}

/* A store that was closed, damaged at every `step` bytes in turn, `end` = 0: up to its end. */
static void damage_everywhere(struct fixture *f, damager *damage, size_t step, size_t end)
{
    unsigned outcomes[OUTCOMES] = {0};
    struct stat info;
    fill_known(f);
    store_close(f->store);
    f->store = NULL;
    const int fd = open_file(f, "data.mdb", O_RDWR);
    assert_int_equal(fstat(fd, &info), 0);
    const size_t size = (size_t)info.st_size / PAGE * PAGE;
    uint8_t *sound = malloc(size);
    uint8_t *damaged = malloc(size);
    assert_non_null(sound);
    assert_non_null(damaged);
    assert_int_equal(pread(fd, sound, size, 0), size);
    for (size_t at = 0; at < (end != 0 ? end : size); at += step) {
        memcpy(damaged, sound, size);
        damage(damaged, size, at);
        assert_int_equal(ftruncate(fd, (off_t)size), 0);
        assert_int_equal(pwrite(fd, damaged, size, 0), size);
        const enum outcome outcome = outcome_of(f);
        outcomes[outcome]++;
        /* The last commit is named by one number in a header: an older one is whole, too. */
        assert_true(outcome != OLDER || at < 2 * PAGE);
        if (outcome == MISSING || outcome == WRONG || outcome == CRASHED) {
            print_message("damaged at byte %zu of page %zu: outcome %d\n", at % PAGE, at / PAGE,
                          (int)outcome);
        }
    }
    print_message("same %u, refused %u, explained %u\n", outcomes[SAME], outcomes[REFUSED],
                  outcomes[EXPLAINED]);
    assert_true(outcomes[REFUSED] > 0);
    assert_int_equal(outcomes[MISSING] + outcomes[WRONG] + outcomes[CRASHED], 0);
    assert_int_equal(close(fd), 0);
    free(sound);
    free(damaged);
}

static void test_flipped_bits(void **state)
{
    damage_everywhere(*state, flip, FLIP_STEP, 0);
}

static void test_headers(void **state)
{
    damage_everywhere(*state, flip_headers, 1, HEADER_BYTES * 8);
}

static void test_pages_of_zeros(void **state)
{
    damage_everywhere(*state, zero_page, PAGE, 0);
}

static void test_pages_that_changed_places(void **state)
{
    damage_everywhere(*state, swap_pages, PAGE, 0);
}

/* The first byte of a text in the file that stands nowhere else: of a value or of a key. */
static void damage_record(const struct fixture *f, const char *text)
{
    uint8_t page[PAGE];
    const int fd = open_file(f, "data.mdb", O_RDWR);
    unsigned changed = 0;
    for (off_t at = 0; pread(fd, page, PAGE, at) == PAGE; at += PAGE) {
        uint8_t *found = memmem(page, PAGE, text, strlen(text));
        if (found != NULL) {
            *found ^= 1;
            assert_int_equal(pwrite(fd, page, PAGE, at), PAGE);
            changed++;
        }
    }
    assert_true(changed != 0);
    assert_int_equal(close(fd), 0);
}

static void put_text(struct fixture *f, const char *key, const char *value)
{
    struct store_txn txn;
    store_begin_write(f->store, &txn);
    store_put(&txn, LEDGER, slice_text(key), slice_text(value));
    assert_int_equal(store_commit(&txn), STATUS_OK);
}

static void put_one(struct fixture *f)
{
    put_text(f, "key", "a value of its own");
}

static enum status get_one(struct fixture *f, bool *ret_found)
{
    struct store_txn txn;
    struct slice value;
    store_begin_read(f->store, &txn);
    *ret_found = store_get(&txn, LEDGER, slice_text("key"), &value);
    return store_commit(&txn);
}

static void test_a_derived_store_is_made_anew(void **state)
{
    struct fixture *f = *state;
    bool found = false;
    f->options.derived = true;
    assert_int_equal(reopen(f), STATUS_OK);
    put_one(f);
    store_close(f->store);
    damage_record(f, "a value of its own");
    assert_int_equal(store_open(&f->options, &f->store, &f->error), STATUS_OK);
    assert_false(store_was_made_anew(f->store));
    assert_int_equal(get_one(f, &found), STATUS_CORRUPT);
    assert_false(found);
    assert_int_equal(reopen(f), STATUS_OK);
    assert_true(store_was_made_anew(f->store));
    assert_int_equal(get_one(f, &found), STATUS_OK);
    assert_false(found);
    put_one(f);
    assert_int_equal(reopen(f), STATUS_OK);
    assert_false(store_was_made_anew(f->store));
    assert_int_equal(get_one(f, &found), STATUS_OK);
    assert_true(found);
}

static void test_the_truth_is_kept(void **state)
{
    struct fixture *f = *state;
    bool found = false;
    put_one(f);
    store_close(f->store);
    damage_record(f, "a value of its own");
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(store_open(&f->options, &f->store, &f->error), STATUS_OK);
        assert_int_equal(get_one(f, &found), STATUS_CORRUPT);
        store_close(f->store);
    }
    f->store = NULL;
}

static enum status find_one(struct fixture *f, const char *key, bool *ret_found)
{
    struct store_txn txn;
    struct store_cursor cursor;
    struct slice value;
    store_begin_read(f->store, &txn);
    store_cursor_open(&txn, LEDGER, &cursor);
    *ret_found = store_cursor_find(&cursor, slice_text(key), &value);
    store_cursor_close(&cursor);
    return store_commit(&txn);
}

/* A record is not taken for absent because its key was changed: 'a' becomes '`', 'b' becomes 'c'.
 */
static void test_damaged_keys(void **state)
{
    static const char *const keys[] = {"a key of its own", "b key of its own"};
    struct fixture *f = *state;
    for (unsigned i = 0; i < 2; i++) {
        bool found = false;
        put_text(f, keys[i], "value");
        assert_int_equal(find_one(f, keys[i], &found), STATUS_OK);
        assert_true(found);
        assert_int_equal(find_one(f, "another", &found), STATUS_OK);
        assert_false(found);
        assert_int_equal(find_one(f, "zero", &found), STATUS_OK);
        assert_false(found);
        store_close(f->store);
        damage_record(f, keys[i]);
        assert_int_equal(store_open(&f->options, &f->store, &f->error), STATUS_OK);
        assert_int_equal(find_one(f, keys[i], &found), STATUS_CORRUPT);
        assert_false(found);
        store_close(f->store);
        damage_record(f, i == 0 ? "` key of its own" : "c key of its own");
        assert_int_equal(store_open(&f->options, &f->store, &f->error), STATUS_OK);
    }
}

/* Nobody empties the directory of another service that a setting names by mistake. */
static void test_anothers_store_is_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const others[] = {"dossiers", "another", NULL};
    bool found = false;
    put_one(f);
    f->options.derived = true;
    f->options.tables = others;
    assert_int_equal(reopen(f), STATUS_CORRUPT);
    assert_non_null(strstr(f->error.text, "no table \"another\": if it is another service's"));
    f->options.derived = false;
    f->options.tables = (const char *const[]){"dossiers", "ledger", NULL};
    assert_int_equal(reopen(f), STATUS_OK);
    assert_int_equal(get_one(f, &found), STATUS_OK);
    assert_true(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_flipped_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_headers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pages_of_zeros, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pages_that_changed_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_derived_store_is_made_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_truth_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_anothers_store_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
