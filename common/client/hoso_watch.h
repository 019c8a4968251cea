/* SPDX-License-Identifier: Apache-2.0
 *
 * libhoso: live totals (docs/feed.md). A watch follows a unit and everything below it: subscribes,
 * takes a snapshot, checks that nothing is missing, begins anew by itself when something is, and
 * reconnects. Its table is always exactly the totals of its cut on its day: what arrives shows once
 * a heartbeat confirms that it is all there. Contract as in hoso.h, except that nothing here is
 * freed by the caller: what is given lives until the next hoso_watch_next() or close.
 *
 * A process may have many watches, of one client or of several: each costs one connection (one more
 * while it asks for a snapshot), and memory in proportion to its units. One client has room for
 * about 500.
 */
#ifndef HOSO_WATCH_H
#define HOSO_WATCH_H

#include "hoso.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hoso_watch;

struct hoso_watch_options {
    const char *unit;         /* NULL or "" = the whole feed */
    int restricted;           /* 1 = of the restricted feed */
    unsigned stale_ms;        /* without a heartbeat for so long it is stale; 0 = 5,000 */
    unsigned high_water_mark; /* messages that may wait here; 0 = 1,000 */
};

enum hoso_watch_state {
    HOSO_WATCH_CONNECTING,    /* nothing has arrived yet */
    HOSO_WATCH_SYNCHRONISING, /* waiting for a snapshot; the table is empty or old */
    HOSO_WATCH_LIVE,
    HOSO_WATCH_STALE /* no heartbeat: the service or the way to it is down, the table is old */
};

/* A flow of three periods that end with the day. Names as the columns of the form thong-ke. */
struct hoso_flow_total {
    const char *measure;
    int64_t today, month, year;
};

/* As at the end of the day if nothing more happens. */
struct hoso_stock_total {
    const char *measure;
    int64_t now;
};

struct hoso_unit_totals { /* with everything below it; a measure that is not there is 0 */
    const char *unit;     /* the last of the path */
    size_t path_count, flow_count, stock_count;
    const char *const *path; /* unit ids from the root of the whole tree down */
    const struct hoso_flow_total *flows;
    const struct hoso_stock_total *stocks;
};

struct hoso_watch_info {
    enum hoso_watch_state state;
    struct hoso_cut cut; /* of the table */
    char day[11];        /* likewise; "" = there is no table yet */
    uint64_t feed;       /* changes when the feed begins anew: another catalogue, another start */
    int64_t age_ms;      /* since the last heartbeat, or since open while there was none */
    uint64_t messages;   /* received since open, as all below */
    uint64_t heartbeats;
    uint64_t snapshots; /* taken */
    uint64_t resyncs;   /* times it had to begin anew */
    char why[128];      /* the last time; "" = never */
};

/* What hoso_watch_next reports. */
enum {
    HOSO_WATCH_CHANGED = 1,   /* the table: `changed`, `gone` */
    HOSO_WATCH_HEARTBEAT = 2, /* the table was confirmed: its cut, its day */
    HOSO_WATCH_STATE = 4      /* the state, or the number of resyncs, is another one */
};

struct hoso_watch_news {
    unsigned what; /* of the bits above; 0 = the time is over, or a signal came */
    size_t changed_count, gone_count;
    const struct hoso_unit_totals *const *changed; /* in the table now, new or different */
    const struct hoso_unit_totals *const *gone;    /* in the table before */
};

/* Does not wait for an answer. INVALID = the client does not say where the feed is (`totals`,
 * `totals_restricted`) or where reporting is. Close it before its client. */
HOSO_API enum hoso_status hoso_watch_open(struct hoso_client *client,
                                          const struct hoso_watch_options *options,
                                          struct hoso_watch **ret_watch, struct hoso_error *error);
HOSO_API void hoso_watch_close(struct hoso_watch *watch); /* NULL-safe */

/* Takes in what has arrived; waits, at most timeout_ms (−1 = for ever), until there is something to
 * report. A failure is news, too: the watch goes on trying, and the caller decides when to give up.
 * UNAVAILABLE, NOT_READY, BUSY = no table for as long as a call may take, or no heartbeat;
 * NOT_FOUND = no such unit in this feed today; DENIED = no right to the restricted feed; TOO_LARGE
 * = follow smaller subtrees. */
HOSO_API enum hoso_status hoso_watch_next(struct hoso_watch *watch, int timeout_ms,
                                          struct hoso_watch_news *ret_news,
                                          struct hoso_error *error);
/* For poll: readable = call next with timeout 0, again and again until it reports nothing. Made at
 * the first call, then as good as the watch. −1 = no more file descriptors. */
HOSO_API int hoso_watch_fd(struct hoso_watch *watch);

HOSO_API struct hoso_watch_info hoso_watch_info(const struct hoso_watch *watch);
/* The table: parents before children, in printing order. */
HOSO_API const struct hoso_unit_totals *const *hoso_watch_units(struct hoso_watch *watch,
                                                                size_t *ret_count);
/* NULL = not in it. Looks through all of them. */
HOSO_API const struct hoso_unit_totals *hoso_watch_find(struct hoso_watch *watch, const char *unit);
/* 0 for a measure that is not there. */
HOSO_API struct hoso_flow_total hoso_totals_flow(const struct hoso_unit_totals *totals,
                                                 const char *measure);
HOSO_API int64_t hoso_totals_stock(const struct hoso_unit_totals *totals, const char *measure);
HOSO_API const char *hoso_watch_state_text(enum hoso_watch_state state); /* "live", … */

#ifdef __cplusplus
}
#endif

#endif
