/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso-intake: validates what publishers send, journals it, and only then acknowledges. Three
 * threads beside main:
 *
 *     front    publishers' socket; validation, and all answers to publishers
 *     writer   the only one that writes the journal; one commit for whatever has gathered
 *     feed     readers' socket; gives committed blocks to aggregation
 *
 * They share the queue (front and writer), the journal (written by the writer, read by the feed)
 * and the metrics; nothing else.
 */
#ifndef HOSO_INTAKE_INTAKE_H
#define HOSO_INTAKE_INTAKE_H

#include <stdatomic.h>

#include "hoso/v1/journal.pb-c.h"
#include "hoso/v1/publisher.pb-c.h"
#include "journal_store/journal.h"
#include "service/service.h"
#include "services/intake/feed.h"
#include "services/intake/front.h"
#include "services/intake/metrics.h"
#include "services/intake/queue.h"
#include "services/intake/writer.h"

struct intake_settings {
    struct service_settings service;
    const char *journal_listen;
};

/* A bit for each role that may send a message. */
#define ROLE_BIT(role) (1u << (role))
#define ROLE_ANYONE (~0u)

/* A row of main.c's tables of messages; both end in a row with body 0. */
struct front_message {
    Hoso__V1__IntakeRequest__BodyCase body;
    const char *name;
    unsigned roles;
    void (*answer)(struct front *front, const struct front_request *request);
};

struct feed_message {
    Hoso__V1__JournalRequest__BodyCase body;
    const char *name;
    unsigned roles;
    void (*answer)(struct feed *feed, const struct feed_request *request);
};

extern const struct front_message front_messages[];
extern const struct feed_message feed_messages[];

struct intake {
    struct service *service;
    struct journal *journal;
    struct queue queue;
    struct metrics *metrics;   /* the service's */
    _Atomic uint64_t position; /* of the last committed event or catalogue */
    struct front front;
    struct writer writer;
    struct feed feed;
};

enum status intake_start(struct service *service, struct error *error);
void intake_stop(struct service *service);

#endif
