/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of figures: what each expression adds up, and sentences with places.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "form/expression.h"
#include "form/form_load.h"
#include "form/sentence.h"

#define T(measure, side, slots, coefficient, days)               \
    {                                                            \
        MEASURE_##measure, SIDE_##side, slots, coefficient, days \
    }

static const char *source_of(void *context, struct slice id)
{
    (void)context;
    return slice_equal(id, slice_text("twice"))     ? "2 * received"
           : slice_equal(id, slice_text("rate"))    ? "returned / received"
           : slice_equal(id, slice_text("circle"))  ? "received + circle2"
           : slice_equal(id, slice_text("circle2")) ? "circle"
                                                    : NULL;
}

static void test_values(void **state)
{
    static const struct {
        const char *text;
        unsigned count, under;
        struct term value[6];
        struct term below;
    } table[] = {
        {"received", 1, 0, {T(RECEIVED, FLOW, 0xFFFF, 1, 0)}, {0}},
        {" received [ online ] ", 1, 0, {T(RECEIVED, FLOW, 0x00F0, 1, 0)}, {0}},
        {"received[direct|postal]", 1, 0, {T(RECEIVED, FLOW, 0xFF00, 1, 0)}, {0}},
        {"received[online, full|partial]", 1, 0, {T(RECEIVED, FLOW, 0x0060, 1, 0)}, {0}},
        {"received[not_online]", 1, 0, {T(RECEIVED, FLOW, 0x8888, 1, 0)}, {0}},
        {"petition_received[business]", 1, 0, {T(PETITION_RECEIVED, FLOW, 0x0004, 1, 0)}, {0}},
        {"open(stopped)", 1, 0, {T(STOPPED, OPEN, 0xFFFF, 1, 0)}, {0}},
        {"close(processing_overdue, +3)", 1, 0, {T(PROCESSING_OVERDUE, CLOSE, 0xFFFF, 1, 3)}, {0}},
        {"close(processing_overdue, +3) - close(processing_overdue)",
         2,
         0,
         {T(PROCESSING_OVERDUE, CLOSE, 0xFFFF, 1, 3), T(PROCESSING_OVERDUE, CLOSE, 0xFFFF, -1, 0)},
         {0}},
        {"resolved_late",
         2,
         0,
         {T(RESOLVED_LATE_APOLOGY, FLOW, 0xFFFF, 1, 0),
          T(RESOLVED_LATE_NO_APOLOGY, FLOW, 0xFFFF, 1, 0)},
         {0}},
        {"-received + 3 * returned",
         2,
         0,
         {T(RECEIVED, FLOW, 0xFFFF, -1, 0), T(RETURNED, FLOW, 0xFFFF, 3, 0)},
         {0}},
        {"received + received", 1, 0, {T(RECEIVED, FLOW, 0xFFFF, 2, 0)}, {0}},
        {"received + returned - received", 1, 0, {T(RETURNED, FLOW, 0xFFFF, 1, 0)}, {0}},
        {"twice", 1, 0, {T(RECEIVED, FLOW, 0xFFFF, 2, 0)}, {0}},
        {"returned - 3 * twice",
         2,
         0,
         {T(RETURNED, FLOW, 0xFFFF, 1, 0), T(RECEIVED, FLOW, 0xFFFF, -6, 0)},
         {0}},
        {"returned / received",
         1,
         1,
         {T(RETURNED, FLOW, 0xFFFF, 1, 0)},
         T(RECEIVED, FLOW, 0xFFFF, 1, 0)},
        {"(returned + withdrawn) / twice",
         2,
         1,
         {T(RETURNED, FLOW, 0xFFFF, 1, 0), T(WITHDRAWN, FLOW, 0xFFFF, 1, 0)},
         T(RECEIVED, FLOW, 0xFFFF, 2, 0)},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct parsed_value value;
        struct expression_fault fault = {""};
        memset(&value, 0, sizeof value);
        if (expression_parse(table[i].text, "self", source_of, NULL, &value, &fault) != STATUS_OK) {
            fail_msg("%s: %s", table[i].text, fault.text);
        }
        assert_int_equal(value.value_count, table[i].count);
        assert_int_equal(value.under_count, table[i].under);
        assert_memory_equal(value.value, table[i].value, table[i].count * sizeof *value.value);
        assert_memory_equal(value.under, &table[i].below, table[i].under * sizeof *value.under);
    }
}

/* What form_fault_test has no form for. */
static void test_refused(void **state)
{
    static const char *const table[][2] = {
        {"", "it ends where"},
        {"circle", "stands for itself"},
        {"rate", "is a ratio"},
        {"received / returned / received", "cannot stand there"},
        {"received / (returned - returned)", "always 0"},
        {"(received", "\")\""},
        {"1001 * received", "from 1 to 1000"},
        {"open(stopped, +1)", "\")\" is missing"},
        {"999 * received + 999 * received", "more than 1000 times"},
        {"received $ returned", "cannot stand there"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct parsed_value value;
        struct expression_fault fault = {""};
        assert_int_equal(expression_parse(table[i][0], "self", source_of, NULL, &value, &fault),
                         STATUS_INVALID);
        if (strstr(fault.text, table[i][1]) == NULL) {
            fail_msg("%s: %s", table[i][0], fault.text);
        }
    }
}

static bool put(void *context, const struct sentence_place *place, struct buffer *out)
{
    (void)context;
    buffer_printf(out, "<%d.%u.%d.%c.%u>", (int)place->kind, place->figure, place->scope,
                  place->part != 0 ? place->part : '-', place->digits);
    return true;
}

static void test_sentences(void **state)
{
    static const char text[] = "id: thu\ntitle: {vi: T}\nrows: lines\n"
                               "columns:\n"
                               "  - {id: total, caption: {vi: [T]}}\n"
                               "  - {id: commune, tiers: [commune], caption: {vi: [X]}}\n"
                               "lines:\n"
                               "  - {id: a, label: {vi: A}, value: received}\n"
                               "  - {id: r, label: {vi: R}, value: returned / received}\n";
    static const char *const table[][2] = {
        {"", ""},
        {"Tổng số", "Tổng số"},
        {"{from}{to}", "<0.0.-1.-.0><1.0.-1.-.0>"},
        {"là {a|2} hồ sơ ({r.commune}).", "là <9.0.-1.-.2> hồ sơ (<9.1.1.-.0>)."},
        {"{r.n}/{r.commune.d}", "<9.1.-1.n.0>/<9.1.1.d.0>"},
        {"{", NULL},
        {"{a", NULL},
        {"{}", NULL},
        {"{b}", NULL},
        {"{a.x}", NULL},
        {"{a.n}", NULL},
        {"{a|}", NULL},
        {"{a|0}", NULL},
        {"{a|22}", NULL},
    };
    struct form *form = NULL;
    struct form_faults faults;
    (void)state;
    assert_int_equal(form_parse(slice_text(text), "", &form, &faults), STATUS_OK);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct buffer out;
        buffer_init(&out, SENTENCE_BYTES_MAX);
        const bool good = sentence_write(form, table[i][0], put, NULL, &out, NULL);
        assert_int_equal(good, table[i][1] != NULL);
        if (good) {
            assert_int_equal(out.size, strlen(table[i][1]));
            assert_memory_equal(out.data, table[i][1], out.size);
        }
        buffer_fini(&out);
    }
    form_free(form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
