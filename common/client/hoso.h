/* SPDX-License-Identifier: Apache-2.0
 *
 * libhoso: publish dossier events. hoso_read.h has the reports, hoso_watch.h live totals. A client
 * and its publishers belong to the thread that uses them; a process may have several clients. Texts
 * are UTF-8, NUL-terminated; a text that is not given may be NULL. Dates are "YYYY-MM-DD", both
 * ends of a period inclusive; times are unix milliseconds. A failure fills `error` (unless NULL)
 * with a sentence: what failed, why, what to do. Results (`ret_…`) are untouched on failure and are
 * freed with one hoso_free().
 */
#ifndef HOSO_H
#define HOSO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HOSO_API __attribute__((visibility("default")))

enum hoso_status {
    HOSO_OK,
    HOSO_INVALID,     /* what was given is wrong; `field` may name the place */
    HOSO_NOT_FOUND,   /* no such form, unit, file, … */
    HOSO_DENIED,      /* this key may not do that */
    HOSO_TOO_LARGE,   /* over a limit */
    HOSO_FULL,        /* a disk or map is full: here (outbox) or at the server */
    HOSO_IO,          /* reading or writing a local file failed */
    HOSO_CORRUPT,     /* stored data are damaged */
    HOSO_BUSY,        /* in use by another process, or a queue is full */
    HOSO_NOT_READY,   /* the server is still catching up: try again */
    HOSO_UNAVAILABLE, /* no answer in time; what was asked may have happened */
    HOSO_FENCED,      /* another instance opened this source: stop */
    HOSO_CONFLICT,    /* contradicts what is there */
    HOSO_INTERNAL     /* a broken invariant */
};

struct hoso_error {
    enum hoso_status status;
    char field[32];
    char text[512];
};

struct hoso_cut { /* a point of the journal; equal cuts come from the same events */
    uint64_t incarnation;
    uint64_t position;
};

struct hoso_client;
struct hoso_publisher;

struct hoso_options {                      /* an endpoint that is NULL is not used */
    const char *intake, *intake_key;       /* "tcp://host:port", the server's public key in Z85 */
    const char *reporting, *reporting_key; /* likewise */
    const char *public_key, *secret_key;   /* our own pair in Z85 */
    unsigned timeout_ms;                   /* of one call; 0 = 10,000 */
    const char *totals;            /* reporting's feed, hoso_watch.h; its key is reporting's */
    const char *totals_restricted; /* likewise */
};

HOSO_API const char *hoso_version(void);
HOSO_API const char *hoso_status_text(enum hoso_status status);
HOSO_API void hoso_free(void *result); /* NULL-safe */

HOSO_API enum hoso_status hoso_client_open(const struct hoso_options *options,
                                           struct hoso_client **ret_client,
                                           struct hoso_error *error);
/* From a client configuration file, hoso.conf(5), and nothing else: the environment, which is the
 * program's, is not looked at. timeout_ms 0 = what the file says. */
HOSO_API enum hoso_status hoso_client_open_file(const char *path, unsigned timeout_ms,
                                                struct hoso_client **ret_client,
                                                struct hoso_error *error);
HOSO_API void hoso_client_close(struct hoso_client *client); /* after its publishers; NULL-safe */

/* Publishing. Events enter an outbox, batches of them go to intake, what intake acknowledged leaves
 * the outbox. With a directory the outbox survives a crash: what a new publisher finds there it
 * sends first. Sending an event twice is harmless. One directory serves one key. */

struct hoso_event { /* names of values as in the JSON form: kind "RECEIVED", channel "ONLINE", … */
    const char *event_id, *dossier, *kind;
    int64_t occurred_at_ms;
    int64_t due_at_ms; /* 0 = none */
    const char *unit, *procedure, *field, *channel, *service_level;
    const char *reason, *voids, *petition_class;
    int out_of_territory, apology_sent, paid_online; /* 0 or 1 */
};

struct hoso_refusal { /* an event that intake refused; it has left the outbox */
    uint64_t tag;     /* as given to put, for example a line number */
    int earlier;      /* 1 = put by an earlier publisher with this outbox */
    const char *event_id, *dossier, *field, *reason;
    const char *json; /* the event in its JSON form */
};

struct hoso_publisher_options {
    const char *outbox;    /* directory; NULL = memory only: what is not flushed dies with us */
    unsigned batch;        /* events of one message, at most; 0 = 1,000 */
    uint64_t outbox_bytes; /* at most; 0 = 16 GiB, else 4 MiB or more */
    int any_filesystem;    /* 1 allows an outbox on tmpfs, overlay and network file systems */
    void (*refused)(void *context, const struct hoso_refusal *refusal); /* may be NULL */
    void (*notice)(void *context, const char *sentence); /* waiting, and why; may be NULL */
    void *context;
};

struct hoso_publisher_counts {
    uint64_t put, acknowledged, refused; /* since open; both count what was found in the outbox */
    uint64_t waiting;                    /* in the outbox now */
};

/* Takes over the source of our key: an older publisher is fenced. When intake was restored from a
 * backup, a publisher notices and opens anew by itself; what was acknowledged after the backup is
 * the caller's to publish again. If intake does not answer and there is an outbox directory, opens
 * all the same: events wait in the outbox. */
HOSO_API enum hoso_status hoso_publisher_open(struct hoso_client *client,
                                              const struct hoso_publisher_options *options,
                                              struct hoso_publisher **ret_publisher,
                                              struct hoso_error *error);
/* INVALID names the field, nothing was taken. Taken events are in a full batch synced to the
 * outbox; the last ones by sync, flush or close. FULL = the outbox is: flush waits for room.
 * In memory-only mode it waits for intake when the memory is full. */
HOSO_API enum hoso_status hoso_publisher_put(struct hoso_publisher *publisher,
                                             const struct hoso_event *event, uint64_t tag,
                                             struct hoso_error *error);
/* One event in its JSON form, without the newline. */
HOSO_API enum hoso_status hoso_publisher_put_json(struct hoso_publisher *publisher,
                                                  const char *line, size_t size, uint64_t tag,
                                                  struct hoso_error *error);
/* Syncs what was put to the outbox and sends what can be sent, without waiting for answers. FULL =
 * there is no room in the outbox to sync it; what is there was sent. */
HOSO_API enum hoso_status hoso_publisher_sync(struct hoso_publisher *publisher,
                                              struct hoso_error *error);
/* Until everything is acknowledged or refused; then the cut that holds all of it. UNAVAILABLE =
 * intake took none of them within the timeout, because it did not answer or its disk is full; the
 * outbox keeps the rest. FULL = the disk of the outbox is full with other things. */
HOSO_API enum hoso_status hoso_publisher_flush(struct hoso_publisher *publisher,
                                               struct hoso_cut *ret_cut, struct hoso_error *error);
HOSO_API struct hoso_publisher_counts hoso_publisher_counts(const struct hoso_publisher *publisher);
HOSO_API void hoso_publisher_close(struct hoso_publisher *publisher); /* NULL-safe */

#ifdef __cplusplus
}
#endif

#endif
