/* SPDX-License-Identifier: Apache-2.0
 *
 * What each source sent: three families of records beside the cells, written by the aggregate,
 * copied by replicas (docs/ledger-format.md). They answer which source fell silent, and of which
 * units (counting rules §6a). All but the conflicts depend on the set of events alone. Days are
 * those on which the events occurred. Each question reads a bounded number of records.
 */
#ifndef HOSO_LEDGER_SOURCE_H
#define HOSO_LEDGER_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "event/event.h"
#include "store/store.h"

enum {
    SOURCE_FINDINGS_MAX = 16, /* kinds; numbers as in enum finding_kind */
    SOURCE_KEY_MAX = 1 + EVENT_CODE_MAX + 1 + EVENT_SOURCE_MAX + 1 + 2
};

/* Of one source. */
struct source_total {
    uint64_t events;                       /* in histories: no duplicates, no conflicting ones */
    int64_t first_ms, last_ms;             /* when the earliest and the latest of them occurred */
    int64_t findings[SOURCE_FINDINGS_MAX]; /* events with a finding, by kind */
};

/* Of one source and month: events by day of the month, 1–31. */
struct source_month {
    uint64_t days[32];
};

/* Of one unit and source: the earliest and the latest day of its events that name the unit. */
struct source_unit {
    int32_t first_day, last_day;
};

struct slice source_total_key(struct slice source, uint8_t buffer[SOURCE_KEY_MAX]);
struct slice source_month_key(struct slice source, int32_t day, uint8_t buffer[SOURCE_KEY_MAX]);
/* An empty source gives the first key of the unit. */
struct slice source_unit_key(struct slice unit, struct slice source,
                             uint8_t buffer[SOURCE_KEY_MAX]);

/* Reading: false = no such record; damaged ones fail the transaction. */
bool source_read_total(struct store_txn *txn, unsigned table, struct slice source,
                       struct source_total *ret_total);
bool source_read_month(struct store_txn *txn, unsigned table, struct slice source, int32_t day,
                       struct source_month *ret_month);
bool source_read_unit(struct store_txn *txn, unsigned table, struct slice unit, struct slice source,
                      struct source_unit *ret_unit);
/* Writing: appends the value. */
void source_put_total(struct buffer *value, const struct source_total *total);
void source_put_month(struct buffer *value, const struct source_month *month);
void source_put_unit(struct buffer *value, const struct source_unit *unit);

/* Events of [from_day, to_day); reads each of its months. */
uint64_t source_events(struct store_txn *txn, unsigned table, struct slice source, int32_t from_day,
                       int32_t to_day);

typedef void source_visit_total(void *context, struct slice source,
                                const struct source_total *total);
/* Every source, by name. */
void source_scan_totals(struct store_txn *txn, unsigned table, source_visit_total *visit,
                        void *context);
typedef void source_visit_unit(void *context, struct slice source, const struct source_unit *unit);
/* Every source that named the unit, by name. */
void source_scan_unit(struct store_txn *txn, unsigned table, struct slice unit,
                      source_visit_unit *visit, void *context);

/* Silent at the end of `last_day` (counting rules §6a): it has events on the SOURCE_USUAL_DAYS days
 * before the last SOURCE_SILENT_DAYS working days (Monday to Friday), and none from the first of
 * those (source_silence_begin) on. */
enum { SOURCE_SILENT_DAYS = 3, SOURCE_USUAL_DAYS = 365 };
int32_t source_silence_begin(int32_t last_day);
/* `ret_sent_day` = of a silent one, the last day on which it has events. */
bool source_is_silent(struct store_txn *txn, unsigned table, struct slice source, int32_t last_day,
                      int32_t *ret_sent_day);

#endif
