/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads that handle requests, and the queue before them. Each has a client of its own, which
 * shares the service's bus.
 */
#ifndef HOSO_GATEWAY_LANE_H
#define HOSO_GATEWAY_LANE_H

#include "services/gateway/gateway.h"

struct lane;

enum status lane_open(struct gateway *gateway, unsigned threads, unsigned queue,
                      struct lane **ret_lane, struct error *error) MUST_USE;
/* Takes a suspended request; false = the queue is full. The worker resumes it. */
bool lane_push(struct lane *lane, struct web_request *request);
unsigned lane_waiting(struct lane *lane);
/* Ends the threads; what still waits is resumed with an answer that says so. NULL-safe. */
void lane_close(struct lane *lane);

#endif
