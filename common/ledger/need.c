/* SPDX-License-Identifier: Apache-2.0
 *
 * A boundary's prefix sum is the earlier years, the earlier months of its year and the earlier days
 * of its month. Both boundaries of a period are read together, since they often share nodes. A
 * field's years and months are nodes of their own, of which the sums are taken.
 */
#include "ledger/need.h"

bool need_add(const struct need *need, struct slice list, struct figures *sum)
{
    struct reader reader = reader_of(list);
    const uint32_t end = need->from.end > need->to.end ? need->from.end : need->to.end;
    uint64_t measures = 0;
    uint32_t code = 0;
    int64_t amount = 0;
    while (node_entry_next(&reader, &code, &amount) && code < end) {
        const unsigned measure = code & CODE_MEASURE_MASK;
        const unsigned slot = code >> CODE_SLOT_SHIFT & (SLOT_COUNT - 1U);
        const bool from = code >= need->from.begin && code < need->from.end;
        const bool to = code >= need->to.begin && code < need->to.end;
        if (from) {
            sum->from[measure][slot] += amount;
        }
        if (to) {
            sum->to[measure][slot] += amount;
        }
        measures |= (uint64_t)(from || to) << measure;
    }
    sum->measures |= measures;
    return !reader.failed;
}

/* An end of the period that does not need the node has an empty span. */
static void add_need(struct needs *needs, enum node_level level, unsigned node,
                     struct need_span from, struct need_span to)
{
    if ((from.begin < from.end || to.begin < to.end) && needs->count < NEEDS_MAX) {
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
    for (enum node_level level = LEDGER_YEARS; level <= LEDGER_DAYS;
         level = node_next_level(true, level)) {
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

/* What a month's node gives to the sum before a date of its year. */
static struct need_span month_before(unsigned month, struct date date)
{
    const struct node_place place = node_place(false, LEDGER_DAYS, date);
    return month < place.node    ? before(LEDGER_SUM, LEDGER_SUM + 1)
           : month == place.node ? before(LEDGER_SUM + 1, place.index)
                                 : nothing;
}

static void find_months(struct date from_date, struct date to_date, struct needs *needs)
{
    const bool same = from_date.year == to_date.year;
    for (unsigned i = 0; i < 12; i++) {
        const unsigned month = (unsigned)from_date.year * 12 + i;
        add_need(needs, LEDGER_DAYS, month, month_before(month, from_date),
                 same ? month_before(month, to_date) : nothing);
    }
    for (unsigned i = 0; i < 12 && !same; i++) {
        const unsigned month = (unsigned)to_date.year * 12 + i;
        add_need(needs, LEDGER_DAYS, month, nothing, month_before(month, to_date));
    }
}

static void find_fields(const struct ledger_view *view, struct date from_date, struct date to_date,
                        struct needs *needs)
{
    const struct need_span sum = before(LEDGER_SUM, LEDGER_SUM + 1);
    for (int year = view->first_year; year < to_date.year; year++) {
        add_need(needs, LEDGER_YEARS, (unsigned)year, year < from_date.year ? sum : nothing, sum);
    }
    find_months(from_date, to_date, needs);
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
