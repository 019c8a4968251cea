/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of a service, as Status, /metrics and /readyz report it. A service is alive if it
 * answers at all, and ready if it can do its work right now. While it stops it is alive and not
 * ready.
 */
#ifndef HOSO_SERVICE_OBSERVE_H
#define HOSO_SERVICE_OBSERVE_H

#include "base/cut.h"
#include "service/service.h"
#include "store/store.h"

enum {
    SERVICE_LOOPS_MAX = 4,
    SERVICE_STUCK_MS = 10000,
    READY_REASON_MAX = 199,
    READY_LAG_MAX = 65536 /* events behind which a reader of the journal is not ready */
};

struct observation {
    struct cut cut;
    char reason[READY_REASON_MAX + 1]; /* why it is not ready; empty = it is */
};

/* Rows that every service has, at the front of its table. */
enum service_metric {
    METRIC_BUILD,
    METRIC_START,
    METRIC_READY,
    METRIC_POSITION,
    METRIC_MAP,
    METRIC_USED,
    METRIC_FREE_DISK,
    METRIC_STORE_FULL,
    METRIC_STORE_MADE_ANEW,
    METRIC_ERRORS,
    METRIC_LOG,
    METRIC_OPEN_FILES,
    SERVICE_METRIC_COUNT
};

/* And the ones of the services that follow another. */
enum upstream_metric { METRIC_CONNECTED = SERVICE_METRIC_COUNT, METRIC_LAG, UPSTREAM_METRIC_COUNT };

extern const char *const metric_versions[];
extern const char *const metric_codes[]; /* by ErrorCode − 1 */
extern const char *const metric_levels[];

/* clang-format off */
#define SERVICE_METRICS                                                                            \
    [METRIC_BUILD] = {"hoso_build_info", "Version of the program.", METRIC_GAUGE,                  \
                      METRIC_BY("version", metric_versions), NULL, 0},                             \
    [METRIC_START] = {"process_start_time_seconds", "Unix time at which it was started.",          \
                      METRIC_GAUGE, METRIC_PLAIN, NULL, METRIC_MILLISECONDS},                      \
    [METRIC_READY] = {"hoso_ready", "1 if it can do what it is for, 0 if not.", METRIC_GAUGE,      \
                      METRIC_PLAIN, NULL, 0},                                                      \
    [METRIC_POSITION] = {"hoso_position", "Journal position that it has reached.", METRIC_GAUGE,   \
                         METRIC_PLAIN, NULL, 0},                                                   \
    [METRIC_MAP] = {"hoso_map_bytes", "Address space of the store.", METRIC_GAUGE,                 \
                    METRIC_PLAIN, NULL, 0},                                                        \
    [METRIC_USED] = {"hoso_used_bytes", "What of it is in use.", METRIC_GAUGE, METRIC_PLAIN,       \
                     NULL, 0},                                                                     \
    [METRIC_FREE_DISK] = {"hoso_free_disk_bytes", "Free space of the store's file system.",        \
                          METRIC_GAUGE, METRIC_PLAIN, NULL, 0},                                    \
    [METRIC_STORE_FULL] = {"hoso_store_full",                                                      \
                           "1 while nothing new is taken for lack of room.",                       \
                           METRIC_GAUGE, METRIC_PLAIN, NULL, 0},                                   \
    [METRIC_STORE_MADE_ANEW] = {"hoso_store_made_anew",                                            \
                                "1 if this start found the store damaged and made it anew.",       \
                                METRIC_GAUGE, METRIC_PLAIN, NULL, 0},                              \
    [METRIC_ERRORS] = {"hoso_errors_total", "Requests answered with an error, by its code.",       \
                       METRIC_COUNTER, METRIC_BY("code", metric_codes), NULL, 0},                  \
    [METRIC_LOG] = {"hoso_log_events_total", "Log events, by level, written or not.",              \
                    METRIC_COUNTER, METRIC_BY("level", metric_levels), NULL, 0},                   \
    [METRIC_OPEN_FILES] = {"hoso_open_files_max",                                                  \
                           "File descriptors that it may have; each connection is one.",           \
                           METRIC_GAUGE, METRIC_PLAIN, NULL, 0}

#define UPSTREAM_METRICS                                                                           \
    [METRIC_CONNECTED] = {"hoso_connected", "1 if the service that it follows answers.",           \
                          METRIC_GAUGE, METRIC_PLAIN, NULL, 0},                                    \
    [METRIC_LAG] = {"hoso_lag_events", "Positions that the service it follows is ahead.",          \
                    METRIC_GAUGE, METRIC_PLAIN, NULL, 0}
/* clang-format on */

/* Observes the service: its gauges are fresh afterwards. Any thread, at any time. */
void service_observe(struct service *service, struct observation *ret_observation);

/* For the services' own `observe`. The first reason stands. */
__attribute__((format(printf, 2, 3))) void observe_reason(struct observation *observation,
                                                          const char *format, ...);
void observe_store(struct service *service, struct store_usage usage, bool full);
/* Sets the gauges of a service that follows another, and is a reason if it is further behind than
 * READY_LAG_MAX. */
void observe_lag(struct service *service, bool connected, uint64_t end,
                 struct observation *observation);

/* A loop of the service's stamps clock_ms() each time it turns; the service is alive while all of
 * them did within the last SERVICE_STUCK_MS. In `start`; the stamp lives until `stop` returns. */
void service_watch_loop(struct service *service, const _Atomic int64_t *turned_ms);
/* From any thread. True while it starts and stops. */
bool service_is_alive(struct service *service);

/* Counts an answer with an error; `code` is an ErrorCode. */
void count_error(struct metrics *metrics, int code);

#endif
