/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows and cells are two arrays that grow together.
 */
#include "render/document.h"

#include <stdlib.h>

#include "base/require.h"

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

void document_number(struct document *document, int64_t number)
{
    add(document, (struct document_cell){.kind = CELL_NUMBER, .n = number});
}

void document_ratio(struct document *document, int64_t n, int64_t d, const char *text)
{
    add(document, (struct document_cell){.kind = CELL_RATIO, .n = n, .d = d, .text = text});
}

void document_add_texts(struct document *document, unsigned level, const char *const *texts,
                        size_t count)
{
    document_row(document, level);
    for (size_t i = 0; i < count; i++) {
        document_text(document, texts[i]);
    }
}
