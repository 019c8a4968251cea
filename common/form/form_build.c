/* SPDX-License-Identifier: Apache-2.0
 *
 * A form's head and its figures, without their values.
 */
#include "form/form_build_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/localday.h"
#include "base/text.h"

static const char *const papers[] = {"A4 landscape", "A4 portrait"};

const char *build_text(struct builder *builder, const char *list, int index, const char *key,
                       const char *given, bool empty_fits)
{
    struct slice text = slice_text(given != NULL ? given : "");
    while (text.size != 0 && text.data[text.size - 1] == '\n') {
        text.size--; /* of a block of lines */
    }
    if (text.size == 0 && !empty_fits) {
        build_fault(builder, list, index, key, "there is no text: write one");
    }
    if (text.size != 0 && text_normalise(text, builder->arena, &text) == STATUS_INVALID) {
        build_fault(builder, list, index, key,
                    "it holds a control character, or is not UTF-8: write it anew");
        return "";
    }
    const char *copy = arena_string(builder->arena, text);
    return copy != NULL ? copy : "";
}

struct text2 build_text2(struct builder *builder, const char *list, int index, const char *key,
                         const struct file_text *given, bool empty_fits)
{
    char path[64];
    (void)snprintf(path, sizeof path, "%s.vi", key);
    struct text2 text = {.vi = build_text(builder, list, index, path, given->vi, empty_fits)};
    (void)snprintf(path, sizeof path, "%s.en", key);
    text.en = given->en != NULL ? build_text(builder, list, index, path, given->en, true) : text.vi;
    return text;
}

struct form_sentence build_sentence(struct builder *builder, const char *list, int index,
                                    struct text2 text, const struct file_text *several,
                                    const struct file_each *each)
{
    return (struct form_sentence){
        .text = text,
        .several = build_text2(builder, list, index, "several", several, true),
        .each = {.begin = build_text2(builder, list, index, "each.begin", &each->begin, true),
                 .text = build_text2(builder, list, index, "each.text", &each->text, true),
                 .between = build_text2(builder, list, index, "each.between", &each->between, true),
                 .end = build_text2(builder, list, index, "each.end", &each->end, true),
                 .alone = build_text2(builder, list, index, "each.alone", &each->alone, true)}};
}

struct captions build_captions(struct builder *builder, const char *list, int index,
                               const struct file_captions *given)
{
    struct text2 *texts = arena_array(builder->arena, given->vi_count, sizeof *texts);
    const struct captions captions = {texts, given->vi_count};
    if (given->en_count != 0 && given->en_count != given->vi_count) {
        build_fault(builder, list, index, "caption.en",
                    "%u headings over one another in English and %u in Vietnamese: give as many",
                    given->en_count, given->vi_count);
        return (struct captions){0};
    }
    for (unsigned i = 0; texts != NULL && i < given->vi_count; i++) {
        texts[i].vi = build_text(builder, list, index, "caption.vi", given->vi[i], false);
        texts[i].en = given->en_count != 0
                          ? build_text(builder, list, index, "caption.en", given->en[i], false)
                          : texts[i].vi;
    }
    return texts != NULL ? captions : (struct captions){0};
}

struct text2 build_label(struct builder *builder, const struct captions *captions)
{
    struct text2 label = {"", ""};
    for (unsigned i = 0; i < captions->count; i++) {
        const char *between = i != 0 ? ": " : "";
        label.vi = arena_printf(builder->arena, "%s%s%s", label.vi, between, captions->texts[i].vi);
        label.en = arena_printf(builder->arena, "%s%s%s", label.en, between, captions->texts[i].en);
        if (label.vi == NULL || label.en == NULL) {
            return (struct text2){"", ""};
        }
    }
    return label;
}

static bool id_is_good(const char *id, bool of_form)
{
    const char *allowed = of_form ? "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "_.-"
                                  : "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "_";
    return id[0] != '\0' && id[0] != '.' && id[0] != '-' && id[strspn(id, allowed)] == '\0';
}

static const char *take_id(struct builder *builder, const char *list, int index, const char *given)
{
    if (!id_is_good(given, list[0] == '\0')) {
        build_fault(builder, list, index, "id",
                    list[0] == '\0' ? "\"%s\" is no id: letters without accents, digits, _ . and -"
                                    : "\"%s\" is no id: letters without accents, digits and _",
                    given);
    }
    return build_text(builder, list, index, "id", given, true);
}

static int32_t take_day(struct builder *builder, const char *key, const char *given, int32_t open,
                        int32_t added)
{
    int32_t day = open;
    if (given == NULL) {
        return open;
    }
    if (!localday_parse(slice_text(given), &day)) {
        build_fault(builder, "", -1, key, "\"%s\" is not a date: write it as 2025-07-01", given);
        return open;
    }
    return day + added;
}

static const char *take_paper(struct builder *builder, const char *given)
{
    for (unsigned i = 0; i < COUNT_OF(papers); i++) {
        if (given == NULL || strcmp(papers[i], given) == 0) {
            return papers[i];
        }
    }
    build_fault(builder, "", -1, "paper", "\"%s\": there are \"A4 landscape\" and \"A4 portrait\"",
                given);
    return papers[0];
}

/* A key that means nothing for these rows would only mislead. */
static void refuse_misplaced(struct builder *builder)
{
    const struct form_file *file = builder->file;
    const bool lines = file->rows == ROWS_LINES;
    if (lines && file->lines.count == 0) {
        build_fault(builder, "", -1, "rows", "a form made of lines has a list \"lines\": add it");
    }
    if (!lines && file->lines.count != 0) {
        build_fault(builder, "lines", -1, NULL, "only a form with \"rows: lines\" has lines");
    }
    if (file->rows == ROWS_TIERS && file->groups.count == 0) {
        build_fault(builder, "", -1, "rows",
                    "a form with rows by tier has a list \"groups\" that says which: add it");
    }
    if (file->rows != ROWS_TIERS && file->groups.count != 0) {
        build_fault(builder, "groups", -1, NULL, "only a form with \"rows: tiers\" has groups");
    }
    if (lines && file->columns.count > FORM_SCOPES_MAX) {
        build_fault(builder, "columns", -1, NULL, "a form made of lines has at most %d columns",
                    FORM_SCOPES_MAX);
    }
    if (lines && file->measures == ANSWER_YES) {
        build_fault(builder, "", -1, "measures", "a form made of lines has no columns of measures");
    }
}

void build_head(struct builder *builder)
{
    const struct form_file *file = builder->file;
    struct form *form = builder->form;
    form->id = take_id(builder, "", -1, file->id);
    form->title = build_text2(builder, "", -1, "title", &file->title, false);
    form->legal_basis = build_text(builder, "", -1, "legal_basis", file->legal_basis, true);
    form->counted_in = build_text2(builder, "", -1, "counted_in", &file->counted_in, true);
    form->paper = take_paper(builder, file->paper);
    form->valid_from = take_day(builder, "valid_from", file->valid_from, INT32_MIN, 0);
    form->valid_to = take_day(builder, "valid_to", file->valid_to, INT32_MAX, 1);
    form->order = file->order != 0 ? file->order : INT32_MAX;
    form->rows = file->rows;
    form->subtotals = file->subtotals != ANSWER_NO && file->rows != ROWS_LINES;
    if (form->valid_from >= form->valid_to) {
        build_fault(builder, "", -1, "valid_to", "it is before valid_from");
    }
    refuse_misplaced(builder);
}

static void add_measures(struct builder *builder, bool stocks)
{
    for (unsigned measure = 0; measure < MEASURE_COUNT; measure++) {
        const char *name = measure_name((enum measure)measure);
        struct text2 *texts = arena_array(builder->arena, 1, sizeof *texts);
        const char *source = stocks ? arena_printf(builder->arena, "close(%s)", name) : name;
        if (measure_is_stock((enum measure)measure) != stocks || texts == NULL || source == NULL) {
            continue;
        }
        *texts = (struct text2){measure_label((enum measure)measure, false),
                                measure_label((enum measure)measure, true)};
        builder->figures[builder->form->figure_count++] = (struct form_figure){
            .id = name, .captions = {texts, 1}, .label = *texts, .number = "", .source = source};
    }
}

const char *build_number(struct builder *builder, const char *list, int index, const char *given)
{
    const char *number = build_text(builder, list, index, "number", given, true);
    bool open = false;
    bool wrong = false;
    for (const char *at = number; *at != '\0'; at++) {
        const bool opens = *at == '(';
        const bool closes = *at == ')';
        wrong = wrong || (opens && open) || (closes && (!open || at[-1] == '('));
        open = opens || (open && !closes);
    }
    if (wrong || open) {
        build_fault(builder, list, index, "number",
                    "\"%s\": each ( has its ) with a number between: write it as (9) or as "
                    "(3)=(4)+(5)",
                    number);
    }
    return number;
}

static void add_column(struct builder *builder, int index, const struct file_item *item)
{
    struct form_figure *figure = &builder->figures[builder->form->figure_count++];
    figure->captions = build_captions(builder, "columns", index, &item->caption);
    figure->label = item->label.vi != NULL
                        ? build_text2(builder, "columns", index, "label", &item->label, false)
                        : build_label(builder, &figure->captions);
    figure->id = take_id(builder, "columns", index, item->id);
    figure->number = build_number(builder, "columns", index, item->number);
    figure->source = build_text(builder, "columns", index, "value", item->value, true);
    if (figure->source[0] == '\0') {
        build_fault(builder, "columns", index, NULL,
                    "the column \"%s\" has no value: say what it counts", item->id);
    }
    if (item->tiers != 0 || item->name.vi != NULL) {
        build_fault(builder, "columns", index, item->tiers != 0 ? "tiers" : "name",
                    "only the columns of a form with \"rows: lines\" have it");
    }
}

static void add_line(struct builder *builder, int index, const struct file_item *item)
{
    struct form_figure *figure = &builder->figures[builder->form->figure_count++];
    struct text2 *caption = arena_array(builder->arena, 1, sizeof *caption);
    figure->id = take_id(builder, "lines", index, item->id);
    figure->label = build_text2(builder, "lines", index, "label", &item->label, false);
    figure->number = "";
    figure->source = build_text(builder, "lines", index, "value", item->value, true);
    figure->level = item->level;
    figure->optional = item->optional == ANSWER_YES;
    figure->sentence =
        build_sentence(builder, "lines", index,
                       build_text2(builder, "lines", index, "sentence", &item->sentence, true),
                       &item->several, &item->each);
    if (caption != NULL) {
        *caption = figure->label;
        figure->captions = (struct captions){caption, 1};
    }
    if (item->level > 9) {
        build_fault(builder, "lines", index, "level", "a line is indented by 0 to 9");
    }
}

/* Ids name a cell of the report, so each stands once. */
static void refuse_twins(struct builder *builder, const char *list, unsigned first)
{
    const struct form *form = builder->form;
    for (unsigned i = first; i < form->figure_count; i++) {
        for (unsigned k = 0; k < i; k++) {
            if (strcmp(form->figures[i].id, form->figures[k].id) == 0) {
                build_fault(builder, list, (int)(i - first), "id",
                            "there is another figure \"%s\": each needs an id of its own",
                            form->figures[i].id);
            }
        }
    }
}

void build_figures(struct builder *builder)
{
    const struct form_file *file = builder->file;
    struct form *form = builder->form;
    const bool lines = file->rows == ROWS_LINES;
    const struct file_list *shown = lines ? &file->lines : &file->columns;
    const size_t most =
        (file->measures == ANSWER_YES ? MEASURE_COUNT : 0) + shown->count + file->figures.count;
    builder->figures = arena_array(builder->arena, most, sizeof *builder->figures);
    form->figures = builder->figures;
    if (builder->figures == NULL || most > FORM_FIGURES_MAX) {
        build_fault(builder, lines ? "lines" : "columns", -1, NULL, "a form has at most %d figures",
                    FORM_FIGURES_MAX);
        return;
    }
    if (file->measures == ANSWER_YES) {
        add_measures(builder, false);
    }
    const unsigned first = form->figure_count;
    for (unsigned i = 0; i < shown->count; i++) {
        (lines ? add_line : add_column)(builder, (int)i, &shown->items[i]);
    }
    refuse_twins(builder, lines ? "lines" : "columns", first);
    if (file->measures == ANSWER_YES) {
        add_measures(builder, true);
    }
    form->shown_count = form->figure_count;
    for (unsigned i = 0; i < file->figures.count; i++) {
        const struct file_item *item = &file->figures.items[i];
        struct form_figure *figure = &builder->figures[form->figure_count++];
        figure->id = take_id(builder, "figures", (int)i, item->id);
        figure->source = build_text(builder, "figures", (int)i, "value", item->value, false);
        figure->number = "";
        figure->label = (struct text2){figure->id, figure->id};
        figure->hidden = true;
    }
    refuse_twins(builder, "figures", form->shown_count);
}
