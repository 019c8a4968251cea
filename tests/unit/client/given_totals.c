/* SPDX-License-Identifier: Apache-2.0
 *
 * A path is cut into its ids in place, in a copy.
 */
#include "given_totals.h"

#include <stdio.h>
#include <string.h>

#include "bus/feed.h"
#include "wire/wire.h"

enum { PATH_MAX_UNITS = 4, UNITS_MAX = 8, PATH_BYTES = 64 };

static char day[] = "2024-02-19";
static char received[] = "received";
static char in_time[] = "processing_in_time";

/* One unit's message and all that it points to. */
struct made {
    char text[PATH_BYTES];
    char *path[PATH_MAX_UNITS];
    size_t count;
    Hoso__V1__FlowTotal flow, *flows[1];
    Hoso__V1__StockTotal stock, *stocks[1];
    Hoso__V1__UnitTotals totals;
};

static void make(struct made *made, const char *path, int64_t value)
{
    *made = (struct made){.flow = HOSO__V1__FLOW_TOTAL__INIT,
                          .stock = HOSO__V1__STOCK_TOTAL__INIT,
                          .totals = HOSO__V1__UNIT_TOTALS__INIT};
    (void)snprintf(made->text, sizeof made->text, "%s", path);
    char *rest = made->text;
    while (rest != NULL) {
        made->path[made->count++] = strsep(&rest, "/");
    }
    made->flow.measure = received;
    made->flow.today = made->flow.month = made->flow.year = value;
    made->stock.measure = in_time;
    made->stock.now = value;
    made->flows[0] = &made->flow;
    made->stocks[0] = &made->stock;
    made->totals.path = made->path;
    made->totals.n_path = made->count;
    made->totals.flows = made->flows;
    made->totals.stocks = made->stocks;
    made->totals.n_flows = made->totals.n_stocks = 1;
}

static void head(Hoso__V1__FeedHeader *header, Hoso__V1__Cut *cut, uint64_t feed, uint64_t sequence)
{
    hoso__v1__feed_header__init(header);
    hoso__v1__cut__init(cut);
    cut->incarnation = 1;
    cut->position = sequence;
    header->feed = feed;
    header->sequence = sequence;
    header->cut = cut;
    header->day = day;
}

static void topic_of(const struct given_message *given, char *topic)
{
    const bool beat = given->kind == GIVEN_BEAT;
    if (given->kind == GIVEN_RESET || (beat && given->path[0] == '\0')) {
        (void)snprintf(topic, BUS_TOPIC_MAX + 1, beat ? "feed.beat." : "feed.reset.");
    } else {
        (void)snprintf(topic, BUS_TOPIC_MAX + 1, beat ? "beat.%s." : "totals.%s.", given->path);
    }
}

void given_message_pack(const struct given_message *given, char *topic, struct buffer *payload)
{
    struct made made;
    Hoso__V1__FeedHeader header;
    Hoso__V1__Cut cut;
    Hoso__V1__FeedMessage message = HOSO__V1__FEED_MESSAGE__INIT;
    Hoso__V1__UnitGone gone = HOSO__V1__UNIT_GONE__INIT;
    Hoso__V1__FeedHeartbeat heartbeat = HOSO__V1__FEED_HEARTBEAT__INIT;
    Hoso__V1__FeedReset reset = HOSO__V1__FEED_RESET__INIT;
    topic_of(given, topic);
    buffer_clear(payload);
    if (given->kind == GIVEN_GARBAGE) {
        buffer_put(payload, "\xFF\xFF", 2);
        return;
    }
    head(&header, &cut, given->feed, given->sequence);
    make(&made, given->path != NULL ? given->path : "", given->value);
    message.header = &header;
    header.previous = given->kind == GIVEN_BEAT ? 0 : given->previous;
    switch (given->kind) {
    case GIVEN_TOTALS:
        message.body_case = HOSO__V1__FEED_MESSAGE__BODY_TOTALS;
        message.totals = &made.totals;
        break;
    case GIVEN_GONE:
        gone.path = made.path;
        gone.n_path = made.count;
        message.body_case = HOSO__V1__FEED_MESSAGE__BODY_GONE;
        message.gone = &gone;
        break;
    case GIVEN_BEAT:
        heartbeat.messages = given->previous;
        message.body_case = HOSO__V1__FEED_MESSAGE__BODY_HEARTBEAT;
        message.heartbeat = &heartbeat;
        break;
    case GIVEN_RESET:
        reset.reason = HOSO__V1__RESET_REASON__RESET_REASON_CATALOGUE;
        message.body_case = HOSO__V1__FEED_MESSAGE__BODY_RESET;
        message.reset = &reset;
        break;
    default:
        break;
    }
    wire_pack(&message.base, payload);
}

void given_snapshot_pack(const struct given_snapshot *given, struct buffer *buffer)
{
    struct made made[UNITS_MAX];
    char topics[UNITS_MAX][PATH_BYTES];
    char subscriptions[4][PATH_BYTES];
    char *subscribed[4] = {subscriptions[0], subscriptions[1], subscriptions[2], subscriptions[3]};
    Hoso__V1__SnapshotUnit units[UNITS_MAX], *listed[UNITS_MAX];
    Hoso__V1__FeedHeader header;
    Hoso__V1__Cut cut;
    Hoso__V1__TotalsSnapshotReply reply = HOSO__V1__TOTALS_SNAPSHOT_REPLY__INIT;
    const bool whole = given->root[0] == '\0';
    head(&header, &cut, given->feed, given->sequence);
    (void)snprintf(subscriptions[0], PATH_BYTES, whole ? "totals." : "totals.%s.", given->root);
    (void)snprintf(subscriptions[1], PATH_BYTES, "totals.%s/", given->root);
    (void)snprintf(subscriptions[2], PATH_BYTES, "feed.reset.");
    (void)snprintf(subscriptions[3], PATH_BYTES, whole ? "feed.beat." : "beat.%s.", given->root);
    for (size_t i = 0; i < given->count; i++) {
        make(&made[i], given->units[i].path, given->units[i].value);
        (void)snprintf(topics[i], PATH_BYTES, "totals.%s.", given->units[i].path);
        hoso__v1__snapshot_unit__init(&units[i]);
        units[i].topic = topics[i];
        units[i].sequence = given->units[i].sequence;
        units[i].totals = &made[i].totals;
        listed[i] = &units[i];
    }
    reply.header = &header;
    reply.messages = given->messages;
    reply.subscriptions = subscribed;
    reply.n_subscriptions = 4;
    reply.units = listed;
    reply.n_units = given->count;
    buffer_clear(buffer);
    wire_pack(&reply.base, buffer);
}
