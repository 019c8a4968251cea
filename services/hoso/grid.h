/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows and columns of a result, written as a table for people, as JSON (an array of objects) or as
 * CSV. Texts are the caller's and live until the grid is printed. Running out of memory sticks and
 * is told by grid_print.
 */
#ifndef HOSO_GRID_H
#define HOSO_GRID_H

#include "services/hoso/command.h"

#include <stdio.h>

struct grid_column {
    const char *id;    /* name in JSON; NULL = not in JSON */
    const char *label; /* heading */
    const char *below; /* second heading, or NULL */
    bool right;        /* aligned */
};

struct grid_cell {
    const char *text; /* NULL: a count */
    int64_t number;
};

struct grid {
    const struct grid_column *columns;
    unsigned width; /* columns */
    struct grid_cell *cells;
    unsigned *indents; /* of the first column, one for each row */
    size_t count;      /* cells */
    size_t capacity;
    bool failed;
};

void grid_init(struct grid *grid, const struct grid_column *columns, unsigned width);
void grid_fini(struct grid *grid);

/* Cells are added row by row, from left to right. */
void grid_text(struct grid *grid, const char *text);
void grid_number(struct grid *grid, int64_t number);
/* Of the row that the next cell begins. */
void grid_indent(struct grid *grid, unsigned indent);

/* In the command's format; false after a failure to write or to remember. */
bool grid_print(const struct grid *grid, const struct command *command, FILE *out);
void grid_print_table(const struct grid *grid, bool english, FILE *out);
void grid_print_json(const struct grid *grid, FILE *out);
void grid_print_csv(const struct grid *grid, char separator, FILE *out);

#endif
