/* SPDX-License-Identifier: Apache-2.0
 *
 * Status, asked of the services that the settings name: for `hoso status`, `hoso doctor` and the
 * gateway. Not in libhoso.
 */
#ifndef HOSO_CLIENT_ASK_STATUS_H
#define HOSO_CLIENT_ASK_STATUS_H

#include "client/client.h"

enum { STATUS_PEERS = 3, STATUS_ARENA_BYTES = 4 << 20 }; /* intake, aggregation, reporting */

struct status_answer {
    enum peer peer;
    bool asked; /* false = the configuration does not name it */
    enum hoso_status status;
    struct hoso_error error;
    const Hoso__V1__StatusReply *reply; /* NULL = no answer; in the arena */
    int64_t asked_ms;                   /* our clock, unix */
    int64_t answered_ms;
};

/* Three answers, not asked yet, in the order of the journal's way. */
void status_answers_init(struct status_answer answers[STATUS_PEERS]);
void status_ask(struct hoso_client *client, struct arena *arena, struct status_answer *answer);

const char *status_service(enum peer peer); /* "aggregation" */
uint64_t status_position(const struct status_answer *answer);
/* −1 = the answer has no such gauge. */
int64_t status_gauge(const struct status_answer *answer, const char *name);

#endif
