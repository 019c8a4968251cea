/* SPDX-License-Identifier: Apache-2.0
 *
 * libhoso: closing periods (chốt số liệu), docs/counting-rules.md §7a. Contract as in hoso_read.h.
 */
#ifndef HOSO_PERIOD_H
#define HOSO_PERIOD_H

#include "hoso_read.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { HOSO_CLOSE_ID_SIZE = 33 };

struct hoso_close_request {
    const char *unit;  /* with everything below it */
    const char *to;    /* the last day, today at the latest */
    const char *label; /* for people, ≤ 200 bytes; NULL = none */
    const char *id;    /* of 8 to 64 bytes; hoso_close_id draws one */
};

struct hoso_closed {
    struct hoso_cut cut;
    unsigned number; /* 1, 2, 3, … over all units */
    bool unchanged;  /* the close with this id was journaled before */
};

/* A new id, as text. */
HOSO_API void hoso_close_id(char ret_id[HOSO_CLOSE_ID_SIZE]);
/* From its journaling on, what is counted for days up to `to` is a restatement, for ever. Needs the
 * role admin, or the right `close` for the unit (DENIED). UNAVAILABLE = it may have been journaled:
 * asking again with the same id closes once. NOT_FOUND = no such unit. INVALID = a day to come, or
 * the id was used for another close. */
HOSO_API enum hoso_status hoso_period_close(struct hoso_client *client,
                                            const struct hoso_close_request *request,
                                            struct hoso_closed *ret_closed,
                                            struct hoso_error *error);

struct hoso_closes_query {
    const char *unit;        /* subtree; NULL = all that we may see */
    unsigned before;         /* `next` of the page before; 0 = from the latest */
    unsigned limit;          /* ≤ 1,000; 0 = 100 */
    struct hoso_cut min_cut; /* answer from one at least this far, waiting up to the timeout */
};

struct hoso_closes { /* the latest first */
    struct hoso_cut cut;
    unsigned next; /* 0 = complete */
    size_t count;
    const struct hoso_close *closes;
};

HOSO_API enum hoso_status hoso_closes_list(struct hoso_client *client,
                                           const struct hoso_closes_query *query,
                                           struct hoso_closes **ret_closes,
                                           struct hoso_error *error);

#ifdef __cplusplus
}
#endif

#endif
