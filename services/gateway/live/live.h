/* SPDX-License-Identifier: Apache-2.0
 *
 * Live totals for browsers. One thread follows reporting's feed, once for all of them, and keeps
 * each unit's latest totals as text, in the order of their last change. A stream (stream.c) reads
 * that list from where it is: however slow it is, it costs its place and never a queue, and misses
 * nothing but values that were out of date.
 *
 *     units    A(7) ── C(9) ── B(12)     a version is a number that each change draws anew
 *     stream   at 9, so B is next; at 12 it waits
 *
 * A unit that left the tree keeps its place as such.
 */
#ifndef HOSO_GATEWAY_LIVE_H
#define HOSO_GATEWAY_LIVE_H

#include "base/buffer.h"
#include "services/gateway/gateway.h"

enum {
    LIVE_STREAMS_MAX = 4096,
    LIVE_ROOTS_MAX = REGISTRY_UNITS_MAX, /* subtrees that one stream shows */
    LIVE_UNITS_MAX = 65536,
    LIVE_BEAT_MS = 10000,
    LIVE_EVENT_BYTES = 64 << 10, /* one event as it is sent */
    LIVE_STREAM_MS = 600000      /* then the browser asks again, and its rights are checked again */
};

struct live;
struct live_unit;

/* Where a stream is, and what it shows. Guarded by `live`. */
struct live_stream {
    struct live *live;
    struct live_stream *next, **link;
    struct MHD_Connection *connection;
    bool waits; /* suspended until there is something new */
    bool begun, all;
    unsigned root_count;
    char roots[LIVE_ROOTS_MAX][REGISTRY_UNIT_SIZE];
    const struct live_unit *at;    /* the unit read last, or NULL */
    uint64_t version, state, beat; /* seen */
    int64_t ends_ms;
    struct buffer event; /* at work */
    size_t sent;         /* of it */
};

/* Follows from now on; without the setting `totals` there is none: *ret_live stays NULL. */
enum status live_open(struct gateway *gateway, struct live **ret_live,
                      struct error *error) MUST_USE;
/* Ends all streams; they are gone when the library has closed their connections. NULL-safe. */
void live_end(struct live *live);
void live_close(struct live *live); /* NULL-safe */
unsigned live_streams(struct live *live);

/* False = there are LIVE_STREAMS_MAX. `last`: of Last-Event-ID, may be NULL. */
bool live_join(struct live *live, struct live_stream *stream, const char *last);
void live_leave(struct live_stream *stream);
/* Fills the stream's event with the next one; false = it waits, and its connection was suspended.
 * An empty event = the stream is over. */
bool live_next(struct live_stream *stream);

#endif
