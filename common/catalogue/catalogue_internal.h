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
#include "hoso/v1/catalogue.pb-c.h"

#define CATALOGUE_NONE UINT32_MAX

enum {
    CATALOGUE_ARENA_MAX = 96 << 20, /* bytes: a full catalogue unpacked, with its indices */
    CATALOGUE_STEPS_MAX = 4000000   /* parent rows visited by the check of one catalogue */
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
    uint32_t row_count, id_count, field_count, procedure_count;
    uint32_t root_first, root_end; /* children that have no parent */
};

/* What is wrong with one row. `table` is the name of the list: "units", "fields" or "procedures".
 */
struct fault {
    const char *table; /* NULL: of the whole; `text` says it all */
    uint32_t row;
    uint32_t other; /* the row it clashes with, or CATALOGUE_NONE */
    const char *column;
    char text[ERROR_TEXT_MAX - 128];
};

/* catalogue_parse with the fault apart from its wording. */
enum status catalogue_build(struct slice packed, struct catalogue **ret_catalogue,
                            struct fault *ret_fault) MUST_USE;

/* Fills the fault and returns INVALID. */
__attribute__((format(printf, 5, 6))) enum status fault_set(struct fault *fault, const char *table,
                                                            uint32_t row, const char *column,
                                                            const char *format, ...);
/* The catalogue as a whole passes a limit: TOO_LARGE. */
enum status fault_too_large(struct fault *fault, const char *what);
/* Two rows of `id` are valid on the same day. */
enum status fault_overlap(struct fault *fault, const char *table, uint32_t row, uint32_t other,
                          struct slice id);

/* A row being read: where its faults lie. */
struct place {
    struct catalogue *catalogue;
    struct fault *fault;
    const char *table;
    uint32_t row;
};

/* A text of at most `max` bytes in NFC; a name may not be empty. */
enum status place_text(const struct place *place, const char *column, const char *given, size_t max,
                       struct slice *ret_text) MUST_USE;
enum status place_name(const struct place *place, const char *column, const char *given, size_t max,
                       struct slice *ret_text) MUST_USE;
/* Inclusive texts to the half-open span [from, to). */
enum status place_span(const struct place *place, const char *from, const char *to,
                       int32_t *ret_from, int32_t *ret_to) MUST_USE;
int span_compare(struct slice id_a, int32_t from_a, struct slice id_b, int32_t from_b);

enum status catalogue_build_fields(struct catalogue *catalogue, const Hoso__V1__Catalogue *message,
                                   struct fault *fault) MUST_USE;
/* After the fields. */
enum status catalogue_build_procedures(struct catalogue *catalogue,
                                       const Hoso__V1__Catalogue *message,
                                       struct fault *fault) MUST_USE;

/* Index into ids, or CATALOGUE_NONE. */
uint32_t catalogue_find(const struct catalogue *catalogue, struct slice id);
bool catalogue_row_holds(const struct catalogue *catalogue, uint32_t row, int32_t day);
/* The row of an id valid on `day`, or CATALOGUE_NONE. */
uint32_t catalogue_row_on(const struct catalogue *catalogue, uint32_t id, int32_t day);

/* With rows sorted and ids filled in: links parents and children and finds the ancestors. INVALID:
 * a parent that is missing or not valid in the whole span, a cycle, too deep. TOO_LARGE: arena. */
enum status catalogue_link(struct catalogue *catalogue, struct fault *fault) MUST_USE;
/* After catalogue_link: finds the successors and adds what they bring to the ancestors. INVALID: a
 * successor that is missing, of a row that goes on, or that leads back. TOO_LARGE: arena. */
enum status catalogue_succession(struct catalogue *catalogue, struct fault *fault) MUST_USE;
/* Whether `above` is among the ancestors of `below`, and the ancestor at a place of the list. */
bool catalogue_is_ancestor(const struct catalogue *catalogue, uint32_t above, uint32_t below);
uint32_t catalogue_ancestor(const struct catalogue *catalogue, uint32_t index);
/* The last row of an id that ended by `day`, or CATALOGUE_NONE. */
uint32_t catalogue_row_before(const struct catalogue *catalogue, uint32_t id, int32_t day);

#endif
