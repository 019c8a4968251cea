/* SPDX-License-Identifier: Apache-2.0
 *
 * One part at a time: what stands in the template, and what must stand in the document.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "render/docx/docx_internal.h"

#define PART(body)                                                                          \
    "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">" \
    "<w:body>" body "</w:body></w:document>"
#define RUN(text) "<w:r><w:t>" text "</w:t></w:r>"
#define KEPT(text) "<w:r><w:t xml:space=\"preserve\">" text "</w:t></w:r>"
#define P(runs) "<w:p>" runs "</w:p>"
#define CELL(body) "<w:tc>" body "</w:tc>"
#define ROW(cells) "<w:tr>" cells "</w:tr>"
#define TABLE(rows) "<w:tbl>" rows "</w:tbl>"

static long repeats(void *context, const char *name)
{
    (void)context;
    return strncmp(name, "row.", 4) == 0 ? 2 : strcmp(name, "none") == 0 ? 0 : DOCX_ONCE;
}

static enum status put(void *context, const char *name, size_t index, struct buffer *text,
                       struct error *error)
{
    (void)context;
    if (strcmp(name, "unit") == 0) {
        buffer_printf(text, "H & <V>");
    } else if (strcmp(name, "resolved.total|2") == 0) {
        buffer_printf(text, "08");
    } else if (strcmp(name, "row.n") == 0) {
        buffer_printf(text, "%zu", index);
    } else if (strcmp(name, "empty") != 0) {
        return error_set(error, STATUS_NOT_FOUND, "no such field");
    }
    return STATUS_OK;
}

static enum status fill(const char *xml, struct buffer *filled, struct error *error)
{
    const struct docx_source source = {NULL, repeats, put};
    buffer_init(filled, 1 << 20);
    return docx_fill_part("word/document.xml", slice_text(xml), &source, filled, error);
}

static void fields_are_filled(void **state)
{
    static const struct {
        const char *name, *template, *document;
    } rows[] = {
        {"one run", PART(P(RUN("a {unit} b"))), PART(P(KEPT("a H &amp; &lt;V&gt; b")))},
        {"split over runs", PART(P(RUN("x {re") RUN("solved.to") RUN("tal|2} y"))),
         PART(P(KEPT("x 08") KEPT("") KEPT(" y")))},
        {"two in one run", PART(P(RUN("{unit}{resolved.total|2}"))),
         PART(P(KEPT("H &amp; &lt;V&gt;08")))},
        {"no name", PART(P(RUN("{ } { a b} {} { chưa} {"))),
         PART(P(RUN("{ } { a b} {} { chưa} {")))},
        {"a brace before a field", PART(P(RUN("{{resolved.total|2}}"))), PART(P(KEPT("{08}")))},
        {"an empty paragraph goes", PART(P(RUN("{empty}")) P(RUN("z"))), PART(P(RUN("z")))},
        {"what was empty before stays", PART(P("") P(RUN("z"))), PART("<w:p/>" P(RUN("z")))},
        {"not the only one of a cell", PART(TABLE(ROW(CELL(P(RUN("{empty}")))))),
         PART(TABLE(ROW(CELL(P(KEPT(""))))))},
        {"rows",
         PART(TABLE(ROW(CELL(P(RUN("n"))))
                        ROW(CELL(P(RUN("{row.n}"))) CELL(P(RUN("{resolved.total|2}")))))),
         PART(TABLE(ROW(CELL(P(RUN("n")))) ROW(CELL(P(KEPT("0"))) CELL(P(KEPT("08"))))
                        ROW(CELL(P(KEPT("1"))) CELL(P(KEPT("08"))))))},
        {"only the inner table's row",
         PART(TABLE(ROW(CELL(TABLE(ROW(CELL(P(RUN("{row.n}"))))) P(RUN("q")))))),
         PART(
             TABLE(ROW(CELL(TABLE(ROW(CELL(P(KEPT("0")))) ROW(CELL(P(KEPT("1"))))) P(RUN("q"))))))},
        {"paragraphs", PART(P(RUN("{row.n}."))), PART(P(KEPT("0.")) P(KEPT("1.")))},
        {"none", PART(P(RUN("{none}")) P(RUN("z"))), PART(P(RUN("z")))},
        {"a text box in a paragraph",
         PART(P("<w:r><w:pict>" P(RUN("{unit}")) "</w:pict></w:r>" RUN("{resolved.total|2}"))),
         PART(P("<w:r><w:pict>" P(KEPT("H &amp; &lt;V&gt;")) "</w:pict></w:r>" KEPT("08")))},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer filled;
        struct error error = {.text = ""};
        const enum status status = fill(rows[i].template, &filled, &error);
        if (status != STATUS_OK) {
            fail_msg("%s: %s", rows[i].name, error.text);
        }
        buffer_u8(&filled, 0);
        const char *document = strstr((const char *)filled.data, "<w:document");
        char expected[4096];
        (void)snprintf(expected, sizeof expected, "%s\n", rows[i].document);
        if (document == NULL || strcmp(document, expected) != 0) {
            fail_msg("%s: %s", rows[i].name, document);
        }
        buffer_fini(&filled);
    }
}

static void faults_are_named(void **state)
{
    static const struct {
        const char *template, *words[2];
    } rows[] = {
        {PART(P(RUN("{unit} {resolvd.total}"))), {"{resolvd.total}", "no such field"}},
        {PART(P(RUN("{uni") RUN("x}"))), {"{unix}", "word/document.xml"}},
        {PART(P(RUN("{unit"))), {"{unit has no }", "close the field"}},
        {PART(P(RUN("{un") RUN("it") RUN(" }"))), {"{unit has no }", "word/document.xml"}},
        {PART(P(RUN("{unit, {unit}"))), {"{unit has no }", "blank behind it"}},
        {"<w:document", {"word/document.xml", "XML"}},
        {"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", {"word/document.xml", "XML"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer filled;
        struct error error = {.text = ""};
        assert_int_equal(fill(rows[i].template, &filled, &error), STATUS_INVALID);
        assert_non_null(strstr(error.text, rows[i].words[0]));
        assert_non_null(strstr(error.text, rows[i].words[1]));
        buffer_fini(&filled);
    }
}

static void a_template_is_a_package(void **state)
{
    const struct docx_source source = {NULL, repeats, put};
    struct buffer docx;
    struct error error = {.text = ""};
    (void)state;
    buffer_init(&docx, 1 << 20);
    assert_int_equal(docx_fill(slice_text("no archive"), &source, &docx, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, ".docx"));
    buffer_fini(&docx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_filled),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(a_template_is_a_package),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
