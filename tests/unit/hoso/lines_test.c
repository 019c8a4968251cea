/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines: whole, cut, unfinished, after a byte order mark; and the owner's word before waiting.
 */
#include "services/hoso/lines.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { LIMIT = 10 };

struct pipe_input {
    struct lines lines;
    int write_fd;
    unsigned calls;
    enum idle says;
    const char *later; /* written at the third call */
};

static enum idle idle(void *context)
{
    struct pipe_input *input = context;
    input->calls++;
    if (input->calls == 3 && input->later != NULL) {
        const size_t size = strlen(input->later);
        assert_int_equal(write(input->write_fd, input->later, size), size);
    }
    return input->says;
}

static void open_pipe(struct pipe_input *input, const char *text)
{
    int ends[2];
    char name[32];
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    assert_int_equal(lines_open(&input->lines, name, LIMIT), STATUS_OK);
    assert_int_equal(close(ends[0]), 0);
    input->write_fd = ends[1];
    input->lines.idle = idle;
    input->lines.context = input;
    assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
}

static void expect(struct lines *lines, const char *text, size_t length)
{
    struct slice line;
    assert_int_equal(lines_next(lines, &line), length);
    assert_int_equal(line.size, strlen(text));
    assert_string_equal((const char *)line.data, text);
}

static void lines_are_whole_cut_or_unfinished(void **state)
{
    (void)state;
    struct pipe_input input = {.says = IDLE_STOP};
    open_pipe(&input, "one\n\n0123456789abcdef\nlast");
    assert_int_equal(close(input.write_fd), 0);
    expect(&input.lines, "one", 4);
    expect(&input.lines, "", 1);
    expect(&input.lines, "0123456789", 17);
    expect(&input.lines, "last", 4);
    expect(&input.lines, "", 0);
    assert_int_equal(input.calls, 0);
    lines_close(&input.lines);
}

static void a_byte_order_mark_is_passed_over_once(void **state)
{
    (void)state;
    struct pipe_input input = {.says = IDLE_STOP};
    open_pipe(&input, "\xef\xbb\xbfone\n\xef\xbb\xbftwo\n");
    expect(&input.lines, "one", 4);
    expect(&input.lines, "\xef\xbb\xbftwo", 7);
    lines_close(&input.lines);
    assert_int_equal(close(input.write_fd), 0);
}

/* A line that is cut in the middle by the writer's pace is one line. */
static void the_owner_is_asked_before_waiting(void **state)
{
    (void)state;
    struct pipe_input input = {.says = IDLE_AGAIN, .later = "half\n"};
    open_pipe(&input, "one\nother ");
    expect(&input.lines, "one", 4);
    assert_int_equal(input.calls, 0);
    expect(&input.lines, "other half", 11);
    assert_int_equal(input.calls, 3);
    input.says = IDLE_STOP;
    expect(&input.lines, "", 0);
    assert_int_equal(input.calls, 4);
    assert_int_equal(input.lines.failed, 0);
    lines_close(&input.lines);
    assert_int_equal(close(input.write_fd), 0);
}

static void failures_are_told(void **state)
{
    (void)state;
    struct lines lines;
    struct slice line;
    assert_int_equal(lines_open(&lines, "/no/such/file", LIMIT), STATUS_NOT_FOUND);
    assert_int_equal(lines_open(&lines, "/", LIMIT), STATUS_OK);
    assert_int_equal(lines_next(&lines, &line), 0);
    assert_int_equal(lines.failed, EISDIR);
    lines_close(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_whole_cut_or_unfinished),
        cmocka_unit_test(a_byte_order_mark_is_passed_over_once),
        cmocka_unit_test(the_owner_is_asked_before_waiting),
        cmocka_unit_test(failures_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
