/* SPDX-License-Identifier: Apache-2.0
 *
 * What a batch adds to the records of its sources (ledger/source.h): gathered dossier by dossier,
 * written once at the end.
 */
#ifndef HOSO_AGGREGATE_SOURCE_TALLY_H
#define HOSO_AGGREGATE_SOURCE_TALLY_H

#include "fold/fold.h"
#include "ledger/source.h"

/* Events of one day that were counted, or a change in the number of a source's findings. */
struct source_mark {
    struct slice source, unit; /* unit: that the events name */
    int64_t first_ms, last_ms; /* when the earliest and the latest of them occurred */
    int32_t day;
    unsigned kind;  /* of findings; FINDING_NONE = events */
    int64_t number; /* of events; of findings, more or fewer */
};

struct source_tally {
    struct source_mark *marks;
    size_t count, capacity;
    uint32_t *slots; /* place + 1 in `marks`, by source, unit, day and kind; twice the capacity */
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
