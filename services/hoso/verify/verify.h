/* SPDX-License-Identifier: Apache-2.0
 *
 * The three steps of `hoso verify`: copy the ledger, count the journal anew up to the same cut,
 * compare.
 */
#ifndef HOSO_VERIFY_VERIFY_H
#define HOSO_VERIFY_VERIFY_H

#include "base/cut.h"
#include "base/status.h"
#include "client/client.h"
#include "services/hoso/progress.h"
#include "store/store.h"

/* Copies aggregation's ledger into a store with replica_tables, until it is exact and as far as
 * aggregation was when asked. */
enum hoso_status verify_copy(struct hoso_client *client, struct store *store, struct cut *ret_cut,
                             struct hoso_error *error);

/* Reads the journal up to the cut, checks every block (checksum, chain, positions), and counts it
 * into a store with aggregate_tables. CORRUPT names the position; CONFLICT: the journal is another
 * one, or ends before the cut. */
enum hoso_status verify_count(struct hoso_client *client, struct store *store, struct cut cut,
                              struct hoso_error *error);

struct verify_result {
    uint64_t records;   /* in both, equal or not */
    uint64_t different; /* other values */
    uint64_t missing;   /* counted, but not in aggregation's ledger */
    uint64_t extra;     /* in aggregation's ledger, but not counted */
};

/* Prints the first differences on stderr. */
enum status verify_compare(struct store *counted, struct store *copied,
                           struct verify_result *ret_result);

#endif
