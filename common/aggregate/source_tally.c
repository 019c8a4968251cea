/* SPDX-License-Identifier: Apache-2.0
 *
 * Two sorts of the marks: by source and day for totals and months, by unit and source for the
 * units. A record is read, changed and written once a batch.
 */
#include "aggregate/source_tally.h"

#include <stdlib.h>
#include <xxhash.h>

#include "base/localday.h"

enum { MARKS_MIN = 256, MARKS_MAX = 4 << 20, VALUE_MAX = 1024 };

struct tally_writer {
    struct store_txn *txn;
    unsigned table;
    ledger_changed *changed;
    void *context;
    struct buffer value;
};

void source_tally_clear(struct source_tally *tally)
{
    if (tally->count != 0) {
        memset(tally->slots, 0, 2 * tally->capacity * sizeof *tally->slots);
    }
    tally->count = 0;
}

void source_tally_fini(struct source_tally *tally)
{
    free(tally->marks);
    free(tally->slots);
    *tally = (struct source_tally){0};
}

static bool is_same(const struct source_mark *a, const struct source_mark *b)
{
    return a->day == b->day && a->kind == b->kind && slice_equal(a->unit, b->unit) &&
           slice_equal(a->source, b->source);
}

/* The slot of the mark like this one, or the empty one where it belongs. */
static uint32_t *mark_slot(const struct source_tally *tally, const struct source_mark *mark)
{
    const uint64_t seed = (uint64_t)(uint32_t)mark->day << 8 | mark->kind;
    const uint64_t hash =
        XXH3_64bits_withSeed(mark->unit.data, mark->unit.size,
                             XXH3_64bits_withSeed(mark->source.data, mark->source.size, seed));
    size_t at = hash & (2 * tally->capacity - 1);
    while (tally->slots[at] != 0 && !is_same(&tally->marks[tally->slots[at] - 1], mark)) {
        at = (at + 1) & (2 * tally->capacity - 1);
    }
    return &tally->slots[at];
}

/* Twice the room. False = that is too much. */
static bool grow(struct source_tally *tally)
{
    const size_t capacity = tally->capacity != 0 ? 2 * tally->capacity : MARKS_MIN;
    struct source_mark *marks =
        capacity <= MARKS_MAX ? reallocarray(tally->marks, capacity, sizeof *marks) : NULL;
    uint32_t *slots = marks != NULL ? calloc(2 * capacity, sizeof *slots) : NULL;
    tally->marks = marks != NULL ? marks : tally->marks;
    if (slots == NULL) {
        return false;
    }
    free(tally->slots);
    tally->slots = slots;
    tally->capacity = capacity;
    for (size_t i = 0; i < tally->count; i++) {
        *mark_slot(tally, &tally->marks[i]) = (uint32_t)i + 1;
    }
    return true;
}

static enum status add_mark(struct source_tally *tally, const struct source_mark *mark)
{
    if (tally->count == tally->capacity && !grow(tally)) {
        return STATUS_TOO_LARGE;
    }
    uint32_t *slot = mark_slot(tally, mark);
    if (*slot == 0) {
        tally->marks[tally->count++] = *mark;
        *slot = (uint32_t)tally->count;
        return STATUS_OK;
    }
    struct source_mark *known = &tally->marks[*slot - 1];
    known->number += mark->number;
    known->first_ms = mark->first_ms < known->first_ms ? mark->first_ms : known->first_ms;
    known->last_ms = mark->last_ms > known->last_ms ? mark->last_ms : known->last_ms;
    return STATUS_OK;
}

enum status source_tally_event(struct source_tally *tally, const struct history_event *event)
{
    const int64_t occurred_ms = event->event.occurred_at_ms;
    return add_mark(tally, &(struct source_mark){.source = event->source,
                                                 .unit = event_unit(&event->event),
                                                 .first_ms = occurred_ms,
                                                 .last_ms = occurred_ms,
                                                 .day = localday_of_ms(occurred_ms),
                                                 .number = 1});
}

enum status source_tally_finding(struct source_tally *tally, struct slice source,
                                 enum finding_kind kind, int change)
{
    return add_mark(
        tally, &(struct source_mark){.source = source, .number = change, .kind = (unsigned)kind});
}

static int by_source(const void *a, const void *b)
{
    const struct source_mark *x = a;
    const struct source_mark *y = b;
    const int order = slice_compare(x->source, y->source);
    return order != 0 ? order : (x->day > y->day) - (x->day < y->day);
}

static int by_unit(const void *a, const void *b)
{
    const struct source_mark *x = a;
    const struct source_mark *y = b;
    const int order = slice_compare(x->unit, y->unit);
    return order != 0 ? order : slice_compare(x->source, y->source);
}

static bool is_event(const struct source_mark *mark)
{
    return mark->kind == FINDING_NONE;
}

static void put(struct tally_writer *writer, struct slice key)
{
    store_fail(writer->txn, buffer_status(&writer->value));
    store_put(writer->txn, writer->table, key, buffer_slice(&writer->value));
    if (writer->txn->status == STATUS_OK) {
        writer->changed(writer->context, key, buffer_slice(&writer->value));
    }
    buffer_clear(&writer->value);
}

static void add_to_total(struct source_total *total, const struct source_mark *mark)
{
    if (!is_event(mark)) {
        total->findings[mark->kind] += mark->number;
        return;
    }
    if (total->events == 0 || mark->first_ms < total->first_ms) {
        total->first_ms = mark->first_ms;
    }
    if (total->events == 0 || mark->last_ms > total->last_ms) {
        total->last_ms = mark->last_ms;
    }
    total->events += (uint64_t)mark->number;
}

/* From marks[i] on those of one source; returns the index after them. */
static size_t write_total(struct tally_writer *writer, const struct source_tally *tally, size_t i)
{
    const struct slice source = tally->marks[i].source;
    uint8_t key[SOURCE_KEY_MAX];
    struct source_total total;
    (void)source_read_total(writer->txn, writer->table, source, &total);
    for (; i < tally->count && slice_equal(tally->marks[i].source, source); i++) {
        add_to_total(&total, &tally->marks[i]);
    }
    source_put_total(&writer->value, &total);
    put(writer, source_total_key(source, key));
    return i;
}

static bool same_month(int32_t a, int32_t b)
{
    const struct date x = localday_date(a);
    const struct date y = localday_date(b);
    return x.year == y.year && x.month == y.month;
}

/* From marks[i] on those of one source and month. */
static size_t write_month(struct tally_writer *writer, const struct source_tally *tally, size_t i)
{
    const struct source_mark first = tally->marks[i];
    uint8_t key[SOURCE_KEY_MAX];
    struct source_month month;
    (void)source_read_month(writer->txn, writer->table, first.source, first.day, &month);
    while (i < tally->count && slice_equal(tally->marks[i].source, first.source) &&
           is_event(&tally->marks[i]) && same_month(tally->marks[i].day, first.day)) {
        const int32_t day = tally->marks[i].day;
        const int of_month = localday_date(day).day;
        for (; i < tally->count && tally->marks[i].day == day && is_event(&tally->marks[i]) &&
               slice_equal(tally->marks[i].source, first.source);
             i++) {
            month.days[of_month] += (uint64_t)tally->marks[i].number;
        }
    }
    source_put_month(&writer->value, &month);
    put(writer, source_month_key(first.source, first.day, key));
    return i;
}

/* From marks[i] on those of one unit and source. */
static size_t write_unit(struct tally_writer *writer, const struct source_tally *tally, size_t i)
{
    const struct source_mark first = tally->marks[i];
    uint8_t key[SOURCE_KEY_MAX];
    struct source_unit days;
    if (!source_read_unit(writer->txn, writer->table, first.unit, first.source, &days)) {
        days = (struct source_unit){first.day, first.day};
    }
    for (; i < tally->count && by_unit(&tally->marks[i], &first) == 0; i++) {
        const int32_t day = tally->marks[i].day;
        days.first_day = day < days.first_day ? day : days.first_day;
        days.last_day = day > days.last_day ? day : days.last_day;
    }
    source_put_unit(&writer->value, &days);
    put(writer, source_unit_key(first.unit, first.source, key));
    return i;
}

void source_tally_write(struct source_tally *tally, struct store_txn *txn, unsigned table,
                        ledger_changed *changed, void *context)
{
    struct tally_writer writer = {txn, table, changed, context, {0}};
    if (tally->count == 0) {
        return;
    }
    buffer_init(&writer.value, VALUE_MAX);
    qsort(tally->marks, tally->count, sizeof *tally->marks, by_source);
    for (size_t i = 0; i < tally->count;) {
        i = write_total(&writer, tally, i);
    }
    for (size_t i = 0; i < tally->count;) {
        i = is_event(&tally->marks[i]) ? write_month(&writer, tally, i) : i + 1;
    }
    qsort(tally->marks, tally->count, sizeof *tally->marks, by_unit);
    for (size_t i = 0; i < tally->count;) {
        i = tally->marks[i].unit.size != 0 ? write_unit(&writer, tally, i) : i + 1;
    }
    buffer_fini(&writer.value);
}
