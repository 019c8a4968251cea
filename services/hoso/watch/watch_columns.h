/* SPDX-License-Identifier: Apache-2.0
 *
 * The columns of hoso watch: figures out of a unit's totals. Labels as in the forms.
 */
#ifndef HOSO_WATCH_WATCH_COLUMNS_H
#define HOSO_WATCH_WATCH_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

#include "client/hoso_watch.h"

enum { WATCH_COLUMNS_MAX = 24 };

enum watch_span { SPAN_TODAY, SPAN_MONTH, SPAN_YEAR, SPAN_NOW /* a stock */ };

struct watch_column {
    const char *group[2]; /* Vietnamese, English: heading over neighbours with the same one */
    const char *label[2];
    const char *measures[2]; /* added up; the second may be NULL */
    enum watch_span span;
    unsigned rank; /* the highest gives way first where there is little room */
};

struct watch_columns {
    unsigned count;
    struct watch_column items[WATCH_COLUMNS_MAX];
};

/* Received, resolved, in process, waiting. */
void watch_columns_default(struct watch_columns *columns);
/* "received,processing_overdue": of a flow today, month and year, of a stock what is now. False =
 * there is no such measure, or there are too many; `ret_wrong` is the rest of the text from it on.
 */
bool watch_columns_parse(const char *text, struct watch_columns *ret_columns,
                         const char **ret_wrong);

int64_t watch_column_value(const struct watch_column *column, const struct hoso_unit_totals *unit);

#endif
