/* SPDX-License-Identifier: Apache-2.0
 *
 * The ways of a request through an endpoint, and each of its limits.
 */
#include "tests/unit/service/endpoint_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "service/endpoint_internal.h"

#define CODE(name) HOSO__V1__ERROR_CODE__ERROR_CODE_##name
#define REPLY(name) HOSO__V1__LEDGER_REPLY__BODY_##name

static uint64_t errors(struct world *world, Hoso__V1__ErrorCode code)
{
    return metrics_get(world->running.service.metrics, METRIC_ERRORS, (unsigned)code - 1);
}

static void test_rights(void **state)
{
    struct world *world = *state;
    struct bus_socket *alice = connect_as(world, ALICE, 100);
    struct bus_socket *carol = connect_as(world, CAROL, 100);
    static const uint8_t no_body[] = {0x08, 0x09};
    static const uint8_t unknown_body[] = {0x08, 0x0a, 0x3a, 0x00};
    ask_changes(carol, 7, 0, 0);
    expect_error(carol, 7, CODE(DENIED), "Changes needs the role");
    ask_changes(alice, 8, 0, 0);
    expect_body(alice, 8, REPLY(CHANGES));
    ask_bytes(alice, no_body, sizeof no_body);
    expect_error(alice, 9, CODE(INVALID), "no body");
    ask_bytes(alice, unknown_body, sizeof unknown_body);
    expect_error(alice, 10, CODE(INVALID), "no body");
    assert_int_equal(errors(world, CODE(DENIED)), 1);
    assert_int_equal(errors(world, CODE(INVALID)), 2);
    bus_close(alice);
    bus_close(carol);
}

/* Alive while all loops turn. */
static void test_alive(void **state)
{
    struct world *world = *state;
    static _Atomic int64_t stuck;
    atomic_store(&stuck, clock_ms() - SERVICE_STUCK_MS);
    world->running.observable = true;
    assert_true(service_is_alive(&world->running.service));
    service_watch_loop(&world->running.service, &stuck);
    assert_false(service_is_alive(&world->running.service));
    world->running.observable = false; /* it stops */
    assert_true(service_is_alive(&world->running.service));
}

/* What cannot be read is answered with its own id, and its row may answer in its own way. */
static void test_malformed(void **state)
{
    struct world *world = *state;
    struct bus_socket *alice = connect_as(world, ALICE, 100);
    static const uint8_t cut_short[] = {0x08, 0xac, 0x02, 0x12, 0x05, 0x08}; /* changes */
    static const uint8_t id_last[] = {0x12, 0x02, 0x08, 0x80, 0x08, 0x21};   /* changes */
    static const uint8_t rubbish[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    /* scan_quality.units: "a", then one that is not UTF-8 */
    static const uint8_t bad_unit[] = {0x08, 0x05, 0x2a, 0x06, 0x12, 0x01, 'a', 0x12, 0x01, 0xff};
    ask_bytes(alice, cut_short, sizeof cut_short);
    expect_error(alice, 300, CODE(INVALID), "changes: cut short");
    ask_bytes(alice, id_last, sizeof id_last);
    expect_error(alice, 33, CODE(INVALID), "changes.after_position: broken varint");
    ask_bytes(alice, rubbish, sizeof rubbish);
    expect_error(alice, 0, CODE(INVALID), "LedgerRequest: broken tag");
    ask_bytes(alice, bad_unit, sizeof bad_unit);
    Hoso__V1__LedgerReply *reply = next_reply(alice);
    assert_int_equal(reply->request_id, 5);
    assert_int_equal(reply->body_case, REPLY(QUALITY));
    assert_string_equal(reply->quality->next, "units[1]");
    hoso__v1__ledger_reply__free_unpacked(reply, NULL);
    bus_close(alice);
}

/* Waits for a position, until it is there or for its time; at the stop it is answered as it is. */
static void test_waiting(void **state)
{
    struct world *world = *state;
    struct bus_socket *alice = connect_as(world, ALICE, 100);
    ask_changes(alice, 1, 4, 60000);
    ask_changes(alice, 2, 9, 20);
    Hoso__V1__LedgerReply *reply = next_reply(alice);
    assert_int_equal(reply->request_id, 2);
    assert_true(reply->changes->snapshot_needed); /* late */
    hoso__v1__ledger_reply__free_unpacked(reply, NULL);
    atomic_store(&world->position, 5);
    bus_wake_signal(&world->moved);
    reply = next_reply(alice);
    assert_int_equal(reply->request_id, 1);
    assert_false(reply->changes->snapshot_needed);
    hoso__v1__ledger_reply__free_unpacked(reply, NULL);
    ask_changes(alice, 3, 10, 60000);
    ask_changes(alice, 4, 0, 0); /* answered after 3 was taken in */
    expect_body(alice, 4, REPLY(CHANGES));
    endpoint_world_stop(world);
    reply = next_reply(alice);
    assert_int_equal(reply->request_id, 3);
    assert_true(reply->changes->snapshot_needed);
    hoso__v1__ledger_reply__free_unpacked(reply, NULL);
    bus_close(alice);
}

/* One key takes its own share; all keys together take what there is. */
static void test_under_way_is_bounded(void **state)
{
    struct world *world = *state;
    struct bus_socket *alice = connect_as(world, ALICE, 100);
    struct bus_socket *bob = connect_as(world, BOB, 100);
    for (uint64_t id = 1; id <= KEY_REQUESTS; id++) {
        ask_changes(alice, id, 0, 60000);
    }
    ask_changes(alice, 100, 0, 60000);
    expect_error(alice, 100, CODE(BUSY), "of the key \"alice\" are under way (4)");
    ask_later(alice, 101, 0);
    expect_error(alice, 101, CODE(BUSY), "under way");
    for (uint64_t id = 1; id <= ALL_REQUESTS - KEY_REQUESTS; id++) {
        ask_changes(bob, id, 0, 60000);
    }
    ask_changes(bob, 102, 0, 60000);
    expect_error(bob, 102, CODE(BUSY), "too many requests are under way here");
    atomic_store(&world->position, 1);
    bus_wake_signal(&world->moved);
    for (uint64_t id = 1; id <= KEY_REQUESTS; id++) {
        expect_body(alice, id, REPLY(CHANGES));
    }
    for (uint64_t id = 1; id <= ALL_REQUESTS - KEY_REQUESTS; id++) {
        expect_body(bob, id, REPLY(CHANGES));
    }
    ask_changes(alice, 103, 0, 60000); /* every place is free again */
    expect_body(alice, 103, REPLY(CHANGES));
    bus_close(alice);
    bus_close(bob);
}

/* A request that somebody else answers holds its place, in number and in bytes, until then. */
static void test_later(void **state)
{
    enum { PADDING = 4000 }; /* two of them are close to key_bytes */
    struct world *world = *state;
    struct bus_socket *alice = connect_as(world, ALICE, 100);
    ask_later(alice, 1, PADDING);
    ask_later(alice, 2, PADDING);
    ask_later(alice, 3, PADDING);
    expect_error(alice, 3, CODE(BUSY), "under way (2)");
    atomic_store(&world->answer_kept, true);
    bus_wake_signal(&world->moved);
    expect_body(alice, 2, REPLY(DOSSIERS));
    expect_body(alice, 1, REPLY(DOSSIERS));
    ask_later(alice, 4, PADDING);
    expect_body(alice, 4, REPLY(DOSSIERS));
    bus_close(alice);
}

/* Long work stands in nobody's way: neither in that of quick work, nor one key's in another's. */
static void test_long_lane(void **state)
{
    struct world *world = *state;
    struct bus_socket *alice = connect_as(world, ALICE, 100);
    struct bus_socket *bob = connect_as(world, BOB, 100);
    atomic_store(&world->gated, true);
    ask_page(alice, 1, 10);
    ask_page(alice, 2, 10);
    ask_deferred(alice, 3);
    ask_changes(alice, 4, 0, 0);
    expect_body(alice, 4, REPLY(CHANGES));
    ask_page(bob, 5, 10);
    ask_changes(bob, 6, 0, 0);
    expect_body(bob, 6, REPLY(CHANGES));
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(sem_post(&world->gate), 0);
    }
    expect_body(bob, 5, REPLY(SNAPSHOT));
    expect_body(alice, 1, REPLY(SNAPSHOT));
    expect_body(alice, 2, REPLY(SNAPSHOT));
    expect_body(alice, 3, REPLY(QUALITY));
    assert_memory_equal(world->served, "abaa", 4);
    bus_close(alice);
    bus_close(bob);
}

static void test_too_large(void **state)
{
    struct world *world = *state;
    struct bus_socket *alice = connect_as(world, ALICE, 100);
    ask_page(alice, 1, REPLY_BYTES);
    expect_error(alice, 1, CODE(TOO_LARGE), "over 2 MiB");
    bus_close(alice);
}

static size_t unread(const struct world *world)
{
    return atomic_load(&world->endpoint->book->unread);
}

static void await_unread(const struct world *world, size_t at_most)
{
    const int64_t end_ms = clock_ms() + DEADLINE_MS;
    while (unread(world) > at_most && clock_ms() < end_ms) {
        (void)bus_poll(NULL, 0, 1);
    }
    assert_true(unread(world) <= at_most);
}

/* A peer that asks and does not read: what waits for it is bounded, others are served, and when it
 * has gone nothing is left. */
static void test_unread_is_bounded(void **state)
{
    enum { PAGE = 1 << 20, PAGES = 100 };
    struct world *world = *state;
    struct bus_socket *alice = connect_as(world, ALICE, 1);
    struct bus_socket *bob = connect_as(world, BOB, 100);
    size_t most = 0;
    for (uint64_t id = 1; id <= PAGES; id++) {
        ask_page(alice, id, PAGE);
        ask_page(bob, id, 10); /* has its turn after or before, so it paces the loop */
        expect_body(bob, id, REPLY(SNAPSHOT));
        most = unread(world) > most ? unread(world) : most;
    }
    assert_true(most >= ENDPOINT_UNREAD_KEY / 2);
    assert_true(most <= ENDPOINT_UNREAD_KEY + 2 * PAGE);
    assert_true(errors(world, CODE(BUSY)) > 0);
    bus_close(alice);
    await_unread(world, 0);
    bus_close(bob);
}

/* The id of the next reply, which is not looked into. */
static uint64_t next_id(struct bus_socket *peer)
{
    static const uint32_t request_id[] = {1};
    struct bus_message message;
    uint64_t id = 0;
    enum status status = STATUS_TIMEOUT;
    const int64_t end_ms = clock_ms() + DEADLINE_MS;
    while ((status = bus_receive(peer, &message)) == STATUS_TIMEOUT && clock_ms() < end_ms) {
        struct bus_poll_item item = {.socket = peer};
        (void)bus_poll(&item, 1, DEADLINE_MS);
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(wire_find_number(message.payload, request_id, 1, &id));
    bus_message_fini(&message);
    return id;
}

/* A peer that begins to read late: its long work is held back, not that of others, and goes on as
 * it reads. Nothing that was taken in is lost. */
static void test_a_late_reader_gets_all(void **state)
{
    enum { PAGE = 1 << 20, LAST = KEY_REQUESTS };
    struct world *world = *state;
    struct bus_socket *alice = connect_as(world, ALICE, 1);
    struct bus_socket *bob = connect_as(world, BOB, 100);
    const int64_t end_ms = clock_ms() + DEADLINE_MS;
    uint64_t asked = 0;
    atomic_store(&world->gated, true);
    while (unread(world) < ENDPOINT_UNREAD_KEY - 2 * PAGE && clock_ms() < end_ms) {
        ask_page(alice, ++asked, PAGE);
        assert_int_equal(sem_post(&world->gate), 0);
        ask_page(bob, asked, 10); /* its answer comes after alice's was sent */
        assert_int_equal(sem_post(&world->gate), 0);
        expect_body(bob, asked, REPLY(SNAPSHOT));
    }
    for (unsigned i = 0; i < LAST; i++) {
        ask_page(alice, ++asked, PAGE);
    }
    ask_changes(alice, 2000, 0, 0); /* its answer, too, waits to be read */
    for (unsigned i = 0; i < LAST + 1; i++) {
        assert_int_equal(sem_post(&world->gate), 0);
    }
    while (unread(world) < ENDPOINT_UNREAD_KEY && clock_ms() < end_ms) {
        (void)bus_poll(NULL, 0, 1);
    }
    ask_page(bob, 1000, 10);
    expect_body(bob, 1000, REPLY(SNAPSHOT));
    assert_true(atomic_load(&world->begun) < 2 * asked - LAST + 1); /* some of alice's wait */
    for (uint64_t got = 0; got < asked + 1; got++) {
        (void)next_id(alice);
    }
    await_unread(world, 0);
    bus_close(alice);
    bus_close(bob);
}

int main(void)
{
#define WITH_WORLD(test) \
    cmocka_unit_test_setup_teardown(test, endpoint_world_begin, endpoint_world_end)
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_rights),
        WITH_WORLD(test_alive),
        WITH_WORLD(test_malformed),
        WITH_WORLD(test_waiting),
        WITH_WORLD(test_under_way_is_bounded),
        WITH_WORLD(test_later),
        WITH_WORLD(test_long_lane),
        WITH_WORLD(test_too_large),
        WITH_WORLD(test_unread_is_bounded),
        WITH_WORLD(test_a_late_reader_gets_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
