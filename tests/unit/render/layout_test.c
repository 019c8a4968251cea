/* SPDX-License-Identifier: Apache-2.0
 *
 * Headings over headings, in each format that has them, and tables that are too wide.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "render/heading.h"
#include "render/render.h"
#include "tests/unit/render/paper.h"

/* Captions over captions, and two columns of one name. */
static const char *const received_all[] = {"Nhận", "Tổng số"};
static const char *const received_online[] = {"Nhận", "Trong kỳ", "Trực tuyến"};
static const char *const received_post[] = {"Nhận", "Trong kỳ", "Bưu chính"};
static const char *const received_late[] = {"Quá hạn"};
static const struct document_column paper_columns[] = {
    {"label", "Đơn vị", "(1)", false, 0, NULL},
    {"all", "Tổng số", "(2)=(3)+(4)", true, 2, received_all},
    {"online", "Trực tuyến", "(3)", true, 3, received_online},
    {"post", "Bưu chính", "(4)", true, 3, received_post},
    {"late", "Quá hạn", "(5)", true, 1, received_late},
    {"overdue", "Quá hạn", "(6)", true, 1, received_late},
};

static void fill_paper(struct document *document)
{
    require(document_init(document, 6, false));
    memcpy(document->columns, paper_columns, sizeof paper_columns);
    for (int64_t row = 0; row < 2; row++) {
        document_row(document, (unsigned)row);
        document_text(document, row == 0 ? "Ủy ban nhân dân huyện" : "Xã Cẩm Bình");
        for (int64_t i = 1; i < 6; i++) {
            document_number(document, row * 1000 + i);
        }
    }
}

static void headings(void **state)
{
    static const struct heading_cell expected[] = {
        {0, 0, 3, 1, "Đơn vị"},     {0, 1, 1, 3, "Nhận"},      {0, 4, 3, 1, "Quá hạn"},
        {0, 5, 3, 1, "Quá hạn"},    {1, 1, 2, 1, "Tổng số"},   {1, 2, 1, 2, "Trong kỳ"},
        {2, 2, 1, 1, "Trực tuyến"}, {2, 3, 1, 1, "Bưu chính"},
    };
    struct document document;
    struct heading heading;
    (void)state;
    fill_paper(&document);
    assert_true(heading_init(&heading, &document));
    assert_int_equal(heading.depth, 3);
    assert_true(heading.numbered);
    assert_int_equal(heading.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < heading.count; i++) {
        assert_int_equal(heading.cells[i].row, expected[i].row);
        assert_int_equal(heading.cells[i].column, expected[i].column);
        assert_int_equal(heading.cells[i].rows, expected[i].rows);
        assert_int_equal(heading.cells[i].columns, expected[i].columns);
        assert_string_equal(heading.cells[i].text, expected[i].text);
    }
    heading_fini(&heading);
    document_fini(&document);
}

static void wide_tables(void **state)
{
    struct render_options options = {.format = RENDER_TABLE};
    struct document document;
    struct paper paper;
    (void)state;
    fill_paper(&document);
    assert_true(render_documents(&document, 1, &options, begin(&paper)));
    expect(&paper, "                                      Nhận\n"
                   "                       ──────────────────────────────────\n"
                   "                                          Trong kỳ\n"
                   "                                    ─────────────────────\n"
                   "Đơn vị                     Tổng số  Trực tuyến  Bưu chính  Quá hạn  Quá hạn\n"
                   "(1)                    (2)=(3)+(4)         (3)        (4)      (5)      (6)\n"
                   "─────────────────────  ───────────  ──────────  ─────────  ───────  ───────\n"
                   "Ủy ban nhân dân huyện            1           2          3        4        5\n"
                   "  Xã Cẩm Bình                1.001       1.002      1.003    1.004    1.005\n");
    options.width = 50;
    assert_true(render_documents(&document, 1, &options, begin(&paper)));
    expect(&paper, "                                Nhận\n"
                   "                       ───────────────────────\n"
                   "                                     Trong kỳ\n"
                   "                                    ──────────\n"
                   "Đơn vị                     Tổng số  Trực tuyến\n"
                   "(1)                    (2)=(3)+(4)         (3)\n"
                   "─────────────────────  ───────────  ──────────\n"
                   "Ủy ban nhân dân huyện            1           2\n"
                   "  Xã Cẩm Bình                1.001       1.002\n"
                   "(còn 3 cột không hiện: dùng --vertical, --columns hoặc --out TỆP.xlsx)\n");
    options.vertical = true;
    assert_true(document_select(&document, "label,online") == NULL);
    assert_true(render_documents(&document, 1, &options, begin(&paper)));
    expect(&paper, "Ủy ban nhân dân huyện\n  Nhận: Trong kỳ: Trực tuyến  2\n\n"
                   "Xã Cẩm Bình\n  Nhận: Trong kỳ: Trực tuyến  1.002\n");
    assert_string_equal(document_select(&document, "online,x,label"), "x,label");
    assert_int_equal(document.column_count, 2);
    document_fini(&document);
}

static void names_of_columns_in_csv(void **state)
{
    const struct render_options options = {.format = RENDER_CSV, .separator = ','};
    struct document document;
    struct paper paper;
    (void)state;
    fill_paper(&document);
    assert_true(render_documents(&document, 1, &options, begin(&paper)));
    expect(&paper, "\xEF\xBB\xBFĐơn vị,Nhận: Tổng số,Nhận: Trong kỳ: Trực tuyến,"
                   "Nhận: Trong kỳ: Bưu chính,Quá hạn (5),Quá hạn (6)\r\n"
                   "Ủy ban nhân dân huyện,1,2,3,4,5\r\nXã Cẩm Bình,1001,1002,1003,1004,1005\r\n");
    document_fini(&document);
}

/* The headings and cells of a page; text is escaped. */
static void pages(void **state)
{
    const struct render_options options = {.format = RENDER_HTML};
    struct document document;
    struct paper paper;
    (void)state;
    fill_paper(&document);
    document.cells[0].text = "<b> & \"c\"";
    assert_true(render_documents(&document, 1, &options, begin(&paper)));
    require(fclose(paper.out) == 0);
    static const char *const parts[] = {
        "<th scope=\"col\" rowspan=\"3\">Đơn vị</th>",
        "<th colspan=\"3\" scope=\"colgroup\">Nhận</th>",
        "<th colspan=\"2\" scope=\"colgroup\">Trong kỳ</th>",
        "<th>(2)=(3)+(4)</th>",
        "<td>&lt;b&gt; &amp; &quot;c&quot;</td><td class=\"n\">1</td>",
        "<td class=\"in1\">Xã Cẩm Bình</td><td class=\"n\">1.001</td>",
    };
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
        assert_non_null(strstr(paper.text, parts[i]));
    }
    free(paper.text);
    document_fini(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headings),
        cmocka_unit_test(wide_tables),
        cmocka_unit_test(names_of_columns_in_csv),
        cmocka_unit_test(pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
