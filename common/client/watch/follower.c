/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps have the numbers of docs/feed.md, "The client's algorithm".
 */
#include "client/watch/follower.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/wire.h"

enum { ARENA_BYTES = 4 << 20 };

struct follower *follower_new(const char *root)
{
    struct follower *follower = calloc(1, sizeof *follower);
    if (follower == NULL) {
        return NULL;
    }
    totals_table_init(&follower->table);
    buffer_init(&follower->buffer, FOLLOWER_BUFFER_BYTES);
    arena_init(&follower->arena, ARENA_BYTES);
    follower->root = strdup(root != NULL ? root : "");
    if (follower->root == NULL) {
        follower_free(follower);
        return NULL;
    }
    return follower;
}

void follower_free(struct follower *follower)
{
    if (follower != NULL) {
        totals_table_fini(&follower->table);
        buffer_fini(&follower->buffer);
        arena_fini(&follower->arena);
        free(follower->root);
        free(follower);
    }
}

unsigned follower_pause_ms(const struct follower *follower, uint32_t random)
{
    return follower->resyncs > 1 ? 1 + random % FOLLOWER_PAUSE_MAX_MS : 0;
}

/* Step 5, or back to step 1 if the root is another one. */
__attribute__((format(printf, 4, 5))) static enum follower_event
begin_anew(struct follower *follower, enum follower_want want, enum follower_reason reason,
           const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(follower->why, sizeof follower->why, format, arguments);
    va_end(arguments);
    follower->want = want;
    follower->reason = reason;
    follower->resyncs++;
    totals_table_drop_waiting(&follower->table);
    buffer_clear(&follower->buffer);
    return FOLLOWER_BEGINS_ANEW;
}

static void set_place(struct follower *follower, const Hoso__V1__FeedHeader *header)
{
    follower->cut = (struct hoso_cut){header->cut->incarnation, header->cut->position};
    (void)snprintf(follower->day, sizeof follower->day, "%s", header->day);
}

static bool is_header(const Hoso__V1__FeedHeader *header)
{
    return header != NULL && header->cut != NULL &&
           strlen(header->day) < sizeof((struct follower *)NULL)->day;
}

/* Snapshots */

static bool is_path(size_t count)
{
    return count != 0 && count <= TOTALS_PATH_MAX;
}

static bool is_snapshot(const Hoso__V1__TotalsSnapshotReply *reply)
{
    if (!is_header(reply->header) || reply->n_subscriptions == 0 ||
        reply->n_subscriptions > FOLLOWER_SUBSCRIPTIONS_MAX) {
        return false;
    }
    for (size_t i = 0; i < reply->n_subscriptions; i++) {
        if (strlen(reply->subscriptions[i]) > BUS_TOPIC_MAX) {
            return false;
        }
    }
    for (size_t i = 0; i < reply->n_units; i++) {
        const Hoso__V1__SnapshotUnit *unit = reply->units[i];
        if (unit->totals == NULL || !is_path(unit->totals->n_path) ||
            strlen(unit->topic) > BUS_TOPIC_MAX) {
            return false;
        }
    }
    return true;
}

static void copy_subscriptions(struct follower *follower,
                               const Hoso__V1__TotalsSnapshotReply *reply)
{
    follower->subscription_count = (unsigned)reply->n_subscriptions;
    for (size_t i = 0; i < reply->n_subscriptions; i++) {
        (void)snprintf(follower->subscriptions[i], sizeof follower->subscriptions[i], "%s",
                       reply->subscriptions[i]);
    }
}

static bool has_subscriptions(const struct follower *follower,
                              const Hoso__V1__TotalsSnapshotReply *reply)
{
    bool same = follower->subscription_count == reply->n_subscriptions;
    for (size_t i = 0; same && i < reply->n_subscriptions; i++) {
        same = strcmp(follower->subscriptions[i], reply->subscriptions[i]) == 0;
    }
    return same;
}

/* Step 1. */
enum status follower_subscribe(struct follower *follower,
                               const Hoso__V1__TotalsSnapshotReply *reply)
{
    if (!is_snapshot(reply)) {
        return STATUS_INVALID;
    }
    copy_subscriptions(follower, reply);
    buffer_clear(&follower->buffer);
    follower->want = FOLLOWER_WANTS_HEARTBEAT;
    return STATUS_OK;
}

/* Step 2; a full buffer begins anew, since its end is what the snapshot lacks. */
static void keep(struct follower *follower, const char *topic, struct slice payload)
{
    struct buffer *buffer = &follower->buffer;
    for (unsigned tries = 0; tries < 2; tries++) {
        buffer_text(buffer, slice_text(topic));
        buffer_text(buffer, payload);
        if (buffer_status(buffer) == STATUS_OK) {
            return;
        }
        buffer_clear(buffer);
    }
}

static const Hoso__V1__FeedMessage *unpack(struct follower *follower, struct slice payload)
{
    ProtobufCMessage *message = NULL;
    arena_reset(&follower->arena);
    if (wire_unpack(&hoso__v1__feed_message__descriptor, payload, &follower->arena, &message,
                    NULL) != STATUS_OK) {
        return NULL;
    }
    const Hoso__V1__FeedMessage *found = (const Hoso__V1__FeedMessage *)message;
    return is_header(found->header) ? found : NULL;
}

/* Step 4 for what was buffered: without what comes before the first message of this feed. */
static void replay(struct follower *follower, struct slice buffered)
{
    struct reader reader = reader_of(buffered);
    bool begun = false;
    while (reader_left(&reader) != 0) {
        char topic[BUS_TOPIC_MAX + 1];
        const struct slice name = reader_text(&reader);
        const struct slice payload = reader_text(&reader);
        if (!begun) {
            const Hoso__V1__FeedMessage *message = unpack(follower, payload);
            begun = message != NULL && message->header->feed == follower->feed;
        }
        if (begun) {
            (void)snprintf(topic, sizeof topic, "%.*s", SLICE_ARG(name));
            (void)follower_message(follower, topic, payload);
        }
    }
}

/* Step 3. */
enum status follower_snapshot(struct follower *follower, const Hoso__V1__TotalsSnapshotReply *reply)
{
    struct totals_table *table = &follower->table;
    if (!is_snapshot(reply)) {
        return STATUS_INVALID;
    }
    if (follower->subscription_count == 0) {
        copy_subscriptions(follower, reply);
    } else if (!has_subscriptions(follower, reply)) {
        (void)begin_anew(follower, FOLLOWER_WANTS_SUBSCRIPTIONS, FOLLOWER_ROOT,
                         "the unit moved to another place in the tree");
        return STATUS_OK;
    }
    follower->feed = reply->header->feed;
    follower->sequence = reply->header->sequence;
    follower->base = reply->messages;
    follower->count = 0;
    set_place(follower, reply->header);
    totals_table_begin(table);
    for (size_t i = 0; i < reply->n_units; i++) {
        totals_table_put(table, reply->units[i]->topic, reply->units[i]->sequence,
                         reply->units[i]->totals);
    }
    totals_table_end(table);
    if (table->status != STATUS_OK) {
        return table->status;
    }
    follower->want = FOLLOWER_WANTS_MESSAGES;
    follower->snapshots++;
    struct buffer buffered = follower->buffer;
    buffer_init(&follower->buffer, FOLLOWER_BUFFER_BYTES);
    replay(follower, buffer_slice(&buffered));
    buffer_fini(&buffered);
    return table->status;
}

/* Messages */

static bool is_ours(const struct follower *follower, char *const *path, size_t count)
{
    bool ours = follower->root[0] == '\0';
    for (size_t i = 0; i < count && !ours; i++) {
        ours = strcmp(path[i], follower->root) == 0;
    }
    return ours;
}

/* Step 4, totals and gone; `totals` is NULL for gone. */
static enum follower_event take_unit(struct follower *follower, const char *topic,
                                     const Hoso__V1__FeedHeader *header, const char *unit,
                                     const Hoso__V1__UnitTotals *totals)
{
    const struct totals_entry *entry = totals_table_find(&follower->table, topic);
    const uint64_t last = entry != NULL ? entry->sequence : 0;
    const uint64_t expected = entry != NULL && !entry->gone ? last : 0;
    if (header->sequence <= follower->sequence || header->sequence <= last) {
        return FOLLOWER_NOTHING;
    }
    if (header->previous != expected) {
        return begin_anew(follower, FOLLOWER_WANTS_HEARTBEAT, FOLLOWER_CHAIN,
                          "%s: after %" PRIu64 " comes %" PRIu64 ", which follows %" PRIu64, topic,
                          expected, header->sequence, header->previous);
    }
    follower->count++;
    totals_table_put(&follower->table, topic, header->sequence, totals);
    if (totals == NULL && strcmp(unit, follower->root) == 0) {
        return begin_anew(follower, FOLLOWER_WANTS_SUBSCRIPTIONS, FOLLOWER_ROOT,
                          "the unit left its place in the tree");
    }
    return FOLLOWER_NOTHING;
}

/* Step 4, heartbeat. One that reveals a loss also shows that the subscriptions are in force. */
static enum follower_event take_heartbeat(struct follower *follower, const char *topic,
                                          const Hoso__V1__FeedHeader *header, uint64_t messages)
{
    if (strcmp(topic, follower->subscriptions[follower->subscription_count - 1]) != 0 ||
        header->sequence < follower->sequence) {
        return FOLLOWER_NOTHING;
    }
    if (messages - follower->base != follower->count) {
        return begin_anew(follower, FOLLOWER_WANTS_SNAPSHOT, FOLLOWER_COUNT,
                          "the heartbeat counts %" PRIu64 " messages since the snapshot, %" PRIu64
                          " came",
                          messages - follower->base, follower->count);
    }
    totals_table_commit(&follower->table);
    set_place(follower, header);
    return FOLLOWER_CONFIRMED;
}

static enum follower_event take_other_feed(struct follower *follower,
                                           const Hoso__V1__FeedMessage *message)
{
    const ProtobufCEnumValue *reason =
        message->body_case == HOSO__V1__FEED_MESSAGE__BODY_RESET
            ? protobuf_c_enum_descriptor_get_value(&hoso__v1__reset_reason__descriptor,
                                                   (int)message->reset->reason)
            : NULL;
    return begin_anew(follower,
                      message->body_case == HOSO__V1__FEED_MESSAGE__BODY_HEARTBEAT
                          ? FOLLOWER_WANTS_SNAPSHOT
                          : FOLLOWER_WANTS_HEARTBEAT,
                      FOLLOWER_FEED, "another feed begins%s%s", reason != NULL ? ": " : "",
                      reason != NULL ? reason->name + strlen("RESET_REASON_") : "");
}

static enum follower_event take(struct follower *follower, const char *topic,
                                const Hoso__V1__FeedMessage *message)
{
    const Hoso__V1__FeedHeader *header = message->header;
    if (header->feed != follower->feed) {
        return take_other_feed(follower, message);
    }
    switch (message->body_case) {
    case HOSO__V1__FEED_MESSAGE__BODY_HEARTBEAT:
        return take_heartbeat(follower, topic, header, message->heartbeat->messages);
    case HOSO__V1__FEED_MESSAGE__BODY_TOTALS:
    case HOSO__V1__FEED_MESSAGE__BODY_GONE:
        break;
    default:
        return FOLLOWER_NOTHING; /* of a newer version */
    }
    const bool gone = message->body_case == HOSO__V1__FEED_MESSAGE__BODY_GONE;
    char *const *path = gone ? message->gone->path : message->totals->path;
    const size_t count = gone ? message->gone->n_path : message->totals->n_path;
    if (!is_path(count)) {
        return begin_anew(follower, FOLLOWER_WANTS_HEARTBEAT, FOLLOWER_UNREADABLE,
                          "%s: a path of %zu units", topic, count);
    }
    return is_ours(follower, path, count)
               ? take_unit(follower, topic, header, path[count - 1], gone ? NULL : message->totals)
               : FOLLOWER_NOTHING;
}

enum follower_event follower_message(struct follower *follower, const char *topic,
                                     struct slice payload)
{
    const Hoso__V1__FeedMessage *message = unpack(follower, payload);
    if (follower->want == FOLLOWER_WANTS_MESSAGES) {
        return message != NULL ? take(follower, topic, message)
                               : begin_anew(follower, FOLLOWER_WANTS_HEARTBEAT, FOLLOWER_UNREADABLE,
                                            "%s: not a message of the feed", topic);
    }
    keep(follower, topic, payload);
    if (message == NULL || message->body_case != HOSO__V1__FEED_MESSAGE__BODY_HEARTBEAT) {
        return FOLLOWER_NOTHING;
    }
    if (follower->want == FOLLOWER_WANTS_HEARTBEAT) {
        follower->want = FOLLOWER_WANTS_SNAPSHOT;
    }
    return FOLLOWER_HEARD;
}
