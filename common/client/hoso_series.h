/* SPDX-License-Identifier: Apache-2.0
 *
 * libhoso: figures day by day. Contract as in hoso.h and hoso_read.h.
 */
#ifndef HOSO_SERIES_H
#define HOSO_SERIES_H

#include "hoso_report.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a subtree counted on each day, at most 366 of them. */
struct hoso_series {
    struct hoso_cut cut;
    const char *unit, *unit_name;
    size_t flow_count, stock_count;
    const char *const *flows; /* names of measures, as the columns of the form thong-ke */
    const char *const *stocks;
    size_t count;
    const struct hoso_series_day {
        const char *day;       /* "2024-02-19" */
        const int64_t *flows;  /* of the day */
        const int64_t *stocks; /* at its end */
    } * days;
};

/* From and to: local days, both inclusive; `tree_at`: the day whose unit tree applies, NULL = to.
 */
HOSO_API enum hoso_status hoso_series_get(struct hoso_client *client, const char *unit,
                                          const char *from, const char *to, const char *tree_at,
                                          struct hoso_series **ret_series,
                                          struct hoso_error *error);

#ifdef __cplusplus
}
#endif

#endif
