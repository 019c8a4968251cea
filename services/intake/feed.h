/* SPDX-License-Identifier: Apache-2.0
 *
 * The readers' side: gives committed blocks, at once or as a long poll. Readers that wait are
 * parked in a table of fixed size until the writer commits or their time is up.
 */
#ifndef HOSO_INTAKE_FEED_H
#define HOSO_INTAKE_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "bus/bus.h"
#include "hoso/v1/journal.pb-c.h"
#include "registry/registry.h"
#include "services/intake/caller.h"
#include "services/intake/worker.h"

struct intake;

enum {
    FEED_PARKED_MAX = 64,
    FEED_BYTES_MAX = 8 << 20, /* of blocks in one answer, unless its only block is larger */
    FEED_BLOCKS_MAX = 8192,   /* in one answer */
    FEED_WAIT_MAX_MS = 10000
};

/* A reader that waits. */
struct parked {
    struct caller caller;
    uint64_t after_position;
    uint32_t max_bytes;
    int64_t deadline_ms;
};

struct feed {
    struct intake *intake;
    struct bus_socket *socket;
    struct bus_wake wake; /* signalled after every commit */
    struct parked parked[FEED_PARKED_MAX];
    unsigned parked_count;
    ProtobufCBinaryData *blocks; /* of the answer being built */
    struct arena arena;          /* one request's */
    struct buffer reply;
    int64_t next_check_ms; /* of the store's reader table */
    struct worker worker;
};

struct feed_request {
    const struct bus_message *message;
    const Hoso__V1__JournalRequest *wire;
    const struct principal *principal;
};

/* Binds. After a failure, call feed_fini all the same. */
enum status feed_init(struct feed *feed, struct intake *intake, struct error *error) MUST_USE;
enum status feed_start(struct feed *feed) MUST_USE;
void feed_join(struct feed *feed); /* after the service began to stop */
void feed_fini(struct feed *feed);

/* The answer to the message of main.c's table. */
void feed_read(struct feed *feed, const struct feed_request *request);

#endif
