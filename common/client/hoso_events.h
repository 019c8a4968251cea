/* SPDX-License-Identifier: Apache-2.0
 *
 * libhoso: what became of events: what each source sent. Contract as in hoso_read.h.
 */
#ifndef HOSO_EVENTS_H
#define HOSO_EVENTS_H

#include "hoso_read.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hoso_sources_query {
    const char *unit; /* subtree; NULL = all that we may see */
    const char *after;
    unsigned limit; /* ≤ 1,000; 0 = 100 */
};

/* Whose events come in, and whose do not: by name. Events by the day on which they occurred. */
struct hoso_sources {
    struct hoso_cut cut;
    const char *at;   /* today, as reporting has it */
    const char *next; /* "" = complete */
    size_t count;
    const struct hoso_source {
        const char *source;
        bool registered;     /* its key is in the registry */
        const char *units;   /* that it may send events of, between blanks; "*" = all */
        const char *expires; /* last day of its key; "" = never */
        uint64_t events, events_today, events_month;
        int64_t first_event_ms, last_event_ms; /* 0 = none yet */
        uint64_t conflicts, findings;          /* other content under one id; other findings */
        bool silent;                           /* none in the last three working days */
    } * sources;
};

HOSO_API enum hoso_status hoso_sources_list(struct hoso_client *client,
                                            const struct hoso_sources_query *query,
                                            struct hoso_sources **ret_sources,
                                            struct hoso_error *error);

#ifdef __cplusplus
}
#endif

#endif
