/* SPDX-License-Identifier: Apache-2.0
 *
 * A page of dossiers, whichever list it is of: what open.c and scan.c share, and days as text.
 */
#ifndef HOSO_AGGREGATION_PAGE_H
#define HOSO_AGGREGATION_PAGE_H

#include "services/aggregation/aggregation.h"

struct page_line {
    struct slice dossier; /* its key */
    struct slice unit, procedure, field;
    int64_t amount;
    const struct dossier_standing *standing;
    int32_t at_day; /* the list's */
};
/* TOO_LARGE = arena full. */
enum status page_begin(struct answer *answer, int32_t at_day, uint32_t limit, size_t units,
                       Hoso__V1__DossierPage **ret_page) MUST_USE;
enum status page_add_line(struct answer *answer, Hoso__V1__DossierPage *page,
                          const struct page_line *given) MUST_USE;
enum status page_add_count(struct answer *answer, Hoso__V1__DossierPage *page, struct slice unit,
                           uint64_t count) MUST_USE; /* 0: nothing */
/* INVALID, with what is wrong with the units of `request`. */
enum status page_check_units(struct answer *answer, const char *request, char *const *units,
                             size_t count) MUST_USE;
/* Where the unit with which a continuation begins stands among the units; without one, 0. INVALID:
 * nowhere. */
enum status page_find_unit(struct answer *answer, struct slice resume, char *const *units,
                           size_t count, size_t *ret_at) MUST_USE;
/* "YYYY-MM-DD"; INT32_MAX = "". NULL = arena full. */
char *day_text(struct arena *arena, int32_t day);

#endif
