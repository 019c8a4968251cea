/* SPDX-License-Identifier: Apache-2.0
 *
 * The publishers' side: an endpoint whose handlers validate and queue for the writer, and that
 * sends the writer's answers. Appends are handled by its quick thread, catalogues, which take long
 * to parse, by the long one.
 */
#ifndef HOSO_INTAKE_FRONT_H
#define HOSO_INTAKE_FRONT_H

#include "base/buffer.h"
#include "service/endpoint.h"
#include "journal_store/journal.h"
#include "services/intake/catalogue_ref.h"
#include "services/intake/queue.h"
#include "services/intake/refused.h"
#include "services/intake/upload.h"

struct front_options {
    struct service *service;
    struct queue *queue;
    struct journal *journal; /* to read */
    uint64_t incarnation;
    const struct endpoint_message *messages; /* main.c's table */
};

struct front {
    struct front_options options;
    struct endpoint *endpoint;
    struct catalogue_ref *catalogue; /* in force; one reference */
    struct buffer records;           /* one Append's */
    struct uploads uploads;          /* of the long thread */
    struct uses_proof proof;         /* likewise */
    struct refused refused;          /* of the quick thread */
};

/* Binds and takes over the reference to the catalogue (NULL = none yet). After a failure, call
 * front_fini all the same. */
enum status front_init(struct front *front, const struct front_options *options,
                       struct catalogue_ref *catalogue, struct error *error) MUST_USE;
void front_fini(struct front *front); /* after endpoint_join */

/* The messages of main.c's table. */
endpoint_handler front_open, front_append, front_check_events, front_put_catalogue,
    front_put_catalogue_part, front_close_period, front_count_uses, front_count_refused;
/* An Append is refused by its result: BUSY, or INVALID with the event that could not be read. */
enum status front_refuse_append(struct endpoint_request *request, enum status why,
                                const struct wire_fault *fault);

#endif
