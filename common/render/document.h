/* SPDX-License-Identifier: Apache-2.0
 *
 * What is printed: columns and rows of cells, and the report they come from, if they do. A report
 * and a list become the same document, and each format is one printer of documents. Texts are the
 * caller's and live as long as the document. Running out of memory sticks, and printing reports it.
 */
#ifndef HOSO_RENDER_DOCUMENT_H
#define HOSO_RENDER_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/hoso_report.h"
#include "render/text.h"

struct document_column {
    const char *id; /* name in JSON and for --columns; NULL = has none */
    const char *label;
    const char *number; /* as on paper, "(3)=(4)+(5)", or "" */
    bool right;         /* aligned */
    /* From the outermost heading to the column's own; none: the label alone. */
    size_t caption_count;
    const char *const *captions;
};

/* A column of a list, in both languages. */
struct list_column {
    const char *id;
    const char *label[2]; /* Vietnamese, English */
    bool right;
};

enum document_cell_kind { CELL_TEXT, CELL_NUMBER, CELL_RATIO, CELL_DATE };

struct document_cell {
    enum document_cell_kind kind;
    const char *text; /* of a text; of a ratio or a date as printed, "87,44%", "—" */
    int64_t n;        /* a count, or above the line; of a date the days since 1970-01-01 */
    int64_t d;        /* below the line */
};

struct document_row {
    unsigned level;       /* 0 = not indented */
    bool strong;          /* a total, a subtotal or a heading */
    bool heading;         /* of a section */
    const char *sentence; /* a row of a form made of sentences; "" = a table's row */
    bool words_only;      /* the sentence goes on here: no row of a table */
    const char *group;    /* a line over all columns: what follows belongs to it; NULL = none */
    size_t group_count;   /* how many rows do */
    bool group_open;      /* it may have more than were listed */
};

struct document {
    bool english;
    const char *name;                 /* of a list, for its sheet; may be NULL */
    const struct hoso_report *report; /* title, period, notes, …; NULL = a list without them */
    void *list_head;                  /* of a list that has them: `report`, ours to free */
    int64_t extracted_ms;             /* when it was asked for, unix; 0 = not shown */
    struct document_column *columns;
    unsigned column_count;
    unsigned label_column; /* the one that is indented */
    struct document_row *rows;
    size_t row_count;            /* begun */
    struct document_cell *cells; /* row by row */
    size_t cell_count;
    size_t row_capacity;
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
/* `iso` "2024-02-19" or "", which is an empty text. */
void document_date(struct document *document, const char *text, const char *iso);
void document_number(struct document *document, int64_t number);
void document_ratio(struct document *document, int64_t n, int64_t d, const char *text);
/* As in another document, whose texts it shares. */
void document_cell(struct document *document, const struct document_cell *cell);
void document_add_texts(struct document *document, unsigned level, const char *const *texts,
                        size_t count);

/* A row that begins with these texts. */
#define DOCUMENT_ROW(document, level, ...)                                  \
    document_add_texts(document, level, (const char *const[]){__VA_ARGS__}, \
                       sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* Leaves out the columns for which `keep` is false. */
void document_keep(struct document *document, const bool *keep);
/* Leaves only the columns before the first figure and those named in "id,id" or by their printed
 * numbers, "7,10", each with the columns that compare it, "id.other"; NULL, or the first name that
 * no column has. */
const char *document_select(struct document *document, const char *ids);

const struct document_cell *document_cell_at(const struct document *document, size_t row,
                                             unsigned column);
/* In a report beside its closed figures: this cell is a difference that is not zero. Such cells are
 * marked. */
bool document_differs(const struct document *document, size_t row, unsigned column);
/* "Từ ngày … đến ngày …", and the period that it is compared with. */
void document_period(const struct document *document, char text[RENDER_PERIOD_SIZE]);
/* "UBND xã Cẩm Bình: 12 hồ sơ" */
void document_group(const struct document *document, size_t row, char *text, size_t size);
bool document_has_sentences(const struct document *document);
/* "đúng", "SAI" of one of the report's checks. */
const char *document_verdict(const struct document *document, size_t check);

#endif
