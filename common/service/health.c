/* SPDX-License-Identifier: Apache-2.0
 *
 * Every service answers `status` in the oneof of its own request message; the descriptors say under
 * which numbers. Where it listens is where it is asked, on loopback if it listens everywhere.
 */
#include "service/health.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/require.h"
#include "hoso/v1/common.pb-c.h"
#include "wire/wire.h"

enum { REQUEST_ID = 1, REQUEST_BYTES_MAX = 64, REPLY_BYTES_MAX = 1 << 20, RETRY_MS = 50 };

static const ProtobufCFieldDescriptor *status_field(const ProtobufCMessageDescriptor *descriptor)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(descriptor, "status");
    require(field != NULL);
    return field;
}

static void pack_request(const ProtobufCMessageDescriptor *descriptor, struct arena *arena,
                         struct buffer *buffer)
{
    const ProtobufCFieldDescriptor *id =
        protobuf_c_message_descriptor_get_field(descriptor, REQUEST_ID);
    const ProtobufCFieldDescriptor *status = status_field(descriptor);
    ProtobufCMessage *request = arena_alloc(arena, descriptor->sizeof_message);
    Hoso__V1__StatusRequest body = HOSO__V1__STATUS_REQUEST__INIT;
    const Hoso__V1__StatusRequest *pointer = &body;
    const uint64_t request_id = REQUEST_ID;
    require(id != NULL && request != NULL);
    descriptor->message_init(request);
    unsigned char *bytes = (unsigned char *)request;
    memcpy(bytes + id->offset, &request_id, sizeof request_id);
    memcpy(bytes + status->quantifier_offset, &status->id, sizeof status->id);
    memcpy(bytes + status->offset, &pointer, sizeof pointer);
    wire_pack(request, buffer);
}

static enum status read_reply(const ProtobufCMessageDescriptor *descriptor, struct slice payload,
                              struct arena *arena, struct health *ret_health, struct error *error)
{
    ProtobufCMessage *reply = NULL;
    const enum status status = wire_unpack(descriptor, payload, arena, &reply, error);
    if (status != STATUS_OK) {
        return status;
    }
    const ProtobufCFieldDescriptor *field = status_field(descriptor);
    uint32_t which;
    memcpy(&which, (const unsigned char *)reply + field->quantifier_offset, sizeof which);
    if (which != field->id) {
        return error_set(error, STATUS_DENIED,
                         "it answers, but not with its status: is its own key in the registry?");
    }
    const Hoso__V1__StatusReply *body;
    memcpy(&body, (const unsigned char *)reply + field->offset, sizeof body);
    ret_health->ready = body->ready;
    (void)snprintf(ret_health->reason, HEALTH_TEXT_MAX, "%s", body->reason);
    (void)snprintf(ret_health->text, HEALTH_TEXT_MAX, "%.32s %.32s %s, position %" PRIu64,
                   body->service, body->version, body->ready ? "is ready" : "answers",
                   body->cut != NULL ? body->cut->position : 0);
    return STATUS_OK;
}

/* "tcp://0.0.0.0:7301" is no address to connect to. */
static void reachable(const char *listen, char *ret_endpoint, size_t size)
{
    static const char *const everywhere[] = {"tcp://*:", "tcp://0.0.0.0:", "tcp://[::]:"};
    for (size_t i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++) {
        const size_t prefix = strlen(everywhere[i]);
        if (strncmp(listen, everywhere[i], prefix) == 0) {
            (void)snprintf(ret_endpoint, size, "tcp://127.0.0.1:%s", listen + prefix);
            return;
        }
    }
    (void)snprintf(ret_endpoint, size, "%s", listen);
}

/* Waits until the service takes the request, then for its answer. */
static enum status exchange(struct bus_socket *socket, struct slice request,
                            struct bus_message *ret_message)
{
    const int64_t deadline_ms = clock_ms() + HEALTH_TIMEOUT_MS;
    enum status sent = STATUS_BUSY;
    for (;;) {
        if (sent != STATUS_OK) {
            sent = bus_send(socket, NULL, request);
        }
        if (sent != STATUS_OK && sent != STATUS_BUSY && sent != STATUS_UNAVAILABLE) {
            return sent;
        }
        const enum status received = bus_receive(socket, ret_message);
        if (received != STATUS_TIMEOUT) {
            return received;
        }
        const int64_t left_ms = deadline_ms - clock_ms();
        if (left_ms <= 0) {
            return STATUS_UNAVAILABLE;
        }
        struct bus_poll_item item = {.socket = socket, .fd = -1};
        (void)bus_poll(&item, 1, sent == STATUS_OK || left_ms < RETRY_MS ? (int)left_ms : RETRY_MS);
    }
}

static enum status ask(const struct service_spec *spec, struct bus_socket *socket,
                       struct health *ret_health, struct error *error)
{
    struct arena arena;
    struct buffer request;
    struct bus_message message;
    arena_init(&arena, REPLY_BYTES_MAX);
    buffer_init(&request, REQUEST_BYTES_MAX);
    pack_request(spec->request, &arena, &request);
    enum status status = exchange(socket, buffer_slice(&request), &message);
    if (status == STATUS_OK) {
        status = read_reply(spec->reply, message.payload, &arena, ret_health, error);
        bus_message_fini(&message);
    } else {
        (void)error_set(error, status, "%s: no answer: %s", bus_endpoint(socket),
                        status_text(status));
    }
    buffer_fini(&request);
    arena_fini(&arena);
    return status;
}

enum status health_ask(const struct service_spec *spec, const char *listen,
                       const struct bus_keys *keys, struct health *ret_health, struct error *error)
{
    const struct bus_limits limits = {REPLY_BYTES_MAX, 1};
    char endpoint[CONFIG_VALUE_MAX + 1];
    struct bus *bus = NULL;
    struct bus_socket *socket = NULL;
    if (spec->request == NULL) {
        return error_set(error, STATUS_INVALID, "%s answers nothing", spec->name);
    }
    reachable(listen, endpoint, sizeof endpoint);
    enum status status = bus_new(keys, NULL, NULL, &bus, error);
    if (status == STATUS_OK) {
        status = bus_connect(bus, endpoint, keys->public_text, &limits, &socket, error);
    }
    if (status == STATUS_OK) {
        status = ask(spec, socket, ret_health, error);
    }
    bus_close(socket);
    bus_free(bus);
    return status;
}
