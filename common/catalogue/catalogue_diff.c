/* SPDX-License-Identifier: Apache-2.0
 *
 * Ids are sorted in both, so the two lists are walked side by side.
 */
#include "catalogue/catalogue_diff.h"

#include <inttypes.h>

#include "base/localday.h"
#include "base/require.h"
#include "catalogue/catalogue_internal.h"

struct diff {
    struct arena *arena;
    catalogue_change_visit *visit;
    void *context;
    const char *table;
    struct slice id;
};

static void add_change(struct diff *diff, enum change_kind kind, struct slice before,
                       struct slice after)
{
    const struct catalogue_change change = {kind, diff->table, diff->id, before, after};
    diff->visit(diff->context, &change);
}

static void add_if_other(struct diff *diff, enum change_kind kind, struct slice before,
                         struct slice after)
{
    if (!slice_equal(before, after)) {
        add_change(diff, kind, before, after);
    }
}

static struct slice joined(struct diff *diff, const struct code_list *list)
{
    struct buffer text;
    buffer_init(&text, (size_t)(CATALOGUE_ID_MAX + 1) * CATALOGUE_CODES_MAX);
    for (uint32_t i = 0; i < list->count; i++) {
        buffer_printf(&text, "%s%s", i > 0 ? " " : "", list->codes[i]);
    }
    const struct slice copy = arena_copy(diff->arena, buffer_slice(&text));
    buffer_fini(&text);
    return copy;
}

static struct slice span_text(struct diff *diff, int32_t from_day, int32_t to_day)
{
    char from[DATE_TEXT_SIZE] = "";
    char to[DATE_TEXT_SIZE] = "";
    if (from_day != INT32_MIN) {
        localday_format(from_day, from);
    }
    if (to_day != INT32_MAX) {
        localday_format(to_day - 1, to);
    }
    return slice_text(arena_printf(diff->arena, "%s – %s", from, to));
}

static void tell_span(struct diff *diff, int32_t from_before, int32_t to_before, int32_t from_after,
                      int32_t to_after)
{
    if (from_before != from_after || to_before != to_after) {
        const bool ended = to_before == INT32_MAX && to_after != INT32_MAX;
        add_change(diff, ended ? CHANGE_ENDED : CHANGE_DATES,
                   span_text(diff, from_before, to_before), span_text(diff, from_after, to_after));
    }
}

static void diff_codes(struct diff *diff, enum change_kind kind, const struct code_list *before,
                       const struct code_list *after)
{
    add_if_other(diff, kind, joined(diff, before), joined(diff, after));
}

static void diff_orders(struct diff *diff, uint32_t before, uint32_t after)
{
    if (before != after) {
        add_change(diff, CHANGE_OTHER, slice_text(arena_printf(diff->arena, "%" PRIu32, before)),
                   slice_text(arena_printf(diff->arena, "%" PRIu32, after)));
    }
}

static void diff_rows(struct diff *diff, const struct unit *before, const struct unit *after)
{
    add_if_other(diff, CHANGE_RENAMED, before->name, after->name);
    add_if_other(diff, CHANGE_RENAMED, before->code, after->code);
    add_if_other(diff, CHANGE_MOVED, before->parent, after->parent);
    add_if_other(diff, CHANGE_OTHER, slice_text(catalogue_tier_names[before->tier]),
                 slice_text(catalogue_tier_names[after->tier]));
    diff_orders(diff, before->print_order, after->print_order);
    add_if_other(diff, CHANGE_OTHER, before->name_en, after->name_en);
    diff_codes(diff, CHANGE_ALIASES, &before->aliases, &after->aliases);
}

/* Row by row; one that was added is what the row before it became. */
static void diff_unit(struct diff *diff, const struct catalogue *before, uint32_t id_before,
                      const struct catalogue *after, uint32_t id_after)
{
    const struct unit_row *old = &before->rows[before->ids[id_before].row_first];
    const struct unit_row *new = &after->rows[after->ids[id_after].row_first];
    const uint32_t old_count = before->ids[id_before].row_end - before->ids[id_before].row_first;
    const uint32_t new_count = after->ids[id_after].row_end - after->ids[id_after].row_first;
    for (uint32_t i = 0; i < new_count; i++) {
        if (i >= old_count) {
            diff_rows(diff, &new[i - 1].unit, &new[i].unit);
            continue;
        }
        diff_rows(diff, &old[i].unit, &new[i].unit);
        tell_span(diff, old[i].unit.from_day, old[i].unit.to_day, new[i].unit.from_day,
                  new[i].unit.to_day);
        diff_codes(diff, CHANGE_SUCCESSORS, &old[i].unit.successors, &new[i].unit.successors);
    }
    for (uint32_t i = new_count; i < old_count; i++) {
        add_change(diff, CHANGE_DATES, span_text(diff, old[i].unit.from_day, old[i].unit.to_day),
                   slice_text(""));
    }
}

static void diff_units(struct diff *diff, const struct catalogue *before,
                       const struct catalogue *after)
{
    uint32_t i = 0;
    uint32_t j = 0;
    const uint32_t count = before != NULL ? before->id_count : 0;
    diff->table = "units";
    while (i < count || j < after->id_count) {
        const struct unit *old = i < count ? &before->rows[before->ids[i].row_end - 1].unit : NULL;
        const struct unit *new =
            j < after->id_count ? &after->rows[after->ids[j].row_end - 1].unit : NULL;
        const int order = old == NULL ? 1 : new == NULL ? -1 : slice_compare(old->id, new->id);
        const struct unit *named = order <= 0 ? old : new;
        require(named != NULL); /* at least one of them is there */
        diff->id = named->id;
        if (order < 0) {
            add_change(diff, CHANGE_GONE, old->name, slice_text(""));
        } else if (order > 0) {
            add_change(diff, CHANGE_NEW, slice_text(""), new->name);
        } else {
            diff_unit(diff, before, i, after, j);
        }
        i += order <= 0;
        j += order >= 0;
    }
}

static void diff_fields(struct diff *diff, const struct catalogue *before,
                        const struct catalogue *after)
{
    diff->table = "fields";
    for (uint32_t i = 0; before != NULL && i < before->field_count; i++) {
        const struct field *old = &before->fields[i];
        const struct field *new = catalogue_field(after, old->id);
        diff->id = old->id;
        if (new == NULL) {
            add_change(diff, CHANGE_GONE, old->name, slice_text(""));
        } else {
            add_if_other(diff, CHANGE_RENAMED, old->name, new->name);
            add_if_other(diff, CHANGE_OTHER, old->name_en, new->name_en);
            diff_orders(diff, old->print_order, new->print_order);
        }
    }
    for (uint32_t i = 0; i < after->field_count; i++) {
        diff->id = after->fields[i].id;
        if (before == NULL || catalogue_field(before, diff->id) == NULL) {
            add_change(diff, CHANGE_NEW, slice_text(""), after->fields[i].name);
        }
    }
}

static void diff_procedures(struct diff *diff, const struct catalogue *before,
                            const struct catalogue *after)
{
    diff->table = "procedures";
    for (uint32_t i = 0; before != NULL && i < before->procedure_count; i++) {
        const struct procedure *old = &before->procedures[i];
        const struct procedure *new = catalogue_procedure(after, old->id);
        diff->id = old->id;
        if (new == NULL) {
            add_change(diff, CHANGE_GONE, old->name, slice_text(""));
            continue;
        }
        add_if_other(diff, CHANGE_RENAMED, old->name, new->name);
        add_if_other(diff, CHANGE_MOVED, old->field, new->field);
        tell_span(diff, old->from_day, old->to_day, new->from_day, new->to_day);
        add_if_other(diff, CHANGE_OTHER, slice_text(catalogue_level_names[old->service_level]),
                     slice_text(catalogue_level_names[new->service_level]));
        diff_codes(diff, CHANGE_ALIASES, &old->aliases, &new->aliases);
    }
    for (uint32_t i = 0; i < after->procedure_count; i++) {
        diff->id = after->procedures[i].id;
        if (before == NULL || catalogue_procedure(before, diff->id) == NULL) {
            add_change(diff, CHANGE_NEW, slice_text(""), after->procedures[i].name);
        }
    }
}

enum status catalogue_diff(const struct catalogue *before, const struct catalogue *after,
                           struct arena *arena, catalogue_change_visit *visit, void *context)
{
    struct diff diff = {.arena = arena, .visit = visit, .context = context};
    diff_units(&diff, before, after);
    diff_fields(&diff, before, after);
    diff_procedures(&diff, before, after);
    return arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}
