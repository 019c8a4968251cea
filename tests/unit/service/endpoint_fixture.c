/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes wait for a position; a page is long work; a scan of dossiers is left for later; a scan of
 * findings defers itself, and answers its own refusals.
 */

#include "tests/unit/service/endpoint_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

static const char *const names[] = {"alice", "bob", "carol"};

static const Hoso__V1__LedgerRequest *wire_of(const struct endpoint_request *request)
{
    return (const Hoso__V1__LedgerRequest *)request->wire;
}

static enum status wait_changes(struct endpoint_request *request, struct endpoint_wait *ret_wait)
{
    const Hoso__V1__ChangesRequest *changes = wire_of(request)->changes;
    *ret_wait = (struct endpoint_wait){{0, changes->after_position + 1}, changes->wait_ms};
    return STATUS_OK;
}

static bool reached(void *context, struct cut wanted)
{
    struct world *world = context;
    return atomic_load(&world->position) >= wanted.position;
}

static enum status handle_changes(struct endpoint_request *request)
{
    Hoso__V1__ChangesReply changes = HOSO__V1__CHANGES_REPLY__INIT;
    Hoso__V1__LedgerReply reply = HOSO__V1__LEDGER_REPLY__INIT;
    reply.body_case = HOSO__V1__LEDGER_REPLY__BODY_CHANGES;
    reply.changes = &changes;
    changes.snapshot_needed = request->late;
    return endpoint_answer(request, &reply.base);
}

static void begin_long(struct endpoint_request *request)
{
    struct world *world = request->context;
    assert_int_equal(request->lane, ENDPOINT_LONG);
    const unsigned index = atomic_fetch_add(&world->begun, 1);
    if (index < SERVED_MAX) {
        world->served[index] = request->caller.user[0];
    }
    if (atomic_load(&world->gated)) {
        assert_int_equal(sem_wait(&world->gate), 0);
    }
}

static enum status handle_page(struct endpoint_request *request)
{
    Hoso__V1__SnapshotReply page = HOSO__V1__SNAPSHOT_REPLY__INIT;
    Hoso__V1__LedgerEntry entry = HOSO__V1__LEDGER_ENTRY__INIT;
    Hoso__V1__LedgerEntry *entries[] = {&entry};
    Hoso__V1__LedgerReply reply = HOSO__V1__LEDGER_REPLY__INIT;
    const uint32_t bytes = wire_of(request)->snapshot->max_bytes;
    begin_long(request);
    reply.body_case = HOSO__V1__LEDGER_REPLY__BODY_SNAPSHOT;
    reply.snapshot = &page;
    entry.value = (ProtobufCBinaryData){bytes, arena_alloc(request->arena, bytes + 1U)};
    page.n_entries = 1;
    page.entries = entries;
    return endpoint_answer(request, &reply.base);
}

static enum status handle_later(struct endpoint_request *request)
{
    struct world *world = request->context;
    world->kept[world->kept_count++] = request->caller;
    return STATUS_OK;
}

static enum status handle_deferred(struct endpoint_request *request)
{
    Hoso__V1__QualityPage page = HOSO__V1__QUALITY_PAGE__INIT;
    Hoso__V1__LedgerReply reply = HOSO__V1__LEDGER_REPLY__INIT;
    if (request->lane == ENDPOINT_QUICK) {
        return endpoint_defer(request);
    }
    begin_long(request);
    reply.body_case = HOSO__V1__LEDGER_REPLY__BODY_QUALITY;
    reply.quality = &page;
    return endpoint_answer(request, &reply.base);
}

/* Answers a fault in `units` with a page that names the unit's index; nothing else. */
static enum status refuse_deferred(struct endpoint_request *request, enum status why,
                                   const struct wire_fault *fault)
{
    Hoso__V1__QualityPage page = HOSO__V1__QUALITY_PAGE__INIT;
    Hoso__V1__LedgerReply reply = HOSO__V1__LEDGER_REPLY__INIT;
    char text[32];
    if (fault == NULL || fault->depth != 2) {
        return why;
    }
    (void)wire_fault_path(fault, 1, text, sizeof text);
    reply.body_case = HOSO__V1__LEDGER_REPLY__BODY_QUALITY;
    reply.quality = &page;
    page.next = text;
    return endpoint_answer(request, &reply.base);
}

#define BODY(name) HOSO__V1__LEDGER_REQUEST__BODY_##name

static const struct endpoint_message messages[] = {{.body = BODY(CHANGES),
                                                    .name = "Changes",
                                                    .roles = ENDPOINT_ROLE(ROLE_SERVICE),
                                                    .wait = wait_changes,
                                                    .reached = reached,
                                                    .handle = handle_changes},
                                                   {.body = BODY(SNAPSHOT),
                                                    .name = "Snapshot",
                                                    .roles = ENDPOINT_ROLE(ROLE_SERVICE),
                                                    .lane = ENDPOINT_LONG,
                                                    .handle = handle_page},
                                                   {.body = BODY(SCAN_DOSSIERS),
                                                    .name = "ScanDossiers",
                                                    .roles = ENDPOINT_ROLE(ROLE_SERVICE),
                                                    .handle = handle_later,
                                                    .later = true},
                                                   {.body = BODY(SCAN_QUALITY),
                                                    .name = "ScanQuality",
                                                    .roles = ENDPOINT_ROLE(ROLE_SERVICE),
                                                    .handle = handle_deferred,
                                                    .refuse = refuse_deferred},
                                                   {.body = 0}};

static int64_t turn(void *context)
{
    struct world *world = context;
    while (atomic_load(&world->answer_kept) && world->kept_count > 0) {
        Hoso__V1__DossierPage page = HOSO__V1__DOSSIER_PAGE__INIT;
        Hoso__V1__LedgerReply reply = HOSO__V1__LEDGER_REPLY__INIT;
        reply.body_case = HOSO__V1__LEDGER_REPLY__BODY_DOSSIERS;
        reply.dossiers = &page;
        endpoint_answer_later(world->endpoint, &world->kept[--world->kept_count], &reply.base);
    }
    return INT64_MAX;
}

static bool admit(void *context, const char *domain, const uint8_t key[BUS_KEY_SIZE],
                  char ret_name[BUS_NAME_MAX + 1])
{
    struct world *world = context;
    (void)domain;
    return registry_admit(world->running.service.registry, key, ret_name);
}

static void write_registry(struct world *world)
{
    (void)snprintf(world->path, sizeof world->path, "/tmp/hoso-endpoint-test-XXXXXX");
    FILE *file = fdopen(mkstemp(world->path), "w");
    assert_non_null(file);
    for (enum user user = ALICE; user < USERS; user++) {
        assert_int_equal(bus_keys_generate(&world->keys[user]), STATUS_OK);
        (void)fprintf(file, "[%s]\nkey = %s\nrole = %s\n", names[user],
                      world->keys[user].public_text, user == CAROL ? "admin" : "service");
    }
    assert_int_equal(fclose(file), 0);
}

int endpoint_world_begin(void **state)
{
    static const struct metric metrics[] = {SERVICE_METRICS};
    struct world *world = calloc(1, sizeof *world);
    struct error error = {.text = ""};
    assert_non_null(world);
    assert_int_equal(sem_init(&world->gate, 0, 0), 0);
    struct service *service = &world->running.service;
    write_registry(world);
    assert_int_equal(registry_open(world->path, &service->registry, &error), STATUS_OK);
    assert_int_equal(metrics_new(metrics, SERVICE_METRIC_COUNT, &service->metrics), STATUS_OK);
    assert_int_equal(bus_wake_init(&world->running.stop), STATUS_OK);
    assert_int_equal(bus_wake_init(&world->moved), STATUS_OK);
    service->stop_fd = world->running.stop.fd;
    assert_int_equal(bus_keys_generate(&world->server_keys), STATUS_OK);
    assert_int_equal(bus_new(&world->server_keys, admit, world, &service->bus, &error), STATUS_OK);
    for (enum user user = ALICE; user < USERS; user++) {
        assert_int_equal(bus_new(&world->keys[user], NULL, NULL, &world->buses[user], &error),
                         STATUS_OK);
    }
    const struct endpoint_options options = {.service = service,
                                             .listen = "tcp://127.0.0.1:*",
                                             .messages = messages,
                                             .request = &hoso__v1__ledger_request__descriptor,
                                             .reply = &hoso__v1__ledger_reply__descriptor,
                                             .limits = {.request_bytes = 64 << 10,
                                                        .queue_messages = 1000,
                                                        .key_requests = KEY_REQUESTS,
                                                        .all_requests = ALL_REQUESTS,
                                                        .key_bytes = 8 << 10,
                                                        .all_bytes = 64 << 10,
                                                        .reply_bytes = REPLY_BYTES,
                                                        .arena_bytes = 16 << 20},
                                             .context = world,
                                             .wake = &world->moved,
                                             .turn = turn};
    assert_int_equal(endpoint_open(&options, &world->endpoint, &error), STATUS_OK);
    assert_int_equal(endpoint_start(world->endpoint, &error), STATUS_OK);
    *state = world;
    return 0;
}

void endpoint_world_stop(struct world *world)
{
    atomic_store(&world->running.stopping, true);
    bus_wake_signal(&world->running.stop);
    endpoint_join(world->endpoint);
}

int endpoint_world_end(void **state)
{
    struct world *world = *state;
    for (unsigned i = 0; i < SERVED_MAX; i++) { /* after a failed test the lane may wait */
        (void)sem_post(&world->gate);
    }
    endpoint_world_stop(world);
    endpoint_close(world->endpoint);
    for (enum user user = ALICE; user < USERS; user++) {
        bus_free(world->buses[user]);
    }
    bus_free(world->running.service.bus);
    metrics_free(world->running.service.metrics);
    registry_close(world->running.service.registry);
    bus_wake_fini(&world->running.stop);
    bus_wake_fini(&world->moved);
    (void)unlink(world->path);
    (void)sem_destroy(&world->gate);
    free(world);
    return 0;
}

struct bus_socket *connect_as(struct world *world, enum user user, uint32_t queue)
{
    const struct bus_limits limits = {4 << 20, queue};
    struct bus_socket *socket = NULL;
    assert_int_equal(bus_connect(world->buses[user], endpoint_address(world->endpoint),
                                 world->server_keys.public_text, &limits, &socket, NULL),
                     STATUS_OK);
    return socket;
}

void ask_bytes(struct bus_socket *peer, const void *bytes, size_t size)
{
    const int64_t end_ms = clock_ms() + DEADLINE_MS;
    enum status status = STATUS_BUSY;
    while ((status = bus_send(peer, NULL, slice_of(bytes, size))) == STATUS_BUSY &&
           clock_ms() < end_ms) {
        struct bus_poll_item item = {.socket = peer};
        (void)bus_poll(&item, 1, 1);
    }
    assert_int_equal(status, STATUS_OK);
}

static void ask(struct bus_socket *peer, uint64_t id, Hoso__V1__LedgerRequest *request)
{
    uint8_t packed[16 << 10];
    request->request_id = id;
    const size_t size = hoso__v1__ledger_request__get_packed_size(request);
    assert_true(size <= sizeof packed);
    ask_bytes(peer, packed, hoso__v1__ledger_request__pack(request, packed));
}

void ask_changes(struct bus_socket *peer, uint64_t id, uint64_t after, uint32_t wait_ms)
{
    Hoso__V1__ChangesRequest changes = HOSO__V1__CHANGES_REQUEST__INIT;
    Hoso__V1__LedgerRequest request = HOSO__V1__LEDGER_REQUEST__INIT;
    changes.after_position = after;
    changes.wait_ms = wait_ms;
    request.body_case = BODY(CHANGES);
    request.changes = &changes;
    ask(peer, id, &request);
}

void ask_page(struct bus_socket *peer, uint64_t id, uint32_t bytes)
{
    Hoso__V1__SnapshotRequest snapshot = HOSO__V1__SNAPSHOT_REQUEST__INIT;
    Hoso__V1__LedgerRequest request = HOSO__V1__LEDGER_REQUEST__INIT;
    snapshot.max_bytes = bytes;
    request.body_case = BODY(SNAPSHOT);
    request.snapshot = &snapshot;
    ask(peer, id, &request);
}

void ask_later(struct bus_socket *peer, uint64_t id, uint32_t padding)
{
    static char text[4096];
    Hoso__V1__ScanDossiersRequest scan = HOSO__V1__SCAN_DOSSIERS_REQUEST__INIT;
    Hoso__V1__LedgerRequest request = HOSO__V1__LEDGER_REQUEST__INIT;
    assert_true(padding < sizeof text);
    memset(text, 'x', padding);
    text[padding] = '\0';
    scan.after = text;
    request.body_case = BODY(SCAN_DOSSIERS);
    request.scan_dossiers = &scan;
    ask(peer, id, &request);
}

void ask_deferred(struct bus_socket *peer, uint64_t id)
{
    Hoso__V1__ScanQualityRequest scan = HOSO__V1__SCAN_QUALITY_REQUEST__INIT;
    Hoso__V1__LedgerRequest request = HOSO__V1__LEDGER_REQUEST__INIT;
    request.body_case = BODY(SCAN_QUALITY);
    request.scan_quality = &scan;
    ask(peer, id, &request);
}

Hoso__V1__LedgerReply *next_reply(struct bus_socket *peer)
{
    struct bus_message message;
    const int64_t end_ms = clock_ms() + DEADLINE_MS;
    enum status status = STATUS_TIMEOUT;
    while ((status = bus_receive(peer, &message)) == STATUS_TIMEOUT && clock_ms() < end_ms) {
        struct bus_poll_item item = {.socket = peer};
        (void)bus_poll(&item, 1, DEADLINE_MS);
    }
    assert_int_equal(status, STATUS_OK);
    Hoso__V1__LedgerReply *reply =
        hoso__v1__ledger_reply__unpack(NULL, message.payload.size, message.payload.data);
    bus_message_fini(&message);
    assert_non_null(reply);
    return reply;
}

void expect_body(struct bus_socket *peer, uint64_t id, Hoso__V1__LedgerReply__BodyCase body)
{
    Hoso__V1__LedgerReply *reply = next_reply(peer);
    assert_int_equal(reply->request_id, id);
    assert_int_equal(reply->body_case, body);
    hoso__v1__ledger_reply__free_unpacked(reply, NULL);
}

void expect_error(struct bus_socket *peer, uint64_t id, Hoso__V1__ErrorCode code, const char *said)
{
    Hoso__V1__LedgerReply *reply = next_reply(peer);
    assert_int_equal(reply->request_id, id);
    assert_int_equal(reply->body_case, HOSO__V1__LEDGER_REPLY__BODY_ERROR);
    assert_int_equal(reply->error->code, code);
    if (strstr(reply->error->text, said) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", reply->error->text, said);
    }
    hoso__v1__ledger_reply__free_unpacked(reply, NULL);
}
