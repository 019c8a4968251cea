/* SPDX-License-Identifier: Apache-2.0
 *
 * One request and its answer. Answers to requests that were given up (their request_id is not ours)
 * are dropped.
 */
#include "base/clock.h"
#include "client/client_internal.h"
#include "wire/wire.h"

#include <string.h>

enum { REQUEST_ID = 1, ERROR_BODY = 15, RETRY_MS = 20 };

/* Every request and reply begins with its request_id, and has one oneof. */
static void *field_at(const ProtobufCMessage *message, unsigned number)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(message->descriptor, number);
    return (unsigned char *)(uintptr_t)message + field->offset;
}

enum hoso_status client_no_answer(const struct hoso_client *client, enum peer peer,
                                  struct hoso_error *error)
{
    return client_fail(
        error, HOSO_UNAVAILABLE, NULL,
        "%s at %s did not answer within %u ms: check that it runs, its address and server "
        "key, and that our "
        "key is in its registry",
        peer_name(peer), client->settings.endpoint[peer], client->settings.timeout_ms);
}

static enum hoso_status send_request(struct hoso_client *client, const struct call *call,
                                     int64_t deadline_ms, struct hoso_error *error)
{
    struct bus_socket *socket = client->sockets[call->peer];
    buffer_clear(&client->out);
    wire_pack(call->request, &client->out);
    if (buffer_status(&client->out) != STATUS_OK) {
        return client_fail(error, HOSO_TOO_LARGE, NULL, "the request to %s is over %d MiB",
                           peer_name(call->peer), CLIENT_REQUEST_BYTES >> 20);
    }
    for (;;) {
        const enum status status = bus_send(socket, NULL, buffer_slice(&client->out));
        if (status == STATUS_OK) {
            return HOSO_OK;
        }
        if (status != STATUS_BUSY && status != STATUS_UNAVAILABLE) {
            return client_fail_inner(error, status, NULL);
        }
        if (clock_ms() >= deadline_ms) {
            return client_no_answer(client, call->peer, error);
        }
        struct bus_poll_item item = {.socket = socket, .fd = -1};
        (void)bus_poll(&item, 1, RETRY_MS);
    }
}

enum hoso_status client_take_reply(const struct call *call, uint64_t request_id,
                                   struct slice payload, struct arena *arena,
                                   ProtobufCMessage **ret_body, struct hoso_error *error)
{
    ProtobufCMessage *reply = NULL;
    struct error inner = {.status = STATUS_OK};
    const enum status status = wire_unpack(call->reply, payload, arena, &reply, &inner);
    if (status != STATUS_OK) {
        return client_fail(error, status == STATUS_TOO_LARGE ? HOSO_TOO_LARGE : HOSO_INTERNAL, NULL,
                           "cannot read the answer of %s: %s", peer_name(call->peer), inner.text);
    }
    uint64_t id;
    memcpy(&id, field_at(reply, REQUEST_ID), sizeof id);
    if (id != request_id) {
        *ret_body = NULL;
        return HOSO_OK;
    }
    const ProtobufCFieldDescriptor *body =
        protobuf_c_message_descriptor_get_field(reply->descriptor, call->expect);
    uint32_t which;
    memcpy(&which, (unsigned char *)reply + body->quantifier_offset, sizeof which);
    if (which == ERROR_BODY) {
        const Hoso__V1__Error *text;
        memcpy(&text, field_at(reply, ERROR_BODY), sizeof text);
        return client_fail_reply(error, text);
    }
    if (which != call->expect) {
        return client_fail(error, HOSO_INTERNAL, NULL, "%s answered something else than was asked",
                           peer_name(call->peer));
    }
    memcpy(ret_body, field_at(reply, call->expect), sizeof *ret_body);
    return HOSO_OK;
}

static enum hoso_status wait_reply(struct hoso_client *client, const struct call *call,
                                   int64_t deadline_ms, struct arena *arena,
                                   ProtobufCMessage **ret_body, struct hoso_error *error)
{
    struct bus_socket *socket = client->sockets[call->peer];
    ProtobufCMessage *body = NULL;
    enum hoso_status result = HOSO_OK;
    while (body == NULL && result == HOSO_OK) {
        struct bus_message message;
        const enum status status = bus_receive(socket, &message);
        if (status == STATUS_OK) {
            result = client_take_reply(call, client->last_request_id, message.payload, arena, &body,
                                       error);
            bus_message_fini(&message);
            continue;
        }
        if (status != STATUS_TIMEOUT) {
            return client_fail_inner(error, status, NULL);
        }
        const int64_t left_ms = deadline_ms - clock_ms();
        if (left_ms <= 0) {
            return client_no_answer(client, call->peer, error);
        }
        struct bus_poll_item item = {.socket = socket, .fd = -1};
        (void)bus_poll(&item, 1, left_ms < INT32_MAX ? (int)left_ms : INT32_MAX);
    }
    if (result == HOSO_OK) {
        *ret_body = body;
    }
    return result;
}

enum hoso_status client_call(struct hoso_client *client, const struct call *call,
                             struct arena *arena, ProtobufCMessage **ret_body,
                             struct hoso_error *error)
{
    if (client->sockets[call->peer] == NULL) {
        const enum hoso_status status =
            client_connect(client, call->peer, &client->sockets[call->peer], error);
        if (status != HOSO_OK) {
            return status;
        }
    }
    const int64_t deadline_ms = clock_ms() + client->settings.timeout_ms + call->wait_ms;
    const uint64_t request_id = ++client->last_request_id;
    memcpy(field_at(call->request, REQUEST_ID), &request_id, sizeof request_id);
    const enum hoso_status status = send_request(client, call, deadline_ms, error);
    return status == HOSO_OK ? wait_reply(client, call, deadline_ms, arena, ret_body, error)
                             : status;
}
