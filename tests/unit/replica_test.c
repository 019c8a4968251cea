/* SPDX-License-Identifier: Apache-2.0
 *
 * The replica's store side, driven by hand: snapshots whose pages have different cuts, batches in
 * parts, other journals, restarts, answers against the protocol; and the catalogue that belongs to
 * a cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hoso/v1/catalogue.pb-c.h"
#include "ledger/ledger.h"
#include "replica/catalogue_cache.h"
#include "replica/copy.h"
#include "replica/replica.h"
#include "wire/wire.h"

enum { JOURNAL = 7, OTHER_JOURNAL = 8, ENTRIES_MAX = 4, PARTS_MAX = 4, VERSION = 3 };

struct world {
    uint32_t fold_version; /* of the pages */
    char path[64];
    struct store *store;
    struct copy copy;
    bool moved;
};

static void open_store(struct world *world)
{
    const struct store_options options = {world->path, replica_tables, REPLICA_SCHEMA,
                                          1 << 26,     true,           false};
    struct error error = {0};
    assert_int_equal(store_open(&options, &world->store, &error), STATUS_OK);
    assert_int_equal(copy_init(&world->copy, world->store), STATUS_OK);
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)snprintf(world->path, sizeof world->path, "replica_test.XXXXXX");
    assert_non_null(mkdtemp(world->path));
    world->fold_version = VERSION;
    open_store(world);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const files[] = {"data.mdb", "lock.mdb", "owner.lock"};
    struct world *world = *state;
    char path[128];
    copy_abandon(&world->copy);
    store_close(world->store);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", world->path, files[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(world->path), 0);
    free(world);
    return 0;
}

static void restart(struct world *world)
{
    copy_abandon(&world->copy);
    store_close(world->store);
    open_store(world);
}

/* Messages in static memory: "a=1" puts, "a=" deletes. */
struct entries {
    Hoso__V1__LedgerEntry items[ENTRIES_MAX];
    Hoso__V1__LedgerEntry *list[ENTRIES_MAX];
    size_t count;
};

static void fill_entries(struct entries *entries, const char *const *texts)
{
    for (entries->count = 0; texts[entries->count] != NULL; entries->count++) {
        Hoso__V1__LedgerEntry *entry = &entries->items[entries->count];
        const char *text = texts[entries->count];
        const char *sign = strchr(text, '=');
        hoso__v1__ledger_entry__init(entry);
        entry->key = (ProtobufCBinaryData){(size_t)(sign - text), (uint8_t *)(uintptr_t)text};
        entry->value = (ProtobufCBinaryData){strlen(sign + 1), (uint8_t *)(uintptr_t)(sign + 1)};
        entries->list[entries->count] = entry;
    }
}

static enum status page(struct world *world, uint64_t journal, uint64_t position,
                        const char *const *texts, bool last)
{
    struct entries entries;
    Hoso__V1__Cut cut = HOSO__V1__CUT__INIT;
    Hoso__V1__SnapshotReply reply = HOSO__V1__SNAPSHOT_REPLY__INIT;
    fill_entries(&entries, texts);
    cut.incarnation = journal;
    cut.position = position;
    Hoso__V1__Derivation derivation = HOSO__V1__DERIVATION__INIT;
    derivation.fold_version = world->fold_version;
    derivation.utc_offset_minutes = 420;
    reply.cut = &cut;
    reply.derivation = &derivation;
    reply.entries = entries.list;
    reply.n_entries = entries.count;
    reply.last = last;
    world->moved = false;
    return copy_take_page(&world->copy, &reply, &world->moved);
}

struct part {
    uint64_t from, to;
    uint32_t number;
    bool last;
    const char *texts[ENTRIES_MAX];
};

static enum status apply(struct world *world, uint64_t journal, const struct part *parts,
                         size_t count)
{
    struct entries entries[PARTS_MAX];
    Hoso__V1__ChangePart items[PARTS_MAX];
    Hoso__V1__ChangePart *list[PARTS_MAX];
    Hoso__V1__Cut cut = HOSO__V1__CUT__INIT;
    Hoso__V1__ChangesReply reply = HOSO__V1__CHANGES_REPLY__INIT;
    for (size_t i = 0; i < count; i++) {
        fill_entries(&entries[i], parts[i].texts);
        hoso__v1__change_part__init(&items[i]);
        items[i].from_position = parts[i].from;
        items[i].to_position = parts[i].to;
        items[i].part = parts[i].number;
        items[i].last = parts[i].last;
        items[i].entries = entries[i].list;
        items[i].n_entries = entries[i].count;
        list[i] = &items[i];
    }
    cut.incarnation = journal;
    cut.position = 1000;
    reply.cut = &cut;
    reply.parts = list;
    reply.n_parts = count;
    world->moved = false;
    return copy_take_changes(&world->copy, &reply, &world->moved);
}

static enum status needs_snapshot(struct world *world)
{
    Hoso__V1__Cut cut = HOSO__V1__CUT__INIT;
    Hoso__V1__ChangesReply reply = HOSO__V1__CHANGES_REPLY__INIT;
    cut.incarnation = JOURNAL;
    reply.cut = &cut;
    reply.snapshot_needed = true;
    return copy_take_changes(&world->copy, &reply, &world->moved);
}

static enum status changes(struct world *world, uint64_t journal, const struct part *parts,
                           size_t count)
{
    const enum status status = apply(world, journal, parts, count);
    return status == STATUS_OK ? copy_commit(&world->copy) : status;
}

/* "phase position ready | a=1 b=2" as a new reader sees it. */
static const char *seen(struct world *world)
{
    static char text[256];
    struct store_txn txn;
    struct copy_state copy_state;
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    store_begin_read(world->store, &txn);
    assert_int_equal(copy_read_state(&txn, &copy_state), STATUS_OK);
    int size = snprintf(text, sizeof text, "%d %d %s |", (int)copy_state.phase,
                        (int)copy_state.cut.position, copy_is_ready(&copy_state) ? "ready" : "not");
    store_cursor_open(&txn, REPLICA_LEDGER, &cursor);
    for (bool more = store_cursor_first(&cursor, &key, &value); more;
         more = store_cursor_next(&cursor, &key, &value)) {
        size += snprintf(text + size, sizeof text - (size_t)size, " %.*s=%.*s", SLICE_ARG(key),
                         SLICE_ARG(value));
    }
    store_cursor_close(&cursor);
    store_abort(&txn);
    return text;
}

/* "snapshot after b" or "changes after 12 part 1". */
static const char *asked(struct world *world)
{
    static char text[128];
    struct copy_request request;
    copy_next_request(&world->copy, &request);
    if (request.message.body_case == HOSO__V1__LEDGER_REQUEST__BODY_SNAPSHOT) {
        (void)snprintf(text, sizeof text, "snapshot after %.*s",
                       (int)request.snapshot.after_key.len,
                       (const char *)request.snapshot.after_key.data);
    } else {
        assert_int_equal(request.changes.derivation->fold_version,
                         world->copy.state.derivation.fold_version);
        (void)snprintf(text, sizeof text, "changes after %d part %u",
                       (int)request.changes.after_position, request.changes.part);
    }
    return text;
}

#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define PARTS(...)                      \
    (const struct part[]){__VA_ARGS__}, \
        sizeof((const struct part[]){__VA_ARGS__}) / sizeof(struct part)

static void copy_all(struct world *world)
{
    assert_int_equal(page(world, JOURNAL, 10, TEXTS("a=1", "b=1"), true), STATUS_OK);
    assert_string_equal(seen(world), "2 10 ready | a=1 b=1");
}

static void test_snapshot_with_drifting_cuts(void **state)
{
    struct world *world = *state;
    assert_string_equal(seen(world), "0 0 not |");
    assert_string_equal(asked(world), "snapshot after ");
    assert_int_equal(page(world, JOURNAL, 10, TEXTS("a=1", "b=1"), false), STATUS_OK);
    assert_string_equal(seen(world), "1 10 not | a=1 b=1");
    assert_string_equal(asked(world), "snapshot after b");
    assert_int_equal(page(world, JOURNAL, 12, TEXTS("c=3"), false), STATUS_OK);
    assert_int_equal(page(world, JOURNAL, 14, TEXTS("d=5"), true), STATUS_OK);
    assert_string_equal(seen(world), "2 10 not | a=1 b=1 c=3 d=5");
    assert_string_equal(asked(world), "changes after 10 part 0");
    assert_int_equal(changes(world, JOURNAL, PARTS({9, 12, 0, true, {"a=3", "c=3"}})), STATUS_OK);
    assert_string_equal(seen(world), "2 12 not | a=3 b=1 c=3 d=5");
    restart(world);
    assert_string_equal(asked(world), "changes after 12 part 0");
    assert_int_equal(changes(world, JOURNAL, PARTS({12, 15, 0, true, {"b="}})), STATUS_OK);
    assert_string_equal(seen(world), "2 15 ready | a=3 c=3 d=5");
}

/* A snapshot is of one derivation, which the copy names when it asks for changes. */
static void test_numbers_made_otherwise(void **state)
{
    struct world *world = *state;
    copy_all(world);
    assert_int_equal(needs_snapshot(world), STATUS_OK);
    assert_int_equal(page(world, 0, 0, TEXTS(NULL), true), STATUS_UNAVAILABLE); /* counting */
    assert_string_equal(seen(world), "2 10 ready | a=1 b=1");
    world->fold_version = 0;
    assert_int_equal(page(world, JOURNAL, 10, TEXTS("b=1"), true), STATUS_CONFLICT);
    world->fold_version = VERSION + 1;
    assert_int_equal(page(world, JOURNAL, 10, TEXTS("a=7"), false), STATUS_OK);
    world->fold_version = VERSION;
    assert_int_equal(page(world, JOURNAL, 10, TEXTS("b=1"), true), STATUS_CONFLICT);
    world->fold_version = VERSION + 1;
    assert_int_equal(page(world, JOURNAL, 10, TEXTS("a=7", "b=7"), true), STATUS_OK);
    assert_string_equal(seen(world), "2 10 ready | a=7 b=7");
    assert_string_equal(asked(world), "changes after 10 part 0");
}

static void test_a_batch_is_all_or_nothing(void **state)
{
    struct world *world = *state;
    copy_all(world);
    assert_int_equal(
        changes(world, JOURNAL, PARTS({10, 12, 0, true, {"a=2"}}, {12, 20, 0, false, {"b=2"}})),
        STATUS_OK);
    assert_true(world->moved && !copy_is_pending(&world->copy));
    assert_string_equal(seen(world), "2 12 ready | a=2 b=1");
    assert_string_equal(asked(world), "changes after 12 part 1");
    assert_int_equal(changes(world, JOURNAL, PARTS({12, 20, 1, false, {"c=2"}})), STATUS_OK);
    assert_string_equal(asked(world), "changes after 12 part 2");
    assert_int_equal(changes(world, JOURNAL, PARTS({12, 20, 2, true, {"d=2"}})), STATUS_OK);
    assert_true(world->moved);
    assert_string_equal(seen(world), "2 20 ready | a=2 b=2 c=2 d=2");
    assert_string_equal(asked(world), "changes after 20 part 0");
}

static void test_applied_and_not_committed(void **state)
{
    struct world *world = *state;
    copy_all(world);
    assert_int_equal(apply(world, JOURNAL, PARTS({10, 20, 0, true, {"a=2"}})), STATUS_OK);
    assert_true(world->moved && copy_is_pending(&world->copy));
    assert_int_equal(apply(world, JOURNAL, PARTS({20, 30, 0, true, {"b=3"}})), STATUS_OK);
    assert_string_equal(asked(world), "changes after 30 part 0");
    assert_string_equal(seen(world), "2 10 ready | a=1 b=1");
    /* A batch of several answers is alone in its transaction. */
    assert_int_equal(apply(world, JOURNAL, PARTS({30, 40, 0, false, {"b=4"}})), STATUS_OK);
    assert_true(!world->moved && !copy_is_pending(&world->copy));
    assert_string_equal(seen(world), "2 30 ready | a=2 b=3");
    assert_int_equal(copy_commit(&world->copy), STATUS_OK);
    assert_string_equal(seen(world), "2 30 ready | a=2 b=3");
    assert_int_equal(apply(world, JOURNAL, PARTS({30, 40, 1, true, {"c=4"}})), STATUS_OK);
    assert_int_equal(copy_commit(&world->copy), STATUS_OK);
    assert_string_equal(seen(world), "2 40 ready | a=2 b=4 c=4");
    assert_int_equal(apply(world, JOURNAL, PARTS({40, 50, 0, true, {"a=5"}})), STATUS_OK);
    assert_int_equal(
        apply(world, JOURNAL, PARTS({50, 60, 0, false, {"a=6"}}, {50, 60, 1, true, {"b=6"}})),
        STATUS_OK);
    assert_true(copy_is_pending(&world->copy));
    assert_string_equal(asked(world), "changes after 60 part 0");
    assert_string_equal(seen(world), "2 40 ready | a=2 b=4 c=4");
    copy_abandon(&world->copy);
    assert_string_equal(asked(world), "changes after 40 part 0");
    assert_string_equal(seen(world), "2 40 ready | a=2 b=4 c=4");
}

static void test_a_stalled_batch_starts_over(void **state)
{
    struct world *world = *state;
    copy_all(world);
    assert_int_equal(changes(world, JOURNAL, PARTS({10, 20, 0, false, {"a=2"}})), STATUS_OK);
    copy_abandon(&world->copy);
    assert_string_equal(asked(world), "changes after 10 part 0");
    assert_int_equal(
        changes(world, JOURNAL, PARTS({10, 20, 0, false, {"a=2"}}, {10, 20, 1, true, {"b=2"}})),
        STATUS_OK);
    assert_string_equal(seen(world), "2 20 ready | a=2 b=2");
}

static void test_answers_against_the_protocol(void **state)
{
    static const struct part wrong[] = {
        {10, 12, 1, true, {"a=9"}}, /* not from its first part */
        {11, 12, 0, true, {"a=9"}}, /* begins after our position */
        {5, 10, 0, true, {"a=9"}},  /* ends at our position */
        {10, 12, 0, true, {"=9"}},  /* an empty key */
    };
    struct world *world = *state;
    copy_all(world);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(changes(world, JOURNAL, &wrong[i], 1), STATUS_CONFLICT);
        assert_string_equal(asked(world), "changes after 10 part 0");
    }
    assert_int_equal(changes(world, JOURNAL, PARTS({10, 20, 0, false, {"a=9"}})), STATUS_OK);
    assert_int_equal(changes(world, JOURNAL, PARTS({10, 20, 2, true, {"a=9"}})), STATUS_CONFLICT);
    assert_int_equal(changes(world, JOURNAL, PARTS({10, 20, 0, false, {"a=9"}})), STATUS_OK);
    assert_int_equal(changes(world, JOURNAL, PARTS({10, 21, 1, true, {"a=9"}})), STATUS_CONFLICT);
    assert_int_equal(changes(world, JOURNAL, PARTS({10, 20, 0, false, {"a=9"}})), STATUS_OK);
    assert_int_equal(changes(world, JOURNAL, NULL, 0), STATUS_CONFLICT);
    assert_string_equal(seen(world), "2 10 ready | a=1 b=1");
    assert_int_equal(changes(world, JOURNAL, NULL, 0), STATUS_OK);
    assert_false(world->moved);
}

static void test_another_journal_starts_over(void **state)
{
    struct world *world = *state;
    copy_all(world);
    assert_int_equal(changes(world, OTHER_JOURNAL, PARTS({10, 12, 0, true, {"a=9"}})), STATUS_OK);
    assert_string_equal(asked(world), "snapshot after ");
    assert_string_equal(seen(world), "2 10 ready | a=1 b=1");
    assert_int_equal(page(world, OTHER_JOURNAL, 3, TEXTS("z=1"), true), STATUS_OK);
    assert_string_equal(seen(world), "2 3 ready | z=1");
    assert_int_equal((int)world->copy.state.cut.incarnation, OTHER_JOURNAL);
}

static void test_a_log_that_is_gone_starts_over(void **state)
{
    struct world *world = *state;
    copy_all(world);
    assert_int_equal(changes(world, JOURNAL, PARTS({10, 20, 0, false, {"a=9"}})), STATUS_OK);
    assert_int_equal(needs_snapshot(world), STATUS_OK);
    assert_string_equal(asked(world), "snapshot after ");
    assert_string_equal(seen(world), "2 10 ready | a=1 b=1");
}

static void test_an_interrupted_snapshot_starts_over(void **state)
{
    struct world *world = *state;
    assert_int_equal(page(world, JOURNAL, 10, TEXTS("a=1"), false), STATUS_OK);
    restart(world);
    assert_string_equal(seen(world), "1 10 not | a=1");
    assert_string_equal(asked(world), "snapshot after ");
    assert_int_equal(page(world, JOURNAL, 11, TEXTS("b=2"), false), STATUS_OK);
    assert_string_equal(seen(world), "1 11 not | b=2");
    assert_int_equal(page(world, OTHER_JOURNAL, 12, TEXTS("c=3"), false), STATUS_CONFLICT);
    assert_string_equal(asked(world), "snapshot after ");
    assert_int_equal(page(world, JOURNAL, 12, TEXTS("", "x=1") + 1, false), STATUS_OK);
    assert_int_equal(page(world, JOURNAL, 12, TEXTS("") + 1, false), STATUS_CONFLICT);
    assert_string_equal(asked(world), "snapshot after ");
}

static void test_nothing_to_copy_yet(void **state)
{
    struct world *world = *state;
    assert_int_equal(page(world, 0, 0, TEXTS("") + 1, true), STATUS_UNAVAILABLE);
    assert_string_equal(seen(world), "0 0 not |");
    assert_int_equal(page(world, JOURNAL, 0, TEXTS("") + 1, true), STATUS_OK);
    assert_string_equal(seen(world), "2 0 ready |");
}

/* The catalogue's record with one unit. */
static Hoso__V1__LedgerEntry catalogue_entry(const char *id, struct buffer *packed)
{
    Hoso__V1__LedgerEntry entry = HOSO__V1__LEDGER_ENTRY__INIT;
    Hoso__V1__Catalogue catalogue = HOSO__V1__CATALOGUE__INIT;
    Hoso__V1__Unit unit = HOSO__V1__UNIT__INIT;
    Hoso__V1__Unit *units[] = {&unit};
    const struct slice key = ledger_catalogue_key();
    unit.id = unit.code = unit.name = (char *)(uintptr_t)id;
    unit.tier = HOSO__V1__TIER__TIER_PROVINCE;
    catalogue.units = units;
    catalogue.n_units = 1;
    buffer_clear(packed);
    wire_pack(&catalogue.base, packed);
    entry.key = (ProtobufCBinaryData){key.size, (uint8_t *)(uintptr_t)key.data};
    entry.value = (ProtobufCBinaryData){packed->size, packed->data};
    return entry;
}

static void put_catalogue(struct world *world, const char *id, uint64_t position)
{
    struct buffer packed;
    Hoso__V1__Cut cut = HOSO__V1__CUT__INIT;
    Hoso__V1__ChangesReply reply = HOSO__V1__CHANGES_REPLY__INIT;
    Hoso__V1__ChangePart part = HOSO__V1__CHANGE_PART__INIT;
    Hoso__V1__ChangePart *parts[] = {&part};
    buffer_init(&packed, 1 << 16);
    Hoso__V1__LedgerEntry entry = catalogue_entry(id, &packed);
    Hoso__V1__LedgerEntry *entries[] = {&entry};
    cut.incarnation = JOURNAL;
    part.from_position = position - 1;
    part.to_position = position;
    part.last = true;
    part.entries = entries;
    part.n_entries = 1;
    reply.cut = &cut;
    reply.parts = parts;
    reply.n_parts = 1;
    assert_int_equal(copy_take_changes(&world->copy, &reply, &world->moved), STATUS_OK);
    assert_false(copy_is_pending(&world->copy)); /* a catalogue is committed at once */
    buffer_fini(&packed);
}

static struct shared_catalogue *take(struct catalogue_cache *cache, struct store_txn *txn)
{
    struct copy_state copy_state;
    struct shared_catalogue *shared = NULL;
    struct error error = {0};
    assert_int_equal(copy_read_state(txn, &copy_state), STATUS_OK);
    assert_int_equal(
        catalogue_cache_take(cache, txn, copy_state.catalogue_version, &shared, &error), STATUS_OK);
    return shared;
}

static void test_the_catalogue_belongs_to_the_cut(void **state)
{
    struct world *world = *state;
    struct catalogue_cache cache;
    struct store_txn before;
    struct store_txn after;
    catalogue_cache_init(&cache);
    copy_all(world);
    store_begin_read(world->store, &before);
    struct shared_catalogue *none = take(&cache, &before);
    assert_null(none->catalogue);
    store_abort(&before);
    put_catalogue(world, "H27", 11);
    store_begin_read(world->store, &before);
    put_catalogue(world, "H28", 12);
    store_begin_read(world->store, &after);
    struct shared_catalogue *newer = take(&cache, &after);
    struct shared_catalogue *older =
        take(&cache, &before); /* parsed again: the cache keeps the newest */
    struct shared_catalogue *again = take(&cache, &after);
    assert_true(catalogue_has_unit(newer->catalogue, slice_text("H28")));
    assert_true(catalogue_has_unit(older->catalogue, slice_text("H27")));
    assert_ptr_equal(newer, again);
    catalogue_cache_give(&cache, none);
    catalogue_cache_give(&cache, older);
    catalogue_cache_give(&cache, again);
    catalogue_cache_fini(&cache);
    assert_true(catalogue_has_unit(newer->catalogue, slice_text("H28")));
    store_abort(&before);
    store_abort(&after);
    catalogue_cache_init(&cache);
    catalogue_cache_give(&cache, newer);
    catalogue_cache_fini(&cache);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_numbers_made_otherwise),           TEST(test_snapshot_with_drifting_cuts),
        TEST(test_a_batch_is_all_or_nothing),        TEST(test_a_stalled_batch_starts_over),
        TEST(test_answers_against_the_protocol),     TEST(test_another_journal_starts_over),
        TEST(test_a_log_that_is_gone_starts_over),   TEST(test_an_interrupted_snapshot_starts_over),
        TEST(test_applied_and_not_committed),        TEST(test_nothing_to_copy_yet),
        TEST(test_the_catalogue_belongs_to_the_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
