/* SPDX-License-Identifier: Apache-2.0
 *
 * Closed periods in the ledger (counting rules §7a, docs/ledger-format.md): a record for each
 * close, the catalogue that was in force then, and the answer to "which layer does an amount go
 * to": that of the latest close which covers its unit and day, 0 without one.
 */
#ifndef HOSO_LEDGER_CLOSES_H
#define HOSO_LEDGER_CLOSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"
#include "event/event.h"
#include "store/store.h"

enum {
    LEDGER_CLOSE_KEY_SIZE = 5,
    LEDGER_CATALOGUE_KEY_SIZE = 17,
    LEDGER_CLOSE_BYTES_MAX = 8 << 20 /* all units of a country */
};

struct ledger_close {
    uint32_t number;   /* 1, 2, 3, … in the order of the journal */
    uint64_t position; /* of the close in the journal: what came before it is in it */
    int64_t closed_at_ms;
    int32_t last_day;
    struct slice unit;
    struct slice label;         /* may be empty */
    struct slice by;            /* the principal that closed */
    struct slice catalogue_key; /* of the catalogue that was in force */
    uint32_t unit_count;
    struct slice units; /* the covered units' ids, texts in order: for ledger_close_covers */
};

struct slice ledger_close_key(uint32_t number, uint8_t buffer[LEDGER_CLOSE_KEY_SIZE]);
/* Where a catalogue stands for the closes that were made under it. */
struct slice ledger_catalogue_at_close_key(struct slice packed,
                                           uint8_t buffer[LEDGER_CATALOGUE_KEY_SIZE]);
void ledger_close_encode(const struct ledger_close *close, struct buffer *value);
/* False = damaged. Slices point into `key` and `value`. */
bool ledger_close_parse(struct slice key, struct slice value, struct ledger_close *ret_close);
bool ledger_close_covers(const struct ledger_close *close, struct slice unit);

bool ledger_has_closes(struct store_txn *txn, unsigned table);
/* False = there is none with this number. Slices live as the transaction's. */
bool ledger_close_get(struct store_txn *txn, unsigned table, uint32_t number,
                      struct ledger_close *ret_close);
/* The next close with a number below `before`, the latest first; false = no more. */
bool ledger_close_previous(struct store_txn *txn, unsigned table, uint32_t before,
                           struct ledger_close *ret_close);

/* Who is covered until when, for writing. */
struct ledger_closes;
enum status ledger_closes_new(struct ledger_closes **ret_closes) MUST_USE;
void ledger_closes_free(struct ledger_closes *closes); /* NULL-safe */
/* Forgets all, and reads what the ledger holds. */
enum status ledger_closes_load(struct ledger_closes *closes, struct store_txn *txn,
                               unsigned table) MUST_USE;
/* The next one; its number is greater than all before. TOO_LARGE. */
enum status ledger_closes_add(struct ledger_closes *closes,
                              const struct ledger_close *close) MUST_USE;
uint32_t ledger_closes_count(const struct ledger_closes *closes); /* the last number */
uint32_t ledger_closes_layer(const struct ledger_closes *closes, struct slice unit, int32_t day);

#endif
