/* SPDX-License-Identifier: Apache-2.0
 *
 * XLSX as the forms are on paper: title, unit, period, merged headings, numbers of columns, frozen
 * panes, headings repeated on each printed page, A4 landscape as wide as the page. Figures are
 * numbers with a format; every text is a string, so that 1.001220 stays what it is and "=1+1" is no
 * formula. The last sheet has what the reports say besides their figures.
 *
 * A workbook of lists is written row by row: nothing of it stays in memory.
 */
#include "render/render.h"
#include "render/xlsx/workbook_internal.h"

#include <stdlib.h>
#include <string.h>

#include "render/heading.h"
#include "render/text.h"

enum {
    SHEET_NAME_CHARACTERS = 31, /* Excel's limit */
    SHEET_NAME_SIZE = 4 * SHEET_NAME_CHARACTERS + 1,
    TEXT_SIZE = 512,
    LINE_POINTS = 16,
    SHEET_DAY_OF_1970 = 25569,
    FIGURE_WIDTH_MIN = 9,
    NUMBERING_WIDTH_MAX = 15, /* "(3)=(4)+(5)+(6)"; longer ones have several lines */
    TEXT_WIDTH_MIN = 6,
    TEXT_WIDTH_MAX = 28,
    LABEL_WIDTH_MAX = 48,
    NOTE_WIDTH = 110,
    PAGE_WIDTH_MAX = 280 /* characters that can still be read on A4 landscape */
};

/* Beyond this a double does not hold every whole number. */
#define EXACT_MAX (INT64_C(1) << 53)

/* A sheet being filled. */
struct sheet {
    struct book *book;
    lxw_worksheet *worksheet;
    lxw_row_t row;       /* the next one */
    lxw_col_t head_last; /* up to where the head reaches: on the first page */
    double *widths;      /* of the columns, in characters */
};

static void put_text(struct sheet *sheet, lxw_row_t row, lxw_col_t column, const char *text,
                     lxw_format *format)
{
    book_keep_error(sheet->book,
                    text[0] != '\0'
                        ? worksheet_write_string(sheet->worksheet, row, column, text, format)
                        : worksheet_write_blank(sheet->worksheet, row, column, format));
}

/* One text in the middle of several cells. */
static void put_merged(struct sheet *sheet, lxw_row_t row, lxw_col_t column, lxw_row_t last_row,
                       lxw_col_t last, const char *text, lxw_format *format)
{
    if (row == last_row && column == last) {
        put_text(sheet, row, column, text, format);
    } else {
        book_keep_error(sheet->book, worksheet_merge_range(sheet->worksheet, row, column, last_row,
                                                           last, text, format));
    }
}

static double width_of(const struct sheet *sheet, unsigned first, unsigned count)
{
    double width = 0;
    for (unsigned i = 0; i < count; i++) {
        width += sheet->widths[first + i];
    }
    return width;
}

/* The next row is as high as so many lines need; Excel does that itself, LibreOffice does not. */
static void set_lines(struct sheet *sheet, unsigned lines)
{
    if (lines > 1) {
        book_keep_error(sheet->book, worksheet_set_row(sheet->worksheet, sheet->row,
                                                       (lines + 0.25) * LINE_POINTS, NULL));
    }
}

/* A line of the head over the whole width; nothing where there is no text. */
static void put_line(struct sheet *sheet, enum look look, const char *before, const char *text)
{
    char line[TEXT_SIZE];
    if (text == NULL || text[0] == '\0') {
        return;
    }
    (void)snprintf(line, sizeof line, "%s%s", before, text);
    const double width = width_of(sheet, 0, sheet->head_last + 1U);
    const unsigned lines = book_lines(line, look == LOOK_TITLE ? width * 0.75 : width, true);
    book_keep_error(sheet->book, worksheet_set_row(sheet->worksheet, sheet->row,
                                                   (lines + 0.25) * LINE_POINTS, NULL));
    put_merged(sheet, sheet->row, 0, sheet->row, sheet->head_last, line,
               book_format(sheet->book, look, look == LOOK_LINE && before[0] == '\0', 0));
    sheet->row++;
}

static void put_head(struct sheet *sheet, const struct document *document)
{
    const struct hoso_report *report = document->report;
    const bool english = document->english;
    char period[RENDER_PERIOD_SIZE];
    char moment[RENDER_MOMENT_SIZE] = "";
    document_period(document, period);
    if (document->extracted_ms != 0) {
        render_moment(document->extracted_ms, english, moment);
    }
    put_line(sheet, LOOK_ASIDE, "", report->legal_basis);
    put_line(sheet, LOOK_TITLE, "", report->title);
    put_line(sheet, LOOK_LINE, "", report->unit_name);
    put_line(sheet, LOOK_LINE, period, " ");
    put_line(sheet, LOOK_COUNTED, english ? "Extracted " : "Trích xuất lúc ", moment);
    put_line(sheet, LOOK_COUNTED, english ? "Counted in: " : "Đơn vị tính: ", report->counted_in);
}

/* Columns */

static bool is_ordinal(const struct document_column *column)
{
    return column->id != NULL && strcmp(column->id, "ordinal") == 0;
}

/* Of a cell's text as it is shown, with some room. */
static double cell_width(const struct document *document, size_t row, unsigned column)
{
    const struct document_cell *cell = document_cell_at(document, row, column);
    char number[RENDER_NUMBER_SIZE];
    if (cell->kind == CELL_NUMBER) {
        render_number(cell->n, document->english, number);
        return render_width(number) + 3.0;
    }
    const unsigned level = column == document->label_column ? document->rows[row].level : 0;
    return render_width(cell->text) + 2.0 * level + 2.0;
}

static double between(double width, double least, double most)
{
    return width < least ? least : width > most ? most : width;
}

static void set_widths(struct sheet *sheet, const struct document *document)
{
    for (unsigned i = 0; i < document->column_count; i++) {
        const struct document_column *column = &document->columns[i];
        double width = between(render_width(column->number) + 1.0, 0, NUMBERING_WIDTH_MAX);
        for (size_t row = 0; row < document->row_count; row++) {
            const double own = cell_width(document, row, i);
            width = own > width ? own : width;
        }
        sheet->widths[i] =
            column->right ? between(width, FIGURE_WIDTH_MIN, TEXT_WIDTH_MAX)
                          : between(width, TEXT_WIDTH_MIN,
                                    i == document->label_column ? LABEL_WIDTH_MAX : TEXT_WIDTH_MAX);
        book_keep_error(sheet->book, worksheet_set_column(sheet->worksheet, (lxw_col_t)i,
                                                          (lxw_col_t)i, sheet->widths[i], NULL));
    }
}

/* A table that would be too small to read on one page is printed on several side by side, with the
 * labels on each. */
static void fit_pages(struct sheet *sheet, const struct document *document)
{
    const double width = width_of(sheet, 0, document->column_count);
    const uint16_t pages = (uint16_t)(width / PAGE_WIDTH_MAX) + 1;
    if (pages > 1) {
        worksheet_fit_to_pages(sheet->worksheet, pages, 0);
        while (sheet->head_last > document->label_column &&
               width_of(sheet, 0, sheet->head_last + 1U) > width / pages) {
            sheet->head_last--;
        }
        book_keep_error(sheet->book, worksheet_repeat_columns(sheet->worksheet, 0,
                                                              (lxw_col_t)document->label_column));
    }
}

/* A row of headings is as high as its highest cell needs beyond the rows that it covers above. */
static void set_heights(struct sheet *sheet, const struct heading *heading)
{
    unsigned above = 0;
    for (unsigned row = 0; row < heading->depth; row++) {
        unsigned lines = 1;
        for (size_t i = 0; i < heading->count; i++) {
            const struct heading_cell *cell = &heading->cells[i];
            const unsigned needed =
                book_lines(cell->text, width_of(sheet, cell->column, cell->columns), true);
            const unsigned spared = cell->row == row ? 0 : above;
            if (cell->row + cell->rows == row + 1 && needed > spared + lines) {
                lines = needed - spared;
            }
        }
        above += lines;
        book_keep_error(sheet->book, worksheet_set_row(sheet->worksheet, sheet->row + row,
                                                       (lines + 0.25) * LINE_POINTS, NULL));
    }
}

static void put_headings(struct sheet *sheet, const struct document *document,
                         const struct heading *heading)
{
    lxw_format *format = book_format(sheet->book, LOOK_HEADING, false, 0);
    const lxw_row_t first = sheet->row;
    set_heights(sheet, heading);
    for (size_t i = 0; i < heading->count; i++) {
        const struct heading_cell *cell = &heading->cells[i];
        put_merged(sheet, first + cell->row, (lxw_col_t)cell->column,
                   first + cell->row + cell->rows - 1,
                   (lxw_col_t)(cell->column + cell->columns - 1), cell->text, format);
    }
    sheet->row += heading->depth;
    unsigned lines = 1;
    for (unsigned i = 0; i < document->column_count; i++) {
        const unsigned own = book_lines(document->columns[i].number, sheet->widths[i], true);
        lines = own > lines ? own : lines;
    }
    if (heading->numbered) {
        set_lines(sheet, lines);
    }
    for (unsigned i = 0; heading->numbered && i < document->column_count; i++) {
        put_text(sheet, sheet->row, (lxw_col_t)i, document->columns[i].number,
                 book_format(sheet->book, LOOK_NUMBERING, false, 0));
    }
    sheet->row += heading->numbered;
    worksheet_freeze_panes(sheet->worksheet, sheet->row, (lxw_col_t)(document->label_column + 1));
    book_keep_error(sheet->book, worksheet_repeat_rows(sheet->worksheet, first, sheet->row - 1));
}

/* Rows */

static void put_cell(struct sheet *sheet, const struct document *document, size_t row,
                     unsigned column)
{
    struct book *book = sheet->book;
    const struct document_cell *cell = document_cell_at(document, row, column);
    const struct document_row *line = &document->rows[row];
    const lxw_col_t at = (lxw_col_t)column;
    const bool differs = document_differs(document, row, column);
    const enum look count = differs ? LOOK_COUNT_MARKED : LOOK_COUNT;
    const enum look ratio = differs ? LOOK_RATIO_MARKED : LOOK_RATIO;
    if (cell->kind == CELL_NUMBER && cell->n <= EXACT_MAX && cell->n >= -EXACT_MAX) {
        book_keep_error(book,
                        worksheet_write_number(sheet->worksheet, sheet->row, at, (double)cell->n,
                                               book_format(book, count, line->strong, 0)));
    } else if (cell->kind == CELL_RATIO && cell->d != 0) {
        book_keep_error(book, worksheet_write_number(sheet->worksheet, sheet->row, at,
                                                     (double)cell->n / (double)cell->d,
                                                     book_format(book, ratio, line->strong, 0)));
    } else if (cell->kind == CELL_DATE) {
        book_keep_error(book,
                        worksheet_write_number(sheet->worksheet, sheet->row, at,
                                               (double)(cell->n + SHEET_DAY_OF_1970),
                                               book_format(book, LOOK_DATE, line->strong, 0)));
    } else if (cell->kind == CELL_NUMBER) {
        char text[RENDER_NUMBER_SIZE];
        render_number(cell->n, document->english, text);
        put_text(sheet, sheet->row, at, text, book_format(book, LOOK_NO_VALUE, line->strong, 0));
    } else {
        const unsigned indent = column == document->label_column ? line->level : 0;
        const enum look look = document->columns[column].right          ? LOOK_NO_VALUE
                               : is_ordinal(&document->columns[column]) ? LOOK_ORDINAL
                                                                        : LOOK_TEXT;
        put_text(sheet, sheet->row, at, cell->text, book_format(book, look, line->strong, indent));
    }
}

static unsigned lines_of_row(const struct sheet *sheet, const struct document *document, size_t row)
{
    unsigned lines = 1;
    for (unsigned i = 0; i < document->column_count; i++) {
        const struct document_cell *cell = document_cell_at(document, row, i);
        if (cell->kind == CELL_TEXT) {
            const unsigned level = i == document->label_column ? document->rows[row].level : 0;
            const unsigned own =
                book_lines(cell->text, sheet->widths[i] - 2.0 * level, document->rows[row].strong);
            lines = own > lines ? own : lines;
        }
    }
    return lines;
}

static void put_group(struct sheet *sheet, const struct document *document, size_t row)
{
    char text[TEXT_SIZE];
    document_group(document, row, text, sizeof text);
    set_lines(sheet, book_lines(text, width_of(sheet, 0, document->column_count), true));
    put_merged(sheet, sheet->row, 0, sheet->row, (lxw_col_t)(document->column_count - 1), text,
               book_format(sheet->book, LOOK_TEXT, true, 0));
    sheet->row++;
}

static void put_rows(struct sheet *sheet, const struct document *document)
{
    for (size_t row = 0; row < document->row_count; row++) {
        if (document->rows[row].group != NULL) {
            put_group(sheet, document, row);
            continue;
        }
        if (document->rows[row].words_only) {
            continue;
        }
        set_lines(sheet, lines_of_row(sheet, document, row));
        for (unsigned i = 0; i < document->column_count; i++) {
            put_cell(sheet, document, row, i);
        }
        sheet->row++;
    }
}

/* Sheets */

static void set_paper(struct sheet *sheet, const char *paper)
{
    worksheet_set_paper(sheet->worksheet, 9); /* A4 */
    if (paper == NULL || strstr(paper, "portrait") == NULL) {
        worksheet_set_landscape(sheet->worksheet);
    }
    worksheet_center_horizontally(sheet->worksheet);
    worksheet_fit_to_pages(sheet->worksheet, 1, 0);
    worksheet_set_margins(sheet->worksheet, 0.4, 0.4, 0.5, 0.6);
    book_keep_error(sheet->book, worksheet_set_footer(sheet->worksheet, "&C&P/&N"));
}

/* At most 31 characters, none of []:*?/\, and a name that no sheet has yet. */
static void sheet_name(const struct book *book, const char *wanted, char name[SHEET_NAME_SIZE])
{
    size_t size = 0;
    unsigned characters = 0;
    for (const char *at = wanted; *at != '\0' && characters < SHEET_NAME_CHARACTERS; size++, at++) {
        name[size] = strchr("[]:*?/\\'", *at) != NULL ? ' ' : *at;
        characters += ((unsigned char)at[1] & 0xc0) != 0x80;
    }
    name[size] = '\0';
    for (unsigned n = 2;
         workbook_validate_sheet_name(book->workbook, name) != LXW_NO_ERROR && n < 1000; n++) {
        char number[16];
        const int digits = snprintf(number, sizeof number, " (%u)", n);
        while (characters + (unsigned)digits > SHEET_NAME_CHARACTERS && size > 0) {
            size--;
            characters -= ((unsigned char)name[size] & 0xc0) != 0x80;
        }
        (void)snprintf(name + size, SHEET_NAME_SIZE - size, "%s", number);
    }
}

static bool add_sheet(struct book *book, const char *wanted, struct sheet *ret_sheet)
{
    char name[SHEET_NAME_SIZE];
    sheet_name(book, wanted, name);
    *ret_sheet =
        (struct sheet){.book = book, .worksheet = workbook_add_worksheet(book->workbook, name)};
    book_keep_error(book,
                    ret_sheet->worksheet != NULL ? LXW_NO_ERROR : LXW_ERROR_MEMORY_MALLOC_FAILED);
    return ret_sheet->worksheet != NULL;
}

static void put_document(struct book *book, const struct document *document, const char *name)
{
    struct sheet sheet;
    struct heading heading;
    if (!add_sheet(book, name, &sheet)) {
        return;
    }
    sheet.widths = calloc(document->column_count + 1, sizeof *sheet.widths);
    sheet.head_last = (lxw_col_t)(document->column_count - 1);
    if (heading_init(&heading, document) && sheet.widths != NULL) {
        set_paper(&sheet, document->report != NULL ? document->report->paper : NULL);
        set_widths(&sheet, document);
        fit_pages(&sheet, document);
        if (document->list_head != NULL) {
            worksheet_set_default_row(sheet.worksheet, 1.25 * LINE_POINTS, LXW_FALSE);
        }
        if (document->report != NULL) {
            put_head(&sheet, document);
        }
        put_headings(&sheet, document, &heading);
        put_rows(&sheet, document);
    } else {
        book_keep_error(book, LXW_ERROR_MEMORY_MALLOC_FAILED);
    }
    heading_fini(&heading);
    free(sheet.widths);
}

static void put_note(struct sheet *sheet, const char *name, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        set_lines(sheet, book_lines(text, NOTE_WIDTH, true));
        put_text(sheet, sheet->row, 0, name, book_format(sheet->book, LOOK_NAME, false, 0));
        put_text(sheet, sheet->row, 1, text, book_format(sheet->book, LOOK_NOTE, false, 0));
        sheet->row++;
    }
}

static void put_notes_of(struct sheet *sheet, const struct document *document)
{
    const struct hoso_report *report = document->report;
    const bool english = document->english;
    char text[TEXT_SIZE];
    put_note(sheet, english ? "Form" : "Biểu", report->form);
    put_note(sheet, english ? "Title" : "Tên biểu", report->title);
    put_note(sheet, english ? "Legal basis" : "Căn cứ", report->legal_basis);
    put_note(sheet, english ? "Unit" : "Đơn vị", report->unit_name);
    put_note(sheet, english ? "Unit's id" : "Mã đơn vị", report->unit);
    document_period(document, text);
    put_note(sheet,
             document->list_head != NULL ? (english ? "Days" : "Thời gian")
                                         : (english ? "Period" : "Kỳ báo cáo"),
             text);
    if (document->extracted_ms != 0) {
        render_moment(document->extracted_ms, english, text);
        put_note(sheet, english ? "Extracted" : "Trích xuất lúc", text);
    }
    for (size_t i = 0; i < report->check_count; i++) {
        (void)snprintf(text, sizeof text, "[%s] %s", document_verdict(document, i),
                       report->checks[i].text);
        put_note(sheet, english ? "Check" : "Kiểm tra", text);
    }
    for (size_t i = 0; i < report->note_count; i++) {
        put_note(sheet, english ? "Note" : "Ghi chú", report->notes[i]);
    }
    render_cut(report->cut.incarnation, report->cut.position, english, text, sizeof text);
    put_note(sheet, english ? "Cut" : "Mốc số liệu", text);
    put_note(sheet, english ? "Form's digest" : "Mã băm của biểu", report->digest);
    sheet->row++;
}

static void put_notes(struct book *book, const struct document *documents, size_t count)
{
    struct sheet sheet;
    if (!add_sheet(book, book->english ? "Notes" : "Ghi chú", &sheet)) {
        return;
    }
    set_paper(&sheet, NULL);
    book_keep_error(book, worksheet_set_column(sheet.worksheet, 0, 0, 18, NULL));
    book_keep_error(book, worksheet_set_column(sheet.worksheet, 1, 1, NOTE_WIDTH, NULL));
    for (size_t i = 0; i < count; i++) {
        if (documents[i].report != NULL) {
            put_notes_of(&sheet, &documents[i]);
        }
    }
}

static const char *name_of(const struct document *document, size_t count)
{
    const struct hoso_report *report = document->report;
    if (report == NULL || document->list_head != NULL) {
        return document->name != NULL ? document->name : document->english ? "List" : "Danh sách";
    }
    return count == 1 ? report->form : report->unit_name;
}

static enum status check(const struct document *documents, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (documents[i].failed) {
            return error_set(error, STATUS_TOO_LARGE, "out of memory");
        }
        if (documents[i].row_count > LXW_ROW_MAX - 64) {
            return error_set(error, STATUS_INVALID,
                             "%zu rows are more than a sheet can have; write .csv",
                             documents[i].row_count);
        }
    }
    return STATUS_OK;
}

enum status render_workbook(const struct document *documents, size_t count, const char *path,
                            struct error *error)
{
    const bool noted = documents[0].report != NULL;
    const bool lists = !noted || documents[0].list_head != NULL;
    lxw_workbook_options options = {.constant_memory = lists, .use_zip64 = LXW_TRUE};
    const enum status status = check(documents, count, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct book book = {.workbook = workbook_new_opt(path, &options),
                        .english = documents[0].english};
    if (book.workbook == NULL) {
        return error_set(error, STATUS_TOO_LARGE, "out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        put_document(&book, &documents[i], name_of(&documents[i], count));
    }
    if (noted) {
        put_notes(&book, documents, count);
    }
    book_keep_error(&book, workbook_close(book.workbook));
    return book.error == LXW_NO_ERROR
               ? STATUS_OK
               : error_set(error, STATUS_IO, "%s: %s", path, lxw_strerror(book.error));
}
