/* SPDX-License-Identifier: Apache-2.0
 *
 * The publishers' side: receives, checks the registry, validates, queues for the writer, and sends
 * all answers. One thread owns it from front_start to front_join.
 */
#ifndef HOSO_INTAKE_FRONT_H
#define HOSO_INTAKE_FRONT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "bus/bus.h"
#include "hoso/v1/publisher.pb-c.h"
#include "registry/registry.h"
#include "services/intake/queue.h"
#include "services/intake/shared_catalogue.h"
#include "services/intake/worker.h"

struct intake;

struct front {
    struct intake *intake;
    struct bus_socket *socket;
    struct shared_catalogue *catalogue; /* in force; one reference */
    struct arena arena;                 /* one request's */
    struct buffer records;              /* one Append's */
    struct buffer reply;
    struct worker worker;
};

/* A request at work. The principal is held in the registry meanwhile. */
struct front_request {
    const struct bus_message *message;
    const Hoso__V1__IntakeRequest *wire;
    const struct principal *principal;
    uint64_t received_us;
};

/* Binds and takes over the reference to the catalogue (NULL = none yet). After a failure, call
 * front_fini all the same. */
enum status front_init(struct front *front, struct intake *intake,
                       struct shared_catalogue *catalogue, struct error *error) MUST_USE;
enum status front_start(struct front *front) MUST_USE;
/* After the service began to stop: waits until every queued request is answered. */
void front_join(struct front *front);
void front_fini(struct front *front);

/* Answers to the messages of main.c's table. */
void front_open(struct front *front, const struct front_request *request);
void front_append(struct front *front, const struct front_request *request);
void front_put_catalogue(struct front *front, const struct front_request *request);
void front_status(struct front *front, const struct front_request *request);

#endif
