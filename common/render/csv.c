/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV by RFC 4180, for spreadsheets: with a byte order mark, or they take it for another encoding;
 * numbers without group separators; and a text that a spreadsheet would take for a formula gets an
 * apostrophe. What a report says besides its figures follows in lines that begin with "#", which
 * are no cells.
 */
#include "render/render.h"

#include <inttypes.h>
#include <string.h>

#include "render/heading.h"
#include "render/text.h"

enum { NAME_SIZE = 512 };

/* `guarded`: a table program would take the text for a formula. */
static void put_quoted(FILE *out, const char *text, char separator, bool guarded)
{
    const char special[] = {separator, '"', '\n', '\r', '\0'};
    const bool quoted = text[strcspn(text, special)] != '\0';
    (void)fputs(quoted ? "\"" : "", out);
    (void)fputs(guarded ? "'" : "", out);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"') {
            (void)fputc('"', out);
        }
        (void)fputc(*at, out);
    }
    (void)fputs(quoted ? "\"" : "", out);
}

static void put_text(FILE *out, const char *text, char separator)
{
    put_quoted(out, text, separator, text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL);
}

/* A ratio below zero begins with a minus, and is no formula. */
static void put_cell(FILE *out, const struct document_cell *cell, char separator)
{
    if (cell->kind == CELL_NUMBER) {
        (void)fprintf(out, "%" PRId64, cell->n);
    } else if (cell->kind == CELL_RATIO) {
        put_quoted(out, cell->text, separator, false);
    } else {
        put_text(out, cell->text, separator);
    }
}

/* The column's name, which no other has: where captions are not enough, its number makes the
 * difference. */
static void column_name(const struct document *document, unsigned column, char name[NAME_SIZE])
{
    heading_path(&document->columns[column], name, NAME_SIZE);
    for (unsigned i = 0; i < document->column_count; i++) {
        char other[NAME_SIZE];
        heading_path(&document->columns[i], other, sizeof other);
        if (i != column && strcmp(name, other) == 0) {
            const size_t used = strlen(name);
            const char *number = document->columns[column].number;
            const char *id = document->columns[column].id;
            const char *apart = number[0] != '\0' ? number : id != NULL ? id : "";
            (void)snprintf(name + used, NAME_SIZE - used, " %.*s", (int)strcspn(apart, "="), apart);
            return;
        }
    }
}

/* One line; a line's end within the text would end it. */
static void put_remark(FILE *out, const char *what, const char *text)
{
    (void)fprintf(out, "# %s", what);
    for (const char *at = text; *at != '\0'; at++) {
        (void)fputc(*at == '\n' || *at == '\r' ? ' ' : *at, out);
    }
    (void)fputs("\r\n", out);
}

static void put_remarks(const struct document *document, FILE *out)
{
    const struct hoso_report *report = document->report;
    const bool english = document->english;
    char period[RENDER_PERIOD_SIZE];
    char text[128];
    document_period(document, period);
    put_remark(out, "", report->title);
    put_remark(out, "", report->unit_name);
    put_remark(out, "", period);
    for (size_t i = 0; i < report->check_count; i++) {
        (void)snprintf(text, sizeof text, "%s [%s]: ", english ? "Check" : "Kiểm tra",
                       document_verdict(document, i));
        put_remark(out, text, report->checks[i].text);
    }
    for (size_t i = 0; i < report->note_count; i++) {
        put_remark(out, english ? "Note: " : "Ghi chú: ", report->notes[i]);
    }
    render_cut(report->cut.incarnation, report->cut.position, english, text, sizeof text);
    put_remark(out, "", text);
}

bool render_csv(const struct document *document, const struct render_options *options, FILE *out)
{
    const struct document_cell *cell = document->cells;
    const char between[] = {options->separator, '\0'};
    (void)fputs("\xEF\xBB\xBF", out);
    for (unsigned i = 0; i < document->column_count; i++) {
        char name[NAME_SIZE];
        column_name(document, i, name);
        (void)fputs(i != 0 ? between : "", out);
        put_text(out, name, options->separator);
    }
    (void)fputs("\r\n", out);
    for (size_t row = 0; row < document->row_count; row++) {
        if (document->rows[row].words_only) {
            cell += document->column_count;
            continue;
        }
        for (unsigned i = 0; i < document->column_count; i++) {
            (void)fputs(i != 0 ? between : "", out);
            put_cell(out, cell++, options->separator);
        }
        (void)fputs("\r\n", out);
    }
    if (document->report != NULL && !options->plain) {
        put_remarks(document, out);
    }
    return ferror(out) == 0;
}
