/* SPDX-License-Identifier: Apache-2.0
 *
 * A boundary's prefix sum is the earlier years, the earlier months of its year and the earlier days
 * of its month. Both boundaries of a period are read together, since they often share nodes. A
 * field's years, quarters and months are nodes of their own, of which the sums are taken.
 */
#include "ledger/need.h"

#include "base/require.h"

/* An entry of a list, and the rest behind it. */
struct list_place {
    struct reader rest;
    uint32_t code;
    int64_t amount;
    bool more;
};

static void step(struct list_place *place)
{
    place->more = node_entry_next(&place->rest, &place->code, &place->amount);
}

/* Adds the entries before `end` to one or both, NULL = not; returns which measures there were. */
static uint64_t add_before(struct list_place *place, uint32_t end, int64_t (*from)[SLOT_COUNT],
                           int64_t (*to)[SLOT_COUNT])
{
    uint64_t measures = 0;
    for (; place->more && place->code < end; step(place)) {
        const unsigned measure = place->code & CODE_MEASURE_MASK;
        const unsigned slot = place->code >> CODE_SLOT_SHIFT & (SLOT_COUNT - 1U);
        if (from != NULL) {
            from[measure][slot] += place->amount;
        }
        if (to != NULL) {
            to[measure][slot] += place->amount;
        }
        measures |= UINT64_C(1) << measure;
    }
    return measures;
}

static bool covers(const struct need_span *span, uint32_t code)
{
    return code >= span->begin && code < span->end;
}

/* Where something begins or ends next, after `code`; 0 = nothing does. */
static uint32_t next_bound(const struct need *need, uint32_t code)
{
    const uint32_t bounds[] = {need->from.begin, need->from.end, need->to.begin, need->to.end};
    uint32_t next = 0;
    for (unsigned i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        next = bounds[i] > code && (next == 0 || bounds[i] < next) ? bounds[i] : next;
    }
    return next;
}

bool need_add(const struct need *need, struct slice list, struct figures *sum)
{
    struct list_place place = {.rest = reader_of(list)};
    step(&place);
    for (uint32_t at = 0, end = next_bound(need, 0); end != 0 && place.more;
         at = end, end = next_bound(need, at)) {
        const bool from = covers(&need->from, at);
        const bool to = covers(&need->to, at);
        const uint64_t measures =
            add_before(&place, end, from ? sum->from : NULL, to ? sum->to : NULL);
        sum->measures |= from || to ? measures : 0;
    }
    return !place.rest.failed;
}

/* An end of the period that does not need the node has an empty span. */
static void add_need(struct needs *needs, enum node_level level, unsigned node,
                     struct need_span from, struct need_span to)
{
    if (from.begin < from.end || to.begin < to.end) {
        require(needs->count < NEEDS_MAX);
        needs->needs[needs->count++] = (struct need){level, (uint16_t)node, from, to};
    }
}

static const struct need_span nothing;

/* Entries with an index from `first` on, before `index`. */
static struct need_span before(unsigned first, unsigned index)
{
    return (struct need_span){first << CODE_INDEX_SHIFT, index << CODE_INDEX_SHIFT};
}

/* Both ends share a node wherever they lie in the same year or month. */
static void find_all(struct date from_date, struct date to_date, struct needs *needs)
{
    for (enum node_level level = LEDGER_YEARS; level <= LEDGER_DAYS; level++) {
        const struct node_place from = node_place(true, level, from_date);
        const struct node_place to = node_place(true, level, to_date);
        const bool same = from.node == to.node;
        add_need(needs, level, from.node, before(0, from.index),
                 same ? before(0, to.index) : nothing);
        if (!same) {
            add_need(needs, level, to.node, nothing, before(0, to.index));
        }
    }
}

static const struct need_span whole = {LEDGER_SUM << CODE_INDEX_SHIFT, (LEDGER_SUM + 1)
                                                                           << CODE_INDEX_SHIFT};

/* What a field's node gives to the sum before a date: a year those after it, a quarter those after
 * it in its year, a month those after it in its quarter, and its days to those in it. */
static struct need_span span_before(enum node_level level, unsigned node, struct date date)
{
    const unsigned year = node_place(false, LEDGER_YEARS, date).node;
    const unsigned quarter = node_place(false, LEDGER_MONTHS, date).node;
    const struct node_place month = node_place(false, LEDGER_DAYS, date);
    switch (level) {
    case LEDGER_YEARS:
        return node < year ? whole : nothing;
    case LEDGER_MONTHS:
        return node / 4 == year && node < quarter ? whole : nothing;
    default:
        return node / 3 != quarter  ? nothing
               : node == month.node ? before(LEDGER_SUM + 1, month.index)
               : node < month.node  ? whole
                                    : nothing;
    }
}

/* `count` nodes from the first one that an end of the period needs, and those of the other end. */
static void find_level(enum node_level level, unsigned from_first, unsigned to_first,
                       unsigned count, struct date from_date, struct date to_date,
                       struct needs *needs)
{
    const unsigned firsts[] = {from_first, to_first};
    for (unsigned end = 0; end < (from_first == to_first ? 1U : 2U); end++) {
        for (unsigned node = firsts[end]; node < firsts[end] + count; node++) {
            add_need(needs, level, node, span_before(level, node, from_date),
                     span_before(level, node, to_date));
        }
    }
}

static void find_fields(const struct ledger_view *view, struct date from_date, struct date to_date,
                        struct needs *needs)
{
    const unsigned from = node_place(false, LEDGER_MONTHS, from_date).node;
    const unsigned to = node_place(false, LEDGER_MONTHS, to_date).node;
    for (int year = view->first_year; year < to_date.year; year++) {
        add_need(needs, LEDGER_YEARS, (unsigned)year,
                 span_before(LEDGER_YEARS, (unsigned)year, from_date), whole);
    }
    find_level(LEDGER_MONTHS, from / 4 * 4, to / 4 * 4, 4, from_date, to_date, needs);
    find_level(LEDGER_DAYS, from * 3, to * 3, 3, from_date, to_date, needs);
}

void needs_of_period(const struct ledger_view *view, bool all, int32_t from_day, int32_t to_day,
                     struct needs *ret_needs)
{
    const struct date from_date = localday_date(from_day);
    const struct date to_date = localday_date(to_day);
    ret_needs->count = 0;
    if (all) {
        find_all(from_date, to_date, ret_needs);
    } else {
        find_fields(view, from_date, to_date, ret_needs);
    }
}
