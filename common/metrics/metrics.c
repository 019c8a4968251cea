/* SPDX-License-Identifier: Apache-2.0
 *
 * All cells are one array; each row knows where its own begin. A counter or gauge has one cell a
 * series; a histogram one for each bound, one for what is above them all, and one for the sum.
 */
#include "metrics/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"

const struct metric_buckets metric_latencies = {.count = 15,
                                                .bounds = {250, 500, 1000, 2500, 5000, 10000, 25000,
                                                           50000, 100000, 250000, 500000, 1000000,
                                                           2500000, 5000000, 10000000}};
const struct metric_buckets metric_sizes = {
    .count = 9, .bounds = {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536}};

/* Where a row's cells are. */
struct metric_row {
    const struct metric *metric;
    unsigned values[METRIC_LABELS_MAX]; /* of each label; 1 without */
    unsigned series;
    unsigned width; /* cells of one series */
    unsigned first; /* its first cell */
};

struct metrics {
    unsigned count;
    struct metric_row rows[METRICS_MAX];
    _Atomic uint64_t *cells;
};

static unsigned value_count(const struct metric_label *label)
{
    unsigned count = 0;
    while (label->name != NULL && label->values[count] != NULL) {
        count++;
    }
    return label->name != NULL ? count : 1;
}

static struct metric_row row_of(const struct metric *metric, unsigned first)
{
    struct metric_row row = {.metric = metric, .series = 1, .width = 1, .first = first};
    for (unsigned i = 0; i < METRIC_LABELS_MAX; i++) {
        row.values[i] = value_count(&metric->labels[i]);
        row.series *= row.values[i];
    }
    if (metric->type == METRIC_HISTOGRAM) {
        row.width = metric->buckets->count + 2;
    }
    require(metric->name != NULL && row.series > 0 && row.series <= METRIC_SERIES_MAX);
    return row;
}

enum status metrics_new(const struct metric *table, unsigned count, struct metrics **ret_metrics)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);
    unsigned cells = 0;
    require(count <= METRICS_MAX);
    if (metrics == NULL) {
        return STATUS_TOO_LARGE;
    }
    metrics->count = count;
    for (unsigned i = 0; i < count; i++) {
        metrics->rows[i] = row_of(&table[i], cells);
        cells += metrics->rows[i].series * metrics->rows[i].width;
    }
    metrics->cells = calloc(cells + 1U, sizeof *metrics->cells);
    if (metrics->cells == NULL) {
        free(metrics);
        return STATUS_TOO_LARGE;
    }
    *ret_metrics = metrics;
    return STATUS_OK;
}

void metrics_free(struct metrics *metrics)
{
    if (metrics != NULL) {
        free(metrics->cells);
        free(metrics);
    }
}

static _Atomic uint64_t *cell_of(const struct metrics *metrics, unsigned metric, unsigned series)
{
    const struct metric_row *row = &metrics->rows[metric];
    require(metric < metrics->count && series < row->series);
    return metrics->cells + row->first + (size_t)series * row->width;
}

void metrics_add(struct metrics *metrics, unsigned metric, unsigned series, uint64_t value)
{
    atomic_fetch_add_explicit(cell_of(metrics, metric, series), value, memory_order_relaxed);
}

void metrics_set(struct metrics *metrics, unsigned metric, unsigned series, uint64_t value)
{
    atomic_store_explicit(cell_of(metrics, metric, series), value, memory_order_relaxed);
}

uint64_t metrics_get(const struct metrics *metrics, unsigned metric, unsigned series)
{
    return atomic_load_explicit(cell_of(metrics, metric, series), memory_order_relaxed);
}

void metrics_observe(struct metrics *metrics, unsigned metric, unsigned series, uint64_t value)
{
    const struct metric_buckets *buckets = metrics->rows[metric].metric->buckets;
    _Atomic uint64_t *cells = cell_of(metrics, metric, series);
    unsigned at = 0;
    while (at < buckets->count && value > buckets->bounds[at]) {
        at++;
    }
    atomic_fetch_add_explicit(&cells[at], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&cells[buckets->count + 1], value, memory_order_relaxed);
}

unsigned metric_series(const struct metrics *metrics, unsigned metric, unsigned first,
                       unsigned second)
{
    require(metric < metrics->count);
    return first * metrics->rows[metric].values[1] + second;
}

/* The value of each label in a series; NULL after the last. */
static void label_values(const struct metric_row *row, unsigned series,
                         const char *ret_values[METRIC_LABELS_MAX])
{
    for (unsigned i = METRIC_LABELS_MAX; i-- > 0;) {
        const struct metric_label *label = &row->metric->labels[i];
        ret_values[i] = label->name != NULL ? label->values[series % row->values[i]] : NULL;
        series /= row->values[i];
    }
}

/* 1500000 with a scale of a million is 1.5. */
static void put_number(struct buffer *text, uint64_t value, uint32_t scale)
{
    uint32_t unit = scale > 1 ? scale : 1;
    uint64_t rest = value % unit;
    buffer_printf(text, "%" PRIu64, value / unit);
    if (rest != 0) {
        buffer_put(text, ".", 1);
    }
    for (; rest != 0; rest %= unit) {
        unit /= 10;
        buffer_u8(text, (uint8_t)('0' + rest / unit));
    }
}

/* name{label="value",le="bound"}; values of closed sets need no escapes. */
static void put_name(struct buffer *text, const struct metric *metric, const char *suffix,
                     const char *const *values)
{
    const char *before = "{";
    buffer_printf(text, "%s%s", metric->name, suffix);
    for (unsigned i = 0; i < METRIC_LABELS_MAX && values[i] != NULL; i++) {
        buffer_printf(text, "%s%s=\"%s\"", before, metric->labels[i].name, values[i]);
        before = ",";
    }
}

static void put_sample(struct buffer *text, const struct metric *metric, const char *suffix,
                       const char *const *values, uint64_t value)
{
    put_name(text, metric, suffix, values);
    buffer_printf(text, "%s", values[0] != NULL ? "} " : " ");
    put_number(text, value, strcmp(suffix, "_count") == 0 ? 1 : metric->scale);
    buffer_put(text, "\n", 1);
}

/* Buckets count up; the last one is the count. */
static void put_histogram(struct buffer *text, const struct metrics *metrics, unsigned row,
                          unsigned series, const char *const *values)
{
    const struct metric *metric = metrics->rows[row].metric;
    const struct metric_buckets *buckets = metric->buckets;
    const _Atomic uint64_t *cells = cell_of(metrics, row, series);
    uint64_t count = 0;
    for (unsigned i = 0; i <= buckets->count; i++) {
        count += atomic_load_explicit(&cells[i], memory_order_relaxed);
        put_name(text, metric, "_bucket", values);
        buffer_printf(text, "%sle=\"", values[0] != NULL ? "," : "{");
        if (i < buckets->count) {
            put_number(text, buckets->bounds[i], metric->scale);
        } else {
            buffer_printf(text, "+Inf");
        }
        buffer_printf(text, "\"} %" PRIu64 "\n", count);
    }
    put_sample(text, metric, "_sum", values,
               atomic_load_explicit(&cells[buckets->count + 1], memory_order_relaxed));
    put_sample(text, metric, "_count", values, count);
}

void metrics_render(const struct metrics *metrics, struct buffer *text)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    for (unsigned row = 0; row < metrics->count; row++) {
        const struct metric *metric = metrics->rows[row].metric;
        buffer_printf(text, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help,
                      metric->name, types[metric->type]);
        for (unsigned series = 0; series < metrics->rows[row].series; series++) {
            const char *values[METRIC_LABELS_MAX];
            label_values(&metrics->rows[row], series, values);
            if (metric->type == METRIC_HISTOGRAM) {
                put_histogram(text, metrics, row, series, values);
            } else {
                put_sample(text, metric, "", values, metrics_get(metrics, row, series));
            }
        }
    }
}

void metrics_each(const struct metrics *metrics, metrics_visit *visit, void *context)
{
    for (unsigned row = 0; row < metrics->count; row++) {
        const struct metric *metric = metrics->rows[row].metric;
        if (metric->type == METRIC_HISTOGRAM) {
            continue;
        }
        for (unsigned series = 0; series < metrics->rows[row].series; series++) {
            const char *values[METRIC_LABELS_MAX];
            label_values(&metrics->rows[row], series, values);
            visit(context, metric, values, metrics_get(metrics, row, series));
        }
    }
}
