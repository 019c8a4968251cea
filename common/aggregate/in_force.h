/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue in force while the journal is read, event by event: what decides whether the unit
 * of an event is valid on its day (counting rules §6). One thread.
 */
#ifndef HOSO_AGGREGATE_IN_FORCE_H
#define HOSO_AGGREGATE_IN_FORCE_H

#include "base/slice.h"
#include "catalogue/catalogue.h"
#include "event/event.h"
#include "store/store.h"

struct in_force {
    struct catalogue *catalogue; /* NULL = none was journaled yet */
    bool known;                  /* it is the one of what is applied */
};

void in_force_fini(struct in_force *in_force);
/* What was read on top of what is applied came to nothing. */
void in_force_forget(struct in_force *in_force);
/* Reads the one of what is applied, unless it is known. `txn` is the open transaction, NULL = there
 * is none. */
enum status in_force_know(struct in_force *in_force, struct store *store, struct store_txn *txn,
                          struct error *error) MUST_USE;
/* A block of the journal has another one. CORRUPT = it cannot be read. */
enum status in_force_take(struct in_force *in_force, struct slice packed) MUST_USE;
/* Whether the event names a unit that is not valid on the event's day. */
bool in_force_is_invalid_unit(const struct in_force *in_force, const struct event *event);

#endif
