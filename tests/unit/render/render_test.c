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

#include "render/render.h"
#include "render/report.h"
#include "render/text.h"
#include "tests/unit/render/paper.h"

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
        assert_int_equal(render_width(table[i].text), table[i].width);
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
        char text[RENDER_NUMBER_SIZE];
        render_number(table[i].number, false, text);
        assert_string_equal(text, table[i].vi);
        render_number(table[i].number, true, text);
        assert_string_equal(text, table[i].en);
    }
}

static void dates(void **state)
{
    char text[RENDER_DATE_SIZE];
    (void)state;
    render_date("2024-01-19", false, text);
    assert_string_equal(text, "19/01/2024");
    render_date("2024-01-19", true, text);
    assert_string_equal(text, "2024-01-19");
    render_date("", false, text);
    assert_string_equal(text, "");
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
    const struct render_options options = {.separator = ';'};
    static const struct list_column column[] = {{"a", {"A", "A"}, false}};
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        struct paper paper;
        struct document document;
        char expected[64];
        document_init_list(&document, column, 1, false);
        document_row(&document, 0);
        document_text(&document, table[i].text);
        assert_true(render_csv(&document, &options, begin(&paper)));
        (void)snprintf(expected, sizeof expected,
                       "\xEF\xBB\xBF"
                       "A\r\n%s\r\n",
                       table[i].cell);
        expect(&paper, expected);
        document_fini(&document);
    }
}

static void json_texts(void **state)
{
    struct paper paper;
    struct render_json json = render_json_to(begin(&paper));
    (void)state;
    json_put_text(&json, NULL, "Đ \"x\" \\ \n");
    expect(&paper, "\"Đ \\\"x\\\" \\\\ \\u000a\"");
}

/* Commas, names and lines' ends. */
static void json_values(void **state)
{
    struct paper paper;
    struct render_json json = render_json_to(begin(&paper));
    (void)state;
    json_put_array(&json, NULL);
    json_put_object(&json, NULL);
    json_put_end(&json);
    json_put_line(&json);
    json_put_object(&json, NULL);
    json_put_flag(&json, "yes", true);
    json_put_null(&json, "none");
    json_put_optional(&json, "absent", "");
    json_put_real(&json, "real", 1.5);
    json_put_cut(&json, UINT64_MAX, 7);
    json_put_array(&json, "empty");
    json_put_end(&json);
    json_put_end(&json);
    json_put_number(&json, NULL, INT64_MIN);
    json_put_line(&json);
    json_put_end(&json);
    expect(&paper, "[{},\n{\"yes\":true,\"none\":null,\"real\":1.50,\"cut\":{\"incarnation\":"
                   "\"18446744073709551615\",\"position\":7},\"empty\":[]},"
                   "-9223372036854775808\n]");
}

static const struct list_column columns[] = {
    {"unit", {"Đơn vị", "Unit"}, false},
    {"all", {"Tổng số hồ sơ nhận", "Received"}, true},
    {"rate", {"Tỷ lệ", "Rate"}, true},
};

static void lists(void **state)
{
    struct paper paper;
    struct document document;
    (void)state;
    document_init_list(&document, columns, 3, false);
    document.columns[1].number = "(3)";
    document_row(&document, 0);
    document_text(&document, "Cẩm Xuyên");
    document_number(&document, 2705);
    document_ratio(&document, 891, 1019, "87,44%");
    document_row(&document, 1);
    document_text(&document, "=Đất đai");
    document_number(&document, -5);
    document_ratio(&document, 0, 0, "—");
    struct render_options options = {.format = RENDER_TABLE};
    assert_true(render_documents(&document, 1, &options, begin(&paper)));
    expect(&paper, "Đơn vị        Tổng số hồ   Tỷ lệ\n"
                   "                 sơ nhận\n"
                   "                     (3)\n"
                   "──────────  ────────────  ──────\n"
                   "Cẩm Xuyên          2.705  87,44%\n"
                   "  =Đất đai            -5       —\n");
    options = (struct render_options){.format = RENDER_CSV, .separator = ';'};
    assert_true(render_documents(&document, 1, &options, begin(&paper)));
    expect(&paper, "\xEF\xBB\xBFĐơn vị;Tổng số hồ sơ nhận;Tỷ lệ\r\n"
                   "Cẩm Xuyên;2705;87,44%\r\n"
                   "'=Đất đai;-5;—\r\n");
    options.format = RENDER_JSON;
    assert_true(render_documents(&document, 1, &options, begin(&paper)));
    expect(&paper, "[\n{\"unit\":\"Cẩm Xuyên\",\"all\":2705,\"rate\":\"87,44%\"},\n"
                   "{\"unit\":\"=Đất đai\",\"all\":-5,\"rate\":\"—\"}\n]\n");
    document_fini(&document);
}

static const struct hoso_column report_columns[] = {
    {.id = "total", .label = "Tổng số", .number = ""},
    {.id = "rate", .label = "Tỷ lệ", .number = "(2)"}};
static const struct hoso_cell cells[] = {{.n = 2705}, {.n = 891, .d = 1019, .text = "87,44%"}};
static const struct hoso_cell no_values[] = {{.text = ""}, {.text = ""}};
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
    struct render_options options = {.format = RENDER_TABLE, .separator = ';'};
    struct document document;
    struct paper paper;
    (void)state;
    document_of_report(&document, &report, false, false);
    assert_true(render_documents(&document, 1, &options, begin(&paper)));
    expect(&paper, "BIỂU\nHà Tĩnh\nTừ ngày 19/01/2024 đến ngày 19/02/2024\n\n"
                   "Nội dung  Tổng số   Tỷ lệ\n"
                   "                      (2)\n"
                   "────────  ───────  ──────\n"
                   "Hà Tĩnh     2.705  87,44%\n"
                   "\nKiểm tra:\n  [đúng] vào = ra\n  [SAI] cha = con\n"
                   "\nGhi chú:\n  - Một ghi chú.\n"
                   "\nSố liệu tính đến vị trí 7 (nhật ký 18446744073709551615)\n");
    document_fini(&document);
    document_of_report(&document, &report, false, true);
    options.format = RENDER_CSV;
    assert_true(render_documents(&document, 1, &options, begin(&paper)));
    expect(&paper, "\xEF\xBB\xBFMã đơn vị;Nội dung;Tổng số;Tỷ lệ\r\nH27;Hà Tĩnh;2705;87,44%\r\n"
                   "# BIỂU\r\n# Hà Tĩnh\r\n# Từ ngày 19/01/2024 đến ngày 19/02/2024\r\n"
                   "# Kiểm tra [đúng]: vào = ra\r\n# Kiểm tra [SAI]: cha = con\r\n"
                   "# Ghi chú: Một ghi chú.\r\n"
                   "# Số liệu tính đến vị trí 7 (nhật ký 18446744073709551615)\r\n");
    options.plain = true;
    assert_true(render_documents(&document, 1, &options, begin(&paper)));
    expect(&paper, "\xEF\xBB\xBFMã đơn vị;Nội dung;Tổng số;Tỷ lệ\r\nH27;Hà Tĩnh;2705;87,44%\r\n");
    document_fini(&document);
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
         .cells = no_values},
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
         .cells = no_values},
    };
    struct hoso_report report = report_of(rows, 4);
    const struct render_options options = {.format = RENDER_TABLE};
    struct document document;
    struct paper paper;
    (void)state;
    report.check_count = 0;
    report.note_count = 0;
    document_of_report(&document, &report, true, false);
    assert_true(render_text(&document, &options, begin(&paper)));
    expect(&paper, "BIỂU\nHà Tĩnh\nFrom 2024-01-19 to 2024-02-19\n\n1. Mục\n- Có 2.705.\n\n2. Mục\n"
                   "\nFigures up to position 7 (journal 18446744073709551615)\n");
    document_fini(&document);
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
         .cells = no_values},
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
        cmocka_unit_test(json_values),
        cmocka_unit_test(lists),
        cmocka_unit_test(tables_of_a_report),
        cmocka_unit_test(sentences_of_a_report),
        cmocka_unit_test(json_of_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
