/* SPDX-License-Identifier: Apache-2.0
 *
 * In JSON a cell without a value is left out: a heading has no figures.
 */
#include "render/report.h"

#include <string.h>

enum { CODE_COLUMNS = 4 };

/* What names a row besides its label. */
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

/* Codes that any row has, the label, the report's columns; `shown` says which codes those are. */
static bool set_columns(struct document *document, const struct hoso_report *report, bool english,
                        bool shown[CODE_COLUMNS])
{
    static const struct list_column names[CODE_COLUMNS] = {
        {NULL, {"Mã đơn vị", "Unit"}, false},
        {NULL, {"Mã lĩnh vực", "Field"}, false},
        {NULL, {"Mã thủ tục", "Procedure"}, false},
        {NULL, {"Mã dòng", "Row"}, false},
    };
    unsigned count = 0;
    if (!document_init(document, CODE_COLUMNS + 1 + (unsigned)report->column_count, english)) {
        return false;
    }
    for (unsigned code = 0; code < CODE_COLUMNS; code++) {
        shown[code] = has_code(report, code);
        if (shown[code]) {
            document->columns[count++] = (struct document_column){
                .label = names[code].label[english], .number = "", .code = true};
        }
    }
    document->columns[count++] =
        (struct document_column){.label = english ? "Item" : "Nội dung", .number = ""};
    for (size_t i = 0; i < report->column_count; i++) {
        const struct hoso_column *column = &report->columns[i];
        document->columns[count++] = (struct document_column){
            .id = column->id, .label = column->label, .number = column->number, .right = true};
    }
    document->column_count = count;
    return true;
}

static void add_cell(struct document *document, const struct hoso_cell *cell)
{
    if (cell == NULL || (cell->text != NULL && cell->text[0] == '\0')) {
        document_text(document, "");
    } else if (cell->text == NULL) {
        document_number(document, cell->n);
    } else {
        document_ratio(document, cell->n, cell->d, cell->text);
    }
}

static void add_row(struct document *document, const struct hoso_row *row, size_t columns,
                    const bool shown[CODE_COLUMNS])
{
    document_row(document, row->level);
    for (unsigned code = 0; code < CODE_COLUMNS; code++) {
        if (shown[code]) {
            document_text(document, row_code(row, code));
        }
    }
    document_text(document, row->label);
    for (size_t i = 0; i < columns; i++) {
        add_cell(document, row->cells != NULL ? &row->cells[i] : NULL);
    }
    if (!document->failed) {
        struct document_row *last = &document->rows[document->row_count - 1];
        last->sentence = row->text;
        last->heading = strncmp(row->id, "section", strlen("section")) == 0;
    }
}

void document_of_report(struct document *document, const struct hoso_report *report, bool english)
{
    bool shown[CODE_COLUMNS] = {false};
    if (!set_columns(document, report, english, shown)) {
        return;
    }
    document->title = report->title;
    document->unit_name = report->unit_name;
    document->from = report->from;
    document->to = report->to;
    document->cut = report->cut;
    document->checks = report->checks;
    document->check_count = report->check_count;
    document->notes = report->notes;
    document->note_count = report->note_count;
    for (size_t i = 0; i < report->row_count; i++) {
        add_row(document, &report->rows[i], report->column_count, shown);
    }
}

/* JSON */

static void put_cell(struct render_json *json, const char *id, const struct hoso_cell *cell)
{
    if (cell->text == NULL) {
        json_put_number(json, id, cell->n);
    } else if (cell->text[0] != '\0') {
        json_put_object(json, id);
        json_put_number(json, "n", cell->n);
        json_put_number(json, "d", cell->d);
        json_put_text(json, "text", cell->text);
        json_put_end(json);
    }
}

static void put_row(struct render_json *json, const struct hoso_report *report,
                    const struct hoso_row *row)
{
    json_put_line(json);
    json_put_object(json, NULL);
    json_put_text(json, "unit", row->unit);
    json_put_text(json, "label", row->label);
    json_put_optional(json, "field", row->field);
    json_put_optional(json, "procedure", row->procedure);
    json_put_optional(json, "id", row->id);
    json_put_number(json, "level", row->level);
    json_put_optional(json, "text", row->text);
    json_put_object(json, "cells");
    for (size_t i = 0; row->cells != NULL && i < report->column_count; i++) {
        put_cell(json, report->columns[i].id, &row->cells[i]);
    }
    json_put_end(json);
    json_put_end(json);
}

static void put_head(struct render_json *json, const struct hoso_report *report)
{
    json_put_text(json, "form", report->form);
    json_put_text(json, "title", report->title);
    json_put_text(json, "unit", report->unit);
    json_put_optional(json, "unitName", report->unit_name);
    json_put_line(json);
    json_put_object(json, "period");
    json_put_text(json, "from", report->from);
    json_put_text(json, "to", report->to);
    json_put_end(json);
    json_put_cut(json, report->cut.incarnation, report->cut.position);
}

static void put_columns(struct render_json *json, const struct hoso_report *report)
{
    json_put_line(json);
    json_put_array(json, "columns");
    for (size_t i = 0; i < report->column_count; i++) {
        json_put_object(json, NULL);
        json_put_text(json, "id", report->columns[i].id);
        json_put_text(json, "label", report->columns[i].label);
        json_put_optional(json, "number", report->columns[i].number);
        json_put_end(json);
    }
    json_put_end(json);
}

static void put_foot(struct render_json *json, const struct hoso_report *report)
{
    json_put_line(json);
    json_put_array(json, "checks");
    for (size_t i = 0; i < report->check_count; i++) {
        json_put_object(json, NULL);
        json_put_text(json, "id", report->checks[i].id);
        json_put_flag(json, "ok", report->checks[i].ok);
        json_put_text(json, "text", report->checks[i].text);
        json_put_end(json);
    }
    json_put_end(json);
    json_put_line(json);
    json_put_array(json, "notes");
    for (size_t i = 0; i < report->note_count; i++) {
        json_put_text(json, NULL, report->notes[i]);
    }
    json_put_end(json);
}

void report_print_json(const struct hoso_report *report, FILE *out)
{
    struct render_json json = render_json_to(out);
    json_put_object(&json, NULL);
    put_head(&json, report);
    put_columns(&json, report);
    json_put_line(&json);
    json_put_array(&json, "rows");
    for (size_t i = 0; i < report->row_count; i++) {
        put_row(&json, report, &report->rows[i]);
    }
    json_put_end(&json);
    put_foot(&json, report);
    json_put_end(&json);
    (void)fputc('\n', out);
}
