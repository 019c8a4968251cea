/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso-intake: validates what publishers send, journals it, and only then acknowledges.
 *
 *     front          publishers' endpoint; validation, and all answers to publishers
 *     writer         the only thread that writes the journal; one commit for whatever has gathered
 *     journal feed   readers' endpoint; gives committed blocks to aggregation
 *
 * They share the queue (front and writer), the journal (written by the writer, read by the feed)
 * and the metrics; nothing else.
 */
#ifndef HOSO_INTAKE_INTAKE_H
#define HOSO_INTAKE_INTAKE_H

#include "services/intake/front.h"
#include "services/intake/journal_feed.h"
#include "services/intake/metrics.h"
#include "services/intake/writer.h"

struct intake_settings {
    struct service_settings service;
    const char *journal_listen;
};

struct intake {
    struct service *service;
    struct journal *journal;
    struct queue queue;
    _Atomic uint64_t position; /* of the last committed event or catalogue */
    struct front front;
    struct journal_writer writer;
    struct journal_feed feed;
};

/* main.c's tables of messages. */
extern const struct endpoint_message front_messages[];
extern const struct endpoint_message journal_messages[];

enum status intake_check(const void *settings, struct error *error);
enum status intake_start(struct service *service, struct error *error);
void intake_stop(struct service *service);

#endif
