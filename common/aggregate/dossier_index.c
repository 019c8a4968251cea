/* SPDX-License-Identifier: Apache-2.0
 *
 * A finding stands under the unit that its event names, else under the unit of the dossier. The
 * line shows the event that was journaled first.
 */
#include "aggregate/dossier_index.h"

#include <stdlib.h>

#include "aggregate/tables.h"

enum { FINDING_VALUE_MAX = 256, OPEN_VALUE_MAX = 512 };

static int by_key(const void *a, const void *b)
{
    const struct index_record *x = a;
    const struct index_record *y = b;
    return x->table != y->table ? (x->table < y->table ? -1 : 1) : slice_compare(x->key, y->key);
}

/* A month for each amount that an event makes, sorted, once each. */
static enum status add_touched(const struct fold_result *result, struct slice dossier,
                               struct arena *arena, struct dossier_index *index)
{
    const unsigned begin = index->count;
    for (unsigned i = 0; i < result->amount_count; i++) {
        uint8_t buffer[TOUCHED_KEY_MAX];
        const struct amount *amount = &result->amounts[i];
        if (amount->turns) {
            continue;
        }
        const struct slice key =
            touched_key(amount->unit, touched_month(amount->day), dossier, buffer);
        if (index->count == begin || !slice_equal(index->records[index->count - 1].key, key)) {
            index->records[index->count++] =
                (struct index_record){.table = TABLE_TOUCHED, .key = arena_copy(arena, key)};
        }
    }
    struct index_record *records = index->records + begin;
    const unsigned all = index->count - begin;
    unsigned kept = 0;
    if (arena->exceeded) {
        return STATUS_TOO_LARGE;
    }
    qsort(records, all, sizeof *records, by_key);
    for (unsigned i = 0; i < all; i++) {
        if (kept == 0 || by_key(&records[kept - 1], &records[i]) != 0) {
            records[kept++] = records[i];
        }
    }
    index->count = begin + kept;
    return STATUS_OK;
}

static struct finding_line line_of(enum finding_kind kind, const struct history_event *event,
                                   struct slice unit)
{
    const struct slice named = event_unit(&event->event);
    return (struct finding_line){
        .kind = kind,
        .space = event->space,
        .dossier = event->event.dossier,
        .unit = named.size != 0 ? named : unit,
        .count = 1,
        .source = event->source,
        .event_id = event->event.event_id,
        .event_kind = event->event.kind,
        .occurred_at_ms = event->event.occurred_at_ms,
        .position = event->position,
    };
}

static int by_line(const void *a, const void *b)
{
    const struct finding_line *x = a;
    const struct finding_line *y = b;
    const int order =
        x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) : slice_compare(x->unit, y->unit);
    return order != 0 ? order : (x->position > y->position) - (x->position < y->position);
}

static enum status add_record(enum aggregate_table table, struct slice key,
                              const struct buffer *value, struct arena *arena,
                              struct dossier_index *index)
{
    index->records[index->count++] =
        (struct index_record){.table = table,
                              .key = arena_copy(arena, key),
                              .value = arena_copy(arena, buffer_slice(value))};
    return arena->exceeded ? STATUS_TOO_LARGE : buffer_status(value);
}

static enum status add_open(const struct dossier_standing *open, struct slice dossier,
                            struct arena *arena, struct dossier_index *index)
{
    uint8_t key[OPEN_KEY_MAX];
    struct buffer value;
    buffer_init(&value, OPEN_VALUE_MAX);
    open_encode(open, &value);
    const enum status status =
        add_record(TABLE_OPEN, open_key(open, dossier, key), &value, arena, index);
    buffer_fini(&value);
    return status;
}

static enum status add_line(const struct finding_line *line, struct arena *arena,
                            struct dossier_index *index)
{
    uint8_t key[FINDING_KEY_MAX];
    struct buffer value;
    buffer_init(&value, FINDING_VALUE_MAX);
    finding_encode(line, &value);
    const enum status status =
        add_record(TABLE_FINDINGS, finding_key(line, key), &value, arena, index);
    buffer_fini(&value);
    return status;
}

/* Those of a kind and unit in one line. */
static enum status add_findings(const struct fold_result *result, struct arena *arena,
                                struct dossier_index *index)
{
    struct finding_line *lines = arena_array(arena, result->finding_count + 1U, sizeof *lines);
    enum status status = lines != NULL ? STATUS_OK : STATUS_TOO_LARGE;
    for (unsigned i = 0; i < result->finding_count && status == STATUS_OK; i++) {
        lines[i] = line_of(result->findings[i].kind, result->findings[i].event, result->unit);
    }
    if (status == STATUS_OK) {
        qsort(lines, result->finding_count, sizeof *lines, by_line);
    }
    for (unsigned i = 0; i < result->finding_count && status == STATUS_OK;) {
        struct finding_line *first = &lines[i++];
        while (i < result->finding_count && lines[i].kind == first->kind &&
               slice_equal(lines[i].unit, first->unit)) {
            first->count++;
            i++;
        }
        status = add_line(first, arena, index);
    }
    return status;
}

enum status dossier_index_of(const struct fold_result *result, struct slice dossier,
                             struct arena *arena, struct dossier_index *ret_index)
{
    const unsigned most = result->amount_count + result->finding_count + 1;
    struct dossier_index index = {arena_array(arena, most + 1U, sizeof *index.records), 0};
    enum status status = index.records != NULL ? STATUS_OK : STATUS_TOO_LARGE;
    if (status == STATUS_OK) {
        status = add_touched(result, dossier, arena, &index);
    }
    if (status == STATUS_OK) {
        status = add_findings(result, arena, &index);
    }
    if (status == STATUS_OK && result->open.state != OPEN_NONE) {
        status = add_open(&result->open, dossier, arena, &index);
    }
    if (status == STATUS_OK) {
        qsort(index.records, index.count, sizeof *index.records, by_key);
        *ret_index = index;
    }
    return status;
}

static bool is_closed(const struct ledger_closes *closes, const struct index_record *record)
{
    struct slice unit;
    struct slice dossier;
    uint16_t month = 0;
    return record->table == TABLE_TOUCHED && touched_parse(record->key, &unit, &month, &dossier) &&
           ledger_closes_layer(closes, unit, touched_first_day(month)) != 0;
}

void dossier_index_write(struct store_txn *txn, const struct ledger_closes *closes,
                         const struct dossier_index *before, const struct dossier_index *now)
{
    unsigned i = 0;
    unsigned k = 0;
    while (i < before->count || k < now->count) {
        const struct index_record *old = &before->records[i];
        const struct index_record *new = &now->records[k];
        const int order = i == before->count ? 1 : k == now->count ? -1 : by_key(old, new);
        if (order < 0 && is_closed(closes, old)) {
            /* stays */
        } else if (order < 0) {
            store_delete(txn, old->table, old->key);
        } else if (order > 0 || !slice_equal(old->value, new->value)) {
            store_put(txn, new->table, new->key, new->value);
        }
        i += order <= 0;
        k += order >= 0;
    }
}

void dossier_index_count(struct store_txn *txn, enum finding_kind kind,
                         const struct history_event *event, struct slice unit)
{
    uint8_t buffer[FINDING_KEY_MAX];
    struct finding_line line = line_of(kind, event, unit);
    const struct slice key = finding_key(&line, buffer);
    struct slice stored;
    struct buffer value;
    if (store_get(txn, TABLE_FINDINGS, key, &stored)) {
        const bool read = finding_parse(key, stored, &line);
        store_fail(txn, read ? STATUS_OK : STATUS_CORRUPT);
        line.count++;
    }
    buffer_init(&value, FINDING_VALUE_MAX);
    finding_encode(&line, &value);
    store_fail(txn, buffer_status(&value));
    store_put(txn, TABLE_FINDINGS, key, buffer_slice(&value));
    buffer_fini(&value);
}
