/* SPDX-License-Identifier: Apache-2.0
 *
 * How results are printed: widths, numbers, tables, CSV that no spreadsheet takes for a formula,
 * JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "services/hoso/grid.h"
#include "services/hoso/report/report_out.h"
#include "services/hoso/text_out.h"

static void widths(void **state)
{
    static const struct {
        const char *text;
        unsigned width;
    } table[] = {
        {"", 0},
        {"abc", 3},
        {"Cẩm Xuyên", 9},
        {"Ca\u0302\u0309m", 3}, /* decomposed: marks take no column */
        {"\u4E2D\u6587", 4},    /* wide */
        {"─", 1},
        {"a\xFF", 2},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(text_width(table[i].text), table[i].width);
    }
}

static void numbers(void **state)
{
    static const struct {
        int64_t number;
        const char *vi;
        const char *en;
    } table[] = {
        {0, "0", "0"},
        {999, "999", "999"},
        {2705, "2.705", "2,705"},
        {-2705, "-2.705", "-2,705"},
        {1234567, "1.234.567", "1,234,567"},
        {INT64_MIN, "-9.223.372.036.854.775.808", "-9,223,372,036,854,775,808"},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        char text[NUMBER_TEXT_SIZE];
        number_text(table[i].number, false, text);
        assert_string_equal(text, table[i].vi);
        number_text(table[i].number, true, text);
        assert_string_equal(text, table[i].en);
    }
}

static void dates(void **state)
{
    char text[DATE_SHOWN_SIZE];
    (void)state;
    date_text("2024-01-19", false, text);
    assert_string_equal(text, "19/01/2024");
    date_text("2024-01-19", true, text);
    assert_string_equal(text, "2024-01-19");
    date_text("", false, text);
    assert_string_equal(text, "");
}

/* Memory to print into. */
struct paper {
    char *text;
    size_t size;
    FILE *out;
};

static FILE *begin(struct paper *paper)
{
    paper->out = open_memstream(&paper->text, &paper->size);
    require(paper->out != NULL);
    return paper->out;
}

static void expect(struct paper *paper, const char *text)
{
    require(fclose(paper->out) == 0);
    assert_string_equal(paper->text, text);
    free(paper->text);
}

static void csv_cells(void **state)
{
    static const struct {
        const char *text;
        const char *cell;
    } table[] = {
        {"Đất đai", "Đất đai"}, {"a;b", "\"a;b\""},
        {"a,b", "a,b"},         {"say \"no\"", "\"say \"\"no\"\"\""},
        {"=1+1", "'=1+1"},      {"+84", "'+84"},
        {"-1", "'-1"},          {"@SUM(A1)", "'@SUM(A1)"},
        {"=a;b", "\"'=a;b\""},  {"—", "—"},
        {"87,44%", "87,44%"},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        struct paper paper;
        csv_text(begin(&paper), table[i].text, ';');
        expect(&paper, table[i].cell);
    }
}

static void json_texts(void **state)
{
    struct paper paper;
    (void)state;
    json_text(begin(&paper), "Đ \"x\" \\ \n");
    expect(&paper, "\"Đ \\\"x\\\" \\\\ \\u000a\"");
}

static const struct grid_column columns[] = {
    {"unit", "Đơn vị", NULL, false},
    {"all", "Tổng số hồ sơ nhận", "(3)", true},
    {"rate", "Tỷ lệ", NULL, true},
};

static void fill(struct grid *grid)
{
    grid_init(grid, columns, 3);
    grid_text(grid, "Cẩm Xuyên");
    grid_number(grid, 2705);
    grid_text(grid, "87,44%");
    grid_indent(grid, 1);
    grid_text(grid, "=Đất đai");
    grid_number(grid, -5);
    grid_text(grid, "—");
}

static void grids(void **state)
{
    struct paper paper;
    struct grid grid;
    (void)state;
    fill(&grid);
    grid_print_table(&grid, false, begin(&paper));
    expect(&paper, "Đơn vị        Tổng số hồ   Tỷ lệ\n"
                   "                 sơ nhận        \n"
                   "                     (3)        \n"
                   "──────────  ────────────  ──────\n"
                   "Cẩm Xuyên          2.705  87,44%\n"
                   "  =Đất đai            -5       —\n");
    grid_print_csv(&grid, ';', begin(&paper));
    expect(&paper, "\xEF\xBB\xBFĐơn vị;Tổng số hồ sơ nhận;Tỷ lệ\r\n"
                   "Cẩm Xuyên;2705;87,44%\r\n"
                   "'=Đất đai;-5;—\r\n");
    grid_print_json(&grid, begin(&paper));
    expect(&paper, "[\n{\"unit\":\"Cẩm Xuyên\",\"all\":2705,\"rate\":\"87,44%\"},\n"
                   "{\"unit\":\"=Đất đai\",\"all\":-5,\"rate\":\"—\"}\n]");
    grid_fini(&grid);
}

static const struct hoso_column report_columns[] = {
    {.id = "total", .label = "Tổng số", .number = ""},
    {.id = "rate", .label = "Tỷ lệ", .number = "(2)"}};
static const struct hoso_cell cells[] = {{.n = 2705}, {.n = 891, .d = 1019, .text = "87,44%"}};
static const struct hoso_cell heading[] = {{.text = ""}, {.text = ""}};
static const struct hoso_check checks[] = {{"balance", "vào = ra", 1}, {"sum", "cha = con", 0}};
static const char *const notes[] = {"Một ghi chú."};

static struct hoso_report report_of(const struct hoso_row *rows, size_t count)
{
    return (struct hoso_report){
        .form = "f",
        .title = "BIỂU",
        .unit = "H27",
        .unit_name = "Hà Tĩnh",
        .from = "2024-01-19",
        .to = "2024-02-19",
        .cut = {18446744073709551615U, 7},
        .column_count = 2,
        .row_count = count,
        .check_count = 2,
        .note_count = 1,
        .columns = report_columns,
        .rows = rows,
        .checks = checks,
        .notes = notes,
    };
}

static void tables_of_a_report(void **state)
{
    const struct hoso_row rows[] = {
        {.unit = "H27",
         .label = "Hà Tĩnh",
         .field = "",
         .procedure = "",
         .text = "",
         .id = "",
         .cells = cells},
    };
    const struct hoso_report report = report_of(rows, 1);
    struct command command = {.separator = ";"};
    struct paper paper;
    (void)state;
    assert_true(report_print(&report, &command, begin(&paper)));
    expect(&paper, "BIỂU\nHà Tĩnh\nTừ 19/01/2024 đến 19/02/2024\n\n"
                   "Nội dung  Tổng số   Tỷ lệ\n"
                   "                      (2)\n"
                   "────────  ───────  ──────\n"
                   "Hà Tĩnh     2.705  87,44%\n"
                   "\nKiểm tra:\n  [đúng] vào = ra\n  [SAI] cha = con\n"
                   "\nGhi chú:\n  - Một ghi chú.\n"
                   "\nSố liệu tính đến vị trí 7 (nhật ký 18446744073709551615)\n");
    command.format = FORMAT_CSV;
    assert_true(report_print(&report, &command, begin(&paper)));
    expect(&paper, "\xEF\xBB\xBFMã đơn vị;Nội dung;Tổng số;Tỷ lệ\r\nH27;Hà Tĩnh;2705;87,44%\r\n");
}

static void sentences_of_a_report(void **state)
{
    const struct hoso_row rows[] = {
        {.unit = "",
         .label = "1",
         .field = "",
         .procedure = "",
         .text = "1. Mục",
         .id = "section_1",
         .cells = heading},
        {.unit = "",
         .label = "a",
         .field = "",
         .procedure = "",
         .text = "- Có 2.705.",
         .id = "a",
         .cells = cells},
        {.unit = "",
         .label = "b",
         .field = "",
         .procedure = "",
         .text = "",
         .id = "b",
         .cells = cells},
        {.unit = "",
         .label = "2",
         .field = "",
         .procedure = "",
         .text = "2. Mục",
         .id = "section_2",
         .cells = heading},
    };
    struct hoso_report report = report_of(rows, 4);
    const struct command command = {.english = true};
    struct paper paper;
    (void)state;
    report.check_count = 0;
    report.note_count = 0;
    assert_true(report_print(&report, &command, begin(&paper)));
    expect(&paper, "BIỂU\nHà Tĩnh\nFrom 2024-01-19 to 2024-02-19\n\n1. Mục\n- Có 2.705.\n\n2. Mục\n"
                   "\nFigures up to position 7 (journal 18446744073709551615)\n");
}

static void json_of_a_report(void **state)
{
    const struct hoso_row rows[] = {
        {.unit = "H27",
         .label = "1",
         .field = "",
         .procedure = "",
         .text = "x",
         .id = "section_1",
         .cells = heading},
        {.unit = "H27",
         .label = "a",
         .field = "f",
         .procedure = "p",
         .text = "",
         .id = "",
         .level = 1,
         .cells = cells},
    };
    const struct hoso_report report = report_of(rows, 2);
    struct paper paper;
    (void)state;
    report_print_json(&report, begin(&paper));
    expect(&paper, "{\"form\":\"f\",\"title\":\"BIỂU\",\"unit\":\"H27\",\"unitName\":\"Hà Tĩnh\",\n"
                   "\"period\":{\"from\":\"2024-01-19\",\"to\":\"2024-02-19\"},"
                   "\"cut\":{\"incarnation\":\"18446744073709551615\",\"position\":7},\n"
                   "\"columns\":[{\"id\":\"total\",\"label\":\"Tổng "
                   "số\"},{\"id\":\"rate\",\"label\":\"Tỷ lệ\",\"number\":\"(2)\"}],\n"
                   "\"rows\":[\n"
                   "{\"unit\":\"H27\",\"label\":\"1\",\"id\":\"section_1\",\"level\":0,\"text\":"
                   "\"x\",\"cells\":{}},\n"
                   "{\"unit\":\"H27\",\"label\":\"a\",\"field\":\"f\",\"procedure\":\"p\","
                   "\"level\":1,\"cells\":{\"total\":2705,"
                   "\"rate\":{\"n\":891,\"d\":1019,\"text\":\"87,44%\"}}}],\n"
                   "\"checks\":[{\"id\":\"balance\",\"ok\":true,\"text\":\"vào = ra\"},"
                   "{\"id\":\"sum\",\"ok\":false,\"text\":\"cha = con\"}],\n"
                   "\"notes\":[\"Một ghi chú.\"]}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths),
        cmocka_unit_test(numbers),
        cmocka_unit_test(dates),
        cmocka_unit_test(csv_cells),
        cmocka_unit_test(json_texts),
        cmocka_unit_test(grids),
        cmocka_unit_test(tables_of_a_report),
        cmocka_unit_test(sentences_of_a_report),
        cmocka_unit_test(json_of_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
