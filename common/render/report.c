/* SPDX-License-Identifier: Apache-2.0
 *
 * In JSON a cell without a value is left out: a heading has no figures.
 */
#include "render/report.h"

#include <string.h>

#include "base/localday.h"

enum { CODE_COLUMNS = 4 };

/* What names a row for programs, in CSV; the columns that any row has. */
struct codes {
    unsigned count;
    unsigned shown[CODE_COLUMNS];
};

static const char *row_code(const struct hoso_row *row, unsigned code)
{
    const char *const codes[CODE_COLUMNS] = {row->unit, row->field, row->procedure, row->id};
    return codes[code];
}

static struct codes codes_of(const struct hoso_report *report)
{
    struct codes codes = {.count = 0};
    for (unsigned code = 0; code < CODE_COLUMNS; code++) {
        size_t row = 0;
        while (row < report->row_count && row_code(&report->rows[row], code)[0] == '\0') {
            row++;
        }
        if (row < report->row_count) {
            codes.shown[codes.count++] = code;
        }
    }
    return codes;
}

static struct document_column column_of(const struct hoso_column *column, bool right)
{
    return (struct document_column){.id = column->id,
                                    .label = column->label,
                                    .number = column->number,
                                    .right = right,
                                    .caption_count = column->caption_count,
                                    .captions = column->captions};
}

/* The codes, the texts before the figures, the figures. */
static void set_columns(struct document *document, const struct hoso_report *report,
                        const struct codes *codes)
{
    static const char *const names[CODE_COLUMNS][2] = {{"Mã đơn vị", "Unit code"},
                                                       {"Mã lĩnh vực", "Field code"},
                                                       {"Mã thủ tục", "Procedure code"},
                                                       {"Mã dòng", "Row code"}};
    struct document_column *next = document->columns;
    for (unsigned i = 0; i < codes->count; i++) {
        *next++ = (struct document_column){.label = names[codes->shown[i]][document->english],
                                           .number = ""};
    }
    document->label_column = codes->count;
    for (size_t i = 0; i < report->stub_count; i++) {
        if (strcmp(report->stub[i].id, "label") == 0) {
            document->label_column = codes->count + (unsigned)i;
        }
        *next++ = column_of(&report->stub[i], false);
    }
    if (report->stub_count == 0) {
        *next++ = (struct document_column){.label = document->english ? "Item" : "Nội dung",
                                           .number = ""};
    }
    for (size_t i = 0; i < report->column_count; i++) {
        *next++ = column_of(&report->columns[i], true);
    }
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

static bool is_heading(const struct hoso_row *row)
{
    return row->kind == HOSO_ROW_HEADING ||
           (row->kind == HOSO_ROW_OTHER && strncmp(row->id, "section", strlen("section")) == 0);
}

/* A total: of everything, of a tier, or of the rows below it that are indented further. Lines of
 * sections are no totals of each other. */
static bool is_total(const struct hoso_report *report, size_t index)
{
    const struct hoso_row *row = &report->rows[index];
    const bool line = row->kind == HOSO_ROW_LINE || row->text[0] != '\0';
    return row->kind == HOSO_ROW_GROUP ||
           (!line && (row->level == 0 || (index + 1 < report->row_count &&
                                          report->rows[index + 1].level > row->level)));
}

static void add_row(struct document *document, size_t index, const struct codes *codes)
{
    const struct hoso_report *report = document->report;
    const struct hoso_row *row = &report->rows[index];
    document_row(document, row->level);
    for (unsigned i = 0; i < codes->count; i++) {
        document_text(document, row_code(row, codes->shown[i]));
    }
    for (size_t i = 0; i < report->stub_count; i++) {
        document_text(document, row->stub[i]);
    }
    if (report->stub_count == 0) {
        document_text(document, row->label);
    }
    for (size_t i = 0; i < report->column_count; i++) {
        add_cell(document, row->cells != NULL ? &row->cells[i] : NULL);
    }
    if (!document->failed) {
        struct document_row *last = &document->rows[document->row_count - 1];
        last->sentence = row->text;
        last->words_only = row->cells == NULL && row->kind == HOSO_ROW_LINE;
        last->heading = is_heading(row);
        last->strong = last->heading || is_total(report, index);
    }
}

void document_of_report(struct document *document, const struct hoso_report *report, bool english,
                        bool with_codes)
{
    const struct codes codes = with_codes ? codes_of(report) : (struct codes){.count = 0};
    const size_t stub = report->stub_count != 0 ? report->stub_count : 1;
    if (!document_init(document, codes.count + (unsigned)(stub + report->column_count), english)) {
        return;
    }
    document->report = report;
    set_columns(document, report, &codes);
    for (size_t i = 0; i < report->row_count; i++) {
        add_row(document, i, &codes);
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

static void put_texts(struct render_json *json, const char *name, const char *const *texts,
                      size_t count)
{
    json_put_array(json, name);
    for (size_t i = 0; i < count; i++) {
        json_put_text(json, NULL, texts[i]);
    }
    json_put_end(json);
}

static const char *kind_text(enum hoso_row_kind kind)
{
    static const char *const kinds[] = {
        [HOSO_ROW_UNIT] = "UNIT",     [HOSO_ROW_OWN] = "OWN",   [HOSO_ROW_GROUP] = "GROUP",
        [HOSO_ROW_DETAIL] = "DETAIL", [HOSO_ROW_LINE] = "LINE", [HOSO_ROW_HEADING] = "HEADING",
    };
    return kind > HOSO_ROW_OTHER && kind <= HOSO_ROW_HEADING ? kinds[kind] : "";
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
    json_put_optional(json, "kind", kind_text(row->kind));
    json_put_optional(json, "text", row->text);
    if (report->stub_count != 0) {
        put_texts(json, "stub", row->stub, report->stub_count);
    }
    json_put_object(json, "cells");
    for (size_t i = 0; row->cells != NULL && i < report->column_count; i++) {
        put_cell(json, report->columns[i].id, &row->cells[i]);
    }
    json_put_end(json);
    json_put_end(json);
}

static void put_closed(struct render_json *json, const struct hoso_close *closed)
{
    char when[TIME_TEXT_SIZE];
    if (closed == NULL) {
        return;
    }
    time_format(closed->closed_at_ms, when);
    json_put_object(json, "closed");
    json_put_number(json, "number", closed->number);
    json_put_text(json, "unit", closed->unit);
    json_put_text(json, "to", closed->to);
    json_put_text(json, "label", closed->label);
    json_put_text(json, "by", closed->by);
    json_put_text(json, "closedAt", when);
    json_put_id(json, "position", closed->position);
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
    put_closed(json, report->closed);
    if (report->compared != NULL && report->compared[0] != '\0') {
        json_put_object(json, "compared");
        json_put_text(json, "with", report->compared);
        json_put_text(json, "label", report->compared_label);
        json_put_text(json, "from", report->compared_from);
        json_put_text(json, "to", report->compared_to);
        json_put_end(json);
    }
    json_put_cut(json, report->cut.incarnation, report->cut.position);
    json_put_optional(json, "legalBasis", report->legal_basis);
    json_put_optional(json, "paper", report->paper);
    json_put_optional(json, "countedIn", report->counted_in);
    json_put_optional(json, "digest", report->digest);
}

static void put_columns(struct render_json *json, const char *name,
                        const struct hoso_column *columns, size_t count)
{
    json_put_line(json);
    json_put_array(json, name);
    for (size_t i = 0; i < count; i++) {
        json_put_object(json, NULL);
        json_put_text(json, "id", columns[i].id);
        json_put_text(json, "label", columns[i].label);
        json_put_optional(json, "number", columns[i].number);
        if (columns[i].caption_count > 1) {
            put_texts(json, "captions", columns[i].captions, columns[i].caption_count);
        }
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
    put_texts(json, "notes", report->notes, report->note_count);
}

void report_print_json(const struct hoso_report *report, FILE *out)
{
    struct render_json json = render_json_to(out);
    json_put_object(&json, NULL);
    put_head(&json, report);
    if (report->stub_count != 0) {
        put_columns(&json, "stub", report->stub, report->stub_count);
    }
    put_columns(&json, "columns", report->columns, report->column_count);
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
