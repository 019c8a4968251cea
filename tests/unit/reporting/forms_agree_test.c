/* SPDX-License-Identifier: Apache-2.0
 *
 * All built-in forms on the golden month: what each says, and that they say the same: a figure that
 * stands on two forms is one number, and units stand in one order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/reporting/world.h"

enum { ROWS_MAX = 40 };

/* Rows of one report by label, with one column of it. */
struct expected {
    const char *form, *column;
    struct {
        const char *ordinal, *label;
        int64_t number;
    } rows[ROWS_MAX];
};

#define LEVELS(a, b, c)                                                                           \
    {"1", "Dịch vụ công trực tuyến toàn trình", a}, {"2", "Dịch vụ công trực tuyến một phần", b}, \
    {                                                                                             \
        "3", "Không cung cấp trực tuyến", c                                                       \
    }
#define PETITION_CLASSES(a, b)                                                       \
    {"1", "Quy định, hành vi hành chính", a},                                        \
    {                                                                                \
        "2", "Quy định kinh doanh theo mục IX Nghị quyết 97/NQ-CP ngày 08/7/2023", b \
    }

static const struct expected tables[] = {
    {"07a",
     "received_total",
     {{"", "UBND huyện Cẩm Xuyên", 2705},
      {"1", "ho-tich", 1744},
      {"2", "dat-dai", 961},
      {"", "Cộng cấp xã", 961},
      {"I", "Riêng UBND huyện Cẩm Xuyên", 1744},
      {"1", "ho-tich", 1744},
      {"II", "Thị trấn Cẩm Xuyên", 961},
      {"1", "dat-dai", 961},
      {"III", "Xã Cẩm Bình", 0}}},
    {"07a", "returned_or_withdrawn", {{"", "UBND huyện Cẩm Xuyên", 8}, {"1", "ho-tich", 4}}},
    {"07a-btp", "paused", {{"", "UBND huyện Cẩm Xuyên", 1414}, {"1", "ho-tich", 1380}}},
    {"muc-do",
     "online",
     {{"", "UBND huyện Cẩm Xuyên", 1022},
      LEVELS(467, 424, 131),
      {"", "Cộng cấp xã", 751},
      {"I", "Riêng UBND huyện Cẩm Xuyên", 271},
      LEVELS(60, 84, 127),
      {"II", "Thị trấn Cẩm Xuyên", 751},
      LEVELS(407, 340, 4),
      {"III", "Xã Cẩm Bình", 0},
      LEVELS(0, 0, 0)}},
    {"thu-tuc",
     "received_total",
     {{"", "UBND huyện Cẩm Xuyên", 2705}, {"1", "1.2", 1744}, {"2", "1.1", 961}}},
    {"so-hoa", "digitised", {{"", "UBND huyện Cẩm Xuyên", 875}, {"", "Cộng cấp xã", 759}}},
    {"pakn",
     "petition_received",
     {{"", "UBND huyện Cẩm Xuyên", 5},
      PETITION_CLASSES(0, 5),
      {"", "Cộng cấp xã", 5},
      {"I", "Thị trấn Cẩm Xuyên", 0},
      PETITION_CLASSES(0, 0),
      {"II", "Xã Cẩm Bình", 5},
      PETITION_CLASSES(0, 5)}},
    {"tong-hop-06",
     "received_total",
     {{"", "UBND huyện Cẩm Xuyên", 2705},
      {"A", "Quận, huyện, thị xã", 1744},
      {"1", "UBND huyện Cẩm Xuyên", 1744},
      {"B", "Xã, phường, đặc khu", 961},
      {"1", "Thị trấn Cẩm Xuyên", 961},
      {"2", "Xã Cẩm Bình", 0}}},
};

static void give(struct world *world)
{
    give_golden(world);
    flow(&world->units[3].figures, MEASURE_PETITION_RECEIVED, CLASS_BUSINESS, 5);
    flow(&world->units[3].figures, MEASURE_PETITION_OPEN_IN_TIME, CLASS_BUSINESS, 5);
}

static void test_each_form_on_the_golden_month(void **state)
{
    struct world *world = *state;
    give(world);
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        run(world, tables[i].form, "H27.45", false);
        assert_int_equal(world->violations, 0);
        for (size_t k = 0; k < ROWS_MAX && tables[i].rows[k].label != NULL; k++) {
            assert_true(k < world->report.n_rows);
            const Hoso__V1__Row *row = world->report.rows[k];
            const Hoso__V1__Cell *cell = cell_of(world, row, tables[i].column);
            assert_string_equal(row->label, tables[i].rows[k].label);
            assert_string_equal(row->stub[0], tables[i].rows[k].ordinal);
            assert_int_equal(cell->number, tables[i].rows[k].number);
        }
    }
    run(world, "thu-tuc", "H27.45", false);
    const Hoso__V1__Row *row = world->report.rows[1];
    assert_string_equal(row->procedure, "1.2");
    assert_string_equal(row->stub[1], "1.2");
    assert_string_equal(row->stub[3], "ho-tich");
    assert_int_equal(world->report.n_rows, 3);
    assert_string_equal(world->report.rows[0]->stub[1], ""); /* a unit has no code of a procedure */
}

/* Names that two forms use for two things; the forms say so in their notes. */
static bool may_differ(const char *id)
{
    return strcmp(id, "carried_over") == 0; /* with or without transfers */
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct term));
}

static bool same_expression(const struct expression *a, const struct expression *b)
{
    struct term left[FORM_TERMS_MAX] = {{0}};
    struct term right[FORM_TERMS_MAX] = {{0}};
    if (a->count != b->count || a->count == 0) {
        return a->count == b->count;
    }
    memcpy(left, a->terms, a->count * sizeof *left);
    memcpy(right, b->terms, b->count * sizeof *right);
    qsort(left, a->count, sizeof *left, by_bytes);
    qsort(right, b->count, sizeof *right, by_bytes);
    return memcmp(left, right, a->count * sizeof *left) == 0;
}

static void test_one_name_means_one_thing(void **state)
{
    const struct world *world = *state;
    const struct form_set *set = world->forms;
    for (unsigned i = 0; i < set->count; i++) {
        for (unsigned k = 0; k < i; k++) {
            for (unsigned f = 0; f < set->forms[i]->figure_count; f++) {
                const struct form_figure *figure = &set->forms[i]->figures[f];
                const struct form_figure *other =
                    form_figure_find(set->forms[k], slice_text(figure->id));
                if (other == NULL || may_differ(figure->id)) {
                    continue;
                }
                if (!same_expression(&figure->value, &other->value) ||
                    !same_expression(&figure->under, &other->under)) {
                    fail_msg("\"%s\" is two things on %s and %s", figure->id, set->forms[i]->id,
                             set->forms[k]->id);
                }
            }
        }
    }
}

/* What every form says of each unit with all below it, by figure's id. */
struct seen {
    char figure[FORM_ID_MAX + 1];
    char unit[32];
    const char *form;
    int64_t n, d;
};

static void look(struct seen *seen, size_t *count, const struct seen *one)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(seen[i].figure, one->figure) == 0 && strcmp(seen[i].unit, one->unit) == 0) {
            if (seen[i].n != one->n || seen[i].d != one->d) {
                fail_msg("%s of %s: %s says %lld, %s says %lld", one->figure, one->unit,
                         seen[i].form, (long long)seen[i].n, one->form, (long long)one->n);
            }
            return;
        }
    }
    seen[(*count)++] = *one;
}

static void look_at_cell(struct seen *seen, size_t *count, const char *form, const char *figure,
                         const char *unit, const Hoso__V1__Cell *cell)
{
    struct seen one = {.form = form, .n = cell->number};
    if (cell->value_case == HOSO__V1__CELL__VALUE_RATIO) {
        one.n = cell->ratio->n;
        one.d = cell->ratio->d;
    }
    (void)snprintf(one.figure, sizeof one.figure, "%s", figure);
    (void)snprintf(one.unit, sizeof one.unit, "%s", unit);
    if (cell->value_case != HOSO__V1__CELL__VALUE__NOT_SET && !may_differ(figure)) {
        look(seen, count, &one);
    }
}

static void test_forms_agree(void **state)
{
    struct world *world = *state;
    struct seen *seen = calloc(8192, sizeof *seen);
    size_t count = 0;
    give(world);
    assert_non_null(seen);
    for (unsigned i = 0; i < world->forms->count; i++) {
        const struct form *form = world->forms->forms[i];
        const char *const order[] = {"H27", "H27.45", "H27.45.01", "H27.45.02"};
        size_t units = 0;
        run_form(world, form, "H27", false);
        for (size_t r = 0; r < world->report.n_rows; r++) {
            const Hoso__V1__Row *row = world->report.rows[r];
            for (size_t c = 0; c < row->n_cells && row->kind == HOSO__V1__ROW_KIND__ROW_KIND_UNIT;
                 c++) {
                look_at_cell(seen, &count, form->id, world->report.columns[c]->id, row->unit,
                             row->cells[c]);
            }
            if (row->kind == HOSO__V1__ROW_KIND__ROW_KIND_LINE && row->n_cells != 0) {
                look_at_cell(seen, &count, form->id, row->id, "H27", row->cells[0]);
            }
            if (row->kind == HOSO__V1__ROW_KIND__ROW_KIND_UNIT) {
                assert_string_equal(row->unit, order[units++]);
            }
        }
    }
    assert_true(count > 150);
    free(seen);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_each_form_on_the_golden_month),
        TEST(test_one_name_means_one_thing),
        TEST(test_forms_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
