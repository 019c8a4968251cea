/* SPDX-License-Identifier: Apache-2.0
 *
 * The serving thread: one ROUTER for whoever asks, one DEALER to aggregation. Nothing in it blocks:
 * a request is answered at once, parked until the replica is far enough (RunReport.min_position),
 * or forwarded. All three are bounded.
 */
#ifndef HOSO_REPORTING_SERVER_H
#define HOSO_REPORTING_SERVER_H

#include "hoso/v1/ledger.pb-c.h"
#include "service/service.h"
#include "services/reporting/answers/request.h"

enum {
    QUEUE_MESSAGES = 256, /* each way, per peer */
    WAIT_MS_MAX = 30000
};

struct server_options {
    struct service *service;
    struct replica *replica;
    struct store *store;
    struct bus_wake *moved; /* signalled after every commit of the replica */
    struct feed *feed;      /* NULL = none */
    const struct message_kind *kinds;
    unsigned kind_count;
};

enum status server_open(const struct server_options *options, struct server **ret_server,
                        struct error *error) MUST_USE;
/* Joins the thread, which ends when the service stops. NULL-safe. */
void server_close(struct server *server);

/* For the answers, in the serving thread. */
enum outcome server_forward(struct request *request, Hoso__V1__LedgerRequest *ledger);
const struct server_options *server_options(const struct server *server);

#endif
