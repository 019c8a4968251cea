/* SPDX-License-Identifier: Apache-2.0
 *
 * The head is a report's without figures, so that every printer prints it. Grouping makes another
 * document of the same texts.
 */
#include "render/lists/list_paper.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { LIST_NOTES_MAX = 12, LIST_NOTE_SIZE = 256 };

struct list_head {
    struct hoso_report report; /* first: the document frees it by this address */
    const char *notes[LIST_NOTES_MAX];
    char cut[LIST_NOTE_SIZE];
};

static void add_note(struct list_head *head, const char *note)
{
    if (head->report.note_count < LIST_NOTES_MAX) {
        head->notes[head->report.note_count++] = note;
    }
}

/* What the reader of a file must know of it. */
static void add_warnings(struct list_head *head, const struct list_pages *pages, bool english)
{
    char lines[RENDER_NUMBER_SIZE];
    render_number((int64_t)pages->lines, english, lines);
    if (!pages->complete) {
        (void)snprintf(head->cut, sizeof head->cut,
                       english ? "There are more: these are the first %s lines. Name a smaller "
                                 "unit, or ask for all."
                               : "Danh sách còn nữa: đây là %s dòng đầu. Hãy chọn đơn vị nhỏ hơn "
                                 "hoặc lấy tất cả.",
                       lines);
        add_note(head, head->cut);
    }
    if (pages->cuts_differ) {
        add_note(head, english ? "Events came in while it was listed: its lines may not add up."
                               : "Có sự kiện đến trong lúc lập danh sách: các dòng có thể không "
                                 "khớp nhau.");
    }
}

static void set_head(const struct list_pages *pages, struct document *document)
{
    const struct hoso_dossiers *first = pages->pages[0];
    struct list_head *head = calloc(1, sizeof *head);
    if (head == NULL) {
        document->failed = true;
        return;
    }
    head->report = (struct hoso_report){.title = first->title,
                                        .unit = first->unit,
                                        .unit_name = first->unit_name,
                                        .from = first->from,
                                        .to = first->to,
                                        .cut = pages->cut,
                                        .notes = head->notes};
    for (size_t i = 0; i < first->note_count; i++) {
        add_note(head, first->notes[i]);
    }
    add_warnings(head, pages, document->english);
    document->report = &head->report;
    document->list_head = head;
    document->extracted_ms = clock_unix_ms();
}

static int column_of(const struct document *document, const char *id)
{
    for (unsigned i = 0; i < document->column_count; i++) {
        if (strcmp(document->columns[i].id, id) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static bool says_nothing(const struct document_cell *cell, const struct document_cell *first,
                         const char *id)
{
    if (strcmp(id, "space") == 0) { /* the same for all */
        return strcmp(cell->text, first->text) == 0;
    }
    if (strcmp(id, "amount") == 0) {
        return cell->n == 1;
    }
    return cell->kind == CELL_TEXT && cell->text[0] == '\0';
}

/* The unit's names are in its line, the field has its name. */
static bool is_kept(const struct document *document, unsigned column)
{
    const char *id = document->columns[column].id;
    bool kept = strcmp(id, "unit") != 0 && strcmp(id, "unitName") != 0 && strcmp(id, "field") != 0;
    bool empty = true;
    for (size_t row = 0; row < document->row_count && empty && kept; row++) {
        empty = says_nothing(document_cell_at(document, row, column),
                             document_cell_at(document, 0, column), id);
    }
    return kept && (!empty || document->row_count == 0);
}

/* A line for the unit of the rows [row, end); if the list ends there and goes on elsewhere, the
   unit may have more. */
static void add_group(struct document *paper, const struct document *list, size_t row, size_t end,
                      bool complete)
{
    const char *id = document_cell_at(list, row, (unsigned)column_of(list, "unit"))->text;
    const char *name = document_cell_at(list, row, (unsigned)column_of(list, "unitName"))->text;
    document_row(paper, 0);
    for (unsigned i = 0; i < paper->column_count; i++) {
        document_text(paper, "");
    }
    if (!paper->failed) {
        struct document_row *group = &paper->rows[paper->row_count - 1];
        group->strong = true;
        group->group = name[0] != '\0' ? name : id;
        group->group_count = end - row;
        group->group_open = !complete && end == list->row_count;
    }
}

static size_t end_of_unit(const struct document *list, size_t row)
{
    const unsigned unit = (unsigned)column_of(list, "unit");
    size_t end = row + 1;
    while (end < list->row_count && strcmp(document_cell_at(list, end, unit)->text,
                                           document_cell_at(list, row, unit)->text) == 0) {
        end++;
    }
    return end;
}

static void add_rows(struct document *paper, const struct document *list, const bool *kept,
                     bool complete)
{
    size_t end = 0;
    for (size_t row = 0; row < list->row_count; row++) {
        if (row == end) {
            end = end_of_unit(list, row);
            add_group(paper, list, row, end, complete);
        }
        document_row(paper, 0);
        document_number(paper, (int64_t)row + 1);
        for (unsigned i = 0; i < list->column_count; i++) {
            if (kept[i]) {
                document_cell(paper, document_cell_at(list, row, i));
            }
        }
    }
}

static void group(struct document *list, bool complete)
{
    bool *kept = calloc(list->column_count + 1, sizeof *kept);
    struct document paper;
    unsigned count = 1;
    if (kept == NULL || list->failed) {
        list->failed = true;
        free(kept);
        return;
    }
    for (unsigned i = 0; i < list->column_count; i++) {
        kept[i] = is_kept(list, i);
        count += kept[i];
    }
    if (document_init(&paper, count, list->english)) {
        unsigned next = 1;
        paper.columns[0] = (struct document_column){
            .id = "ordinal", .label = list->english ? "No." : "STT", .number = "", .right = true};
        for (unsigned i = 0; i < list->column_count; i++) {
            if (kept[i]) {
                paper.columns[next++] = list->columns[i];
            }
        }
        paper.label_column = 1;
        add_rows(&paper, list, kept, complete);
    }
    document_fini(list);
    *list = paper;
    free(kept);
}

/* How many there are in all. */
static void add_total(struct document *counts)
{
    int64_t sum = 0;
    for (size_t row = 0; row < counts->row_count; row++) {
        sum += document_cell_at(counts, row, 2)->n;
    }
    DOCUMENT_ROW(counts, 0, "", counts->english ? "Total" : "Tổng số");
    document_number(counts, sum);
    if (!counts->failed) {
        counts->rows[counts->row_count - 1].strong = true;
    }
}

void list_paper(const struct list_kind *kind, const struct list_reader *reader,
                const struct list_pages *pages, bool grouped, struct document *document)
{
    if (!kind->of_dossiers || reader->format == RENDER_JSON || pages->count == 0) {
        return;
    }
    if (grouped && reader->format != RENDER_CSV && !document->failed) {
        if (column_of(document, "dossier") >= 0) {
            group(document, pages->complete);
        } else {
            add_total(document);
        }
    }
    set_head(pages, document);
}
