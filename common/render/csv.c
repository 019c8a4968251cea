/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV by RFC 4180, for spreadsheets: with a byte order mark, or they take it for another encoding;
 * numbers without group separators; and a text that a spreadsheet would take for a formula gets an
 * apostrophe.
 */
#include "render/render.h"

#include <inttypes.h>
#include <string.h>

static void put_text(FILE *out, const char *text, char separator)
{
    const char special[] = {separator, '"', '\n', '\r', '\0'};
    const bool guarded = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
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

static void put_cell(FILE *out, const struct document_cell *cell, char separator)
{
    if (cell->kind == CELL_NUMBER) {
        (void)fprintf(out, "%" PRId64, cell->n);
    } else {
        put_text(out, cell->text, separator);
    }
}

void render_csv(const struct document *document, char separator, FILE *out)
{
    const struct document_cell *cell = document->cells;
    const char between[] = {separator, '\0'};
    (void)fputs("\xEF\xBB\xBF", out);
    for (unsigned i = 0; i < document->column_count; i++) {
        (void)fputs(i != 0 ? between : "", out);
        put_text(out, document->columns[i].label, separator);
    }
    (void)fputs("\r\n", out);
    for (size_t row = 0; row < document->row_count; row++) {
        for (unsigned i = 0; i < document->column_count; i++) {
            (void)fputs(i != 0 ? between : "", out);
            put_cell(out, cell++, separator);
        }
        (void)fputs("\r\n", out);
    }
}
