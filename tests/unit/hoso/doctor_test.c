/* SPDX-License-Identifier: Apache-2.0
 *
 * What the doctor says of made-up answers: each row changes one thing of three healthy services.
 */
#include "services/hoso/doctor/doctor_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { INTAKE, AGGREGATION, REPORTING, GAUGES_MAX = 8 };

#define NOW INT64_C(1700000000000)
#define HOUR_MS INT64_C(3600000)
#define GIB (INT64_C(1) << 30)

struct service_answer {
    Hoso__V1__StatusReply reply;
    Hoso__V1__Cut cut;
    Hoso__V1__Gauge gauges[GAUGES_MAX];
    Hoso__V1__Gauge *list[GAUGES_MAX];
};

struct world {
    struct command command;
    struct doctor doctor;
    struct service_answer services[STATUS_PEERS];
};

static void set_gauge(struct service_answer *answer, const char *name, int64_t value)
{
    size_t at = 0;
    while (at < answer->reply.n_gauges && strcmp(answer->gauges[at].name, name) != 0) {
        at++;
    }
    assert_in_range(at, 0, GAUGES_MAX - 1);
    hoso__v1__gauge__init(&answer->gauges[at]);
    answer->gauges[at].name = (char *)(uintptr_t)name;
    answer->gauges[at].value = value;
    answer->list[at] = &answer->gauges[at];
    answer->reply.n_gauges = at == answer->reply.n_gauges ? at + 1 : answer->reply.n_gauges;
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    world->command = (struct command){.english = true, .lang = "en"};
    world->doctor.command = &world->command;
    arena_init(&world->doctor.arena, DOCTOR_ARENA_BYTES);
    status_answers_init(world->doctor.answers);
    for (unsigned i = 0; i < STATUS_PEERS; i++) {
        struct service_answer *answer = &world->services[i];
        hoso__v1__status_reply__init(&answer->reply);
        hoso__v1__cut__init(&answer->cut);
        answer->cut.incarnation = 42;
        answer->cut.position = 100;
        answer->reply.version = (char *)(uintptr_t)hoso_version();
        answer->reply.ready = true;
        answer->reply.now_ms = NOW + 5;
        answer->reply.cut = &answer->cut;
        answer->reply.gauges = answer->list;
        set_gauge(answer, "map_bytes", 64 * GIB);
        set_gauge(answer, "used_bytes", GIB);
        set_gauge(answer, "free_disk_bytes", 100 * GIB);
        world->doctor.answers[i].asked = true;
        world->doctor.answers[i].asked_ms = NOW;
        world->doctor.answers[i].answered_ms = NOW + 10;
        world->doctor.answers[i].reply = &answer->reply;
    }
    set_gauge(&world->services[REPORTING], "identity_violations", 0);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    arena_fini(&world->doctor.arena);
    free(world);
    return 0;
}

/* The one finding that is not sound. */
static void expect(struct world *world, enum verdict verdict, const char *check, const char *text)
{
    const struct doctor_finding *found = NULL;
    doctor_services(&world->doctor);
    for (unsigned i = 0; i < world->doctor.count; i++) {
        const struct doctor_finding *finding = &world->doctor.findings[i];
        assert_true((finding->fix[0] == '\0') == (finding->verdict <= VERDICT_SKIPPED));
        assert_null(strchr(finding->text, '{')); /* every place was filled */
        assert_null(strchr(finding->fix, '{'));
        if (finding->verdict > VERDICT_SKIPPED) {
            assert_null(found);
            found = finding;
        }
    }
    assert_non_null(found);
    assert_string_equal(found->check, check);
    assert_int_equal(found->verdict, verdict);
    assert_non_null(strstr(found->text, text));
    assert_int_equal(doctor_failures(&world->doctor), verdict == VERDICT_FAILURE);
}

static void test_all_is_well(void **state)
{
    struct world *world = *state;
    doctor_services(&world->doctor);
    assert_int_equal(doctor_failures(&world->doctor), 0);
    assert_in_range(world->doctor.count, 10, FINDINGS_MAX);
    for (unsigned i = 0; i < world->doctor.count; i++) {
        assert_int_equal(world->doctor.findings[i].verdict, VERDICT_OK);
        assert_null(strchr(world->doctor.findings[i].text, '{'));
    }
}

static void test_gauges(void **state)
{
    static const struct {
        unsigned service;
        const char *gauge;
        int64_t value;
        enum verdict verdict;
        const char *check;
        const char *text;
    } rows[] = {
        {INTAKE, "free_disk_bytes", GIB - 1, VERDICT_WARNING, "intake.room", "1023 MiB"},
        {INTAKE, "free_disk_bytes", GIB / 4 - 1, VERDICT_FAILURE, "intake.room", "255 MiB"},
        {REPORTING, "used_bytes", 52 * GIB, VERDICT_WARNING, "reporting.room", "81%"},
        {AGGREGATION, "used_bytes", 58 * GIB, VERDICT_FAILURE, "aggregation.room", "90%"},
        {AGGREGATION, "lag_events", 1001, VERDICT_WARNING, "aggregation.lag",
         "not counted yet: 1001"},
        {AGGREGATION, "conflicting_events", 2, VERDICT_WARNING, "aggregation.conflicts",
         "content: 2"},
        {REPORTING, "identity_violations", 1, VERDICT_FAILURE, "reporting.identities", "hold: 1"},
        {INTAKE, "log_events_error", 3, VERDICT_WARNING, "intake.log", "started: 3"},
        {REPORTING, "silent_sources", 1, VERDICT_WARNING, "reporting.sources", "working days: 1"},
        {INTAKE, "keys_expiring", 2, VERDICT_WARNING, "intake.keys", "14 days: 2"},
        {INTAKE, "open_files_max", 1024, VERDICT_WARNING, "intake.open-files", "only 1024"},
        {INTAKE, "backup_timestamp_seconds", NOW - 50 * HOUR_MS, VERDICT_WARNING, "intake.backup",
         "made 2 days ago"},
        {REPORTING, "connected", 0, VERDICT_WARNING, "reporting.ready",
         "its copy, which grows old"},
        {AGGREGATION, "connected", 0, VERDICT_WARNING, "aggregation.ready", "intake does not"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world *world = *state;
        set_gauge(&world->services[rows[i].service], rows[i].gauge, rows[i].value);
        expect(world, rows[i].verdict, rows[i].check, rows[i].text);
        (void)tear_down(state);
        (void)set_up(state);
    }
}

/* The answer came between NOW and NOW + 10: what lies within is no skew. */
static void test_clocks(void **state)
{
    static const struct {
        int64_t now_ms;
        enum verdict verdict;
        const char *text;
    } rows[] = {{NOW - 2000, VERDICT_WARNING, "behind this machine's by 2 seconds"},
                {NOW + 10 + 2000, VERDICT_WARNING, "ahead of this machine's by 2 seconds"},
                {NOW - 60000, VERDICT_FAILURE, "behind this machine's by 1 minute"},
                {NOW + 7200010, VERDICT_FAILURE, "ahead of this machine's by 2 hours"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world *world = *state;
        world->services[REPORTING].reply.now_ms = rows[i].now_ms;
        expect(world, rows[i].verdict, "reporting.clock", rows[i].text);
        (void)tear_down(state);
        (void)set_up(state);
    }
}

static void test_not_ready(void **state)
{
    static const struct {
        unsigned service;
        const char *reason;
        const char *text;
    } rows[] = {
        {INTAKE, "there is no catalogue yet: an administrator …", "there is no catalogue yet"},
        {INTAKE, "the disk or the map is at its reserve: …", "its disk or its map"},
        {AGGREGATION, "the disk or the map is at its reserve: make room", "its disk or its map"},
        {AGGREGATION, "intake refuses to show its journal: see the log", "intake refuses"},
        {AGGREGATION, "intake has not answered yet", "intake does not answer it"},
        {REPORTING, "aggregation does not answer: answers are …", "aggregation does not answer it"},
        {REPORTING, "the copy of the ledger is not complete yet", "is not complete yet"},
        {REPORTING, "utc_offset_minutes here is not …", "utc_offset_minutes is not aggregation's"},
        {AGGREGATION, "the rules or the local time changed: …", "counts the journal anew"},
        {REPORTING, "it is 70000 events behind and catches up", "not ready: it is 70000 events"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world *world = *state;
        Hoso__V1__StatusReply *reply = &world->services[rows[i].service].reply;
        char check[64];
        reply->ready = false;
        reply->reason = (char *)(uintptr_t)rows[i].reason;
        (void)snprintf(check, sizeof check, "%s.ready",
                       status_service(world->doctor.answers[rows[i].service].peer));
        expect(world, VERDICT_FAILURE, check, rows[i].text);
        (void)tear_down(state);
        (void)set_up(state);
    }
}

static void test_another_version(void **state)
{
    struct world *world = *state;
    world->services[INTAKE].reply.version = (char *)(uintptr_t) "0.0.9";
    expect(world, VERDICT_WARNING, "intake.version", "0.0.9");
}

static void test_another_journal(void **state)
{
    struct world *world = *state;
    world->services[AGGREGATION].cut.incarnation = 43;
    expect(world, VERDICT_FAILURE, "aggregation.journal", "another journal");
}

/* One that never counted has no journal yet, and one that did not answer is told elsewhere. */
static void test_nothing_to_compare(void **state)
{
    struct world *world = *state;
    world->services[REPORTING].cut.incarnation = 0;
    world->services[REPORTING].cut.position = 0;
    world->doctor.answers[INTAKE].reply = NULL;
    doctor_services(&world->doctor);
    assert_int_equal(doctor_failures(&world->doctor), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_is_well, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gauges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clocks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_ready, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_journal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_to_compare, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
