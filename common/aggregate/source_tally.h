/* SPDX-License-Identifier: Apache-2.0
 *
 * What a batch adds to the records of its sources (ledger/source.h): gathered dossier by dossier,
 * written once at the end.
 */
#ifndef HOSO_AGGREGATE_SOURCE_TALLY_H
#define HOSO_AGGREGATE_SOURCE_TALLY_H

#include "fold/fold.h"
#include "ledger/source.h"

/* An event that was counted, or a change in the number of a source's findings. */
struct source_mark {
    struct slice source, unit; /* unit: that the event names */
    int64_t occurred_ms;
    int32_t day;
    int32_t findings; /* more or fewer */
    unsigned kind;    /* of them; FINDING_NONE = an event */
};

struct source_tally {
    struct source_mark *marks;
    size_t count, capacity;
};

void source_tally_clear(struct source_tally *tally); /* keeps the memory; zeros = empty */
void source_tally_fini(struct source_tally *tally);

/* Slices live until the tally is written; TOO_LARGE = no more room. */
enum status source_tally_event(struct source_tally *tally,
                               const struct history_event *event) MUST_USE;
enum status source_tally_finding(struct source_tally *tally, struct slice source,
                                 enum finding_kind kind, int change) MUST_USE;
/* `changed` is called for every record written, in key order. Failures stick to the transaction. */
void source_tally_write(struct source_tally *tally, struct store_txn *txn, unsigned table,
                        ledger_changed *changed, void *context);

#endif
