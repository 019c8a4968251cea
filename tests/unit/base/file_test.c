/* SPDX-License-Identifier: Apache-2.0
 *
 * Small files: whole or refused with a sentence; a replacement leaves the old file or the new one.
 */
#include "base/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum { BYTES_MAX = 64 };

static char folder[] = "/tmp/hoso-file-test-XXXXXX";
static char path[sizeof folder + 16];
static char beside[sizeof path + 16];

static bool no_directory_syncs; /* a share as some servers make it */

int fsync(int fd)
{
    struct stat info;
    if (no_directory_syncs && fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        errno = EINVAL;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

static void expect_file(const char *text, mode_t mode)
{
    struct stat info;
    struct buffer read;
    buffer_init(&read, BYTES_MAX);
    assert_int_equal(file_read(path, 0, &read, NULL), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&read), slice_text(text)));
    buffer_fini(&read);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, mode);
    assert_int_not_equal(access(beside, F_OK), 0);
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    (void)unlink(beside);
    return 0;
}

static void test_replace(void **state)
{
    (void)state;
    struct error error = {.text = ""};
    assert_int_equal(file_replace(path, 0600, slice_text("first"), &error), STATUS_OK);
    expect_file("first", 0600);
    assert_int_equal(file_replace(path, 0644, slice_text(""), &error), STATUS_OK);
    expect_file("", 0644);
    /* Left over from one that was interrupted. */
    assert_int_equal(file_create(beside, 0600, slice_text("half of a longer text"), &error),
                     STATUS_OK);
    assert_int_equal(file_replace(path, 0644, slice_text("second"), &error), STATUS_OK);
    expect_file("second", 0644);
}

static void test_a_share_whose_directories_cannot_be_synced(void **state)
{
    (void)state;
    struct error error = {.text = ""};
    no_directory_syncs = true;
    const enum status made = file_create(path, 0600, slice_text("first"), &error);
    const enum status replaced = file_replace(path, 0600, slice_text("second"), &error);
    no_directory_syncs = false;
    assert_int_equal(made, STATUS_OK);
    assert_int_equal(replaced, STATUS_OK);
    expect_file("second", 0600);
}

/* What cannot be replaced stays, and nothing is left beside it. */
static void test_replace_fails(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(file_replace(path, 0600, slice_text("text"), &error), STATUS_IO);
    assert_non_null(strstr(error.text, "cannot replace "));
    assert_int_not_equal(access(beside, F_OK), 0);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(file_replace("/nowhere/at/all", 0600, slice_text("text"), &error),
                     STATUS_NOT_FOUND);
    assert_string_equal(error.text, "cannot make /nowhere/at/all.new: No such file or directory");
    /* Nobody can lead the writing elsewhere by a link. */
    assert_int_equal(symlink("elsewhere", beside), 0);
    assert_int_equal(file_replace(path, 0600, slice_text("text"), &error), STATUS_IO);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void test_create(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(file_create(path, 0600, slice_text("mine"), &error), STATUS_OK);
    assert_int_equal(file_create(path, 0600, slice_text("other"), &error), STATUS_EXISTS);
    assert_non_null(strstr(error.text, "cannot make "));
    assert_non_null(strstr(error.text, "File exists"));
    expect_file("mine", 0600);
}

static void test_read(void **state)
{
    (void)state;
    static char longer[BYTES_MAX + 1];
    struct error error;
    struct buffer text;
    buffer_init(&text, BYTES_MAX);
    assert_int_equal(file_read(path, 0, &text, &error), STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "cannot open "));
    assert_int_equal(file_read("/tmp", 0, &text, &error), STATUS_INVALID);
    assert_string_equal(error.text, "/tmp: not a regular file");
    assert_int_equal(file_replace(path, 0640, slice_of(longer, BYTES_MAX), &error), STATUS_OK);
    assert_int_equal(file_read(path, 077, &text, &error), STATUS_DENIED);
    assert_non_null(strstr(error.text, "has mode 0640, too open: others could read or change it; "
                                       "chmod 0600 it"));
    assert_int_equal(text.size, 0);
    assert_int_equal(file_read(path, 027, &text, &error), STATUS_OK);
    assert_int_equal(text.size, BYTES_MAX);
    buffer_clear(&text);
    assert_int_equal(file_replace(path, 0640, slice_of(longer, BYTES_MAX + 1), &error), STATUS_OK);
    assert_int_equal(file_read(path, 0, &text, &error), STATUS_TOO_LARGE);
    assert_non_null(strstr(error.text, ": larger than 64 bytes"));
    buffer_fini(&text);
}

int main(void)
{
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    (void)snprintf(path, sizeof path, "%s/file", folder);
    (void)snprintf(beside, sizeof beside, "%s.new", path);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_replace, tear_down),
        cmocka_unit_test_teardown(test_a_share_whose_directories_cannot_be_synced, tear_down),
        cmocka_unit_test_teardown(test_replace_fails, tear_down),
        cmocka_unit_test_teardown(test_create, tear_down),
        cmocka_unit_test_teardown(test_read, tear_down),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)rmdir(folder);
    return failed;
}
