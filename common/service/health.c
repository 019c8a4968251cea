/* SPDX-License-Identifier: Apache-2.0
 *
 * Every service answers `status` in the oneof of its own request message; the descriptors say under
 * which numbers. Where it listens is where it is asked, on loopback if it listens everywhere.
 */
#include "service/health.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "bus/exchange.h"
#include "hoso/v1/common.pb-c.h"

enum { REQUEST_BYTES_MAX = 64, REPLY_BYTES_MAX = 1 << 20 };

static const ProtobufCFieldDescriptor *status_field(const ProtobufCMessageDescriptor *descriptor)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(descriptor, "status");
    require(field != NULL);
    return field;
}

/* The request with the body `status`, in the arena. */
static ProtobufCMessage *make_request(const ProtobufCMessageDescriptor *descriptor,
                                      struct arena *arena)
{
    static const Hoso__V1__StatusRequest body = HOSO__V1__STATUS_REQUEST__INIT;
    const Hoso__V1__StatusRequest *pointer = &body;
    const ProtobufCFieldDescriptor *status = status_field(descriptor);
    ProtobufCMessage *request = arena_alloc(arena, descriptor->sizeof_message);
    require(request != NULL);
    descriptor->message_init(request);
    unsigned char *bytes = (unsigned char *)request;
    memcpy(bytes + status->quantifier_offset, &status->id, sizeof status->id);
    memcpy(bytes + status->offset, &pointer, sizeof pointer);
    return request;
}

static enum status read_reply(const ProtobufCMessage *reply, struct health *ret_health,
                              struct error *error)
{
    const ProtobufCFieldDescriptor *field = status_field(reply->descriptor);
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

static enum status ask(const struct service_spec *spec, struct exchange *exchange,
                       struct health *ret_health, struct error *error)
{
    const struct bus_socket *socket = exchange_socket(exchange);
    struct exchange_answer answer = {.reply = NULL};
    struct arena arena;
    enum status status;
    arena_init(&arena, REPLY_BYTES_MAX);
    switch (exchange_call(exchange, make_request(spec->request, &arena), HEALTH_TIMEOUT_MS,
                          HEALTH_TIMEOUT_MS, &arena, &answer, error)) {
    case EXCHANGE_ANSWERED:
    case EXCHANGE_REFUSED:
        status = read_reply(answer.reply, ret_health, error);
        break;
    case EXCHANGE_UNREADABLE:
        status = STATUS_INVALID;
        break;
    default:
        status = error_set(error, STATUS_UNAVAILABLE, "%s: no answer: %s", bus_endpoint(socket),
                           bus_fault_text(socket));
    }
    arena_fini(&arena);
    return status;
}

enum status health_ask(const struct service_spec *spec, const char *listen,
                       const struct bus_keys *keys, struct health *ret_health, struct error *error)
{
    char endpoint[CONFIG_VALUE_MAX + 1];
    struct bus *bus = NULL;
    struct exchange *exchange = NULL;
    if (spec->request == NULL) {
        return error_set(error, STATUS_INVALID, "%s answers nothing", spec->name);
    }
    reachable(listen, endpoint, sizeof endpoint);
    enum status status = bus_new(keys, NULL, NULL, &bus, error);
    if (status == STATUS_OK) {
        const struct exchange_options options = {.bus = bus,
                                                 .endpoints = endpoint,
                                                 .server_keys = keys->public_text,
                                                 .limits = {REPLY_BYTES_MAX, 1},
                                                 .request_bytes = REQUEST_BYTES_MAX,
                                                 .reply = spec->reply};
        status = exchange_open(&options, &exchange, error);
    }
    if (status == STATUS_OK) {
        status = ask(spec, exchange, ret_health, error);
    }
    exchange_close(exchange);
    bus_free(bus);
    return status;
}
