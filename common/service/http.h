/* SPDX-License-Identifier: Apache-2.0
 *
 * GET and HEAD of /metrics (Prometheus' text format), /livez (its loops turn, or 503) and /readyz
 * (200, or 503 and one line that says why), and nothing else. No encryption, no keys: for the
 * inside of an installation. A thread of its own; connections, their memory and their time are
 * bounded.
 */
#ifndef HOSO_SERVICE_HTTP_H
#define HOSO_SERVICE_HTTP_H

#include "service/service.h"

enum {
    HTTP_CONNECTIONS_MAX = 16,
    HTTP_TIMEOUT_S = 5,              /* without any progress */
    HTTP_CONNECTION_BYTES = 16 << 10 /* of a request's line and headers, and of the answer's */
};

struct http;

/* Takes the address of a setting of this name, as http_open, for another to listen on. */
enum status http_take_address(const char *setting, const char *listen, int *ret_fd,
                              struct error *error) MUST_USE;

/* Is this an address for http_open, or empty? */
enum status http_check(const char *listen, struct error *error) MUST_USE;
/* Takes the address, "host:port" or "[host]:port" in numbers, and answers nothing yet; empty =
 * `*ret_http` stays NULL. INVALID; BUSY = another process has it; IO. */
enum status http_open(const char *listen, struct service *service, struct http **ret_http,
                      struct error *error) MUST_USE;
/* Answers from now on. NULL-safe. */
enum status http_start(struct http *http, struct error *error) MUST_USE;
void http_close(struct http *http); /* NULL-safe */

#endif
