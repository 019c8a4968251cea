/* SPDX-License-Identifier: Apache-2.0
 *
 * Records, cursors, and what a transaction does after its first failure.
 */
#include "tests/unit/store/fixture.h"

#include <stdio.h>

static void assert_slice(struct slice slice, const char *text)
{
    assert_true(slice_equal(slice, slice_text(text)));
}

static void test_records(void **state)
{
    struct fixture *f = *state;
    struct store_txn txn;
    struct slice value = slice_text("untouched");
    store_begin_write(f->store, &txn);
    store_put(&txn, DOSSIERS, slice_text("a"), slice_text("1"));
    store_put(&txn, DOSSIERS, slice_text("a"), slice_text("2"));
    store_put(&txn, DOSSIERS, slice_text("b"), slice_text(""));
    store_append(&txn, LEDGER, slice_text("m"), slice_text("ledger"));
    store_delete(&txn, DOSSIERS, slice_text("absent"));
    assert_true(store_get(&txn, DOSSIERS, slice_text("a"), &value));
    assert_slice(value, "2");
    assert_int_equal(store_commit(&txn), STATUS_OK);
    assert_int_equal(store_commit(&txn), STATUS_CLOSED);

    store_begin_read(f->store, &txn);
    assert_int_equal(store_count(&txn, DOSSIERS), 2);
    assert_int_equal(store_count(&txn, LEDGER), 1);
    value = slice_text("untouched");
    assert_false(store_get(&txn, LEDGER, slice_text("a"), &value));
    assert_slice(value, "untouched");
    assert_true(store_get(&txn, DOSSIERS, slice_text("b"), &value));
    assert_int_equal(value.size, 0);
    assert_int_equal(store_commit(&txn), STATUS_OK);
    assert_false(store_get(&txn, DOSSIERS, slice_text("b"), &value));

    store_begin_write(f->store, &txn);
    store_clear(&txn, DOSSIERS);
    store_delete(&txn, LEDGER, slice_text("m"));
    assert_int_equal(store_count(&txn, DOSSIERS) + store_count(&txn, LEDGER), 0);
    store_abort(&txn);
    store_abort(&txn);
    store_begin_read(f->store, &txn);
    assert_int_equal(store_count(&txn, DOSSIERS), 2);
    store_abort(&txn);
}

static void test_cursor_moves(void **state)
{
    struct fixture *f = *state;
    struct store_txn txn;
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    static const struct {
        const char *seek, *found;
    } cases[] = {{"", "b"},  {"a", "b"}, {"b", "b"}, {"b0", "d"},
                 {"d", "d"}, {"f", "f"}, {"g", NULL}};

    store_begin_write(f->store, &txn);
    store_cursor_open(&txn, LEDGER, &cursor);
    assert_false(store_cursor_first(&cursor, &key, &value));
    assert_false(store_cursor_last(&cursor, &key, &value));
    store_cursor_put(&cursor, slice_text("d"), slice_text("4"));
    store_cursor_put(&cursor, slice_text("b"), slice_text("2"));
    store_cursor_put(&cursor, slice_text("f"), slice_text("6"));
    store_cursor_close(&cursor);
    assert_int_equal(store_commit(&txn), STATUS_OK);

    store_begin_read(f->store, &txn);
    store_cursor_open(&txn, LEDGER, &cursor);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const bool found = store_cursor_seek(&cursor, slice_text(cases[i].seek), &key, &value);
        assert_int_equal(found, cases[i].found != NULL);
        if (found) {
            assert_slice(key, cases[i].found);
        }
    }
    assert_true(store_cursor_first(&cursor, &key, &value));
    assert_false(store_cursor_previous(&cursor, &key, &value));
    assert_true(store_cursor_next(&cursor, &key, &value));
    assert_slice(key, "d");
    assert_slice(value, "4");
    assert_true(store_cursor_last(&cursor, &key, &value));
    assert_slice(key, "f");
    assert_false(store_cursor_next(&cursor, &key, &value));
    assert_true(store_cursor_previous(&cursor, &key, &value));
    assert_slice(key, "d");
    assert_int_equal(store_commit(&txn), STATUS_OK);
    store_cursor_close(&cursor); /* late is harmless */
}

static void test_cursor_deletes(void **state)
{
    struct fixture *f = *state;
    struct store_txn txn;
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    char text[16];
    fill(f, 3000, 100);
    store_begin_write(f->store, &txn);
    store_cursor_open(&txn, DOSSIERS, &cursor);

    assert_true(store_cursor_seek(&cursor, numbered(1000, text), &key, &value));
    store_cursor_delete(&cursor);
    assert_true(store_cursor_next(&cursor, &key, &value));
    assert_slice(key, "key-001001");
    store_cursor_delete(&cursor);
    assert_true(store_cursor_previous(&cursor, &key, &value));
    assert_slice(key, "key-000999");
    assert_true(store_cursor_last(&cursor, &key, &value));
    store_cursor_delete(&cursor);
    assert_false(store_cursor_next(&cursor, &key, &value));

    unsigned deleted = 0;
    for (bool at = store_cursor_first(&cursor, &key, &value); at;
         at = store_cursor_next(&cursor, &key, &value)) {
        store_cursor_delete(&cursor);
        deleted++;
    }
    assert_int_equal(deleted, 2997);
    assert_int_equal(store_count(&txn, DOSSIERS), 0);
    assert_int_equal(txn.status, STATUS_OK);
    store_cursor_delete(&cursor);
    assert_int_equal(txn.status, STATUS_INVALID);
    store_cursor_close(&cursor);
    store_abort(&txn);
}

/* Every call on a failed transaction, which must do nothing and find nothing. */
static void call_everything(struct store_txn *txn)
{
    struct store_cursor cursor;
    struct slice key = slice_text("a");
    struct slice value;
    const enum status status = txn->status;
    store_put(txn, DOSSIERS, key, key);
    store_append(txn, DOSSIERS, key, key);
    store_delete(txn, DOSSIERS, key);
    store_clear(txn, DOSSIERS);
    assert_int_equal(store_count(txn, DOSSIERS), 0);
    assert_false(store_get(txn, DOSSIERS, key, &value));
    store_cursor_open(txn, DOSSIERS, &cursor);
    assert_false(store_cursor_seek(&cursor, key, &key, &value));
    assert_false(store_cursor_first(&cursor, &key, &value));
    assert_false(store_cursor_last(&cursor, &key, &value));
    assert_false(store_cursor_next(&cursor, &key, &value));
    assert_false(store_cursor_previous(&cursor, &key, &value));
    store_cursor_put(&cursor, slice_text("a"), slice_text("a"));
    store_cursor_delete(&cursor);
    store_cursor_close(&cursor);
    assert_int_equal(txn->status, status);
}

static void test_map_full(void **state)
{
    struct fixture *f = *state;
    struct store_txn txn;
    struct store_cursor cursor;
    char key[16];
    static uint8_t value[1 << 16];
    fill(f, 10, 100);
    assert_false(store_is_full(f->store));
    store_begin_write(f->store, &txn);
    store_cursor_open(&txn, DOSSIERS, &cursor);
    for (unsigned i = 10; i < 100; i++) {
        store_cursor_put(&cursor, numbered(i, key), slice_of(value, sizeof value));
    }
    assert_int_equal(txn.status, STATUS_FULL);
    store_cursor_close(&cursor);
    call_everything(&txn);
    assert_int_equal(store_commit(&txn), STATUS_FULL);
    assert_int_equal(store_commit(&txn), STATUS_FULL);
    assert_int_equal(read_all(f), 10);
    fill(f, 11, 100);
    assert_int_equal(read_all(f), 11);
}

static void test_reserve(void **state)
{
    struct fixture *f = *state;
    struct store_txn txn;
    fill(f, 30, 1 << 17);
    const struct store_usage before = store_usage(f->store);
    assert_int_equal(before.map_bytes, MAP_BYTES);
    assert_true(before.used_bytes >= MAP_BYTES / 100 * 90 && before.used_bytes <= MAP_BYTES);
    assert_true(before.free_disk_bytes > 0);
    assert_true(store_is_full(f->store));
    store_begin_write(f->store, &txn);
    store_clear(&txn, DOSSIERS);
    assert_int_equal(store_commit(&txn), STATUS_OK);
    assert_int_equal(reopen(f), STATUS_OK);
    assert_true(store_usage(f->store).used_bytes < MAP_BYTES / 10);
    assert_int_equal(store_is_full(f->store), before.free_disk_bytes < (256U << 20));
}

static void test_bad_calls(void **state)
{
    struct fixture *f = *state;
    static uint8_t key[STORE_KEY_MAX + 1];
    static const struct {
        size_t key_bytes;
        enum status put, get;
    } cases[] = {{0, STATUS_INVALID, STATUS_INVALID},
                 {1, STATUS_OK, STATUS_OK},
                 {STORE_KEY_MAX, STATUS_OK, STATUS_OK},
                 {STORE_KEY_MAX + 1, STATUS_INVALID, STATUS_INVALID}};
    struct store_txn txn;
    struct slice value;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        store_begin_write(f->store, &txn);
        store_put(&txn, LEDGER, slice_of(key, cases[i].key_bytes), slice_text("x"));
        if (cases[i].put != STATUS_OK) {
            call_everything(&txn);
        }
        assert_int_equal(store_commit(&txn), cases[i].put);
        store_begin_read(f->store, &txn);
        assert_int_equal(store_get(&txn, LEDGER, slice_of(key, cases[i].key_bytes), &value),
                         cases[i].get == STATUS_OK);
        assert_int_equal(store_commit(&txn), cases[i].get);
    }
    store_begin_write(f->store, &txn);
    store_append(&txn, LEDGER, slice_of(key, 1), slice_text("not behind the last"));
    call_everything(&txn);
    assert_int_equal(store_commit(&txn), STATUS_EXISTS);
    store_begin_read(f->store, &txn);
    store_put(&txn, LEDGER, slice_text("k"), slice_text("in a read transaction"));
    assert_int_equal(store_commit(&txn), STATUS_DENIED);
}

static void test_failed_begin(void **state)
{
    enum { READERS = 126 };
    struct fixture *f = *state;
    static struct store_txn readers[READERS];
    struct store_txn txn;
    for (unsigned i = 0; i < READERS; i++) {
        store_begin_read(f->store, &readers[i]);
        assert_int_equal(readers[i].status, STATUS_OK);
    }
    store_begin_read(f->store, &txn);
    assert_int_equal(txn.status, STATUS_BUSY);
    call_everything(&txn);
    assert_int_equal(store_commit(&txn), STATUS_BUSY);
    store_abort(&txn);
    assert_true(store_usage(f->store).used_bytes > 0);
    for (unsigned i = 0; i < READERS; i++) {
        store_abort(&readers[i]);
    }
    store_check_readers(f->store);
    assert_int_equal(read_all(f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cursor_moves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cursor_deletes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_map_full, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reserve, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_calls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failed_begin, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
