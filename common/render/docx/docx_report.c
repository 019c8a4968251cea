/* SPDX-License-Identifier: Apache-2.0
 *
 * One table says how each field gets its text.
 */
#include "render/docx/docx_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "render/templates/templates.h"
#include "render/text.h"

struct report_fields {
    const struct hoso_report *report;
    bool english;
    int64_t now_ms;
};

static bool is_heading(const struct hoso_row *row)
{
    return strncmp(row->id, "section", strlen("section")) == 0;
}

static const struct hoso_row *find_row(const struct hoso_report *report, const char *id,
                                       size_t size)
{
    for (size_t i = 0; i < report->row_count; i++) {
        if (strlen(report->rows[i].id) == size && memcmp(report->rows[i].id, id, size) == 0) {
            return &report->rows[i];
        }
    }
    return NULL;
}

/* The sentences between a heading and the next: the one at `index`, or NULL; *ret_count of all. */
static const struct hoso_row *find_sentence(const struct hoso_report *report, const char *heading,
                                            size_t index, size_t *ret_count)
{
    const struct hoso_row *row = find_row(report, heading, strlen(heading));
    const struct hoso_row *end = report->rows + report->row_count;
    const struct hoso_row *found = NULL;
    size_t count = 0;
    while (row != NULL && ++row < end && !is_heading(row)) {
        if (row->text[0] != '\0') {
            found = count == index ? row : found;
            count++;
        }
    }
    *ret_count = count;
    return found;
}

static enum status put_text(struct buffer *text, const char *value)
{
    buffer_put(text, value, strlen(value));
    return STATUS_OK;
}

static enum status put_cell(const struct report_fields *fields, const struct hoso_cell *cell,
                            int digits, struct buffer *text)
{
    char number[RENDER_NUMBER_SIZE];
    if (cell->text != NULL) {
        return put_text(text, cell->text);
    }
    if (digits > 0 && cell->n >= 0 && cell->n < 100) {
        buffer_printf(text, "%0*" PRId64, digits, cell->n);
        return STATUS_OK;
    }
    render_number(cell->n, fields->english, number);
    return put_text(text, number);
}

/* "COLUMN" or "COLUMN|2" of a row. */
static enum status put_figure(const struct report_fields *fields, const struct hoso_row *row,
                              const char *column, struct buffer *text, struct error *error)
{
    const struct hoso_report *report = fields->report;
    const size_t size = strcspn(column, "|");
    const int digits = column[size] == '|' && column[size + 1] == '2' ? 2 : 0;
    for (size_t i = 0; i < report->column_count; i++) {
        const char *id = report->columns[i].id;
        if (strlen(id) == size && memcmp(id, column, size) == 0) {
            return row->cells != NULL ? put_cell(fields, &row->cells[i], digits, text) : STATUS_OK;
        }
    }
    return error_set(error, STATUS_NOT_FOUND,
                     "the form %s has no column \"%.*s\"; the first is \"%s\"", report->form,
                     (int)size, column, report->column_count != 0 ? report->columns[0].id : "");
}

/* A field that is to be put: what follows the first point of its name, and where its text goes. */
struct docx_field {
    const struct report_fields *from;
    const char *rest;
    size_t index;
    struct buffer *text;
    struct error *error;
};
typedef enum status put_field(const struct docx_field *field);

static enum status put_title(const struct docx_field *field)
{
    return put_text(field->text, field->from->report->title);
}

static enum status put_unit(const struct docx_field *field)
{
    return put_text(field->text, field->from->report->unit_name);
}

static enum status put_day(const struct docx_field *field, const char *day)
{
    char shown[RENDER_DATE_SIZE];
    render_date(day, field->from->english, shown);
    return put_text(field->text, shown);
}

static enum status put_from(const struct docx_field *field)
{
    return put_day(field, field->from->report->from);
}

/* A report's days are YYYY-MM-DD. */
static enum status put_to(const struct docx_field *field)
{
    const char *to = field->from->report->to;
    if (strcmp(field->rest, "month") == 0) {
        buffer_put(field->text, to + 5, 2);
        return STATUS_OK;
    }
    if (strcmp(field->rest, "year") == 0) {
        buffer_put(field->text, to, 4);
        return STATUS_OK;
    }
    return put_day(field, to);
}

static enum status put_extracted(const struct docx_field *field)
{
    char day[DATE_TEXT_SIZE];
    const int64_t now_ms = field->from->now_ms;
    const int32_t today = localday_of_ms(now_ms);
    const int minutes = (int)((now_ms - localday_start_ms(today)) / 60000);
    localday_format(today, day);
    buffer_printf(field->text, "%02d:%02d %s ", minutes / 60, minutes % 60,
                  field->from->english ? "on" : "ngày");
    return put_day(field, day);
}

static enum status put_position(const struct docx_field *field)
{
    buffer_printf(field->text, "%" PRIu64, field->from->report->cut.position);
    return STATUS_OK;
}

static enum status put_sentence(const struct docx_field *field)
{
    const struct hoso_report *report = field->from->report;
    const struct hoso_row *row = find_row(report, field->rest, strlen(field->rest));
    return row != NULL ? put_text(field->text, row->text)
                       : error_set(field->error, STATUS_NOT_FOUND, "the form %s has no row \"%s\"",
                                   report->form, field->rest);
}

static enum status put_sentences(const struct docx_field *field)
{
    const struct hoso_report *report = field->from->report;
    size_t count;
    const struct hoso_row *row = find_sentence(report, field->rest, field->index, &count);
    return row != NULL ? put_text(field->text, row->text)
                       : error_set(field->error, STATUS_NOT_FOUND,
                                   "the form %s has no heading \"%s\"", report->form, field->rest);
}

/* What the paper has before the figures (ordinal, label, …), the unit's id, or a figure. */
static enum status put_row(const struct docx_field *field)
{
    const struct hoso_report *report = field->from->report;
    if (field->index >= report->row_count) {
        return error_set(field->error, STATUS_NOT_FOUND, "{row.…} stands in the row of a table");
    }
    const struct hoso_row *row = &report->rows[field->index];
    for (size_t i = 0; i < report->stub_count; i++) {
        if (strcmp(report->stub[i].id, field->rest) == 0) {
            return put_text(field->text, row->stub[i]);
        }
    }
    if (strcmp(field->rest, "label") == 0) {
        return put_text(field->text, row->label);
    }
    if (strcmp(field->rest, "unit") == 0) {
        return put_text(field->text, row->unit);
    }
    return put_figure(field->from, row, field->rest, field->text, field->error);
}

static enum status put_note(const struct docx_field *field)
{
    const struct hoso_report *report = field->from->report;
    return put_text(field->text,
                    field->index < report->note_count ? report->notes[field->index] : "");
}

static enum status put_check(const struct docx_field *field)
{
    const struct hoso_report *report = field->from->report;
    if (field->index < report->check_count) {
        const struct hoso_check *check = &report->checks[field->index];
        const char *const verdicts[2][2] = {{"SAI", "WRONG"}, {"đúng", "ok"}};
        buffer_printf(field->text, "[%s] ", verdicts[check->ok != 0][field->from->english]);
        return put_text(field->text, check->text);
    }
    return STATUS_OK;
}

/* By the name before the first point. */
static const struct field_kind {
    const char *name;
    put_field *put;
} kinds[] = {
    {"title", put_title},
    {"unit", put_unit},
    {"from", put_from},
    {"to", put_to},
    {"extracted", put_extracted},
    {"position", put_position},
    {"sentence", put_sentence},
    {"sentences", put_sentences},
    {"row", put_row},
    {"note", put_note},
    {"check", put_check},
};

static const struct field_kind *find_kind(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strlen(kinds[i].name) == size && memcmp(kinds[i].name, name, size) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

static enum status put(void *context, const char *name, size_t index, struct buffer *text,
                       struct error *error)
{
    const struct report_fields *fields = context;
    const size_t size = strcspn(name, ".");
    const char *rest = name[size] == '.' ? name + size + 1 : "";
    const struct field_kind *kind = find_kind(name, size);
    if (kind != NULL) {
        return kind->put(&(struct docx_field){fields, rest, index, text, error});
    }
    const struct hoso_row *row = find_row(fields->report, name, size);
    if (row == NULL || rest[0] == '\0') {
        return error_set(error, STATUS_NOT_FOUND,
                         "no such field; a figure is {ROW.COLUMN} with the ids of `hoso report %s "
                         "--format json`",
                         fields->report->form);
    }
    return put_figure(fields, row, rest, text, error);
}

static long repeats(void *context, const char *name)
{
    const struct report_fields *fields = context;
    if (strncmp(name, "row.", 4) == 0) {
        return (long)fields->report->row_count;
    }
    if (strcmp(name, "note") == 0) {
        return (long)fields->report->note_count;
    }
    if (strcmp(name, "check") == 0) {
        return (long)fields->report->check_count;
    }
    if (strncmp(name, "sentences.", 10) == 0 &&
        find_row(fields->report, name + 10, strlen(name + 10)) != NULL) {
        size_t count;
        (void)find_sentence(fields->report, name + 10, 0, &count);
        return (long)count;
    }
    return DOCX_ONCE;
}

struct slice docx_template(const char *form)
{
    return strcmp(form, "bao-cao-thang") == 0
               ? slice_of(template_bao_cao_thang, template_bao_cao_thang_size)
               : slice_of(NULL, 0);
}

enum status docx_of_report(const struct hoso_report *report, bool english, int64_t now_ms,
                           struct slice template, struct buffer *docx, struct error *error)
{
    struct report_fields fields = {report, english, now_ms};
    const struct docx_source source = {&fields, repeats, put};
    return docx_fill(template, &source, docx, error);
}
