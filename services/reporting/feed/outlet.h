/* SPDX-License-Identifier: Apache-2.0
 *
 * One feed's way out: its endpoint, its place, its messages. What cannot be sent is not kept; the
 * sequence shows it to subscribers. Belongs to the feed's thread; `place` is read by others under
 * its lock.
 */
#ifndef HOSO_REPORTING_FEED_OUTLET_H
#define HOSO_REPORTING_FEED_OUTLET_H

#include "base/buffer.h"
#include "bus/feed.h"
#include "services/reporting/feed/totals_message.h"

struct outlet {
    struct bus *bus;
    const char *endpoint; /* empty = there is no such feed */
    const char *domain;
    struct bus_socket *socket; /* NULL while the endpoint cannot be had */
    struct feed_place place;
    uint64_t subscriptions; /* topics now */
    struct arena arena;     /* of one message */
    struct buffer buffer;
};

void outlet_init(struct outlet *outlet, struct bus *bus, const char *endpoint, const char *domain);
void outlet_fini(struct outlet *outlet);
bool outlet_exists(const struct outlet *outlet);

enum status outlet_open(struct outlet *outlet, struct error *error) MUST_USE;
/* Ends all connections and opens again, so that the guard checks all of them anew. Waits for the
 * endpoint to be free, for at most a second or until `stop_fd`; later calls try again. */
enum status outlet_reopen(struct outlet *outlet, int stop_fd, struct error *error) MUST_USE;
/* Takes in who subscribed. False = too many topics; `ret_user` subscribed to the last. */
bool outlet_subscriptions(struct outlet *outlet, char ret_user[BUS_NAME_MAX + 1]);

/* A new feed begins, and says why. */
void outlet_begin(struct outlet *outlet, Hoso__V1__ResetReason reason);
/* Numbers the message, counts it in the unit and what is above it, and sends it. */
void outlet_totals(struct outlet *outlet, struct totals *totals, struct totals_node *node);
void outlet_gone(struct outlet *outlet, struct totals *totals, struct totals_node *node);
/* Of the whole feed; of a unit's subtree. */
void outlet_beat(struct outlet *outlet);
void outlet_beat_unit(struct outlet *outlet, const struct totals_node *node);

#endif
