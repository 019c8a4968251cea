/* SPDX-License-Identifier: Apache-2.0
 *
 * What a supervisor learns from a service: datagrams to the socket that NOTIFY_SOCKET names, as
 * sd_notify(3) describes them. Without one nothing is sent. From any thread.
 */
#ifndef HOSO_SERVICE_NOTIFY_H
#define HOSO_SERVICE_NOTIFY_H

#include <stdint.h>

/* `state`: "READY=1", "STOPPING=1", "WATCHDOG=1". A supervisor that does not listen changes nothing
 * of the service: no error; one whose queue is full for a second loses it. */
void notify_supervisor(const char *state);

/* How often WATCHDOG=1 is due, in ms: half of what WATCHDOG_USEC asks for; 0 = never, as when
 * WATCHDOG_PID names another process. */
int64_t notify_watchdog_ms(void);

#endif
