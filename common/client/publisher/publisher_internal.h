/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of a publisher: the outbox's front is on its way in a window of Appends, answered in
 * order.
 *
 *     outbox   first ───────────────── next_key ──────────── end
 *              flights[0] flights[1] …  not sent yet
 */
#ifndef HOSO_CLIENT_PUBLISHER_PUBLISHER_INTERNAL_H
#define HOSO_CLIENT_PUBLISHER_PUBLISHER_INTERNAL_H

#include "base/reminder.h"
#include "client/client.h"
#include "client/publisher/outbox.h"
#include "event/event.h"
#include "hoso/v1/publisher.pb-c.h"

enum {
    WINDOW = 4,          /* Appends on their way */
    BATCH_EVENTS = 1000, /* default */
    BATCH_MAX = 4096,
    RESEND_MIN_MS = 5000, /* without an answer, or half the timeout; doubles up to … */
    RESEND_MAX_MS = 30000,
    BUSY_MIN_MS = 20, /* after BUSY; doubles up to … */
    BUSY_MAX_MS = 2000
};

/* Why events wait; each is reported once and then once a minute. */
enum publisher_wait { WAIT_ANSWER, WAIT_READY, WAIT_DISK, WAIT_COUNT };

struct flight {
    uint64_t question;
    uint64_t first_key;
    uint32_t count;
    bool done; /* acknowledged before an earlier one */
};

struct hoso_publisher {
    struct hoso_client *client;
    struct exchange *exchange; /* its own: the Open, or the flights that are not done */
    struct hoso_publisher_options options;
    struct outbox *outbox;
    bool opened; /* intake has granted the epoch */
    uint64_t epoch;
    uint64_t opened_sequence; /* what intake expected at open: below it the outbox only guesses */
    uint64_t opened_end;      /* keys below were there before us */
    uint64_t sent_end;        /* keys below may have been sent under the numbers they have */
    uint32_t max_events;      /* of one Append */
    uint32_t max_bytes;
    struct flight flights[WINDOW];
    unsigned flight_count;
    uint64_t next_key;
    bool alone; /* a later flight was INVALID: send nothing until the ones before it are answered */
    int64_t resume_ms;        /* send nothing before */
    int64_t progress_ms;      /* when intake last took, refused or settled something */
    enum publisher_wait wait; /* what was reported last; WAIT_COUNT = nothing since progress_ms */
    struct reminder reminders[WAIT_COUNT];
    int busy_ms; /* current backoff */
    int resend_min_ms;
    int resend_ms;
    enum hoso_status dead; /* OK, or why it may not go on */
    struct hoso_error why;
    struct hoso_cut cut;
    struct hoso_publisher_counts counts;
    struct arena arena;       /* of one event put */
    struct arena batch_arena; /* of one message sent or received */
    struct buffer record;
};

/* Sends what may be sent, then takes answers, waiting at most `wait_ms` for the first. Returns
 * `dead`. */
enum hoso_status publisher_pump(struct hoso_publisher *publisher, int wait_ms);
/* Ends the publisher; returns the status. */
enum hoso_status publisher_die(struct hoso_publisher *publisher, enum hoso_status status,
                               const char *format, ...) __attribute__((format(printf, 3, 4)));
void publisher_notice(struct hoso_publisher *publisher, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A notice about a wait that may last. */
void publisher_notice_wait(struct hoso_publisher *publisher, enum publisher_wait wait,
                           const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Intake took, refused or settled something: the timeout of a flush begins anew. */
void publisher_progress(struct hoso_publisher *publisher);

/* publisher_epoch.c: asks for the epoch while there is none, and settles the outbox once it is
 * granted. */
void publisher_ask_epoch(struct hoso_publisher *publisher);
void publisher_opened(struct hoso_publisher *publisher, const Hoso__V1__OpenReply *reply);
/* The journal is older than what it has acknowledged to us: it was restored. Asks for an epoch
 * again, and sends what is not acknowledged from the number that it expects on. */
void publisher_reopen(struct hoso_publisher *publisher);

/* publisher_send.c: Appends from next_key on while the window and the bus have room. */
void publisher_send(struct hoso_publisher *publisher);
/* Forgets what is on its way; it is sent again from `key` on, if there is anything. */
void publisher_rewind(struct hoso_publisher *publisher, uint64_t key);
/* publisher_answer.c: one answer, or that there is none. What was on its way in an earlier
 * connection is sent again by the exchange. False = no news. */
bool publisher_take_news(struct hoso_publisher *publisher);

/* publisher_event.c: INVALID fills the fault with the member's name. */
enum status publisher_event(const struct hoso_event *given, struct arena *arena,
                            struct event *ret_event, struct event_fault *ret_fault);

#endif
