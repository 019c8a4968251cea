/* SPDX-License-Identifier: Apache-2.0
 *
 * Refusals: in the order of the lines whoever found them, held up to a limit, written to a file
 * that can be published.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "services/hoso/publish/refusals.h"

struct fixture {
    char path[64];
    struct progress progress;
    struct refusals refusals;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.path = "/tmp/hoso-refusals-XXXXXX"};
    const int fd = mkstemp(fixture.path);
    *state = &fixture;
    return fd >= 0 && close(fd) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    (void)unlink(f->path);
    return 0;
}

static void open_refusals(struct fixture *f, const char *path)
{
    assert_int_equal(refusals_open(&f->refusals, "x.ndjson", path, STDIN_FILENO, &f->progress),
                     STATUS_OK);
}

static enum status hold(struct fixture *f, uint64_t line, uint64_t after, const char *record)
{
    return refusals_hold(&f->refusals,
                         &(struct held_refusal){.line = line,
                                                .after = after,
                                                .field = "unit",
                                                .reason = "wrong",
                                                .record = slice_text(record)},
                         NULL, NULL);
}

static void by_intake(struct fixture *f, uint64_t line, int earlier)
{
    refusals_by_intake(&f->refusals, &(struct hoso_refusal){.tag = line,
                                                            .earlier = earlier,
                                                            .event_id = "e",
                                                            .dossier = "d",
                                                            .field = "field",
                                                            .reason = "unknown",
                                                            .json = "{\"eventId\":\"e\"}"});
}

static void expect_file(struct fixture *f, const char *text)
{
    char read_back[2048] = "";
    FILE *file = fopen(f->path, "r");
    assert_non_null(file);
    (void)fread(read_back, 1, sizeof read_back - 1, file);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(read_back, text);
}

static void refusals_come_in_the_order_of_the_lines(void **state)
{
    struct fixture *f = *state;
    open_refusals(f, f->path);
    assert_int_equal(hold(f, 2, 1, "two"), STATUS_OK);
    assert_int_equal(hold(f, 7, 5, "seven"), STATUS_OK);
    assert_int_equal(hold(f, 9, 6, ""), STATUS_OK);
    refusals_release(&f->refusals, 0);
    expect_file(f, "");
    by_intake(f, 1, 1);
    by_intake(f, 4, 0);
    expect_file(f, "# outbox: event e of dossier d, from an earlier run: field: unknown\n"
                   "{\"eventId\":\"e\"}\n"
                   "# x.ndjson:2: unit: wrong\ntwo\n"
                   "# x.ndjson:4: field: unknown\n{\"eventId\":\"e\"}\n");
    refusals_release(&f->refusals, 5);
    const struct held_refusal note = {
        .line = 8, .after = 6, .field = "", .reason = "odd", .is_note = true};
    assert_int_equal(refusals_hold(&f->refusals, &note, NULL, NULL), STATUS_OK);
    assert_int_equal(refusals_close(&f->refusals), STATUS_OK);
    expect_file(f, "# outbox: event e of dossier d, from an earlier run: field: unknown\n"
                   "{\"eventId\":\"e\"}\n"
                   "# x.ndjson:2: unit: wrong\ntwo\n"
                   "# x.ndjson:4: field: unknown\n{\"eventId\":\"e\"}\n"
                   "# x.ndjson:7: unit: wrong\nseven\n"
                   "# x.ndjson:9: unit: wrong\n"
                   "# x.ndjson:8: odd\n");
    assert_int_equal(f->refusals.count, 4);
    assert_int_equal(f->refusals.earlier, 1);
}

static void what_is_held_has_a_limit(void **state)
{
    struct fixture *f = *state;
    open_refusals(f, NULL);
    for (uint64_t i = 0; i < REFUSALS_HELD_MAX; i++) {
        assert_int_equal(hold(f, i + 1, i, "not kept without a file"), STATUS_OK);
    }
    assert_int_equal(hold(f, REFUSALS_HELD_MAX + 1, 1, ""), STATUS_FULL);
    refusals_release(&f->refusals, UINT64_MAX);
    assert_int_equal(hold(f, REFUSALS_HELD_MAX + 1, 1, ""), STATUS_OK);
    assert_int_equal(f->refusals.count, REFUSALS_HELD_MAX + 1);
    assert_int_equal(refusals_close(&f->refusals), STATUS_OK);
    /* by bytes */
    static char record[16 << 10];
    memset(record, 'x', sizeof record - 1);
    open_refusals(f, f->path);
    unsigned held = 0;
    while (hold(f, held + 1, held, record) == STATUS_OK) {
        held++;
    }
    assert_in_range(held, REFUSALS_HELD_BYTES / sizeof record / 2,
                    REFUSALS_HELD_BYTES / sizeof record);
    refusals_release(&f->refusals, UINT64_MAX);
    assert_int_equal(hold(f, held + 1, held, record), STATUS_OK);
    assert_int_equal(f->refusals.count, held + 1);
    assert_int_equal(refusals_close(&f->refusals), STATUS_OK);
}

static void a_file_is_added_to_and_an_empty_one_goes(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        open_refusals(f, f->path);
        assert_int_equal(hold(f, 1, 0, "one"), STATUS_OK);
        assert_int_equal(refusals_close(&f->refusals), STATUS_OK);
    }
    expect_file(f, "# x.ndjson:1: unit: wrong\none\n# x.ndjson:1: unit: wrong\none\n");
    assert_int_equal(truncate(f->path, 0), 0);
    open_refusals(f, f->path);
    assert_int_equal(refusals_close(&f->refusals), STATUS_OK);
    assert_int_equal(access(f->path, F_OK), -1);
}

static void files_that_will_not_do(void **state)
{
    struct fixture *f = *state;
    const int input = open(f->path, O_RDONLY);
    assert_true(input >= 0);
    assert_int_equal(refusals_open(&f->refusals, "x", f->path, input, &f->progress),
                     STATUS_INVALID);
    assert_int_equal(refusals_close(&f->refusals), STATUS_OK);
    assert_int_equal(close(input), 0);
    assert_int_equal(
        refusals_open(&f->refusals, "x", "/no/such/folder/x", STDIN_FILENO, &f->progress),
        STATUS_IO);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(refusals_close(&f->refusals), STATUS_OK);
    open_refusals(f, "/dev/full");
    assert_int_equal(hold(f, 1, 0, "one"), STATUS_OK);
    assert_int_equal(refusals_close(&f->refusals), STATUS_IO);
    assert_int_equal(errno, ENOSPC);
    open_refusals(f, "/dev/null");
    assert_int_equal(hold(f, 1, 0, "one"), STATUS_OK);
    assert_int_equal(refusals_close(&f->refusals), STATUS_OK);
    /* What is no file is left where it is. */
    open_refusals(f, "/dev/null");
    assert_int_equal(refusals_close(&f->refusals), STATUS_OK);
    assert_int_equal(access("/dev/full", F_OK), 0);
    assert_int_equal(access("/dev/null", F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refusals_come_in_the_order_of_the_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_held_has_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_is_added_to_and_an_empty_one_goes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(files_that_will_not_do, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
