/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever the protocol can answer has a label: each value of the enum, by its name.
 */
#include "services/intake/metrics.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Labels stand at value − 1; the zero value is never answered. */
static void expect_labels(const struct metric *metric, const ProtobufCEnumDescriptor *values,
                          const char *prefix)
{
    const char *const *labels = metric->labels[0].values;
    for (unsigned i = 0; i < values->n_values; i++) {
        const int value = values->values[i].value;
        char name[64];
        size_t size = 0;
        for (const char *at = values->values[i].name + strlen(prefix); *at != '\0'; at++) {
            name[size++] = (char)tolower(*at);
        }
        name[size] = '\0';
        if (value != 0) {
            assert_string_equal(labels[value - 1], name);
        }
    }
    assert_null(labels[values->n_values - 1]);
}

static void test_every_answer_has_its_label(void **state)
{
    (void)state;
    expect_labels(&intake_metrics[INTAKE_EVENTS], &hoso__v1__append_result__descriptor,
                  "APPEND_RESULT_");
    expect_labels(&intake_metrics[INTAKE_APPENDS], &hoso__v1__append_result__descriptor,
                  "APPEND_RESULT_");
    expect_labels(&intake_metrics[METRIC_ERRORS], &hoso__v1__error_code__descriptor, "ERROR_CODE_");
}

static void test_counts(void **state)
{
    (void)state;
    struct metrics *metrics = NULL;
    assert_int_equal(metrics_new(intake_metrics, INTAKE_METRIC_COUNT, &metrics), STATUS_OK);
    for (int result = 1; result <= APPEND_RESULTS; result++) {
        count_append(metrics, (Hoso__V1__AppendResult)result, (uint64_t)result);
        assert_int_equal(metrics_get(metrics, INTAKE_EVENTS, (unsigned)result - 1), result);
        assert_int_equal(metrics_get(metrics, INTAKE_APPENDS, (unsigned)result - 1), 1);
    }
    for (int code = 0; code <= HOSO__V1__ERROR_CODE__ERROR_CODE_INTERNAL + 1; code++) {
        count_error(metrics, code);
    }
    for (unsigned code = 0; code < HOSO__V1__ERROR_CODE__ERROR_CODE_INTERNAL; code++) {
        assert_int_equal(metrics_get(metrics, METRIC_ERRORS, code), 1);
    }
    metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_answer_has_its_label),
        cmocka_unit_test(test_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
