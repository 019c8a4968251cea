/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with a catalogue, row by row, and the checks of texts and dates that rows share.
 */
#ifndef HOSO_CATALOGUE_FAULTS_INTERNAL_H
#define HOSO_CATALOGUE_FAULTS_INTERNAL_H

#include "catalogue/catalogue.h"

#define CATALOGUE_NONE UINT32_MAX

/* What is wrong with one row. `table` is the name of the list: "units", "fields" or "procedures".
 */
struct fault {
    const char *table; /* NULL: of the whole; `text` says it all */
    uint32_t row;
    uint32_t other;     /* the row it clashes with, or CATALOGUE_NONE */
    uint32_t line;      /* of a file, where no row can be named; else 0 */
    const char *column; /* "" = the row as a whole */
    char text[ERROR_TEXT_MAX - 128];
};

enum { FAULTS_MAX = 100 }; /* of either kind are kept */

/* All that was found, in the order it was found. */
struct faults {
    struct fault list[FAULTS_MAX];
    struct fault warnings[FAULTS_MAX];
    uint32_t count, warning_count; /* found, kept or not */
    enum status status;            /* OK, INVALID, or TOO_LARGE: a limit was passed */
};

/* Keeps one more; its place, so that `other` can be set. */
__attribute__((format(printf, 5, 6))) struct fault *fault_add(struct faults *faults,
                                                              const char *table, uint32_t row,
                                                              const char *column,
                                                              const char *format, ...);
__attribute__((format(printf, 5, 6))) struct fault *warning_add(struct faults *faults,
                                                                const char *table, uint32_t row,
                                                                const char *column,
                                                                const char *format, ...);
/* The catalogue as a whole passes a limit: TOO_LARGE. */
enum status fault_too_large(struct faults *faults, const char *what);
#define FAULT_MEMORY "the catalogue needs too much memory; make it smaller"
/* Two rows of `id` are valid on the same day. */
void fault_overlap(struct faults *faults, const char *table, uint32_t row, uint32_t other,
                   struct slice id);

/* A row being read: where its faults lie. */
struct place {
    struct catalogue *catalogue;
    struct faults *faults;
    const char *table;
    uint32_t row;
};

/* A text of at most `max` bytes in NFC; a name may not be empty. What is faulty comes back
 * empty. */
struct slice place_text(const struct place *place, const char *column, const char *given,
                        size_t max);
struct slice place_name(const struct place *place, const char *column, const char *given,
                        size_t max);
/* Names of at most CATALOGUE_ID_MAX bytes, each once. */
struct code_list place_codes(const struct place *place, const char *column, char **given,
                             size_t count);
/* Inclusive texts to the half-open span [from, to). */
void place_span(const struct place *place, const char *from, const char *to, int32_t *ret_from,
                int32_t *ret_to);
int span_compare(struct slice id_a, int32_t from_a, struct slice id_b, int32_t from_b);

#endif
