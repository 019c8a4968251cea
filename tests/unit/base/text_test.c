/* SPDX-License-Identifier: Apache-2.0
 *
 * Text from outside, and the sentences of errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "base/text.h"

static void test_clean(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool clean;
    } rows[] = {
        {"", true},
        {"H27.45-240119-0001", true},
        {" ~", true},
        {"Cẩm Xuyên – “đất đai”", true},
        {"\xf0\x9f\x98\x80", true},
        {"\xef\xbf\xbf", true},
        {"\xc2\xa0", true},
        {"a\tb", false},
        {"a\nb", false},
        {"\x1f", false},
        {"\x7f", false},
        {"\xc2\x80", false},         /* C1 */
        {"\xc2\x85", false},         /* C1: next line */
        {"\xc2\x9f", false},         /* C1 */
        {"\xc0\x80", false},         /* NUL, over-long */
        {"\xc1\xbf", false},         /* over-long */
        {"\xe0\x80\xaf", false},     /* over-long */
        {"\xe0\x9f\xbf", false},     /* over-long */
        {"\xf0\x8f\xbf\xbf", false}, /* over-long */
        {"\xed\xa0\x80", false},     /* surrogate */
        {"\xed\xbf\xbf", false},     /* surrogate */
        {"\xf4\x90\x80\x80", false}, /* beyond Unicode */
        {"\xf5\x80\x80\x80", false},
        {"\xff", false},
        {"\x80", false},
        {"\xc3", false},
        {"\xc3(", false},
        {"\xe1\xba", false},
        {"\xe1\xba(", false},
        {"\xf0\x9f\x98", false},
        {"\xf0\x9f\x98(", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        /* At every place of a word, so that the pass over eight bytes meets it too. */
        for (size_t before = 0; before < 17; before++) {
            char text[128];
            memset(text, 'x', sizeof text);
            const size_t size = strlen(rows[i].text);
            memcpy(text + before, rows[i].text, size);
            assert_int_equal(text_is_clean(slice_of(text, before + size + 16)), rows[i].clean);
            if (rows[i].clean) {
                assert_true(text_is_clean(slice_of(text, before + size)));
            }
        }
    }
    assert_false(text_is_clean(slice_of("a\0b", 3)));
    assert_false(text_is_clean(slice_of("\0", 1)));
    assert_true(text_is_clean((struct slice){NULL, 0}));
    assert_false(text_is_clean(slice_text("Cẩm Xuyê\xc3")));
}

static void test_normalise(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *composed; /* NULL = the very same text */
    } rows[] = {
        {"", NULL},
        {"H27.45", NULL},
        {"Cẩm Xuyên, Hà Tĩnh – “đất đai”", NULL},
        /* Cẩm Xuyên with its marks apart, in both orders */
        {"Ca\xcc\x82\xcc\x89m Xuye\xcc\x82n", "Cẩm Xuyên"},
        {"C\xc3\xa2\xcc\x89m Xuy\xc3\xaan", "Cẩm Xuyên"},
        /* ợ: the horn and the dot commute */
        {"o\xcc\x9b\xcc\xa3", "ợ"},
        {"o\xcc\xa3\xcc\x9b", "ợ"},
        {"\xe2\x84\xab", "Å"},              /* ANGSTROM SIGN */
        {"\xcd\x80", "\xcc\x80"},           /* a mark that has only one form */
        {"\xe1\x84\x80\xe1\x85\xa1", "가"}, /* Hangul */
        {"日本", "日本"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena;
        arena_init(&arena, 1 << 16);
        const struct slice text = slice_text(rows[i].text);
        struct slice composed;
        assert_int_equal(text_normalise(text, &arena, &composed), STATUS_OK);
        if (rows[i].composed == NULL) {
            assert_ptr_equal(composed.data, text.data);
            assert_int_equal(arena.used, 0);
        } else {
            assert_true(slice_equal(composed, slice_text(rows[i].composed)));
        }
        struct slice again;
        assert_int_equal(text_normalise(composed, &arena, &again), STATUS_OK);
        assert_true(slice_equal(composed, again));
        arena_fini(&arena);
    }
}

static void test_normalise_failures(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 8);
    struct slice text = slice_text("unchanged");
    assert_int_equal(text_normalise(slice_text("a\x01"), &arena, &text), STATUS_INVALID);
    assert_int_equal(text_normalise(slice_text("\xc3"), &arena, &text), STATUS_INVALID);
    assert_int_equal(text_normalise(slice_text("Ca\xcc\x82\xcc\x89m"), &arena, &text),
                     STATUS_TOO_LARGE);
    char marks[1 + 31 * 2] = "a";
    for (size_t i = 0; i < 31; i++) {
        memcpy(marks + 1 + 2 * i, i % 2 != 0 ? "\xcc\x82" : "\xcc\xa3", 2);
    }
    arena_fini(&arena);
    arena_init(&arena, 1 << 10);
    assert_int_equal(text_normalise(slice_of(marks, sizeof marks), &arena, &text), STATUS_INVALID);
    assert_true(slice_equal(text, slice_text("unchanged")));
    assert_int_equal(text_normalise(slice_of(marks, sizeof marks - 2), &arena, &text), STATUS_OK);
    arena_fini(&arena);
}

static void test_take(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum text_kind kind;
        const char *taken; /* NULL = the very same text */
    } rows[] = {
        {"", TEXT_ID, NULL},
        {"H27.45.01-240603-0901", TEXT_ID, NULL},
        {"one blank", TEXT_ID, NULL},
        {"Cẩm Xuyên – “đất đai” №1 日本", TEXT_ID, NULL},
        {" ", TEXT_ID, ""},
        {"   ", TEXT_WORDS, ""},
        {" H27.45.01-240603-0901", TEXT_ID, "H27.45.01-240603-0901"},
        {"H27.45.01-240603-0901 ", TEXT_ID, "H27.45.01-240603-0901"},
        {"  H27.45   01  ", TEXT_ID, "H27.45 01"},
        {"twelve letters  more", TEXT_ID, "twelve letters more"},
        {" Ca\xcc\x82\xcc\x89m  Xuye\xcc\x82n ", TEXT_ID, "Cẩm Xuyên"},
        {"thiếu\xc2\xa0giấy", TEXT_WORDS, "thiếu giấy"},
        {"\xc2\xa0thiếu \xe2\x80\xaf giấy\xe3\x80\x80", TEXT_WORDS, "thiếu giấy"},
        {"a\xe2\x80\xa8z", TEXT_WORDS, "a z"},          /* line separator */
        {"a\xe2\x80\x91z", TEXT_WORDS, NULL},           /* no-break hyphen */
        {"\xe2\x9c\x94\xef\xb8\x8f", TEXT_WORDS, NULL}, /* with a variation selector */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena;
        arena_init(&arena, 1 << 16);
        const struct slice text = slice_text(rows[i].text);
        struct slice taken;
        struct slice again;
        struct text_fault fault;
        assert_int_equal(text_take(text, rows[i].kind, &arena, &taken, &fault), STATUS_OK);
        assert_true(slice_equal(taken, rows[i].taken == NULL ? text : slice_text(rows[i].taken)));
        assert_int_equal(text_take(taken, rows[i].kind, &arena, &again, &fault), STATUS_OK);
        assert_true(slice_equal(taken, again));
        arena_fini(&arena);
    }
}

static void test_take_failures(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum text_kind kind;
        const char *sentence;
    } rows[] = {
        {"H27.45.01-240603-0901\xe2\x80\x8b", TEXT_ID,
         "holds U+200B (zero width space) as character 22, which cannot be seen; delete it"},
        {"đ\xe2\x80\x8b", TEXT_WORDS,
         "holds U+200B (zero width space) as character 2, which cannot be seen; delete it"},
        {"\xef\xbb\xbfH27", TEXT_ID,
         "holds U+FEFF (byte order mark) as character 1, which cannot be seen; delete it"},
        {"H27.45.01\xc2\xa0", TEXT_ID,
         "holds U+00A0 (no-break space) as character 10, which cannot be seen; delete it"},
        {"a\xe2\x80\x83z", TEXT_ID, "holds U+2003 as character 2, which cannot be seen; delete it"},
        {"a\xe2\x80\xa9z", TEXT_ID, "holds U+2029 as character 2, which cannot be seen; delete it"},
        {"a\xc2\xadz", TEXT_ID,
         "holds U+00AD (soft hyphen) as character 2, which cannot be seen; delete it"},
        {"a\xcd\x8fz", TEXT_ID, "holds U+034F as character 2, which cannot be seen; delete it"},
        {"a\xef\xb8\x8f", TEXT_ID, "holds U+FE0F as character 2, which cannot be seen; delete it"},
        {"\xe3\x85\xa4", TEXT_ID, "holds U+3164 as character 1, which cannot be seen; delete it"},
        {"\xf3\xa0\x81\x81", TEXT_WORDS,
         "holds U+E0041 as character 1, which cannot be seen; delete it"},
        {"H27\xe2\x80\x91\x34", TEXT_ID,
         "holds U+2011 (no-break hyphen) as character 4, which only looks like a hyphen; write "
         "\"-\""},
        {"a\tz", TEXT_WORDS, "holds the control character U+0009 (tab) as character 2; delete it"},
        {"a\x7f", TEXT_ID, "holds the control character U+007F as character 2; delete it"},
        {"ê\xff", TEXT_ID, "is not UTF-8: byte 0xFF at character 2; write it as UTF-8"},
    };
    struct arena arena;
    arena_init(&arena, 1 << 10);
    char sentence[TEXT_SENTENCE_MAX];
    struct text_fault fault;
    struct slice taken = slice_text("unchanged");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct slice text = slice_text(rows[i].text);
        assert_int_equal(text_take(text, rows[i].kind, &arena, &taken, &fault), STATUS_INVALID);
        text_fault_sentence(&fault, sentence);
        assert_string_equal(sentence, rows[i].sentence);
    }
    char marks[1 + 31 * 2] = "a";
    for (size_t i = 0; i < 31; i++) {
        memcpy(marks + 1 + 2 * i, "\xcc\x82", 2);
    }
    assert_int_equal(text_take(slice_of(marks, sizeof marks), TEXT_ID, &arena, &taken, &fault),
                     STATUS_INVALID);
    text_fault_sentence(&fault, sentence);
    assert_string_equal(sentence, "holds over 30 marks in a row; delete them");
    arena_fini(&arena);
    arena_init(&arena, 2);
    assert_int_equal(text_take(slice_text("ab "), TEXT_ID, &arena, &taken, &fault),
                     STATUS_TOO_LARGE);
    assert_true(slice_equal(taken, slice_text("unchanged")));
    arena_fini(&arena);
}

static void test_show(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *shown;
    } rows[] = {
        {"Cẩm Xuyên H27.45", 64, "Cẩm Xuyên H27.45"},
        {"H27\xe2\x80\x8b.45\xc2\xa0", 64, "H27<U+200B>.45<U+00A0>"},
        {"a\xff\x01z", 64, "a<0xFF><U+0001>z"},
        {"ẩẩẩ", 7, "ẩẩ"},
        {"ab\xe2\x80\x8b", 9, "ab"},
        {"ab\xe2\x80\x8b", 11, "ab<U+200B>"},
        {"ab", 1, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char shown[64];
        text_show(slice_text(rows[i].text), shown, rows[i].size);
        assert_string_equal(shown, rows[i].shown);
    }
}

static void test_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t max;
        bool good;
        uint64_t number;
    } rows[] = {
        {"0", 0, true, 0},
        {"007", 7, true, 7},
        {"7", 6, false, 0},
        {"1", 0, false, 0},
        {"65535", 65535, true, 65535},
        {"65536", 65535, false, 0},
        {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", UINT64_MAX, false, 0},
        {"99999999999999999999", UINT64_MAX, false, 0},
        {"", 9, false, 0},
        {"-1", 9, false, 0},
        {"+1", 9, false, 0},
        {" 1", 9, false, 0},
        {"1k", 99, false, 0},
        {"\xd9\xa1", 99, false, 0}, /* a digit, but of another script */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t number = 0;
        assert_int_equal(text_number(slice_text(rows[i].text), rows[i].max, &number), rows[i].good);
        assert_true(!rows[i].good || number == rows[i].number);
    }
}

static void test_guess(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        const char *names[3];
        const char *nearest;
    } rows[] = {
        {"occuredAt", {"reason", "occurredAt", "unit"}, "occurredAt"},
        {"occurredAt", {"occurredAs", "occurredAt", "occuredAt"}, "occurredAt"},
        {"wath", {"watch", "bath", NULL}, "watch"}, /* the first of two that are as near */
        {"wath", {"bath", "watch", NULL}, "bath"},
        {"kitten", {"sitting", NULL, NULL}, NULL},
        {"sitten", {"sitting", NULL, NULL}, "sitting"},
        {"", {"ab", "abc", NULL}, "ab"},
        {"abc", {"", NULL, NULL}, NULL},
        {"unit", {"reason", NULL, NULL}, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text_guess guess = text_guess_of(slice_text(rows[i].typed));
        for (size_t j = 0; j < 3 && rows[i].names[j] != NULL; j++) {
            text_guess_try(&guess, rows[i].names[j]);
        }
        if (rows[i].nearest == NULL) {
            assert_null(guess.nearest);
        } else {
            assert_string_equal(guess.nearest, rows[i].nearest);
        }
    }
    char longer[1000];
    memset(longer, 'x', sizeof longer);
    struct text_guess guess = text_guess_of(slice_of(longer, sizeof longer));
    text_guess_try(&guess, "x");
    assert_null(guess.nearest);
}

static void test_status_texts(void **state)
{
    (void)state;
    assert_string_equal(status_text(STATUS_OK), "ok");
    assert_string_equal(status_text(STATUS_INTERNAL), "broken invariant");
    assert_string_equal(status_text(STATUS_COUNT), "unknown status");
    assert_int_equal(error_set(NULL, STATUS_IO, "%d", 1), STATUS_IO);
}

static void test_error_sentences(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(error_set(&error, STATUS_IO, "disk %d", 3), STATUS_IO);
    assert_string_equal(error.text, "disk 3");
    assert_int_equal(error_set(&error, STATUS_FULL, "store: %s", error.text), STATUS_FULL);
    assert_string_equal(error.text, "store: disk 3");
    /* A cut text stays well-formed, wherever the cut falls. */
    for (int before = ERROR_TEXT_MAX - 12; before < ERROR_TEXT_MAX + 2; before++) {
        (void)error_set(&error, STATUS_IO, "%*s%s", before, "", "ẩẩẩẩ");
        assert_true(text_is_clean(slice_text(error.text)));
        assert_true(strlen(error.text) < ERROR_TEXT_MAX);
        assert_true(strlen(error.text) >= ERROR_TEXT_MAX - 12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_normalise),
        cmocka_unit_test(test_normalise_failures),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_take_failures),
        cmocka_unit_test(test_show),
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_guess),
        cmocka_unit_test(test_status_texts),
        cmocka_unit_test(test_error_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
