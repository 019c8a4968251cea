/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit log: who read or changed what, one line of JSON for each request that was answered.
 *
 *     {"time","who","by","address","method","path","status", parameters and what the handler noted}
 *
 * Never a dossier's code, nor a cursor, which may hold one. The file and the one before it,
 * `PATH.1`, together stay below a number of bytes. A line is written before its answer is sent. Any
 * thread.
 */
#ifndef HOSO_GATEWAY_AUDIT_H
#define HOSO_GATEWAY_AUDIT_H

#include "services/gateway/http/answer.h"

struct audit;

/* An empty path = no log: *ret_audit stays NULL. */
enum status audit_open(const char *path, int64_t max_bytes, struct audit **ret_audit,
                       struct error *error) MUST_USE;
void audit_close(struct audit *audit); /* NULL-safe */
/* False = it could not be written, which is logged. NULL-safe. */
bool audit_write(struct audit *audit, const struct web_request *request);

#endif
