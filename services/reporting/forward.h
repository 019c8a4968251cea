/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions passed on to aggregation: a bounded table of callers, matched by request id, each
 * with a deadline. One thread, the server's.
 */
#ifndef HOSO_REPORTING_FORWARD_H
#define HOSO_REPORTING_FORWARD_H

#include "hoso/v1/ledger.pb-c.h"
#include "services/reporting/answers/request.h"

enum {
    FORWARDS_MAX = 256,
    FORWARD_MS = 8000 /* below the ten seconds that askers usually wait */
};

struct forward;

/* Called for each question that ends; `reply` NULL = no answer in time. It and what is put into the
 * arena live for the call. */
typedef void forward_done(void *context, const struct endpoint_caller *from,
                          const Hoso__V1__LedgerReply *reply, struct arena *arena);

enum status forward_open(struct bus *bus, const char *endpoints, const char *server_keys,
                         struct forward **ret_forward, struct error *error) MUST_USE;
void forward_close(struct forward *forward); /* NULL-safe */
struct bus_socket *forward_socket(const struct forward *forward);
unsigned forward_count(const struct forward *forward);
int64_t forward_deadline(const struct forward *forward); /* the next one, INT64_MAX = none */

/* Sets the request's id. BUSY = table or queue full; TOO_LARGE. */
enum status forward_send(struct forward *forward, const struct endpoint_caller *from,
                         Hoso__V1__LedgerRequest *request) MUST_USE;
/* Takes in what arrived, then ends what is past its deadline. */
void forward_poll(struct forward *forward, forward_done *done, void *context);

#endif
