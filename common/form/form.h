/* SPDX-License-Identifier: Apache-2.0
 *
 * A form is data over the measures (counting rules §7): what its rows are, and figures, each a sum
 * over measures or a ratio of two sums. It comes from one YAML file (hoso-form(5), form_load.h) and
 * is immutable from then on, so threads may share it. Reporting's engine does the rest: rows, sums
 * up the unit tree, identities, sentences. Texts are NFC and are never NULL but where that is said.
 */
#ifndef HOSO_FORM_FORM_H
#define HOSO_FORM_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "form/form_figure.h"

enum form_rows {
    ROWS_UNITS,      /* a row for each unit of the subtree; figures are columns, as in all but… */
    ROWS_FIELDS,     /* the same, and under each unit its fields */
    ROWS_LEVELS,     /* the same, and under each unit the service levels */
    ROWS_CLASSES,    /* the same, and under each unit the classes of petitions */
    ROWS_PROCEDURES, /* the subtree's sum, and its procedures */
    ROWS_TIERS,      /* units, each alone, under the groups of their tiers */
    ROWS_LINES       /* …here: a row for each figure; columns are scopes of units */
};

/* A column of a form made of section lines: the units of a tier of government. A department is of
 * its parent's tier. */
struct form_scope {
    const char *id;
    struct captions captions;
    struct text2 label;
    struct text2 name; /* inside a sentence: "cấp huyện" */
    uint32_t tiers;    /* bit set over enum tier; 0 = every unit */
};

/* Of ROWS_TIERS: "Sở, ban, ngành". Exactly the units whose tier is one of these. */
struct form_group {
    const char *id;
    struct text2 label;
    uint32_t tiers;
};

/* A text before the figures. */
enum form_stub_kind { STUB_ORDINAL, STUB_LABEL, STUB_CODE, STUB_FIELD, STUB_LEVEL };
struct form_stub {
    enum form_stub_kind kind;
    struct captions captions;
    const char *number;
};

/* For every row (or scope): the figures, each with its coefficient, add up to 0. */
struct form_check {
    const char *id;
    struct text2 text;
    unsigned count;
    struct form_check_term {
        uint16_t figure;
        int16_t coefficient;
    } terms[FORM_FIGURES_MAX / 8];
};

struct form {
    const char *id;
    struct text2 title;
    const char *legal_basis;
    struct text2 counted_in;
    const char *paper;
    const char *file;   /* where a site's own stands; "" = built in */
    char digest[17];    /* of the file's bytes, 16 hex digits */
    int32_t valid_from; /* INT32_MIN = always */
    int32_t valid_to;   /* exclusive; INT32_MAX = always */
    int order;          /* in the list of forms */
    enum form_rows rows;
    bool subtotals;                    /* "Riêng …" and sums of tiers */
    const struct form_figure *figures; /* columns or lines first, then the hidden ones */
    unsigned figure_count;
    unsigned shown_count;
    const struct form_scope *scopes;
    unsigned scope_count;
    const struct form_group *groups;
    unsigned group_count;
    const struct form_stub *stub;
    unsigned stub_count;
    const struct form_check *checks;
    unsigned check_count;
    const struct form_sentence *notes;
    unsigned note_count;
    uint16_t shifts[FORM_SHIFTS_MAX]; /* the different `days` of all terms; the first is 0 */
    unsigned shift_count;
    struct arena arena; /* all of the above */
};

/* NULL-safe. */
void form_free(struct form *form);

const struct form_figure *form_figure_find(const struct form *form, struct slice id); /* or NULL */
const struct form_scope *form_scope_find(const struct form *form, struct slice id);   /* or NULL */
const char *form_rows_name(enum form_rows rows); /* as the file says it: "fields" */
const char *form_stub_name(enum form_stub_kind kind);

#endif
