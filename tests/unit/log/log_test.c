/* SPDX-License-Identifier: Apache-2.0
 *
 * What is logged into a pipe is one JSON object a line, whatever the values hold.
 */
#include "log/log.h"

#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { OUTPUT_MAX = 64 << 10, LINE_BYTES_MAX = 4096 };

static int pipe_fds[2];
static int stderr_before;

static int begin(void **state)
{
    (void)state;
    if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) != 0) {
        return -1;
    }
    stderr_before = dup(STDERR_FILENO);
    return dup2(pipe_fds[1], STDERR_FILENO) < 0 ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    (void)dup2(stderr_before, STDERR_FILENO);
    return close(stderr_before) | close(pipe_fds[0]) | close(pipe_fds[1]);
}

/* The one line that was written, parsed. */
static json_t *taken(void)
{
    static char text[OUTPUT_MAX];
    const ssize_t size = read(pipe_fds[0], text, sizeof text - 1);
    assert_true(size > 0 && size <= LINE_BYTES_MAX);
    text[size] = '\0';
    assert_ptr_equal(strchr(text, '\n'), text + size - 1);
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(line);
    return line;
}

static const char *member(const json_t *line, const char *key)
{
    return json_string_value(json_object_get(line, key));
}

static void test_members(void **state)
{
    (void)state;
    log_open("intake", LOG_INFO);
    log_event(LOG_WARNING, "intake.slow", "the disk is slow", "ms", "120", "path", "/dữ liệu",
              NULL);
    json_t *line = taken();
    assert_string_equal(member(line, "level"), "warning");
    assert_string_equal(member(line, "service"), "intake");
    assert_string_equal(member(line, "id"), "intake.slow");
    assert_string_equal(member(line, "text"), "the disk is slow");
    assert_string_equal(member(line, "ms"), "120");
    assert_string_equal(member(line, "path"), "/dữ liệu");
    const char *stamp = member(line, "time");
    assert_int_equal(strlen(stamp), strlen("2024-01-19T08:12:00.000Z"));
    assert_true(stamp[10] == 'T' && stamp[19] == '.' && stamp[23] == 'Z');
    json_decref(line);
}

static void test_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *expected;
    } rows[] = {
        {"\"quoted\" \\ back", "\"quoted\" \\ back"},
        {"a\nb\tc\x01\x1f\x7f", "a\nb\tc\x01\x1f\x7f"},
        {"\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"ế\xf0\x9f\x98\x80\xe1\xba", "ế\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd"},
        {"", ""},
    };
    log_open("intake", LOG_INFO);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        log_event(LOG_ERROR, "a.b", "c", "value", rows[i].value, NULL);
        json_t *line = taken();
        assert_string_equal(member(line, "value"), rows[i].expected);
        json_decref(line);
    }
}

static void test_levels(void **state)
{
    (void)state;
    char byte;
    log_open("intake", LOG_WARNING);
    log_event(LOG_INFO, "a.b", "not shown", NULL);
    assert_int_equal(read(pipe_fds[0], &byte, 1), -1);
    log_event(LOG_WARNING, "a.b", "shown", NULL);
    json_decref(taken());
}

/* What does not fit is left out whole, and the line stays an object. */
static void test_cut(void **state)
{
    (void)state;
    static char large[3 * LINE_BYTES_MAX];
    log_open("intake", LOG_INFO);
    for (size_t size = LINE_BYTES_MAX - 300; size < LINE_BYTES_MAX + 10; size++) {
        memset(large, '"', size / 2);
        large[size / 2] = '\0';
        log_event(LOG_ERROR, "a.b", "c", "small", "1", "large", large, "after", "2", NULL);
        json_t *line = taken();
        assert_string_equal(member(line, "small"), "1");
        const char *value = member(line, "large");
        assert_int_equal(value == NULL || member(line, "after") == NULL,
                         member(line, "cut") != NULL);
        assert_true(value == NULL || strcmp(value, large) == 0);
        json_decref(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_members, begin, end),
        cmocka_unit_test_setup_teardown(test_escapes, begin, end),
        cmocka_unit_test_setup_teardown(test_levels, begin, end),
        cmocka_unit_test_setup_teardown(test_cut, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
