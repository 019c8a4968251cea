/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows and cells are two arrays that grow together.
 */
#include "render/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "base/require.h"
#include "base/slice.h"

enum { FIRST_ROWS = 16 };

bool document_init(struct document *document, unsigned columns, bool english)
{
    *document = (struct document){.english = english, .column_count = columns};
    document->columns = calloc(columns + 1, sizeof *document->columns);
    document->failed = document->columns == NULL;
    return !document->failed;
}

void document_init_list(struct document *document, const struct list_column *columns,
                        unsigned count, bool english)
{
    if (!document_init(document, count, english)) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        document->columns[i] = (struct document_column){.id = columns[i].id,
                                                        .label = columns[i].label[english],
                                                        .number = "",
                                                        .right = columns[i].right};
    }
}

void document_fini(struct document *document)
{
    free(document->columns);
    free(document->rows);
    free(document->cells);
    free(document->list_head);
    *document = (struct document){.failed = true};
}

static bool grow(struct document *document)
{
    const size_t capacity = document->row_capacity * 2 + FIRST_ROWS;
    struct document_row *rows = reallocarray(document->rows, capacity, sizeof *rows);
    document->rows = rows != NULL ? rows : document->rows;
    struct document_cell *cells =
        reallocarray(document->cells, capacity * document->column_count, sizeof *cells);
    document->cells = cells != NULL ? cells : document->cells;
    if (rows == NULL || cells == NULL) {
        document->failed = true;
        return false;
    }
    document->row_capacity = capacity;
    return true;
}

void document_row(struct document *document, unsigned level)
{
    if (document->failed || (document->row_count == document->row_capacity && !grow(document))) {
        return;
    }
    require(document->cell_count == document->row_count * document->column_count);
    document->rows[document->row_count++] = (struct document_row){.level = level, .sentence = ""};
}

static void add(struct document *document, struct document_cell cell)
{
    if (!document->failed) {
        require(document->cell_count < document->row_count * document->column_count);
        document->cells[document->cell_count++] = cell;
    }
}

void document_text(struct document *document, const char *text)
{
    add(document, (struct document_cell){.kind = CELL_TEXT, .text = text != NULL ? text : ""});
}

void document_date(struct document *document, const char *text, const char *iso)
{
    int32_t day;
    if (localday_parse(slice_text(iso), &day)) {
        add(document, (struct document_cell){.kind = CELL_DATE, .text = text, .n = day});
    } else {
        document_text(document, text);
    }
}

void document_number(struct document *document, int64_t number)
{
    add(document, (struct document_cell){.kind = CELL_NUMBER, .n = number});
}

void document_ratio(struct document *document, int64_t n, int64_t d, const char *text)
{
    add(document, (struct document_cell){.kind = CELL_RATIO, .n = n, .d = d, .text = text});
}

void document_cell(struct document *document, const struct document_cell *cell)
{
    add(document, *cell);
}

void document_add_texts(struct document *document, unsigned level, const char *const *texts,
                        size_t count)
{
    document_row(document, level);
    for (size_t i = 0; i < count; i++) {
        document_text(document, texts[i]);
    }
}

void document_keep(struct document *document, const bool *keep)
{
    unsigned kept = 0;
    size_t cells = 0;
    const struct document_cell *cell = document->cells;
    for (size_t row = 0; row < document->row_count; row++) {
        for (unsigned i = 0; i < document->column_count; i++, cell++) {
            if (keep[i]) {
                document->cells[cells++] = *cell;
            }
        }
    }
    for (unsigned i = 0; i < document->column_count; i++) {
        if (i == document->label_column) {
            document->label_column = kept;
        }
        if (keep[i]) {
            document->columns[kept++] = document->columns[i];
        }
    }
    document->column_count = kept;
    document->cell_count = cells;
}

/* Is it the column ID, or one of those that compare it, ID.other? */
static bool is_named(const struct document_column *column, struct slice name)
{
    const size_t size = name.size;
    return column->id != NULL && strncmp(column->id, (const char *)name.data, size) == 0 &&
           (column->id[size] == '\0' || column->id[size] == '.');
}

/* The id of the column with this printed number, 7 or (7) of "(7)=(8)+(9)+(10)"; else the name. */
static struct slice id_of(const struct document *document, struct slice name)
{
    const bool bare = name.size != 0 && name.data[0] != '(';
    char wanted[16];
    const int size = snprintf(wanted, sizeof wanted, bare ? "(%.*s)" : "%.*s", SLICE_ARG(name));
    const bool number = name.size != 0 && size < (int)sizeof wanted && wanted[size - 1] == ')';
    for (unsigned i = 0; number && i < document->column_count; i++) {
        const struct document_column *column = &document->columns[i];
        if (column->id != NULL && column->number != NULL &&
            strncmp(column->number, wanted, (size_t)size) == 0) {
            return slice_of(column->id, strcspn(column->id, "."));
        }
    }
    return name;
}

/* False: no column has this name. */
static bool keep_named(const struct document *document, struct slice name, bool *keep)
{
    bool found = false;
    for (unsigned i = 0; i < document->column_count; i++) {
        if (is_named(&document->columns[i], name)) {
            keep[i] = true;
            found = true;
        }
    }
    return found;
}

const char *document_select(struct document *document, const char *ids)
{
    bool *keep = calloc(document->column_count + 1, sizeof *keep);
    if (keep == NULL) {
        document->failed = true;
        return NULL;
    }
    for (unsigned i = 0; i < document->column_count && !document->columns[i].right; i++) {
        keep[i] = document->report != NULL && document->list_head == NULL;
    }
    while (*ids != '\0' &&
           keep_named(document, id_of(document, slice_of(ids, strcspn(ids, ","))), keep)) {
        ids += strcspn(ids, ",");
        ids += *ids == ',';
    }
    if (*ids == '\0') {
        document_keep(document, keep);
    }
    free(keep);
    return *ids == '\0' ? NULL : ids;
}

const struct document_cell *document_cell_at(const struct document *document, size_t row,
                                             unsigned column)
{
    return &document->cells[row * document->column_count + column];
}

bool document_differs(const struct document *document, size_t row, unsigned column)
{
    static const char ending[] = ".difference";
    const struct hoso_report *report = document->report;
    const char *id = document->columns[column].id;
    const size_t size = id != NULL ? strlen(id) : 0;
    return report != NULL && report->compared != NULL && strcmp(report->compared, "closed") == 0 &&
           size >= sizeof ending && strcmp(id + size - (sizeof ending - 1), ending) == 0 &&
           document_cell_at(document, row, column)->n != 0;
}

void document_period(const struct document *document, char text[RENDER_PERIOD_SIZE])
{
    const struct hoso_report *report = document->report;
    char other[RENDER_PERIOD_SIZE];
    if (document->list_head != NULL && strcmp(report->from, report->to) == 0) {
        render_date(report->to, document->english, other);
        (void)snprintf(text, RENDER_PERIOD_SIZE,
                       document->english ? "At the end of %s" : "Tính đến hết ngày %s", other);
        return;
    }
    render_period(report->from, report->to, document->english, text);
    if (report->compared != NULL && report->compared[0] != '\0') {
        const size_t size = strlen(text);
        render_period(report->compared_from, report->compared_to, document->english, other);
        (void)snprintf(text + size, RENDER_PERIOD_SIZE - size,
                       document->english ? "; compared with %s: %s" : "; so sánh với %s: %s",
                       report->compared_label, other);
    }
}

void document_group(const struct document *document, size_t row, char *text, size_t size)
{
    const struct document_row *group = &document->rows[row];
    char count[RENDER_NUMBER_SIZE];
    render_number((int64_t)group->group_count, document->english, count);
    const char *at_least = document->english ? "at least " : "ít nhất ";
    (void)snprintf(text, size, document->english ? "%s: %s%s dossiers" : "%s: %s%s hồ sơ",
                   group->group, group->group_open ? at_least : "", count);
}

bool document_has_sentences(const struct document *document)
{
    for (size_t i = 0; i < document->row_count; i++) {
        if (document->rows[i].sentence[0] != '\0') {
            return true;
        }
    }
    return false;
}

const char *document_verdict(const struct document *document, size_t check)
{
    static const char *const verdicts[2][2] = {{"SAI", "WRONG"}, {"đúng", "ok"}};
    return verdicts[document->report->checks[check].ok != 0][document->english];
}
