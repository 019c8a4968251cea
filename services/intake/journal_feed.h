/* SPDX-License-Identifier: Apache-2.0
 *
 * The readers' side: an endpoint that gives committed blocks, at once or as a long poll.
 */
#ifndef HOSO_INTAKE_JOURNAL_FEED_H
#define HOSO_INTAKE_JOURNAL_FEED_H

#include <stdatomic.h>

#include "journal_store/journal.h"
#include "service/endpoint.h"

enum {
    FEED_BYTES_MAX = 8 << 20, /* of blocks in one answer, unless its only block is larger */
    FEED_BLOCKS_MAX = 8192,   /* in one answer */
    FEED_WAIT_MAX_MS = 10000
};

struct journal_feed_options {
    struct service *service;
    const char *listen;
    struct journal *journal;
    const _Atomic uint64_t *position;        /* of the last committed event or catalogue */
    const struct endpoint_message *messages; /* main.c's table */
};

struct journal_feed {
    struct journal_feed_options options;
    struct endpoint *endpoint;
    struct bus_wake committed;   /* signal it after every commit */
    ProtobufCBinaryData *blocks; /* of the answer being built */
    int64_t next_check_ms;       /* of the store's reader table */
};

/* Binds. After a failure, call journal_feed_fini all the same. */
enum status journal_feed_init(struct journal_feed *feed, const struct journal_feed_options *options,
                              struct error *error) MUST_USE;
void journal_feed_fini(struct journal_feed *feed); /* after endpoint_join */

/* The message of main.c's table: its answer, and what it waits for. */
endpoint_handler journal_feed_read;
enum status journal_feed_wait(struct endpoint_request *request, struct endpoint_wait *ret_wait);
bool journal_feed_reached(void *context, struct cut wanted);

#endif
