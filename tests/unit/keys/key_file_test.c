/* SPDX-License-Identifier: Apache-2.0
 *
 * Key files as a table: a text → a pair of keys, or the sentence that its owner reads, in which the
 * secret key never stands.
 */
#include "keys/key_file.h"

#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/hoso-key-file-test-XXXXXX";

static void write_file(const char *text, mode_t mode)
{
    const int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

#define PUBLIC "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define SECRET "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
#define OTHER_PUBLIC "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

static void test_keys(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *why; /* NULL = sound */
    } rows[] = {
        {"public = " PUBLIC "\nsecret = " SECRET "\n", NULL},
        {"public = " OTHER_PUBLIC "\nsecret = " SECRET "\n", "public does not belong to secret"},
        {"public = " PUBLIC "\n", "secret is missing"},
        {"secret = " SECRET "\n", "public is missing"},
        {"public = " PUBLIC "\npublic = " PUBLIC "\n", ":2: public is given twice"},
        {"secret = short\n", ":1: secret is not a Z85 text of 40 characters"},
        {"private = " SECRET "\n", ":1: a key file has public"},
        {"[keys]\n", ":1: a key file has public"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bus_keys keys;
        struct error error = {.text = ""};
        write_file(rows[i].text, 0600);
        const enum status status = key_file_read(path, &keys, &error);
        assert_int_equal(status, rows[i].why == NULL ? STATUS_OK : STATUS_INVALID);
        assert_true(rows[i].why == NULL || strstr(error.text, rows[i].why) != NULL);
        assert_null(strstr(error.text, SECRET));
    }
}

static void test_others_may_read(void **state)
{
    (void)state;
    struct bus_keys keys;
    struct error error = {.text = ""};
    write_file("public = " PUBLIC "\nsecret = " SECRET "\n", 0640);
    assert_int_equal(key_file_read(path, &keys, &error), STATUS_DENIED);
    assert_non_null(strstr(error.text, "has mode 0640, too open"));
}

enum { SERVICE = 65534 };

/* What a service of its own user and group gets; 100 + the status, or 100 alone if the advice is
 * not one that it can follow. */
static int read_as_service(void)
{
    const pid_t pid = fork();
    int result = 0;
    if (pid == 0) {
        struct bus_keys keys;
        struct error error = {.text = ""};
        if (setgroups(0, NULL) != 0 || setgid(SERVICE) != 0 || setuid(SERVICE) != 0) {
            _exit(1);
        }
        const enum status status = key_file_read(path, &keys, &error);
        const bool mounted = strstr(error.text, "fsGroup") != NULL;
        _exit(strstr(error.text, "too open") != NULL && !mounted ? 100 : 100 + (int)status);
    }
    assert_int_equal(waitpid(pid, &result, 0), pid);
    return WEXITSTATUS(result);
}

/* As Kubernetes and Swarm mount secrets: root's, readable for a group. */
static void test_mounted_secrets(void **state)
{
    (void)state;
    static const struct {
        mode_t mode;
        gid_t group;
        enum status status;
    } rows[] = {{0440, SERVICE, STATUS_OK},     {0640, SERVICE, STATUS_OK},
                {0444, SERVICE, STATUS_DENIED}, {0460, SERVICE, STATUS_DENIED},
                {0444, 0, STATUS_DENIED},       {0440, 0, STATUS_DENIED}};
    if (geteuid() != 0) {
        skip();
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_file("public = " PUBLIC "\nsecret = " SECRET "\n", 0600);
        assert_int_equal(chown(path, 0, rows[i].group), 0);
        assert_int_equal(chmod(path, rows[i].mode), 0);
        assert_int_equal(read_as_service(), 100 + (int)rows[i].status);
    }
    write_file("public = " PUBLIC "\nsecret = " SECRET "\n", 0440);
    assert_int_equal(chown(path, SERVICE, SERVICE), 0); /* not root's */
    assert_int_equal(read_as_service(), 100);
}

static void test_create(void **state)
{
    (void)state;
    struct bus_keys made;
    struct bus_keys read;
    struct error error = {.text = ""};
    assert_int_equal(bus_keys_generate(&made), STATUS_OK);
    assert_int_equal(key_file_create(path, &made, &error), STATUS_EXISTS);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(key_file_create(path, &made, &error), STATUS_OK);
    assert_int_equal(key_file_read(path, &read, &error), STATUS_OK);
    assert_memory_equal(&read, &made, sizeof made);
}

int main(void)
{
    const int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_others_may_read),
        cmocka_unit_test(test_mounted_secrets),
        cmocka_unit_test(test_create),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
