/* SPDX-License-Identifier: Apache-2.0
 *
 * Events are counted per Append, not one by one.
 */
#include "services/intake/metrics.h"

#include "base/localday.h"
#include "services/intake/intake.h"

enum { EXPIRY_NOTICE_DAYS = 14 };

static const char *const results[APPEND_RESULTS + 1] = {
    "ack", "duplicate", "gap", "conflict", "fenced", "invalid", "busy", "full", "not_open", NULL};

const struct metric intake_metrics[INTAKE_METRIC_COUNT] = {
    SERVICE_METRICS,
    [INTAKE_EVENTS] = {"hoso_intake_events_total", "Events, by what became of them.",
                       METRIC_COUNTER, METRIC_BY("result", results), NULL, 0},
    [INTAKE_APPENDS] = {"hoso_intake_appends_total", "Appends, by their answer.", METRIC_COUNTER,
                        METRIC_BY("result", results), NULL, 0},
    [INTAKE_ACK_TIME] = {"hoso_intake_ack_seconds",
                         "From the arrival of an Append to its acknowledgement.", METRIC_HISTOGRAM,
                         METRIC_PLAIN, &metric_latencies, METRIC_MICROSECONDS},
    [INTAKE_COMMIT_TIME] = {"hoso_intake_commit_seconds", "Commits of the journal, synced.",
                            METRIC_HISTOGRAM, METRIC_PLAIN, &metric_latencies, METRIC_MICROSECONDS},
    [INTAKE_BATCH_EVENTS] = {"hoso_intake_batch_events", "Events journaled by one commit.",
                             METRIC_HISTOGRAM, METRIC_PLAIN, &metric_sizes, 0},
    [INTAKE_COMMITS] = {"hoso_intake_commits_total", "Commits of the journal.", METRIC_COUNTER,
                        METRIC_PLAIN, NULL, 0},
    [INTAKE_QUEUE_REQUESTS] = {"hoso_intake_queue_requests",
                               "Requests that wait for the writer or are being committed.",
                               METRIC_GAUGE, METRIC_PLAIN, NULL, 0},
    [INTAKE_QUEUE_BYTES] = {"hoso_intake_queue_bytes", "Bytes of their records.", METRIC_GAUGE,
                            METRIC_PLAIN, NULL, 0},
    [INTAKE_SOURCES] = {"hoso_intake_sources", "Sources that ever opened.", METRIC_GAUGE,
                        METRIC_PLAIN, NULL, 0},
    [INTAKE_CATALOGUE] = {"hoso_intake_catalogue_position",
                          "Position of the catalogue in force; 0 = none yet.", METRIC_GAUGE,
                          METRIC_PLAIN, NULL, 0},
    [INTAKE_PARKED_READERS] = {"hoso_intake_parked_readers",
                               "Readers of the journal that wait for something new.", METRIC_GAUGE,
                               METRIC_PLAIN, NULL, 0},
    [INTAKE_UNSENT_ANSWERS] = {"hoso_intake_unsent_answers_total",
                               "Answers whose caller was gone or did not read.", METRIC_COUNTER,
                               METRIC_PLAIN, NULL, 0},
    [INTAKE_DROPPED_MESSAGES] = {"hoso_intake_dropped_messages_total",
                                 "Messages of more than one frame or without a user.",
                                 METRIC_COUNTER, METRIC_PLAIN, NULL, 0},
    [INTAKE_BACKUP] = {"hoso_intake_backup_timestamp_seconds",
                       "Unix time at which the last backup was whole; 0 = none since the start.",
                       METRIC_GAUGE, METRIC_PLAIN, NULL, METRIC_MILLISECONDS},
    [INTAKE_KEYS_EXPIRING] = {"hoso_intake_keys_expiring",
                              "Keys of the registry whose last day is today or within 14 days.",
                              METRIC_GAUGE, METRIC_PLAIN, NULL, 0},
};

void count_append(struct metrics *metrics, Hoso__V1__AppendResult result, uint64_t events)
{
    metrics_add(metrics, INTAKE_APPENDS, (unsigned)result - 1, 1);
    metrics_add(metrics, INTAKE_EVENTS, (unsigned)result - 1, events);
}

struct expiry {
    int32_t today;
    uint64_t count;
};

static void count_expiring(void *context, const struct principal *principal)
{
    struct expiry *expiry = context;
    expiry->count += principal->expires_day >= expiry->today &&
                     principal->expires_day <= expiry->today + EXPIRY_NOTICE_DAYS;
}

void intake_observe(struct service *service, struct observation *ret_observation)
{
    struct intake *intake = service->state;
    struct metrics *metrics = service->metrics;
    const struct queue_load load = queue_load(&intake->queue);
    ret_observation->cut =
        (struct cut){journal_incarnation(intake->journal), atomic_load(&intake->position)};
    metrics_set(metrics, INTAKE_QUEUE_REQUESTS, 0, load.requests);
    metrics_set(metrics, INTAKE_QUEUE_BYTES, 0, load.bytes);
    struct expiry expiry = {.today = localday_today()};
    registry_each(service->registry, count_expiring, &expiry);
    metrics_set(metrics, INTAKE_KEYS_EXPIRING, 0, expiry.count);
    metrics_set(metrics, INTAKE_DROPPED_MESSAGES, 0,
                endpoint_dropped(intake->front.endpoint) + endpoint_dropped(intake->feed.endpoint));
    const bool full = journal_is_full(intake->journal);
    observe_store(service, journal_usage(intake->journal), full);
    if (full) {
        observe_reason(ret_observation, "the disk or the map is at its reserve: make room, or "
                                        "raise map_bytes and restart");
    }
    if (metrics_get(metrics, INTAKE_CATALOGUE, 0) == 0) {
        observe_reason(ret_observation, "there is no catalogue yet: an administrator imports it "
                                        "with `hoso catalogue import`");
    }
}
