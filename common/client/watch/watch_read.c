/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a watch's table.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "client/watch/watch_internal.h"

struct hoso_watch_info hoso_watch_info(const struct hoso_watch *watch)
{
    const struct follower *follower = watch->follower;
    const int64_t now_ms = clock_ms();
    struct hoso_watch_info info = {
        .state = watch_state(watch, now_ms),
        .cut = follower->cut,
        .feed = follower->feed,
        .age_ms = now_ms - (watch->heard_ms != 0 ? watch->heard_ms : watch->opened_ms),
        .messages = watch->messages,
        .heartbeats = watch->heartbeats,
        .snapshots = follower->snapshots,
        .resyncs = follower->resyncs,
    };
    (void)snprintf(info.day, sizeof info.day, "%s", follower->day);
    (void)snprintf(info.why, sizeof info.why, "%s", follower->why);
    return info;
}

const struct hoso_unit_totals *const *hoso_watch_units(struct hoso_watch *watch, size_t *ret_count)
{
    const struct totals_list *order = &watch->follower->table.order;
    struct totals_list *shown = &watch->shown;
    shown->count = 0;
    for (size_t i = 0; i < order->count; i++) {
        const struct totals_entry *entry = order->items[i];
        if (!totals_list_append(shown, entry->unit)) {
            shown->count = 0;
            break;
        }
    }
    *ret_count = shown->count;
    return (const struct hoso_unit_totals *const *)shown->items;
}

const struct hoso_unit_totals *hoso_watch_find(struct hoso_watch *watch, const char *unit)
{
    const struct totals_list *order = &watch->follower->table.order;
    for (size_t i = 0; i < order->count; i++) {
        const struct totals_entry *entry = order->items[i];
        if (strcmp(entry->unit->unit, unit) == 0) {
            return entry->unit;
        }
    }
    return NULL;
}

struct hoso_flow_total hoso_totals_flow(const struct hoso_unit_totals *totals, const char *measure)
{
    for (size_t i = 0; i < totals->flow_count; i++) {
        if (strcmp(totals->flows[i].measure, measure) == 0) {
            return totals->flows[i];
        }
    }
    return (struct hoso_flow_total){.measure = measure};
}

int64_t hoso_totals_stock(const struct hoso_unit_totals *totals, const char *measure)
{
    for (size_t i = 0; i < totals->stock_count; i++) {
        if (strcmp(totals->stocks[i].measure, measure) == 0) {
            return totals->stocks[i].now;
        }
    }
    return 0;
}

const char *hoso_watch_state_text(enum hoso_watch_state state)
{
    static const char *const texts[] = {
        [HOSO_WATCH_CONNECTING] = "connecting",
        [HOSO_WATCH_SYNCHRONISING] = "synchronising",
        [HOSO_WATCH_LIVE] = "live",
        [HOSO_WATCH_STALE] = "stale",
    };
    const size_t index = (size_t)state;
    return index < sizeof texts / sizeof *texts ? texts[index] : "unknown";
}
