/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of a watch: a follower, the feed it listens to, and the question it is asking. For
 * libhoso's own sources only.
 */
#ifndef HOSO_CLIENT_WATCH_WATCH_INTERNAL_H
#define HOSO_CLIENT_WATCH_WATCH_INTERNAL_H

#include "client/client.h"
#include "client/watch/follower.h"

enum {
    WATCH_QUEUE = 1000, /* messages, the library's and by default ours */
    WATCH_STALE_MS = 5000,
    WATCH_HEARTBEAT_MS = 2000,    /* within which one comes, its second and the way to it */
    WATCH_RESEND_MS = 3000,       /* a question without an answer; asking twice is harmless */
    WATCH_RETRY_MS = 100,         /* after NOT_READY or BUSY, and up to … more at random */
    WATCH_RETRY_RANDOM_MS = 900,  /* … this */
    WATCH_REFUSED_RETRY_MS = 5000 /* after an answer that is not likely to change soon */
};

struct hoso_watch {
    struct hoso_client *client;
    struct follower *follower;
    bool restricted;
    uint32_t queue;
    int64_t stale_ms;
    int64_t opened_ms;
    struct bus_socket *feed; /* NULL until it is known what to subscribe to */
    struct exchange *asking; /* NULL = nothing is being asked */
    int64_t resume_ms;       /* ask nothing before */
    int64_t
        trouble_ms;   /* since when there is no table that is in step, or when that was reported */
    int64_t heard_ms; /* the last heartbeat; 0 = none yet */
    struct hoso_error trouble;
    enum hoso_watch_state reported; /* the last state that was news, and resyncs likewise */
    uint64_t reported_resyncs;
    uint64_t messages;
    uint64_t heartbeats;
    unsigned what;            /* news that are gathered */
    struct totals_list shown; /* arrays given to the caller: units, changed, gone */
    struct totals_list changed;
    int epoll_fd; /* −1 until it is asked for; likewise its clock */
    int timer_fd;
};

/* The endpoint, for messages. */
const char *watch_endpoint(const struct hoso_watch *watch);
enum hoso_watch_state watch_state(const struct hoso_watch *watch, int64_t now_ms);
/* So that the caller's poll sees the socket, or no longer does. */
void watch_add_fd(struct hoso_watch *watch, struct bus_socket *socket);
void watch_remove_fd(struct hoso_watch *watch, struct bus_socket *socket);

/* watch_ask.c. Asks for what the follower wants, if it is time to, and takes the answer. A failure
 * to be reported is returned. */
enum hoso_status watch_ask(struct hoso_watch *watch, int64_t now_ms, struct hoso_error *error);
void watch_stop_asking(struct hoso_watch *watch);
/* The follower began anew: when is it to ask? */
void watch_pause(struct hoso_watch *watch, int64_t now_ms);
/* When watch_ask has something to do without anything having arrived. */
int64_t watch_ask_due_ms(const struct hoso_watch *watch);

#endif
