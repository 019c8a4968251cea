/* SPDX-License-Identifier: Apache-2.0
 *
 * An answer whose question was given up finds no entry and is dropped.
 */
#include "services/reporting/forward.h"

#include <stdlib.h>

#include "base/clock.h"
#include "wire/wire.h"

enum {
    FORWARD_REQUEST_BYTES = 512 << 10, /* 5,000 units of 32 bytes and the rest */
    FORWARD_REPLY_BYTES = 32 << 20,
    FORWARD_ARENA_BYTES = 64 << 20
};

struct pending {
    struct endpoint_caller from;
    uint64_t request_id;
    int64_t deadline_ms;
};

struct forward {
    struct bus_socket *socket;
    struct arena arena;
    struct buffer request;
    uint64_t last_id;
    unsigned count;
    struct pending pending[FORWARDS_MAX];
};

enum status forward_open(struct bus *bus, const char *endpoint, const char *server_key,
                         struct forward **ret_forward, struct error *error)
{
    const struct bus_limits limits = {FORWARD_REPLY_BYTES, FORWARDS_MAX};
    struct forward *forward = calloc(1, sizeof *forward);
    if (forward == NULL) {
        return error_set(error, STATUS_INTERNAL, "forward: out of memory");
    }
    const enum status status =
        bus_connect(bus, endpoint, server_key, &limits, &forward->socket, error);
    if (status != STATUS_OK) {
        free(forward);
        return status;
    }
    arena_init(&forward->arena, FORWARD_ARENA_BYTES);
    buffer_init(&forward->request, FORWARD_REQUEST_BYTES);
    *ret_forward = forward;
    return STATUS_OK;
}

void forward_close(struct forward *forward)
{
    if (forward == NULL) {
        return;
    }
    bus_close(forward->socket);
    buffer_fini(&forward->request);
    arena_fini(&forward->arena);
    free(forward);
}

struct bus_socket *forward_socket(const struct forward *forward)
{
    return forward->socket;
}

unsigned forward_count(const struct forward *forward)
{
    return forward->count;
}

int64_t forward_deadline(const struct forward *forward)
{
    int64_t deadline = INT64_MAX;
    for (unsigned i = 0; i < forward->count; i++) {
        if (forward->pending[i].deadline_ms < deadline) {
            deadline = forward->pending[i].deadline_ms;
        }
    }
    return deadline;
}

enum status forward_send(struct forward *forward, const struct endpoint_caller *from,
                         Hoso__V1__LedgerRequest *request)
{
    if (forward->count == FORWARDS_MAX) {
        return STATUS_BUSY;
    }
    request->request_id = ++forward->last_id;
    buffer_clear(&forward->request);
    wire_pack(&request->base, &forward->request);
    if (buffer_status(&forward->request) != STATUS_OK) {
        return STATUS_TOO_LARGE;
    }
    if (bus_send(forward->socket, NULL, buffer_slice(&forward->request)) != STATUS_OK) {
        return STATUS_BUSY;
    }
    forward->pending[forward->count++] =
        (struct pending){*from, request->request_id, clock_ms() + FORWARD_MS};
    return STATUS_OK;
}

static void end(struct forward *forward, unsigned index, forward_done *done, void *context,
                const Hoso__V1__LedgerReply *reply)
{
    const struct endpoint_caller from = forward->pending[index].from;
    forward->pending[index] = forward->pending[--forward->count];
    done(context, &from, reply);
}

static void take_reply(struct forward *forward, const Hoso__V1__LedgerReply *reply,
                       forward_done *done, void *context)
{
    for (unsigned i = 0; i < forward->count; i++) {
        if (forward->pending[i].request_id == reply->request_id) {
            end(forward, i, done, context, reply);
            return;
        }
    }
}

void forward_poll(struct forward *forward, forward_done *done, void *context)
{
    struct bus_message message;
    while (bus_receive(forward->socket, &message) == STATUS_OK) {
        ProtobufCMessage *reply = NULL;
        arena_reset(&forward->arena);
        /* A damaged answer names nobody: its question ends at its deadline. */
        if (wire_unpack(&hoso__v1__ledger_reply__descriptor, message.payload, &forward->arena,
                        &reply, NULL) == STATUS_OK) {
            take_reply(forward, (const Hoso__V1__LedgerReply *)reply, done, context);
        }
        bus_message_fini(&message);
    }
    const int64_t now = clock_ms();
    for (unsigned i = 0; i < forward->count;) {
        if (forward->pending[i].deadline_ms <= now) {
            end(forward, i, done, context, NULL);
        } else {
            i++;
        }
    }
}
