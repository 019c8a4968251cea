/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the catalogue, for its own sources only.
 *
 *     ids        H27         H27.45             sorted by id; each has
 *     rows       [2000, …)   [.., 2025-07-01)   its rows, sorted by from_day,
 *     children   H27.01 H27.45 …                rows below it, by (print_order, id, from_day),
 *     ancestors                                 every id it was below on some day, and those that
 *                                               hold its counts through its successors
 */
#ifndef HOSO_CATALOGUE_CATALOGUE_INTERNAL_H
#define HOSO_CATALOGUE_CATALOGUE_INTERNAL_H

#include "catalogue/catalogue.h"
#include "catalogue/faults_internal.h"
#include "hoso/v1/catalogue.pb-c.h"

enum {
    CATALOGUE_ARENA_MAX = 256 << 20, /* bytes: a full catalogue unpacked, with its indices */
    CATALOGUE_STEPS_MAX = 4000000    /* parent rows visited by the check of one catalogue */
};

struct unit_row {
    struct unit unit;
    uint32_t origin;      /* place in the packed catalogue */
    uint32_t id;          /* index into ids */
    uint32_t parent;      /* index into ids, CATALOGUE_NONE for a root */
    uint32_t *successors; /* indices into ids, as many as the unit names */
};

/* Half-open ranges of rows, children and ancestors. */
struct unit_id {
    uint32_t row_first, row_end;
    uint32_t child_first, child_end;
    uint32_t ancestor_first, ancestor_end;
};

/* What a name means from from_day to to_day: an id's own, or an alias of it. */
struct dated_name {
    struct slice name, id;
    int32_t from_day, to_day;
    uint32_t origin; /* the row in the packed catalogue */
};

/* Sorted by name and from_day. */
struct name_list {
    struct dated_name *names;
    uint32_t count;
};

struct catalogue {
    struct arena arena; /* everything below but the ancestors */
    struct slice packed;
    struct unit_row *rows;
    struct unit_id *ids;
    uint32_t *children;      /* indices into rows */
    struct buffer ancestors; /* uint32_t, indices into ids */
    int32_t *change_days;    /* on which a row begins or has ended, ascending, each once */
    uint32_t change_day_count;
    struct field *fields;         /* printing order */
    uint32_t *field_index;        /* indices into fields, sorted by id */
    struct procedure *procedures; /* printing order, the latest row of each */
    uint32_t *procedure_index;
    struct name_list unit_names, procedure_names;
    uint32_t row_count, id_count, field_count, procedure_count;
    uint32_t root_first, root_end; /* children that have no parent */
};

/* catalogue_parse with all faults. INVALID or TOO_LARGE = there are some. */
enum status catalogue_build(struct slice packed, struct catalogue **ret_catalogue,
                            struct faults *faults) MUST_USE;

void catalogue_build_fields(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                            struct faults *faults);
/* After the fields. */
void catalogue_build_procedures(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                                struct faults *faults);
/* After all of them: every id and alias means one thing on any day. */
void catalogue_build_names(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                           struct faults *faults);

/* Of a good catalogue: what table programs and reused codes leave in it. */
void catalogue_warn(const struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                    struct faults *faults);

/* Index into ids, or CATALOGUE_NONE. */
uint32_t catalogue_find(const struct catalogue *catalogue, struct slice id);
bool catalogue_row_holds(const struct catalogue *catalogue, uint32_t row, int32_t day);
/* The row of an id valid on `day`, or CATALOGUE_NONE. */
uint32_t catalogue_row_on(const struct catalogue *catalogue, uint32_t id, int32_t day);

/* With rows sorted and ids filled in: links parents and children and finds the ancestors. INVALID:
 * a parent that is missing or not valid in the whole span, a cycle, too deep. TOO_LARGE: arena. */
void catalogue_link(struct catalogue *catalogue, struct faults *faults);
/* After catalogue_link: finds the successors and adds what they bring to the ancestors. INVALID: a
 * successor that is missing, of a row that goes on, or that leads back. TOO_LARGE: arena. */
void catalogue_succession(struct catalogue *catalogue, struct faults *faults);
/* Whether `above` is among the ancestors of `below`, and the ancestor at a place of the list. */
bool catalogue_is_ancestor(const struct catalogue *catalogue, uint32_t above, uint32_t below);
uint32_t catalogue_ancestor(const struct catalogue *catalogue, uint32_t index);
/* The last row of an id that ended by `day`, or CATALOGUE_NONE. */
uint32_t catalogue_row_before(const struct catalogue *catalogue, uint32_t id, int32_t day);

#endif
