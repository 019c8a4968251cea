/* SPDX-License-Identifier: Apache-2.0
 *
 * The headings of a document as on paper: neighbours under one caption share its cell, and a column
 * with fewer captions than others has its own down to the last row.
 *
 *     | Đơn vị | Số hồ sơ nhận giải quyết         | Quá hạn |     depth 3
 *     |        | Tổng số | Trong kỳ               |         |
 *     |        |         | Trực tuyến | Trực tiếp |         |
 */
#ifndef HOSO_RENDER_HEADING_H
#define HOSO_RENDER_HEADING_H

#include "render/document.h"

struct heading_cell {
    unsigned row, column;   /* of its upper left corner */
    unsigned rows, columns; /* that it covers */
    const char *text;
};

struct heading {
    unsigned depth; /* rows, without the one of the columns' numbers */
    size_t count;
    struct heading_cell *cells; /* row by row, from left to right */
    bool numbered;              /* a column has a number */
};

/* False = out of memory. */
bool heading_init(struct heading *heading, const struct document *document);
void heading_fini(struct heading *heading);

/* The column's captions with ": " between them: its whole name where there is one line for it. */
void heading_path(const struct document_column *column, char *text, size_t size);

#endif
