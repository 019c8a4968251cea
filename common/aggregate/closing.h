/* SPDX-License-Identifier: Apache-2.0
 *
 * A close in the journal becomes a record of the ledger: which units it covers, by the catalogue in
 * force, and that catalogue itself, so that a report as closed has the same rows and names for
 * ever (counting rules §7a).
 */
#ifndef HOSO_AGGREGATE_CLOSING_H
#define HOSO_AGGREGATE_CLOSING_H

#include "aggregate/aggregate.h"
#include "journal/block.h"
#include "ledger/closes.h"
#include "ledger/ledger.h"

/* Writes the records, telling `changed` of each, and adds the close to `closes`. CORRUPT = the
 * block or the catalogue cannot be read; TOO_LARGE; what the transaction says. */
enum status closing_apply(struct store_txn *txn, const struct block *block, struct arena *arena,
                          struct ledger_closes *closes, ledger_changed *changed,
                          void *context) MUST_USE;

#endif
