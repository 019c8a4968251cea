/* SPDX-License-Identifier: Apache-2.0
 *
 * What is printed: columns and rows of cells, and for a report its title, unit, period, checks,
 * notes and cut. A report and a list become the same document, and each format is one printer of
 * documents. Texts are the caller's and live as long as the document. Running out of memory sticks,
 * and printing reports it.
 */
#ifndef HOSO_RENDER_DOCUMENT_H
#define HOSO_RENDER_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/hoso_read.h"

struct document_column {
    const char *id; /* name in JSON; NULL = not in JSON */
    const char *label;
    const char *number; /* as on paper, "(3)=(4)+(5)", or "" */
    bool right;         /* aligned */
    bool code;          /* names the row for programs: not shown to people */
};

/* A column of a list, in both languages. */
struct list_column {
    const char *id;
    const char *label[2]; /* Vietnamese, English */
    bool right;
};

enum document_cell_kind { CELL_TEXT, CELL_NUMBER, CELL_RATIO };

struct document_cell {
    enum document_cell_kind kind;
    const char *text; /* of a text; of a ratio as printed, "87,44%", "—" */
    int64_t n;        /* a count, or above the line */
    int64_t d;        /* below the line */
};

struct document_row {
    unsigned level;       /* 0 = not indented */
    const char *sentence; /* a row of a form made of sentences; "" = a table's row */
    bool heading;         /* of a section */
};

struct document {
    bool english;
    const char *title; /* NULL: a list, which is a table and nothing else */
    const char *unit_name;
    const char *from, *to; /* "2024-01-19" */
    struct hoso_cut cut;
    struct document_column *columns;
    unsigned column_count;
    struct document_row *rows;
    size_t row_count;            /* begun */
    struct document_cell *cells; /* row by row */
    size_t cell_count;
    size_t row_capacity;
    const struct hoso_check *checks;
    size_t check_count;
    const char *const *notes;
    size_t note_count;
    bool failed; /* out of memory */
};

/* With room for so many columns, which the caller fills in; false = out of memory. */
bool document_init(struct document *document, unsigned columns, bool english);
void document_init_list(struct document *document, const struct list_column *columns,
                        unsigned count, bool english);
void document_fini(struct document *document); /* once more is harmless */

/* Begins a row; its cells follow from left to right. */
void document_row(struct document *document, unsigned level);
void document_text(struct document *document, const char *text); /* NULL is "" */
void document_number(struct document *document, int64_t number);
void document_add_texts(struct document *document, unsigned level, const char *const *texts,
                        size_t count);
void document_ratio(struct document *document, int64_t n, int64_t d, const char *text);

/* A row that begins with these texts. */
#define DOCUMENT_ROW(document, level, ...)                                  \
    document_add_texts(document, level, (const char *const[]){__VA_ARGS__}, \
                       sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

#endif
