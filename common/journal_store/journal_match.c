/* SPDX-License-Identifier: Apache-2.0
 *
 * Comparing a publisher's events with the journal. Records are canonical, so equal events are
 * equal bytes, however the publisher cuts them into Appends the second time.
 */
#include "journal_store/journal_tables.h"

/* Which of a source's sequences stand where. */
struct match_run {
    uint64_t sequence;
    uint64_t position;
    uint64_t count;
};

/* The run that holds a sequence: the source's last one that starts at or before it. */
static bool find_run(struct store_txn *txn, struct slice name, uint64_t sequence,
                     struct match_run *ret_run)
{
    struct store_cursor cursor;
    uint8_t bytes[RUN_KEY_MAX];
    const struct slice key = journal_run_key(bytes, name, sequence);
    struct slice found;
    struct slice value;
    store_cursor_open(txn, TABLE_RUNS, &cursor);
    bool here = store_cursor_seek(&cursor, key, &found, &value);
    if (!here) {
        here = store_cursor_last(&cursor, &found, &value);
    } else if (!slice_equal(found, key)) {
        here = store_cursor_previous(&cursor, &found, &value);
    }
    if (here && found.size == key.size && memcmp(found.data, key.data, name.size + 1) == 0) {
        struct reader reader = reader_of(value);
        struct reader number = reader_of(slice_of(found.data + name.size + 1, NUMBER_SIZE));
        ret_run->sequence = reader_u64(&number);
        ret_run->position = reader_u64(&reader);
        ret_run->count = reader_u64(&reader);
        here = reader_done(&reader) && sequence - ret_run->sequence < ret_run->count;
    } else {
        here = false;
    }
    store_cursor_close(&cursor);
    return here;
}

/* Reads the events' records of a run in order, from one position on. */
struct journal_walk {
    struct store_cursor cursor;
    struct reader records;
    uint32_t left; /* in this block */
};

/* Opens the block and steps over its records before `position`. */
static bool walk_enter(struct journal_walk *walk, struct slice bytes, uint64_t position)
{
    struct block block;
    if (block_decode(bytes, &block) != STATUS_OK || block.kind != BLOCK_EVENTS ||
        position - block.first_position >= block.count) {
        return false;
    }
    walk->records = reader_of(block.payload);
    walk->left = block.count;
    for (uint64_t at = block.first_position; at < position; at++) {
        (void)reader_text(&walk->records);
        walk->left--;
    }
    return true;
}

static bool walk_next(struct journal_walk *walk, uint64_t position, struct slice *ret_record)
{
    struct slice key;
    struct slice bytes;
    if (walk->left == 0 &&
        !(store_cursor_next(&walk->cursor, &key, &bytes) && walk_enter(walk, bytes, position))) {
        return false;
    }
    walk->left--;
    *ret_record = reader_text(&walk->records);
    return !walk->records.failed;
}

/* Compares the next records with those from `position` on, which lie in one run. */
static bool match_run(struct store_txn *txn, uint64_t position, uint64_t count,
                      struct reader *records)
{
    struct journal_walk walk = {.left = 0};
    struct slice bytes;
    struct slice record;
    bool same = true;
    store_cursor_open(txn, TABLE_JOURNAL, &walk.cursor);
    bool found = journal_seek(&walk.cursor, position, &bytes) && walk_enter(&walk, bytes, position);
    for (uint64_t i = 0; found && same && i < count; i++) {
        found = walk_next(&walk, position + i, &record);
        same = found && slice_equal(record, reader_text(records));
    }
    store_cursor_close(&walk.cursor);
    if (!found) {
        journal_damaged(txn);
    }
    return same && found;
}

bool journal_matches(struct journal *journal, struct slice name, uint64_t first_sequence,
                     uint32_t count, struct slice records, uint64_t *ret_position)
{
    struct reader reader = reader_of(records);
    uint64_t sequence = first_sequence;
    uint64_t left = count;
    uint64_t position = 0;
    while (left > 0) {
        struct match_run run;
        if (!find_run(&journal->txn, name, sequence, &run)) {
            journal_damaged(&journal->txn);
            return false;
        }
        const uint64_t inside = sequence - run.sequence;
        const uint64_t taken = left < run.count - inside ? left : run.count - inside;
        if (!match_run(&journal->txn, run.position + inside, taken, &reader)) {
            return false;
        }
        position = run.position + inside + taken - 1;
        sequence += taken;
        left -= taken;
    }
    *ret_position = position;
    return true;
}
