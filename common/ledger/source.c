/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys begin with a family of their own, far from those of the cells; docs/ledger-format.md has the
 * layouts.
 */
#include "ledger/source.h"

#include <string.h>

#include "base/localday.h"
#include "base/require.h"

enum { FAMILY_TOTAL = 16, FAMILY_MONTH = 17, FAMILY_UNIT = 18, DAYS_OF_MONTH_MAX = 31 };

static size_t put_text(uint8_t *at, struct slice text, size_t max)
{
    require(text.size <= max);
    return closed_text_put(at, text);
}

struct slice source_total_key(struct slice source, uint8_t buffer[SOURCE_KEY_MAX])
{
    buffer[0] = FAMILY_TOTAL;
    return slice_of(buffer, 1 + put_text(buffer + 1, source, EVENT_SOURCE_MAX));
}

struct slice source_month_key(struct slice source, int32_t day, uint8_t buffer[SOURCE_KEY_MAX])
{
    const struct date date = localday_date(day);
    const unsigned month = (unsigned)(date.year * 12 + date.month - 1);
    buffer[0] = FAMILY_MONTH;
    size_t size = 1 + put_text(buffer + 1, source, EVENT_SOURCE_MAX);
    buffer[size++] = (uint8_t)(month >> 8);
    buffer[size++] = (uint8_t)month;
    return slice_of(buffer, size);
}

struct slice source_unit_key(struct slice unit, struct slice source, uint8_t buffer[SOURCE_KEY_MAX])
{
    buffer[0] = FAMILY_UNIT;
    size_t size = 1 + put_text(buffer + 1, unit, EVENT_CODE_MAX);
    if (source.size != 0) {
        size += put_text(buffer + size, source, EVENT_SOURCE_MAX);
    }
    return slice_of(buffer, size);
}

void source_put_total(struct buffer *value, const struct source_total *total)
{
    buffer_varint(value, total->events);
    buffer_signed(value, total->first_ms);
    buffer_signed(value, total->last_ms);
    for (unsigned kind = 0; kind < SOURCE_FINDINGS_MAX; kind++) {
        if (total->findings[kind] != 0) {
            buffer_varint(value, kind);
            buffer_signed(value, total->findings[kind]);
        }
    }
}

static bool parse_total(struct slice value, struct source_total *total)
{
    struct reader reader = reader_of(value);
    *total = (struct source_total){.events = reader_varint(&reader)};
    total->first_ms = reader_signed(&reader);
    total->last_ms = reader_signed(&reader);
    while (!reader.failed && reader_left(&reader) != 0) {
        const uint64_t kind = reader_varint(&reader);
        const int64_t count = reader_signed(&reader);
        reader.failed |= kind >= SOURCE_FINDINGS_MAX;
        if (!reader.failed) {
            total->findings[kind] = count;
        }
    }
    return !reader.failed;
}

void source_put_month(struct buffer *value, const struct source_month *month)
{
    for (unsigned day = 1; day <= DAYS_OF_MONTH_MAX; day++) {
        if (month->days[day] != 0) {
            buffer_varint(value, day);
            buffer_varint(value, month->days[day]);
        }
    }
}

static bool parse_month(struct slice value, struct source_month *month)
{
    struct reader reader = reader_of(value);
    *month = (struct source_month){{0}};
    while (!reader.failed && reader_left(&reader) != 0) {
        const uint64_t day = reader_varint(&reader);
        const uint64_t count = reader_varint(&reader);
        reader.failed |= day == 0 || day > DAYS_OF_MONTH_MAX;
        if (!reader.failed) {
            month->days[day] = count;
        }
    }
    return !reader.failed;
}

void source_put_unit(struct buffer *value, const struct source_unit *unit)
{
    buffer_signed(value, unit->first_day);
    buffer_signed(value, unit->last_day);
}

static bool parse_unit(struct slice value, struct source_unit *unit)
{
    struct reader reader = reader_of(value);
    unit->first_day = (int32_t)reader_signed(&reader);
    unit->last_day = (int32_t)reader_signed(&reader);
    return reader_done(&reader);
}

static bool checked(struct store_txn *txn, bool parsed)
{
    store_fail(txn, parsed ? STATUS_OK : STATUS_CORRUPT);
    return parsed;
}

bool source_read_total(struct store_txn *txn, unsigned table, struct slice source,
                       struct source_total *ret_total)
{
    uint8_t key[SOURCE_KEY_MAX];
    struct slice value;
    *ret_total = (struct source_total){0};
    return store_get(txn, table, source_total_key(source, key), &value) &&
           checked(txn, parse_total(value, ret_total));
}

bool source_read_month(struct store_txn *txn, unsigned table, struct slice source, int32_t day,
                       struct source_month *ret_month)
{
    uint8_t key[SOURCE_KEY_MAX];
    struct slice value;
    *ret_month = (struct source_month){{0}};
    return store_get(txn, table, source_month_key(source, day, key), &value) &&
           checked(txn, parse_month(value, ret_month));
}

bool source_read_unit(struct store_txn *txn, unsigned table, struct slice unit, struct slice source,
                      struct source_unit *ret_unit)
{
    uint8_t key[SOURCE_KEY_MAX];
    struct slice value;
    return store_get(txn, table, source_unit_key(unit, source, key), &value) &&
           checked(txn, parse_unit(value, ret_unit));
}

uint64_t source_events(struct store_txn *txn, unsigned table, struct slice source, int32_t from_day,
                       int32_t to_day)
{
    uint64_t events = 0;
    for (int32_t day = from_day; day < to_day;) {
        struct source_month month;
        const int begin = localday_date(day).month;
        (void)source_read_month(txn, table, source, day, &month);
        for (; day < to_day && localday_date(day).month == begin; day++) {
            events += month.days[localday_date(day).day];
        }
    }
    return events;
}

void source_scan_totals(struct store_txn *txn, unsigned table, source_visit_total *visit,
                        void *context)
{
    static const uint8_t first[] = {FAMILY_TOTAL};
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    store_cursor_open(txn, table, &cursor);
    bool more = store_cursor_seek(&cursor, slice_of(first, sizeof first), &key, &value);
    while (more && key.data[0] == FAMILY_TOTAL) {
        struct reader reader = reader_of(slice_of(key.data + 1, key.size - 1));
        struct source_total total;
        const struct slice source = reader_closed_text(&reader);
        if (!checked(txn, reader_done(&reader) && parse_total(value, &total))) {
            break;
        }
        visit(context, source, &total);
        more = store_cursor_next(&cursor, &key, &value);
    }
    store_cursor_close(&cursor);
}

void source_scan_unit(struct store_txn *txn, unsigned table, struct slice unit,
                      source_visit_unit *visit, void *context)
{
    uint8_t buffer[SOURCE_KEY_MAX];
    const struct slice first = source_unit_key(unit, (struct slice){0}, buffer);
    struct store_cursor cursor;
    struct slice key;
    struct slice value;
    store_cursor_open(txn, table, &cursor);
    bool more = store_cursor_seek(&cursor, first, &key, &value);
    while (more && key.size > first.size && memcmp(key.data, first.data, first.size) == 0) {
        struct reader reader = reader_of(slice_of(key.data + first.size, key.size - first.size));
        struct source_unit days;
        const struct slice source = reader_closed_text(&reader);
        if (!checked(txn, reader_done(&reader) && parse_unit(value, &days))) {
            break;
        }
        visit(context, source, &days);
        more = store_cursor_next(&cursor, &key, &value);
    }
    store_cursor_close(&cursor);
}

/* 1970-01-01 was a Thursday. */
static bool is_working_day(int32_t day)
{
    enum { THURSDAY = 3, SATURDAY = 5, WEEK = 7 };
    return (day + THURSDAY) % WEEK < SATURDAY;
}

int32_t source_silence_begin(int32_t last_day)
{
    int32_t day = last_day + 1;
    for (unsigned working = 0; working < SOURCE_SILENT_DAYS;) {
        working += is_working_day(--day);
    }
    return day;
}

/* The last day before `day` with events, of the SOURCE_USUAL_DAYS before it. False = there is none.
 */
static bool find_last_day(struct store_txn *txn, unsigned table, struct slice source, int32_t day,
                          int32_t *ret_day)
{
    const int32_t first = day - SOURCE_USUAL_DAYS;
    for (int32_t at = day - 1; at >= first;) {
        struct source_month month;
        (void)source_read_month(txn, table, source, at, &month);
        for (int of_month = localday_date(at).day; of_month >= 1 && at >= first; of_month--, at--) {
            if (month.days[of_month] != 0) {
                *ret_day = at;
                return true;
            }
        }
    }
    return false;
}

bool source_is_silent(struct store_txn *txn, unsigned table, struct slice source, int32_t last_day,
                      int32_t *ret_sent_day)
{
    const int32_t begin = source_silence_begin(last_day);
    return source_events(txn, table, source, begin, last_day + 1) == 0 &&
           find_last_day(txn, table, source, begin, ret_sent_day);
}
