/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings and INI files as tables: a file's text → the value, or the exact sentence that its
 * author reads.
 */
#include "config/config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/slice.h"
#include "config/ini_file.h"

static char path[] = "/tmp/hoso-config-test-XXXXXX";

struct values {
    const char *peer_key;
    int64_t map_bytes;
    const char *listen;
    const char *data;
};

static struct values values;

static const struct setting settings[] = {
    {SETTING(struct values, data, TEXT), NULL, 0, 0, "Directory of the store."},
    {SETTING(struct values, listen, ENDPOINT), "tcp://127.0.0.1:7001", 0, 0, "Endpoint."},
    {SETTING(struct values, map_bytes, NUMBER), "4096", -10, 8192, "Size."},
    {SETTING(struct values, peer_key, PUBLIC_KEYS), "", 0, 0, "Key."},
    {0},
};

static void write_file(struct slice text, mode_t mode)
{
    const int fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.data, text.size), text.size);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static enum status load_path(const char *file, struct config **ret_config, struct error *error)
{
    const struct config_sources sources = {.program = "test", .path = file};
    error->text[0] = '\0';
    return config_load(&sources, settings, &values, ret_config, error);
}

static enum status load(struct slice text, struct config **ret_config, struct error *error)
{
    write_file(text, 0600);
    return load_path(path, ret_config, error);
}

#define FAULT(text, why)                                 \
    {                                                    \
        {(const uint8_t *)(text), sizeof(text) - 1}, why \
    }

static const struct {
    struct slice text;
    const char *why; /* after the path */
} faults[] = {
    FAULT("", ": setting \"data\" is missing: Directory of the store."),
    FAULT("data =\n", ":1: data: is empty"),
    FAULT("data = a\ndata = b\n", ":2: data: given twice"),
    FAULT("data = a\nmap_byte = 1\n", ":2: no setting \"map_byte\"; did you mean \"map_bytes\"?"),
    FAULT("data = a\nsomething_else = 1\n", ":2: no setting \"something_else\""),
    FAULT("data = a\n[section]\n", ":2: this file has no sections"),
    FAULT("data = a\nmap_bytes = 12k\n", ":2: map_bytes: \"12k\" is not a whole number"),
    FAULT("data = a\nmap_bytes = 0x10\n", ":2: map_bytes: \"0x10\" is not a whole number"),
    FAULT("data = a\nmap_bytes = +1\n", ":2: map_bytes: \"+1\" is not a whole number"),
    FAULT("data = a\nmap_bytes = -\n", ":2: map_bytes: \"-\" is not a whole number"),
    FAULT("data = a\nmap_bytes =\n", ":2: map_bytes: \"\" is not a whole number"),
    FAULT("data = a\nmap_bytes = 99999999999999999999\n",
          ":2: map_bytes: \"99999999999999999999\" is not a whole number"),
    FAULT("data = a\nmap_bytes = 8193\n", ":2: map_bytes: 8193 is not between -10 and 8192"),
    FAULT("data = a\nmap_bytes = -11\n", ":2: map_bytes: -11 is not between -10 and 8192"),
    FAULT("data = a\nlisten =\n", ":2: listen: is empty"),
    FAULT("data = a\nlisten = 7001\n",
          ":2: listen: \"7001\" is not an endpoint, which looks like tcp://HOST:PORT"),
    FAULT("data = a\npeer_key = D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%c\n",
          ":2: peer_key: is not a public key: 40 characters of Z85, the \"public\" line of a key "
          "file"),
    FAULT("data = a\npeer_key = ________________________________________\n",
          ":2: peer_key: is not a public key: 40 characters of Z85, the \"public\" line of a key "
          "file"),
    FAULT("data = a\nwhat is this\n", ":2: neither a name = value line nor a comment"),
    FAULT("data = a\n= 3\n", ":2: the name before the = is missing"),
    FAULT("data = a\nlisten = \xff\n", ":2: the line is not UTF-8, or has control characters"),
    FAULT("data = a\nlisten = x\0y\n", ":2: the line is not UTF-8, or has control characters"),
    FAULT("data = a\0\n", ":1: the line is not UTF-8, or has control characters"),
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct config *config = NULL;
        struct error error;
        assert_int_equal(load(faults[i].text, &config, &error), STATUS_INVALID);
        assert_memory_equal(error.text, path, strlen(path));
        assert_string_equal(error.text + strlen(path), faults[i].why);
        assert_null(config);
    }
}

static void test_values(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct error error;
    const char *text = "\xef\xbb\xbf# comment\r\n; another\r\n\r\n"
                       "  data = /var/lib/hồ sơ ; where it is\r\n"
                       "\tmap_bytes\t:\t-10\r\n";
    assert_int_equal(load(slice_text(text), &config, &error), STATUS_OK);
    assert_string_equal(values.data, "/var/lib/hồ sơ");
    assert_string_equal(values.listen, "tcp://127.0.0.1:7001");
    assert_int_equal(values.map_bytes, -10);
    config_free(config);
    assert_int_equal(load(slice_text("data = a"), &config, &error), STATUS_OK);
    assert_string_equal(values.data, "a");
    assert_int_equal(values.map_bytes, 4096);
    config_free(config);
    /* A printed value must be the same when it is read again, so none begins with a semicolon. */
    assert_int_equal(load(slice_text("data =;a\n"), &config, &error), STATUS_INVALID);
}

static void test_endpoints(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum status status;
    } rows[] = {
        {"tcp://127.0.0.1:1", STATUS_OK},       {"tcp://[::1]:7301", STATUS_OK},
        {"tcp://intake:65535", STATUS_OK},      {"tcp://*:7301", STATUS_OK},
        {"tcp://127.0.0.1:*", STATUS_OK},       {"tcp://127.0.0.1:0", STATUS_INVALID},
        {"tcp://127.0.0.1:x", STATUS_INVALID},  {"tcp://127.0.0.1:65536", STATUS_INVALID},
        {"tcp://127.0.0.1:-1", STATUS_INVALID}, {"tcp://127.0.0.1", STATUS_INVALID},
        {"tcp://:7301", STATUS_INVALID},        {"tcp://", STATUS_INVALID},
        {"ipc://a:1", STATUS_INVALID},          {"127.0.0.1:7301", STATUS_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        struct config *config = NULL;
        struct error error;
        (void)snprintf(text, sizeof text, "data = a\nlisten = %s\n", rows[i].text);
        assert_int_equal(load(slice_text(text), &config, &error), rows[i].status);
        config_free(config);
    }
}

/* An indented line is a setting of its own, never the rest of the one before. */
static void test_no_multiline(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct error error;
    assert_int_equal(load(slice_text("data = a\n   b\n"), &config, &error), STATUS_INVALID);
    assert_int_equal(load(slice_text("data = a\n   map_bytes = 5\n"), &config, &error), STATUS_OK);
    assert_int_equal(values.map_bytes, 5);
    config_free(config);
}

static void test_line_limit(void **state)
{
    (void)state;
    static char text[INI_LINE_MAX + 2];
    for (size_t size = INI_LINE_MAX; size <= INI_LINE_MAX + 1; size++) {
        struct config *config = NULL;
        struct error error;
        memset(text, ';', size);
        memcpy(text, "data=a ", 7);
        text[size] = '\n';
        const enum status status = load(slice_of(text, size + 1), &config, &error);
        assert_int_equal(status, size <= INI_LINE_MAX ? STATUS_OK : STATUS_INVALID);
        assert_true(status == STATUS_OK ||
                    strstr(error.text, ":1: the line is too long (4096 bytes at most)") != NULL);
        config_free(status == STATUS_OK ? config : NULL);
    }
}

/* The longest line reaches its setting whole. */
static void test_value_limit(void **state)
{
    (void)state;
    char text[CONFIG_VALUE_MAX + 32];
    for (size_t size = CONFIG_VALUE_MAX; size <= CONFIG_VALUE_MAX + 1; size++) {
        struct config *config = NULL;
        struct error error;
        const size_t head = strlen("data = ");
        memcpy(text, "data = ", head);
        memset(text + head, 'x', size);
        const enum status status = load(slice_of(text, head + size), &config, &error);
        assert_int_equal(status, size <= CONFIG_VALUE_MAX ? STATUS_OK : STATUS_INVALID);
        if (status == STATUS_OK) {
            assert_int_equal(strlen(values.data), size);
            config_free(config);
        }
    }
}

static void test_files(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct error error;
    assert_int_equal(load_path("/nowhere/at/all", &config, &error), STATUS_NOT_FOUND);
    assert_string_equal(error.text, "cannot open /nowhere/at/all: No such file or directory");
    assert_int_equal(load_path("/tmp", &config, &error), STATUS_INVALID);
    write_file(slice_text("data = a\n"), 0620);
    assert_int_equal(load_path(path, &config, &error), STATUS_DENIED);
    assert_non_null(strstr(error.text, "has mode 0620"));
    assert_null(config);
}

/* The sample loads once what must be given is given. */
static void test_sample(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct config *config = NULL;
    struct error error;
    assert_non_null(out);
    config_sample(settings, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "# Directory of the store. Must be given.\ndata =\n\n"
                              "# Endpoint.\n;listen = tcp://127.0.0.1:7001\n\n"
                              "# Size. (-10 to 8192)\n;map_bytes = 4096\n\n"
                              "# Key.\n;peer_key = \n\n");
    assert_int_equal(load(slice_of(text, size), &config, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, ":2: data: is empty"));
    free(text);
}

static enum status collect(void *context, const struct ini_entry *entry, struct error *error)
{
    char *seen = context;
    const size_t used = strlen(seen);
    (void)error;
    (void)snprintf(seen + used, 512 - used, "%u %s/%s=%s\n", entry->line, entry->section,
                   entry->name != NULL ? entry->name : "-",
                   entry->name != NULL ? entry->value : "");
    return STATUS_OK;
}

static void test_sections(void **state)
{
    (void)state;
    char seen[512] = "";
    char text[256];
    const char *longest = "a23456789-b23456789-c23456789-d23456789-e23456789-f23456789-g234";
    struct error error;
    (void)snprintf(text, sizeof text, "[%s]\nx = 1\n[ b ] ; why\n[b]\ny=2=3\n", longest);
    write_file(slice_text(text), 0600);
    assert_int_equal(ini_file_read(path, 4096, 0, collect, seen, &error), STATUS_OK);
    (void)snprintf(text, sizeof text, "1 %s/-=\n2 %s/x=1\n3 b/-=\n4 b/-=\n5 b/y=2=3\n", longest,
                   longest);
    assert_string_equal(seen, text);
}

static void test_broken_sections(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "[a\n", "[]\n", "[a] b\n",
        "[a23456789-b23456789-c23456789-d23456789-e23456789-f23456789-g2345]\n"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        char seen[512] = "";
        struct error error;
        write_file(slice_text(broken[i]), 0600);
        assert_int_equal(ini_file_read(path, 4096, 0, collect, seen, &error), STATUS_INVALID);
        assert_non_null(strstr(error.text, ":1: a section looks like [name]"));
        assert_string_equal(seen, "");
    }
    write_file(slice_text("x = 123456789\n"), 0600);
    assert_int_equal(ini_file_read(path, 8, 0, collect, NULL, NULL), STATUS_TOO_LARGE);
}

int main(void)
{
    const int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),          cmocka_unit_test(test_values),
        cmocka_unit_test(test_no_multiline),    cmocka_unit_test(test_line_limit),
        cmocka_unit_test(test_value_limit),     cmocka_unit_test(test_files),
        cmocka_unit_test(test_sample),          cmocka_unit_test(test_sections),
        cmocka_unit_test(test_broken_sections), cmocka_unit_test(test_endpoints),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
