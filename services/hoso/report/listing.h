/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists that come in pages: asked page by page up to a limit, and printed as one.
 */
#ifndef HOSO_REPORT_LISTING_H
#define HOSO_REPORT_LISTING_H

#include "render/lists/list_pages.h"
#include "services/hoso/command.h"

/* How many lines are asked for. */
struct listing_limit {
    uint64_t most;
    bool all; /* `most` says nothing */
};
#define LISTING_NOT_GIVEN UINT64_MAX /* a file gets all: nobody sees that there would be more */
#define OPTIONS_OF_LISTING(limit)                                                                  \
    {"limit", OPTION_NUMBER, &(limit)->most, "N", "at most so many (100; with --out all)", false}, \
    {                                                                                              \
        "all", OPTION_FLAG, &(limit)->all, NULL, "all of them", false                              \
    }

/* The list is of a moment when so much is counted. */
#define OPTION_MIN_POSITION(target)                                                            \
    {                                                                                          \
        "min-position", OPTION_CUT, target, "CUT", "wait until events up to here are counted", \
            false                                                                              \
    }

/* Asks page by page, prints; the exit code. `client` is NULL: it connects itself; else it is closed
 * in the end. The query is the kind's. */
int listing_run(const struct command *command, struct hoso_client *client,
                const struct list_kind *kind, void *query, const struct listing_limit *limit);

#endif
