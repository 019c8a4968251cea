/* SPDX-License-Identifier: Apache-2.0
 *
 * Row r of the headings has the r-th captions. A column's last caption belongs to that column
 * alone.
 */
#include "render/heading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t captions(const struct document_column *column)
{
    return column->caption_count != 0 ? column->caption_count : 1;
}

static const char *caption(const struct document_column *column, size_t row)
{
    return column->caption_count != 0 ? column->captions[row] : column->label;
}

/* Have both columns the same captions down to this row, above their own? */
static bool same_group(const struct document_column *a, const struct document_column *b, size_t row)
{
    if (captions(a) <= row + 1 || captions(b) <= row + 1) {
        return false;
    }
    for (size_t i = 0; i <= row; i++) {
        if (strcmp(caption(a, i), caption(b, i)) != 0) {
            return false;
        }
    }
    return true;
}

static void add_row(struct heading *heading, const struct document *document, unsigned row)
{
    const struct document_column *columns = document->columns;
    for (unsigned i = 0; i < document->column_count; i++) {
        struct heading_cell *cell = &heading->cells[heading->count];
        const size_t own = captions(&columns[i]);
        if (own == row + 1) {
            *cell =
                (struct heading_cell){row, i, heading->depth - row, 1, caption(&columns[i], row)};
            heading->count++;
        } else if (own > row + 1 && i > 0 && same_group(&columns[i - 1], &columns[i], row)) {
            cell[-1].columns++;
        } else if (own > row + 1) {
            *cell = (struct heading_cell){row, i, 1, 1, caption(&columns[i], row)};
            heading->count++;
        }
    }
}

bool heading_init(struct heading *heading, const struct document *document)
{
    *heading = (struct heading){.depth = 1};
    for (unsigned i = 0; i < document->column_count; i++) {
        const unsigned own = (unsigned)captions(&document->columns[i]);
        heading->depth = own > heading->depth ? own : heading->depth;
        heading->numbered = heading->numbered || document->columns[i].number[0] != '\0';
    }
    heading->cells =
        calloc((size_t)heading->depth * document->column_count + 1, sizeof *heading->cells);
    for (unsigned row = 0; heading->cells != NULL && row < heading->depth; row++) {
        add_row(heading, document, row);
    }
    return heading->cells != NULL;
}

void heading_fini(struct heading *heading)
{
    free(heading->cells);
}

void heading_path(const struct document_column *column, char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < captions(column) && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "%s%s", i != 0 ? ": " : "",
                                 caption(column, i));
    }
}
