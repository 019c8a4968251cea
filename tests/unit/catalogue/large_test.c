/* SPDX-License-Identifier: Apache-2.0
 *
 * A random catalogue of the largest size against a naive reading of the same rows: the tree of
 * several days, what covers what, and a parent that is made to end too early. And the shapes that
 * would be slow without the indices.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/localday.h"
#include "catalogue/scope.h"
#include "tests/unit/catalogue/given.h"

enum { UNITS = 10000, LEVELS = 5, DAYS = 30, PARSE_MS_MAX = 2000 };

/* Every unit has two rows that meet on `split`; its parent, a unit of the level above, may change
 * there. */
struct naive {
    char id[16];
    int32_t split;
    uint32_t parent[2]; /* UNITS = none */
    uint32_t print_order[2];
};

struct large {
    struct naive units[UNITS];
    uint64_t random;
};

static uint32_t next_random(struct large *large, uint32_t below)
{
    large->random = large->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((large->random >> 33) % below);
}

/* Level n holds units [UNITS·(2^n − 1)/31, …): five levels, each twice as wide as the one above. */
static uint32_t level_first(uint32_t level)
{
    return (uint32_t)(UNITS * ((UINT64_C(1) << level) - 1) / ((UINT64_C(1) << LEVELS) - 1));
}

static void make(struct large *large, uint64_t seed)
{
    large->random = seed;
    for (uint32_t level = 0; level < LEVELS; level++) {
        for (uint32_t i = level_first(level); i < level_first(level + 1); i++) {
            struct naive *unit = &large->units[i];
            (void)snprintf(unit->id, sizeof unit->id, "u%x.%u", next_random(large, 4096), i);
            unit->split = day_of("2024-01-01") + (int32_t)next_random(large, DAYS);
            for (int j = 0; j < 2; j++) {
                const uint32_t above = level > 0 ? level_first(level - 1) : 0;
                unit->parent[j] =
                    level > 0 ? above + next_random(large, level_first(level) - above) : UNITS;
                unit->print_order[j] = next_random(large, 4);
            }
        }
    }
}

static void add_row(struct arena *arena, Hoso__V1__Catalogue *message, const struct large *large,
                    uint32_t unit, int row)
{
    const struct naive *naive = &large->units[unit];
    const uint32_t parent = naive->parent[row];
    char from[DATE_TEXT_SIZE];
    char to[DATE_TEXT_SIZE];
    localday_format(naive->split, from);
    localday_format(naive->split - 1, to);
    const struct unit_line line = {.id = naive->id,
                                   .parent = parent < UNITS ? large->units[parent].id : "",
                                   .from = row == 1 ? from : "",
                                   .to = row == 0 ? to : "",
                                   .print_order = naive->print_order[row]};
    add_unit(arena, message, &line);
}

/* Rows in random order. */
static void fill(struct large *large, struct arena *arena, Hoso__V1__Catalogue *message)
{
    message_init(arena, (size_t)UNITS * 2, message);
    for (uint32_t i = 0; i < UNITS; i++) {
        add_row(arena, message, large, i, 0);
        add_row(arena, message, large, i, 1);
    }
    for (uint32_t i = UNITS * 2 - 1; i > 0; i--) {
        const uint32_t j = next_random(large, i + 1);
        Hoso__V1__Unit *unit = message->units[i];
        message->units[i] = message->units[j];
        message->units[j] = unit;
    }
}

/* Of the processor, so that a busy machine does not matter. */
static int64_t spent_ms(void)
{
    return clock_read_ms(CLOCK_PROCESS_CPUTIME_ID);
}

static struct catalogue *parse_timed(const Hoso__V1__Catalogue *message, const char *what)
{
    struct catalogue *catalogue = NULL;
    struct error error = {0};
    const int64_t start = spent_ms();
    if (parse_message(message, &catalogue, &error) != STATUS_OK) {
        fail_msg("%s: %s", what, error.text);
    }
    const int64_t took = spent_ms() - start;
    print_message("%s: %zu rows parsed in %d ms\n", what, message->n_units, (int)took);
    assert_true(took < PARSE_MS_MAX);
    return catalogue;
}

static uint32_t naive_of(struct slice id)
{
    const char *dot = memchr(id.data, '.', id.size);
    return (uint32_t)strtoul(dot + 1, NULL, 10);
}

static int row_on(const struct naive *unit, int32_t day)
{
    return day < unit->split ? 0 : 1;
}

/* Every unit once; each below its parent of that day, and after the sibling that prints before it.
 */
static void check_tree(const struct large *large, const struct scope *scope, int32_t day)
{
    uint32_t path[LEVELS];
    uint32_t before[LEVELS + 1];
    assert_int_equal(scope->count, UNITS);
    for (uint32_t i = 0; i < scope->count; i++) {
        const struct scope_row *node = &scope->rows[i];
        const uint32_t self = naive_of(node->unit->id);
        const struct naive *unit = &large->units[self];
        const int row = row_on(unit, day);
        assert_true(node->depth < LEVELS && node->end > i && node->end <= scope->count);
        assert_int_equal(unit->parent[row], node->depth > 0 ? path[node->depth - 1] : UNITS);
        if (i > 0 && scope->rows[i - 1].depth >= node->depth) {
            const struct naive *sibling = &large->units[before[node->depth]];
            const uint32_t order = sibling->print_order[row_on(sibling, day)];
            assert_true(order < unit->print_order[row] ||
                        (order == unit->print_order[row] && strcmp(sibling->id, unit->id) < 0));
        }
        path[node->depth] = before[node->depth] = self;
        assert_true(node->end == scope->count || scope->rows[node->end].depth <= node->depth);
        assert_true(node->end == i + 1 || scope->rows[node->end - 1].depth > node->depth);
    }
}

/* Whether a is above b on a day: looks at every day on which something changes. */
static bool naive_covers(const struct large *large, uint32_t a, uint32_t b)
{
    for (int32_t day = day_of("2023-12-31"); day <= day_of("2024-01-31"); day++) {
        for (uint32_t at = b; at < UNITS;
             at = large->units[at].parent[row_on(&large->units[at], day)]) {
            if (at == a) {
                return true;
            }
        }
    }
    return false;
}

static void check_covers(struct large *large, const struct catalogue *catalogue)
{
    uint32_t covered = 0;
    for (int i = 0; i < 20000; i++) {
        const uint32_t a = next_random(large, i % 2 == 0 ? level_first(2) : UNITS);
        const uint32_t b = next_random(large, UNITS);
        const bool covers =
            scope_covers(catalogue, slice_text(large->units[a].id), slice_text(large->units[b].id));
        assert_int_equal(covers, naive_covers(large, a, b));
        covered += covers;
    }
    assert_true(covered > 0);
}

static void test_random(void **state)
{
    struct large *large = test_calloc(1, sizeof *large);
    struct arena arena;
    Hoso__V1__Catalogue message;
    (void)state;
    make(large, 20240219);
    fill(large, &arena, &message);
    struct catalogue *catalogue = parse_timed(&message, "random");
    for (int32_t day = day_of("2023-12-31"); day <= day_of("2024-01-31"); day += 4) {
        struct arena room;
        struct scope scope;
        arena_init(&room, 1 << 21);
        assert_int_equal(scope_of(catalogue, TREE(slice_text(""), day), &room, &scope), STATUS_OK);
        check_tree(large, &scope, day);
        arena_fini(&room);
    }
    check_covers(large, catalogue);
    catalogue_free(catalogue);
    arena_fini(&arena);
    test_free(large);
}

/* Any parent that ends early is found, wherever it is. */
static void test_broken_parent(void **state)
{
    struct large *large = test_calloc(1, sizeof *large);
    (void)state;
    make(large, 7);
    for (uint32_t round = 0; round < 8; round++) {
        struct arena arena;
        Hoso__V1__Catalogue message;
        struct catalogue *catalogue = NULL;
        struct error error = {0};
        fill(large, &arena, &message);
        const uint32_t victim = large->units[UNITS - 1 - round].parent[1];
        for (size_t i = 0; i < message.n_units; i++) {
            if (strcmp(message.units[i]->id, large->units[victim].id) == 0 &&
                message.units[i]->valid_to[0] == '\0') {
                message.units[i]->valid_to = arena_printf(&arena, "2099-12-31");
            }
        }
        assert_int_equal(parse_message(&message, &catalogue, &error), STATUS_INVALID);
        assert_non_null(strstr(error.text, "whole span"));
        assert_non_null(strstr(error.text, large->units[victim].id));
        arena_fini(&arena);
    }
    test_free(large);
}

static void add_plain(struct arena *arena, Hoso__V1__Catalogue *message, uint32_t number,
                      const char *parent)
{
    char id[16];
    (void)snprintf(id, sizeof id, "%06u", number);
    const struct unit_line line = {.id = id, .parent = parent, .print_order = number % 7};
    add_unit(arena, message, &line);
}

/* A parent that changes every day, for `days` days, above `children`. */
static enum status parse_restless(uint32_t days, uint32_t children, struct error *error)
{
    struct arena arena;
    Hoso__V1__Catalogue message;
    struct catalogue *catalogue = NULL;
    const int32_t first = day_of("2000-01-01");
    message_init(&arena, CATALOGUE_UNITS_MAX, &message);
    for (uint32_t i = 0; i < days; i++) {
        char from[DATE_TEXT_SIZE];
        char to[DATE_TEXT_SIZE];
        localday_format(first + (int32_t)i, from);
        localday_format(first + (int32_t)i, to);
        add_unit(&arena, &message,
                 &(struct unit_line){
                     .id = "p", .from = i > 0 ? from : "", .to = i + 1 < days ? to : ""});
    }
    for (uint32_t i = 0; i < children; i++) {
        add_plain(&arena, &message, i, "p");
    }
    const int64_t start = spent_ms();
    const enum status status = parse_message(&message, &catalogue, error);
    print_message("%u rows above %u: %d ms\n", days, children, (int)(spent_ms() - start));
    assert_true(spent_ms() - start < PARSE_MS_MAX);
    catalogue_free(catalogue);
    arena_fini(&arena);
    return status;
}

/* 100 million pairs of rows: refused after a bounded number of steps, not after minutes. */
static void test_restless_parent(void **state)
{
    struct error error = {0};
    (void)state;
    assert_int_equal(parse_restless(30, 19970, &error), STATUS_OK);
    assert_int_equal(parse_restless(10000, 10000, &error), STATUS_TOO_LARGE);
    assert_non_null(strstr(error.text, "too often"));
}

/* One parent with 65,535 children, and a ring of 65,536. */
static void test_wide_and_ring(void **state)
{
    struct arena arena;
    Hoso__V1__Catalogue message;
    struct catalogue *catalogue = NULL;
    struct error error = {0};
    char parent[16];
    (void)state;
    message_init(&arena, CATALOGUE_UNITS_MAX + 1, &message);
    for (uint32_t i = 0; i < CATALOGUE_UNITS_MAX; i++) {
        add_plain(&arena, &message, i, i > 0 ? "000000" : "");
    }
    catalogue_free(parse_timed(&message, "wide"));
    add_plain(&arena, &message, CATALOGUE_UNITS_MAX, "");
    assert_int_equal(parse_message(&message, &catalogue, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "units"));
    message.n_units = 0;
    for (uint32_t i = 0; i < CATALOGUE_UNITS_MAX; i++) {
        (void)snprintf(parent, sizeof parent, "%06u", (i + 1) % CATALOGUE_UNITS_MAX);
        add_plain(&arena, &message, i, parent);
    }
    assert_int_equal(parse_message(&message, &catalogue, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "below itself"));
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_broken_parent),
        cmocka_unit_test(test_restless_parent),
        cmocka_unit_test(test_wide_and_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
