/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine and every form on figures made by hand: the golden month as sentences, sums up the
 * tree, fields under units, and violations that must be found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "catalogue/given.h"
#include "services/reporting/engine.h"

enum { UNITS_MAX = 32, REPORT_ARENA_BYTES = 64 << 20 };

/* One unit's own figures, and how they split by field. */
struct given_unit {
    const char *id;
    struct figures figures;
    struct figures land; /* field dat-dai; the rest is ho-tich */
    bool extra_field;    /* a cell of a field that the catalogue does not have */
};

struct world {
    struct given_unit units[UNITS_MAX];
    unsigned count;
    struct catalogue *catalogue;
    struct arena arena;
    Hoso__V1__Report report;
    unsigned violations;
};

static struct given_unit *unit_of(struct world *world, struct slice id)
{
    for (unsigned i = 0; i < world->count; i++) {
        if (slice_equal(slice_text(world->units[i].id), id)) {
            return &world->units[i];
        }
    }
    return NULL;
}

static void read_unit(void *context, struct slice unit, struct figures *sum)
{
    const struct given_unit *given = unit_of(context, unit);
    if (given != NULL) {
        figures_add(sum, &given->figures);
    }
}

static void scan_unit(void *context, struct slice unit, ledger_visit *visit, void *visit_context)
{
    const struct given_unit *given = unit_of(context, unit);
    if (given == NULL) {
        return;
    }
    struct figures rest = given->figures;
    for (unsigned measure = 0; measure < MEASURE_COUNT; measure++) {
        for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
            rest.from[measure][slot] -= given->land.from[measure][slot];
            rest.to[measure][slot] -= given->land.to[measure][slot];
        }
    }
    const struct ledger_cell land = {unit, slice_text("dat-dai"), slice_text("1.1"), false};
    const struct ledger_cell other = {unit, slice_text(given->extra_field ? "nowhere" : "ho-tich"),
                                      slice_text("1.2"), false};
    visit(visit_context, &land, &given->land);
    visit(visit_context, &other, &rest);
}

static void flow(struct figures *figures, enum measure measure, unsigned slot, int64_t count)
{
    figures->to[measure][slot] += count;
}

static void open_stock(struct figures *figures, enum measure measure, unsigned slot, int64_t count)
{
    figures->from[measure][slot] += count;
}

/* Hà Tĩnh, Cẩm Xuyên and two communes, two fields. */
static int setup(void **state)
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
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    catalogue_free(world->catalogue);
    arena_fini(&world->arena);
    free(world);
    return 0;
}

/* What the golden month gives by tier; the split over slots is the one behind its rates. */
static void give_golden(struct world *world)
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
    flow(district, MEASURE_RESOLVED_EARLY, online_full, 300);
    flow(district, MEASURE_RESOLVED_ON_TIME, online_full, 35);
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
    flow(commune, MEASURE_RESOLVED_ON_TIME, online_full, 798);
    flow(commune, MEASURE_PROCESSING_IN_TIME, online_none, 125);
    flow(commune, MEASURE_RETURNED, online_none, 4);
    flow(commune, MEASURE_WAITING_SUPPLEMENT, direct_none, 34);
    flow(commune, MEASURE_COMPONENTS_DIGITISED, online_full, 759);
    world->units[2].land = world->units[2].figures;
}

static void run(struct world *world, const char *form, const char *root, bool english)
{
    struct engine_input input = {.form = form_find(form),
                                 .catalogue = world->catalogue,
                                 .source = {world, read_unit, scan_unit},
                                 .from_day = day_of("2024-01-19"),
                                 .to_day = day_of("2024-02-20"),
                                 .english = english};
    assert_non_null(input.form);
    assert_int_equal(catalogue_tree(world->catalogue, slice_text(root), day_of("2024-02-19"),
                                    &world->arena, &input.tree),
                     STATUS_OK);
    assert_int_equal(engine_run(&input, &world->arena, &world->report, &world->violations),
                     STATUS_OK);
    for (size_t i = 0; i < world->report.n_rows; i++) {
        assert_int_equal(world->report.rows[i]->n_cells, world->report.n_columns);
    }
}

static const Hoso__V1__Row *row_of(const struct world *world, const char *id)
{
    for (size_t i = 0; i < world->report.n_rows; i++) {
        if (strcmp(world->report.rows[i]->id, id) == 0) {
            return world->report.rows[i];
        }
    }
    return NULL;
}

static const Hoso__V1__Cell *cell_of(const struct world *world, const Hoso__V1__Row *row,
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

static bool check_ok(const struct world *world, const char *id)
{
    for (size_t i = 0; i < world->report.n_checks; i++) {
        if (strcmp(world->report.checks[i]->id, id) == 0) {
            return world->report.checks[i]->ok;
        }
    }
    fail_msg("no check %s", id);
    return false;
}

static void test_golden_month(void **state)
{
    static const struct {
        const char *id;
        int64_t total, district, commune;
    } numbers[] = {
        {"dossiers", 2705, 1744, 961},
        {"online", 1022, 271, 751},
        {"direct_postal", 228, 71, 157},
        {"carried_over", 1455, 1402, 53},
        {"resolved", 1133, 335, 798},
        {"resolved_early_or_on_time", 1133, 335, 798},
        {"resolved_late", 0, 0, 0},
        {"processing", 150, 25, 125},
        {"returned", 8, 4, 4},
        {"waiting_supplement", 1414, 1380, 34},
        {"petitions_administrative_received", 0, 0, 0},
        {"petitions_business_open", 0, 0, 0},
    };
    static const struct {
        const char *id, *total, *district, *commune;
    } rates[] = {
        {"rate_online", "87,44%", "99,31%", "85,47%"},
        {"rate_full", "95,5%", "100%", "94,87%"},
        {"rate_partial", "80%", "98,82%", "76,4%"},
        {"rate_digitised", "85,87%", "80%", "86,84%"},
    };
    struct world *world = *state;
    give_golden(world);
    run(world, "bao-cao-thang", "H27.45", false);
    assert_int_equal(world->violations, 0);
    assert_string_equal(world->report.unit_name, "UBND huyện Cẩm Xuyên");
    assert_string_equal(world->report.period->from, "2024-01-19");
    assert_string_equal(world->report.period->to, "2024-02-19");
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const Hoso__V1__Row *row = row_of(world, numbers[i].id);
        assert_non_null(row);
        assert_int_equal(cell_of(world, row, "total")->number, numbers[i].total);
        assert_int_equal(cell_of(world, row, "district")->number, numbers[i].district);
        assert_int_equal(cell_of(world, row, "commune")->number, numbers[i].commune);
    }
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        const Hoso__V1__Row *row = row_of(world, rates[i].id);
        assert_non_null(row);
        assert_string_equal(cell_of(world, row, "total")->ratio->text, rates[i].total);
        assert_string_equal(cell_of(world, row, "district")->ratio->text, rates[i].district);
        assert_string_equal(cell_of(world, row, "commune")->ratio->text, rates[i].commune);
    }
}

static void test_golden_sentences(void **state)
{
    static const char *const sentences[][2] = {
        {"dossiers", "Tổng số hồ sơ TTHC được tiếp nhận và giải quyết ở 2 cấp chính quyền trên địa "
                     "bàn huyện (tính từ 19/01/2024 đến 19/02/2024): 2.705 hồ sơ, cụ thể: cấp "
                     "huyện tiếp nhận: 1.744 hồ sơ; cấp xã tiếp nhận: 961 hồ sơ, trong đó:"},
        {"online", "- Số hồ sơ mới tiếp nhận trực tuyến là: 1.022 hồ sơ (Cấp huyện tiếp nhận 271 "
                   "hồ sơ, cấp xã tiếp nhận 751 hồ sơ)"},
        {"direct_postal", "- Số mới tiếp nhận (trực tiếp hoặc dịch vụ bưu chính) là 228 hồ sơ "
                          "(Huyện tiếp nhận 71 hồ sơ; cấp xã tiếp nhận 157 hồ sơ)"},
        {"carried_over", "- Số hồ sơ kỳ trước chuyển qua là 1.455 hồ sơ (Huyện tiếp nhận 1.402 hồ "
                         "sơ; cấp xã tiếp nhận 53 hồ sơ)"},
        {"resolved", "- Tổng số hồ sơ đã giải quyết là 1.133 hồ sơ (trả trước hạn và đúng hạn "
                     "1.133 hồ sơ; quá hạn 00 hồ sơ)."},
        {"processing", "- Tổng số hồ sơ đang giải quyết là 150 hồ sơ."},
        {"returned", "- Số hồ sơ trả lại 08 hồ sơ;"},
        {"waiting_supplement", "- Số hồ sơ yêu cầu bổ sung: 1.414 hồ sơ"},
        {"rate_online", "- Tỷ lệ hồ sơ trực tuyến toàn huyện đạt 87,44% (trong đó cấp huyện đạt "
                        "99,31%; cấp xã đạt 85,47%)"},
        {"rate_full", "- Tỷ lệ hồ sơ trực tuyến toàn trình toàn huyện đạt 95,5% (trong đó cấp "
                      "huyện đạt 100%; cấp xã đạt 94,87%)"},
        {"rate_partial", "- Tỷ lệ hồ sơ trực tuyến một phần toàn huyện đạt 80% (trong đó cấp huyện "
                         "đạt 98,82%; cấp xã đạt 76,4%)"},
        {"rate_digitised",
         "- Tỷ lệ số hóa hồ sơ cấp huyện đạt 80%; tỷ lệ hồ sơ số hóa cấp xã đạt 86,84%"},
        {"petitions_administrative_received",
         "- Tình hình tiếp nhận và xử lý phản ánh, kiến nghị (PAKN) về quy định và hành vi hành "
         "chính: Tổng số PAKN đã tiếp nhận: 0; số PAKN đã xử lý đúng hạn: 0; số PAKN đã xử lý quá "
         "hạn: 0; số PAKN đang xử lý: 0"},
    };
    struct world *world = *state;
    give_golden(world);
    run(world, "bao-cao-thang", "H27.45", false);
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        const Hoso__V1__Row *row = row_of(world, sentences[i][0]);
        assert_non_null(row);
        assert_string_equal(row->text, sentences[i][1]);
    }
    assert_null(row_of(world, "withdrawn"));
    assert_null(row_of(world, "transferred_in"));
    assert_int_equal(row_of(world, "section_1_2")->cells[0]->value_case,
                     HOSO__V1__CELL__VALUE__NOT_SET);
}

static void test_rare_lines_keep_the_balance(void **state)
{
    const unsigned slot = slot_of(CHANNEL_DIRECT, LEVEL_FULL);
    struct world *world = *state;
    struct figures *district = &world->units[1].figures;
    struct figures *commune = &world->units[2].figures;
    flow(district, MEASURE_RECEIVED, slot, 9);
    flow(district, MEASURE_TRANSFERRED_OUT, slot, 2);
    flow(district, MEASURE_WITHDRAWN, slot, 3);
    flow(district, MEASURE_STOPPED, slot, 4);
    flow(commune, MEASURE_TRANSFERRED_IN, slot, 2);
    flow(commune, MEASURE_WAITING_PAYMENT, slot, 2);
    run(world, "bao-cao-thang", "H27.45", false);
    assert_int_equal(world->violations, 0);
    assert_int_equal(cell_of(world, row_of(world, "dossiers"), "total")->number, 9);
    assert_int_equal(cell_of(world, row_of(world, "dossiers"), "commune")->number, 2);
    assert_string_equal(row_of(world, "withdrawn")->text, "- Số hồ sơ công dân rút 03 hồ sơ;");
    assert_non_null(row_of(world, "transferred_in"));
    assert_non_null(row_of(world, "transferred_out"));
    assert_non_null(row_of(world, "waiting_payment"));
    assert_non_null(row_of(world, "stopped"));
}

static void test_units_add_up(void **state)
{
    struct world *world = *state;
    give_golden(world);
    flow(&world->units[3].figures, MEASURE_PETITION_RECEIVED, CLASS_BUSINESS, 5);
    flow(&world->units[3].figures, MEASURE_PETITION_OPEN_IN_TIME, CLASS_BUSINESS, 5);
    run(world, "thong-ke", "H27", false);
    assert_int_equal(world->violations, 0);
    assert_int_equal(world->report.n_columns, MEASURE_COUNT + 1);
    assert_int_equal(world->report.n_rows, 4);
    static const int64_t received[] = {1250, 1250, 908, 0};
    static const int64_t carried_over[] = {1455, 1455, 53, 0};
    for (size_t i = 0; i < 4; i++) {
        const Hoso__V1__Row *row = world->report.rows[i];
        assert_string_equal(row->unit, world->units[i].id);
        assert_int_equal(row->level, i < 2 ? i : 2);
        assert_int_equal(cell_of(world, row, "received")->number, received[i]);
        assert_int_equal(cell_of(world, row, "carried_over")->number, carried_over[i]);
        assert_int_equal(cell_of(world, row, "petition_received")->number, i == 2 ? 0 : 5);
    }
    assert_string_equal(world->report.columns[0]->id, "received");
    assert_string_equal(world->report.columns[MEASURE_PROCESSING_IN_TIME]->id, "carried_over");
}

static void test_fields_under_units(void **state)
{
    struct world *world = *state;
    give_golden(world);
    run(world, "II.06a", "H27.45", false);
    assert_int_equal(world->violations, 0);
    static const struct {
        const char *unit, *field;
        uint32_t level;
        int64_t received_total;
    } rows[] = {
        {"H27.45", "", 0, 2705},   {"H27.45", "ho-tich", 1, 1744},   {"H27.45", "dat-dai", 1, 961},
        {"H27.45.01", "", 1, 961}, {"H27.45.01", "dat-dai", 2, 961}, {"H27.45.02", "", 1, 0},
    };
    assert_int_equal(world->report.n_rows, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const Hoso__V1__Row *row = world->report.rows[i];
        assert_string_equal(row->unit, rows[i].unit);
        assert_string_equal(row->field, rows[i].field);
        assert_int_equal(row->level, rows[i].level);
        assert_int_equal(cell_of(world, row, "received_total")->number, rows[i].received_total);
        assert_int_equal(cell_of(world, row, "received_total")->number,
                         cell_of(world, row, "resolved_total")->number +
                             cell_of(world, row, "open_total")->number);
    }
    assert_int_equal(cell_of(world, world->report.rows[0], "on_time")->number, 35 + 798 + 8);
    assert_int_equal(cell_of(world, world->report.rows[0], "in_time")->number, 150 + 1414);
    assert_string_equal(world->report.columns[0]->number, "(3)=(4)+(5)+(6)");
}

static void test_violations_are_found(void **state)
{
    struct world *world = *state;
    give_golden(world);
    flow(&world->units[2].figures, MEASURE_RETURNED, slot_of(CHANNEL_DIRECT, LEVEL_FULL), 3);
    run(world, "thong-ke", "H27.45", false);
    assert_int_equal(world->violations, 1);
    assert_false(check_ok(world, "balance"));
    assert_true(check_ok(world, "channels"));
    assert_non_null(strstr(world->report.checks[0]->text, "SAI tại “Thị trấn Cẩm Xuyên”, lệch -3"));
    run(world, "thong-ke", "H27.45", true);
    assert_non_null(strstr(world->report.checks[0]->text, "VIOLATED"));
    run(world, "bao-cao-thang", "H27.45", false);
    assert_false(check_ok(world, "dossiers_out"));
    assert_true(check_ok(world, "dossiers_in"));
    run(world, "II.06a", "H27.45", false);
    assert_false(check_ok(world, "columns_3_7_11"));
    assert_true(check_ok(world, "column_7"));
}

static void test_violations_that_cancel_are_found(void **state)
{
    const unsigned slot = slot_of(CHANNEL_DIRECT, LEVEL_FULL);
    struct world *world = *state;
    flow(&world->units[2].figures, MEASURE_RECEIVED, slot, 5);
    flow(&world->units[3].figures, MEASURE_RETURNED, slot, 5);
    run(world, "bao-cao-thang", "H27.45", false);
    assert_false(check_ok(world, "balance"));
}

static void test_other_violations(void **state)
{
    struct world *world = *state;
    flow(&world->units[2].figures, MEASURE_RECEIVED, 0, 1); /* no channel, no level */
    flow(&world->units[2].figures, MEASURE_PROCESSING_IN_TIME, 0, 1);
    run(world, "thong-ke", "H27", false);
    assert_false(check_ok(world, "channels"));
    assert_false(check_ok(world, "levels"));
    assert_true(check_ok(world, "balance"));
    assert_true(check_ok(world, "parent"));
    assert_true(check_ok(world, "not_negative"));
    flow(&world->units[3].figures, MEASURE_STOPPED, 5, -1);
    run(world, "thong-ke", "H27", false);
    assert_false(check_ok(world, "not_negative"));
    world->units[2].extra_field = true;
    run(world, "II.06a", "H27", false);
    assert_false(check_ok(world, "fields"));
}

static void test_a_small_arena_is_an_outcome(void **state)
{
    struct world *world = *state;
    struct engine_input input = {.form = form_find("II.06a"),
                                 .catalogue = world->catalogue,
                                 .source = {world, read_unit, scan_unit},
                                 .from_day = day_of("2024-01-19"),
                                 .to_day = day_of("2024-02-20")};
    give_golden(world);
    assert_int_equal(catalogue_tree(world->catalogue, slice_text("H27"), input.from_day,
                                    &world->arena, &input.tree),
                     STATUS_OK);
    enum status status = STATUS_TOO_LARGE;
    unsigned failures = 0;
    for (size_t limit = 0; status == STATUS_TOO_LARGE; limit += 512) {
        struct arena small;
        arena_init(&small, limit);
        status = engine_run(&input, &small, &world->report, &world->violations);
        failures += status == STATUS_TOO_LARGE;
        arena_fini(&small);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(failures > 10);
}

static void test_every_form_in_both_languages(void **state)
{
    struct world *world = *state;
    give_golden(world);
    for (unsigned i = 0; forms[i] != NULL; i++) {
        for (unsigned english = 0; english < 2; english++) {
            run(world, forms[i]->id, "H27", english != 0);
            assert_int_equal(world->violations, 0);
            assert_true(world->report.n_notes >= 3);
            for (size_t k = 0; k < world->report.n_rows; k++) {
                assert_null(strchr(world->report.rows[k]->text, '{'));
            }
        }
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_golden_month),
        TEST(test_golden_sentences),
        TEST(test_rare_lines_keep_the_balance),
        TEST(test_units_add_up),
        TEST(test_fields_under_units),
        TEST(test_violations_are_found),
        TEST(test_violations_that_cancel_are_found),
        TEST(test_other_violations),
        TEST(test_a_small_arena_is_an_outcome),
        TEST(test_every_form_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
