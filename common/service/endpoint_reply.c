/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers. The descriptors say where request_id, the oneof's case and the Error are, so one code
 * answers for every service. A reply is packed straight into the bytes that the library sends.
 */
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "hoso/v1/common.pb-c.h"
#include "service/endpoint_internal.h"
#include "service/observe.h"
#include "service/status_reply.h"

enum { REQUEST_ID = 1, ERROR_BODY = 15, REPLY_STRUCT_MAX = 256 };

/* Memory for a reply of any service. */
union reply {
    ProtobufCMessage base;
    alignas(max_align_t) unsigned char bytes[REPLY_STRUCT_MAX];
};

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *descriptor,
                                                unsigned number)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(descriptor, number);
    require(field != NULL);
    return field;
}

static void set_body(ProtobufCMessage *reply, const ProtobufCFieldDescriptor *field,
                     const void *body)
{
    unsigned char *bytes = (unsigned char *)reply;
    memcpy(bytes + field->quantifier_offset, &field->id, sizeof field->id);
    memcpy(bytes + field->offset, &body, sizeof body);
}

static const Hoso__V1__Error *error_of(const ProtobufCMessage *reply)
{
    const ProtobufCFieldDescriptor *field = field_of(reply->descriptor, ERROR_BODY);
    const unsigned char *bytes = (const unsigned char *)reply;
    const Hoso__V1__Error *error = NULL;
    uint32_t which;
    memcpy(&which, bytes + field->quantifier_offset, sizeof which);
    if (which == ERROR_BODY) {
        memcpy(&error, bytes + field->offset, sizeof error);
    }
    return error;
}

static Hoso__V1__ErrorCode code_of(enum status status)
{
    switch (status) {
    case STATUS_INVALID:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_INVALID;
    case STATUS_DENIED:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_DENIED;
    case STATUS_NOT_FOUND:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_NOT_FOUND;
    case STATUS_NOT_READY:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_NOT_READY;
    case STATUS_BUSY:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_BUSY;
    case STATUS_TOO_LARGE:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_TOO_LARGE;
    case STATUS_FULL:
    case STATUS_UNAVAILABLE:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_UNAVAILABLE;
    default:
        return HOSO__V1__ERROR_CODE__ERROR_CODE_INTERNAL;
    }
}

/* Packs the reply to the caller. TOO_LARGE; BUSY = no memory. */
static enum status pack(struct endpoint *endpoint, const struct endpoint_caller *caller,
                        ProtobufCMessage *reply, struct endpoint_answer **ret_answer)
{
    const ProtobufCFieldDescriptor *id = field_of(reply->descriptor, REQUEST_ID);
    memcpy((unsigned char *)reply + id->offset, &caller->request_id, sizeof caller->request_id);
    const size_t size = wire_packed_size(reply);
    if (size > endpoint->options.limits.reply_bytes) {
        return STATUS_TOO_LARGE;
    }
    struct endpoint_answer *answer = endpoint_answer_new(caller->account, size);
    if (answer == NULL) {
        return STATUS_BUSY;
    }
    wire_pack_into(reply, answer->data, size);
    *ret_answer = answer;
    const Hoso__V1__Error *error = error_of(reply);
    if (error != NULL) {
        count_error(endpoint->options.service->metrics, (int)error->code);
    }
    return STATUS_OK;
}

/* NULL = no memory. */
static struct endpoint_answer *pack_error(struct endpoint *endpoint,
                                          const struct endpoint_caller *caller, enum status status,
                                          const char *field, const char *text)
{
    const ProtobufCMessageDescriptor *descriptor = endpoint->options.reply;
    union reply reply;
    Hoso__V1__Error error = HOSO__V1__ERROR__INIT;
    struct endpoint_answer *answer = NULL;
    require(descriptor->sizeof_message <= sizeof reply);
    error.code = code_of(status);
    error.field = (char *)(uintptr_t)(field != NULL ? field : "");
    error.text = (char *)(uintptr_t)(text[0] != '\0' ? text : status_text(status));
    descriptor->message_init(&reply.base);
    set_body(&reply.base, field_of(descriptor, ERROR_BODY), &error);
    return pack(endpoint, caller, &reply.base, &answer) == STATUS_OK ? answer : NULL;
}

static void give(struct endpoint_request *request, struct endpoint_answer *answer)
{
    request->answered = true;
    if (request->lane == ENDPOINT_LONG) {
        endpoint_lane_result(request->endpoint, &request->caller, answer);
    } else {
        endpoint_send(request->endpoint, &request->caller, answer);
    }
}

enum status endpoint_fail(struct endpoint_request *request, enum status status, const char *field,
                          const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(request->error.text, sizeof request->error.text, format, arguments);
    va_end(arguments);
    request->error.status = status;
    request->field = field;
    return status;
}

enum status endpoint_answer(struct endpoint_request *request, ProtobufCMessage *reply)
{
    struct endpoint *endpoint = request->endpoint;
    struct endpoint_answer *answer = NULL;
    const enum status status = pack(endpoint, &request->caller, reply, &answer);
    if (status == STATUS_TOO_LARGE) {
        return endpoint_fail(request, status, "", "the answer would be over %zu MiB: ask for less",
                             endpoint->options.limits.reply_bytes >> 20);
    }
    if (status != STATUS_OK) {
        return endpoint_fail(request, status, "", "there is no memory for the answer: try again");
    }
    if (endpoint->options.metrics.answers != 0 && error_of(reply) == NULL) {
        metrics_add(endpoint->options.service->metrics, endpoint->options.metrics.answers,
                    (unsigned)(request->message - endpoint->options.messages), 1);
    }
    give(request, answer);
    return STATUS_OK;
}

void endpoint_give_error(struct endpoint_request *request, enum status status)
{
    give(request, pack_error(request->endpoint, &request->caller, status, request->field,
                             request->error.text));
}

enum status endpoint_defer(struct endpoint_request *request)
{
    require(request->lane == ENDPOINT_QUICK);
    request->deferred = true;
    return STATUS_OK;
}

enum status endpoint_status(struct endpoint_request *request)
{
    const ProtobufCMessageDescriptor *descriptor = request->endpoint->options.reply;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(descriptor, "status");
    union reply reply;
    require(field != NULL && descriptor->sizeof_message <= sizeof reply);
    const Hoso__V1__StatusReply *body =
        status_reply_new(request->endpoint->options.service, request->arena);
    if (body == NULL) {
        return STATUS_TOO_LARGE;
    }
    descriptor->message_init(&reply.base);
    set_body(&reply.base, field, body);
    return endpoint_answer(request, &reply.base);
}

void endpoint_answer_later(struct endpoint *endpoint, const struct endpoint_caller *caller,
                           ProtobufCMessage *reply)
{
    struct endpoint_caller to = *caller;
    struct endpoint_answer *answer = NULL;
    const enum status status = pack(endpoint, caller, reply, &answer);
    if (status != STATUS_OK) {
        answer = pack_error(endpoint, caller, status, "", "the answer does not fit: ask for less");
    }
    endpoint_send(endpoint, &to, answer);
}

void endpoint_fail_later(struct endpoint *endpoint, const struct endpoint_caller *caller,
                         enum status status, const char *field, const char *text)
{
    struct endpoint_caller to = *caller;
    endpoint_send(endpoint, &to, pack_error(endpoint, caller, status, field, text));
}
