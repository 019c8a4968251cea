/* SPDX-License-Identifier: Apache-2.0
 *
 * One request and its answer, and what an answer means to the caller.
 */
#include "bus/probe.h"
#include "client/client.h"

#include <string.h>

enum { EXAMINE_MS = 600 /* beyond the timeout, for the cause; a server that is there is quick */ };

enum hoso_status client_no_answer(const struct hoso_client *client, enum peer peer,
                                  const struct bus_socket *socket, struct hoso_error *error)
{
    if (socket != NULL && client->settings.refused_ms != 0 && bus_is_refused(socket)) {
        return client_fail(error, HOSO_UNAVAILABLE, NULL,
                           "%s at %s did not answer: %s. `hoso doctor` looks for the cause",
                           peer_name(peer), bus_endpoint(socket),
                           bus_examine_text(socket, EXAMINE_MS));
    }
    return client_fail(
        error, HOSO_UNAVAILABLE, NULL,
        "%s at %s did not answer within %u ms: %s. `hoso doctor` looks for the cause",
        peer_name(peer), socket != NULL ? bus_endpoint(socket) : client->settings.endpoint[peer],
        client->settings.timeout_ms,
        socket != NULL ? bus_examine_text(socket, EXAMINE_MS) : "it is silent");
}

/* The body that was asked for. */
static enum hoso_status take_body(const struct call *call, const ProtobufCMessage *reply,
                                  ProtobufCMessage **ret_body, struct hoso_error *error)
{
    const ProtobufCFieldDescriptor *body =
        protobuf_c_message_descriptor_get_field(reply->descriptor, call->expect);
    uint32_t which;
    memcpy(&which, (const unsigned char *)reply + body->quantifier_offset, sizeof which);
    if (which != call->expect) {
        return client_fail(error, HOSO_INTERNAL, NULL, "%s answered something else than was asked",
                           peer_name(call->peer));
    }
    memcpy(ret_body, (const unsigned char *)reply + body->offset, sizeof *ret_body);
    return HOSO_OK;
}

enum hoso_status client_take_news(const struct hoso_client *client, const struct call *call,
                                  const struct exchange *exchange, enum exchange_news news,
                                  const struct exchange_answer *answer, const struct error *inner,
                                  ProtobufCMessage **ret_body, struct hoso_error *error)
{
    switch (news) {
    case EXCHANGE_ANSWERED:
        return take_body(call, answer->reply, ret_body, error);
    case EXCHANGE_REFUSED:
        return client_fail_reply(error, answer->refusal);
    case EXCHANGE_UNREADABLE:
        return client_fail(error,
                           inner->status == STATUS_TOO_LARGE ? HOSO_TOO_LARGE : HOSO_INTERNAL, NULL,
                           "%s: %s", peer_name(call->peer), inner->text);
    default:
        return client_no_answer(client, call->peer, exchange_socket(exchange), error);
    }
}

void client_act_for(struct hoso_client *client, const char *principal)
{
    client->principal = principal;
}

/* Every request has the field. protobuf-c does not write to the text. */
static void set_principal(const struct hoso_client *client, ProtobufCMessage *request)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(request->descriptor, "principal");
    if (client->principal != NULL && field != NULL) {
        memcpy((unsigned char *)request + field->offset, &client->principal,
               sizeof client->principal);
    }
}

enum hoso_status client_call(struct hoso_client *client, const struct call *call,
                             struct arena *arena, ProtobufCMessage **ret_body,
                             struct hoso_error *error)
{
    struct exchange **exchange = &client->exchanges[call->peer];
    struct exchange_answer answer = {.reply = NULL};
    struct error inner = {.status = STATUS_OK};
    if (*exchange == NULL) {
        const enum hoso_status status =
            client_exchange(client, call->peer, call->reply, exchange, error);
        if (status != HOSO_OK) {
            return status;
        }
    }
    set_principal(client, call->request);
    const int64_t timeout_ms = (int64_t)client->settings.timeout_ms + call->wait_ms;
    const int64_t refused_ms =
        client->settings.refused_ms != 0 ? client->settings.refused_ms : timeout_ms;
    const enum exchange_news news =
        exchange_call(*exchange, call->request, timeout_ms, refused_ms, arena, &answer, &inner);
    return client_take_news(client, call, *exchange, news, &answer, &inner, ret_body, error);
}
