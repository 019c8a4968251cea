/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the batch: what is collected (batch.c), for writing (batch_write.c).
 */
#ifndef HOSO_LEDGER_BATCH_INTERNAL_H
#define HOSO_LEDGER_BATCH_INTERNAL_H

#include "ledger/ledger.h"
#include "ledger/node.h"

enum { CHUNK_ADDENDS = 6 };

/* An addend is a node_entry whose code has the day where an entry has its index. */
struct chunk {
    struct chunk *next;
    uint32_t count;
    struct node_entry addends[CHUNK_ADDENDS];
};

struct cell {
    uint64_t hash;
    struct slice name; /* of its nodes, node_name */
    struct slice procedure;
    struct chunk *chunks;
    uint32_t addend_count;
    uint32_t group; /* the rank of the first cell with this name */
};

struct ledger_batch {
    struct arena arena;  /* cells, their names, chunks */
    struct cell **table; /* open addressing; a power of two, at most half full */
    size_t table_size;
    struct cell **cells;
    size_t cell_count;
    size_t addend_count;
    size_t largest; /* addends of the fullest cell */
    struct cell
        *last[2]; /* found last, of a service and of all: a dossier's amounts share theirs */
    const struct ledger_closes *closes;
};

static inline int32_t addend_day(const struct node_entry *addend)
{
    return (int32_t)((int64_t)(addend->code >> CODE_INDEX_SHIFT) + INT32_MIN);
}

#endif
