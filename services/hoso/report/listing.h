/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists that come in pages: asked page by page up to a limit, kept, and printed as one.
 */
#ifndef HOSO_REPORT_LISTING_H
#define HOSO_REPORT_LISTING_H

#include "render/lists.h"
#include "services/hoso/command.h"

/* How many lines are asked for. */
struct listing_limit {
    uint64_t most;
    bool all; /* `most` says nothing */
};
enum { LISTING_LIMIT = 100 };        /* without --limit, on a terminal or in a pipe */
#define LISTING_NOT_GIVEN UINT64_MAX /* a file gets all: nobody sees that there would be more */
#define OPTIONS_OF_LISTING(limit)                                                                  \
    {"limit", OPTION_NUMBER, &(limit)->most, "N", "at most so many (100; with --out all)", false}, \
    {                                                                                              \
        "all", OPTION_FLAG, &(limit)->all, NULL, "all of them", false                              \
    }

struct listing {
    struct document document; /* its texts live in the pages */
    int64_t sum;
    uint64_t lines;
    struct hoso_cut cut; /* of the last page */
    bool complete;
    bool cuts_differ; /* of the pages */
    void **pages;
    size_t page_count;
};

/* One page as it was answered: a result for hoso_free(), and what its members say. */
struct listing_page {
    void *result;
    struct hoso_cut cut;
    const char *next; /* "" = complete */
    size_t count;
};

struct listing_source {
    const struct list_kind *kind;
    unsigned attempts; /* to get all pages of one cut */
    /* Asks for the page after `after` (NULL: the first). */
    enum hoso_status (*ask)(void *query, struct hoso_client *client, const char *after,
                            unsigned limit, struct listing_page *ret_page,
                            struct hoso_error *error);
};

/* Connects, asks, prints; the exit code. */
int listing_run(const struct command *command, const struct listing_source *source, void *query,
                const struct listing_limit *limit);

#endif
