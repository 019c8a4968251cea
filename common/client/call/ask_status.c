/* SPDX-License-Identifier: Apache-2.0
 *
 * Each service has a request of its own, all with a body `status`.
 */
#include "client/ask_status.h"

#include <string.h>

#include "base/clock.h"
#include "hoso/v1/ledger.pb-c.h"
#include "hoso/v1/publisher.pb-c.h"
#include "hoso/v1/reporting.pb-c.h"

void status_answers_init(struct status_answer answers[STATUS_PEERS])
{
    static const enum peer peers[STATUS_PEERS] = {PEER_INTAKE, PEER_LEDGER, PEER_REPORTING};
    for (unsigned i = 0; i < STATUS_PEERS; i++) {
        answers[i] = (struct status_answer){.peer = peers[i]};
    }
}

static void ask_with(struct hoso_client *client, struct arena *arena, struct status_answer *answer,
                     ProtobufCMessage *request, const ProtobufCMessageDescriptor *reply,
                     unsigned expect)
{
    const struct call call = {
        .peer = answer->peer, .request = request, .reply = reply, .expect = expect};
    ProtobufCMessage *body = NULL;
    answer->asked = true;
    answer->asked_ms = clock_unix_ms();
    answer->status = client_call(client, &call, arena, &body, &answer->error);
    answer->answered_ms = clock_unix_ms();
    answer->reply = (const Hoso__V1__StatusReply *)body;
}

void status_ask(struct hoso_client *client, struct arena *arena, struct status_answer *answer)
{
    Hoso__V1__StatusRequest status = HOSO__V1__STATUS_REQUEST__INIT;
    if (client->settings.endpoint[answer->peer][0] == '\0') {
        return;
    }
    if (answer->peer == PEER_INTAKE) {
        Hoso__V1__IntakeRequest request = HOSO__V1__INTAKE_REQUEST__INIT;
        request.body_case = HOSO__V1__INTAKE_REQUEST__BODY_STATUS;
        request.status = &status;
        ask_with(client, arena, answer, &request.base, &hoso__v1__intake_reply__descriptor,
                 HOSO__V1__INTAKE_REPLY__BODY_STATUS);
    } else if (answer->peer == PEER_LEDGER) {
        Hoso__V1__LedgerRequest request = HOSO__V1__LEDGER_REQUEST__INIT;
        request.body_case = HOSO__V1__LEDGER_REQUEST__BODY_STATUS;
        request.status = &status;
        ask_with(client, arena, answer, &request.base, &hoso__v1__ledger_reply__descriptor,
                 HOSO__V1__LEDGER_REPLY__BODY_STATUS);
    } else {
        Hoso__V1__ReportingRequest request = HOSO__V1__REPORTING_REQUEST__INIT;
        request.body_case = HOSO__V1__REPORTING_REQUEST__BODY_STATUS;
        request.status = &status;
        ask_with(client, arena, answer, &request.base, &hoso__v1__reporting_reply__descriptor,
                 HOSO__V1__REPORTING_REPLY__BODY_STATUS);
    }
}

const char *status_service(enum peer peer)
{
    return peer == PEER_LEDGER ? "aggregation" : peer_name(peer);
}

uint64_t status_position(const struct status_answer *answer)
{
    return answer->reply != NULL && answer->reply->cut != NULL ? answer->reply->cut->position : 0;
}

int64_t status_gauge(const struct status_answer *answer, const char *name)
{
    for (size_t i = 0; answer->reply != NULL && i < answer->reply->n_gauges; i++) {
        if (strcmp(answer->reply->gauges[i]->name, name) == 0) {
            return answer->reply->gauges[i]->value;
        }
    }
    return -1;
}
