/* SPDX-License-Identifier: Apache-2.0
 *
 * A unit's beat is for those who follow its subtree alone: not the feed's
 * sequence shows them whether all of their messages came, but the number of these.
 */
#include "services/reporting/feed/outlet.h"

#include <sys/random.h>

#include "base/clock.h"
#include "base/require.h"
#include "services/reporting/feed/feed.h"
#include "wire/wire.h"

enum { MESSAGE_ARENA_BYTES = 64 << 10, REOPEN_MS = 1000, REOPEN_POLL_MS = 10 };

void outlet_init(struct outlet *outlet, struct bus *bus, const char *endpoint, const char *domain)
{
    *outlet = (struct outlet){.bus = bus, .endpoint = endpoint, .domain = domain};
    arena_init(&outlet->arena, MESSAGE_ARENA_BYTES);
    buffer_init(&outlet->buffer, BUS_FEED_BYTES_MAX);
}

void outlet_fini(struct outlet *outlet)
{
    bus_close(outlet->socket);
    arena_fini(&outlet->arena);
    buffer_fini(&outlet->buffer);
}

bool outlet_exists(const struct outlet *outlet)
{
    return outlet->endpoint[0] != '\0';
}

enum status outlet_open(struct outlet *outlet, struct error *error)
{
    if (!outlet_exists(outlet)) {
        return STATUS_OK;
    }
    return bus_publish(outlet->bus, outlet->endpoint, outlet->domain, &outlet->socket, error);
}

enum status outlet_reopen(struct outlet *outlet, int stop_fd, struct error *error)
{
    const int64_t deadline_ms = clock_ms() + REOPEN_MS;
    bus_close(outlet->socket);
    outlet->socket = NULL;
    outlet->subscriptions = 0;
    enum status status = outlet_open(outlet, error);
    while (status == STATUS_EXISTS && clock_ms() < deadline_ms) {
        struct bus_poll_item stop = {.fd = stop_fd};
        if (bus_poll(&stop, 1, REOPEN_POLL_MS) != 0) {
            break;
        }
        status = outlet_open(outlet, error);
    }
    return status;
}

bool outlet_subscriptions(struct outlet *outlet, char ret_user[BUS_NAME_MAX + 1])
{
    struct bus_subscription subscription;
    while (outlet->socket != NULL && outlet->subscriptions <= FEED_SUBSCRIPTIONS_MAX &&
           bus_receive_subscription(outlet->socket, &subscription) == STATUS_OK) {
        if (subscription.on) {
            outlet->subscriptions++;
            memcpy(ret_user, subscription.user, sizeof subscription.user);
        } else if (outlet->subscriptions != 0) {
            outlet->subscriptions--;
        }
    }
    return outlet->subscriptions <= FEED_SUBSCRIPTIONS_MAX;
}

static Hoso__V1__FeedMessage *message_new(struct outlet *outlet, uint64_t previous)
{
    arena_reset(&outlet->arena);
    Hoso__V1__FeedMessage *message = arena_alloc(&outlet->arena, sizeof *message);
    require(message != NULL);
    hoso__v1__feed_message__init(message);
    message->header = header_message(&outlet->arena, &outlet->place, previous);
    require(message->header != NULL);
    return message;
}

/* A path of 8 ids and every measure stay far below the limits. A full queue is the subscriber's
 * business, and so is a moment without a socket. */
static void send(struct outlet *outlet, const char *topic, const Hoso__V1__FeedMessage *message)
{
    buffer_clear(&outlet->buffer);
    wire_pack(&message->base, &outlet->buffer);
    require(buffer_status(&outlet->buffer) == STATUS_OK);
    if (outlet->socket != NULL) {
        const enum status status =
            bus_publish_message(outlet->socket, topic, buffer_slice(&outlet->buffer));
        require(status != STATUS_INVALID);
    }
}

void outlet_begin(struct outlet *outlet, Hoso__V1__ResetReason reason)
{
    outlet->place.sequence = 0;
    do {
        require(getrandom(&outlet->place.feed, sizeof outlet->place.feed, 0) ==
                (ssize_t)sizeof outlet->place.feed);
    } while (outlet->place.feed == 0);
    Hoso__V1__FeedReset reset = HOSO__V1__FEED_RESET__INIT;
    reset.reason = reason;
    Hoso__V1__FeedMessage *message = message_new(outlet, 0);
    message->body_case = HOSO__V1__FEED_MESSAGE__BODY_RESET;
    message->reset = &reset;
    send(outlet, TOPIC_FEED_RESET, message);
}

/* Numbers the topic's next message; returns the number of the one before. */
static uint64_t number(struct outlet *outlet, struct totals *totals, struct totals_node *node)
{
    const uint64_t previous = node->sequence;
    const enum totals_feed feed = node->feed;
    node->sequence = ++outlet->place.sequence;
    while (node->feed == feed) {
        struct totals_node *parent = &totals->nodes[node->parent];
        node->messages++;
        if (parent == node) {
            break;
        }
        node = parent;
    }
    return previous;
}

static void send_unit(struct outlet *outlet, const struct totals_node *node,
                      const Hoso__V1__FeedMessage *message)
{
    char topic[BUS_TOPIC_MAX + 1];
    topic_format(TOPIC_TOTALS, node->path, topic);
    send(outlet, topic, message);
}

void outlet_totals(struct outlet *outlet, struct totals *totals, struct totals_node *node)
{
    Hoso__V1__FeedMessage *message = message_new(outlet, number(outlet, totals, node));
    message->body_case = HOSO__V1__FEED_MESSAGE__BODY_TOTALS;
    message->totals = totals_message(&outlet->arena, totals, node);
    require(message->totals != NULL);
    send_unit(outlet, node, message);
}

void outlet_gone(struct outlet *outlet, struct totals *totals, struct totals_node *node)
{
    Hoso__V1__FeedMessage *message = message_new(outlet, number(outlet, totals, node));
    message->body_case = HOSO__V1__FEED_MESSAGE__BODY_GONE;
    message->gone = gone_message(&outlet->arena, totals, node);
    require(message->gone != NULL);
    send_unit(outlet, node, message);
}

static void beat(struct outlet *outlet, const char *topic, uint64_t messages)
{
    Hoso__V1__FeedHeartbeat heartbeat = HOSO__V1__FEED_HEARTBEAT__INIT;
    heartbeat.messages = messages;
    Hoso__V1__FeedMessage *message = message_new(outlet, 0);
    message->body_case = HOSO__V1__FEED_MESSAGE__BODY_HEARTBEAT;
    message->heartbeat = &heartbeat;
    send(outlet, topic, message);
}

void outlet_beat(struct outlet *outlet)
{
    beat(outlet, TOPIC_FEED_BEAT, outlet->place.sequence);
}

void outlet_beat_unit(struct outlet *outlet, const struct totals_node *node)
{
    char topic[BUS_TOPIC_MAX + 1];
    topic_format(TOPIC_BEAT, node->path, topic);
    beat(outlet, topic, node->messages);
}
