/* SPDX-License-Identifier: Apache-2.0
 *
 * A form made of sentences is printed as sentences, a blank line before each heading; every other
 * form as a table. Then, for people, the identities, the notes and the cut.
 */
#include "services/hoso/report/report_out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "services/hoso/grid.h"
#include "services/hoso/text_out.h"

enum { CODE_COLUMNS = 4 };

static const char *pick(bool english, const char *vi, const char *en)
{
    return english ? en : vi;
}

/* What names a row besides its label, in CSV. */
static const char *row_code(const struct hoso_row *row, unsigned code)
{
    const char *const codes[CODE_COLUMNS] = {row->unit, row->field, row->procedure, row->id};
    return codes[code];
}

static bool has_code(const struct hoso_report *report, unsigned code)
{
    for (size_t i = 0; i < report->row_count; i++) {
        if (row_code(&report->rows[i], code)[0] != '\0') {
            return true;
        }
    }
    return false;
}

static void add_cells(struct grid *grid, const struct hoso_row *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (row->cells == NULL) {
            grid_text(grid, "");
        } else if (row->cells[i].text != NULL) {
            grid_text(grid, row->cells[i].text);
        } else {
            grid_number(grid, row->cells[i].n);
        }
    }
}

/* Label and cells; with `codes` the columns that name a row come first. */
static bool print_grid(const struct hoso_report *report, const struct command *command, bool codes,
                       FILE *out)
{
    static const char *const names[CODE_COLUMNS][2] = {{"Mã đơn vị", "Unit"},
                                                       {"Mã lĩnh vực", "Field"},
                                                       {"Mã thủ tục", "Procedure"},
                                                       {"Mã dòng", "Row"}};
    struct grid_column *columns = calloc(report->column_count + CODE_COLUMNS + 1, sizeof *columns);
    bool shown[CODE_COLUMNS] = {false};
    unsigned width = 0;
    if (columns == NULL) {
        return false;
    }
    for (unsigned code = 0; codes && code < CODE_COLUMNS; code++) {
        shown[code] = has_code(report, code);
        if (shown[code]) {
            columns[width++] = (struct grid_column){.label = names[code][command->english]};
        }
    }
    columns[width++] = (struct grid_column){.label = pick(command->english, "Nội dung", "Item")};
    for (size_t i = 0; i < report->column_count; i++) {
        const struct hoso_column *column = &report->columns[i];
        columns[width++] =
            (struct grid_column){.label = column->label,
                                 .below = column->number[0] != '\0' ? column->number : NULL,
                                 .right = true};
    }
    struct grid grid;
    grid_init(&grid, columns, width);
    for (size_t i = 0; i < report->row_count; i++) {
        const struct hoso_row *row = &report->rows[i];
        grid_indent(&grid, codes ? 0 : row->level);
        for (unsigned code = 0; code < CODE_COLUMNS; code++) {
            if (shown[code]) {
                grid_text(&grid, row_code(row, code));
            }
        }
        grid_text(&grid, row->label);
        add_cells(&grid, row, report->column_count);
    }
    const bool printed = grid_print(&grid, command, out);
    grid_fini(&grid);
    free(columns);
    return printed;
}

static bool has_sentences(const struct hoso_report *report)
{
    for (size_t i = 0; i < report->row_count; i++) {
        if (report->rows[i].text[0] != '\0') {
            return true;
        }
    }
    return false;
}

static void print_sentences(const struct hoso_report *report, FILE *out)
{
    bool first = true;
    for (size_t i = 0; i < report->row_count; i++) {
        const struct hoso_row *row = &report->rows[i];
        const bool heading = strncmp(row->id, "section", strlen("section")) == 0;
        if (row->text[0] != '\0') {
            (void)fprintf(out, "%s%s\n", heading && !first ? "\n" : "", row->text);
            first = false;
        }
    }
}

static void print_foot(const struct hoso_report *report, bool english, FILE *out)
{
    if (report->check_count != 0) {
        (void)fprintf(out, "\n%s\n", pick(english, "Kiểm tra:", "Checks:"));
    }
    for (size_t i = 0; i < report->check_count; i++) {
        const struct hoso_check *check = &report->checks[i];
        const char *verdict =
            check->ok ? pick(english, "đúng", "ok") : pick(english, "SAI", "WRONG");
        (void)fprintf(out, "  [%s] %s\n", verdict, check->text);
    }
    if (report->note_count != 0) {
        (void)fprintf(out, "\n%s\n", pick(english, "Ghi chú:", "Notes:"));
    }
    for (size_t i = 0; i < report->note_count; i++) {
        (void)fprintf(out, "  - %s\n", report->notes[i]);
    }
    (void)fprintf(out, "\n%s %" PRIu64 " (%s %" PRIu64 ")\n",
                  pick(english, "Số liệu tính đến vị trí", "Figures up to position"),
                  report->cut.position, pick(english, "nhật ký", "journal"),
                  report->cut.incarnation);
}

static bool print_people(const struct hoso_report *report, const struct command *command, FILE *out)
{
    const bool english = command->english;
    char from[DATE_SHOWN_SIZE];
    char to[DATE_SHOWN_SIZE];
    date_text(report->from, english, from);
    date_text(report->to, english, to);
    (void)fprintf(out, "%s\n%s\n%s %s %s %s\n\n", report->title, report->unit_name,
                  pick(english, "Từ", "From"), from, pick(english, "đến", "to"), to);
    bool printed = true;
    if (has_sentences(report)) {
        print_sentences(report, out);
    } else {
        printed = print_grid(report, command, false, out);
    }
    print_foot(report, english, out);
    return printed && ferror(out) == 0;
}

static void json_member(FILE *out, const char *name, const char *text)
{
    (void)fprintf(out, "\"%s\":", name);
    json_text(out, text);
}

static void json_optional(FILE *out, const char *name, const char *text)
{
    if (text[0] != '\0') {
        (void)fputc(',', out);
        json_member(out, name, text);
    }
}

static void json_cell(FILE *out, const struct hoso_cell *cell)
{
    if (cell->text == NULL) {
        (void)fprintf(out, "%" PRId64, cell->n);
    } else {
        (void)fprintf(out, "{\"n\":%" PRId64 ",\"d\":%" PRId64 ",", cell->n, cell->d);
        json_member(out, "text", cell->text);
        (void)fputc('}', out);
    }
}

static void json_row(FILE *out, const struct hoso_report *report, const struct hoso_row *row)
{
    (void)fputc('{', out);
    json_member(out, "unit", row->unit);
    (void)fputc(',', out);
    json_member(out, "label", row->label);
    json_optional(out, "field", row->field);
    json_optional(out, "procedure", row->procedure);
    json_optional(out, "id", row->id);
    (void)fprintf(out, ",\"level\":%u", row->level);
    json_optional(out, "text", row->text);
    (void)fputs(",\"cells\":{", out);
    bool first = true;
    for (size_t i = 0; row->cells != NULL && i < report->column_count; i++) {
        const struct hoso_cell *cell = &row->cells[i];
        if (cell->text == NULL || cell->text[0] != '\0') { /* a heading has no figures */
            (void)fputs(first ? "" : ",", out);
            json_text(out, report->columns[i].id);
            (void)fputc(':', out);
            json_cell(out, cell);
            first = false;
        }
    }
    (void)fputs("}}", out);
}

static void json_columns(FILE *out, const struct hoso_report *report)
{
    (void)fputs(",\n\"columns\":[", out);
    for (size_t i = 0; i < report->column_count; i++) {
        (void)fputs(i != 0 ? ",{" : "{", out);
        json_member(out, "id", report->columns[i].id);
        (void)fputc(',', out);
        json_member(out, "label", report->columns[i].label);
        json_optional(out, "number", report->columns[i].number);
        (void)fputc('}', out);
    }
    (void)fputc(']', out);
}

static void json_foot(FILE *out, const struct hoso_report *report)
{
    (void)fputs(",\n\"checks\":[", out);
    for (size_t i = 0; i < report->check_count; i++) {
        (void)fputs(i != 0 ? ",{" : "{", out);
        json_member(out, "id", report->checks[i].id);
        (void)fprintf(out, ",\"ok\":%s,", report->checks[i].ok ? "true" : "false");
        json_member(out, "text", report->checks[i].text);
        (void)fputc('}', out);
    }
    (void)fputs("],\n\"notes\":[", out);
    for (size_t i = 0; i < report->note_count; i++) {
        (void)fputs(i != 0 ? "," : "", out);
        json_text(out, report->notes[i]);
    }
    (void)fputs("]}\n", out);
}

void report_print_json(const struct hoso_report *report, FILE *out)
{
    (void)fputc('{', out);
    json_member(out, "form", report->form);
    (void)fputs(",", out);
    json_member(out, "title", report->title);
    (void)fputs(",", out);
    json_member(out, "unit", report->unit);
    json_optional(out, "unitName", report->unit_name);
    (void)fputs(",\n\"period\":{", out);
    json_member(out, "from", report->from);
    (void)fputc(',', out);
    json_member(out, "to", report->to);
    (void)fprintf(out, "},\"cut\":{\"incarnation\":\"%" PRIu64 "\",\"position\":%" PRIu64 "}",
                  report->cut.incarnation, report->cut.position);
    json_columns(out, report);
    (void)fputs(",\n\"rows\":[", out);
    for (size_t i = 0; i < report->row_count; i++) {
        (void)fputs(i != 0 ? ",\n" : "\n", out);
        json_row(out, report, &report->rows[i]);
    }
    (void)fputc(']', out);
    json_foot(out, report);
}

bool report_print(const struct hoso_report *report, const struct command *command, FILE *out)
{
    switch (command->format) {
    case FORMAT_JSON:
        report_print_json(report, out);
        return ferror(out) == 0;
    case FORMAT_CSV:
        return print_grid(report, command, true, out);
    default:
        return print_people(report, command, out);
    }
}
