/* SPDX-License-Identifier: Apache-2.0
 *
 * The answer to Status, which every service gives to `hoso status`, `hoso doctor` and health
 * checks: who it is, how far it is, whether it is ready, and its metrics.
 */
#ifndef HOSO_SERVICE_STATUS_REPLY_H
#define HOSO_SERVICE_STATUS_REPLY_H

#include "base/arena.h"
#include "hoso/v1/common.pb-c.h"
#include "service/service.h"

/* In the arena; NULL = the arena is full. */
Hoso__V1__StatusReply *status_reply_new(struct service *service, struct arena *arena);

#endif
