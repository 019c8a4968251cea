/* SPDX-License-Identifier: Apache-2.0
 *
 * Comparing a recount with a copy: each kind of difference is counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "aggregate/aggregate.h"
#include "base/require.h"
#include "replica/replica.h"
#include "services/hoso/verify/verify.h"
#include "tests/unit/client/folder.h"

struct fixture {
    char folder[FOLDER_MAX];
    struct store *counted;
    struct store *copied;
};

static struct store *open_store(const char *folder, const char *name, const char *const *tables,
                                uint32_t schema)
{
    char path[96];
    struct store *store = NULL;
    struct error error;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    const struct store_options options = {.path = path,
                                          .tables = tables,
                                          .schema_version = schema,
                                          .map_bytes = 64 << 20,
                                          .any_filesystem = true};
    require(store_open(&options, &store, &error) == STATUS_OK);
    return store;
}

static int begin(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    require(fixture != NULL);
    folder_make(fixture->folder);
    fixture->counted = open_store(fixture->folder, "counted", aggregate_tables, AGGREGATE_SCHEMA);
    fixture->copied = open_store(fixture->folder, "copied", replica_tables, REPLICA_SCHEMA);
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    store_close(fixture->counted);
    store_close(fixture->copied);
    folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

/* NULL-terminated pairs of key and value. */
static void put(struct store *store, unsigned table, const char *const *records)
{
    struct store_txn txn;
    store_begin_write(store, &txn);
    store_clear(&txn, table);
    for (unsigned i = 0; records[i] != NULL; i += 2) {
        store_put(&txn, table, slice_text(records[i]), slice_text(records[i + 1]));
    }
    assert_int_equal(store_commit(&txn), STATUS_OK);
}

static void differences(void **state)
{
    static const struct {
        const char *counted[10];
        const char *copied[10];
        struct verify_result result;
    } table[] = {
        {{NULL}, {NULL}, {0, 0, 0, 0}},
        {{"a", "1", "b", "2", NULL}, {"a", "1", "b", "2", NULL}, {2, 0, 0, 0}},
        {{"a", "1", "b", "2", NULL}, {"a", "1", "b", "3", NULL}, {2, 1, 0, 0}},
        {{"a", "1", "b", "2", "c", "3", NULL}, {"b", "2", NULL}, {1, 0, 2, 0}},
        {{"b", "2", NULL}, {"a", "1", "b", "2", "c", "3", NULL}, {1, 0, 0, 2}},
        {{"a", "1", "c", "2", NULL}, {"b", "1", "d", "2", NULL}, {0, 0, 2, 2}},
        {{"a", "1", NULL}, {NULL}, {0, 0, 1, 0}},
        {{NULL}, {"a", "1", NULL}, {0, 0, 0, 1}},
    };
    const struct fixture *fixture = *state;
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        struct verify_result result;
        put(fixture->counted, TABLE_LEDGER, table[i].counted);
        put(fixture->copied, REPLICA_LEDGER, table[i].copied);
        assert_int_equal(verify_compare(fixture->counted, fixture->copied, &result), STATUS_OK);
        assert_memory_equal(&result, &table[i].result, sizeof result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(differences, begin, end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
