/* SPDX-License-Identifier: Apache-2.0
 *
 * A form's file broken in one place at a time: each fault has its line and says what is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "form/form_load.h"

static const char table_form[] = "id: thu\n"                              /* 1 */
                                 "title: {vi: Biểu thử}\n"                /* 2 */
                                 "paper: A4 landscape\n"                  /* 3 */
                                 "rows: units\n"                          /* 4 */
                                 "columns:\n"                             /* 5 */
                                 "  - id: received\n"                     /* 6 */
                                 "    caption: {vi: [Tiếp nhận, Tổng]}\n" /* 7 */
                                 "    value: received\n"                  /* 8 */
                                 "  - id: online\n"                       /* 9 */
                                 "    caption: {vi: [Trực tuyến]}\n"      /* 10 */
                                 "    value: received[online]\n"          /* 11 */
                                 "  - id: rate\n"                         /* 12 */
                                 "    caption: {vi: [Tỷ lệ]}\n"           /* 13 */
                                 "    value: online / received\n"         /* 14 */
                                 "checks:\n"                              /* 15 */
                                 "  - id: split\n"                        /* 16 */
                                 "    value: received = online\n"         /* 17 */
                                 "notes:\n"                               /* 18 */
                                 "  - vi: Tỷ lệ {rate} ({rate.n}).\n";    /* 19 */

static const char line_form[] = "id: thu\n"                                   /* 1 */
                                "title: {vi: Biểu thử}\n"                     /* 2 */
                                "rows: lines\n"                               /* 3 */
                                "columns:\n"                                  /* 4 */
                                "  - {id: total, caption: {vi: [Tổng số]}}\n" /* 5 */
                                "  - id: commune\n"                           /* 6 */
                                "    tiers: [commune]\n"                      /* 7 */
                                "    caption: {vi: [Cấp xã]}\n"               /* 8 */
                                "    name: {vi: cấp xã}\n"                    /* 9 */
                                "lines:\n"                                    /* 10 */
                                "  - id: section_1\n"                         /* 11 */
                                "    label: {vi: Phần một}\n"                 /* 12 */
                                "  - id: all\n"                               /* 13 */
                                "    label: {vi: Tất cả}\n"                   /* 14 */
                                "    value: received\n"                       /* 15 */
                                "    sentence: {vi: \"Có {all|2}{each}\"}\n"  /* 16 */
                                "    each:\n"                                 /* 17 */
                                "      text: {vi: \"{tier} {all}\"}\n";       /* 18 */

struct broken {
    const char *form;
    const char *what, *with; /* in place of it */
    unsigned line;
    const char *says;
};

static const struct broken broken[] = {
    /* Not YAML, or not one form. */
    {table_form, "paper: A4 landscape", "paper: [A4", 4, "not YAML"},
    {table_form, "paper: A4 landscape", "\tpaper: A4 landscape", 3, "not YAML"},
    {table_form, "    value: received\n  - id: online", "   value: received\n  - id: online", 8,
     "not YAML"},
    {table_form, "notes:", "---\nnotes:", 19, "one file is one form"},
    {table_form, table_form, "", 1, "nothing in it"},
    {table_form, table_form, "- a\n- b\n", 1, "keys with values are needed here: id, "},
    /* Not of the schema. */
    {table_form, "paper: A4 landscape", "papper: A4", 3,
     "there is no key \"papper\"; did you mean \"paper\"?"},
    {table_form, "    value: received[online]", "    valeu: received[online]", 11,
     "columns[1]: there is no key \"valeu\"; did you mean \"value\"?; there are id, caption"},
    {table_form, "title: {vi: Biểu thử}", "title: {en: Form}", 2, "the key \"vi\" is missing"},
    {table_form, "title: {vi: Biểu thử}\n", "", 1, "the key \"title\" is missing"},
    {table_form, "    caption: {vi: [Tiếp nhận, Tổng]}\n", "", 6,
     "columns[0]: the key \"caption\" is missing"},
    {table_form, "rows: units", "rows: unit", 4,
     "rows: there is no value \"unit\"; did you mean \"units\"?; there are units, fields, levels"},
    {table_form, "[Tiếp nhận, Tổng]", "Tiếp nhận", 7, "columns[0].caption.vi: a list"},
    {table_form, "[Tiếp nhận, Tổng]", "[a, b, c, d, e]", 7,
     "columns[0].caption.vi: the list has too many entries"},
    {table_form, "[Tiếp nhận, Tổng]", "[]", 7, "the list is empty"},
    {table_form, "{vi: Biểu thử}", "Biểu thử", 2, "keys with values are needed here: vi, en"},
    {table_form, "paper: A4 landscape", "order: soon", 3, "order: a whole number"},
    {table_form, "paper: A4 landscape", "id: hai", 3, "it stands here twice"},
    {table_form, "id: thu\ntitle: {vi: Biểu thử}", "id: &a thu\ntitle: {vi: *a}", 2,
     "anchors and aliases"},
    {table_form, "paper: A4 landscape", "subtotals: maybe", 3, "there are yes, no"},
    {line_form, "[commune]", "[village]", 7, "village"},
    /* Of the schema, but no form. */
    {table_form, "id: thu", "id: biểu", 1, "is no id"},
    {table_form, "id: online", "id: on-line", 9, "is no id"},
    {table_form, "id: online", "id: received", 9, "there is another figure \"received\""},
    {table_form, "paper: A4 landscape", "paper: A3", 3, "A4 portrait"},
    {table_form, "paper: A4 landscape", "valid_from: 2024-02-30", 3, "is not a date"},
    {table_form, "paper: A4 landscape", "valid_from: 2025-01-01\nvalid_to: 2024-01-01", 4,
     "before valid_from"},
    {table_form, "{vi: [Tiếp nhận, Tổng]}", "{vi: [Tiếp nhận, Tổng], en: [Received]}", 7,
     "1 headings over one another in English and 2 in Vietnamese"},
    {table_form, "[Tỷ lệ]", "[\"\"]", 13, "there is no text"},
    {table_form, "    value: received\n", "", 6, "the column \"received\" has no value"},
    {table_form, "rows: units", "rows: lines", 4, "has a list \"lines\""},
    {table_form, "rows: units", "rows: tiers", 4, "has a list \"groups\""},
    {table_form, "    value: received\n", "    value: received\n    tiers: [commune]\n", 9,
     "only the columns of a form with \"rows: lines\""},
    {table_form, "paper: A4 landscape", "title: {vi: \"a\\u0007b\"}", 3, "stands here twice"},
    {table_form, "Biểu thử", "\"a\\u0007b\"", 2, "control character"},
    {table_form, "    value: received\n", "    value: received\n    number: (9\n", 9,
     "columns[0].number: \"(9\": each ( has its )"},
    {table_form, "    value: received\n", "    value: received\n    number: 3)=(4\n", 9,
     "write it as (9) or as (3)=(4)+(5)"},
    {table_form, "    value: received\n", "    value: received\n    number: (3)=()\n", 9,
     "with a number between"},
    /* Values. */
    {table_form, "received[online]", "recieved[online]", 11, "did you mean \"received\"?"},
    {table_form, "received[online]", "received[onlin]", 11, "cannot stand in brackets"},
    {table_form, "received[online]", "received[online", 11, "it ends where \"]\" should stand"},
    {table_form, "received[online]", "received[online|full]", 11, "of another kind"},
    {table_form, "received[online]", "received[online, direct]", 11, "join names of one kind"},
    {table_form, "received[online]", "petition_received[online]", 11, "petitions have classes"},
    {table_form, "received[online]", "received[business]", 11, "only petitions have classes"},
    {table_form, "received[online]", "stopped", 11, "write open(stopped) or close(stopped)"},
    {table_form, "received[online]", "close(received)", 11, "write it without close( )"},
    {table_form, "received[online]", "close(stopped, 3)", 11, "\"+\" is missing"},
    {table_form, "received[online]", "close(stopped, +400)", 11, "from 1 to 366"},
    {table_form, "received[online]", "received + 5", 11, "a number alone"},
    {table_form, "received[online]", "received +", 11, "it ends where a measure"},
    {table_form, "received[online]", "received received", 11, "items are joined with + or -"},
    {table_form, "received[online]", "received - received", 11, "cancel out"},
    {table_form, "received[online]", "rate + received", 11, "\"rate\" stands for itself, or over"},
    {table_form, "checks:", "figures:\n  - {id: twice, value: rate + received}\nchecks:", 16,
     "is a ratio"},
    {table_form, "received[online]", "online", 11, "stands for itself"},
    {table_form, "online / received", "online + returned / received", 14, "which sum is divided?"},
    {table_form, "id: online", "id: returned", 9, "is the name of a measure, but counts"},
    /* Checks and sentences. */
    {table_form, "received = online", "received = onlin", 17, "\"onlin\" is no figure"},
    {table_form, "received = online", "received + online", 17, "= is missing"},
    {table_form, "received = online", "received = rate", 17, "\"rate\" is no figure"},
    {table_form, "{rate.n}", "{rate.x}", 19, "\"{rate.x}\""},
    {table_form, "{rate.n}", "{online.n}", 19, "\"{online.n}\""},
    {table_form, "({rate.n})", "{each}", 19, "\"{each}\""},
    {table_form, "({rate.n}).", "({rate.n", 19, "\"{rate.n\""},
    {line_form, "tiers: [commune]\n    caption", "caption", 6, "only the first column"},
    {line_form, "{id: total,", "{id: total, tiers: [district],", 5, "leave tiers out"},
    {line_form, "{each}\"}", "\"}", 18, "write {each} where it stands"},
    {line_form, "{tier} {all}", "{tier} {all.commune}", 18, "\"{all.commune}\""},
    {line_form, "{all|2}", "{all|0}", 16, "\"{all|0}\""},
    {line_form, "{all|2}", "{section_1}", 16, "\"{section_1}\""},
};

/* The form with one place changed. */
static char *text_of(const struct broken *row)
{
    const char *at = strstr(row->form, row->what);
    assert_non_null(at);
    const size_t size = strlen(row->form) + strlen(row->with) + 1;
    char *text = malloc(size);
    assert_non_null(text);
    (void)snprintf(text, size, "%.*s%s%s", (int)(at - row->form), row->form, row->with,
                   at + strlen(row->what));
    return text;
}

static void test_a_form_without_faults(void **state)
{
    const char *const forms[] = {table_form, line_form};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct form *form = NULL;
        struct form_faults faults;
        const enum status status = form_parse(slice_text(forms[i]), "", &form, &faults);
        if (status != STATUS_OK) {
            fail_msg("%u: %s", faults.items[0].line, faults.items[0].text);
        }
        assert_string_equal(form->id, "thu");
        assert_int_equal(strlen(form->digest), 16);
        form_free(form);
    }
}

static void test_each_fault_has_its_line_and_sentence(void **state)
{
    unsigned wrong = 0;
    (void)state;
    assert_true(COUNT_OF(broken) >= 30);
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct form *form = NULL;
        struct form_faults faults;
        char *text = text_of(&broken[i]);
        const enum status status = form_parse(slice_text(text), "", &form, &faults);
        if (status != STATUS_INVALID) {
            fail_msg("\"%s\" is taken", broken[i].with);
        }
        assert_true(faults.count >= 1);
        if (faults.items[0].line != broken[i].line ||
            strstr(faults.items[0].text, broken[i].says) == NULL) {
            wrong++;
            print_error("\"%s\" in place of \"%s\" says %u: %s\n", broken[i].with, broken[i].what,
                        faults.items[0].line, faults.items[0].text);
        }
        free(text);
    }
    assert_int_equal(wrong, 0);
}

static void test_all_faults_at_once(void **state)
{
    struct form *form = NULL;
    struct form_faults faults;
    const char *text = "id: thu\ntitle: {vi: T}\nrows: units\ncolumns:\n"
                       "  - {id: a, caption: {vi: [A]}, value: nothing}\n"
                       "  - {id: b, caption: {vi: [B]}, value: stopped}\n";
    (void)state;
    assert_int_equal(form_parse(slice_text(text), "", &form, &faults), STATUS_INVALID);
    assert_int_equal(faults.count, 2);
    assert_int_equal(faults.items[0].line, 5);
    assert_int_equal(faults.items[1].line, 6);
}

/* Depth and size from outside cost nothing. */
static void test_hostile_files(void **state)
{
    struct form *form = NULL;
    struct form_faults faults;
    char *deep = malloc(FORM_FILE_BYTES_MAX + 1);
    (void)state;
    assert_non_null(deep);
    memset(deep, '[', FORM_FILE_BYTES_MAX);
    deep[FORM_FILE_BYTES_MAX] = '\0';
    assert_int_equal(form_parse(slice_text(deep), "", &form, &faults), STATUS_INVALID);
    memset(deep, '-', FORM_FILE_BYTES_MAX);
    assert_int_equal(form_parse(slice_text(deep), "", &form, &faults), STATUS_INVALID);
    memset(deep, 0xFF, FORM_FILE_BYTES_MAX);
    assert_int_equal(form_parse(slice_text(deep), "", &form, &faults), STATUS_INVALID);
    for (size_t i = 0; i + 1 < FORM_FILE_BYTES_MAX; i += 2) {
        memcpy(deep + i, i % 4096 == 0 ? "\n-" : "- ", 2);
    }
    assert_int_equal(form_parse(slice_text(deep), "", &form, &faults), STATUS_INVALID);
    size_t used = 0; /* each line deeper than the one before */
    for (size_t depth = 0; used + depth + 4 < FORM_FILE_BYTES_MAX; depth++) {
        memset(deep + used, ' ', depth);
        memcpy(deep + used + depth, "a:\n", 4);
        used += depth + 3;
    }
    assert_int_equal(form_parse(slice_text(deep), "", &form, &faults), STATUS_INVALID);
    free(deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_form_without_faults),
        cmocka_unit_test(test_each_fault_has_its_line_and_sentence),
        cmocka_unit_test(test_all_faults_at_once),
        cmocka_unit_test(test_hostile_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
