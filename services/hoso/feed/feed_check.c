/* SPDX-License-Identifier: Apache-2.0
 *
 * The follower checks chains and counts; this file checks what the follower does not need.
 */
#include "services/hoso/feed/feed_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/localday.h"
#include "wire/wire.h"

enum { ARENA_BYTES = 4 << 20, JOINED_MAX = 56, HEAD_MAX = 38, DIGITS = 16 };

static const struct {
    const char *id;
    const char *text[2];
} promises[PROMISE_COUNT_OF] = {
#define PROMISE_ROW(name, id, vi, en) {id, {vi, en}},
    PROMISE_LIST(PROMISE_ROW)
#undef PROMISE_ROW
};

const char *promise_id(enum promise promise)
{
    return promises[promise].id;
}

const char *promise_text(enum promise promise, bool english)
{
    return promises[promise].text[english];
}

bool feed_check_init(struct feed_check *check, const char *root)
{
    *check = (struct feed_check){.follower = follower_new(root)};
    arena_init(&check->arena, ARENA_BYTES);
    return check->follower != NULL;
}

void feed_check_fini(struct feed_check *check)
{
    follower_free(check->follower);
    arena_fini(&check->arena);
}

void feed_check_wrong(struct feed_check *check, enum promise promise, const char *format, ...)
{
    struct feed_finding *finding = &check->findings[promise];
    if (finding->wrong++ == 0) {
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(finding->detail, sizeof finding->detail, format, arguments);
        va_end(arguments);
    }
}

static void see(struct feed_check *check, enum promise promise)
{
    check->findings[promise].seen++;
}

/* These checks must have had something to check; the others need not. */
bool feed_check_ok(const struct feed_check *check)
{
    static const enum promise needed[] = {PROMISE_SNAPSHOT, PROMISE_HEARD, PROMISE_COUNT,
                                          PROMISE_STATE};
    for (unsigned i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (check->findings[needed[i]].seen == 0) {
            return false;
        }
    }
    for (unsigned i = 0; i < PROMISE_COUNT_OF; i++) {
        if (check->findings[i].wrong != 0) {
            return false;
        }
    }
    return true;
}

/* Topics */

static bool is_plain(const char *unit)
{
    return strpbrk(unit, "/~") == NULL;
}

/* The ids from the root on that are plain and fit into `max` bytes, joined; how many. */
static size_t join(char *const *path, size_t count, size_t max, char joined[JOINED_MAX + 1])
{
    size_t size = 0;
    size_t taken = 0;
    while (taken < count && is_plain(path[taken]) &&
           size + (taken != 0) + strlen(path[taken]) <= max) {
        size += (size_t)snprintf(joined + size, JOINED_MAX + 1 - size, "%s%s",
                                 taken != 0 ? "/" : "", path[taken]);
        taken++;
    }
    joined[size] = '\0';
    return taken;
}

/* docs/feed.md: the joined path, or the short form, whose digits cannot be known. */
static bool is_topic(const char *topic, char *const *path, size_t count)
{
    char joined[JOINED_MAX + 1];
    char whole[BUS_TOPIC_MAX + 8];
    if (join(path, count, JOINED_MAX, joined) == count) {
        (void)snprintf(whole, sizeof whole, "totals.%s.", joined);
        return strcmp(topic, whole) == 0;
    }
    const size_t taken = join(path, count, HEAD_MAX, joined);
    (void)snprintf(whole, sizeof whole, "totals.%s%s~", joined, taken != 0 ? "/" : "");
    const size_t size = strlen(whole);
    return strncmp(topic, whole, size) == 0 && strspn(topic + size, "0123456789abcdef") == DIGITS &&
           strcmp(topic + size + DIGITS, ".") == 0;
}

static void check_unit_topic(struct feed_check *check, const char *topic, char *const *path,
                             size_t count)
{
    see(check, PROMISE_TOPIC);
    if (count == 0 || !is_topic(topic, path, count)) {
        feed_check_wrong(check, PROMISE_TOPIC, "%s is not the topic of %s", topic,
                         count != 0 ? path[count - 1] : "a unit without a path");
    }
}

/* Snapshots */

static bool check_units(struct feed_check *check, const Hoso__V1__TotalsSnapshotReply *reply)
{
    for (size_t i = 0; i < reply->n_units; i++) {
        const Hoso__V1__SnapshotUnit *unit = reply->units[i];
        if (unit->totals == NULL || unit->totals->n_path == 0) {
            feed_check_wrong(check, PROMISE_SNAPSHOT, "%s has no totals or no path", unit->topic);
            return false;
        }
        check_unit_topic(check, unit->topic, unit->totals->path, unit->totals->n_path);
        if (reply->header != NULL && unit->sequence > reply->header->sequence) {
            feed_check_wrong(check, PROMISE_SNAPSHOT,
                             "%s is at %" PRIu64 ", the snapshot at %" PRIu64, unit->topic,
                             unit->sequence, reply->header->sequence);
        }
    }
    return true;
}

void feed_check_snapshot(struct feed_check *check, const Hoso__V1__TotalsSnapshotReply *reply)
{
    struct follower *follower = check->follower;
    see(check, PROMISE_SNAPSHOT);
    check->beat_ms = 0; /* it may have taken a while to come */
    if (!check_units(check, reply)) {
        return;
    }
    const enum status status = follower->want == FOLLOWER_WANTS_SUBSCRIPTIONS
                                   ? follower_subscribe(follower, reply)
                                   : follower_snapshot(follower, reply);
    if (status != STATUS_OK) {
        feed_check_wrong(check, PROMISE_SNAPSHOT, "it lacks a header, a cut or subscriptions");
    }
}

/* Messages */

static void check_header(struct feed_check *check, const char *topic,
                         const Hoso__V1__FeedHeader *header, bool unit)
{
    int32_t day;
    const char *lacks = header->feed == 0                                      ? "feed"
                        : header->cut == NULL || header->cut->incarnation == 0 ? "cut"
                        : !localday_parse(slice_text(header->day), &day)       ? "day"
                        : unit && header->sequence == 0                        ? "sequence"
                                                                               : NULL;
    if (lacks != NULL) {
        feed_check_wrong(check, PROMISE_FORM, "%s: the header has no %s", topic, lacks);
    }
    if (unit && header->previous >= header->sequence) {
        feed_check_wrong(check, PROMISE_FORM, "%s: %" PRIu64 " cannot follow %" PRIu64, topic,
                         header->sequence, header->previous);
    }
}

/* In the whole feed there is nothing between two messages; a subtree sees a part of them. */
static void check_sequence(struct feed_check *check, const char *topic,
                           const Hoso__V1__FeedHeader *header, bool unit)
{
    const bool whole = check->follower->root[0] == '\0';
    const bool first = check->sequence == 0;
    see(check, PROMISE_SEQUENCE);
    if (header->sequence < check->sequence || (unit && header->sequence == check->sequence)) {
        feed_check_wrong(check, PROMISE_SEQUENCE, "%s: %" PRIu64 " comes after %" PRIu64, topic,
                         header->sequence, check->sequence);
    } else if (whole && !first && unit && header->sequence != check->sequence + 1) {
        feed_check_wrong(check, PROMISE_SEQUENCE, "%s: after %" PRIu64 " comes %" PRIu64, topic,
                         check->sequence, header->sequence);
    }
    check->sequence = unit ? header->sequence : check->sequence;
}

static void check_cut(struct feed_check *check, const char *topic,
                      const Hoso__V1__FeedHeader *header)
{
    if (header->cut == NULL) {
        return;
    }
    const struct hoso_cut cut = {header->cut->incarnation, header->cut->position};
    see(check, PROMISE_CUT);
    if (check->cut.incarnation != 0 &&
        (cut.incarnation != check->cut.incarnation || cut.position < check->cut.position)) {
        feed_check_wrong(check, PROMISE_CUT, "%s: position %" PRIu64 " comes after %" PRIu64, topic,
                         cut.position, check->cut.position);
    }
    check->cut = cut;
}

static void check_day(struct feed_check *check, const char *topic, const char *text,
                      int64_t unix_ms)
{
    int32_t day;
    if (!localday_parse(slice_text(text), &day)) {
        return;
    }
    see(check, PROMISE_DAY);
    if (day < localday_of_ms(unix_ms - FEED_DAY_MS) ||
        day > localday_of_ms(unix_ms + FEED_DAY_MS)) {
        char today[DATE_TEXT_SIZE];
        localday_format(localday_of_ms(unix_ms), today);
        feed_check_wrong(check, PROMISE_DAY, "%s: the day is %s, here it is %s", topic, text,
                         today);
    }
}

static void check_beat(struct feed_check *check, const char *topic, int64_t now_ms)
{
    const struct follower *follower = check->follower;
    check->heartbeats++;
    see(check, PROMISE_HEARD);
    if (follower->subscription_count == 0 ||
        strcmp(topic, follower->subscriptions[follower->subscription_count - 1]) != 0) {
        return; /* of another unit */
    }
    if (check->beat_ms != 0) {
        see(check, PROMISE_HEARTBEAT);
        if (now_ms - check->beat_ms > FEED_LATE_MS) {
            feed_check_wrong(check, PROMISE_HEARTBEAT, "none came for %" PRId64 " ms",
                             now_ms - check->beat_ms);
        }
    }
    check->beat_ms = now_ms;
}

static void check_fixed_topic(struct feed_check *check, const char *topic,
                              Hoso__V1__FeedMessage__BodyCase body)
{
    const bool beat = body == HOSO__V1__FEED_MESSAGE__BODY_HEARTBEAT;
    see(check, PROMISE_TOPIC);
    if (beat ? strcmp(topic, "feed.beat.") != 0 && strncmp(topic, "beat.", strlen("beat.")) != 0
             : strcmp(topic, "feed.reset.") != 0) {
        feed_check_wrong(check, PROMISE_TOPIC, "%s is not the topic of a %s", topic,
                         beat ? "heartbeat" : "reset");
    }
}

static void check_body(struct feed_check *check, const char *topic,
                       const Hoso__V1__FeedMessage *message, int64_t now_ms)
{
    switch (message->body_case) {
    case HOSO__V1__FEED_MESSAGE__BODY_TOTALS:
        check_unit_topic(check, topic, message->totals->path, message->totals->n_path);
        break;
    case HOSO__V1__FEED_MESSAGE__BODY_GONE:
        check_unit_topic(check, topic, message->gone->path, message->gone->n_path);
        break;
    case HOSO__V1__FEED_MESSAGE__BODY_HEARTBEAT:
        check_fixed_topic(check, topic, message->body_case);
        check_beat(check, topic, now_ms);
        break;
    case HOSO__V1__FEED_MESSAGE__BODY_RESET:
        check_fixed_topic(check, topic, message->body_case);
        break;
    default:
        break; /* of a newer version */
    }
}

/* What the follower made of it. */
static void follow(struct feed_check *check, const char *topic, struct slice payload)
{
    struct follower *follower = check->follower;
    static const enum promise broken[] = {
        [FOLLOWER_CHAIN] = PROMISE_CHAIN,
        [FOLLOWER_COUNT] = PROMISE_COUNT,
        [FOLLOWER_UNREADABLE] = PROMISE_FORM,
    };
    const uint64_t count = follower->count;
    const enum follower_event event = follower_message(follower, topic, payload);
    if (follower->count != count) {
        see(check, PROMISE_CHAIN);
    }
    if (event == FOLLOWER_CONFIRMED) {
        see(check, PROMISE_COUNT);
    }
    if (event == FOLLOWER_BEGINS_ANEW && follower->reason != FOLLOWER_FEED &&
        follower->reason != FOLLOWER_ROOT) {
        see(check, broken[follower->reason]);
        feed_check_wrong(check, broken[follower->reason], "%s", follower->why);
    }
}

void feed_check_message(struct feed_check *check, const char *topic, struct slice payload,
                        int64_t now_ms, int64_t unix_ms)
{
    ProtobufCMessage *unpacked = NULL;
    struct error error = {.text = ""};
    check->messages++;
    see(check, PROMISE_FORM);
    arena_reset(&check->arena);
    if (wire_unpack(&hoso__v1__feed_message__descriptor, payload, &check->arena, &unpacked,
                    &error) != STATUS_OK) {
        feed_check_wrong(check, PROMISE_FORM, "%s: %s", topic, error.text);
        return;
    }
    const Hoso__V1__FeedMessage *message = (const Hoso__V1__FeedMessage *)unpacked;
    const Hoso__V1__FeedHeader *header = message->header;
    if (header == NULL) {
        feed_check_wrong(check, PROMISE_FORM, "%s: there is no header", topic);
        return;
    }
    const bool unit = message->body_case == HOSO__V1__FEED_MESSAGE__BODY_TOTALS ||
                      message->body_case == HOSO__V1__FEED_MESSAGE__BODY_GONE;
    if (header->feed != check->feed) {
        check->feed = header->feed;
        check->sequence = 0;
        check->cut = (struct hoso_cut){0, 0};
    }
    check_header(check, topic, header, unit);
    check_sequence(check, topic, header, unit);
    check_cut(check, topic, header);
    check_day(check, topic, header->day, unix_ms);
    check_body(check, topic, message, now_ms);
    follow(check, topic, payload);
}

/* The end */

static bool has_values(const struct hoso_unit_totals *unit, const Hoso__V1__UnitTotals *totals)
{
    size_t flows = 0;
    size_t stocks = 0;
    for (size_t i = 0; i < totals->n_flows; i++) {
        const Hoso__V1__FlowTotal *flow = totals->flows[i];
        const struct hoso_flow_total held = hoso_totals_flow(unit, flow->measure);
        if (held.today != flow->today || held.month != flow->month || held.year != flow->year) {
            return false;
        }
        flows += flow->today != 0 || flow->month != 0 || flow->year != 0;
    }
    for (size_t i = 0; i < totals->n_stocks; i++) {
        if (hoso_totals_stock(unit, totals->stocks[i]->measure) != totals->stocks[i]->now) {
            return false;
        }
        stocks += totals->stocks[i]->now != 0;
    }
    return flows == unit->flow_count && stocks == unit->stock_count;
}

static void compare_unit(struct feed_check *check, const Hoso__V1__SnapshotUnit *unit)
{
    const struct totals_entry *entry = totals_table_find(&check->follower->table, unit->topic);
    if (entry != NULL && entry->sequence > unit->sequence) {
        return; /* it went on */
    }
    see(check, PROMISE_STATE);
    if (entry == NULL || entry->unit == NULL || entry->sequence < unit->sequence) {
        feed_check_wrong(check, PROMISE_STATE,
                         "%s is in the snapshot at %" PRIu64 " but no message announced it",
                         unit->topic, unit->sequence);
    } else if (!has_values(entry->unit, unit->totals)) {
        feed_check_wrong(check, PROMISE_STATE, "%s at %" PRIu64 " has other values in the snapshot",
                         unit->topic, unit->sequence);
    }
}

bool feed_check_compare(struct feed_check *check, const Hoso__V1__TotalsSnapshotReply *reply)
{
    const struct follower *follower = check->follower;
    if (follower->want != FOLLOWER_WANTS_MESSAGES || reply->header == NULL ||
        reply->header->feed != follower->feed || follower->table.waiting.count != 0 ||
        follower->sequence > reply->header->sequence ||
        reply->messages > follower->base + follower->count) {
        return false;
    }
    if (check_units(check, reply)) {
        for (size_t i = 0; i < reply->n_units; i++) {
            compare_unit(check, reply->units[i]);
        }
        if (reply->messages == follower->base + follower->count &&
            reply->n_units != follower->table.order.count) {
            feed_check_wrong(check, PROMISE_STATE, "%zu units are held, the snapshot has %zu",
                             follower->table.order.count, reply->n_units);
        }
    }
    return true;
}

void feed_check_silence(struct feed_check *check, int64_t now_ms)
{
    if (check->beat_ms != 0 && now_ms - check->beat_ms > FEED_LATE_MS) {
        feed_check_wrong(check, PROMISE_HEARTBEAT, "none came for %" PRId64 " ms",
                         now_ms - check->beat_ms);
    }
}

void feed_check_end(struct feed_check *check)
{
    if (check->findings[PROMISE_HEARD].seen == 0) {
        feed_check_wrong(
            check, PROMISE_HEARD,
            "no heartbeat came: check the address, the server's key, and that our key is in its "
            "registry");
    }
    if (check->findings[PROMISE_STATE].seen == 0) {
        feed_check_wrong(check, PROMISE_STATE, "nothing could be followed long enough to compare");
    }
}
