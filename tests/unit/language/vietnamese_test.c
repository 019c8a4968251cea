/* SPDX-License-Identifier: Apache-2.0
 *
 * Finished sentences in Vietnamese: values, dates, what is quoted, sentences within sentences, and
 * several faults of an event in a row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "language/vietnamese.h"

static void sentences(void **state)
{
    static const struct {
        const char *english, *vietnamese;
        bool translated;
    } table[] = {
        {"must be given", "bắt buộc phải có", true},
        {"must be given with kind RECEIVED", "bắt buộc phải có khi kind là RECEIVED", true},
        {"it ends (2024-02-01) before it begins (2024-02-02)",
         "ngày cuối (01/02/2024) trước ngày đầu (02/02/2024)", true},
        {"all is \"must be given\": give true or false",
         "all là \"must be given\", không hợp lệ: hãy ghi true hoặc false", true},
        {"columns[3].value: must be given", "columns[3].value: bắt buộc phải có", true},
        {"\"a; b: c\" must be given", "\"a; b: c\" bắt buộc phải có", true},
        {"must be given; unit: must be given with kind RECEIVED; dueAt: must be true or false",
         "bắt buộc phải có; unit: bắt buộc phải có khi kind là RECEIVED; dueAt: phải là true hoặc "
         "false",
         true},
        {"is not JSON: '}' expected near '\"' (byte 7)",
         "không phải là JSON: cần có '}', gần '\"' (byte thứ 7)", true},
        {"/a/b: the catalogue is over 16777216 bytes when packed; shorten names or drop rows",
         "/a/b: danh mục lớn hơn 16777216 byte khi đóng gói; rút ngắn tên hoặc bỏ bớt dòng", true},
        {"17 is over 16", "17 lớn hơn 16", true},
        {"this is over 16", "this is over 16", false},
        {"17 is over all", "17 is over all", false},
        {"there is no such sentence: nor this one", "there is no such sentence: nor this one",
         false},
        {"", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[256];
        assert_int_equal(language_vietnamese(slice_text(table[i].english), text, sizeof text),
                         table[i].translated);
        assert_string_equal(text, table[i].vietnamese);
    }
}

/* What does not fit is not cut within the translation: the sentence stays as it was written. */
static void room(void **state)
{
    char text[16];
    (void)state;
    assert_false(language_vietnamese(slice_text("must be given"), text, sizeof text));
    assert_string_equal(text, "must be given");
    assert_false(language_vietnamese(slice_text("must be true or false"), text, sizeof text));
    assert_string_equal(text, "must be true or");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences),
        cmocka_unit_test(room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
