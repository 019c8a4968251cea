/* SPDX-License-Identifier: Apache-2.0
 *
 * Registry files as a table of faults with the sentence their author reads; then finding, expiry
 * and reload.
 */
#include "registry/registry.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/localday.h"
#include "base/slice.h"

/* Z85 of 32 bytes each. */
#define KEY_1 "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
#define KEY_2 "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define KEY_3 "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define KEY_4 "0oH61x5CB{SnpQzYhYPV>@W%gp>T[tdM{I6iZabc"

static char path[] = "/tmp/hoso-registry-test-XXXXXX";

static void write_file(struct slice text)
{
    const int fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.data, text.size), text.size);
    assert_int_equal(fchmod(fd, 0644), 0);
    assert_int_equal(close(fd), 0);
}

static struct registry *open_text(const char *text)
{
    struct registry *registry = NULL;
    struct error error = {.text = ""};
    write_file(slice_text(text));
    const enum status status = registry_open(path, &registry, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return registry;
}

#define AGENCY(name, key) "[" name "]\nkey = " key "\nrole = agency\nunits = *\n"
#define HASH "5bad132860a1f4565cfe34262ad34712012382a2f2acc927d9f63bf3408bb6f5"
#define UNIT_40 "1234567890123456789012345678901234567890"
#define UNIT_64 UNIT_40 "123456789012345678901234"

static const struct {
    const char *text;
    const char *why; /* after the path */
} faults[] = {
    {"key = " KEY_1 "\n", ":1: a [name] has to come first"},
    {"[A]\n", ":1: [A]: a name has a-z, 0-9, . and -, and begins with a letter or digit"},
    {"[-a]\n", ":1: [-a]: a name has a-z, 0-9, . and -, and begins with a letter or digit"},
    {"[a_b]\n", ":1: [a_b]: a name has a-z, 0-9, . and -, and begins with a letter or digit"},
    {"[a]\n", ": [a]: role is missing"},
    {"[a]\n[b]\n", ":2: [a]: role is missing"},
    {"[a]\nrole = service\n", ": [a]: key is missing: the role service comes with one"},
    {"[a]\nrole = gateway\n", ": [a]: key is missing: the role gateway comes with one"},
    {"[a]\nkey = " KEY_1 "\nrole = gateway\ntoken = 5980ad19 " HASH " never\n",
     ": [a]: password and token are for the roles source, agency and admin only"},
    {"[a]\nrole = agency\nunits = *\npassword = abc\n",
     ":4: [a]: password is not a hash that hoso key password makes"},
    {"[a]\nrole = agency\nunits = *\ntoken = 5980ad19 abc never\n",
     ":4: [a]: token is not a line that hoso key token makes: id, hash, last day or never, label"},
    {"[a]\nrole = admin\ntoken = 5980ad19 " HASH " never\ntoken = 5980ad19 " HASH " never\n",
     ": the token 5980ad19 is there twice"},
    {"[a]\nkey = " KEY_1 "\n", ": [a]: role is missing"},
    {"[a]\nkey = short\n", ":2: [a]: key is not a Z85 text of 40 characters"},
    {"[a]\nkey = " KEY_1 "\nkey = " KEY_2 "\n", ":3: [a]: key is given twice"},
    {"[a]\nrole = king\n",
     ":2: [a]: role \"king\" is none of source, agency, admin, service, gateway"},
    {"[a]\nrole = none\n",
     ":2: [a]: role \"none\" is none of source, agency, admin, service, gateway"},
    {"[a]\nrole = admin\nrole = admin\n", ":3: [a]: role is given twice"},
    {"[a]\nkey = " KEY_1 "\nrole = source\n", ": [a]: units is missing (* means all)"},
    {"[a]\nkey = " KEY_1 "\nrole = agency\n", ": [a]: units is missing (* means all)"},
    {"[a]\nkey = " KEY_1 "\nrole = admin\nunits = *\n",
     ": [a]: units are for the roles source and agency only"},
    {"[a]\nunits =\n", ":2: [a]: units is empty (* means all)"},
    {"[a]\nunits = * H27\n", ":2: [a]: units: either * or a list"},
    {"[a]\nunits = H27\nunits = *\n", ":3: [a]: units: either * or a list"},
    {"[a]\nunits = " UNIT_64 "3\n", ":2: [a]: unit " UNIT_40 "… is longer than 64 bytes"},
    {"[a]\nexpires = 2027-02-29\n", ":2: [a]: expires \"2027-02-29\" is not a date YYYY-MM-DD"},
    {"[a]\nexpires = 2027-01-01\nexpires = 2027-01-01\n", ":3: [a]: expires is given twice"},
    {"[a]\nunit = H27\n",
     ":2: [a]: no setting \"unit\"; there are key, role, units, space, close, expires, "
     "password and token"},
    {"[a]\nspace = Ha-Tinh\n", ":2: [a]: space \"Ha-Tinh\": a space has a-z, 0-9, . and -, and "
                               "begins with a letter or digit"},
    {"[a]\nspace = a\nspace = a\n", ":3: [a]: space is given twice"},
    {AGENCY("a", KEY_1) "space = a\n", ": [a]: space is for the role source only"},
    {AGENCY("a", KEY_1) AGENCY("b", KEY_2) AGENCY("a", KEY_3), ": [a] is there twice"},
    {AGENCY("a", KEY_1) AGENCY("b", KEY_2) AGENCY("c", KEY_1), ": [a] and [c] have the same key"},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct registry *registry = NULL;
        struct error error = {.text = ""};
        write_file(slice_text(faults[i].text));
        const enum status status = registry_open(path, &registry, &error);
        if (strncmp(error.text, path, strlen(path)) != 0 ||
            strcmp(error.text + strlen(path), faults[i].why) != 0) {
            fail_msg("%zu: \"%s\"", i, error.text);
        }
        assert_int_equal(status, STATUS_INVALID);
        assert_null(registry);
    }
}

static void test_file_mode(void **state)
{
    (void)state;
    struct registry *registry = NULL;
    struct error error;
    write_file(slice_text(AGENCY("a", KEY_1)));
    assert_int_equal(chmod(path, 0664), 0);
    assert_int_equal(registry_open(path, &registry, &error), STATUS_DENIED);
    assert_int_equal(registry_open("/nowhere/registry", &registry, &error), STATUS_NOT_FOUND);
    assert_null(registry);
}

static void test_find(void **state)
{
    (void)state;
    struct registry *registry = open_text(
        "# who may do what\n"
        "[mot-cua-cam-xuyen]\nkey = " KEY_1 "\nrole = source\n"
        "units = H27.45 H27.46\t" UNIT_64 "\n"
        "units = H27.47 ; moved here in July\n\n"
        "[b.admin]\nkey = " KEY_2 "\nrole = admin\n"
        "expires = 2099-12-31\n" AGENCY("0-agency", KEY_3) "[cong-dvc]\nkey = " KEY_4
                                                           "\nrole = source\n"
                                                           "units = *\nspace = ha-tinh\n");
    uint8_t key[BUS_KEY_SIZE];
    char name[BUS_NAME_MAX + 1] = "";
    const struct principal *found = registry_begin(registry, "mot-cua-cam-xuyen");
    assert_non_null(found);
    assert_int_equal(found->role, ROLE_SOURCE);
    assert_int_equal(found->unit_count, 4);
    assert_string_equal(found->units[1], "H27.46");
    assert_string_equal(found->units[2], UNIT_64);
    assert_string_equal(found->units[3], "H27.47");
    assert_false(found->all_units);
    assert_int_equal(found->expires_day, INT32_MAX);
    assert_string_equal(principal_space(found), "mot-cua-cam-xuyen");
    registry_end(registry);
    assert_string_equal(principal_space(registry_begin(registry, "cong-dvc")), "ha-tinh");
    registry_end(registry);
    assert_null(registry_begin(registry, "nobody"));
    registry_end(registry);
    found = registry_begin(registry, "0-agency");
    assert_true(found != NULL && found->all_units && found->unit_count == 0);
    registry_end(registry);
    assert_int_equal(bus_key_decode(KEY_2, key), STATUS_OK);
    assert_true(registry_admit(registry, key, name));
    assert_string_equal(name, "b.admin");
    key[31] ^= 1;
    assert_false(registry_admit(registry, key, name));
    assert_int_equal(registry_count(registry), 4);
    assert_string_equal(registry_at(registry, 0)->name, "mot-cua-cam-xuyen");
    assert_string_equal(registry_at(registry, 2)->name, "0-agency");
    registry_close(registry);
}

/* The day of expiry is the last good one. */
static void test_expiry(void **state)
{
    (void)state;
    for (int32_t shift = -1; shift <= 1; shift++) {
        char day[DATE_TEXT_SIZE];
        char text[256];
        uint8_t key[BUS_KEY_SIZE];
        char name[BUS_NAME_MAX + 1];
        localday_format(localday_today() + shift, day);
        (void)snprintf(text, sizeof text, "%sexpires = %s\n", AGENCY("a", KEY_1), day);
        struct registry *registry = open_text(text);
        assert_int_equal(bus_key_decode(KEY_1, key), STATUS_OK);
        assert_int_equal(registry_admit(registry, key, name), shift >= 0);
        assert_int_equal(registry_begin(registry, "a") != NULL, shift >= 0);
        registry_end(registry);
        registry_close(registry);
    }
}

/* Only what takes something away counts: a key gone, its rights changed, its last day over. */
static void test_revocations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool revokes;
    } steps[] = {
        {AGENCY("a", KEY_1) AGENCY("b", KEY_2), false}, /* one more */
        {AGENCY("b", KEY_2) AGENCY("a", KEY_1), false}, /* in another order */
        {AGENCY("a", KEY_1) AGENCY("b", KEY_3), true},  /* another key */
        {AGENCY("a", KEY_1) AGENCY("c", KEY_3), true},  /* another name */
        {AGENCY("a", KEY_1) "expires = 2020-01-01\n" AGENCY("c", KEY_3), true},
        {AGENCY("c", KEY_3), true}, /* one expired less */
    };
    struct registry *registry = open_text(AGENCY("a", KEY_1));
    uint64_t before = registry_revocations(registry);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct error error;
        write_file(slice_text(steps[i].text));
        assert_int_equal(registry_reload(registry, &error), STATUS_OK);
        const uint64_t after = registry_revocations(registry);
        assert_int_equal(after != before, steps[i].revokes);
        before = after;
    }
    registry_close(registry);
}

static void test_reload(void **state)
{
    (void)state;
    struct registry *registry = open_text(AGENCY("a", KEY_1));
    struct error error;
    write_file(slice_text(AGENCY("b", KEY_2) "role = admin\n"));
    assert_int_equal(registry_reload(registry, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, ":5: [b]: role is given twice"));
    assert_non_null(registry_begin(registry, "a"));
    registry_end(registry);
    write_file(slice_text(AGENCY("b", KEY_2)));
    assert_int_equal(registry_reload(registry, &error), STATUS_OK);
    assert_null(registry_begin(registry, "a"));
    registry_end(registry);
    assert_non_null(registry_begin(registry, "b"));
    registry_end(registry);
    write_file(slice_text(""));
    assert_int_equal(registry_reload(registry, &error), STATUS_OK);
    assert_int_equal(registry_count(registry), 0);
    assert_null(registry_begin(registry, "b"));
    registry_end(registry);
    registry_close(registry);
}

struct reading {
    struct registry *registry;
    atomic_bool stop;
    atomic_uint found;
};

/* Whatever is found must be whole while it is held. */
static void *keep_reading(void *argument)
{
    struct reading *reading = argument;
    while (!atomic_load(&reading->stop)) {
        const struct principal *found = registry_begin(reading->registry, "a");
        if (found != NULL && found->unit_count == 1 && strcmp(found->units[0], "H27") == 0) {
            atomic_fetch_add(&reading->found, 1);
        }
        registry_end(reading->registry);
    }
    return NULL;
}

static void test_reload_while_reading(void **state)
{
    (void)state;
    struct reading reading = {.registry =
                                  open_text("[a]\nkey = " KEY_1 "\nrole = agency\nunits = H27\n")};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, keep_reading, &reading), 0);
    unsigned reloads = 0;
    while (reloads < 200 || atomic_load(&reading.found) < 200) {
        assert_int_equal(registry_reload(reading.registry, NULL), STATUS_OK);
        reloads++;
    }
    atomic_store(&reading.stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    registry_close(reading.registry);
}

/* As many entries as there may be, each with as many units as it may have on one line each; one
 * more of either is too many. */
static void test_limits(void **state)
{
    (void)state;
    for (unsigned extra = 0; extra <= 1; extra++) {
        struct registry *registry = NULL;
        struct error error;
        FILE *out = fopen(path, "w");
        assert_non_null(out);
        fputs("[a]\nkey = " KEY_1 "\nrole = source\n", out);
        for (unsigned i = 0; i < REGISTRY_UNITS_MAX + extra; i++) {
            fprintf(out, "units = U%u\n", i);
        }
        assert_int_equal(fclose(out), 0);
        assert_int_equal(registry_open(path, &registry, &error),
                         extra == 0 ? STATUS_OK : STATUS_INVALID);
        registry_close(registry);
    }
    for (unsigned extra = 0; extra <= 1; extra++) {
        struct registry *registry = NULL;
        struct error error;
        FILE *out = fopen(path, "w");
        assert_non_null(out);
        for (unsigned i = 0; i < REGISTRY_ENTRIES_MAX + extra; i++) {
            /* Any 40 digits below 84 are a key. */
            fprintf(out, "[n%u]\nkey = %040u\nrole = admin\n", i, i);
        }
        assert_int_equal(fclose(out), 0);
        assert_int_equal(registry_open(path, &registry, &error),
                         extra == 0 ? STATUS_OK : STATUS_TOO_LARGE);
        if (extra == 0) {
            assert_non_null(registry_begin(registry, "n19999"));
            registry_end(registry);
        }
        registry_close(registry);
    }
}

static void test_role_names(void **state)
{
    (void)state;
    assert_string_equal(role_name(ROLE_SOURCE), "source");
    assert_string_equal(role_name(ROLE_SERVICE), "service");
    assert_string_equal(role_name(ROLE_NONE), "none");
}

int main(void)
{
    const int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_file_mode),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_revocations),
        cmocka_unit_test(test_reload),
        cmocka_unit_test(test_reload_while_reading),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_role_names),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
