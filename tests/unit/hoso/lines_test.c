/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines: whole, cut, unfinished, joined, among byte order marks and NUL bytes, in UTF-16; and the
 * owner's word before waiting.
 */
#include "services/hoso/publish/lines.h"

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

static void expect_odd(struct lines *lines, const char *text, uint64_t number, unsigned odd)
{
    struct line line;
    assert_true(lines_next(lines, &line));
    assert_true(slice_equal(line.text, slice_text(text)));
    assert_int_equal(line.number, number);
    assert_int_equal(line.odd, odd);
}

static void expect(struct lines *lines, const char *text, uint64_t number)
{
    expect_odd(lines, text, number, 0);
}

static void expect_end(struct lines *lines)
{
    struct line line;
    assert_false(lines_next(lines, &line));
    assert_false(lines_next(lines, &line));
}

static void lines_are_whole_cut_or_unfinished(void **state)
{
    (void)state;
    struct pipe_input input = {.says = IDLE_STOP};
    open_pipe(&input, "one\n\n0123456789abcdef\n \t two\r\n0123456789\nlast");
    assert_int_equal(close(input.write_fd), 0);
    expect(&input.lines, "one", 1);
    expect(&input.lines, "", 2);
    expect_odd(&input.lines, "0123456789", 3, LINE_CUT);
    expect(&input.lines, "two", 4);
    expect(&input.lines, "0123456789", 5);
    expect(&input.lines, "last", 6);
    expect_end(&input.lines);
    assert_int_equal(input.calls, 0);
    assert_int_equal(input.lines.read_bytes, 4 + 1 + 17 + 8 + 11 + 4);
    lines_close(&input.lines);
}

static void a_byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    struct pipe_input input = {.says = IDLE_STOP};
    open_pipe(&input, "\xef\xbb\xbfone\n\xef\xbb\xbftwo\n{}\xef\xbb\xbf{1}\n");
    assert_int_equal(close(input.write_fd), 0);
    expect(&input.lines, "one", 1);
    expect_odd(&input.lines, "two", 2, LINE_MARK);
    expect_odd(&input.lines, "{}", 3, LINE_JOINED);
    expect_odd(&input.lines, "{1}", 3, LINE_MARK);
    expect_end(&input.lines);
    lines_close(&input.lines);
}

static void joined_objects_are_apart(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *parts[4];
    } rows[] = {
        {"{1}{2}", {"{1}", "{2}"}},
        {"{1} {2}\t{3}", {"{1}", "{2}", "{3}"}},
        {"{{1}}{2}", {"{{1}}", "{2}"}},
        {"{\"}\"}{2}", {"{\"}\"}", "{2}"}},
        {"{\"}{\"}", {"{\"}{\"}"}},
        {"{\"\\\"}{\"}", {"{\"\\\"}{\"}"}},
        {"{1}x", {"{1}x"}},
        {"{1},{2}", {"{1},{2}"}},
        {"{1}}{2}", {"{1}}{2}"}},
        {"{1}[2]", {"{1}[2]"}},
        {"x{1}{2}", {"x{1}{2}"}},
        {"{1", {"{1"}},
        {"{\"\\", {"{\"\\"}},
        {"{1}{2", {"{1}", "{2"}},
        /* together longer than the limit, and no end of the line within it */
        {"{12345}{67890}{abcde}", {"{12345}", "{67890}", "{abcde}"}},
        {"{1}{234567890abcdefg}", {"{1}", "{234567890"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pipe_input input = {.says = IDLE_STOP};
        struct line line;
        open_pipe(&input, rows[i].line);
        assert_int_equal(write(input.write_fd, "\nnext", 5), 5);
        assert_int_equal(close(input.write_fd), 0);
        for (size_t j = 0; j < 4 && rows[i].parts[j] != NULL; j++) {
            assert_true(lines_next(&input.lines, &line));
            assert_true(slice_equal(line.text, slice_text(rows[i].parts[j])));
            assert_int_equal(line.number, 1);
            const bool joined = j < 3 && rows[i].parts[j + 1] != NULL;
            assert_int_equal((line.odd & LINE_JOINED) != 0, joined);
        }
        expect(&input.lines, "next", 2);
        expect_end(&input.lines);
        lines_close(&input.lines);
    }
}

static void put(int fd, const char *bytes, size_t size)
{
    assert_int_equal(write(fd, bytes, size), size);
}

static void nul_bytes_are_passed_over(void **state)
{
    (void)state;
    static const char nuls[30000];
    struct pipe_input input = {.says = IDLE_STOP};
    open_pipe(&input, "{1}\n");
    put(input.write_fd, nuls, sizeof nuls);
    put(input.write_fd, "{2}\n{3\0\0\0\n{4}", 14);
    put(input.write_fd, nuls, 3);
    put(input.write_fd, "{5}\n", 4);
    put(input.write_fd, nuls, sizeof nuls);
    assert_int_equal(close(input.write_fd), 0);
    expect(&input.lines, "{1}", 1);
    expect_odd(&input.lines, "{2}", 2, LINE_NULS);
    expect_odd(&input.lines, "{3", 3, LINE_NULS);
    expect_odd(&input.lines, "{4}", 4, LINE_JOINED);
    expect_odd(&input.lines, "{5}", 4, LINE_NULS);
    expect_odd(&input.lines, "", 5, LINE_NULS);
    expect_end(&input.lines);
    lines_close(&input.lines);
}

static void utf16_is_known_by_its_beginning(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        {"\xff\xfe{\0}\0\r\0\n\0{\0}\0\r\0\n\0", 18},
        {"{\0}\0\n\0{\0}\0\n\0", 12},
        {"\xfe\xff\0{\0}\0\n\0{\0}\0\n", 14},
        {"\0{\0}\0\n\0{\0}\0\n", 12},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pipe_input input = {.says = IDLE_STOP};
        struct line line;
        unsigned records = 0;
        open_pipe(&input, "");
        put(input.write_fd, rows[i].bytes, rows[i].size);
        assert_int_equal(close(input.write_fd), 0);
        while (lines_next(&input.lines, &line)) {
            assert_int_equal(line.odd, LINE_UTF16);
            records += line.text.size != 0;
        }
        assert_int_equal(records, 2);
        lines_close(&input.lines);
    }
}

/* A line that is cut in the middle by the writer's pace is one line. */
static void the_owner_is_asked_before_waiting(void **state)
{
    (void)state;
    struct pipe_input input = {.says = IDLE_AGAIN, .later = "half\n"};
    open_pipe(&input, "one\nother ");
    expect(&input.lines, "one", 1);
    assert_int_equal(input.calls, 0);
    expect(&input.lines, "other half", 2);
    assert_int_equal(input.calls, 3);
    input.says = IDLE_STOP;
    struct line line;
    assert_false(lines_next(&input.lines, &line));
    assert_int_equal(input.calls, 4);
    assert_int_equal(input.lines.failed, 0);
    lines_close(&input.lines);
    assert_int_equal(close(input.write_fd), 0);
}

static void failures_are_told(void **state)
{
    (void)state;
    struct lines lines;
    struct line line;
    assert_int_equal(lines_open(&lines, "/no/such/file", LIMIT), STATUS_NOT_FOUND);
    assert_int_equal(lines_open(&lines, "/", LIMIT), STATUS_OK);
    assert_false(lines_next(&lines, &line));
    assert_int_equal(lines.failed, EISDIR);
    lines_close(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_whole_cut_or_unfinished),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(joined_objects_are_apart),
        cmocka_unit_test(nul_bytes_are_passed_over),
        cmocka_unit_test(utf16_is_known_by_its_beginning),
        cmocka_unit_test(the_owner_is_asked_before_waiting),
        cmocka_unit_test(failures_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
