/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue by tables: each fault alone in a small catalogue, trees and coverage through
 * reforms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "catalogue/scope.h"
#include "tests/unit/catalogue/given.h"

struct fault_case {
    const char *place; /* what the error begins with */
    const char *word;  /* and holds */
    struct given given;
};

#define LONG65 "12345678901234567890123456789012345678901234567890123456789012345"

static const struct fault_case faults[] = {
    {"units[0].id: ", "empty", {.units = {{.id = "", .name = "x"}}}},
    {"units[1].id: ", "65 bytes", {.units = {{.id = "a"}, {.id = LONG65}}}},
    {"units[0].name: ", "empty", {.units = {{.id = "a", .name = ""}}}},
    {"units[0].name: ", "NFC", {.units = {{.id = "a", .name = "Xa\xcc\x83"}}}},
    {"units[0].tier: ", "not a tier", {.units = {{.id = "a", .tier = -1}}}},
    {"units[0].tier: ", "7", {.units = {{.id = "a", .tier = 7}}}},
    {"units[0].valid_from: ", "2024-02-30", {.units = {{.id = "a", .from = "2024-02-30"}}}},
    {"units[0].valid_to: ", "YYYY-MM-DD", {.units = {{.id = "a", .to = "31/12/2024"}}}},
    {"units[0].valid_to: ",
     "before valid_from",
     {.units = {{.id = "a", .from = "2024-02-02", .to = "2024-02-01"}}}},
    {"units[1].valid_from: ", "(the other is units[0])", {.units = {{.id = "a"}, {.id = "a"}}}},
    {"units[0].valid_from: ",
     "a has two rows",
     {.units = {{.id = "a", .from = "2024-06-30"}, {.id = "a", .to = "2024-06-30"}}}},
    {"units[0].parent: ", "no unit b", {.units = {{.id = "a", .parent = "b"}}}},
    {"units[0].parent: ",
     "whole span",
     {.units = {{.id = "a", .parent = "b"}, {.id = "b", .to = "2025-06-30"}}}},
    {"units[0].parent: ",
     "whole span",
     {.units = {{.id = "a", .parent = "b", .from = "2024-01-01"},
                {.id = "b", .from = "2024-01-02"}}}},
    {"units[2].parent: ", /* a gap of one day */
     "whole span",
     {.units = {{.id = "b", .to = "2024-06-29"},
                {.id = "b", .from = "2024-07-01"},
                {.id = "a", .parent = "b"}}}},
    {"units[0].parent: ", "below itself", {.units = {{.id = "a", .parent = "a"}}}},
    {"units[0].parent: ",
     "below itself",
     {.units = {{.id = "a", .parent = "b"},
                {.id = "b", .parent = "c"},
                {.id = "c", .parent = "a"}}}},
    {"units[0].parent: ", /* only in 2024 */
     "below itself",
     {.units = {{.id = "a", .parent = "b", .from = "2023-01-01"},
                {.id = "b", .to = "2023-12-31"},
                {.id = "b", .parent = "a", .from = "2024-01-01", .to = "2024-12-31"},
                {.id = "b", .from = "2025-01-01"}}}},
    {"units[8].parent: ",
     "8 levels",
     {.units = {{.id = "1"},
                {.id = "2", .parent = "1"},
                {.id = "3", .parent = "2"},
                {.id = "4", .parent = "3"},
                {.id = "5", .parent = "4"},
                {.id = "6", .parent = "5"},
                {.id = "7", .parent = "6"},
                {.id = "8", .parent = "7"},
                {.id = "9", .parent = "8"}}}},
    {"units[0].successors: ",
     "no unit b",
     {.units = {{.id = "a", .to = "2025-06-30", .successors = "b"}}}},
    {"units[0].successors: ", "no end", {.units = {{.id = "a", .successors = "b"}, {.id = "b"}}}},
    {"units[0].successors: ",
     "goes on the next day",
     {.units = {{.id = "a", .to = "2025-06-30", .successors = "b"},
                {.id = "a", .from = "2025-07-01"},
                {.id = "b"}}}},
    {"units[0].successors: ",
     "given twice",
     {.units = {{.id = "a", .to = "2025-06-30", .successors = "b b"}, {.id = "b"}}}},
    {"units[0].successors: ",
     "its own successor",
     {.units = {{.id = "a", .to = "2025-06-30", .successors = "a"}}}},
    {"units[2].successors: ",
     "its own successor",
     {.units = {{.id = "a", .to = "2025-06-30", .successors = "b"},
                {.id = "b", .to = "2025-06-30", .successors = "c x"},
                {.id = "c", .to = "2025-06-30", .successors = "a"},
                {.id = "x"}}}},
    {"fields[0].id: ", "empty", {.fields = {{.id = ""}}}},
    {"fields[2].id: ",
     "(the other is fields[0])",
     {.fields = {{.id = "f"}, {.id = "g"}, {.id = "f", .print_order = 9}}}},
    {"procedures[0].field: ", "empty", {.procedures = {{.id = "p"}}}},
    {"procedures[0].field: ",
     "no field g",
     {.fields = {{.id = "f"}}, .procedures = {{.id = "p", .field = "g"}}}},
    {"procedures[0].service_level: ",
     "FULL",
     {.fields = {{.id = "f"}}, .procedures = {{.id = "p", .field = "f", .level = -1}}}},
    {"procedures[0].service_level: ",
     "4",
     {.fields = {{.id = "f"}}, .procedures = {{.id = "p", .field = "f", .level = 4}}}},
    {"procedures[1].valid_from: ",
     "p has two rows",
     {.fields = {{.id = "f"}},
      .procedures = {{.id = "p", .field = "f"}, {.id = "p", .field = "f"}}}},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const struct fault_case *fault = &faults[i];
        struct catalogue *catalogue = (struct catalogue *)&catalogue;
        struct catalogue *const untouched = catalogue;
        struct error error = {0};
        assert_int_equal(parse(&fault->given, &catalogue, &error), STATUS_INVALID);
        assert_ptr_equal(catalogue, untouched);
        if (strncmp(error.text, fault->place, strlen(fault->place)) != 0 ||
            strstr(error.text, fault->word) == NULL) {
            fail_msg("wanted %s…%s, got: %s", fault->place, fault->word, error.text);
        }
        assert_int_equal(parse(&fault->given, &catalogue, NULL), STATUS_INVALID);
    }
}

static void test_malformed(void **state)
{
    struct catalogue *catalogue = NULL;
    struct error error = {0};
    (void)state;
    assert_int_equal(catalogue_parse(slice_text("\x0a\x05zz"), &catalogue, &error), STATUS_INVALID);
    assert_int_equal(catalogue_parse(slice_text("\x0a\x03\x0a\x01\xff"), &catalogue, &error),
                     STATUS_INVALID);
    assert_non_null(strstr(error.text, "units[0].id"));
    uint8_t *large = test_calloc(CATALOGUE_BYTES_MAX + 1, 1);
    assert_int_equal(catalogue_parse(slice_of(large, CATALOGUE_BYTES_MAX + 1), &catalogue, &error),
                     STATUS_TOO_LARGE);
    test_free(large);
    assert_null(catalogue);
}

static void test_empty(void **state)
{
    struct catalogue *catalogue = NULL;
    struct arena arena;
    struct scope scope;
    uint32_t count = 7;
    (void)state;
    assert_int_equal(catalogue_parse(slice_text(""), &catalogue, NULL), STATUS_OK);
    assert_false(catalogue_has_unit(catalogue, slice_text("a")));
    assert_false(catalogue_has_unit(catalogue, slice_text("")));
    assert_false(scope_covers(catalogue, slice_text("a"), slice_text("a")));
    (void)catalogue_procedures(catalogue, &count);
    assert_int_equal(count, 0);
    arena_init(&arena, 1024);
    assert_int_equal(scope_of(catalogue, TREE(slice_text(""), 0), &arena, &scope), STATUS_OK);
    assert_int_equal(scope.count, 0);
    arena_fini(&arena);
    catalogue_free(catalogue);
    catalogue_free(NULL);
}

/* "id:depth:end …" of the tree of a day. */
static void assert_tree(const struct catalogue *catalogue, const char *root, const char *day,
                        const char *expected)
{
    struct arena arena;
    struct scope scope;
    struct buffer text;
    arena_init(&arena, 1 << 16);
    buffer_init(&text, 1 << 16);
    assert_int_equal(scope_of(catalogue, TREE(slice_text(root), day_of(day)), &arena, &scope),
                     STATUS_OK);
    for (uint32_t i = 0; i < scope.count; i++) {
        buffer_printf(&text, "%s%.*s:%u:%u", i > 0 ? " " : "", SLICE_ARG(scope.rows[i].unit->id),
                      scope.rows[i].depth, scope.rows[i].end);
    }
    buffer_u8(&text, 0);
    assert_string_equal((const char *)text.data, expected);
    buffer_fini(&text);
    arena_fini(&arena);
}

/* c moves from d to e in mid-2024 and is renamed on the way; d ends in 2025; e is renamed in
 * between. */
static const struct given moving = {
    .units = {
        {.id = "c", .parent = "d", .from = "2020-01-01", .to = "2024-06-30", .print_order = 2},
        {.id = "b", .parent = "d", .from = "2020-01-01", .to = "2024-12-31", .print_order = 2},
        {.id = "a", .parent = "d", .from = "2020-01-01", .to = "2024-12-31", .print_order = 7},
        {.id = "p", .tier = TIER_PROVINCE},
        {.id = "d", .parent = "p", .to = "2024-12-31", .print_order = 1, .tier = TIER_DISTRICT},
        {.id = "e", .parent = "p", .to = "2024-09-30", .print_order = 0, .name = "old"},
        {.id = "e", .parent = "p", .from = "2024-10-01", .print_order = 3, .name = "new"},
        {.id = "c", .parent = "e", .from = "2024-07-01", .name = "C"},
        {.id = "o", .from = "2025-01-01", .print_order = 0}}};

static void test_trees(void **state)
{
    struct arena arena;
    struct scope scope;
    struct catalogue *catalogue = parsed(&moving);
    (void)state;
    assert_tree(catalogue, "", "2019-12-31", "p:0:3 e:1:2 d:1:3");
    assert_tree(catalogue, "p", "2024-06-30", "p:0:6 e:1:2 d:1:6 b:2:4 c:2:5 a:2:6");
    assert_tree(catalogue, "", "2024-07-01", "p:0:6 e:1:3 c:2:3 d:1:6 b:2:5 a:2:6");
    assert_tree(catalogue, "", "2024-10-01", "p:0:6 d:1:4 b:2:3 a:2:4 e:1:6 c:2:6");
    assert_tree(catalogue, "", "2025-01-01", "o:0:1 p:0:4 e:1:4 c:2:4");
    assert_tree(catalogue, "d", "2024-12-31", "d:0:3 b:1:2 a:1:3");
    assert_tree(catalogue, "c", "2025-01-01", "c:0:1");
    arena_init(&arena, 256);
    assert_int_equal(
        scope_of(catalogue, TREE(slice_text("d"), day_of("2025-01-01")), &arena, &scope),
        STATUS_NOT_FOUND);
    assert_int_equal(
        scope_of(catalogue, TREE(slice_text("x"), day_of("2025-01-01")), &arena, &scope),
        STATUS_NOT_FOUND);
    assert_int_equal(
        scope_of(catalogue, TREE(slice_text(""), day_of("2025-01-01")), &arena, &scope),
        STATUS_TOO_LARGE);
    arena_fini(&arena);
    catalogue_free(catalogue);
}

static void assert_name(const struct catalogue *catalogue, const char *id, const char *day,
                        const char *expected)
{
    const struct unit *unit = catalogue_unit(catalogue, slice_text(id), day_of(day));
    if (expected == NULL) {
        assert_null(unit);
    } else {
        assert_true(slice_equal(unit->name, slice_text(expected)));
    }
}

static void test_look_ups(void **state)
{
    struct catalogue *catalogue = parsed(&moving);
    (void)state;
    assert_name(catalogue, "c", "2019-12-31", NULL);
    assert_name(catalogue, "c", "2020-01-01", "c");
    assert_name(catalogue, "c", "2024-06-30", "c");
    assert_name(catalogue, "c", "2024-07-01", "C");
    assert_name(catalogue, "e", "2024-09-30", "old");
    assert_name(catalogue, "e", "2024-10-01", "new");
    assert_name(catalogue, "d", "2025-01-01", NULL);
    assert_name(catalogue, "x", "2025-01-01", NULL);
    assert_true(catalogue_has_unit(catalogue, slice_text("d")));
    assert_false(catalogue_has_unit(catalogue, slice_text("dd")));
    assert_int_equal(catalogue_unit_count(catalogue), 7);
    assert_true(slice_equal(catalogue_unit_at(catalogue, 2)->name, slice_text("C")));
    catalogue_free(catalogue);
}

static void assert_covers(const struct catalogue *catalogue, const char *root, const char *unit,
                          bool expected)
{
    if (scope_covers(catalogue, slice_text(root), slice_text(unit)) != expected) {
        fail_msg("%s covers %s: wanted %d", root, unit, expected);
    }
}

static void test_covers(void **state)
{
    struct catalogue *catalogue = parsed(&moving);
    (void)state;
    assert_covers(catalogue, "p", "p", true);
    assert_covers(catalogue, "p", "a", true);
    assert_covers(catalogue, "d", "c", true); /* before the move */
    assert_covers(catalogue, "e", "c", true); /* after it */
    assert_covers(catalogue, "e", "a", false);
    assert_covers(catalogue, "c", "d", false);
    assert_covers(catalogue, "o", "c", false);
    assert_covers(catalogue, "p", "x", false);
    assert_covers(catalogue, "x", "x", false);
    catalogue_free(catalogue);
}

/* b was below q only before c came to b, so q never covered c. Two rows may hang below each other
 * in turn. */
static void test_covers_by_day(void **state)
{
    static const struct given given = {.units = {{.id = "q"},
                                                 {.id = "b", .parent = "q", .to = "2020-12-31"},
                                                 {.id = "b", .from = "2021-01-01"},
                                                 {.id = "c", .to = "2021-12-31"},
                                                 {.id = "c", .parent = "b", .from = "2022-01-01"},
                                                 {.id = "m", .to = "2022-12-31"},
                                                 {.id = "m", .parent = "n", .from = "2023-01-01"},
                                                 {.id = "n", .parent = "m", .to = "2022-12-31"},
                                                 {.id = "n", .from = "2023-01-01"}}};
    struct catalogue *catalogue = parsed(&given);
    (void)state;
    assert_covers(catalogue, "q", "b", true);
    assert_covers(catalogue, "b", "c", true);
    assert_covers(catalogue, "q", "c", false);
    assert_covers(catalogue, "m", "n", true);
    assert_covers(catalogue, "n", "m", true);
    catalogue_free(catalogue);
}

static void test_printing_order(void **state)
{
    static const struct given given = {
        .fields = {{"z", 1}, {"b", 2}, {"a", 2}, {"y", 0}},
        .procedures = {{.id = "3", .field = "b"},
                       {.id = "2", .field = "z", .to = "2023-12-31"},
                       {.id = "1", .field = "b"},
                       {.id = "9", .field = "y"},
                       {.id = "2", .field = "b", .from = "2024-01-01", .level = 2},
                       {.id = "8", .field = "z"}}};
    static const char *const fields[] = {"y", "z", "a", "b"};
    static const char *const procedures[] = {"9", "8", "3", "1", "2"};
    struct catalogue *catalogue = parsed(&given);
    uint32_t count;
    (void)state;
    const struct field *field = catalogue_fields(catalogue, &count);
    assert_int_equal(count, 4);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(slice_equal(field[i].id, slice_text(fields[i])));
    }
    const struct procedure *procedure = catalogue_procedures(catalogue, &count);
    assert_int_equal(count, 5);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(slice_equal(procedure[i].id, slice_text(procedures[i])));
    }
    procedure = catalogue_procedure(catalogue, slice_text("2"));
    assert_int_equal(procedure->service_level, 2);
    assert_int_equal(procedure->from_day, day_of("2024-01-01"));
    assert_int_equal(procedure->to_day, INT32_MAX);
    assert_true(catalogue_has_procedure(catalogue, slice_text("9")));
    assert_false(catalogue_has_procedure(catalogue, slice_text("7")));
    assert_true(catalogue_has_field(catalogue, slice_text("a")));
    assert_false(catalogue_has_field(catalogue, slice_text("c")));
    catalogue_free(catalogue);
}

static void test_may_replace(void **state)
{
    static const struct {
        struct given next;
        enum status status;
        const char *word;
    } cases[] = {
        {{{{.id = "a"}, {.id = "b"}}, {{"f", 0}, {"g", 0}}, {{.id = "p", .field = "g"}}},
         STATUS_OK,
         ""},
        {{{{.id = "b"}}, {{"f", 0}}, {{.id = "p", .field = "f"}}},
         STATUS_CONFLICT,
         "unit a is gone"},
        {{{{.id = "a"}}, {{"g", 0}}, {{.id = "p", .field = "g"}}}, STATUS_CONFLICT, "field f"},
        {{{{.id = "a"}}, {{"f", 0}}, {{.id = "q", .field = "f"}}}, STATUS_CONFLICT, "procedure p"},
    };
    static const struct given now = {{{.id = "a"}}, {{"f", 0}}, {{.id = "p", .field = "f"}}};
    struct catalogue *current = parsed(&now);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        struct catalogue *next = parsed(&cases[i].next);
        assert_int_equal(catalogue_may_replace(current, next, &error), cases[i].status);
        assert_non_null(strstr(error.text, cases[i].word));
        assert_int_equal(catalogue_may_replace(NULL, next, &error), STATUS_OK);
        catalogue_free(next);
    }
    catalogue_free(current);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_empty),         cmocka_unit_test(test_trees),
        cmocka_unit_test(test_look_ups),      cmocka_unit_test(test_covers),
        cmocka_unit_test(test_covers_by_day), cmocka_unit_test(test_printing_order),
        cmocka_unit_test(test_may_replace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
