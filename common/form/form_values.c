/* SPDX-License-Identifier: Apache-2.0
 *
 * The values of a form's figures, from expressions to terms.
 */
#include <stdlib.h>
#include <string.h>

#include "form/expression.h"
#include "form/form_build_internal.h"

static const char *source_of(void *context, struct slice id)
{
    const struct builder *builder = context;
    const struct form_figure *figure = form_figure_find(builder->form, id);
    return figure != NULL && figure->source[0] != '\0' ? figure->source : NULL;
}

/* Where the figure stands in the file: its list and its index there; −1 = it is a measure's. */
static const char *list_of(const struct builder *builder, const struct form_figure *figure,
                           int *ret_index)
{
    const bool lines = builder->file->rows == ROWS_LINES;
    const struct file_list *lists[] = {lines ? &builder->file->lines : &builder->file->columns,
                                       &builder->file->figures};
    const struct file_list *list = lists[figure->hidden];
    *ret_index = -1;
    for (unsigned i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].id, figure->id) == 0) {
            *ret_index = (int)i;
        }
    }
    return figure->hidden ? "figures" : lines ? "lines" : "columns";
}

static struct expression keep(struct builder *builder, const struct term *terms, unsigned count)
{
    struct term *kept = arena_array(builder->arena, count, sizeof *kept);
    if (kept == NULL || count == 0) {
        return (struct expression){0};
    }
    memcpy(kept, terms, count * sizeof *kept);
    return (struct expression){kept, count};
}

static int by_term(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct term));
}

/* Both sides' terms in one order. */
static bool same_terms(struct parsed_value *a, struct parsed_value *b)
{
    qsort(a->value, a->value_count, sizeof *a->value, by_term);
    qsort(b->value, b->value_count, sizeof *b->value, by_term);
    return a->under_count == 0 && a->value_count == b->value_count &&
           memcmp(a->value, b->value, a->value_count * sizeof *a->value) == 0;
}

/* A figure may only bear a measure's name if it is that measure: others mean it by this name. */
static void check_name(struct builder *builder, const char *list, int index,
                       const struct form_figure *figure, struct parsed_value *value)
{
    const char *close = arena_printf(builder->arena, "close(%s)", figure->id);
    struct parsed_value flow;
    struct expression_fault ignored;
    if (close == NULL || !expression_is_measure(slice_text(figure->id))) {
        return;
    }
    if (expression_parse(figure->id, "", NULL, NULL, &flow, &ignored) != STATUS_OK &&
        expression_parse(close, "", NULL, NULL, &flow, &ignored) != STATUS_OK) {
        return;
    }
    if (!same_terms(value, &flow)) {
        build_fault(builder, list, index, "id",
                    "\"%s\" is the name of a measure, but counts something else: choose another id",
                    figure->id);
    }
}

static void add_shift(struct builder *builder, const char *list, int index, uint16_t days)
{
    struct form *form = builder->form;
    unsigned i = 0;
    while (i < form->shift_count && form->shifts[i] != days) {
        i++;
    }
    if (i == FORM_SHIFTS_MAX) {
        build_fault(builder, list, index, "value",
                    "more than %d different numbers of days later in one form",
                    FORM_SHIFTS_MAX - 1);
    } else if (i == form->shift_count) {
        form->shifts[form->shift_count++] = days;
    }
}

static void build_value(struct builder *builder, struct form_figure *figure)
{
    struct parsed_value value;
    struct expression_fault fault;
    int index;
    const char *list = list_of(builder, figure, &index);
    if (figure->source[0] == '\0') {
        return; /* a heading */
    }
    memset(&value, 0, sizeof value);
    if (expression_parse(figure->source, figure->id, source_of, builder, &value, &fault) !=
        STATUS_OK) {
        build_fault(builder, list, index, "value", "%s", fault.text);
        return;
    }
    figure->value = keep(builder, value.value, value.value_count);
    figure->under = keep(builder, value.under, value.under_count);
    for (unsigned i = 0; i < value.value_count; i++) {
        add_shift(builder, list, index, value.value[i].days);
    }
    for (unsigned i = 0; i < value.under_count; i++) {
        add_shift(builder, list, index, value.under[i].days);
    }
    check_name(builder, list, index, figure, &value);
}

void build_values(struct builder *builder)
{
    struct form *form = builder->form;
    form->shifts[form->shift_count++] = 0;
    for (unsigned i = 0; i < form->figure_count; i++) {
        build_value(builder, &builder->figures[i]);
    }
}
