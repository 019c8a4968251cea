/* SPDX-License-Identifier: Apache-2.0
 *
 * What is counted is what is shown, byte by byte.
 */
#include "metrics/metrics.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { EVENTS, LEVEL, TIME, BY_TWO, START, ROWS };
enum { THREADS = 4, ROUNDS = 10000 };

static const char *const results[] = {"ack", "full", NULL};
static const char *const forms[] = {"a", "b", "other", NULL};
static const struct metric_buckets buckets = {.count = 2, .bounds = {250, 1000000}};

static const struct metric table[ROWS] = {
    [EVENTS] =
        {"x_events_total", "Events.", METRIC_COUNTER, {METRIC_LABEL("result", results)}, NULL, 0},
    [LEVEL] = {"x_level", "Level.", METRIC_GAUGE, {{0}}, NULL, 0},
    [TIME] = {"x_seconds", "Time.", METRIC_HISTOGRAM, {{0}}, &buckets, METRIC_MICROSECONDS},
    [BY_TWO] = {"x_reports_total",
                "Reports.",
                METRIC_COUNTER,
                {METRIC_LABEL("form", forms), METRIC_LABEL("result", results)},
                NULL,
                0},
    [START] = {"x_start_seconds", "Start.", METRIC_GAUGE, {{0}}, NULL, METRIC_MILLISECONDS},
};

static struct metrics *new_metrics(void)
{
    struct metrics *metrics = NULL;
    assert_int_equal(metrics_new(table, ROWS, &metrics), STATUS_OK);
    return metrics;
}

static void expect_text(const struct metrics *metrics, const char *expected)
{
    struct buffer text;
    buffer_init(&text, METRICS_TEXT_MAX);
    metrics_render(metrics, &text);
    assert_int_equal(buffer_status(&text), STATUS_OK);
    buffer_u8(&text, 0);
    assert_string_equal((const char *)text.data, expected);
    buffer_fini(&text);
}

static void test_rendered(void **state)
{
    (void)state;
    struct metrics *metrics = new_metrics();
    metrics_add(metrics, EVENTS, 0, 4096);
    metrics_add(metrics, EVENTS, 1, 1);
    metrics_add(metrics, EVENTS, 1, 1);
    metrics_set(metrics, LEVEL, 0, 7);
    metrics_set(metrics, LEVEL, 0, UINT64_MAX);
    metrics_observe(metrics, TIME, 0, 250); /* bounds are inclusive */
    metrics_observe(metrics, TIME, 0, 251);
    metrics_observe(metrics, TIME, 0, 1000001);
    metrics_add(metrics, BY_TWO, metric_series(metrics, BY_TWO, 1, 0), 3);
    metrics_add(metrics, BY_TWO, metric_series(metrics, BY_TWO, 2, 1), 5);
    metrics_set(metrics, START, 0, 1700000000120);
    expect_text(metrics, "# HELP x_events_total Events.\n"
                         "# TYPE x_events_total counter\n"
                         "x_events_total{result=\"ack\"} 4096\n"
                         "x_events_total{result=\"full\"} 2\n"
                         "# HELP x_level Level.\n"
                         "# TYPE x_level gauge\n"
                         "x_level 18446744073709551615\n"
                         "# HELP x_seconds Time.\n"
                         "# TYPE x_seconds histogram\n"
                         "x_seconds_bucket{le=\"0.00025\"} 1\n"
                         "x_seconds_bucket{le=\"1\"} 2\n"
                         "x_seconds_bucket{le=\"+Inf\"} 3\n"
                         "x_seconds_sum 1.000502\n"
                         "x_seconds_count 3\n"
                         "# HELP x_reports_total Reports.\n"
                         "# TYPE x_reports_total counter\n"
                         "x_reports_total{form=\"a\",result=\"ack\"} 0\n"
                         "x_reports_total{form=\"a\",result=\"full\"} 0\n"
                         "x_reports_total{form=\"b\",result=\"ack\"} 3\n"
                         "x_reports_total{form=\"b\",result=\"full\"} 0\n"
                         "x_reports_total{form=\"other\",result=\"ack\"} 0\n"
                         "x_reports_total{form=\"other\",result=\"full\"} 5\n"
                         "# HELP x_start_seconds Start.\n"
                         "# TYPE x_start_seconds gauge\n"
                         "x_start_seconds 1700000000.12\n");
    metrics_free(metrics);
}

struct seen {
    unsigned count;
    uint64_t sum;
};

static void see(void *context, const struct metric *metric, const char *const *values,
                uint64_t value)
{
    struct seen *seen = context;
    const bool two = metric == &table[BY_TWO];
    assert_true(metric->type != METRIC_HISTOGRAM);
    assert_true((values[0] != NULL) == (two || metric == &table[EVENTS]));
    assert_true((values[1] != NULL) == two);
    seen->count++;
    seen->sum += value;
}

static void test_each(void **state)
{
    (void)state;
    struct metrics *metrics = new_metrics();
    struct seen seen = {0};
    metrics_add(metrics, EVENTS, 1, 2);
    metrics_add(metrics, BY_TWO, 5, 40);
    metrics_observe(metrics, TIME, 0, 1);
    metrics_each(metrics, see, &seen);
    assert_int_equal(seen.count, 2 + 1 + 6 + 1);
    assert_int_equal(seen.sum, 42);
    assert_int_equal(metrics_get(metrics, BY_TWO, 5), 40);
    metrics_free(metrics);
}

static void *count(void *argument)
{
    struct metrics *metrics = argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        metrics_add(metrics, EVENTS, 0, 3);
        metrics_observe(metrics, TIME, 0, i % 2 == 0 ? 1 : 2000000);
    }
    return NULL;
}

/* Nothing is lost between threads. */
static void test_threads(void **state)
{
    (void)state;
    struct metrics *metrics = new_metrics();
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count, metrics), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(metrics_get(metrics, EVENTS, 0), 3 * THREADS * ROUNDS);
    struct buffer text;
    buffer_init(&text, METRICS_TEXT_MAX);
    metrics_render(metrics, &text);
    buffer_u8(&text, 0);
    assert_non_null(strstr((const char *)text.data, "x_seconds_bucket{le=\"1\"} 20000\n"));
    assert_non_null(strstr((const char *)text.data, "x_seconds_count 40000\n"));
    buffer_fini(&text);
    metrics_free(metrics);
}

static void test_standard_buckets_ascend(void **state)
{
    (void)state;
    const struct metric_buckets *const all[] = {&metric_latencies, &metric_sizes};
    for (unsigned i = 0; i < 2; i++) {
        assert_in_range(all[i]->count, 1, METRIC_BOUNDS_MAX);
        for (unsigned k = 1; k < all[i]->count; k++) {
            assert_true(all[i]->bounds[k] > all[i]->bounds[k - 1]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rendered),
        cmocka_unit_test(test_each),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_standard_buckets_ascend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
