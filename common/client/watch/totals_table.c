/* SPDX-License-Identifier: Apache-2.0
 *
 * A unit's values are one block of memory that is never changed:
 * [struct][flows][stocks][path][ids]. Zeros are left out, and names of measures are kept once, so
 * that equal values are equal bytes.
 */
#include "client/watch/totals_table.h"

#include <stdlib.h>
#include <string.h>

bool totals_list_append(struct totals_list *list, void *item)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity * 2 + 16;
        void **items = reallocarray(list->items, capacity, sizeof *items);
        if (items == NULL) {
            return false;
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return true;
}

static bool append(struct totals_table *table, struct totals_list *list, void *item)
{
    const bool appended = totals_list_append(list, item);
    if (!appended) {
        table->status = STATUS_TOO_LARGE;
    }
    return appended;
}

static void insert(struct totals_table *table, struct totals_list *list, size_t at, void *item)
{
    if (append(table, list, item)) {
        memmove(&list->items[at + 1], &list->items[at],
                (list->count - 1 - at) * sizeof *list->items);
        list->items[at] = item;
    }
}

void totals_table_init(struct totals_table *table)
{
    *table = (struct totals_table){.status = STATUS_OK};
}

static void entry_free(struct totals_entry *entry)
{
    free(entry->unit);
    free(entry->after);
    free(entry);
}

void totals_table_fini(struct totals_table *table)
{
    totals_table_clear(table);
    for (size_t i = 0; i < table->entries.count; i++) {
        entry_free(table->entries.items[i]);
    }
    for (size_t i = 0; i < table->measures.count; i++) {
        free(table->measures.items[i]);
    }
    struct totals_list *const lists[] = {&table->entries, &table->order, &table->waiting,
                                         &table->changed, &table->gone,  &table->measures};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        free(lists[i]->items);
    }
}

/* Where the topic is among the entries, or would be. */
static size_t place_of(const struct totals_table *table, const char *topic)
{
    size_t low = 0;
    size_t high = table->entries.count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct totals_entry *entry = table->entries.items[middle];
        if (strcmp(entry->topic, topic) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The topic's entry if it is at this place. */
static struct totals_entry *entry_at(const struct totals_table *table, size_t at, const char *topic)
{
    struct totals_entry *entry = at < table->entries.count ? table->entries.items[at] : NULL;
    return entry != NULL && strcmp(entry->topic, topic) == 0 ? entry : NULL;
}

struct totals_entry *totals_table_find(const struct totals_table *table, const char *topic)
{
    return entry_at(table, place_of(table, topic), topic);
}

static struct totals_entry *find_or_add(struct totals_table *table, const char *topic)
{
    const size_t at = place_of(table, topic);
    struct totals_entry *entry = entry_at(table, at, topic);
    if (entry != NULL) {
        return entry;
    }
    const size_t size = strlen(topic) + 1;
    entry = table->entries.count < TOTALS_UNITS_MAX ? calloc(1, sizeof *entry + size) : NULL;
    if (entry == NULL) {
        table->status = STATUS_TOO_LARGE;
        return NULL;
    }
    memcpy(entry->topic, topic, size);
    insert(table, &table->entries, at, entry);
    if (table->status != STATUS_OK) {
        entry_free(entry);
        return NULL;
    }
    return entry;
}

/* The one copy of a measure's name; NULL = the status says why not. */
static const char *measure_name_of(struct totals_table *table, const char *name)
{
    for (size_t i = 0; i < table->measures.count; i++) {
        if (strcmp(table->measures.items[i], name) == 0) {
            return table->measures.items[i];
        }
    }
    char *copy = NULL;
    if (table->measures.count < TOTALS_MEASURES_MAX && strlen(name) <= TOTALS_MEASURE_NAME_MAX) {
        copy = strdup(name);
    }
    if (copy == NULL || !append(table, &table->measures, copy)) {
        free(copy);
        table->status = STATUS_TOO_LARGE;
        return NULL;
    }
    return copy;
}

static void copy_values(struct totals_table *table, const Hoso__V1__UnitTotals *totals,
                        struct hoso_unit_totals *unit, struct hoso_flow_total *flows,
                        struct hoso_stock_total *stocks)
{
    for (size_t i = 0; i < totals->n_flows; i++) {
        const Hoso__V1__FlowTotal *flow = totals->flows[i];
        if (flow->today != 0 || flow->month != 0 || flow->year != 0) {
            flows[unit->flow_count++] = (struct hoso_flow_total){
                measure_name_of(table, flow->measure), flow->today, flow->month, flow->year};
        }
    }
    for (size_t i = 0; i < totals->n_stocks; i++) {
        const Hoso__V1__StockTotal *stock = totals->stocks[i];
        if (stock->now != 0) {
            stocks[unit->stock_count++] =
                (struct hoso_stock_total){measure_name_of(table, stock->measure), stock->now};
        }
    }
    unit->flows = flows;
    unit->stocks = stocks;
}

static void copy_path(const Hoso__V1__UnitTotals *totals, struct hoso_unit_totals *unit,
                      const char **path, char *text)
{
    for (size_t i = 0; i < totals->n_path; i++) {
        const size_t size = strlen(totals->path[i]) + 1;
        memcpy(text, totals->path[i], size);
        path[i] = text;
        text += size;
    }
    unit->path = path;
    unit->path_count = totals->n_path;
    unit->unit = path[totals->n_path - 1];
}

static struct hoso_unit_totals *unit_new(struct totals_table *table,
                                         const Hoso__V1__UnitTotals *totals)
{
    size_t text = 0;
    if (totals->n_path == 0 || totals->n_path > TOTALS_PATH_MAX) {
        table->status = STATUS_INVALID;
        return NULL;
    }
    for (size_t i = 0; i < totals->n_path; i++) {
        text += strlen(totals->path[i]) + 1;
    }
    struct hoso_unit_totals *unit =
        calloc(1, sizeof *unit + totals->n_flows * sizeof(struct hoso_flow_total) +
                      totals->n_stocks * sizeof(struct hoso_stock_total) +
                      totals->n_path * sizeof(char *) + text);
    if (unit == NULL) {
        table->status = STATUS_TOO_LARGE;
        return NULL;
    }
    struct hoso_flow_total *flows = (struct hoso_flow_total *)(unit + 1);
    struct hoso_stock_total *stocks = (struct hoso_stock_total *)(flows + totals->n_flows);
    const char **path = (const char **)(stocks + totals->n_stocks);
    copy_values(table, totals, unit, flows, stocks);
    copy_path(totals, unit, path, (char *)(path + totals->n_path));
    return unit;
}

static bool is_same(const struct hoso_unit_totals *a, const struct hoso_unit_totals *b)
{
    return a->flow_count == b->flow_count && a->stock_count == b->stock_count &&
           (a->flow_count == 0 ||
            memcmp(a->flows, b->flows, a->flow_count * sizeof *a->flows) == 0) &&
           (a->stock_count == 0 ||
            memcmp(a->stocks, b->stocks, a->stock_count * sizeof *a->stocks) == 0);
}

void totals_table_put(struct totals_table *table, const char *topic, uint64_t sequence,
                      const Hoso__V1__UnitTotals *totals)
{
    struct hoso_unit_totals *after = totals != NULL ? unit_new(table, totals) : NULL;
    struct totals_entry *entry = table->status == STATUS_OK ? find_or_add(table, topic) : NULL;
    if (entry == NULL || (!entry->waiting && !append(table, &table->waiting, entry))) {
        free(after);
        return;
    }
    free(entry->after);
    entry->after = after;
    entry->waiting = true;
    entry->sequence = sequence;
    entry->gone = totals == NULL;
    entry->kept = true;
}

void totals_table_drop_waiting(struct totals_table *table)
{
    for (size_t i = 0; i < table->waiting.count; i++) {
        struct totals_entry *entry = table->waiting.items[i];
        free(entry->after);
        entry->after = NULL;
        entry->waiting = false;
    }
    table->waiting.count = 0;
}

/* After its parent and all that is below that: where a unit that has just come is printed. */
static size_t order_of(const struct totals_table *table, const struct hoso_unit_totals *unit)
{
    const size_t above = unit->path_count - 1;
    size_t place = table->order.count;
    for (size_t i = 0; above != 0 && i < table->order.count; i++) {
        const struct totals_entry *entry = table->order.items[i];
        if (entry->unit->path_count >= above &&
            strcmp(entry->unit->path[above - 1], unit->path[above - 1]) == 0) {
            place = i + 1;
        }
    }
    return place;
}

static void take_out(struct totals_table *table, const struct totals_entry *entry)
{
    size_t at = 0;
    while (at < table->order.count && table->order.items[at] != entry) {
        at++;
    }
    if (at < table->order.count) {
        table->order.count--;
        memmove(&table->order.items[at], &table->order.items[at + 1],
                (table->order.count - at) * sizeof *table->order.items);
    }
}

/* True: the unit was not shown before. */
static bool show(struct totals_table *table, struct totals_entry *entry)
{
    struct hoso_unit_totals *before = entry->unit;
    struct hoso_unit_totals *after = entry->after;
    const bool same = before != NULL && after != NULL && is_same(before, after);
    entry->unit = after;
    entry->after = NULL;
    entry->waiting = false;
    if (after != NULL || before == NULL || !append(table, &table->gone, before)) {
        free(before);
    }
    if (after != NULL && !same && !entry->listed) {
        entry->listed = append(table, &table->changed, entry);
    }
    return before == NULL && after != NULL;
}

void totals_table_commit(struct totals_table *table)
{
    for (size_t i = 0; i < table->waiting.count; i++) {
        struct totals_entry *entry = table->waiting.items[i];
        if (entry->after == NULL) {
            take_out(table, entry);
        }
        if (show(table, entry)) {
            insert(table, &table->order, order_of(table, entry->unit), entry);
        }
    }
    table->waiting.count = 0;
}

void totals_table_begin(struct totals_table *table)
{
    totals_table_drop_waiting(table);
    for (size_t i = 0; i < table->entries.count; i++) {
        ((struct totals_entry *)table->entries.items[i])->kept = false;
    }
}

static void unlist(struct totals_table *table, struct totals_entry *entry)
{
    for (size_t i = 0; entry->listed && i < table->changed.count; i++) {
        if (table->changed.items[i] == entry) {
            table->changed.items[i] = table->changed.items[--table->changed.count];
            entry->listed = false;
        }
    }
}

/* Those that the snapshot does not know. */
static void sweep(struct totals_table *table)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->entries.count; i++) {
        struct totals_entry *entry = table->entries.items[i];
        if (entry->kept) {
            table->entries.items[kept++] = entry;
            continue;
        }
        if (entry->unit != NULL && append(table, &table->gone, entry->unit)) {
            entry->unit = NULL;
        }
        unlist(table, entry);
        entry_free(entry);
    }
    table->entries.count = kept;
}

/* What the snapshot says is waiting, in its own order. */
void totals_table_end(struct totals_table *table)
{
    sweep(table);
    table->order.count = 0;
    for (size_t i = 0; i < table->waiting.count; i++) {
        struct totals_entry *entry = table->waiting.items[i];
        (void)show(table, entry);
        (void)append(table, &table->order, entry);
    }
    table->waiting.count = 0;
}

void totals_table_clear(struct totals_table *table)
{
    for (size_t i = 0; i < table->gone.count; i++) {
        free(table->gone.items[i]);
    }
    table->gone.count = 0;
    for (size_t i = 0; i < table->changed.count; i++) {
        ((struct totals_entry *)table->changed.items[i])->listed = false;
    }
    table->changed.count = 0;
}
