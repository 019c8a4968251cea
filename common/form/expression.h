/* SPDX-License-Identifier: Apache-2.0
 *
 * The values of a form's figures, as its file writes them:
 *
 *     value   = sum, or a ratio:  part / part        part  = item or ( sum )
 *     sum     = [-] item { + item | - item }         item  = [NUMBER *] what
 *     what    = FLOW [slots]                         counted in the period
 *             | open ( STOCK [slots] )               as the period begins
 *             | close ( STOCK [slots] [, +DAYS] )    as it ends, or so many days later
 *             | the id of another figure, which stands for its value
 *     slots   = [ online|postal, full ]              one of the names in each part
 *
 * A measure's name is that of `thong-ke`; some names stand for the sum of several (resolved,
 * resolved_late, processing, unresolved, petition_resolved, petition_open). Pure.
 */
#ifndef HOSO_FORM_EXPRESSION_H
#define HOSO_FORM_EXPRESSION_H

#include "form/form.h"

/* The value of the figure `id` as written, or NULL: there is none. */
typedef const char *expression_source(void *context, struct slice id);

struct expression_fault {
    char text[256]; /* what is wrong and what to do */
};

struct parsed_value {
    struct term value[FORM_TERMS_MAX];
    struct term under[FORM_TERMS_MAX];
    unsigned value_count;
    unsigned under_count; /* 0 = a count */
};

/* INVALID fills the fault. `self` is the figure's own id, which cannot stand for a figure here. */
enum status expression_parse(const char *text, const char *self, expression_source *source,
                             void *context, struct parsed_value *ret_value,
                             struct expression_fault *fault) MUST_USE;

/* The sums of figures on both sides of one =, for a check: {id, coefficient}, those of the right
 * side negated. `find` gives a figure's index, or a negative number. */
typedef int expression_figure(void *context, struct slice id);
enum status expression_parse_check(const char *text, expression_figure *find, void *context,
                                   struct form_check *check,
                                   struct expression_fault *fault) MUST_USE;

/* True if `name` is a measure or a name for several. */
bool expression_is_measure(struct slice name);

#endif
