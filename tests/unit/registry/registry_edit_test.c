/* SPDX-License-Identifier: Apache-2.0
 *
 * Editing the registry: one entry changes, every other byte stays, and a faulty result never takes
 * the file's place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/require.h"
#include "registry/registry_edit.h"

#define KEY_A "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define KEY_B "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"

struct fixture {
    char folder[64];
    char path[96];
};

static int begin(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    require(fixture != NULL);
    (void)snprintf(fixture->folder, sizeof fixture->folder, "/tmp/hoso-keys-XXXXXX");
    require(mkdtemp(fixture->folder) != NULL);
    (void)snprintf(fixture->path, sizeof fixture->path, "%s/registry", fixture->folder);
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    (void)unlink(fixture->path);
    require(rmdir(fixture->folder) == 0); /* nothing else was left behind */
    free(fixture);
    return 0;
}

static void write_file(const struct fixture *fixture, const char *text)
{
    FILE *out = fopen(fixture->path, "w");
    require(out != NULL && fputs(text, out) >= 0 && fclose(out) == 0);
}

static void expect(const struct fixture *fixture, const char *text)
{
    char read[4096];
    FILE *in = fopen(fixture->path, "r");
    require(in != NULL);
    const size_t size = fread(read, 1, sizeof read - 1, in);
    require(fclose(in) == 0);
    read[size] = '\0';
    assert_string_equal(read, text);
}

static enum status grant(const struct fixture *fixture, struct registry_grant given,
                         bool *ret_replaced)
{
    struct error error;
    return registry_grant(fixture->path, &given, ret_replaced, &error);
}

static void makes_the_file(void **state)
{
    const struct fixture *fixture = *state;
    bool replaced = true;
    assert_int_equal(grant(fixture,
                           (struct registry_grant){"counter", KEY_A, "source", "H27.45,H27.46",
                                                   "2030-12-31", "ha-tinh", false},
                           &replaced),
                     STATUS_OK);
    assert_false(replaced);
    expect(fixture,
           "[counter]\nkey = " KEY_A
           "\nrole = source\nunits = H27.45 H27.46\nspace = ha-tinh\nexpires = 2030-12-31\n");
}

#define FILE_BEFORE         \
    "; who may do what\n\n" \
    "# the counter\n[counter]\nkey = " KEY_A "\nrole = source\n; its units\nunits = *\n\n"
#define FILE_AFTER "# the officer\n[officer]\nkey = " KEY_B "\nrole = agency ; reads\nunits = *"

static void replaces_one_entry(void **state)
{
    const struct fixture *fixture = *state;
    bool replaced = false;
    write_file(fixture, FILE_BEFORE FILE_AFTER);
    assert_int_equal(
        grant(fixture, (struct registry_grant){"counter", KEY_A, "admin", NULL, NULL, NULL, false},
              &replaced),
        STATUS_OK);
    assert_true(replaced);
    expect(fixture, "; who may do what\n\n# the counter\n\n" FILE_AFTER
                    "\n\n[counter]\nkey = " KEY_A "\nrole = admin\n");
}

static void revokes_one_entry(void **state)
{
    const struct fixture *fixture = *state;
    struct error error;
    write_file(fixture, FILE_BEFORE FILE_AFTER);
    assert_int_equal(registry_revoke(fixture->path, "officer", &error), STATUS_OK);
    expect(fixture, FILE_BEFORE "# the officer\n");
    assert_int_equal(registry_revoke(fixture->path, "officer", &error), STATUS_NOT_FOUND);
    expect(fixture, FILE_BEFORE "# the officer\n");
}

static void refuses_what_services_could_not_read(void **state)
{
    static const struct registry_grant table[] = {
        {"counter", KEY_A, "source", NULL, NULL, NULL, false},  /* no units */
        {"counter", KEY_A, "king", "*", NULL, NULL, false},     /* no such role */
        {"Bad Name", KEY_A, "admin", NULL, NULL, NULL, false},  /* letters */
        {"other", KEY_B, "admin", NULL, NULL, NULL, false},     /* the officer's key */
        {"x]\n[evil", KEY_A, "admin", NULL, NULL, NULL, false}, /* more than one entry */
        {"counter", KEY_A, "source", "*\nrole = admin", NULL, NULL,
         false}, /* more than one setting */
        {"counter", KEY_A, "admin", NULL, "2030-01-01\n[e]", NULL, false},
        {"counter", KEY_A, "source", "*", NULL, "a\nrole = admin", false}, /* likewise */
    };
    const struct fixture *fixture = *state;
    write_file(fixture, FILE_AFTER "\n");
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        bool replaced;
        assert_int_equal(grant(fixture, table[i], &replaced), STATUS_INVALID);
        expect(fixture, FILE_AFTER "\n");
    }
}

/* A file that the services would refuse is not edited: who wrote it has to say what it means. */
static void leaves_a_faulty_file(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } table[] = {
        {FILE_AFTER "\n[officer]\nrole = admin\n", "registry:6: [officer] is there twice"},
        {FILE_AFTER "\nnonsense\n", "registry:6: neither a name = value line nor a comment"},
        {FILE_AFTER "\n[other]\nkey = " KEY_A "\n", "registry: [other]: role is missing"},
    };
    const struct fixture *fixture = *state;
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
        struct error error;
        write_file(fixture, table[i].text);
        assert_int_equal(registry_revoke(fixture->path, "officer", &error), STATUS_INVALID);
        assert_non_null(strstr(error.text, table[i].why));
        expect(fixture, table[i].text);
    }
}

/* Its mode stays, since another user's services have to read it. */
static void keeps_the_mode(void **state)
{
    const struct fixture *fixture = *state;
    struct stat info;
    struct error error;
    write_file(fixture, FILE_BEFORE FILE_AFTER);
    assert_int_equal(chmod(fixture->path, 0644), 0);
    assert_int_equal(registry_revoke(fixture->path, "counter", &error), STATUS_OK);
    assert_int_equal(stat(fixture->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0644);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(makes_the_file),       TEST(replaces_one_entry),
        TEST(revokes_one_entry),    TEST(refuses_what_services_could_not_read),
        TEST(leaves_a_faulty_file), TEST(keeps_the_mode)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
