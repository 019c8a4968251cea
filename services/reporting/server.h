/* SPDX-License-Identifier: Apache-2.0
 *
 * Reporting's endpoint, and one DEALER to aggregation. A request is answered from the copy of the
 * ledger, waits until the copy is far enough (RunReport.min_position), or is forwarded to
 * aggregation. Nothing in the endpoint's thread blocks.
 */
#ifndef HOSO_REPORTING_SERVER_H
#define HOSO_REPORTING_SERVER_H

#include "hoso/v1/ledger.pb-c.h"
#include "service/endpoint.h"
#include "services/reporting/answers/request.h"

enum { WAIT_MS_MAX = 30000 };

struct server_options {
    struct service *service;
    struct replica *replica;
    struct forms *forms;
    struct bus_wake *committed;              /* signalled after every commit of the replica */
    struct feed *feed;                       /* NULL = none */
    const struct endpoint_message *messages; /* main.c's table */
};

enum status server_open(const struct server_options *options, struct server **ret_server,
                        struct error *error) MUST_USE;
/* Joins the threads, which end when the service stops. NULL-safe. */
void server_close(struct server *server);

/* Answers the messages of main.c's table, each by its answers/answer_*.c. */
endpoint_handler server_answer;
/* What a report and a list of closes wait for. */
enum status server_wait(struct endpoint_request *request, struct endpoint_wait *ret_wait);
bool server_reached(void *server, struct cut wanted);

/* For the answers. Forwarding is for quick ones. */
enum outcome server_forward(struct request *request, Hoso__V1__LedgerRequest *ledger);
const struct server_options *server_options(const struct server *server);

#endif
