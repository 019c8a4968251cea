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

struct hoso_cell_query { /* a cell of a report: the row's unit, field, procedure and id */
    struct hoso_query report;
    const char *column, *field, *procedure, *row;
    bool restated; /* those behind the difference between now and the close of report.as_closed */
    const char *report_unit; /* the report's unit, for a row below it; NULL = the row's */
    const char *after;       /* `next` of the page before; NULL = the first page */
    unsigned limit;          /* ≤ 1,000; 0 = 100 */
};

struct hoso_dossiers { /* amounts of all pages of one cut add up to the cell */
    struct hoso_cut cut;
    const char *next; /* "" = complete */
    size_t count;
    const struct hoso_dossier {
        const char *dossier, *unit, *procedure, *field;
        int64_t amount;
        const char *unit_name, *procedure_name, *field_name; /* "" = not in the catalogue */
        const char *space;                                   /* of the dossier code */
    } * dossiers;
};

HOSO_API enum hoso_status hoso_dossiers_list(struct hoso_client *client,
                                             const struct hoso_cell_query *query,
                                             struct hoso_dossiers **ret_dossiers,
                                             struct hoso_error *error);

struct hoso_open_query { /* what is open today */
    const char *unit;    /* subtree; NULL = all that we may see */
    /* "PROCESSING" (or NULL), "WAITING_SUPPLEMENT", "WAITING_PAYMENT", "STOPPED",
     * "AWAITING_RECEPTION" */
    const char *state;
    bool all;            /* whatever the due day; else only those due before today + days: */
    unsigned days;       /* 0 = overdue, 1 = or due today; ≤ 366 */
    const char *tree_at; /* the day whose unit tree applies; NULL = today */
    bool counts;         /* no dossiers, but how many each unit has */
    const char *after;
    unsigned limit; /* ≤ 1,000; 0 = 100 */
};

/* By unit in the catalogue's order, then by due day. As many as a report of today counts at its end
 * at the same cut: `days` 1 is processing_overdue, `all` waiting_supplement, … */
struct hoso_open_page {
    struct hoso_cut cut;
    const char *at;   /* "2024-02-19": today, as reporting has it */
    const char *next; /* "" = complete */
    size_t count;
    const struct hoso_open_dossier {
        const char *dossier, *unit, *unit_name, *procedure, *procedure_name, *field, *field_name;
        const char *state;                   /* as in the query */
        const char *received;                /* "2024-01-19"; submitted, before reception */
        const char *due;                     /* "" = no due day */
        int days_left;                       /* to the due day; below 0 = days overdue */
        const char *channel, *service_level; /* "ONLINE", "FULL"; "" before reception */
        const char *space;                   /* of the dossier code */
    } * dossiers;
    size_t unit_count;
    const struct hoso_open_count { /* a unit that a page ended in comes again on the next: add up */
        const char *unit, *unit_name;
        uint64_t count; /* never 0 */
    } * units;
};

HOSO_API enum hoso_status hoso_open_list(struct hoso_client *client,
                                         const struct hoso_open_query *query,
                                         struct hoso_open_page **ret_page,
                                         struct hoso_error *error);

struct hoso_quality_query {
    /* "ORPHAN", "IGNORED", "CONFLICTING", "VOID_UNMATCHED", "OVER_LIMIT", "RESULT_IMPLIED",
     * "UNIT_NOT_VALID" */
    const char *kind;
    const char *unit; /* subtree */
    const char *after;
    unsigned limit;
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
