/* SPDX-License-Identifier: Apache-2.0
 *
 * libhoso: reports and lists from the reporting service, and the catalogue. Contract as in hoso.h.
 * A result is one allocation: one hoso_free() gives back all that it points to.
 */
#ifndef HOSO_READ_H
#define HOSO_READ_H

#include <stdbool.h>

#include "hoso_report.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hoso_units { /* printing order, parents before children */
    struct hoso_cut cut;
    size_t count;
    const struct hoso_unit {
        const char *id, *code, *name, *name_en, *tier, *parent, *valid_from, *valid_to;
        unsigned depth;
        const char *successors; /* unit ids, between blanks */
        const char *counted_in; /* of a unit without a row: the row's unit */
    } * units;
};

/* The subtree of `unit` (NULL: all that we may see) on a day (NULL: today). `_all`: after each unit
 * those that are counted in its row: merged into it, split, or outside the tree. */
HOSO_API enum hoso_status hoso_units_list(struct hoso_client *client, const char *unit,
                                          const char *at, struct hoso_units **ret_units,
                                          struct hoso_error *error);
HOSO_API enum hoso_status hoso_units_list_all(struct hoso_client *client, const char *unit,
                                              const char *at, struct hoso_units **ret_units,
                                              struct hoso_error *error);

/* A list of dossiers, or how many each unit has. By unit in the catalogue's order, then by due day,
 * those without one last, then by code. Pages of one cut are one list; what changes between two
 * pages may be on both or on none. */
struct hoso_dossiers {
    struct hoso_cut cut;
    const char *next; /* "" = complete */
    size_t count;
    const struct hoso_dossier {
        const char *dossier, *unit, *procedure, *field;
        int64_t amount;                                      /* what it adds to the cell */
        const char *unit_name, *procedure_name, *field_name; /* "" = not in the catalogue */
        const char *space;                                   /* of the dossier code */
        const char *state; /* PROCESSING, RESOLVED, … at the end of the list's day, as all below */
        const char *received;                /* "2024-01-19"; submitted, before reception */
        const char *due;                     /* "" = no due day */
        const char *ended;                   /* "" = it is open */
        int days_left;                       /* to the due day, from the list's day or the one on
                                                which it ended; below 0 = days late */
        const char *channel, *service_level; /* "ONLINE", "FULL"; "" before reception */
    } * dossiers;
    size_t unit_count;
    const struct hoso_unit_count { /* a unit that a page ended in comes again on the next: add up */
        const char *unit, *unit_name;
        uint64_t count; /* never 0 */
    } * units;
    /* For the top of its file, in the language that was asked for: */
    const char *at; /* "2024-02-19": the list's day, the last one of its period */
    const char *title, *unit, *unit_name, *from, *to;
    size_t note_count;
    const char *const *notes;
};

struct hoso_cell_query { /* a cell of a report: the row's unit, field, procedure and id */
    struct hoso_query report;
    const char *column, *field, *procedure, *row;
    bool restated; /* those behind the difference between now and the close of report.as_closed */
    const char *report_unit; /* the report's unit, for a row below it; NULL = the row's */
    bool counts;             /* no dossiers, but how many each unit has */
    const char *after;       /* `next` of the page before; NULL = the first page */
    unsigned limit;          /* ≤ 1,000; 0 = 100 */
};

/* The amounts of all pages of one cut add up to the cell. */
HOSO_API enum hoso_status hoso_dossiers_list(struct hoso_client *client,
                                             const struct hoso_cell_query *query,
                                             struct hoso_dossiers **ret_dossiers,
                                             struct hoso_error *error);

struct hoso_open_query { /* what is open at the end of a day */
    const char *unit;    /* subtree; NULL = all that we may see */
    /* "PROCESSING" (or NULL), "WAITING_SUPPLEMENT", "WAITING_PAYMENT", "STOPPED",
     * "AWAITING_RECEPTION" */
    const char *state;
    bool all;            /* whatever the due day; else only those due before the day + days: */
    unsigned days;       /* 0 = overdue, 1 = or due on the day; ≤ 366 */
    const char *at;      /* the day; NULL = today */
    const char *tree_at; /* the day whose unit tree applies; NULL = the list's */
    bool counts;         /* no dossiers, but how many each unit has */
    const char *lang;    /* of the list's title and notes; NULL = "vi" */
    const char *after;
    unsigned limit;          /* ≤ 1,000; 0 = 100 */
    struct hoso_cut min_cut; /* answer from one at least this far, waiting up to the timeout */
};

/* As many as a report counts at that day's end: `days` 1 is processing_overdue, `all` waiting_… */
HOSO_API enum hoso_status hoso_open_list(struct hoso_client *client,
                                         const struct hoso_open_query *query,
                                         struct hoso_dossiers **ret_page, struct hoso_error *error);

struct hoso_quality_query {
    /* "ORPHAN", "IGNORED", "CONFLICTING", "VOID_UNMATCHED", "OVER_LIMIT", "RESULT_IMPLIED",
     * "UNIT_NOT_VALID", in letters of any case */
    const char *kind;
    const char *unit, *after; /* of the unit's subtree */
    unsigned limit;
    struct hoso_cut min_cut; /* as in hoso_open_query */
};

struct hoso_findings {
    struct hoso_cut cut;
    const char *next;
    size_t count;
    const struct hoso_finding {
        const char *kind, *space, *dossier, *source, *event_id, *event_kind, *unit;
        int64_t occurred_at_ms;
        uint64_t position;
        uint64_t count; /* of events of this kind, dossier and unit; the others are the first's */
    } * findings;
};

HOSO_API enum hoso_status hoso_quality_list(struct hoso_client *client,
                                            const struct hoso_quality_query *query,
                                            struct hoso_findings **ret_findings,
                                            struct hoso_error *error);

/* The catalogue as a packed hoso.v1.Catalogue; putting it needs the role admin. */
struct hoso_catalogue {
    struct hoso_cut cut;
    const void *data;
    size_t size;
};

HOSO_API enum hoso_status hoso_catalogue_get(struct hoso_client *client,
                                             struct hoso_catalogue **ret_catalogue,
                                             struct hoso_error *error);
HOSO_API enum hoso_status hoso_catalogue_put(struct hoso_client *client, const void *data,
                                             size_t size, struct hoso_cut *ret_cut,
                                             struct hoso_error *error);

#ifdef __cplusplus
}
#endif

#endif
