/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything shared is under one lock, which is held to copy one event or to note one change.
 */
#include "services/gateway/live/live.h"

#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/require.h"
#include "client/hoso_watch.h"
#include "log/log.h"
#include "render/lists/watch_lines.h"

enum { LIVE_POLL_MS = 1000, LIVE_ID_SIZE = 64 };

/* A unit's latest totals, or that it is gone. */
struct live_unit {
    struct live_unit *before, *after; /* in the order of versions */
    uint64_t version;
    bool gone;
    char *path; /* unit ids from the root down, each with a blank before and after it */
    char *text; /* a line of JSON */
    size_t size;
    char id[REGISTRY_UNIT_SIZE];
};

struct live {
    struct gateway *gateway;
    struct hoso_client *client;
    struct hoso_watch *watch;
    pthread_t thread;
    bool running;
    atomic_bool ending;
    pthread_mutex_t mutex; /* guards all below */
    uint64_t boot;         /* random: ids of another run mean nothing */
    uint64_t version;      /* of the last change */
    struct live_unit *first, *last;
    struct live_unit **table; /* by id, for the thread */
    size_t unit_count;
    char *state, *beat; /* lines of JSON */
    uint64_t state_version, beat_version;
    int64_t beat_ms;
    uint64_t revocations; /* of the registry, when rights were last checked */
    struct live_stream *streams;
    unsigned stream_count;
};

/* Units */

static void unlink_unit(struct live *live, struct live_unit *unit)
{
    *(unit->before != NULL ? &unit->before->after : &live->first) = unit->after;
    *(unit->after != NULL ? &unit->after->before : &live->last) = unit->before;
}

static void append_unit(struct live *live, struct live_unit *unit)
{
    unit->version = ++live->version;
    unit->before = live->last;
    unit->after = NULL;
    *(live->last != NULL ? &live->last->after : &live->first) = unit;
    live->last = unit;
}

/* The first place in the table whose id is not before this one. */
static size_t place_of(const struct live *live, const char *id)
{
    size_t from = 0;
    size_t to = live->unit_count;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if (strcmp(live->table[middle]->id, id) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

/* Its entry; made, at the end of the order, if it is new. NULL = no memory, or too many. */
static struct live_unit *unit_of(struct live *live, const char *id)
{
    const size_t place = place_of(live, id);
    if (place < live->unit_count && strcmp(live->table[place]->id, id) == 0) {
        return live->table[place];
    }
    struct live_unit **table =
        live->unit_count < LIVE_UNITS_MAX && strlen(id) < REGISTRY_UNIT_SIZE
            ? reallocarray(live->table, live->unit_count + 1, sizeof(struct live_unit *))
            : NULL;
    struct live_unit *unit = table != NULL ? calloc(1, sizeof *unit) : NULL;
    live->table = table != NULL ? table : live->table;
    if (unit != NULL) {
        memcpy(unit->id, id, strlen(id) + 1);
        memmove(&table[place + 1], &table[place],
                (live->unit_count - place) * sizeof(struct live_unit *));
        table[place] = unit;
        live->unit_count++;
        append_unit(live, unit);
    }
    return unit;
}

static char *path_text(const struct hoso_unit_totals *totals)
{
    struct buffer text;
    buffer_init(&text, LIVE_EVENT_BYTES);
    for (size_t i = 0; i < totals->path_count; i++) {
        buffer_printf(&text, " %s ", totals->path[i]);
    }
    buffer_u8(&text, 0);
    if (buffer_status(&text) != STATUS_OK) {
        buffer_fini(&text);
    }
    return (char *)text.data; /* NULL after a failure */
}

static void set_line(char **place, char *line)
{
    free(*place);
    *place = line;
}

/* False = no memory: the next change tries again. */
static bool set_unit(struct live *live, const struct hoso_watch_info *info,
                     const struct hoso_unit_totals *totals, bool gone)
{
    struct live_unit *unit = unit_of(live, totals->unit);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return false;
    }
    if (gone) {
        watch_line_gone(out, info, totals);
    } else {
        watch_line_unit(out, info, totals, NULL);
    }
    char *path = fclose(out) == 0 ? path_text(totals) : NULL;
    if (unit == NULL || path == NULL) {
        free(text);
        free(path);
        return false;
    }
    set_line(&unit->text, text);
    set_line(&unit->path, path);
    unit->size = size;
    unit->gone = gone;
    unlink_unit(live, unit);
    append_unit(live, unit);
    return true;
}

/* The thread */

/* All streams that wait look again. */
static void wake_streams(struct live *live)
{
    for (struct live_stream *stream = live->streams; stream != NULL; stream = stream->next) {
        if (stream->waits) {
            stream->waits = false;
            MHD_resume_connection(stream->connection);
        }
    }
}

static void set_state(struct live *live, const struct hoso_watch_info *info)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out != NULL) {
        watch_line_state(out, info);
        if (fclose(out) == 0) {
            set_line(&live->state, text);
            live->state_version++;
        }
    }
}

static bool beat_due(const struct live *live, const struct hoso_watch_info *info)
{
    return info->day[0] != '\0' && clock_ms() - live->beat_ms >= LIVE_BEAT_MS;
}

static void set_beat(struct live *live, const struct hoso_watch_info *info)
{
    char *text = NULL;
    size_t size = 0;
    size_t units = 0;
    FILE *out = open_memstream(&text, &size);
    (void)hoso_watch_units(live->watch, &units);
    if (out != NULL) {
        watch_line_heartbeat(out, info, units);
        if (fclose(out) == 0) {
            set_line(&live->beat, text);
            live->beat_version++;
            live->beat_ms = clock_ms();
        }
    }
}

static void take_news(struct live *live, const struct hoso_watch_news *news)
{
    const struct hoso_watch_info info = hoso_watch_info(live->watch);
    bool whole = true;
    require(pthread_mutex_lock(&live->mutex) == 0);
    for (size_t i = 0; i < news->gone_count; i++) {
        whole = set_unit(live, &info, news->gone[i], true) && whole;
    }
    for (size_t i = 0; i < news->changed_count; i++) {
        whole = set_unit(live, &info, news->changed[i], false) && whole;
    }
    if ((news->what & HOSO_WATCH_STATE) != 0) {
        set_state(live, &info);
    }
    if (beat_due(live, &info)) {
        set_beat(live, &info);
    }
    wake_streams(live);
    require(pthread_mutex_unlock(&live->mutex) == 0);
    if (!whole) {
        log_event(LOG_ERROR, "gateway.live", "no memory for live totals: streams end", NULL);
        service_fail(live->gateway->service);
    }
}

static bool take_all_news(struct live *live)
{
    struct hoso_watch_news news = {.what = 0};
    struct hoso_error error;
    do {
        if (hoso_watch_next(live->watch, 0, &news, &error) != HOSO_OK) {
            /* It goes on trying; its state says what is wrong. */
            require(pthread_mutex_lock(&live->mutex) == 0);
            const struct hoso_watch_info info = hoso_watch_info(live->watch);
            set_state(live, &info);
            wake_streams(live);
            require(pthread_mutex_unlock(&live->mutex) == 0);
            return false;
        }
        take_news(live, &news);
    } while (news.what != 0);
    return true;
}

/* Who lost a right must not go on reading: all streams are checked anew. */
static void check_rights(struct live *live)
{
    const uint64_t revocations = registry_revocations(live->gateway->service->registry);
    require(pthread_mutex_lock(&live->mutex) == 0);
    if (revocations != live->revocations) {
        live->revocations = revocations;
        for (struct live_stream *stream = live->streams; stream != NULL; stream = stream->next) {
            stream->ends_ms = 0;
        }
        wake_streams(live);
    }
    require(pthread_mutex_unlock(&live->mutex) == 0);
}

static void *live_main(void *context)
{
    struct live *live = context;
    while (!atomic_load(&live->ending)) {
        struct bus_poll_item items[] = {{.fd = hoso_watch_fd(live->watch)},
                                        {.fd = live->gateway->service->stop_fd}};
        (void)bus_poll(items, 2, LIVE_POLL_MS);
        if (items[1].readable) {
            break;
        }
        (void)take_all_news(live);
        check_rights(live);
    }
    return NULL;
}

enum status live_open(struct gateway *gateway, struct live **ret_live, struct error *error)
{
    const struct hoso_watch_options options = {.unit = NULL};
    struct hoso_error failure = {.text = "out of memory"};
    struct live *live = NULL;
    if (gateway->settings->totals[0] == '\0') {
        return STATUS_OK;
    }
    live = calloc(1, sizeof *live);
    if (live == NULL ||
        client_open_on(gateway->service->bus, &gateway->client, &live->client, &failure) !=
            HOSO_OK ||
        hoso_watch_open(live->client, &options, &live->watch, &failure) != HOSO_OK) {
        if (live != NULL) {
            hoso_client_close(live->client);
        }
        free(live);
        return error_set(error, STATUS_INVALID, "totals: %s", failure.text);
    }
    live->gateway = gateway;
    randombytes_buf(&live->boot, sizeof live->boot);
    live->revocations = registry_revocations(gateway->service->registry);
    require(pthread_mutex_init(&live->mutex, NULL) == 0);
    if (pthread_create(&live->thread, NULL, live_main, live) != 0) {
        live_close(live);
        return error_set(error, STATUS_TOO_LARGE, "no thread for live totals");
    }
    live->running = true;
    *ret_live = live;
    return STATUS_OK;
}

void live_end(struct live *live)
{
    if (live == NULL) {
        return;
    }
    atomic_store(&live->ending, true);
    if (live->running) {
        require(pthread_join(live->thread, NULL) == 0);
        live->running = false;
    }
    require(pthread_mutex_lock(&live->mutex) == 0);
    wake_streams(live);
    require(pthread_mutex_unlock(&live->mutex) == 0);
}

void live_close(struct live *live)
{
    if (live == NULL) {
        return;
    }
    live_end(live);
    for (size_t i = 0; i < live->unit_count; i++) {
        free(live->table[i]->text);
        free(live->table[i]->path);
        free(live->table[i]);
    }
    free(live->table);
    free(live->state);
    free(live->beat);
    hoso_watch_close(live->watch);
    hoso_client_close(live->client);
    (void)pthread_mutex_destroy(&live->mutex);
    free(live);
}

unsigned live_streams(struct live *live)
{
    require(pthread_mutex_lock(&live->mutex) == 0);
    const unsigned count = live->stream_count;
    require(pthread_mutex_unlock(&live->mutex) == 0);
    return count;
}

/* Streams */

/* Where an id of ours says that the stream was; else it begins anew. */
static void go_on(const struct live *live, struct live_stream *stream, const char *last)
{
    char *dot = NULL;
    char *end = NULL;
    const uint64_t boot = last != NULL ? strtoull(last, &dot, 16) : 0;
    const uint64_t version = dot != NULL && *dot == '.' ? strtoull(dot + 1, &end, 10) : 0;
    if (end != NULL && end != dot + 1 && *end == '\0' && boot == live->boot &&
        version <= live->version) {
        stream->version = version;
        stream->begun = true;
    }
}

bool live_join(struct live *live, struct live_stream *stream, const char *last)
{
    require(pthread_mutex_lock(&live->mutex) == 0);
    const bool room = live->stream_count < LIVE_STREAMS_MAX;
    if (room) {
        stream->live = live;
        stream->ends_ms = clock_ms() + LIVE_STREAM_MS;
        stream->beat = live->beat_version;
        go_on(live, stream, last);
        stream->next = live->streams;
        stream->link = &live->streams;
        if (stream->next != NULL) {
            stream->next->link = &stream->next;
        }
        live->streams = stream;
        live->stream_count++;
    }
    require(pthread_mutex_unlock(&live->mutex) == 0);
    return room;
}

void live_leave(struct live_stream *stream)
{
    struct live *live = stream->live;
    require(pthread_mutex_lock(&live->mutex) == 0);
    *stream->link = stream->next;
    if (stream->next != NULL) {
        stream->next->link = stream->link;
    }
    live->stream_count--;
    require(pthread_mutex_unlock(&live->mutex) == 0);
}

static bool shows(const struct live_stream *stream, const struct live_unit *unit)
{
    bool shown = stream->all;
    for (unsigned i = 0; i < stream->root_count && !shown; i++) {
        char root[REGISTRY_UNIT_SIZE + 2];
        (void)snprintf(root, sizeof root, " %s ", stream->roots[i]);
        shown = strstr(unit->path, root) != NULL;
    }
    return shown;
}

/* The first unit after the stream's version: behind the one it read last if that has not moved
 * since, else it is looked for from the end. */
static const struct live_unit *unit_after(const struct live *live, const struct live_stream *stream)
{
    const struct live_unit *unit = live->last;
    const struct live_unit *next = NULL;
    if (stream->version == 0) {
        return live->first;
    }
    if (stream->at != NULL && stream->at->version == stream->version) {
        return stream->at->after;
    }
    for (; unit != NULL && unit->version > stream->version; unit = unit->before) {
        next = unit;
    }
    return next;
}

/* The next one that the stream shows; what it does not is passed over. */
static const struct live_unit *next_unit(const struct live *live, struct live_stream *stream)
{
    const struct live_unit *unit = unit_after(live, stream);
    while (unit != NULL && (unit->text == NULL || !shows(stream, unit))) {
        unit = unit->after;
    }
    if (unit != NULL) {
        stream->at = unit;
        stream->version = unit->version;
    }
    return unit;
}

static void put_event(struct live_stream *stream, const char *type, const char *line)
{
    buffer_printf(&stream->event, "event: %s\nid: %016" PRIx64 ".%" PRIu64 "\ndata: %s\n", type,
                  stream->live->boot, stream->version, line);
}

/* What is due: that it begins, a unit, the state, a heartbeat. */
static void put_next(const struct live *live, struct live_stream *stream)
{
    const struct live_unit *unit;
    if (!stream->begun) {
        stream->begun = true;
        put_event(stream, "reset", "{\"type\":\"reset\"}\n");
    } else if (stream->state != live->state_version && live->state != NULL) {
        stream->state = live->state_version;
        put_event(stream, "state", live->state);
    } else if ((unit = next_unit(live, stream)) != NULL) {
        put_event(stream, unit->gone ? "gone" : "unit", unit->text);
    } else {
        stream->version = live->version;
        if (stream->beat != live->beat_version && live->beat != NULL) {
            stream->beat = live->beat_version;
            put_event(stream, "heartbeat", live->beat);
        }
    }
}

bool live_next(struct live_stream *stream)
{
    struct live *live = stream->live;
    bool waits = false;
    require(pthread_mutex_lock(&live->mutex) == 0);
    buffer_clear(&stream->event);
    stream->sent = 0;
    if (!atomic_load(&live->ending) && clock_ms() < stream->ends_ms) {
        put_next(live, stream);
        waits = stream->event.size == 0;
        if (waits) {
            stream->waits = true;
            MHD_suspend_connection(stream->connection);
        }
    }
    require(pthread_mutex_unlock(&live->mutex) == 0);
    return !waits;
}
