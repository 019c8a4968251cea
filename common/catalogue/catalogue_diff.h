/* SPDX-License-Identifier: Apache-2.0
 *
 * What changes between two catalogues, for people who are about to put the second one in force.
 * Pure.
 */
#ifndef HOSO_CATALOGUE_CATALOGUE_DIFF_H
#define HOSO_CATALOGUE_CATALOGUE_DIFF_H

#include "catalogue/catalogue.h"

enum change_kind {
    CHANGE_NEW,
    CHANGE_GONE,
    CHANGE_RENAMED, /* name or code */
    CHANGE_MOVED,   /* parent, or field of a procedure */
    CHANGE_ENDED,   /* it was open-ended, and is no more */
    CHANGE_DATES,   /* any other span */
    CHANGE_SUCCESSORS,
    CHANGE_ALIASES,
    CHANGE_OTHER, /* tier, order, level, English name */
    CHANGE_KINDS
};

struct catalogue_change {
    enum change_kind kind;
    const char *table; /* "units", "fields", "procedures" */
    struct slice id;
    struct slice before, after; /* the value that changed, as text; empty where there is none */
};

typedef void catalogue_change_visit(void *context, const struct catalogue_change *change);

/* Table by table; one id may have several. A unit's rows are compared one by one.
 * `before` may be NULL: all is new. TOO_LARGE = arena, which holds the texts. */
enum status catalogue_diff(const struct catalogue *before, const struct catalogue *after,
                           struct arena *arena, catalogue_change_visit *visit,
                           void *context) MUST_USE;

#endif
