/* SPDX-License-Identifier: Apache-2.0
 *
 * A form is data over the measures (counting rules §7): a table of figures, each a sum of terms or
 * a ratio of two sums. One folder under forms/ defines one `struct form`, and one line of
 * forms/CMakeLists.txt makes it known. The engine (engine.h) does the rest: rows, sums up the unit
 * tree, identities, sentences.
 */
#ifndef HOSO_REPORTING_ENGINE_FORM_H
#define HOSO_REPORTING_ENGINE_FORM_H

#include <stdbool.h>

#include "ledger/ledger.h"

/* Slots as bit sets, for constant tables: slot = channel × 4 + level (ledger/measure.h). */
enum {
    SLOTS_ONLINE = 0x00F0,
    SLOTS_DIRECT = 0x0F00,
    SLOTS_POSTAL = 0xF000,
    SLOTS_DIRECT_POSTAL = SLOTS_DIRECT | SLOTS_POSTAL,
    SLOTS_ANY_CHANNEL = SLOTS_ONLINE | SLOTS_DIRECT_POSTAL,
    SLOTS_FULL = 0x2222,
    SLOTS_PARTIAL = 0x4444,
    SLOTS_OFFERED_ONLINE = SLOTS_FULL | SLOTS_PARTIAL,
    SLOTS_NOT_OFFERED_ONLINE = 0x8888,
    SLOTS_ADMINISTRATIVE = 0x0002, /* petitions */
    SLOTS_BUSINESS = 0x0004
};

/* One addend: coefficient × the measure in the slots, at the side named. */
struct term {
    uint8_t measure;
    uint8_t side;
    uint16_t slots;
    int16_t coefficient;
};

struct expression {
    const struct term *terms;
    unsigned count;
};

#define EXPRESSION(...)                                                      \
    {                                                                        \
        (const struct term[]){__VA_ARGS__},                                  \
            sizeof((const struct term[]){__VA_ARGS__}) / sizeof(struct term) \
    }
#define TERM(name, side, slots, coefficient)         \
    {                                                \
        MEASURE_##name, (side), (slots), coefficient \
    }
#define TERM_FLOW(name) TERM(name, SIDE_FLOW, SLOTS_ALL, 1)
#define TERM_FLOW_OF(name, slots) TERM(name, SIDE_FLOW, slots, 1)
#define TERM_LESS(name) TERM(name, SIDE_FLOW, SLOTS_ALL, -1)
#define TERM_OPEN(name) TERM(name, SIDE_OPEN, SLOTS_ALL, 1)
#define TERM_CLOSE(name) TERM(name, SIDE_CLOSE, SLOTS_ALL, 1)
#define TERM_CLOSE_OF(name, slots) TERM(name, SIDE_CLOSE, slots, 1)
/* Sums that several forms share. */
#define TERMS_CARRIED_OVER                                                                       \
    TERM_OPEN(PROCESSING_IN_TIME), TERM_OPEN(PROCESSING_OVERDUE), TERM_OPEN(WAITING_SUPPLEMENT), \
        TERM_OPEN(WAITING_PAYMENT), TERM_OPEN(STOPPED)
#define TERMS_OPEN_AT_END                                           \
    TERM_CLOSE(PROCESSING_IN_TIME), TERM_CLOSE(PROCESSING_OVERDUE), \
        TERM_CLOSE(WAITING_SUPPLEMENT), TERM_CLOSE(WAITING_PAYMENT), TERM_CLOSE(STOPPED)
#define TERMS_RESOLVED_LATE TERM_FLOW(RESOLVED_LATE_APOLOGY), TERM_FLOW(RESOLVED_LATE_NO_APOLOGY)
#define TERMS_RESOLVED TERM_FLOW(RESOLVED_EARLY), TERM_FLOW(RESOLVED_ON_TIME), TERMS_RESOLVED_LATE

struct text2 {
    const char *vi;
    const char *en;
};

enum form_rows {
    ROWS_UNITS,              /* a row for each unit of the subtree; figures are columns */
    ROWS_FIELDS_UNDER_UNITS, /* the same, and under each unit a row for each of its fields */
    ROWS_SECTION_LINES       /* a row for each figure; columns are scopes of units */
};

/* A column or a section line. Without `value` it is a heading (its label is its text), without
 * `under` a count, else a ratio. */
struct form_figure {
    const char *id;
    struct text2 label;
    const char *number; /* of a column: as printed on paper, or NULL */
    struct expression value;
    struct expression under;
    /* Section lines only. A sentence has places {figure.scope} ({figure.scope|2}: two digits at
     * least), {from}, {to} and {area}. */
    uint32_t level;
    struct text2 sentence;
    bool optional; /* printed only where some scope is not zero */
};

/* A column of a form made of section lines: the units of some tiers. */
struct form_scope {
    const char *id;
    struct text2 label;
    uint32_t tiers; /* bit set over enum tier; 0 = every unit */
};

enum { FORM_CHECK_IDS_MAX = 10 };

/* For every row (or scope): the sum of the left figures = the sum of the right ones. */
struct form_check {
    const char *id;
    struct text2 text;
    const char *left[FORM_CHECK_IDS_MAX]; /* figure ids, NULL-terminated */
    const char *right[FORM_CHECK_IDS_MAX];
};

struct form {
    const char *id;
    struct text2 title;
    enum form_rows rows;
    const struct form_figure *figures;
    unsigned figure_count;
    const struct form_scope *scopes;
    unsigned scope_count;
    const struct form_check *checks;
    unsigned check_count;
    const struct text2 *notes; /* how this form counts what others count otherwise */
    unsigned note_count;
};

/* Every form, in the order of forms/CMakeLists.txt; NULL-terminated. */
extern const struct form *const forms[];
extern const char *const form_labels[]; /* their folders' names, then one for all others; NULL */

const struct form *form_find(const char *id);                                        /* or NULL */
const struct form_figure *form_figure_find(const struct form *form, const char *id); /* or NULL */
const struct form_scope *form_scope_find(const struct form *form, const char *id);   /* or NULL */
bool form_scope_has(const struct form_scope *scope, unsigned tier);                  /* enum tier */

static inline const char *text_in(struct text2 text, bool english)
{
    return english ? text.en : text.vi;
}

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

#endif
