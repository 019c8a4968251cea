/* SPDX-License-Identifier: Apache-2.0
 *
 * Life cycle, and the log of what the replica reports.
 */
#include "services/reporting/reporting.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/localday.h"
#include "ledger/source.h"
#include "log/log.h"
#include "replica/replica.h"
#include "service/derived_store.h"
#include "services/reporting/feed/feed.h"
#include "services/reporting/forms.h"
#include "services/reporting/metrics.h"
#include "services/reporting/server.h"
#include "store/store.h"

/* Answers from the copy alone are good for a restart of aggregation, not for ever. */
enum { READY_SILENT_MS = 60000, SILENCE_INTERVAL_MS = 60000 };

struct reporting {
    struct service *service;
    struct store *store;
    struct replica *replica;
    struct feed *feed;
    struct forms *forms;
    struct server *server;
    struct bus_wake committed; /* for the server */
    struct bus_wake applied;   /* for the feed */
    int64_t clock_shift_ms;
    _Atomic int64_t silence_due_ms; /* when silent sources are counted next */
};

/* What the feed takes for the present. */
static int64_t shifted_now_ms(const void *context)
{
    const struct reporting *reporting = context;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + reporting->clock_shift_ms;
}

static void applied(void *context)
{
    struct reporting *reporting = context;
    bus_wake_signal(&reporting->applied);
}

static void committed(void *context)
{
    struct reporting *reporting = context;
    bus_wake_signal(&reporting->committed);
}

static void news(void *context, enum replica_news what, const char *detail)
{
    static const struct {
        enum log_level level;
        const char *id;
        const char *sentence;
    } lines[] = {
        [REPLICA_CONNECTED] = {LOG_INFO, "reporting.connected", "aggregation answers"},
        [REPLICA_SILENT] = {LOG_WARNING, "reporting.silent",
                            "aggregation does not answer; asking on, answering from the copy"},
        [REPLICA_REFUSED] = {LOG_ERROR, "reporting.refused", "aggregation refuses its ledger"},
        [REPLICA_COPYING] = {LOG_INFO, "reporting.copying",
                             "copying a snapshot; no answers until it is complete"},
        [REPLICA_READY] = {LOG_INFO, "reporting.ready", "the copy is complete"},
        [REPLICA_OTHER_DAYS] = {LOG_ERROR, "reporting.other_days",
                                "utc_offset_minutes is not aggregation's: nothing is answered"},
        [REPLICA_CATALOGUE] = {LOG_ERROR, "reporting.catalogue", "the catalogue cannot be read"},
        [REPLICA_FULL] =
            {LOG_ERROR, "reporting.full",
             "the disk or the map is at its reserve: the copy waits until there is room"},
        [REPLICA_ROOM] = {LOG_WARNING, "reporting.room", "there is room again: copying goes on"},
        [REPLICA_FAILED] = {LOG_ERROR, "reporting.failed", "the store failed"},
    };
    struct reporting *reporting = context;
    log_event(lines[what].level, lines[what].id, lines[what].sentence,
              detail[0] != '\0' ? "detail" : NULL, detail, NULL);
    if (what == REPLICA_FAILED) {
        service_fail(reporting->service);
    }
}

/* A copy is not trusted before all of it was read. */
static enum status open_store(struct reporting *reporting, struct error *error)
{
    const struct service_settings *settings = reporting->service->settings;
    enum status status = service_open_derived(reporting->service, replica_tables, REPLICA_SCHEMA,
                                              &reporting->store, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = store_scrub(reporting->store, REPLICA_LEDGER);
    return status == STATUS_OK ? STATUS_OK
                               : error_set(error, status, "the copy in %s cannot be read: %s",
                                           settings->data, status_text(status));
}

static enum status open_all(struct reporting *reporting, const struct endpoint_message *messages,
                            struct error *error)
{
    struct service *service = reporting->service;
    const struct reporting_settings *settings = service->settings;
    enum status status = forms_open(settings->forms, &reporting->forms, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = bus_wake_init(&reporting->committed);
    if (status == STATUS_OK) {
        status = bus_wake_init(&reporting->applied);
    }
    if (status != STATUS_OK) {
        return error_set(error, status, "reporting: no event descriptor: %s", status_text(status));
    }
    status = open_store(reporting, error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct replica_options replica = {
        .store = reporting->store,
        .bus = service->bus,
        .endpoints = settings->aggregation,
        .server_keys = settings->aggregation_key,
        .applied = applied,
        .committed = committed,
        .news = news,
        .context = reporting,
    };
    status = replica_open(&replica, &reporting->replica, error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct feed_options feed = {
        service, settings, reporting->replica, &reporting->applied, shifted_now_ms, reporting};
    status = feed_open(&feed, &reporting->feed, error);
    if (status != STATUS_OK) {
        return status;
    }
    const struct server_options server = {.service = service,
                                          .replica = reporting->replica,
                                          .forms = reporting->forms,
                                          .committed = &reporting->committed,
                                          .feed = reporting->feed,
                                          .messages = messages};
    return server_open(&server, &reporting->server, error);
}

static void close_all(struct reporting *reporting)
{
    server_close(reporting->server);
    feed_close(reporting->feed);
    replica_close(reporting->replica);
    store_close(reporting->store);
    forms_close(reporting->forms);
    bus_wake_fini(&reporting->committed);
    bus_wake_fini(&reporting->applied);
    free(reporting);
}

enum status reporting_check(const void *settings, struct error *error)
{
    return service_check_derived(settings, replica_tables, REPLICA_SCHEMA, error);
}

enum status reporting_start(struct service *service, const struct endpoint_message *messages,
                            struct error *error)
{
    const struct reporting_settings *settings = service->settings;
    struct reporting *reporting = calloc(1, sizeof *reporting);
    if (reporting == NULL) {
        return error_set(error, STATUS_INTERNAL, "reporting: out of memory");
    }
    reporting->service = service;
    reporting->committed.fd = -1;
    reporting->applied.fd = -1;
    reporting->clock_shift_ms = 1000 * settings->totals_clock_shift_s;
    const enum status status = open_all(reporting, messages, error);
    if (status == STATUS_OK) {
        service->state = reporting;
    } else {
        close_all(reporting);
    }
    return status;
}

static void set_totals(struct reporting *reporting, struct metrics *metrics)
{
    const struct feed_counts feed =
        reporting->feed != NULL ? feed_counts(reporting->feed) : (struct feed_counts){0};
    metrics_set(metrics, REPORTING_TOTALS_UNITS, 0, feed.units);
    metrics_set(metrics, REPORTING_TOTALS_MESSAGES, 0, feed.messages);
    metrics_set(metrics, REPORTING_TOTALS_RESETS, 0, feed.resets);
    metrics_set(metrics, REPORTING_TOTALS_SUBSCRIPTIONS, 0, feed.subscriptions);
}

struct silent_count {
    struct reporting *reporting;
    struct replica_view *view;
    int32_t today;
    uint64_t count;
};

/* A source without a key in force is not waited for. */
static void count_silent(void *context, struct slice source, const struct source_total *total)
{
    struct silent_count *silent = context;
    struct registry *registry = silent->reporting->service->registry;
    char name[BUS_NAME_MAX + 1] = "";
    (void)total;
    if (source.size <= BUS_NAME_MAX) {
        memcpy(name, source.data, source.size);
    }
    const bool registered = registry_begin(registry, name) != NULL;
    registry_end(registry);
    int32_t sent_day = 0;
    silent->count += registered && source_is_silent(&silent->view->txn, REPLICA_LEDGER, source,
                                                    silent->today, &sent_day);
}

/* Now and then: a few records for each source. */
static void set_silent(struct reporting *reporting, struct metrics *metrics)
{
    const int64_t now_ms = clock_ms();
    int64_t due_ms = atomic_load(&reporting->silence_due_ms);
    struct replica_view view;
    if (now_ms < due_ms || !atomic_compare_exchange_strong(&reporting->silence_due_ms, &due_ms,
                                                           now_ms + SILENCE_INTERVAL_MS)) {
        return;
    }
    if (replica_begin(reporting->replica, &view) != STATUS_OK) {
        atomic_store(&reporting->silence_due_ms, now_ms);
        return;
    }
    struct silent_count silent = {reporting, &view, localday_today(), 0};
    source_scan_totals(&view.txn, REPLICA_LEDGER, count_silent, &silent);
    metrics_set(metrics, REPORTING_SILENT_SOURCES, 0, silent.count);
    replica_end(reporting->replica, &view);
}

void reporting_observe(struct service *service, struct observation *ret_observation)
{
    struct reporting *reporting = service->state;
    struct metrics *metrics = service->metrics;
    const struct replica_status replica = replica_status(reporting->replica);
    ret_observation->cut = replica.cut;
    set_totals(reporting, metrics);
    set_silent(reporting, metrics);
    metrics_set(metrics, REPORTING_COPY_COMPLETE, 0, replica.ready);
    metrics_set(metrics, REPORTING_BATCHES, 0, replica.batches);
    metrics_set(metrics, REPORTING_SNAPSHOTS, 0, replica.snapshots);
    observe_store(service, store_usage(reporting->store), replica.full);
    if (!replica.ready) {
        observe_reason(ret_observation, "%s", replica_unready(&replica));
    } else if (!replica.connected && clock_ms() - replica.heard_ms > READY_SILENT_MS) {
        observe_reason(ret_observation, "aggregation does not answer: answers are from the copy "
                                        "and grow old");
    }
    observe_lag(service, replica.connected, replica.source_position, ret_observation);
}

void reporting_reload(struct service *service)
{
    struct reporting *reporting = service->state;
    struct error error;
    char count[16];
    if (forms_reload(reporting->forms, &error) != STATUS_OK) {
        log_event(LOG_ERROR, "reporting.forms_refused", "the forms in force stay", "why",
                  error.text, NULL);
        return;
    }
    (void)snprintf(count, sizeof count, "%u", forms_count(reporting->forms));
    log_event(LOG_INFO, "reporting.forms_read", "the forms were read again", "forms", count, NULL);
}

void reporting_stop(struct service *service)
{
    close_all(service->state);
    service->state = NULL;
}
