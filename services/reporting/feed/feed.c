/* SPDX-License-Identifier: Apache-2.0
 *
 * A tick: what did the replica change → read those units anew → add the differences up → send what
 * differs. Another day or another catalogue reads all units into new totals; first `gone` is sent
 * for the units that these do not have. Reading is a visit in the replica's thread, for which this
 * one waits; sending is done here. Only this thread changes the totals, and always under the lock:
 * snapshots are answered by others under it.
 */
#include "services/reporting/feed/feed_internal.h"

#include "base/clock.h"
#include "base/localday.h"
#include "ledger/ledger.h"
#include "log/log.h"

#define REASON(name) HOSO__V1__RESET_REASON__RESET_REASON_##name

static void read_span(const struct ledger_view *view, struct slice unit, int32_t from_day,
                      int32_t day, enum totals_span span, struct totals_values *values)
{
    const struct ledger_cell cell = {.unit = unit, .all = true};
    struct figures figures = {0};
    ledger_read(view, &cell, from_day, day + 1, &figures);
    for (unsigned i = 0; i < MEASURE_COUNT; i++) {
        const bool stock = measure_is_stock((enum measure)i);
        if (!stock || span == TOTALS_TODAY) {
            values->at[i][span] =
                figures_value(&figures, (enum measure)i, stock ? SIDE_CLOSE : SIDE_FLOW, SLOTS_ALL);
        }
    }
}

static void read_unit(void *context, struct slice unit, int32_t day,
                      struct totals_values *ret_values)
{
    const struct date date = localday_date(day);
    const int32_t month = localday_of_date((struct date){date.year, date.month, 1});
    const int32_t year = localday_of_date((struct date){date.year, 1, 1});
    *ret_values = (struct totals_values){0};
    read_span(context, unit, day, day, TOTALS_TODAY, ret_values);
    read_span(context, unit, month, day, TOTALS_MONTH, ret_values);
    read_span(context, unit, year, day, TOTALS_YEAR, ret_values);
}

static int32_t today(const struct feed *feed)
{
    return localday_of_ms(feed->options.now_ms(feed->options.clock));
}

static void set_places(struct feed *feed, struct cut cut, int32_t day)
{
    for (unsigned i = 0; i < TOTALS_FEEDS; i++) {
        feed->outlets[i].place.cut = cut;
        feed->outlets[i].place.day = day;
    }
}

/* Some of what belongs together was sent, and not all of it. */
static bool is_sending(const struct feed *feed)
{
    return feed->work == FEED_SENDING || feed->work == FEED_LEAVING;
}

/* Heartbeats of what changed: now everything of this cut is there. */
static void end_round(struct feed *feed)
{
    const struct totals *totals = feed->totals;
    for (uint32_t i = 0; i < feed->round_count; i++) {
        const struct totals_node *node = &totals->nodes[totals->dirty[i]];
        outlet_beat_unit(&feed->outlets[node->feed], node);
    }
    for (unsigned i = 0; i < TOTALS_FEEDS; i++) {
        outlet_beat(&feed->outlets[i]);
    }
    feed->round_count = 0;
}

/* As much of what changed as subscribers have room for; the rest with the next ticks. */
static void send_round(struct feed *feed)
{
    struct totals *totals = feed->totals;
    for (; feed->room != 0 && totals->dirty_count != 0; feed->room--) {
        struct totals_node *node = totals_take_dirty(totals);
        outlet_totals(&feed->outlets[node->feed], totals, node);
        feed->counts.messages++;
    }
    if (totals->dirty_count == 0) {
        end_round(feed);
        /* What was applied in the meantime has waited. */
        feed->work = is_sending(feed) ? FEED_CHANGED : FEED_QUIET;
    } else {
        feed->work = FEED_SENDING;
    }
}

/* What differs is sent, in a round. */
static void begin_round(struct feed *feed)
{
    feed->round_count = feed->totals->dirty_count;
    send_round(feed);
}

static void begin_anew(struct feed *feed)
{
    for (unsigned i = 0; i < TOTALS_FEEDS; i++) {
        outlet_begin(&feed->outlets[i], feed->reason);
    }
    feed->counts.resets++;
    feed->recheck = feed->reason != REASON(STARTED);
    /* What was applied in the meantime has waited. */
    feed->work = is_sending(feed) ? FEED_CHANGED : FEED_QUIET;
    log_event(
        LOG_INFO, "feed.begun", "a new totals feed begins", "reason",
        protobuf_c_enum_descriptor_get_value(&hoso__v1__reset_reason__descriptor, (int)feed->reason)
            ->name,
        NULL);
}

/* All that left are sent: the next totals take the place of today's. */
static void take_over(struct feed *feed)
{
    struct totals *before = feed->totals;
    feed->totals = feed->next;
    feed->next = NULL;
    feed->beat_ms = clock_ms();
    if (feed->reason == REASON(UNSPECIFIED)) {
        totals_adopt(feed->totals, before);
        begin_round(feed);
    } else {
        begin_anew(feed);
    }
    totals_free(before);
}

/* As many `gone` as subscribers have room for, children first: the units of today's totals that the
 * next ones do not have any more. */
static void send_leaving(struct feed *feed)
{
    while (feed->room != 0 && feed->leaving != 0) {
        struct totals_node *node = &feed->totals->nodes[--feed->leaving];
        if (totals_same(feed->next, node) == NULL) {
            outlet_gone(&feed->outlets[node->feed], feed->totals, node);
            feed->counts.messages++;
            feed->room--;
        }
    }
    if (feed->leaving == 0) {
        take_over(feed);
    } else {
        feed->work = FEED_LEAVING;
    }
}

static void warn_of_unknown(const struct feed *feed, const struct catalogue *catalogue)
{
    for (unsigned i = 0; i < feed->restricted.count; i++) {
        if (!catalogue_has_unit(catalogue, slice_text(feed->restricted.units[i]))) {
            log_event(LOG_WARNING, "feed.unknown_unit",
                      "totals_restricted names a unit that is not in the catalogue", "unit",
                      feed->restricted.units[i], NULL);
        }
    }
}

/* What a visit of the replica brought. */
enum look_kind {
    LOOK_NOTHING, /* there is nothing to say yet */
    LOOK_UNITS,   /* some units were read anew */
    LOOK_DAY,     /* another day: `next` */
    LOOK_ANEW     /* a new feed begins: `next` */
};

struct look {
    struct feed *feed;
    bool renew; /* wanted whatever changed */
    enum look_kind kind;
    struct cut cut;
    struct totals *next;
    Hoso__V1__ResetReason reason;
    enum status status;
};

/* Another day, or a new feed: everything may differ, and units may have come and gone. */
static void replace_totals(struct feed *feed, const struct look *look)
{
    const bool lists_gone = look->kind == LOOK_DAY || look->reason == REASON(CATALOGUE);
    set_places(feed, look->cut, look->next->day);
    feed->next = look->next;
    feed->reason = look->kind == LOOK_DAY ? REASON(UNSPECIFIED) : look->reason;
    feed->leaving = lists_gone ? feed->totals->count : 0;
    send_leaving(feed);
}

static void read_all(struct look *look, struct replica_view *view,
                     const struct totals_source *source)
{
    struct feed *feed = look->feed;
    look->status = totals_at(today(feed), view->catalogue, &feed->restricted, source, &look->next);
    look->status = status_first(look->status, view->txn.status);
    if (look->status != STATUS_OK) {
        totals_free(look->next);
        look->next = NULL;
    } else if (look->kind == LOOK_ANEW) {
        warn_of_unknown(feed, view->catalogue);
    }
}

static void read_changed(struct look *look, struct replica_view *view,
                         const struct totals_source *source, const struct changed_units *changed)
{
    struct feed *feed = look->feed;
    feed_lock(feed);
    const uint32_t count = changed->all ? feed->totals->count : changed->count;
    for (uint32_t i = 0; i < count; i++) {
        const char *unit = changed->all ? feed->totals->nodes[i].unit : changed->units[i];
        totals_update(feed->totals, source, slice_text(unit));
    }
    look->status = view->txn.status;
    if (look->status == STATUS_OK) {
        set_places(feed, view->cut, feed->totals->day);
    }
    feed_unlock(feed);
}

/* The replica dropped what we have sent: it will come again. */
static bool is_behind(const struct feed *feed, struct cut cut)
{
    return cut.position < feed->outlets[TOTALS_PUBLIC].place.cut.position;
}

static enum look_kind kind_of(const struct look *look, const struct changed_units *changed)
{
    const struct feed *feed = look->feed;
    return feed->totals == NULL || look->renew || changed->catalogue || changed->snapshot
               ? LOOK_ANEW
           : today(feed) != feed->totals->day ? LOOK_DAY
                                              : LOOK_UNITS;
}

/* A replica_reader, in the replica's thread: it reads, and sends nothing. Without a catalogue
 * there is nothing to say yet. */
static bool look_at(void *context, struct replica_view *view, const struct changed_units *changed)
{
    struct look *look = context;
    struct feed *feed = look->feed;
    struct ledger_view now = ledger_now(&view->txn, REPLICA_LEDGER);
    const struct totals_source source = {&now, read_unit};
    if (view->catalogue == NULL) {
        return true;
    }
    if (feed->totals != NULL && !changed->snapshot && is_behind(feed, view->cut)) {
        return false;
    }
    look->kind = kind_of(look, changed);
    look->cut = view->cut;
    look->reason = feed->totals == NULL ? REASON(STARTED)
                   : changed->snapshot  ? REASON(SNAPSHOT)
                   : changed->catalogue ? REASON(CATALOGUE)
                                        : REASON(STARTED);
    if (look->kind == LOOK_UNITS) {
        read_changed(look, view, &source, changed);
    } else {
        read_all(look, view, &source);
    }
    return look->status == STATUS_OK;
}

static void publish(struct feed *feed, const struct look *look)
{
    feed_lock(feed);
    feed->room = FEED_ROUND_MESSAGES;
    if (look->next != NULL) {
        replace_totals(feed, look);
    } else {
        begin_round(feed);
    }
    feed_unlock(feed);
}

/* Sends the next part of what does not go out at once. */
static void send_more(struct feed *feed)
{
    feed_lock(feed);
    feed->room = FEED_ROUND_MESSAGES;
    if (feed->work == FEED_LEAVING) {
        send_leaving(feed);
    } else {
        send_round(feed);
    }
    feed_unlock(feed);
}

/* Without a complete copy there is nothing to say yet. */
static void look(struct feed *feed)
{
    struct look look = {.feed = feed, .renew = feed->work == FEED_RENEW};
    const enum status status = replica_visit(feed->options.replica, look_at, &look);
    if (status != STATUS_OK || look.kind == LOOK_NOTHING) {
        feed->work = look.renew ? FEED_RENEW : FEED_QUIET;
        return;
    }
    if (look.status == STATUS_OK) {
        feed->work = FEED_QUIET;
        (void)reminder_end(&feed->failed);
        publish(feed, &look);
        return;
    }
    feed->work = FEED_RENEW;
    if (reminder_due(&feed->failed, clock_ms())) {
        log_event(LOG_ERROR, "feed.failed", "the totals cannot be read; trying again", "status",
                  status_text(look.status), NULL);
    }
}

static void tick(struct feed *feed)
{
    feed->ticked_ms = clock_ms();
    if (is_sending(feed)) {
        send_more(feed);
    } else {
        look(feed);
    }
}

static void reopen(struct feed *feed, struct outlet *outlet, const char *why, const char *user)
{
    struct error error = {.text = ""};
    if (!outlet_exists(outlet)) {
        return;
    }
    log_event(LOG_INFO, "feed.reopened", "subscribers connect anew", "endpoint", outlet->endpoint,
              "why", why, user[0] != '\0' ? "user" : NULL, user, NULL);
    if (outlet_reopen(outlet, feed->options.service->stop_fd, &error) == STATUS_OK) {
        (void)reminder_end(&feed->closed);
    } else if (reminder_due(&feed->closed, clock_ms())) {
        log_event(LOG_ERROR, "feed.closed", "the endpoint cannot be opened; it is tried again",
                  "why", error.text, NULL);
    }
}

/* The library does not end the session of a key that lost its right, so all are ended. */
static void recheck(struct feed *feed)
{
    const uint64_t revocations = registry_revocations(feed->options.service->registry);
    const bool due = feed->recheck || revocations != feed->revocations;
    feed->revocations = revocations;
    feed->recheck = false;
    for (unsigned i = 0; i < TOTALS_FEEDS; i++) {
        if (due || feed->outlets[i].socket == NULL) {
            reopen(feed, &feed->outlets[i], "rights changed", "");
        }
    }
}

static void take_subscriptions(struct feed *feed)
{
    uint64_t subscriptions = 0;
    for (unsigned i = 0; i < TOTALS_FEEDS; i++) {
        char user[BUS_NAME_MAX + 1] = "";
        if (!outlet_subscriptions(&feed->outlets[i], user)) {
            reopen(feed, &feed->outlets[i], "too many subscriptions", user);
        }
        subscriptions += feed->outlets[i].subscriptions;
    }
    feed_lock(feed);
    feed->counts.subscriptions = subscriptions;
    feed_unlock(feed);
}

static void beat(struct feed *feed)
{
    recheck(feed);
    feed->beat_ms += FEED_BEAT_MS;
    if (feed->beat_ms <= clock_ms()) {
        feed->beat_ms = clock_ms() + FEED_BEAT_MS;
    }
    if (feed->totals == NULL || is_sending(feed)) {
        return; /* a heartbeat would say that all of the cut is there */
    }
    for (uint32_t i = 0; i < feed->totals->count; i++) {
        const struct totals_node *node = &feed->totals->nodes[i];
        outlet_beat_unit(&feed->outlets[node->feed], node);
    }
    for (unsigned i = 0; i < TOTALS_FEEDS; i++) {
        outlet_beat(&feed->outlets[i]);
    }
}

/* When the next tick is due, INT64_MAX = nothing to do before midnight. */
static int64_t tick_due_ms(const struct feed *feed)
{
    if (feed->work == FEED_RENEW) {
        return feed->ticked_ms + FEED_BEAT_MS;
    }
    if (feed->work != FEED_QUIET || (feed->totals != NULL && today(feed) != feed->totals->day)) {
        return feed->ticked_ms + feed->interval_ms;
    }
    return INT64_MAX;
}

static int timeout(const struct feed *feed)
{
    const int64_t now_ms = clock_ms();
    const int64_t tick_ms = tick_due_ms(feed);
    int64_t next_ms = tick_ms < feed->beat_ms ? tick_ms : feed->beat_ms;
    if (feed->totals != NULL && tick_ms == INT64_MAX) {
        const int64_t midnight_ms = now_ms + localday_start_ms(feed->totals->day + 1) -
                                    feed->options.now_ms(feed->options.clock);
        next_ms = midnight_ms < next_ms ? midnight_ms : next_ms;
    }
    return next_ms > now_ms ? (int)(next_ms - now_ms) : 0;
}

void *feed_run(void *context)
{
    struct feed *feed = context;
    struct service *service = feed->options.service;
    while (!service_stopping(service) && !atomic_load(&feed->stopping)) {
        struct bus_poll_item items[2 + TOTALS_FEEDS] = {{.fd = feed->options.applied->fd},
                                                        {.fd = service->stop_fd}};
        unsigned count = 2;
        for (unsigned i = 0; i < TOTALS_FEEDS; i++) {
            if (feed->outlets[i].socket != NULL) {
                items[count++].socket = feed->outlets[i].socket;
            }
        }
        (void)bus_poll(items, count, timeout(feed));
        if (items[0].readable) {
            bus_wake_drain(feed->options.applied);
            feed->work = feed->work == FEED_QUIET ? FEED_CHANGED : feed->work;
        }
        take_subscriptions(feed);
        if (clock_ms() >= tick_due_ms(feed)) {
            tick(feed);
        }
        if (clock_ms() >= feed->beat_ms) {
            beat(feed);
        }
    }
    return NULL;
}
