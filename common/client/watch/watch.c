/* SPDX-License-Identifier: Apache-2.0
 *
 * A watch's life, and its turn: take in what is there, ask for what is wanted, say what is new,
 * wait. Nothing blocks but the poll in hoso_watch_next.
 */
#include "client/watch/watch_internal.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"

enum { MESSAGES_IN_A_ROW = 256 /* then the question gets its turn */ };

static struct bus_socket *asking_socket(const struct hoso_watch *watch)
{
    return watch->asking != NULL ? exchange_socket(watch->asking) : NULL;
}

static enum peer peer_of(const struct hoso_watch *watch)
{
    return watch->restricted ? PEER_TOTALS_RESTRICTED : PEER_TOTALS;
}

const char *watch_endpoint(const struct hoso_watch *watch)
{
    return watch->client->settings.endpoint[peer_of(watch)];
}

enum hoso_status hoso_watch_open(struct hoso_client *client,
                                 const struct hoso_watch_options *options,
                                 struct hoso_watch **ret_watch, struct hoso_error *error)
{
    struct hoso_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        return client_fail(error, HOSO_TOO_LARGE, NULL, "out of memory");
    }
    *watch = (struct hoso_watch){
        .client = client,
        .follower = follower_new(options->unit),
        .restricted = options->restricted != 0,
        .queue = options->high_water_mark != 0 ? options->high_water_mark : WATCH_QUEUE,
        .stale_ms = options->stale_ms != 0 ? options->stale_ms : WATCH_STALE_MS,
        .opened_ms = clock_ms(),
        .trouble_ms = clock_ms(),
        .epoll_fd = -1,
        .timer_fd = -1,
    };
    enum hoso_status status = client_check_named(client, PEER_REPORTING, error);
    if (status == HOSO_OK) {
        status = client_check_named(client, peer_of(watch), error);
    }
    if (watch->follower == NULL) {
        status = client_fail(error, HOSO_TOO_LARGE, NULL, "out of memory");
    }
    if (status != HOSO_OK) {
        hoso_watch_close(watch);
        return status;
    }
    *ret_watch = watch;
    return HOSO_OK;
}

void hoso_watch_close(struct hoso_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    watch_stop_asking(watch);
    watch_remove_fd(watch, watch->feed);
    bus_close(watch->feed);
    follower_free(watch->follower);
    free(watch->shown.items);
    free(watch->changed.items);
    if (watch->epoll_fd >= 0) {
        (void)close(watch->epoll_fd);
        (void)close(watch->timer_fd);
    }
    free(watch);
}

enum hoso_watch_state watch_state(const struct hoso_watch *watch, int64_t now_ms)
{
    const struct follower *follower = watch->follower;
    const bool fresh = watch->heard_ms != 0 && now_ms - watch->heard_ms < watch->stale_ms;
    if (follower->want == FOLLOWER_WANTS_MESSAGES) {
        return fresh ? HOSO_WATCH_LIVE : HOSO_WATCH_STALE;
    }
    if (follower->snapshots != 0) {
        return fresh ? HOSO_WATCH_SYNCHRONISING : HOSO_WATCH_STALE;
    }
    return watch->heard_ms != 0 ? HOSO_WATCH_SYNCHRONISING : HOSO_WATCH_CONNECTING;
}

static void note_heartbeat(struct hoso_watch *watch)
{
    watch->heard_ms = clock_ms();
    watch->heartbeats++;
}

/* Up to the next heartbeat that confirms the table; true = there may be more. */
static bool take_messages(struct hoso_watch *watch)
{
    for (unsigned i = 0; watch->feed != NULL && i < MESSAGES_IN_A_ROW; i++) {
        char topic[BUS_TOPIC_MAX + 1];
        struct bus_message message;
        if (bus_receive_topic(watch->feed, topic, &message) != STATUS_OK) {
            return false;
        }
        watch->messages++;
        const enum follower_event event = follower_message(watch->follower, topic, message.payload);
        bus_message_fini(&message);
        if (event == FOLLOWER_BEGINS_ANEW) {
            watch_pause(watch, clock_ms());
        }
        if (event == FOLLOWER_HEARD || event == FOLLOWER_CONFIRMED ||
            (event == FOLLOWER_BEGINS_ANEW && watch->follower->want == FOLLOWER_WANTS_SNAPSHOT)) {
            note_heartbeat(watch);
        }
        if (event == FOLLOWER_CONFIRMED) {
            watch->what |= HOSO_WATCH_HEARTBEAT;
            return true;
        }
    }
    return watch->feed != NULL;
}

/* What is waited for: a heartbeat of the feed, or an answer. */
static const struct bus_socket *awaited(const struct hoso_watch *watch)
{
    return watch->follower->want == FOLLOWER_WANTS_HEARTBEAT ? watch->feed : asking_socket(watch);
}

/* How long there may be no table in step: as long as a call may take. Where nothing listens from
 * the first, it is as short as a call's. */
static int64_t patience_ms(const struct hoso_watch *watch)
{
    const struct client_settings *settings = &watch->client->settings;
    const int64_t timeout_ms = settings->timeout_ms;
    const struct bus_socket *socket = awaited(watch);
    if (watch->follower->snapshots == 0 && settings->refused_ms != 0 &&
        settings->refused_ms < timeout_ms && socket != NULL && bus_is_refused(socket)) {
        return settings->refused_ms;
    }
    return watch->follower->want == FOLLOWER_WANTS_HEARTBEAT && timeout_ms < WATCH_HEARTBEAT_MS
               ? WATCH_HEARTBEAT_MS
               : timeout_ms;
}

/* That time is over: why? */
static enum hoso_status report_trouble(struct hoso_watch *watch, int64_t now_ms,
                                       struct hoso_error *error)
{
    if (watch->follower->want == FOLLOWER_WANTS_MESSAGES) {
        watch->trouble_ms = now_ms;
        watch->trouble.status = HOSO_OK;
    }
    if (now_ms < watch->trouble_ms + patience_ms(watch)) {
        return HOSO_OK;
    }
    watch->trouble_ms = now_ms;
    if (watch->follower->want == FOLLOWER_WANTS_HEARTBEAT && watch->feed != NULL &&
        bus_fault(watch->feed) != BUS_FAULT_NONE) {
        return client_no_answer(watch->client, peer_of(watch), watch->feed, error);
    }
    if (watch->follower->want == FOLLOWER_WANTS_HEARTBEAT) {
        return client_fail(error, HOSO_UNAVAILABLE, NULL,
                           "the feed at %s was silent for %d ms: check that this is reporting's "
                           "totals_listen, and that our key is in its registry",
                           watch_endpoint(watch), (int)patience_ms(watch));
    }
    if (watch->trouble.status != HOSO_OK) {
        *error = watch->trouble;
        watch->trouble.status = HOSO_OK;
        return error->status;
    }
    return client_no_answer(watch->client, PEER_REPORTING, asking_socket(watch), error);
}

static void note_news(struct hoso_watch *watch, int64_t now_ms)
{
    const struct totals_table *table = &watch->follower->table;
    const enum hoso_watch_state state = watch_state(watch, now_ms);
    if (state != watch->reported || watch->follower->resyncs != watch->reported_resyncs) {
        watch->reported = state;
        watch->reported_resyncs = watch->follower->resyncs;
        watch->what |= HOSO_WATCH_STATE;
    }
    if (table->changed.count != 0 || table->gone.count != 0) {
        watch->what |= HOSO_WATCH_CHANGED;
    }
}

/* When there is something to do without anything having arrived. */
static int64_t due_ms(const struct hoso_watch *watch, int64_t now_ms)
{
    int64_t due = watch_ask_due_ms(watch);
    const int64_t trouble_ms = watch->trouble_ms + patience_ms(watch);
    const int64_t stale_ms = watch->heard_ms + watch->stale_ms;
    if (watch->follower->want != FOLLOWER_WANTS_MESSAGES && trouble_ms < due) {
        due = trouble_ms;
    }
    due = watch->heard_ms != 0 && stale_ms > now_ms && stale_ms < due ? stale_ms : due;
    const struct bus_socket *const sockets[] = {watch->feed, asking_socket(watch)};
    for (unsigned i = 0; i < 2; i++) {
        const int64_t socket_ms = sockets[i] != NULL ? bus_due_ms(sockets[i]) : INT64_MAX;
        due = socket_ms < due ? socket_ms : due;
    }
    return due;
}

/* False = a signal came. */
static bool wait_for(struct hoso_watch *watch, int64_t now_ms, int64_t deadline_ms)
{
    struct bus_poll_item items[2] = {{.socket = NULL}};
    unsigned count = 0;
    int64_t until_ms = due_ms(watch, now_ms);
    until_ms = until_ms < deadline_ms ? until_ms : deadline_ms;
    struct bus_socket *const sockets[] = {watch->feed, asking_socket(watch)};
    for (unsigned i = 0; i < 2; i++) {
        if (sockets[i] != NULL) {
            items[count++].socket = sockets[i];
        }
    }
    const int64_t left_ms = until_ms - now_ms;
    const int timeout_ms = left_ms < 0 ? 0 : left_ms > INT32_MAX ? -1 : (int)left_ms;
    return bus_poll(items, count, timeout_ms) != 0 || clock_ms() + 1 >= until_ms;
}

/* One turn; true in `ret_more` = go on without waiting. A question that was just asked needs one
 * look for its answer before the socket's file descriptor shows it. */
static enum hoso_status turn(struct hoso_watch *watch, int64_t now_ms, bool *ret_more,
                             struct hoso_error *error)
{
    const struct exchange *asking = watch->asking;
    const enum hoso_status status = watch_ask(watch, now_ms, error);
    if (status != HOSO_OK || watch->what != 0) {
        return status;
    }
    const bool more = take_messages(watch);
    if (watch->follower->table.status != STATUS_OK) {
        return client_fail(error, HOSO_TOO_LARGE, NULL,
                           "more units or measures than fit: follow smaller subtrees");
    }
    *ret_more = more || watch->asking != asking;
    return *ret_more ? HOSO_OK : report_trouble(watch, now_ms, error);
}

static enum hoso_status gather(struct hoso_watch *watch, int timeout_ms, struct hoso_error *error)
{
    const int64_t deadline_ms = timeout_ms < 0 ? INT64_MAX : clock_ms() + timeout_ms;
    for (;;) {
        const int64_t now_ms = clock_ms();
        bool more = false;
        const enum hoso_status status = turn(watch, now_ms, &more, error);
        if (status != HOSO_OK) {
            return status;
        }
        if (!more || watch->what != 0) {
            note_news(watch, clock_ms());
            if (watch->what != 0 || now_ms >= deadline_ms) {
                return HOSO_OK;
            }
            if (!wait_for(watch, now_ms, deadline_ms)) {
                return HOSO_OK;
            }
        }
    }
}

/* The caller's array: those of the entries that are shown. */
static bool fill(struct totals_list *list, const struct totals_list *entries)
{
    list->count = 0;
    for (size_t i = 0; i < entries->count; i++) {
        const struct totals_entry *entry = entries->items[i];
        if (entry->unit != NULL && !totals_list_append(list, entry->unit)) {
            return false;
        }
    }
    return true;
}

static void set_timer(const struct hoso_watch *watch)
{
    const int64_t due = watch->timer_fd >= 0 ? due_ms(watch, clock_ms()) : INT64_MAX;
    struct itimerspec spec = {.it_value = {0, 0}};
    if (watch->timer_fd < 0) {
        return;
    }
    if (due != INT64_MAX) {
        spec.it_value.tv_sec = (time_t)(due / 1000);
        spec.it_value.tv_nsec = (long)(due % 1000) * 1000000 + 1;
    }
    (void)timerfd_settime(watch->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

enum hoso_status hoso_watch_next(struct hoso_watch *watch, int timeout_ms,
                                 struct hoso_watch_news *ret_news, struct hoso_error *error)
{
    struct totals_table *table = &watch->follower->table;
    struct hoso_error inner = {.status = HOSO_OK};
    totals_table_clear(table);
    watch->what = 0;
    enum hoso_status status = gather(watch, timeout_ms, &inner);
    if (status == HOSO_OK && !fill(&watch->changed, &table->changed)) {
        status = client_fail(&inner, HOSO_TOO_LARGE, NULL, "out of memory");
    }
    set_timer(watch);
    if (status != HOSO_OK) {
        if (error != NULL) {
            *error = inner;
        }
        return status;
    }
    *ret_news = (struct hoso_watch_news){
        .what = watch->what,
        .changed_count = watch->changed.count,
        .gone_count = table->gone.count,
        .changed = (const struct hoso_unit_totals *const *)watch->changed.items,
        .gone = (const struct hoso_unit_totals *const *)table->gone.items,
    };
    return HOSO_OK;
}

void watch_add_fd(struct hoso_watch *watch, struct bus_socket *socket)
{
    if (watch->epoll_fd >= 0 && socket != NULL) {
        struct epoll_event event = {.events = EPOLLIN};
        (void)epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, bus_fd(socket), &event);
    }
}

void watch_remove_fd(struct hoso_watch *watch, struct bus_socket *socket)
{
    if (watch->epoll_fd >= 0 && socket != NULL) {
        (void)epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, bus_fd(socket), NULL);
    }
}

int hoso_watch_fd(struct hoso_watch *watch)
{
    struct epoll_event event = {.events = EPOLLIN};
    if (watch->epoll_fd >= 0) {
        return watch->epoll_fd;
    }
    const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    const int timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (epoll_fd < 0 || timer_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer_fd, &event) != 0) {
        (void)close(epoll_fd);
        (void)close(timer_fd);
        return -1;
    }
    watch->epoll_fd = epoll_fd;
    watch->timer_fd = timer_fd;
    watch_add_fd(watch, watch->feed);
    watch_add_fd(watch, asking_socket(watch));
    set_timer(watch);
    return epoll_fd;
}
