/* SPDX-License-Identifier: Apache-2.0
 *
 * The lists that are answered page by page, as documents: their columns, and a page's rows. One
 * kind for each list, whoever prints it.
 */
#ifndef HOSO_RENDER_LISTS_H
#define HOSO_RENDER_LISTS_H

#include "client/hoso_events.h"
#include "client/hoso_period.h"
#include "render/words.h"

/* One page as it was answered: a result for hoso_free(), and what its members say. */
struct list_page {
    void *result;
    struct hoso_cut cut;
    const char *next; /* "" = complete */
    size_t count;     /* of lines */
};

struct list_kind {
    const char *name; /* in JSON: "dossiers" */
    const struct list_column *columns;
    unsigned column_count;
    bool has_sum;
    bool of_one_cut;  /* its pages add up to something */
    bool of_dossiers; /* its pages are struct hoso_dossiers, which have a title and notes */
    /* Of a result of libhoso, which outlives the document; returns what its rows add to the sum. */
    int64_t (*add_rows)(struct document *document, const struct list_reader *reader, void *page);
    /* Asks libhoso for the page after `after` (NULL: the first); NULL = the list has no pages. */
    enum hoso_status (*ask)(struct hoso_client *client, void *query, const char *after,
                            unsigned limit, struct list_page *ret_page, struct hoso_error *error);
};

/* The query of each is libhoso's; its `after` and `limit` are set by asking. */
extern const struct list_kind list_of_dossiers;    /* struct hoso_dossiers */
extern const struct list_kind list_of_open;        /* the same, of hoso_open_list() */
extern const struct list_kind list_of_open_counts; /* … with `counts` */
extern const struct list_kind list_of_findings;    /* struct hoso_findings */
extern const struct list_kind list_of_sources;     /* struct hoso_sources */
extern const struct list_kind list_of_closes;      /* struct hoso_closes */
extern const struct list_kind list_of_units;       /* struct hoso_units */
extern const struct list_kind list_of_all_units;   /* … with those without a row */
extern const struct list_kind list_of_forms;       /* struct hoso_forms */

void list_begin(struct document *document, const struct list_kind *kind,
                const struct list_reader *reader);

/* An id as the table shows it: what cannot be seen is escaped, by base/text.h. For programs (JSON,
 * CSV, XLSX) it is as it is. A copy lives in the page's memory. */
const char *list_id(const struct list_reader *reader, void *page, const char *id);

#endif
