/* SPDX-License-Identifier: Apache-2.0
 *
 * Which sources of a report's units sent nothing in its last days (counting rules §6a).
 */
#ifndef HOSO_REPORTING_ANSWERS_SILENCE_H
#define HOSO_REPORTING_ANSWERS_SILENCE_H

#include "base/arena.h"
#include "catalogue/scope.h"
#include "services/reporting/engine/engine.h"
#include "store/store.h"

/* Of the last working days up to `last_day`, for the units of a scope; each name with the day of
 * the source's last event before. Reads one run of records a unit, and a few a source that may be
 * silent, whatever came before. TOO_LARGE = arena; failures of the store stick to the transaction.
 */
enum status silence_of(struct store_txn *txn, const struct scope *scope, int32_t last_day,
                       struct arena *arena, struct engine_silence *ret_silence) MUST_USE;

#endif
