/* SPDX-License-Identifier: Apache-2.0
 *
 * The environment over the file, each fault with the variable's name; and what is printed is a file
 * that gives the same settings.
 */
#include "config/config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/slice.h"
#include "config/ini_file.h"

enum { ENTRIES_MAX = 4 };

static char path[] = "/tmp/hoso-environment-test-XXXXXX";

struct values {
    const char *data;
    const char *listen;
    int64_t map_bytes;
    const char *note;
};

static struct values values;

static const struct setting settings[] = {
    {SETTING(struct values, data, TEXT), NULL, 0, 0, "Directory of the store."},
    {SETTING(struct values, listen, ENDPOINT), "tcp://127.0.0.1:7001", 0, 0, "Endpoint."},
    {SETTING(struct values, map_bytes, NUMBER), "4096", -10, 8192, "Size."},
    {SETTING(struct values, note, TEXT), "", 0, 0, "Any text, as of `hoso key`. Or none."},
    {0},
};

static void write_file(const char *text)
{
    const int fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
}

/* `file` NULL = none. */
static enum status load(const char *file, const char *const *entries, struct config **ret_config,
                        struct error *error)
{
    char *environment[ENTRIES_MAX + 1] = {NULL};
    size_t count = 0;
    for (; entries != NULL && entries[count] != NULL && count < ENTRIES_MAX; count++) {
        environment[count] = strdup(entries[count]);
    }
    if (file != NULL) {
        write_file(file);
    }
    const struct config_sources sources = {.program = "intake",
                                           .path = file != NULL ? path : NULL,
                                           .environment = entries != NULL ? environment : NULL};
    error->text[0] = '\0';
    const enum status status = config_load(&sources, settings, &values, ret_config, error);
    for (size_t i = 0; i < count; i++) {
        free(environment[i]);
    }
    return status;
}

static void test_precedence(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct error error;
    const char *file = "data = /file\nmap_bytes = 1\n";
    const char *const entries[] = {"HOSO_INTAKE_MAP_BYTES=2", "HOSO_AGGREGATION_MAP_BYTE=3",
                                   "HOSO_CONFIG=/elsewhere", NULL};
    assert_int_equal(load(file, entries, &config, &error), STATUS_OK);
    assert_string_equal(values.data, "/file");
    assert_int_equal(values.map_bytes, 2);
    assert_string_equal(values.listen, "tcp://127.0.0.1:7001");
    assert_int_equal(config_origin(config, offsetof(struct values, data)), CONFIG_FILE);
    assert_int_equal(config_origin(config, offsetof(struct values, map_bytes)), CONFIG_ENVIRONMENT);
    assert_int_equal(config_origin(config, offsetof(struct values, listen)), CONFIG_DEFAULT);
    config_free(config);
    assert_int_equal(load(file, NULL, &config, &error), STATUS_OK);
    assert_int_equal(values.map_bytes, 1);
    config_free(config);
}

static void test_environment_alone(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct error error;
    const char *const entries[] = {"HOSO_INTAKE_DATA=/var/lib/hồ sơ", "HOSO_INTAKE_NOTE=", NULL};
    assert_int_equal(load(NULL, entries, &config, &error), STATUS_OK);
    assert_string_equal(values.data, "/var/lib/hồ sơ");
    assert_string_equal(values.note, "");
    config_free(config);
}

static const struct {
    const char *file;
    const char *entry;
    const char *why;
} faults[] = {
    {"data = a\n", "HOSO_INTAKE_MAP_BYTE=5",
     "HOSO_INTAKE_MAP_BYTE in the environment: there is no such setting; did you mean "
     "HOSO_INTAKE_MAP_BYTES?"},
    {"data = a\n", "HOSO_INTAKE_map_bytes=5",
     "HOSO_INTAKE_map_bytes in the environment: there is no such setting; did you mean "
     "HOSO_INTAKE_MAP_BYTES?"},
    {"data = a\n", "HOSO_INTAKE_SERVICE_HOST=10.0.0.1",
     "HOSO_INTAKE_SERVICE_HOST in the environment: there is no such setting"},
    {"data = a\n", "HOSO_INTAKE_=5", "HOSO_INTAKE_ in the environment: there is no such setting"},
    {"data = a\n", "HOSO_INTAKE_MAP_BYTES=8193",
     "HOSO_INTAKE_MAP_BYTES: 8193 is not between -10 and 8192"},
    {"data = a\n", "HOSO_INTAKE_MAP_BYTES=lots",
     "HOSO_INTAKE_MAP_BYTES: \"lots\" is not a whole number"},
    {"data = a\n", "HOSO_INTAKE_LISTEN=here",
     "HOSO_INTAKE_LISTEN: \"here\" is not an endpoint, which looks like tcp://HOST:PORT"},
    {"data = a\n", "HOSO_INTAKE_DATA=", "HOSO_INTAKE_DATA: is empty"},
    {NULL, "HOSO_INTAKE_NOTE=x",
     "setting \"data\" is missing: Directory of the store. Or set HOSO_INTAKE_DATA."},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct config *config = NULL;
        struct error error;
        const char *const entries[] = {faults[i].entry, NULL};
        assert_int_equal(load(faults[i].file, entries, &config, &error), STATUS_INVALID);
        assert_string_equal(error.text, faults[i].why);
        assert_null(config);
    }
}

/* A fault in the file is told even where the environment stands over it. */
static void test_faults_of_both(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct error error;
    const char *const good[] = {"HOSO_INTAKE_MAP_BYTES=1", NULL};
    const char *const twice[] = {"HOSO_INTAKE_MAP_BYTES=1", "HOSO_INTAKE_MAP_BYTES=2", NULL};
    assert_int_equal(load("data = a\nmap_bytes = x\n", good, &config, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, ":2: map_bytes: \"x\""));
    assert_int_equal(load("data = a\n", twice, &config, &error), STATUS_INVALID);
    assert_string_equal(error.text, "HOSO_INTAKE_MAP_BYTES: given twice");
}

/* What a file could not say is refused from the environment, too: else what is printed would lie.
 */
static void test_values_that_no_file_holds(void **state)
{
    (void)state;
    static const char *const refused[] = {"HOSO_INTAKE_NOTE= x",   "HOSO_INTAKE_NOTE=x\t",
                                          "HOSO_INTAKE_NOTE=x ;y", "HOSO_INTAKE_NOTE=;x",
                                          "HOSO_INTAKE_NOTE=x\ny", "HOSO_INTAKE_NOTE=\xff"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct config *config = NULL;
        struct error error;
        const char *const entries[] = {refused[i], NULL};
        assert_int_equal(load("data = a\n", entries, &config, &error), STATUS_INVALID);
        assert_non_null(strstr(error.text, "HOSO_INTAKE_NOTE: could not stand in a file"));
    }
    static char longer[CONFIG_VALUE_MAX + 32] = "HOSO_INTAKE_NOTE=";
    memset(longer + strlen("HOSO_INTAKE_NOTE="), ' ', CONFIG_VALUE_MAX + 1);
    struct config *config = NULL;
    struct error error;
    const char *const entries[] = {longer, NULL};
    assert_int_equal(load("data = a\n", entries, &config, &error), STATUS_INVALID);
    assert_string_equal(error.text, "HOSO_INTAKE_NOTE: longer than 1024 bytes");
}

static char *printed(const struct config *config)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    config_print(config, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void test_print(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct error error;
    char expected[1024];
    const char *const entries[] = {"HOSO_INTAKE_LISTEN=tcp://*:1", NULL};
    assert_int_equal(load("# where\ndata = /d\n", entries, &config, &error), STATUS_OK);
    char *text = printed(config);
    (void)snprintf(expected, sizeof expected,
                   "# The settings in force, and where each comes from. HOSO_INTAKE_NAME in the "
                   "environment stands over a file.\n"
                   "data = /d                                ; %s:2\n"
                   "listen = tcp://*:1                       ; HOSO_INTAKE_LISTEN\n"
                   "map_bytes = 4096                         ; default\n"
                   "note =                                   ; default\n",
                   path);
    assert_string_equal(text, expected);
    free(text);
    config_free(config);
}

static void expect_same(const struct values *a, const struct values *b)
{
    assert_string_equal(a->data, b->data);
    assert_string_equal(a->listen, b->listen);
    assert_true(a->map_bytes == b->map_bytes);
    assert_string_equal(a->note, b->note);
}

/* Printed, loaded, printed again: the same settings, and then the same file to the letter. */
static void test_print_round_trip(void **state)
{
    (void)state;
    static const char *const notes[] = {
        "HOSO_INTAKE_NOTE=",     "HOSO_INTAKE_NOTE=a;b=c:d # e", "HOSO_INTAKE_NOTE=\"q\" \\ 'r'",
        "HOSO_INTAKE_NOTE=[x]",  "HOSO_INTAKE_NOTE=# x",         "HOSO_INTAKE_NOTE==",
        "HOSO_INTAKE_NOTE=hồ sơ"};
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        struct config *first = NULL;
        struct config *second = NULL;
        struct config *third = NULL;
        struct error error;
        const char *const entries[] = {"HOSO_INTAKE_MAP_BYTES=-10", "HOSO_INTAKE_DATA=/d", notes[i],
                                       NULL};
        assert_int_equal(load(NULL, entries, &first, &error), STATUS_OK);
        const struct values before = values;
        char *once = printed(first);
        assert_int_equal(load(once, NULL, &second, &error), STATUS_OK);
        expect_same(&before, &values);
        char *twice = printed(second);
        assert_int_equal(load(twice, NULL, &third, &error), STATUS_OK);
        char *thrice = printed(third);
        assert_string_equal(twice, thrice);
        free(once);
        free(twice);
        free(thrice);
        config_free(first);
        config_free(second);
        config_free(third);
    }
}

/* A file's name that would end the comment, or is not UTF-8, does not reach the printed file. */
static void test_print_of_an_odd_path(void **state)
{
    (void)state;
    static const char odd[] = "/tmp/hoso-environment-test\nlisten = \xff";
    struct config *config = NULL;
    struct error error;
    write_file("data = /d\n");
    assert_int_equal(rename(path, odd), 0);
    const struct config_sources sources = {.program = "intake", .path = odd};
    const enum status status = config_load(&sources, settings, &values, &config, &error);
    assert_int_equal(rename(odd, path), 0);
    assert_int_equal(status, STATUS_OK);
    char *text = printed(config);
    config_free(config);
    assert_non_null(strstr(text, "; /tmp/hoso-environment-test?listen = ?:1\n"));
    assert_int_equal(load(text, NULL, &config, &error), STATUS_OK);
    free(text);
    config_free(config);
}

static void test_manual(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    config_manual("intake", settings, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, ".It Cm data Pq Ev HOSO_INTAKE_DATA\n"
                              "Directory of the store.\nMust be given.\n"
                              ".It Cm listen Pq Ev HOSO_INTAKE_LISTEN\n"
                              "Endpoint.\nIt looks like tcp://HOST:PORT.\n"
                              "Default: tcp://127.0.0.1:7001.\n"
                              ".It Cm map_bytes Pq Ev HOSO_INTAKE_MAP_BYTES\n"
                              "Size.\nFrom -10 to 8192.\nDefault: 4096.\n"
                              ".It Cm note Pq Ev HOSO_INTAKE_NOTE\n"
                              "Any text, as of \\fBhoso key\\fP.\nOr none.\nDefault: empty.\n");
    free(text);
}

int main(void)
{
    const int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_environment_alone),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_faults_of_both),
        cmocka_unit_test(test_values_that_no_file_holds),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_print_round_trip),
        cmocka_unit_test(test_print_of_an_odd_path),
        cmocka_unit_test(test_manual),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
