/* SPDX-License-Identifier: Apache-2.0
 *
 * libhoso: reports and the forms they are printed on. Contract as in hoso.h; results as in
 * hoso_read.h, which includes this header.
 */
#ifndef HOSO_REPORT_H
#define HOSO_REPORT_H

#include "hoso.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hoso_column {
    const char *id, *label, *number; /* number as printed on paper, "(3)=(4)+(5)", or "" */
    /* From the outermost heading to the column's own; neighbours with the same text are one heading
     * on paper. At least one. */
    size_t caption_count;
    const char *const *captions;
    const char *value; /* of hoso_forms_list: the expression of the form's file; else "" */
};

struct hoso_cell {
    int64_t n;
    int64_t d;
    const char *text; /* NULL: the count n; "": no value; else n / d as printed, "87,44%" */
};

enum hoso_row_kind {
    HOSO_ROW_OTHER = 0,
    HOSO_ROW_UNIT = 1,  /* a unit with everything below it */
    HOSO_ROW_OWN = 2,   /* what a unit counts itself, where it has units below it, too */
    HOSO_ROW_GROUP = 3, /* the subtotal of a tier */
    HOSO_ROW_DETAIL =
        4,             /* one field, procedure, service level or petition class of the unit above */
    HOSO_ROW_LINE = 5, /* a section line */
    HOSO_ROW_HEADING = 6 /* a section's heading */
};

struct hoso_row {
    const char *unit, *label, *field, *procedure, *text, *id; /* "" where it has none */
    unsigned level;                                           /* 0 = total, then indentation */
    const struct hoso_cell *cells;                            /* one for each column, or NULL */
    enum hoso_row_kind kind;
    const char *const *stub; /* one for each of the report's stub */
};

struct hoso_check {
    const char *id, *text;
    int ok;
};

/* A closed period (chốt số liệu): hoso_period.h. */
struct hoso_close {
    unsigned number;              /* 1, 2, 3, … over all units */
    const char *unit, *unit_name; /* as it was called then */
    const char *to;               /* the last day */
    const char *label;            /* "" = none */
    const char *by;               /* whose key closed it */
    int64_t closed_at_ms;
    uint64_t position; /* what was journaled before it is in it */
};

struct hoso_report {
    const char *form, *title, *unit, *unit_name, *from, *to;
    struct hoso_cut cut;
    size_t column_count, row_count, check_count, note_count;
    const struct hoso_column *columns;
    const struct hoso_row *rows;
    const struct hoso_check *checks;
    const char *const *notes;
    size_t stub_count; /* the texts before the figures, as on paper: "ordinal" (STT), "label", … */
    const struct hoso_column *stub;
    const char *legal_basis; /* "Mẫu II.06a/VPCP/KSTT, …" or "" */
    const char *paper;       /* "A4 landscape", "A4 portrait" or "" */
    const char *counted_in;  /* "Số hồ sơ TTHC" or "" */
    const char *digest;      /* of the form's file, 16 hex digits */
    /* What stands beside each figure, `compare` of the query, and how it is called; "" = nothing.
     * A figure ID has the columns ID, ID.other, ID.difference and ID.percent; a ratio has no
     * ID.percent, and its difference is in points. */
    const char *compared, *compared_label, *compared_from, *compared_to;
    const struct hoso_close *closed; /* whose figures are given, or compared; NULL = none are */
};

enum { HOSO_LATEST_CLOSE = -1 };

struct hoso_query {
    const char *form, *unit, *from, *to;
    const char *tree_at;     /* the day whose unit tree applies; NULL = `to` */
    const char *lang;        /* "vi" (NULL) or "en" */
    struct hoso_cut min_cut; /* answer from one at least this far, waiting up to the timeout */
    int all_rows;            /* of fields and procedures those without any figure, too */
    const char *compare;     /* "previous", "year-ago", "closed"; NULL = nothing */
    /* 0 = as it is now; n = as the close with this number left it, HOSO_LATEST_CLOSE = the latest
     * that covers unit and period. Compared with "closed": which close, 0 = the latest. */
    int as_closed;
    /* How many levels of units have rows: 1 = the unit alone, 2 = those right below it, too; 0 =
     * all. Units without a row are counted in the rows above them. */
    unsigned depth;
};

HOSO_API enum hoso_status hoso_report_run(struct hoso_client *client,
                                          const struct hoso_query *query,
                                          struct hoso_report **ret_report,
                                          struct hoso_error *error);

struct hoso_forms {
    size_t count;
    const struct hoso_form {
        const char *form, *title;
        size_t column_count;
        const struct hoso_column *columns;
        size_t line_count; /* of a form made of section lines: its rows */
        const struct hoso_column *lines;
        size_t stub_count;
        const struct hoso_column *stub;
        const char *rows; /* what its rows are, as its file says: "fields" */
        const char *legal_basis, *paper, *counted_in, *digest;
        const char *valid_from, *valid_to; /* inclusive; "" = always */
        const char *file;                  /* of a site's own form; "" = built in */
        size_t note_count;
        const char *const *notes;
    } * forms;
};

HOSO_API enum hoso_status hoso_forms_list(struct hoso_client *client, const char *lang,
                                          struct hoso_forms **ret_forms, struct hoso_error *error);

#ifdef __cplusplus
}
#endif

#endif
