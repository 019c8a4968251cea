/* SPDX-License-Identifier: Apache-2.0
 *
 * The library's side: connections with their limits, requests from their first byte to their
 * answer.
 */
#ifndef HOSO_GATEWAY_SERVER_H
#define HOSO_GATEWAY_SERVER_H

#include "services/gateway/gateway.h"

enum {
    SERVER_THREADS = 2,
    SERVER_IDLE_S = 30,                 /* of a connection, without any progress */
    SERVER_CONNECTION_BYTES = 32 << 10, /* a request's line and headers, and the answer's */
    SERVER_DISCARD_BYTES = 32 << 20,    /* of a body that is refused: read before the answer */
    SERVER_BACKLOG = 511,
    SERVER_RETRY_S = 2,
    SERVER_LINGER_MS = 3000 /* for answers under way, at the end */
};

enum status server_start(struct gateway *gateway, struct error *error) MUST_USE;
/* Takes no more connections. */
void server_quiesce(struct gateway *gateway);
/* No request may be with a lane any more. */
void server_stop(struct gateway *gateway);
unsigned server_connections(const struct gateway *gateway);

/* Who asks, credentials.c: fills request->who, address and secure. False = it was answered. */
bool server_authenticate(struct web_request *request);

#endif
