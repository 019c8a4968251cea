/* SPDX-License-Identifier: Apache-2.0
 *
 * libhoso: what became of events: what each source sent, the life of a dossier. Contract as in
 * hoso_read.h.
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
        int64_t refused;                       /* since intake's start; -1 = not asked for */
    } * sources;
};

HOSO_API enum hoso_status hoso_sources_list(struct hoso_client *client,
                                            const struct hoso_sources_query *query,
                                            struct hoso_sources **ret_sources,
                                            struct hoso_error *error);

/* Fills in `refused`: all of them for an administrator, its own for a source. DENIED for others. */
HOSO_API enum hoso_status hoso_sources_add_refused(struct hoso_client *client,
                                                   struct hoso_sources *sources,
                                                   struct hoso_error *error);

/* The life of the dossiers with one code, in units that we may see; none: NOT_FOUND. */
struct hoso_lives {
    struct hoso_cut cut;
    size_t count;
    const struct hoso_life {
        const char *dossier, *space; /* whose code it is */
        /* "PROCESSING", "WAITING_SUPPLEMENT", "WAITING_PAYMENT", "STOPPED", "AWAITING_RECEPTION",
         * "RESOLVED", "RETURNED", "WITHDRAWN", "REFUSED", "PETITION_OPEN", "PETITION_RESOLVED"; "":
         * nothing of it counts */
        const char *state;
        const char *unit, *unit_name; /* that has it in the end; "" = none yet */
        const char *procedure, *procedure_name, *field, *field_name;
        const char *due; /* the due day in force; "" = none */
        size_t event_count;
        const struct hoso_life_event { /* in the order in which they take effect */
            const char *event_id, *kind, *source, *unit;
            int64_t occurred_at_ms, due_at_ms; /* due: 0 = not given */
            uint64_t position;
            bool effective, voided;
            const char
                *finding; /* why it has no effect; RESULT_IMPLIED, UNIT_NOT_VALID; "" = none */
        } * events;
        size_t count_count;
        const struct hoso_life_count { /* by day; of days to come: what the calendar alone does */
            const char *day, *unit, *procedure, *field, *channel, *service_level, *petition_class;
            const char *measure; /* as in the form thong-ke */
            int64_t amount;
        } * counts;
        struct hoso_findings outside; /* CONFLICTING, OVER_LIMIT: not among the events */
    } * lives;
};

/* From a cut at least as far as `min_cut`, waiting up to the timeout; NULL = whatever there is. */
HOSO_API enum hoso_status hoso_lives_get(struct hoso_client *client, const char *dossier,
                                         const struct hoso_cut *min_cut,
                                         struct hoso_lives **ret_lives, struct hoso_error *error);

#ifdef __cplusplus
}
#endif

#endif
