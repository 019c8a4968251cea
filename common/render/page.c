/* SPDX-License-Identifier: Apache-2.0
 *
 * One HTML file that needs no other: for mail, and to print on A4 landscape with the headings
 * repeated on each page. Numbers are written as people read them.
 */
#include "render/render.h"

#include <string.h>

#include "render/heading.h"
#include "render/text.h"

enum { LEVELS_MAX = 6, /* that are indented differently */ GROUP_SIZE = 512 };

static const char style[] =
    "body{font:13px/1.4 \"Times New Roman\",\"Liberation Serif\",serif;margin:24px;color:#000}\n"
    "h1{font-size:17px;text-align:center;margin:4px 0}\n"
    "header p{text-align:center;margin:2px 0}\n"
    "header .basis{text-align:left}\n"
    "header .unit{font-weight:bold}\n"
    "header .counted{text-align:right;font-style:italic}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;margin:8px 0}\n"
    "th,td{border:1px solid #000;padding:2px 5px;vertical-align:middle}\n"
    "th{text-align:center}\n"
    "tr.numbers th{font-weight:normal;font-style:italic}\n"
    "td.n{text-align:right;white-space:nowrap}\n"
    ".in1{padding-left:2em}.in2{padding-left:3em}.in3{padding-left:4em}.in4{padding-left:5em}\n"
    ".in5{padding-left:6em}.in6{padding-left:7em}\n"
    "tr.strong td{font-weight:bold}\n"
    "tr.group th{text-align:left;background:#f0f0f0}tr.group{break-after:avoid}\n"
    "p.heading{font-weight:bold;margin-top:12px}\n"
    "footer{font-size:12px}\n"
    ".differs{font-weight:bold;background:#fff2cc}\n"
    ".wrong{color:#b00020;font-weight:bold}\n"
    "section+section{margin-top:40px}\n"
    "@media print{@page{size:A4 landscape;margin:12mm}body{margin:0}\n"
    "thead{display:table-header-group}tr{break-inside:avoid}.wide{overflow:visible}\n"
    "section+section{break-before:page;margin-top:0}}\n";

static void put_text(FILE *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        switch (*at) {
        case '<':
            (void)fputs("&lt;", out);
            break;
        case '>':
            (void)fputs("&gt;", out);
            break;
        case '&':
            (void)fputs("&amp;", out);
            break;
        case '"':
            (void)fputs("&quot;", out);
            break;
        default:
            (void)fputc(*at, out);
        }
    }
}

/* <p class="…">text</p>, or nothing. */
static void put_paragraph(FILE *out, const char *class, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        (void)fprintf(out, "<p class=\"%s\">", class);
        put_text(out, text);
        (void)fputs("</p>\n", out);
    }
}

static void put_head(const struct document *document, FILE *out)
{
    const struct hoso_report *report = document->report;
    const bool english = document->english;
    char period[RENDER_PERIOD_SIZE];
    document_period(document, period);
    (void)fputs("<header>\n", out);
    put_paragraph(out, "basis", report->legal_basis);
    (void)fputs("<h1>", out);
    put_text(out, report->title);
    (void)fputs("</h1>\n", out);
    put_paragraph(out, "unit", report->unit_name);
    put_paragraph(out, "period", period);
    if (document->extracted_ms != 0) {
        char moment[RENDER_MOMENT_SIZE];
        char line[RENDER_MOMENT_SIZE + 32];
        render_moment(document->extracted_ms, english, moment);
        (void)snprintf(line, sizeof line, english ? "Extracted %s" : "Trích xuất lúc %s", moment);
        put_paragraph(out, "moment", line);
    }
    if (report->counted_in != NULL && report->counted_in[0] != '\0') {
        (void)fputs(english ? "<p class=\"counted\">Counted in: "
                            : "<p class=\"counted\">Đơn vị tính: ",
                    out);
        put_text(out, report->counted_in);
        (void)fputs("</p>\n", out);
    }
    (void)fputs("</header>\n", out);
}

static void put_headings(const struct document *document, const struct heading *heading, FILE *out)
{
    size_t at = 0;
    (void)fputs("<thead>\n", out);
    for (unsigned row = 0; row < heading->depth; row++) {
        (void)fputs("<tr>", out);
        for (; at < heading->count && heading->cells[at].row == row; at++) {
            const struct heading_cell *cell = &heading->cells[at];
            (void)fputs("<th", out);
            if (cell->columns > 1) {
                (void)fprintf(out, " colspan=\"%u\" scope=\"colgroup\"", cell->columns);
            } else {
                (void)fputs(" scope=\"col\"", out);
            }
            if (cell->rows > 1) {
                (void)fprintf(out, " rowspan=\"%u\"", cell->rows);
            }
            (void)fputc('>', out);
            put_text(out, cell->text);
            (void)fputs("</th>", out);
        }
        (void)fputs("</tr>\n", out);
    }
    if (heading->numbered) {
        (void)fputs("<tr class=\"numbers\">", out);
        for (unsigned i = 0; i < document->column_count; i++) {
            (void)fputs("<th>", out);
            put_text(out, document->columns[i].number);
            (void)fputs("</th>", out);
        }
        (void)fputs("</tr>\n", out);
    }
    (void)fputs("</thead>\n", out);
}

static void put_row(const struct document *document, size_t row, FILE *out)
{
    const struct document_row *line = &document->rows[row];
    if (line->group != NULL) {
        char text[GROUP_SIZE];
        document_group(document, row, text, sizeof text);
        (void)fprintf(out, "<tr class=\"group\"><th colspan=\"%u\" scope=\"rowgroup\">",
                      document->column_count);
        put_text(out, text);
        (void)fputs("</th></tr>\n", out);
        return;
    }
    (void)fputs(line->strong ? "<tr class=\"strong\">" : "<tr>", out);
    for (unsigned i = 0; i < document->column_count; i++) {
        const struct document_cell *cell = document_cell_at(document, row, i);
        char number[RENDER_NUMBER_SIZE];
        if (document->columns[i].right) {
            (void)fputs(document_differs(document, row, i) ? "<td class=\"n differs\">"
                                                           : "<td class=\"n\">",
                        out);
        } else if (i == document->label_column && line->level != 0) {
            (void)fprintf(out, "<td class=\"in%u\">",
                          line->level < LEVELS_MAX ? line->level : LEVELS_MAX);
        } else {
            (void)fputs("<td>", out);
        }
        if (cell->kind == CELL_NUMBER) {
            render_number(cell->n, document->english, number);
            (void)fputs(number, out);
        } else {
            put_text(out, cell->text);
        }
        (void)fputs("</td>", out);
    }
    (void)fputs("</tr>\n", out);
}

static bool put_table(const struct document *document, FILE *out)
{
    struct heading heading;
    const bool room = heading_init(&heading, document);
    (void)fputs("<div class=\"wide\"><table>\n", out);
    if (room) {
        put_headings(document, &heading, out);
    }
    (void)fputs("<tbody>\n", out);
    for (size_t row = 0; row < document->row_count; row++) {
        put_row(document, row, out);
    }
    (void)fputs("</tbody></table></div>\n", out);
    heading_fini(&heading);
    return room;
}

static void put_sentences(const struct document *document, FILE *out)
{
    for (size_t i = 0; i < document->row_count; i++) {
        put_paragraph(out, document->rows[i].heading ? "heading" : "sentence",
                      document->rows[i].sentence);
    }
}

static void put_foot(const struct document *document, FILE *out)
{
    const struct hoso_report *report = document->report;
    char cut[128];
    (void)fputs("<footer>\n<ul>\n", out);
    for (size_t i = 0; i < report->check_count; i++) {
        (void)fprintf(out, "<li%s>[%s] ", report->checks[i].ok ? "" : " class=\"wrong\"",
                      document_verdict(document, i));
        put_text(out, report->checks[i].text);
        (void)fputs("</li>\n", out);
    }
    for (size_t i = 0; i < report->note_count; i++) {
        (void)fputs("<li>", out);
        put_text(out, report->notes[i]);
        (void)fputs("</li>\n", out);
    }
    render_cut(report->cut.incarnation, report->cut.position, document->english, cut, sizeof cut);
    (void)fprintf(out, "</ul>\n<p>%s</p>\n</footer>\n", cut);
}

static bool put_document(const struct document *document, FILE *out)
{
    bool room = true;
    (void)fputs("<section>\n", out);
    if (document->report != NULL) {
        put_head(document, out);
    }
    if (document_has_sentences(document)) {
        put_sentences(document, out);
    } else {
        room = put_table(document, out);
    }
    if (document->report != NULL) {
        put_foot(document, out);
    }
    (void)fputs("</section>\n", out);
    return room;
}

bool render_page(const struct document *documents, size_t count, FILE *out)
{
    const struct hoso_report *first = count != 0 ? documents[0].report : NULL;
    const bool english = count != 0 && documents[0].english;
    bool room = true;
    (void)fprintf(out,
                  "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
                  english ? "en" : "vi");
    put_text(out, first != NULL ? first->title : english ? "List" : "Danh sách");
    (void)fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
    for (size_t i = 0; i < count && room; i++) {
        room = put_document(&documents[i], out);
    }
    (void)fputs("</body>\n</html>\n", out);
    return room;
}
