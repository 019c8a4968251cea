/* SPDX-License-Identifier: Apache-2.0
 *
 * Which events are admitted, and what is said of the others; and what can be told of a message that
 * cannot be unpacked.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>

#include "services/intake/admission.h"
#include "tests/unit/catalogue/given.h"
#include "wire/wire.h"

enum { NOON_SECONDS = 1705640400 };

/* H27 was under H20 until 2024; H20.1 and H27.1 are leaves. */
static const struct given given = {
    .units = {{.id = "H20"},
              {.id = "H20.1", .parent = "H20"},
              {.id = "H27", .parent = "H20", .to = "2024-12-31"},
              {.id = "H27", .from = "2025-01-01"},
              {.id = "H27.1", .parent = "H27"}},
    .fields = {{.id = "dat-dai"}},
    .procedures = {{.id = "1.1", .field = "dat-dai"},
                   {.id = "1.0", .field = "dat-dai", .to = "2020-01-01"}}};

struct row {
    Hoso__V1__Kind kind;
    const char *unit, *procedure, *field;
    const char *refused; /* the field; NULL = admitted */
    const char *reason_part;
};

static const struct row rows[] = {
    {HOSO__V1__KIND__KIND_RECEIVED, "H27.1", "1.1", "dat-dai", NULL, NULL},
    {HOSO__V1__KIND__KIND_RECEIVED, "H27", "1.0", "dat-dai", NULL,
     NULL}, /* ended, but events come late */
    {HOSO__V1__KIND__KIND_RECEIVED, "H27.99", "1.1", "dat-dai", "unit",
     "\"H27.99\" is not in the catalogue"},
    {HOSO__V1__KIND__KIND_RECEIVED, "H27.1", "9.9", "dat-dai", "procedure",
     "\"9.9\" is not in the catalogue"},
    {HOSO__V1__KIND__KIND_RECEIVED, "H27.1", "1.1", "y-te", "field",
     "\"y-te\" is not in the catalogue"},
    {HOSO__V1__KIND__KIND_RECEIVED, "H20.1", "1.1", "dat-dai", "unit",
     "outside the units of this key (mot-cua)"},
    {HOSO__V1__KIND__KIND_RECEIVED, "H20", "1.1", "dat-dai", "unit", "outside"},
    {HOSO__V1__KIND__KIND_RECEIVED, "", "1.1", "dat-dai", "unit", ""},
    {HOSO__V1__KIND__KIND_TRANSFERRED, "H27.1", "", "", NULL, NULL},
    {HOSO__V1__KIND__KIND_TRANSFERRED, "H20.1", "", "", "unit", "outside"},
    {HOSO__V1__KIND__KIND_RESOLVED, "", "", "", NULL, NULL},
    {HOSO__V1__KIND__KIND_RESOLVED, "H27.99", "9.9", "y-te", NULL, NULL}, /* counts nothing */
    {HOSO__V1__KIND__KIND_UNSPECIFIED, "H27.1", "", "", "kind", ""},
    {(Hoso__V1__Kind)22, "H27.1", "", "", "kind", ""},
    /* all of an event at once */
    {HOSO__V1__KIND__KIND_RECEIVED, "H27.99", "9.9", "y-te", "unit",
     "\"H27.99\" is not in the catalogue; procedure: \"9.9\" is not in the catalogue; "
     "field: \"y-te\" is not in the catalogue"},
    {HOSO__V1__KIND__KIND_RECEIVED, "", "9.9", "dat-dai", "unit",
     "must be given with kind RECEIVED; procedure: \"9.9\" is not in the catalogue"},
    /* texts by the one rule */
    {HOSO__V1__KIND__KIND_RECEIVED, " H27.1 ", "1.1", "dat-dai", NULL, NULL},
    {HOSO__V1__KIND__KIND_RECEIVED, "H27.1\xc2\xa0", "1.1", "dat-dai", "unit",
     "\"H27.1<U+00A0>\" holds U+00A0 (no-break space) as character 6, which cannot be seen"},
};

static Hoso__V1__Event wire_event(const struct row *row)
{
    Hoso__V1__Event event = HOSO__V1__EVENT__INIT;
    event.event_id = (char *)(uintptr_t) "e-1";
    event.dossier = (char *)(uintptr_t) "H27.1-240119-0001";
    event.kind = row->kind;
    event.occurred_at = (int64_t)NOON_SECONDS * 1000;
    event.unit = (char *)(uintptr_t)row->unit;
    event.procedure = (char *)(uintptr_t)row->procedure;
    event.field = (char *)(uintptr_t)row->field;
    event.channel = HOSO__V1__CHANNEL__CHANNEL_ONLINE;
    event.service_level = HOSO__V1__SERVICE_LEVEL__SERVICE_LEVEL_FULL;
    return event;
}

struct fixture {
    struct catalogue *catalogue;
    struct principal principal;
    char units[1][REGISTRY_UNIT_SIZE];
    struct arena arena;
    struct buffer records;
    struct admission admission;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return -1;
    }
    *state = f;
    f->catalogue = parsed(&given);
    f->units[0][0] = 'H', f->units[0][1] = '2', f->units[0][2] = '7';
    f->principal = (struct principal){
        .name = "mot-cua", .role = ROLE_SOURCE, .unit_count = 1, .units = f->units};
    arena_init(&f->arena, 8 << 20);
    buffer_init(&f->records, ADMISSION_RECORDS_MAX);
    f->admission = (struct admission){f->catalogue, &f->principal, &f->arena};
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    catalogue_free(f->catalogue);
    arena_fini(&f->arena);
    buffer_fini(&f->records);
    free(f);
    return 0;
}

static void test_events(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const Hoso__V1__Event wire = wire_event(&rows[i]);
        struct event_fault fault = {.field = ""};
        buffer_clear(&f->records);
        const enum status status = admission_event(&f->admission, &wire, &f->records, &fault);
        if (rows[i].refused == NULL) {
            assert_int_equal(status, STATUS_OK);
            assert_true(f->records.size > 0);
            continue;
        }
        assert_int_equal(status, STATUS_INVALID);
        assert_string_equal(fault.field, rows[i].refused);
        if (strstr(fault.reason, rows[i].reason_part) == NULL) {
            fail_msg("row %zu: %s", i, fault.reason);
        }
    }
}

static void test_all_units(void **state)
{
    struct fixture *f = *state;
    const Hoso__V1__Event wire = wire_event(&rows[5]);
    struct event_fault fault;
    f->principal.all_units = true;
    assert_int_equal(admission_event(&f->admission, &wire, &f->records, &fault), STATUS_OK);
}

static enum status append(struct fixture *f, size_t count, size_t bytes, size_t bad_every,
                          struct admission_faults *ret_faults)
{
    Hoso__V1__Event good = wire_event(&rows[0]);
    Hoso__V1__Event bad = wire_event(&rows[2]);
    Hoso__V1__Event **events = calloc(count + 1, sizeof *events);
    assert_non_null(events);
    for (size_t i = 0; i < count; i++) {
        events[i] = bad_every != 0 && i % bad_every == bad_every - 1 ? &bad : &good;
    }
    Hoso__V1__AppendRequest request = HOSO__V1__APPEND_REQUEST__INIT;
    request.epoch = 1;
    request.first_sequence = 1;
    request.n_events = count;
    request.events = events;
    arena_reset(&f->arena);
    const enum status status =
        admission_append(&f->admission, &request, bytes, &f->records, ret_faults);
    free(events);
    return status;
}

static void expect_whole(const struct admission_faults *faults, const char *part)
{
    assert_int_equal(faults->count, 1);
    assert_int_equal(faults->list[0].index, 0);
    assert_string_equal(faults->list[0].fault.field, "");
    assert_non_null(strstr(faults->list[0].fault.reason, part));
}

static void test_appends(void **state)
{
    struct fixture *f = *state;
    struct admission_faults faults;
    assert_int_equal(append(f, 1, 100, 0, &faults), STATUS_OK);
    assert_int_equal(append(f, ADMISSION_EVENTS_MAX, ADMISSION_BYTES_MAX, 0, &faults), STATUS_OK);
    assert_int_equal(append(f, 0, 100, 0, &faults), STATUS_INVALID);
    expect_whole(&faults, "1 to 4096");
    assert_int_equal(append(f, ADMISSION_EVENTS_MAX + 1, 100, 0, &faults), STATUS_INVALID);
    expect_whole(&faults, "1 to 4096");
    assert_int_equal(append(f, 1, ADMISSION_BYTES_MAX + ADMISSION_ENVELOPE_MAX + 1, 0, &faults),
                     STATUS_INVALID);
    expect_whole(&faults, "bytes");
}

static void test_faults_are_listed_in_order(void **state)
{
    struct fixture *f = *state;
    struct admission_faults faults;
    assert_int_equal(append(f, 10, 100, 3, &faults), STATUS_INVALID);
    assert_int_equal(faults.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(faults.list[i].index, 3 * i + 2);
        assert_string_equal(faults.list[i].fault.field, "unit");
    }
    assert_int_equal(append(f, 500, 100, 2, &faults), STATUS_INVALID);
    assert_int_equal(faults.count, ADMISSION_FAULTS_MAX);
    assert_int_equal(faults.list[99].index, 199);
}

static void test_a_full_arena(void **state)
{
    struct fixture *f = *state;
    struct admission_faults faults;
    f->arena.limit = 16;
    assert_int_equal(append(f, 1000, 100, 2, &faults), STATUS_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_events, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_all_units, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_appends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_faults_are_listed_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_full_arena, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
