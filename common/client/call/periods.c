/* SPDX-License-Identifier: Apache-2.0
 *
 * Closing periods: intake journals a close, reporting lists them.
 */
#include "client/hoso_period.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/require.h"
#include "client/call/read_internal.h"
#include "hoso/v1/publisher.pb-c.h"

enum { REPLY_BYTES = 64 << 10 };

void hoso_close_id(char ret_id[HOSO_CLOSE_ID_SIZE])
{
    uint64_t drawn[2] = {0};
    require(getrandom(drawn, sizeof drawn, 0) == (ssize_t)sizeof drawn);
    (void)snprintf(ret_id, HOSO_CLOSE_ID_SIZE, "%016" PRIx64 "%016" PRIx64, drawn[0], drawn[1]);
}

enum hoso_status hoso_period_close(struct hoso_client *client,
                                   const struct hoso_close_request *request,
                                   struct hoso_closed *ret_closed, struct hoso_error *error)
{
    struct arena arena;
    ProtobufCMessage *body = NULL;
    Hoso__V1__ClosePeriodRequest close = HOSO__V1__CLOSE_PERIOD_REQUEST__INIT;
    close.id = text_in(request->id);
    close.unit = text_in(request->unit);
    close.to = text_in(request->to);
    close.label = text_in(request->label);
    Hoso__V1__IntakeRequest wire = HOSO__V1__INTAKE_REQUEST__INIT;
    wire.body_case = HOSO__V1__INTAKE_REQUEST__BODY_CLOSE_PERIOD;
    wire.close_period = &close;
    const struct call call = {
        .peer = PEER_INTAKE,
        .request = &wire.base,
        .reply = &hoso__v1__intake_reply__descriptor,
        .expect = HOSO__V1__INTAKE_REPLY__BODY_CLOSE_PERIOD,
    };
    arena_init(&arena, REPLY_BYTES);
    const enum hoso_status status = client_call(client, &call, &arena, &body, error);
    if (status == HOSO_OK) {
        const Hoso__V1__ClosePeriodReply *reply = (const Hoso__V1__ClosePeriodReply *)body;
        *ret_closed =
            (struct hoso_closed){cut_of(reply->cut), reply->number, reply->unchanged != 0};
    }
    arena_fini(&arena);
    return status;
}

struct hoso_close close_of(const Hoso__V1__ClosedPeriod *wire)
{
    return (struct hoso_close){.number = wire->number,
                               .unit = wire->unit,
                               .unit_name = wire->unit_name,
                               .to = wire->to,
                               .label = wire->label,
                               .by = wire->by,
                               .closed_at_ms = wire->closed_at,
                               .position = wire->position};
}

static bool fill_closes(struct hoso_closes *page, const Hoso__V1__ClosePage *wire)
{
    struct hoso_close *lines = result_array(page, wire->n_closes, sizeof *lines);
    for (size_t i = 0; lines != NULL && i < wire->n_closes; i++) {
        lines[i] = close_of(wire->closes[i]);
    }
    *page = (struct hoso_closes){
        .cut = cut_of(wire->cut), .next = wire->next, .count = wire->n_closes, .closes = lines};
    return lines != NULL;
}

enum hoso_status hoso_closes_list(struct hoso_client *client, const struct hoso_closes_query *query,
                                  struct hoso_closes **ret_closes, struct hoso_error *error)
{
    Hoso__V1__ListClosesRequest list = HOSO__V1__LIST_CLOSES_REQUEST__INIT;
    list.unit = text_in(query->unit);
    list.before = query->before;
    list.limit = query->limit;
    list.min_position = query->min_cut.position;
    list.min_incarnation = query->min_cut.incarnation;
    Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
    request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_LIST_CLOSES;
    request.list_closes = &list;

    struct hoso_closes *page = result_new(sizeof *page);
    ProtobufCMessage *body = NULL;
    enum hoso_status status = ask_waiting(client, &request, HOSO__V1__REPORTING_REPLY__BODY_CLOSES,
                                          list.min_position, &list.wait_ms, page, &body, error);
    if (status == HOSO_OK && !fill_closes(page, (const Hoso__V1__ClosePage *)body)) {
        status = client_fail(error, HOSO_TOO_LARGE, NULL, "the page of closes is too large");
    }
    if (status != HOSO_OK) {
        hoso_free(page);
        return status;
    }
    *ret_closes = page;
    return HOSO_OK;
}
