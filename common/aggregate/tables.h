/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and values of the aggregate's small tables. docs/ledger-format.md has the layouts.
 */
#ifndef HOSO_AGGREGATE_TABLES_H
#define HOSO_AGGREGATE_TABLES_H

#include "aggregate/aggregate.h"
#include "fold/fold.h"

enum {
    DOSSIER_KEY_MAX = EVENT_SPACE_MAX + 1 + EVENT_ID_MAX,
    TOUCHED_KEY_MAX = EVENT_CODE_MAX + 1 + 2 + DOSSIER_KEY_MAX,
    FINDING_KEY_MAX = 1 + EVENT_SPACE_MAX + 1 + EVENT_ID_MAX + 1 + EVENT_CODE_MAX + 1,
    OPEN_KEY_MAX = EVENT_CODE_MAX + 1 + 1 + 4 + DOSSIER_KEY_MAX,
    CHANGE_KEY_SIZE = 12
};

/* Where the aggregate stands. */
struct aggregate_state {
    struct derivation derivation;
    uint64_t
        recount_to; /* where an earlier derivation stood: below, the numbers are not complete */
    struct cut cut;
    uint8_t hash[BLOCK_HASH_SIZE]; /* of the last block applied */
    uint64_t change_bytes;         /* in the change log */
};

void state_read(struct store_txn *txn,
                struct aggregate_state *ret_state); /* zeros in a new store */
void state_write(struct store_txn *txn, const struct aggregate_state *state);

/* (space, dossier code): what the other keys call a dossier. */
struct slice dossier_key(struct slice space, struct slice code, uint8_t buffer[DOSSIER_KEY_MAX]);
bool dossier_parse(struct slice key, struct slice *ret_space, struct slice *ret_code);

/* (unit, month since year 0, dossier). An empty dossier gives the first key of that month. */
struct slice touched_key(struct slice unit, uint16_t month, struct slice dossier,
                         uint8_t buffer[TOUCHED_KEY_MAX]);
bool touched_parse(struct slice key, struct slice *ret_unit, uint16_t *ret_month,
                   struct slice *ret_dossier);
uint16_t touched_month(int32_t day);
int32_t touched_first_day(uint16_t month);

/* Findings of a kind about a dossier that stand under a unit (empty = none is known): how many, and
 * the event that was journaled first. */
struct finding_line {
    enum finding_kind kind;
    struct slice space, dossier, unit;
    uint64_t count;
    struct slice source, event_id;
    enum event_kind event_kind;
    int64_t occurred_at_ms;
    uint64_t position;
};

struct slice finding_key(const struct finding_line *line, uint8_t buffer[FINDING_KEY_MAX]);
void finding_encode(const struct finding_line *line, struct buffer *buffer); /* the value */
bool finding_parse(struct slice key, struct slice value, struct finding_line *ret_line);

/* (unit, state, due day, dossier): by due day, those without one last. An empty dossier gives the
 * first key of that day. */
struct slice open_key(const struct dossier_standing *open, struct slice dossier,
                      uint8_t buffer[OPEN_KEY_MAX]);
void open_encode(const struct dossier_standing *open, struct buffer *buffer); /* the value */
bool open_parse(struct slice key, struct slice value, struct dossier_standing *ret_open,
                struct slice *ret_dossier);

/* (to_position, part): big-endian. */
struct slice change_key(uint64_t to_position, uint32_t part, uint8_t buffer[CHANGE_KEY_SIZE]);
/* A part's value: from_position (u64), last (u8), then for each record its key and its value
 * (texts). */
struct change_part {
    uint64_t to_position;
    uint64_t from_position;
    uint32_t part;
    bool last;
    struct slice entries; /* for change_next */
};
bool change_parse(struct slice key, struct slice value, struct change_part *ret_part);
bool change_next(struct reader *entries, struct slice *ret_key, struct slice *ret_value);

#endif
