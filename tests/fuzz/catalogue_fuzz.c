/* SPDX-License-Identifier: Apache-2.0
 *
 * catalogue_parse of a packed catalogue: accepted, or refused with a sentence. Of one that is
 * accepted every unit is counted at most once in any day's forest, and every unit that is valid on
 * that day once.
 */
#include "base/require.h"
#include "catalogue/scope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 64 << 20, JANUARY_2024 = 19723, YEAR = 366, UNITS_MAX = 100 };

static bool is_counted(const struct scope *scope, const struct unit *unit)
{
    unsigned times = 0;
    for (uint32_t i = 0; i < scope->unit_count; i++) {
        times += slice_equal(scope->units[i]->id, unit->id);
    }
    require(times <= 1);
    return times == 1;
}

static void check_units(const struct catalogue *catalogue, const struct scope *scope, int32_t day)
{
    const uint32_t count = catalogue_unit_count(catalogue);
    for (uint32_t i = 0; i < count && i < UNITS_MAX; i++) {
        const struct unit *unit = catalogue_unit_at(catalogue, i);
        const bool counted = is_counted(scope, unit);
        require(counted || catalogue_unit(catalogue, unit->id, day) == NULL);
    }
}

static void check_forest(const struct catalogue *catalogue, int32_t tree_day)
{
    const struct scope_question question = {
        .from_day = JANUARY_2024, .to_day = JANUARY_2024 + YEAR, .tree_day = tree_day};
    struct scope scope;
    struct scope_moves moves;
    struct arena arena;
    uint32_t counted = 0;
    arena_init(&arena, ARENA_BYTES);
    require(scope_of(catalogue, &question, &arena, &scope) == STATUS_OK);
    for (uint32_t i = 0; i < scope.count; i++) {
        counted += scope.rows[i].unit_end - scope.rows[i].unit_first;
        require(scope.rows[i].end > i && scope.rows[i].end <= scope.count);
    }
    require(counted == scope.unit_count);
    check_units(catalogue, &scope, tree_day);
    require(scope_moves_of(catalogue, &question, &scope, &arena, &moves) == STATUS_OK);
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct catalogue *catalogue = NULL;
    struct error error = {.text = ""};
    if (catalogue_parse(slice_of(data, size), &catalogue, &error) != STATUS_OK) {
        require(error.text[0] != '\0');
        return 0;
    }
    require(slice_equal(catalogue_packed(catalogue), slice_of(data, size)));
    for (int32_t day = JANUARY_2024 - 1; day < JANUARY_2024 + 3 * YEAR; day += YEAR) {
        check_forest(catalogue, day);
    }
    catalogue_free(catalogue);
    return 0;
}
