/* SPDX-License-Identifier: Apache-2.0
 *
 * Hà Tĩnh, Cẩm Xuyên and two communes, two fields.
 */
#include "tests/unit/reporting/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/catalogue/given.h"

static struct given_unit *unit_of(struct world *world, struct slice id)
{
    for (unsigned i = 0; i < world->count; i++) {
        if (slice_equal(slice_text(world->units[i].id), id)) {
            return &world->units[i];
        }
    }
    return NULL;
}

void read_unit(void *context, struct slice unit, struct days days, struct figures *sum)
{
    (void)days;
    const struct given_unit *given = unit_of(context, unit);
    if (given != NULL) {
        figures_add(sum, &given->figures);
    }
}

static void put(struct figures *sum, enum measure measure, unsigned slot, int64_t from, int64_t to)
{
    sum->measures |= UINT64_C(1) << measure;
    sum->from[measure][slot] += from;
    sum->to[measure][slot] += to;
}

void scan_unit(void *context, struct slice unit, struct days days, ledger_visit *visit,
               void *visit_context)
{
    (void)days;
    const struct given_unit *given = unit_of(context, unit);
    if (given == NULL) {
        return;
    }
    struct figures rest = given->figures;
    for (unsigned measure = 0; measure < MEASURE_COUNT; measure++) {
        for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
            put(&rest, measure, slot, -given->land.from[measure][slot],
                -given->land.to[measure][slot]);
        }
    }
    const struct ledger_cell land = {unit, slice_text("dat-dai"), slice_text("1.1"), false, 0};
    const struct ledger_cell other = {unit, slice_text(given->extra_field ? "nowhere" : "ho-tich"),
                                      slice_text("1.2"), false, 0};
    visit(visit_context, &land, &given->land);
    visit(visit_context, &other, &rest);
}

void flow(struct figures *figures, enum measure measure, unsigned slot, int64_t count)
{
    put(figures, measure, slot, 0, count);
}

void open_stock(struct figures *figures, enum measure measure, unsigned slot, int64_t count)
{
    put(figures, measure, slot, count, 0);
}

int world_setup(void **state)
{
    static const struct given given = {
        .units = {{.id = "H27", .name = "UBND tỉnh Hà Tĩnh", .tier = TIER_PROVINCE},
                  {.id = "H27.45",
                   .parent = "H27",
                   .name = "UBND huyện Cẩm Xuyên",
                   .tier = TIER_DISTRICT},
                  {.id = "H27.45.01",
                   .parent = "H27.45",
                   .name = "Thị trấn Cẩm Xuyên",
                   .print_order = 1},
                  {.id = "H27.45.02", .parent = "H27.45", .name = "Xã Cẩm Bình", .print_order = 2}},
        .fields = {{"ho-tich", 1}, {"dat-dai", 2}},
        .procedures = {{"1.1", "dat-dai", NULL, NULL, 0}, {"1.2", "ho-tich", NULL, NULL, 0}},
    };
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->catalogue = parsed(&given);
    for (world->count = 0; world->count < 4; world->count++) {
        world->units[world->count].id = given.units[world->count].id;
    }
    arena_init(&world->arena, REPORT_ARENA_BYTES);
    char folder[FORMS_PATH_MAX];
    struct error error;
    forms_builtin_folder(folder);
    if (form_set_load(folder, NULL, &world->forms, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    *state = world;
    return 0;
}

int world_teardown(void **state)
{
    struct world *world = *state;
    form_set_free(world->forms);
    catalogue_free(world->catalogue);
    arena_fini(&world->arena);
    free(world);
    return 0;
}

void give_golden(struct world *world)
{
    struct figures *district = &world->units[1].figures;
    struct figures *commune = &world->units[2].figures;
    const unsigned online_full = slot_of(CHANNEL_ONLINE, LEVEL_FULL);
    const unsigned online_partial = slot_of(CHANNEL_ONLINE, LEVEL_PARTIAL);
    const unsigned online_none = slot_of(CHANNEL_ONLINE, LEVEL_NOT_ONLINE);
    const unsigned direct_none = slot_of(CHANNEL_DIRECT, LEVEL_NOT_ONLINE);
    flow(district, MEASURE_RECEIVED, online_full, 60);
    flow(district, MEASURE_RECEIVED, online_partial, 84);
    flow(district, MEASURE_RECEIVED, online_none, 127);
    flow(district, MEASURE_RECEIVED, slot_of(CHANNEL_DIRECT, LEVEL_PARTIAL), 1);
    flow(district, MEASURE_RECEIVED, direct_none, 70);
    open_stock(district, MEASURE_WAITING_SUPPLEMENT, direct_none, 1402);
    flow(district, MEASURE_RESOLVED_EARLY, online_full, 60);
    flow(district, MEASURE_RESOLVED_EARLY, online_partial, 85);
    flow(district, MEASURE_RESOLVED_EARLY, direct_none, 155);
    flow(district, MEASURE_RESOLVED_ON_TIME, direct_none, 35);
    flow(district, MEASURE_PROCESSING_IN_TIME, online_none, 25);
    flow(district, MEASURE_RETURNED, online_none, 4);
    flow(district, MEASURE_WAITING_SUPPLEMENT, direct_none, 1380);
    flow(district, MEASURE_COMPONENTS_DIGITISED, online_partial, 116);
    flow(commune, MEASURE_RECEIVED, online_full, 407);
    flow(commune, MEASURE_RECEIVED, online_partial, 340);
    flow(commune, MEASURE_RECEIVED, online_none, 4);
    flow(commune, MEASURE_RECEIVED, slot_of(CHANNEL_DIRECT, LEVEL_FULL), 22);
    flow(commune, MEASURE_RECEIVED, slot_of(CHANNEL_POSTAL, LEVEL_PARTIAL), 105);
    flow(commune, MEASURE_RECEIVED, direct_none, 30);
    open_stock(commune, MEASURE_PROCESSING_IN_TIME, direct_none, 53);
    flow(commune, MEASURE_RESOLVED_ON_TIME, online_full, 429);
    flow(commune, MEASURE_RESOLVED_ON_TIME, online_partial, 369);
    flow(commune, MEASURE_PROCESSING_IN_TIME, online_partial, 76);
    flow(commune, MEASURE_PROCESSING_IN_TIME, online_none, 49);
    flow(commune, MEASURE_RETURNED, online_none, 4);
    flow(commune, MEASURE_WAITING_SUPPLEMENT, direct_none, 34);
    flow(commune, MEASURE_COMPONENTS_DIGITISED, online_full, 759);
    world->units[2].land = world->units[2].figures;
}

struct engine_input input_of(struct world *world, const struct form *form, const char *root,
                             bool english)
{
    struct engine_input input = {.form = form,
                                 .catalogue = world->catalogue,
                                 .source = {world, read_unit, scan_unit},
                                 .days = {day_of("2024-01-19"), day_of("2024-02-20")},
                                 .english = english};
    assert_int_equal(scope_of(world->catalogue, TREE(slice_text(root), day_of("2024-02-19")),
                              &world->arena, &input.scope),
                     STATUS_OK);
    return input;
}

void run_form(struct world *world, const struct form *form, const char *root, bool english)
{
    const struct engine_input input = input_of(world, form, root, english);
    assert_int_equal(engine_run(&input, &world->arena, &world->report, &world->violations),
                     STATUS_OK);
    for (size_t i = 0; i < world->report.n_rows; i++) {
        assert_true(
            world->report.rows[i]->n_cells == world->report.n_columns ||
            (world->report.rows[i]->n_cells == 0 && world->report.rows[i]->text[0] != '\0'));
        assert_int_equal(world->report.rows[i]->n_stub, world->report.n_stub);
    }
}

void run(struct world *world, const char *form, const char *root, bool english)
{
    const struct form *found = form_set_find(world->forms, form);
    assert_non_null(found);
    run_form(world, found, root, english);
}

const Hoso__V1__Row *row_of(const struct world *world, const char *id)
{
    for (size_t i = 0; i < world->report.n_rows; i++) {
        if (strcmp(world->report.rows[i]->id, id) == 0) {
            return world->report.rows[i];
        }
    }
    return NULL;
}

const Hoso__V1__Cell *cell_of(const struct world *world, const Hoso__V1__Row *row,
                              const char *column)
{
    for (size_t i = 0; i < world->report.n_columns; i++) {
        if (strcmp(world->report.columns[i]->id, column) == 0) {
            return row->cells[i];
        }
    }
    fail_msg("no column %s", column);
    return NULL;
}

bool check_ok(const struct world *world, const char *id)
{
    for (size_t i = 0; i < world->report.n_checks; i++) {
        if (strcmp(world->report.checks[i]->id, id) == 0) {
            return world->report.checks[i]->ok;
        }
    }
    fail_msg("no check %s", id);
    return false;
}
