/* SPDX-License-Identifier: Apache-2.0
 *
 * The exchange keeps the questions; here stands who asked them.
 */
#include "services/reporting/forward.h"

#include <stdlib.h>

#include "bus/exchange.h"

enum {
    FORWARD_REQUEST_BYTES = 1020 << 10, /* units of a whole country; aggregation takes 1 MiB */
    FORWARD_KEPT_BYTES = 8 << 20,       /* all that wait for their answers */
    FORWARD_REPLY_BYTES = 32 << 20,
    FORWARD_ARENA_BYTES = 64 << 20
};

struct pending {
    struct endpoint_caller from;
    uint64_t question;
};

struct forward {
    struct exchange *exchange;
    struct arena arena;
    unsigned count;
    struct pending pending[FORWARDS_MAX];
};

enum status forward_open(struct bus *bus, const char *endpoints, const char *server_keys,
                         struct forward **ret_forward, struct error *error)
{
    const struct exchange_options options = {.bus = bus,
                                             .endpoints = endpoints,
                                             .server_keys = server_keys,
                                             .limits = {FORWARD_REPLY_BYTES, FORWARDS_MAX},
                                             .request_bytes = FORWARD_REQUEST_BYTES,
                                             .reply = &hoso__v1__ledger_reply__descriptor,
                                             .questions = FORWARDS_MAX,
                                             .kept_bytes = FORWARD_KEPT_BYTES};
    struct forward *forward = calloc(1, sizeof *forward);
    if (forward == NULL) {
        return error_set(error, STATUS_INTERNAL, "forward: out of memory");
    }
    const enum status status = exchange_open(&options, &forward->exchange, error);
    if (status != STATUS_OK) {
        free(forward);
        return status;
    }
    arena_init(&forward->arena, FORWARD_ARENA_BYTES);
    *ret_forward = forward;
    return STATUS_OK;
}

void forward_close(struct forward *forward)
{
    if (forward == NULL) {
        return;
    }
    exchange_close(forward->exchange);
    arena_fini(&forward->arena);
    free(forward);
}

struct bus_socket *forward_socket(const struct forward *forward)
{
    return exchange_socket(forward->exchange);
}

unsigned forward_count(const struct forward *forward)
{
    return forward->count;
}

int64_t forward_deadline(const struct forward *forward)
{
    return exchange_due_ms(forward->exchange);
}

enum status forward_send(struct forward *forward, const struct endpoint_caller *from,
                         Hoso__V1__LedgerRequest *request)
{
    const enum status status = exchange_ask(forward->exchange, &request->base, FORWARD_MS);
    if (status == STATUS_OK) {
        forward->pending[forward->count++] = (struct pending){*from, request->request_id};
    }
    return status;
}

static void end(struct forward *forward, uint64_t question, forward_done *done, void *context,
                const Hoso__V1__LedgerReply *reply)
{
    unsigned index = 0;
    while (forward->pending[index].question != question) {
        index++; /* the exchange knows no other questions */
    }
    const struct endpoint_caller from = forward->pending[index].from;
    forward->pending[index] = forward->pending[--forward->count];
    done(context, &from, reply, &forward->arena);
}

void forward_poll(struct forward *forward, forward_done *done, void *context)
{
    struct exchange_answer answer;
    enum exchange_news news;
    do {
        answer.reply = NULL;
        arena_reset(&forward->arena);
        news = exchange_take(forward->exchange, &forward->arena, &answer, NULL);
        if (news == EXCHANGE_ANSWERED || news == EXCHANGE_REFUSED || news == EXCHANGE_SILENT) {
            end(forward, answer.question, done, context,
                (const Hoso__V1__LedgerReply *)answer.reply);
        }
    } while (news != EXCHANGE_NOTHING);
}
