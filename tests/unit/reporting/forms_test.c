/* SPDX-License-Identifier: Apache-2.0
 *
 * Every form on figures made by hand: the golden month as sentences and as tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/catalogue/given.h"
#include "tests/unit/reporting/world.h"

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
        {"online", "- Số hồ sơ mới tiếp nhận trực tuyến là: 1.022 hồ sơ (cấp huyện tiếp nhận 271 "
                   "hồ sơ, cấp xã tiếp nhận 751 hồ sơ)"},
        {"direct_postal", "- Số mới tiếp nhận (trực tiếp hoặc dịch vụ bưu chính) là 228 hồ sơ "
                          "(cấp huyện tiếp nhận 71 hồ sơ; cấp xã tiếp nhận 157 hồ sơ)"},
        {"carried_over",
         "- Số hồ sơ kỳ trước chuyển qua là 1.455 hồ sơ (cấp huyện tiếp nhận 1.402 hồ "
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
        {"rate_digitised", "- Tỷ lệ số hóa hồ sơ cấp huyện đạt 80%;"},
        {"petitions_administrative_received",
         "- Tình hình tiếp nhận và xử lý phản ánh, kiến nghị (PAKN) về quy định và hành vi hành "
         "chính: Tổng số PAKN đã tiếp nhận: 0; số PAKN đã xử lý đúng hạn: 0; số PAKN đã xử lý quá "
         "hạn: 0; số PAKN đang xử lý: 0"},
        {"petitions_business_received",
         "- Tình hình tiếp nhận và xử lý PAKN về quy định kinh doanh theo mục IX Nghị quyết số "
         "97/NQ-CP ngày 08/7/2023 của Chính phủ: Tổng số PAKN đã tiếp nhận: 0; số PAKN đã xử lý "
         "đúng hạn: 0; số PAKN đã xử lý quá hạn: 0; số PAKN đang xử lý: 0"},
    };
    struct world *world = *state;
    give_golden(world);
    run(world, "bao-cao-thang", "H27.45", false);
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        const Hoso__V1__Row *row = row_of(world, sentences[i][0]);
        assert_non_null(row);
        assert_string_equal(row->text, sentences[i][1]);
    }
    const Hoso__V1__Row *second = row_of(world, "rate_digitised.2"); /* the other bullet of 2.4 */
    assert_string_equal(second->text, "- Tỷ lệ số hóa hồ sơ cấp xã đạt 86,84%.");
    assert_int_equal(second->n_cells, 0);
    assert_null(row_of(world, "withdrawn"));
    assert_null(row_of(world, "transferred_in"));
    assert_int_equal(row_of(world, "section_1_2")->cells[0]->value_case,
                     HOSO__V1__CELL__VALUE__NOT_SET);
}

/* A sentence names the tiers that the report has units of, and no others. */
static void test_sentences_of_other_tiers(void **state)
{
    struct world *world = *state;
    give_golden(world);
    run(world, "bao-cao-thang", "H27.45.01", false);
    assert_int_equal(world->report.n_columns, 2);
    assert_string_equal(world->report.columns[1]->id, "commune");
    assert_string_equal(row_of(world, "dossiers")->text,
                        "Tổng số hồ sơ TTHC được tiếp nhận và giải quyết trên địa bàn thị trấn "
                        "(tính từ 19/01/2024 đến 19/02/2024): 961 hồ sơ, trong đó:");
    assert_string_equal(row_of(world, "online")->text,
                        "- Số hồ sơ mới tiếp nhận trực tuyến là: 751 hồ sơ");
    assert_string_equal(row_of(world, "rate_online")->text,
                        "- Tỷ lệ hồ sơ trực tuyến toàn thị trấn đạt 85,47%");
    assert_string_equal(row_of(world, "rate_digitised")->text, "- Tỷ lệ số hóa hồ sơ đạt 86,84%.");
    run(world, "bao-cao-thang", "H27", false);
    assert_int_equal(world->report.n_columns, 4);
    assert_non_null(strstr(row_of(world, "dossiers")->text,
                           "ở 3 cấp chính quyền trên địa bàn tỉnh (tính từ 19/01/2024 đến "
                           "19/02/2024): 2.705 hồ sơ, cụ thể: cấp tỉnh tiếp nhận: 00 hồ sơ; cấp "
                           "huyện tiếp nhận: 1.744 hồ sơ; cấp xã tiếp nhận: 961 hồ sơ, trong đó:"));
    assert_non_null(strstr(world->report.notes[2],
                           "Tỷ lệ hồ sơ trực tuyến: 891/1.019, toàn trình 467/489, một phần "
                           "424/530; số hóa: 875/1.019 hồ sơ; trong đó cấp tỉnh 0/0"));
}

/* A report of 2026 on this form: the district was split, one commune merged, one ended. */
static void run_after_the_reform(struct world *world, const char *form)
{
    static const struct given given = {
        .units = {{.id = "H27", .name = "UBND tỉnh Hà Tĩnh", .tier = TIER_PROVINCE},
                  {.id = "H27.45",
                   .parent = "H27",
                   .to = "2025-06-30",
                   .name = "UBND huyện Cẩm Xuyên",
                   .tier = TIER_DISTRICT,
                   .successors = "n1 n2"},
                  {.id = "H27.45.01", .parent = "H27.45", .to = "2025-06-30", .successors = "n1"},
                  {.id = "H27.45.02", .parent = "H27.45", .to = "2025-06-30"},
                  {.id = "n1", .parent = "H27", .from = "2025-07-01", .name = "Xã Cẩm Xuyên"},
                  {.id = "n2", .parent = "H27", .from = "2025-07-01", .name = "Xã Cẩm Bình"}},
        .fields = {{"ho-tich", 1}, {"dat-dai", 2}},
        .procedures = {{"1.1", "dat-dai", NULL, NULL, 0}, {"1.2", "ho-tich", NULL, NULL, 0}},
    };
    const struct days days = {day_of("2026-01-01"), day_of("2026-02-01")};
    const struct scope_question question = {.root = slice_text("H27"),
                                            .from_day = days.from,
                                            .to_day = days.to,
                                            .tree_day = days.to - 1};
    struct catalogue *before = world->catalogue;
    world->catalogue = parsed(&given);
    catalogue_free(before);
    struct engine_input input = {.form = form_set_find(world->forms, form),
                                 .catalogue = world->catalogue,
                                 .source = {world, read_unit, scan_unit},
                                 .days = days,
                                 .tree_day = days.to - 1};
    assert_int_equal(scope_of(world->catalogue, &question, &world->arena, &input.scope), STATUS_OK);
    assert_int_equal(engine_run(&input, &world->arena, &world->report, &world->violations),
                     STATUS_OK);
    assert_int_equal(world->violations, 0);
}

static const char *note_with(const struct world *world, const char *words)
{
    for (size_t i = 0; i < world->report.n_notes; i++) {
        if (strstr(world->report.notes[i], words) != NULL) {
            return world->report.notes[i];
        }
    }
    fail_msg("no note says \"%s\"", words);
    return NULL;
}

/* What a tier that ended still has is in the total, and is named in a note. */
static void test_an_ended_tier_is_not_named(void **state)
{
    struct world *world = *state;
    give_golden(world);
    run_after_the_reform(world, "bao-cao-thang");
    assert_int_equal(world->report.n_columns, 3);
    assert_string_equal(world->report.columns[1]->id, "province");
    assert_string_equal(world->report.columns[2]->id, "commune");
    assert_non_null(strstr(row_of(world, "dossiers")->text,
                           "ở 2 cấp chính quyền trên địa bàn tỉnh (tính từ 01/01/2026 đến "
                           "31/01/2026): 2.705 hồ sơ, cụ thể: cấp tỉnh tiếp nhận: 00 hồ sơ; cấp xã "
                           "tiếp nhận: 961 hồ sơ; đơn vị khác tiếp nhận: 1.744 hồ sơ, trong đó:"));
    for (size_t i = 0; i < world->report.n_rows; i++) {
        assert_null(strstr(world->report.rows[i]->text, "huyện"));
    }
    assert_non_null(strstr(note_with(world, "chia tách"), "UBND huyện Cẩm Xuyên (H27.45)"));
}

static unsigned rows_of_unit(const struct world *world, const char *label)
{
    unsigned count = 0;
    for (size_t i = 0; i < world->report.n_rows; i++) {
        count += strcmp(world->report.rows[i]->label, label) == 0;
    }
    return count;
}

static void test_groups_of_nothing_are_not_printed(void **state)
{
    struct world *world = *state;
    run_after_the_reform(world, "tong-hop-06");
    assert_int_equal(rows_of_unit(world, "Quận, huyện, thị xã"), 0);
    assert_int_equal(rows_of_unit(world, "Đơn vị khác"), 0);
    assert_int_equal(rows_of_unit(world, "Xã, phường, đặc khu"), 1);
    give_golden(world);
    run_after_the_reform(world, "tong-hop-06");
    assert_int_equal(rows_of_unit(world, "Quận, huyện, thị xã"), 1);
    assert_int_equal(rows_of_unit(world, "UBND huyện Cẩm Xuyên (đã chia tách)"), 1);
    assert_int_equal(rows_of_unit(world, "Đơn vị khác"), 0);
}

/* Received and transferred out in one period: nothing is wrong, and no check says otherwise. */
static void test_a_negative_column_is_explained(void **state)
{
    const unsigned slot = slot_of(CHANNEL_DIRECT, LEVEL_FULL);
    struct world *world = *state;
    flow(&world->units[2].figures, MEASURE_RECEIVED, slot, 1);
    flow(&world->units[2].figures, MEASURE_TRANSFERRED_OUT, slot, 1);
    flow(&world->units[3].figures, MEASURE_TRANSFERRED_IN, slot, 1);
    flow(&world->units[3].figures, MEASURE_PROCESSING_IN_TIME, slot, 1);
    run(world, "II.06a", "H27.45", false);
    assert_int_equal(world->violations, 0);
    assert_true(check_ok(world, "not_negative"));
    for (size_t i = 0; i < world->report.n_checks; i++) {
        const Hoso__V1__Check *check = world->report.checks[i];
        assert_string_not_equal(check->text, "Không có số âm");
        if (strcmp(check->id, "not_negative") == 0) {
            assert_string_equal(check->text,
                                "Không có số đếm âm; “Từ kỳ trước” tại "
                                "“Thị trấn Cẩm Xuyên” âm vì cột này có trừ hồ sơ, như hồ sơ chuyển "
                                "đi");
        }
    }
    assert_non_null(strstr(note_with(world, "(6)"),
                           "(6) 0 = kỳ trước chuyển qua 0 + chuyển đến 1 − chuyển đi 1 trong kỳ"));
    run(world, "thong-ke", "H27.45", false);
    assert_true(check_ok(world, "not_negative"));
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
    static const struct {
        const char *unit, *id;
        unsigned level;
        int64_t received, carried_over, petitions;
    } rows[] = {{"H27", "", 0, 1250, 1455, 5},    {"H27", "tier_commune", 1, 908, 53, 5},
                {"H27.45", "", 1, 1250, 1455, 5}, {"H27.45", "own", 2, 342, 1402, 0},
                {"H27.45.01", "", 2, 908, 53, 0}, {"H27.45.02", "", 2, 0, 0, 5}};
    assert_int_equal(world->report.n_rows, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const Hoso__V1__Row *row = world->report.rows[i];
        assert_string_equal(row->unit, rows[i].unit);
        assert_string_equal(row->id, rows[i].id);
        assert_int_equal(row->level, rows[i].level);
        assert_int_equal(cell_of(world, row, "received")->number, rows[i].received);
        assert_int_equal(cell_of(world, row, "carried_over")->number, rows[i].carried_over);
        assert_int_equal(cell_of(world, row, "petition_received")->number, rows[i].petitions);
    }
    assert_string_equal(world->report.columns[0]->id, "received");
    assert_string_equal(world->report.columns[MEASURE_PETITION_RESOLVED_LATE + 1]->id,
                        "received_late");
    assert_string_equal(world->report.columns[MEASURE_PETITION_RESOLVED_LATE + 2]->id,
                        "carried_over");
}

static void test_fields_under_units(void **state)
{
    struct world *world = *state;
    give_golden(world);
    run(world, "II.06a", "H27.45", false);
    assert_int_equal(world->violations, 0);
    static const struct {
        const char *unit, *field, *id, *ordinal, *label;
        uint32_t level;
        int64_t received_total;
    } rows[] = {
        {"H27.45", "", "", "", "UBND huyện Cẩm Xuyên", 0, 2705},
        {"H27.45", "ho-tich", "", "1", "ho-tich", 1, 1744},
        {"H27.45", "dat-dai", "", "2", "dat-dai", 1, 961},
        {"H27.45", "", "tier_commune", "", "Cộng cấp xã", 1, 961},
        {"H27.45", "", "own", "I", "Riêng UBND huyện Cẩm Xuyên", 1, 1744},
        {"H27.45", "ho-tich", "own", "1", "ho-tich", 2, 1744},
        {"H27.45.01", "", "", "II", "Thị trấn Cẩm Xuyên", 1, 961},
        {"H27.45.01", "dat-dai", "", "1", "dat-dai", 2, 961},
        {"H27.45.02", "", "", "III", "Xã Cẩm Bình", 1, 0},
    };
    assert_int_equal(world->report.n_rows, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const Hoso__V1__Row *row = world->report.rows[i];
        assert_string_equal(row->unit, rows[i].unit);
        assert_string_equal(row->field, rows[i].field);
        assert_string_equal(row->id, rows[i].id);
        assert_string_equal(row->stub[0], rows[i].ordinal);
        assert_string_equal(row->label, rows[i].label);
        assert_string_equal(row->stub[1], rows[i].label);
        assert_int_equal(row->level, rows[i].level);
        assert_int_equal(cell_of(world, row, "received_total")->number, rows[i].received_total);
        assert_int_equal(cell_of(world, row, "received_total")->number,
                         cell_of(world, row, "resolved_total")->number +
                             cell_of(world, row, "open_total")->number);
    }
    assert_int_equal(cell_of(world, world->report.rows[0], "on_time")->number, 35 + 798 + 8);
    assert_int_equal(cell_of(world, world->report.rows[0], "in_time")->number, 150 + 1414);
    assert_string_equal(world->report.columns[0]->number, "(3)=(4)+(5)+(6)");
    assert_int_equal(world->report.columns[1]->n_captions, 3);
    assert_string_equal(world->report.columns[1]->captions[1], "Trong kỳ");
    assert_string_equal(world->report.notes[0],
                        "(7) 1.141 = đã giải quyết 1.133 + trả lại 8 + công dân rút 0; hồ sơ trả "
                        "lại và hồ sơ công dân rút tính vào cột (9) đúng hạn.");
    assert_string_equal(world->report.legal_basis,
                        "Biểu số II.06a/VPCP/KSTT, Thông tư 01/2020/TT-VPCP");
}

static void test_online_reception(void **state)
{
    static const struct {
        int64_t received, online, direct_postal;
        const char *rate;
    } rows[] = {{1250, 1022, 228, "87,44%"}, /* the district and its communes */
                {908, 751, 157, "85,47%"},   /* its communes */
                {342, 271, 71, "99,31%"},    /* the district alone */
                {908, 751, 157, "85,47%"},
                {0, 0, 0, "—"}};
    struct world *world = *state;
    give_golden(world);
    run(world, "truc-tuyen", "H27.45", false);
    assert_int_equal(world->violations, 0);
    assert_true(check_ok(world, "column_3"));
    assert_int_equal(world->report.n_rows, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const Hoso__V1__Row *row = world->report.rows[i];
        assert_int_equal(cell_of(world, row, "received")->number, rows[i].received);
        assert_int_equal(cell_of(world, row, "online")->number, rows[i].online);
        assert_int_equal(cell_of(world, row, "direct_postal")->number, rows[i].direct_postal);
        assert_string_equal(cell_of(world, row, "rate_online")->ratio->text, rows[i].rate);
        assert_int_equal(cell_of(world, row, "rate_online")->ratio->n,
                         cell_of(world, row, "offered_online")->number);
        assert_int_equal(cell_of(world, row, "rate_online")->ratio->d,
                         cell_of(world, row, "offered")->number);
    }
}

static void test_every_form_in_both_languages(void **state)
{
    struct world *world = *state;
    give_golden(world);
    for (unsigned i = 0; i < world->forms->count; i++) {
        for (unsigned english = 0; english < 2; english++) {
            run_form(world, world->forms->forms[i], "H27", english != 0);
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_golden_month),
        TEST(test_golden_sentences),
        TEST(test_sentences_of_other_tiers),
        TEST(test_an_ended_tier_is_not_named),
        TEST(test_groups_of_nothing_are_not_printed),
        TEST(test_a_negative_column_is_explained),
        TEST(test_rare_lines_keep_the_balance),
        TEST(test_units_add_up),
        TEST(test_fields_under_units),
        TEST(test_online_reception),
        TEST(test_every_form_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
