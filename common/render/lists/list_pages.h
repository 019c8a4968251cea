/* SPDX-License-Identifier: Apache-2.0
 *
 * A list that comes in pages: asked page by page, kept, and then one document.
 */
#ifndef HOSO_RENDER_LIST_PAGES_H
#define HOSO_RENDER_LIST_PAGES_H

#include "render/lists/lists.h"

enum {
    LIST_PAGE_LINES = 1000,
    LIST_LINES_DEFAULT = 100, /* of a page, or on a terminal */
    LIST_ATTEMPTS = 3         /* to get all pages of one cut */
};

struct list_pages {
    void **pages; /* results of libhoso */
    size_t count;
    uint64_t lines;
    struct hoso_cut cut; /* of the last page */
    const char *next;    /* where the page after the last one begins; lives in that page */
    bool complete;
    bool cuts_differ; /* events came in between: the pages do not add up */
};

/* At most `most` lines (or counts) after `after` (NULL: from the start), at most `pages` answers (0
 * = as many as it takes). Of a list whose pages add up to something it is asked again when they are
 * not of one cut. `*ret_pages` is for list_pages_fini(), whatever comes back. */
enum hoso_status list_gather(const struct list_kind *kind, struct hoso_client *client, void *query,
                             const char *after, uint64_t most, size_t pages,
                             struct list_pages *ret_pages, struct hoso_error *error);
void list_pages_fini(struct list_pages *pages);

/* Begins the document, whose texts live in the pages; returns what its rows add up to. */
int64_t list_fill(const struct list_kind *kind, const struct list_reader *reader,
                  const struct list_pages *pages, struct document *document);

/* {"cut","complete","sum","next",NAME:[…]} */
void list_print_json(const struct list_kind *kind, const struct list_pages *pages,
                     const struct document *document, int64_t sum, FILE *out);

#endif
