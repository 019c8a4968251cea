/* SPDX-License-Identifier: Apache-2.0
 *
 * The way of a request: read, rights, limits, then kept or handled. What a request holds while it
 * is under way is counted in one place (begin_under_way, endpoint_send), and so is what is lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/require.h"
#include "registry/registry_login.h"
#include "service/endpoint_internal.h"

enum { REQUEST_ID = 1 };

static void count(struct endpoint *endpoint, unsigned metric, unsigned series)
{
    if (metric != 0) {
        metrics_add(endpoint->options.service->metrics, metric, series, 1);
    }
}

static enum status begin_under_way(struct endpoint_request *request)
{
    struct endpoint *endpoint = request->endpoint;
    const struct endpoint_limits *limits = &endpoint->options.limits;
    struct endpoint_caller *caller = &request->caller;
    struct endpoint_account *account = caller->account;
    if (caller->under_way) {
        return STATUS_OK;
    }
    if (account->requests >= limits->key_requests ||
        account->bytes + caller->bytes > limits->key_bytes) {
        return endpoint_fail(request, STATUS_BUSY, "",
                             "too many requests of the key \"%s\" are under way (%u): wait for "
                             "their answers",
                             caller->user, account->requests);
    }
    if (endpoint->requests >= limits->all_requests ||
        endpoint->bytes + caller->bytes > limits->all_bytes) {
        return endpoint_fail(request, STATUS_BUSY, "",
                             "too many requests are under way here: try again");
    }
    caller->under_way = true;
    account->requests++;
    account->bytes += caller->bytes;
    endpoint->requests++;
    endpoint->bytes += caller->bytes;
    return STATUS_OK;
}

static void end_under_way(struct endpoint *endpoint, struct endpoint_caller *caller)
{
    if (caller->under_way) {
        caller->under_way = false;
        caller->account->requests--;
        caller->account->bytes -= caller->bytes;
        endpoint->requests--;
        endpoint->bytes -= caller->bytes;
    }
}

/* The peer is gone: nothing of what it asked is worked on any more. */
static void forget_peer(struct endpoint *endpoint, const struct endpoint_caller *peer)
{
    struct endpoint_job *jobs = NULL;
    endpoint_waiting_take(endpoint, peer, &jobs);
    endpoint_lane_take(endpoint, peer, &jobs);
    while (jobs != NULL) {
        struct endpoint_job *job = jobs;
        jobs = job->next;
        end_under_way(endpoint, &job->caller);
        count(endpoint, endpoint->options.metrics.unsent, 0);
        free(job);
    }
}

/* A peer that is gone or does not read loses the answer: "no answer means unknown". */
void endpoint_send(struct endpoint *endpoint, struct endpoint_caller *caller,
                   struct endpoint_answer *answer)
{
    enum status status = STATUS_TOO_LARGE;
    end_under_way(endpoint, caller);
    if (answer != NULL) {
        status = bus_send_owned(endpoint->socket, caller->peer, caller->peer_size, answer->data,
                                answer->size, endpoint_answer_free, answer);
    }
    if (status != STATUS_OK) {
        count(endpoint, endpoint->options.metrics.unsent, 0);
    }
    if (status == STATUS_UNAVAILABLE) {
        forget_peer(endpoint, caller);
    }
}

static const struct endpoint_message *find_message(const struct endpoint *endpoint, uint32_t body)
{
    const struct endpoint_message *row = endpoint->options.messages;
    while (row->body != 0 && row->body != body) {
        row++;
    }
    return row->body != 0 ? row : NULL;
}

/* The number of the oneof's member that is set; 0 = none that we know. */
static uint32_t body_of(const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    uint32_t body = 0;
    for (unsigned i = 0; i < descriptor->n_fields && body == 0; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
            memcpy(&body, (const unsigned char *)message + field->quantifier_offset, sizeof body);
        }
    }
    return body;
}

/* The registry's entry as it is now: the registry is not locked while a request is handled. NULL =
 * it is unknown or expired, or the arena is exceeded. */
static const struct principal *copy_principal(const struct endpoint_request *request)
{
    struct registry *registry = request->endpoint->options.service->registry;
    const struct principal *principal = NULL;
    const enum status status =
        registry_principal_named(registry, request->caller.user, request->arena, &principal);
    return status == STATUS_OK ? principal : NULL;
}

/* For whom a gateway asks, by the request's field `principal`; empty = it asks for itself. */
static const char *acting_for(const ProtobufCMessage *wire)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(wire->descriptor, "principal");
    const char *name = "";
    if (field != NULL) {
        memcpy(&name, (const unsigned char *)wire + field->offset, sizeof name);
    }
    return name;
}

static enum status set_principal(struct endpoint_request *request)
{
    const char *name = acting_for(request->wire);
    struct endpoint_caller *caller = &request->caller;
    memcpy(caller->user, caller->key, sizeof caller->user);
    request->principal = copy_principal(request);
    if (name[0] == '\0' || request->principal == NULL) {
        return STATUS_OK;
    }
    if (request->principal->role != ROLE_GATEWAY) {
        return endpoint_fail(
            request, STATUS_DENIED, "principal",
            "the key \"%s\" (%s) may not act for others: that takes the role gateway", caller->user,
            role_name(request->principal->role));
    }
    (void)snprintf(caller->user, sizeof caller->user, "%s", name);
    request->principal = copy_principal(request);
    if (request->principal != NULL &&
        (strcmp(name, caller->user) != 0 || !role_may_log_in(request->principal->role))) {
        return endpoint_fail(request, STATUS_DENIED, "principal",
                             "a gateway may not act for \"%s\"", caller->user);
    }
    return STATUS_OK;
}

/* "admin or service" */
static const char *roles_of(const struct endpoint_request *request)
{
    const char *roles = "";
    for (enum role role = ROLE_SOURCE; role <= ROLE_GATEWAY; role++) {
        if ((request->message->roles & ENDPOINT_ROLE((unsigned)role)) != 0) {
            const char *longer = arena_printf(request->arena, "%s%s%s", roles,
                                              roles[0] != '\0' ? " or " : "", role_name(role));
            roles = longer != NULL ? longer : roles;
        }
    }
    return roles;
}

static enum status check_rights(struct endpoint_request *request)
{
    const struct endpoint_message *message = request->message;
    const enum status named = set_principal(request);
    if (named != STATUS_OK) {
        return named;
    }
    if (request->arena->exceeded) {
        return endpoint_fail(request, STATUS_TOO_LARGE, "",
                             "the request takes more memory than one may: ask for less");
    }
    if (request->principal == NULL) {
        return endpoint_fail(request, STATUS_DENIED, "",
                             "the key \"%s\" is revoked or expired, or its entry is gone",
                             request->caller.user);
    }
    if ((message->roles & ENDPOINT_ROLE((unsigned)request->principal->role)) != 0) {
        return STATUS_OK;
    }
    return endpoint_fail(request, STATUS_DENIED, "",
                         "%s needs the role %s: the key \"%s\" has the role %s",
                         message->task != NULL ? message->task : message->name, roles_of(request),
                         request->caller.user, role_name(request->principal->role));
}

/* Reads the request and checks its rights. What is known of a malformed one is its id and, from the
 * way to the fault, its row. */
static enum status prepare(struct endpoint_request *request, struct wire_fault *fault)
{
    static const uint32_t request_id[] = {REQUEST_ID};
    struct endpoint *endpoint = request->endpoint;
    ProtobufCMessage *wire = NULL;
    arena_reset(request->arena);
    const enum status status =
        wire_unpack_fault(endpoint->options.request, request->bytes, request->arena, &wire, fault);
    (void)wire_find_number(request->bytes, request_id, 1, &request->caller.request_id);
    if (status != STATUS_OK) {
        const uint32_t body = fault->depth != 0 ? fault->path[0].field->id : 0;
        request->message = find_message(endpoint, body);
        arena_reset(request->arena); /* it may be full, and nothing of the message is used */
        return wire_fault_error(fault, status, &request->error);
    }
    request->wire = wire;
    request->message = find_message(endpoint, body_of(wire));
    return request->message != NULL
               ? check_rights(request)
               : endpoint_fail(request, STATUS_INVALID, "body",
                               "the request has no body that this version knows");
}

static void refuse(struct endpoint_request *request, enum status status,
                   const struct wire_fault *fault)
{
    const struct endpoint_message *message = request->message;
    if (message == NULL || message->refuse == NULL ||
        message->refuse(request, status, request->wire == NULL ? fault : NULL) != STATUS_OK) {
        endpoint_give_error(request, status);
    }
}

/* Keeps the request for the lane, or as one that waits. */
static enum status keep(struct endpoint_request *request, const struct endpoint_wait *wait)
{
    struct endpoint *endpoint = request->endpoint;
    const enum status status = begin_under_way(request);
    if (status != STATUS_OK) {
        return status;
    }
    struct endpoint_job *job = endpoint_job_new(request);
    if (job == NULL) {
        return endpoint_fail(request, STATUS_BUSY, "", "there is no memory: try again");
    }
    if (wait != NULL) {
        job->cut = wait->cut;
        job->deadline_ms = clock_ms() + wait->wait_ms;
        endpoint_waiting_add(endpoint, job);
    } else {
        endpoint_lane_push(endpoint, job);
    }
    return STATUS_OK;
}

static enum status handle(struct endpoint_request *request)
{
    const struct endpoint_message *message = request->message;
    const enum status status = message->handle(request);
    if (status != STATUS_OK || !request->deferred) {
        require(status != STATUS_OK || request->answered || message->later);
        return status;
    }
    return keep(request, NULL);
}

void endpoint_handle_job(struct endpoint *endpoint, const struct endpoint_job *job,
                         enum endpoint_lane lane, struct arena *arena)
{
    struct wire_fault fault;
    struct endpoint_request request = {.endpoint = endpoint,
                                       .context = endpoint->options.context,
                                       .bytes = job->bytes,
                                       .caller = job->caller,
                                       .arena = arena,
                                       .lane = lane,
                                       .late = job->late,
                                       .field = ""};
    enum status status = prepare(&request, &fault);
    if (status == STATUS_OK) {
        status = handle(&request);
    }
    if (status != STATUS_OK) {
        refuse(&request, status, &fault);
    }
}

static enum status route(struct endpoint_request *request)
{
    const struct endpoint_message *message = request->message;
    if (!endpoint_account_reads(request->caller.account)) {
        return endpoint_fail(request, STATUS_BUSY, "",
                             "earlier answers to the key \"%s\" wait to be read: read them first",
                             request->caller.user);
    }
    if (message->wait != NULL) {
        struct endpoint_wait wait = {0};
        const enum status status = message->wait(request, &wait);
        if (status != STATUS_OK) {
            return status;
        }
        request->late = !message->reached(request->context, wait.cut);
        if (request->late && wait.wait_ms != 0) {
            request->late = false;
            return keep(request, &wait);
        }
    }
    if (message->lane == ENDPOINT_LONG) {
        return keep(request, NULL);
    }
    const enum status status = message->later ? begin_under_way(request) : STATUS_OK;
    return status == STATUS_OK ? handle(request) : status;
}

unsigned endpoint_other_message(const struct endpoint_options *options)
{
    unsigned row = 0;
    while (options->messages[row].body != 0) {
        row++;
    }
    return row;
}

static void count_request(struct endpoint *endpoint, const struct endpoint_message *message)
{
    const struct endpoint_options *options = &endpoint->options;
    count(endpoint, options->metrics.requests,
          message != NULL ? (unsigned)(message - options->messages)
                          : endpoint_other_message(options));
}

static bool takes_no_answers(const struct endpoint_account *account)
{
    return account == NULL || atomic_load(&account->unread) >= 2 * (size_t)ENDPOINT_UNREAD_KEY;
}

/* From here on the request counts for the principal, so that one of a gateway's principals does not
 * stand before another. All of them read through one peer: above ENDPOINT_UNREAD_ALL none is
 * served. */
static enum status count_for_principal(struct endpoint_request *request)
{
    struct endpoint_book *book = request->endpoint->book;
    struct endpoint_caller *caller = &request->caller;
    if (strcmp(caller->user, caller->key) == 0) {
        return STATUS_OK;
    }
    struct endpoint_account *account = endpoint_account_find(book, caller->user);
    if (takes_no_answers(account) || atomic_load(&book->unread) >= ENDPOINT_UNREAD_ALL) {
        return endpoint_fail(request, STATUS_BUSY, "",
                             "earlier answers to the gateway \"%s\" wait to be read: read them "
                             "first",
                             caller->key);
    }
    caller->account = account;
    return STATUS_OK;
}

/* A key without a place for its account, or that takes no answers at all, loses the request. */
void endpoint_take_in(struct endpoint *endpoint, const struct bus_message *message)
{
    struct wire_fault fault;
    struct endpoint_request request = {
        .endpoint = endpoint,
        .context = endpoint->options.context,
        .bytes = message->payload,
        .caller = {.account = endpoint_account_find(endpoint->book, message->user),
                   .received_us = clock_us(),
                   .bytes = message->payload.size,
                   .peer_size = message->peer_size},
        .arena = &endpoint->arena,
        .field = ""};
    if (takes_no_answers(request.caller.account)) {
        count(endpoint, endpoint->options.metrics.unsent, 0);
        return;
    }
    memcpy(request.caller.peer, message->peer, message->peer_size);
    memcpy(request.caller.key, message->user, sizeof request.caller.key);
    memcpy(request.caller.user, message->user, sizeof request.caller.user);
    enum status status = prepare(&request, &fault);
    count_request(endpoint, request.message);
    if (status == STATUS_OK) {
        status = count_for_principal(&request);
    }
    if (status == STATUS_OK) {
        status = route(&request);
    }
    if (status != STATUS_OK) {
        refuse(&request, status, &fault);
    }
}
