/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a totals feed keep what docs/feed.md promises? One row for each promise that can be seen
 * from outside. Pure: it is given what arrives and when, and counts what it saw and what was wrong.
 */
#ifndef HOSO_FEED_FEED_CHECK_H
#define HOSO_FEED_FEED_CHECK_H

#include "client/watch/follower.h"

/* X(NAME, "id", "Vietnamese", "English") */
#define PROMISE_LIST(X)                                                               \
    X(SNAPSHOT, "snapshot", "Bản chụp số liệu đầy đủ", "The snapshot is complete")    \
    X(HEARD, "heard", "Kết nối được, nhận được nhịp", "The feed is heard")            \
    X(FORM, "form", "Thông điệp đúng dạng, đủ phần đầu, trong giới hạn",              \
      "Messages have their form and header and keep the limits")                      \
    X(TOPIC, "topic", "Chủ đề đúng với đường dẫn của đơn vị",                         \
      "Topics are those of the units' paths")                                         \
    X(SEQUENCE, "sequence", "Số thứ tự tăng dần", "Sequences go up")                  \
    X(CHAIN, "chain", "Thông điệp nối tiếp thông điệp trước của đơn vị",              \
      "Each message follows the last one of its topic")                               \
    X(HEARTBEAT, "heartbeat", "Mỗi giây có nhịp", "A heartbeat comes every second")   \
    X(COUNT, "count", "Nhịp đếm đúng số thông điệp", "Heartbeats count the messages") \
    X(CUT, "cut", "Vị trí không lùi", "The cut never goes back")                      \
    X(DAY, "day", "Ngày là hôm nay (UTC+7)", "The day is today (UTC+7)")              \
    X(STATE, "state", "Số liệu theo dõi khớp với bản chụp mới",                       \
      "What was followed equals a new snapshot")

enum promise {
#define PROMISE_ENUM(name, id, vi, en) PROMISE_##name,
    PROMISE_LIST(PROMISE_ENUM)
#undef PROMISE_ENUM
        PROMISE_COUNT_OF
};

enum {
    FEED_LATE_MS = 2500, /* a heartbeat that comes later than this after the last is missing */
    FEED_DAY_MS = 60000, /* how far the two clocks may differ */
    FEED_DETAIL_MAX = 255
};

struct feed_finding {
    uint64_t seen; /* how often there was something to check */
    uint64_t wrong;
    char detail[FEED_DETAIL_MAX + 1]; /* what was wrong first */
};

struct feed_check {
    struct follower *follower;
    struct feed_finding findings[PROMISE_COUNT_OF];
    struct arena arena; /* of one message */
    uint64_t feed;      /* of the last message; the rest begins anew with another one */
    uint64_t sequence;  /* of the last totals or gone */
    struct hoso_cut cut;
    int64_t beat_ms; /* of the last heartbeat; 0 = none that the next one can be measured by */
    uint64_t messages, heartbeats;
};

/* False = out of memory. */
bool feed_check_init(struct feed_check *check, const char *root);
void feed_check_fini(struct feed_check *check);

/* A snapshot as the follower wants it. */
void feed_check_snapshot(struct feed_check *check, const Hoso__V1__TotalsSnapshotReply *reply);
void feed_check_message(struct feed_check *check, const char *topic, struct slice payload,
                        int64_t now_ms, int64_t unix_ms);
/* The last snapshot, for comparing only: once true, what was followed is as far, and is compared.
 */
bool feed_check_compare(struct feed_check *check, const Hoso__V1__TotalsSnapshotReply *reply);
/* Is a heartbeat overdue? */
void feed_check_silence(struct feed_check *check, int64_t now_ms);
/* The feed is over: what was required and not seen is wrong. */
void feed_check_end(struct feed_check *check);

__attribute__((format(printf, 3, 4))) void
feed_check_wrong(struct feed_check *check, enum promise promise, const char *format, ...);
bool feed_check_ok(const struct feed_check *check);
const char *promise_id(enum promise promise);
const char *promise_text(enum promise promise, bool english);

#endif
