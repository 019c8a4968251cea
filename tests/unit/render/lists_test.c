/* SPDX-License-Identifier: Apache-2.0
 *
 * Ids in lists: people see what they cannot see, programs get them as they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/client.h"
#include "client/hoso_read.h"
#include "render/lists/lists.h"

static void ids_are_shown_and_not_changed(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        const char *shown;
    } rows[] = {
        {"H27.45.01-240603-0901", "H27.45.01-240603-0901"},
        {"", ""},
        {"hồ sơ 1", "hồ sơ 1"},
        {"0901\xe2\x80\x8b", "0901<U+200B>"},
        {"\xef\xbb\xbf"
         "0907",
         "<U+FEFF>0907"},
    };
    void *page = result_new(sizeof(struct hoso_findings));
    assert_non_null(page);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct list_reader reader = {.format = RENDER_TABLE};
        assert_string_equal(list_id(&reader, page, rows[i].id), rows[i].shown);
        reader.format = RENDER_JSON;
        assert_ptr_equal(list_id(&reader, page, rows[i].id), rows[i].id);
        reader.format = RENDER_CSV;
        assert_ptr_equal(list_id(&reader, page, rows[i].id), rows[i].id);
    }
    hoso_free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_shown_and_not_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
