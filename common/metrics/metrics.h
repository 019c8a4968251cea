/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbers that a service reports about itself: counters, gauges and histograms. One table of
 * rows per service; Status and /metrics are two views of the same cells. A row may have up to two
 * labels, each with a closed set of values, so the number of series is known from the start: never
 * a unit, a source or anything else from outside.
 *
 * Cells are 64-bit atomics, made once: adding takes no lock and no memory. Any thread.
 */
#ifndef HOSO_METRICS_METRICS_H
#define HOSO_METRICS_METRICS_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/status.h"

enum {
    METRICS_MAX = 64,            /* rows of one table */
    METRIC_LABELS_MAX = 2,       /* of one row */
    METRIC_SERIES_MAX = 128,     /* of one row */
    METRIC_BOUNDS_MAX = 16,      /* buckets of a histogram, besides the last one */
    METRICS_TEXT_MAX = 512 << 10 /* rendered */
};

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_label {
    const char *name;          /* NULL = none */
    const char *const *values; /* by index, NULL after the last */
};

struct metric_buckets {
    unsigned count;
    uint64_t bounds[METRIC_BOUNDS_MAX]; /* inclusive, in the row's own unit, ascending */
};

/* Cells hold whole numbers; what is shown is cell / scale: 1000000 for microseconds shown as
 * seconds; 0 = 1. */
struct metric {
    const char *name; /* with its prefix and unit, as Prometheus wants it: hoso_…_seconds */
    const char *help; /* one sentence without backslash or line break */
    enum metric_type type;
    struct metric_label labels[METRIC_LABELS_MAX];
    const struct metric_buckets *buckets; /* histograms */
    uint32_t scale;
};

/* clang-format off */
#define METRIC_LABEL(text, list) {.name = (text), .values = (list)}
#define METRIC_BY(text, list) {METRIC_LABEL(text, list)} /* one label */
#define METRIC_PLAIN {{0}}                               /* none */
/* clang-format on */

enum { METRIC_MICROSECONDS = 1000000, METRIC_MILLISECONDS = 1000 };
extern const struct metric_buckets metric_latencies; /* microseconds: 250 µs to 10 s */
extern const struct metric_buckets metric_sizes;     /* 1 to 65,536 */

struct metrics;

/* `table` outlives the metrics. */
enum status metrics_new(const struct metric *table, unsigned count,
                        struct metrics **ret_metrics) MUST_USE;
void metrics_free(struct metrics *metrics); /* NULL-safe */

/* `series` is the index of the label's value, 0 without labels; of two labels metric_series(). */
void metrics_add(struct metrics *metrics, unsigned metric, unsigned series, uint64_t value);
void metrics_set(struct metrics *metrics, unsigned metric, unsigned series, uint64_t value);
uint64_t metrics_get(const struct metrics *metrics, unsigned metric, unsigned series);
void metrics_observe(struct metrics *metrics, unsigned metric, unsigned series, uint64_t value);
unsigned metric_series(const struct metrics *metrics, unsigned metric, unsigned first,
                       unsigned second);

/* Appends all of it in Prometheus' text format 0.0.4. */
void metrics_render(const struct metrics *metrics, struct buffer *text);

/* Visits each series of each counter and gauge, in order. `values` has the value of each label. */
typedef void metrics_visit(void *context, const struct metric *metric, const char *const *values,
                           uint64_t value);
void metrics_each(const struct metrics *metrics, metrics_visit *visit, void *context);

#endif
