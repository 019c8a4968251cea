/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal behind one small interface, so that another backend can come later: blocks in a
 * chain, each source's epoch and sequences, and which positions hold which sequences.
 *
 * Writing is the writer thread's alone: journal_begin … journal_commit is one transaction, sticky
 * like the store's. Reading is any thread's: journal_read_begin … journal_read_end is one read
 * transaction over what was committed, and must be short.
 */
#ifndef HOSO_JOURNAL_STORE_JOURNAL_H
#define HOSO_JOURNAL_STORE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/status.h"
#include "catalogue/catalogue.h"
#include "journal/block.h"
#include "journal/close.h"
#include "store/store.h"

struct journal;

struct journal_options {
    const char *path;
    uint64_t map_bytes;
    bool any_filesystem;
};

struct journal_end {
    uint64_t position;           /* of the last event or catalogue; 0 = nothing yet */
    uint64_t catalogue_position; /* of the catalogue in force; 0 = none */
    uint64_t sources;            /* that ever opened */
    uint8_t hash[BLOCK_HASH_SIZE];
};

/* A source's state. One that never opened has epoch 0 and next_sequence 1. */
struct journal_source {
    uint64_t epoch;
    bool open; /* an epoch was granted, since the journal was restored if it ever was */
    uint64_t next_sequence;
    uint64_t run_sequence; /* its last run: sequences and positions that count up together */
    uint64_t run_position;
};

/* Opens, and checks that the last block is whole and is the one that the state names: CORRUPT
 * otherwise, and where a restore did not finish. Errors of the store as in store.h. */
enum status journal_open(const struct journal_options *options, struct journal **ret_journal,
                         struct error *error) MUST_USE;
void journal_close(struct journal *journal); /* NULL-safe */
uint64_t journal_incarnation(const struct journal *journal);
struct store_usage journal_usage(struct journal *journal);
bool journal_is_full(struct journal *journal);
void journal_check_readers(struct journal *journal);

/* The catalogue in force, NULL if there is none. The caller frees it. */
enum status journal_load_catalogue(struct journal *journal, struct catalogue **ret_catalogue,
                                   struct error *error) MUST_USE;

void journal_begin(struct journal *journal);
/* FULL = nothing was written, go on. Any other failure = unknown whether it was written: exit. */
enum status journal_commit(struct journal *journal) MUST_USE;
void journal_abort(struct journal *journal);
/* As the open transaction has it; between transactions, as committed. */
const struct journal_end *journal_end(const struct journal *journal);

void journal_get_source(struct journal *journal, struct slice name,
                        struct journal_source *ret_source);
/* Grants the next epoch. */
void journal_open_epoch(struct journal *journal, struct slice name, struct journal_source *source);
/* Whose events they are, and whose dossier codes; no space = the name. */
struct journal_origin {
    struct slice name;
    struct slice space;
};
/* Journals `count` events from source->next_sequence on as one block. `records`: a varint length
 * and its bytes for each. A source of NULL: without sequences. */
void journal_append(struct journal *journal, const struct journal_origin *origin,
                    struct journal_source *source, uint32_t count, struct slice records);
void journal_append_catalogue(struct journal *journal, struct slice name, struct slice packed);
/* Returns the close's number. */
uint64_t journal_append_close(struct journal *journal, struct slice name,
                              const struct close *close);
struct journal_close {
    uint64_t number; /* 1, 2, 3, … in the order of the journal */
    uint64_t position;
    bool same; /* in everything, not in its id alone */
};
/* The close with this id; false = there is none. */
bool journal_find_close(struct journal *journal, const struct close *close,
                        struct journal_close *ret_known);
/* Compares records with what is journaled under the sequences from `first_sequence` on, which must
 * all be below next_sequence. True = equal; then also the position of the last. */
bool journal_matches(struct journal *journal, struct slice name, uint64_t first_sequence,
                     uint32_t count, struct slice records, uint64_t *ret_position);

/* Calls `visit` for each block that holds positions after `after_position`, in order, as the open
 * transaction has them, until it returns false. */
typedef bool journal_visit(void *context, struct slice block);
void journal_scan(struct journal *journal, uint64_t after_position, journal_visit *visit,
                  void *context);

struct journal_reader {
    struct store_txn txn;
    struct store_cursor cursor;
    struct slice block;
    uint64_t end; /* the last committed position */
    bool found;   /* `block` has not been given yet */
};

/* From the block on that holds `after_position` + 1. */
void journal_read_begin(struct journal *journal, uint64_t after_position,
                        struct journal_reader *ret_reader);
/* The next whole block, in the store's memory until journal_read_end; false = no more. */
bool journal_read_next(struct journal_reader *reader, struct slice *ret_block);
enum status journal_read_end(struct journal_reader *reader) MUST_USE;

#endif
