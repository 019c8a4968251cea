/* SPDX-License-Identifier: Apache-2.0
 *
 * A changed unit's difference is added to it and to everything above it; so roll-ups are exact
 * without reading any other unit.
 */
#include "services/reporting/feed/totals.h"

#include <stdlib.h>

#include "base/require.h"

enum { TREE_ARENA_BYTES = 16 << 20 };

static bool add_difference(struct totals_values *sum, const struct totals_values *after,
                           const struct totals_values *before)
{
    int64_t *to = &sum->at[0][0];
    const int64_t *plus = &after->at[0][0];
    const int64_t *minus = &before->at[0][0];
    bool changed = false;
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++) {
        to[i] += plus[i] - minus[i];
        changed = changed || plus[i] != minus[i];
    }
    return changed;
}

static void make_dirty(struct totals *totals, struct totals_node *node)
{
    if (!node->dirty) {
        node->dirty = true;
        totals->dirty[totals->dirty_count++] = (uint32_t)(node - totals->nodes);
        totals->dirty_sorted = false;
    }
}

unsigned totals_path(const struct totals *totals, const struct totals_node *node,
                     const char *ret_units[CATALOGUE_DEPTH_MAX])
{
    const struct totals_node *up[CATALOGUE_DEPTH_MAX];
    unsigned count = 0;
    for (;;) {
        require(count < CATALOGUE_DEPTH_MAX);
        up[count++] = node;
        const struct totals_node *parent = &totals->nodes[node->parent];
        if (parent == node) {
            break;
        }
        node = parent;
    }
    for (unsigned i = 0; i < count; i++) {
        ret_units[i] = up[count - 1 - i]->unit;
    }
    return count;
}

/* One unit is enough: what is restricted must not go out within another one's figures. */
static bool is_restricted(const struct catalogue *catalogue,
                          const struct totals_restricted *restricted, const struct scope *scope,
                          const struct scope_row *row)
{
    for (uint32_t unit = row->unit_first; unit < row->unit_end; unit++) {
        for (unsigned i = 0; i < restricted->count; i++) {
            if (scope_covers(catalogue, slice_text(restricted->units[i]), scope->units[unit]->id)) {
                return true;
            }
        }
    }
    return false;
}

static void copy_id(struct slice id, char ret_id[CATALOGUE_ID_MAX + 1])
{
    require(id.size <= CATALOGUE_ID_MAX);
    memcpy(ret_id, id.data, id.size);
}

/* A node for each row of the tree. */
static void lay_out(struct totals *totals, const struct scope *scope,
                    const struct catalogue *catalogue, const struct totals_restricted *restricted)
{
    for (uint32_t i = 0; i < scope->count; i++) {
        const struct scope_row *from = &scope->rows[i];
        struct totals_node *node = &totals->nodes[i];
        const char *units[CATALOGUE_DEPTH_MAX];
        copy_id(from->unit->id, node->unit);
        node->parent = from->parent;
        node->end = from->end;
        node->unit_first = from->unit_first;
        node->unit_end = from->unit_end;
        node->feed =
            is_restricted(catalogue, restricted, scope, from) ? TOTALS_RESTRICTED : TOTALS_PUBLIC;
        topic_path(units, totals_path(totals, node, units), node->path);
        for (uint32_t unit = from->unit_first; unit < from->unit_end; unit++) {
            copy_id(scope->units[unit]->id, totals->units[unit].id);
            totals->units[unit].node = i;
        }
    }
}

static int compare_units(const void *a, const void *b, void *context)
{
    const struct totals_unit *units = context;
    return strcmp(units[*(const uint32_t *)a].id, units[*(const uint32_t *)b].id);
}

static enum status allocate(const struct scope *scope, struct totals **ret_totals)
{
    struct totals *totals = calloc(1, sizeof *totals);
    if (totals == NULL) {
        return STATUS_TOO_LARGE;
    }
    totals->count = scope->count;
    totals->unit_count = scope->unit_count;
    totals->nodes = calloc((size_t)scope->count + 1, sizeof *totals->nodes);
    totals->units = calloc((size_t)scope->unit_count + 1, sizeof *totals->units);
    totals->by_unit = calloc((size_t)scope->unit_count + 1, sizeof *totals->by_unit);
    totals->dirty = calloc((size_t)scope->count + 1, sizeof *totals->dirty);
    if (totals->nodes == NULL || totals->units == NULL || totals->by_unit == NULL ||
        totals->dirty == NULL) {
        totals_free(totals);
        return STATUS_TOO_LARGE;
    }
    *ret_totals = totals;
    return STATUS_OK;
}

static void read_own(const struct totals *totals, const struct totals_source *source,
                     const struct totals_node *node, struct totals_values *ret_own)
{
    static const struct totals_values zero;
    *ret_own = zero;
    for (uint32_t unit = node->unit_first; unit < node->unit_end; unit++) {
        struct totals_values values = {0};
        source->read(source->context, slice_text(totals->units[unit].id), totals->day, &values);
        (void)add_difference(ret_own, &values, &zero);
    }
}

/* Children stand after their parents. */
static void read_all(struct totals *totals, const struct totals_source *source)
{
    static const struct totals_values zero;
    for (uint32_t i = totals->count; i-- > 0;) {
        struct totals_node *node = &totals->nodes[i];
        read_own(totals, source, node, &node->own);
        (void)add_difference(&node->sum, &node->own, &zero);
        if (node->parent != i) {
            (void)add_difference(&totals->nodes[node->parent].sum, &node->sum, &zero);
        }
    }
    for (uint32_t i = 0; i < totals->unit_count; i++) {
        totals->by_unit[i] = i;
    }
    qsort_r(totals->by_unit, totals->unit_count, sizeof *totals->by_unit, compare_units,
            totals->units);
}

enum status totals_at(int32_t day, const struct catalogue *catalogue,
                      const struct totals_restricted *restricted,
                      const struct totals_source *source, struct totals **ret_totals)
{
    struct arena arena;
    struct scope scope;
    struct totals *totals = NULL;
    arena_init(&arena, TREE_ARENA_BYTES);
    const struct scope_question forest = {.from_day = day, .to_day = day, .tree_day = day};
    enum status status = scope_of(catalogue, &forest, &arena, &scope);
    if (status == STATUS_OK) {
        status = allocate(&scope, &totals);
    }
    if (status == STATUS_OK) {
        totals->day = day;
        lay_out(totals, &scope, catalogue, restricted);
        read_all(totals, source);
        *ret_totals = totals;
    }
    arena_fini(&arena);
    return status;
}

void totals_free(struct totals *totals)
{
    if (totals != NULL) {
        free(totals->nodes);
        free(totals->units);
        free(totals->by_unit);
        free(totals->dirty);
        free(totals);
    }
}

/* The node in which a unit is counted, or NULL. */
static struct totals_node *find_counting(const struct totals *totals, struct slice unit)
{
    uint32_t from = 0;
    uint32_t to = totals->unit_count;
    while (from < to) {
        const uint32_t middle = from + (to - from) / 2;
        const struct totals_unit *found = &totals->units[totals->by_unit[middle]];
        const int order = slice_compare(unit, slice_text(found->id));
        if (order == 0) {
            return &totals->nodes[found->node];
        }
        if (order < 0) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return NULL;
}

struct totals_node *totals_find(const struct totals *totals, struct slice unit)
{
    struct totals_node *node = find_counting(totals, unit);
    return node != NULL && slice_equal(slice_text(node->unit), unit) ? node : NULL;
}

void totals_update(struct totals *totals, const struct totals_source *source, struct slice unit)
{
    struct totals_node *node = find_counting(totals, unit);
    struct totals_values now;
    if (node == NULL) {
        return;
    }
    read_own(totals, source, node, &now);
    const struct totals_values before = node->own;
    node->own = now;
    for (;;) {
        if (!add_difference(&node->sum, &now, &before)) {
            return;
        }
        make_dirty(totals, node);
        struct totals_node *parent = &totals->nodes[node->parent];
        if (parent == node) {
            return;
        }
        node = parent;
    }
}

static int ascending(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a;
    const uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

struct totals_node *totals_take_dirty(struct totals *totals)
{
    if (totals->dirty_count == 0) {
        return NULL;
    }
    if (!totals->dirty_sorted) {
        qsort(totals->dirty, totals->dirty_count, sizeof *totals->dirty, ascending);
        totals->dirty_sorted = true;
    }
    struct totals_node *node = &totals->nodes[totals->dirty[--totals->dirty_count]];
    node->dirty = false;
    return node;
}

struct totals_node *totals_same(const struct totals *totals, const struct totals_node *node)
{
    struct totals_node *same = totals_find(totals, slice_text(node->unit));
    return same != NULL && same->feed == node->feed && strcmp(same->path, node->path) == 0 ? same
                                                                                           : NULL;
}

void totals_adopt(struct totals *totals, const struct totals *old)
{
    for (uint32_t i = 0; i < totals->count; i++) {
        struct totals_node *node = &totals->nodes[i];
        const struct totals_node *before = totals_same(old, node);
        if (before != NULL) {
            node->sequence = before->sequence;
            node->messages = before->messages;
        }
        if (before == NULL || memcmp(&before->sum, &node->sum, sizeof node->sum) != 0) {
            make_dirty(totals, node);
        }
    }
}
