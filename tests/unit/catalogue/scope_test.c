/* SPDX-License-Identifier: Apache-2.0
 *
 * Merges, splits and moves in small catalogues: which rows a report has, which units each counts,
 * what is outside the tree, what moved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "catalogue/scope.h"
#include "tests/unit/catalogue/given.h"

enum { TEXT_MAX = 1 << 12, ARENA_MAX = 1 << 16 };

struct scope_case {
    const char *root, *from, *to, *tree_day;
    const char *rows;  /* "id=unit,unit" with a dot for each level; "!" split, "?" outside */
    const char *moves; /* "unit:from>to:units" of those that Came, Left, changed (~) */
};

static void put_id(struct buffer *text, const struct unit *unit)
{
    const struct slice none = slice_text("-");
    buffer_printf(text, "%.*s", SLICE_ARG(unit != NULL ? unit->id : none));
}

static void put_units(struct buffer *text, const struct unit *const *units, uint32_t first,
                      uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        buffer_printf(text, i > first ? "," : "");
        put_id(text, units[i]);
    }
}

static void put_scope(struct buffer *text, const struct scope *scope)
{
    static const char *const marks[] = {"", "!", "?", "?"};
    for (uint32_t i = 0; i < scope->count; i++) {
        const struct scope_row *row = &scope->rows[i];
        buffer_printf(text, "%s%.*s%s", i > 0 ? " " : "", (int)row->depth, "........",
                      marks[row->kind]);
        put_id(text, row->unit);
        buffer_printf(text, "=");
        put_units(text, scope->units, row->unit_first, row->unit_end);
        assert_true(row->end > i && (row->parent == i) == (row->depth == 0));
    }
}

static void put_moves(struct buffer *text, const struct scope_moves *moves)
{
    static const char *const marks[] = {"", "+", "-", "~"};
    for (uint32_t i = 0; i < moves->count; i++) {
        const struct scope_move *move = &moves->moves[i];
        buffer_printf(text, "%s%s", i > 0 ? " " : "", marks[move->way]);
        put_id(text, move->unit);
        buffer_printf(text, ":");
        put_id(text, move->from);
        buffer_printf(text, ">");
        put_id(text, move->to);
        buffer_printf(text, ":");
        put_units(text, moves->units, move->unit_first, move->unit_end);
    }
}

static void assert_text(struct buffer *text, const char *expected)
{
    buffer_u8(text, 0);
    assert_int_equal(buffer_status(text), STATUS_OK);
    assert_string_equal((const char *)text->data, expected);
    buffer_clear(text);
}

static void check(const struct given *given, const struct scope_case *cases, size_t count)
{
    struct catalogue *catalogue = parsed(given);
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct scope_question question = {.root = slice_text(cases[i].root),
                                                .from_day = day_of(cases[i].from),
                                                .to_day = day_of(cases[i].to) + 1,
                                                .tree_day = day_of(cases[i].tree_day)};
        struct arena arena;
        struct scope scope;
        struct scope_moves moves = {.count = 0};
        arena_init(&arena, ARENA_MAX);
        assert_int_equal(scope_of(catalogue, &question, &arena, &scope), STATUS_OK);
        put_scope(&text, &scope);
        assert_text(&text, cases[i].rows);
        if (cases[i].moves != NULL) {
            assert_int_equal(scope_moves_of(catalogue, &question, &scope, &arena, &moves),
                             STATUS_OK);
            put_moves(&text, &moves);
            assert_text(&text, cases[i].moves);
        }
        arena_fini(&arena);
    }
    buffer_fini(&text);
    catalogue_free(catalogue);
}
#define CHECK(given, cases) check(given, cases, sizeof(cases) / sizeof *(cases))

/* On 1 July 2025 x1 and x2 merge into n1, x3 is split into n1 and n2, x4 ends; districts end. On 1
 * January 2026 n1 merges into n2. */
static const struct given reform = {
    .units = {{.id = "p", .tier = TIER_PROVINCE},
              {.id = "d1", .parent = "p", .to = "2025-06-30", .tier = TIER_DISTRICT},
              {.id = "d2", .parent = "p", .to = "2025-06-30", .tier = TIER_DISTRICT},
              {.id = "x1", .parent = "d1", .to = "2025-06-30", .successors = "n1"},
              {.id = "x2", .parent = "d2", .to = "2025-06-30", .successors = "n1"},
              {.id = "x3", .parent = "d2", .to = "2025-06-30", .successors = "n1 n2"},
              {.id = "x4", .parent = "d2", .to = "2025-06-30"},
              {.id = "n1",
               .parent = "p",
               .from = "2025-07-01",
               .to = "2025-12-31",
               .print_order = 2,
               .successors = "n2"},
              {.id = "n2", .parent = "p", .from = "2025-07-01", .print_order = 1}}};

static void test_merged_split_and_outside(void **state)
{
    static const struct scope_case cases[] = {
        {"p", "2025-01-01", "2025-12-31", "2025-12-31",
         "p=p .n2=n2 .n1=n1,x1,x2 .!x3=x3 .?-= ..?-=d1,d2 ..?-=x4", "~x3:d2>p:x3"},
        /* Both ways of x3 lead to one row, and it stays one of its own. */
        {"p", "2026-01-01", "2026-01-31", "2026-01-31",
         "p=p .n2=n2,n1,x1,x2 .!x3=x3 .?-= ..?-=d1,d2 ..?-=x4", NULL},
        {"n2", "2026-01-01", "2026-01-31", "2026-01-31", "n2=n2,n1,x1,x2", "+n1:p>n2:n1,x1,x2"},
        {"d2", "2025-01-01", "2025-12-31", "2025-06-30", "d2=d2 .x2=x2 .x3=x3 .x4=x4", NULL},
        {"p", "2025-01-01", "2025-12-31", "2025-06-30",
         "p=p .d1=d1 ..x1=x1 .d2=d2 ..x2=x2 ..x3=x3 ..x4=x4 .?-= ..?-=n1,n2", NULL},
        /* What ended before the period lies where it last lay. */
        {"p", "2025-08-01", "2025-08-31", "2025-08-31",
         "p=p .n2=n2 .n1=n1,x1,x2 .!x3=x3 .?-= ..?-=d1,d2 ..?-=x4", ""},
        /* What has not begun lies where it will first lie. */
        {"p", "2025-06-01", "2025-06-30", "2025-06-30",
         "p=p .d1=d1 ..x1=x1 .d2=d2 ..x2=x2 ..x3=x3 ..x4=x4 .?-= ..?-=n1,n2", ""},
        /* Without a root, in the nearest row above. */
        {"", "2025-08-01", "2025-08-31", "2025-08-31", "p=p,d1,d2,x4 .n2=n2 .n1=n1,x1,x2 .!x3=x3",
         NULL},
    };
    (void)state;
    CHECK(&reform, cases);
}

/* The district's work went to the province itself and to a commune. */
static const struct given to_the_top = {
    .units = {{.id = "p", .tier = TIER_PROVINCE},
              {.id = "q", .tier = TIER_PROVINCE},
              {.id = "d", .parent = "p", .to = "2025-06-30", .successors = "p n"},
              {.id = "e", .parent = "p", .to = "2025-06-30", .successors = "p q"},
              {.id = "n", .parent = "p", .from = "2025-07-01"}}};

static void test_split_into_the_top(void **state)
{
    static const struct scope_case cases[] = {
        {"p", "2025-01-01", "2025-12-31", "2025-12-31", "p=p .n=n .!d=d", NULL},
        {"q", "2025-01-01", "2025-12-31", "2025-12-31", "q=q", NULL},
        {"", "2025-01-01", "2025-12-31", "2025-12-31", "p=p .n=n .!d=d q=q !e=e", NULL},
    };
    (void)state;
    CHECK(&to_the_top, cases);
}

static void test_asking_for_what_ended(void **state)
{
    struct catalogue *catalogue = parsed(&reform);
    struct arena arena;
    struct scope scope;
    struct scope_question question = {.tree_day = day_of("2025-07-01")};
    (void)state;
    arena_init(&arena, ARENA_MAX);
    question.root = slice_text("x1");
    assert_int_equal(scope_of(catalogue, &question, &arena, &scope), STATUS_NOT_FOUND);
    question.root = slice_text("x3");
    assert_int_equal(scope_of(catalogue, &question, &arena, &scope), STATUS_NOT_FOUND);
    question.split_root = true;
    assert_int_equal(scope_of(catalogue, &question, &arena, &scope), STATUS_OK);
    assert_int_equal(scope.count, 1);
    assert_int_equal(scope.rows[0].kind, SCOPE_SPLIT);
    arena_fini(&arena);
    arena_init(&arena, 128);
    assert_int_equal(scope_of(catalogue, &question, &arena, &scope), STATUS_TOO_LARGE);
    arena_fini(&arena);
    catalogue_free(catalogue);
}

/* On 1 January 2025 district d moves from province p to q with all below it, and c from d to e. */
static void test_moves(void **state)
{
    static const struct given given = {
        .units = {{.id = "r", .tier = TIER_NATION},
                  {.id = "p", .parent = "r", .tier = TIER_PROVINCE},
                  {.id = "q", .parent = "r", .tier = TIER_PROVINCE},
                  {.id = "d", .parent = "p", .to = "2024-12-31", .tier = TIER_DISTRICT},
                  {.id = "d", .parent = "q", .from = "2025-01-01", .tier = TIER_DISTRICT},
                  {.id = "e", .parent = "p", .tier = TIER_DISTRICT},
                  {.id = "c", .parent = "d", .to = "2024-12-31"},
                  {.id = "c", .parent = "e", .from = "2025-01-01"},
                  {.id = "b", .parent = "d"}}};
    static const struct scope_case cases[] = {
        {"p", "2025-01-01", "2025-01-31", "2025-01-31", "p=p .e=e ..c=c", "~c:d>e:c -d:p>q:b,d"},
        {"q", "2025-01-01", "2025-01-31", "2025-01-31", "q=q .d=d ..b=b", "+d:p>q:b,d"},
        {"r", "2024-12-01", "2025-01-31", "2025-01-31", "r=r .p=p ..e=e ...c=c .q=q ..d=d ...b=b",
         "~c:d>e:c ~d:p>q:b,d"},
        {"e", "2024-12-31", "2025-01-01", "2025-01-01", "e=e .c=c", "+c:d>e:c"},
        {"d", "2025-01-01", "2025-01-31", "2025-01-31", "d=d .b=b", "-c:d>e:c"},
        {"d", "2025-01-02", "2025-01-31", "2025-01-31", "d=d .b=b", ""},
        {"d", "2024-12-01", "2024-12-31", "2024-12-31", "d=d .b=b .c=c", ""},
        {"d", "2024-12-01", "2024-12-31", "2025-01-01", "d=d .b=b", "-c:d>e:c"},
    };
    (void)state;
    CHECK(&given, cases);
}

/* A unit that was split stands below the nearest unit above all its parts, on the day asked for. */
static void test_where_a_split_unit_stands(void **state)
{
    static const struct given given = {
        .units = {{.id = "p", .tier = TIER_PROVINCE},
                  {.id = "d", .parent = "p", .tier = TIER_DISTRICT},
                  {.id = "e", .parent = "p", .tier = TIER_DISTRICT},
                  {.id = "x", .parent = "d", .to = "2024-12-31", .successors = "a b"},
                  {.id = "y", .parent = "e", .to = "2024-12-31", .successors = "b c"},
                  {.id = "z", .parent = "e", .to = "2023-12-31", .successors = "y"},
                  {.id = "a", .parent = "d", .from = "2025-01-01"},
                  {.id = "b", .parent = "d", .from = "2025-01-01", .to = "2025-12-31"},
                  {.id = "b", .parent = "e", .from = "2026-01-01"},
                  {.id = "c", .parent = "e", .from = "2025-01-01"}}};
    static const struct scope_case cases[] = {
        {"p", "2025-01-01", "2025-01-31", "2025-01-31",
         "p=p .d=d ..a=a ..b=b ..!x=x .e=e ..c=c .!y=y,z", NULL},
        {"p", "2026-01-01", "2026-01-31", "2026-01-31",
         "p=p .d=d ..a=a .e=e ..b=b ..c=c ..!y=y,z .!x=x", NULL},
        {"e", "2025-01-01", "2025-01-31", "2025-01-31", "e=e .c=c", "-y:e>p:y,z"},
    };
    (void)state;
    CHECK(&given, cases);
}

/* Rights follow a unit through its successors: to one, or to what covers all of them. */
static void test_covers(void **state)
{
    static const struct {
        const char *root, *unit;
        bool covers;
    } cases[] = {{"n1", "x1", true},  {"n2", "x1", true},  {"d1", "x1", true},
                 {"p", "x1", true},   {"x1", "n1", false}, {"n2", "x3", true},
                 {"n1", "x3", false}, {"p", "x3", true},   {"n2", "x4", false}};
    struct catalogue *catalogue = parsed(&reform);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (scope_covers(catalogue, slice_text(cases[i].root), slice_text(cases[i].unit)) !=
            cases[i].covers) {
            fail_msg("%s covers %s: wanted %d", cases[i].root, cases[i].unit, cases[i].covers);
        }
    }
    catalogue_free(catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merged_split_and_outside),  cmocka_unit_test(test_split_into_the_top),
        cmocka_unit_test(test_asking_for_what_ended),     cmocka_unit_test(test_moves),
        cmocka_unit_test(test_where_a_split_unit_stands), cmocka_unit_test(test_covers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
