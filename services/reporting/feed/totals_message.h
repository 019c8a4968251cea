/* SPDX-License-Identifier: Apache-2.0
 *
 * Totals as messages (proto/hoso/v1/totals.proto), with all their memory in the arena. NULL = arena
 * full.
 */
#ifndef HOSO_REPORTING_FEED_TOTALS_MESSAGE_H
#define HOSO_REPORTING_FEED_TOTALS_MESSAGE_H

#include "base/cut.h"
#include "hoso/v1/totals.pb-c.h"
#include "services/reporting/feed/totals.h"

/* A feed's place. */
struct feed_place {
    uint64_t feed;
    uint64_t sequence;
    struct cut cut;
    int32_t day;
};

Hoso__V1__FeedHeader *header_message(struct arena *arena, const struct feed_place *place,
                                     uint64_t previous);
Hoso__V1__UnitTotals *totals_message(struct arena *arena, const struct totals *totals,
                                     const struct totals_node *node);
Hoso__V1__UnitGone *gone_message(struct arena *arena, const struct totals *totals,
                                 const struct totals_node *node);

#endif
