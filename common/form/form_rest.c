/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands around a form's figures: scopes, groups, stub, checks, notes; and the sentences, once
 * all that they may name is there.
 */
#include <string.h>

#include "catalogue/catalogue.h"
#include "form/expression.h"
#include "form/form_build_internal.h"
#include "form/sentence.h"

static void refuse_twin(struct builder *builder, const char *list, const struct file_list *items,
                        unsigned index)
{
    for (unsigned k = 0; k < index; k++) {
        if (strcmp(items->items[k].id, items->items[index].id) == 0) {
            build_fault(builder, list, (int)index, "id",
                        "\"%s\" stands here twice: each needs an id of its own",
                        items->items[index].id);
        }
    }
}

static void build_scopes(struct builder *builder)
{
    const struct file_list *columns = &builder->file->columns;
    struct form *form = builder->form;
    struct form_scope *scopes = arena_array(builder->arena, columns->count, sizeof *scopes);
    if (form->rows != ROWS_LINES || scopes == NULL) {
        return;
    }
    for (unsigned i = 0; i < columns->count; i++) {
        const struct file_item *item = &columns->items[i];
        scopes[i].id = build_text(builder, "columns", (int)i, "id", item->id, false);
        scopes[i].captions = build_captions(builder, "columns", (int)i, &item->caption);
        scopes[i].label = build_label(builder, &scopes[i].captions);
        scopes[i].name = build_text2(builder, "columns", (int)i, "name", &item->name, true);
        scopes[i].tiers = item->tiers;
        refuse_twin(builder, "columns", columns, i);
        if (item->value != NULL) {
            build_fault(builder, "columns", (int)i, "value",
                        "in a form made of lines the lines have values, columns have tiers");
        }
        if ((item->tiers == 0) != (i == 0)) {
            build_fault(builder, "columns", (int)i, "tiers",
                        i == 0 ? "the first column is for all units: leave tiers out"
                               : "only the first column is for all units: give tiers");
        }
    }
    form->scopes = scopes;
    form->scope_count = columns->count;
}

static void build_groups(struct builder *builder)
{
    const struct file_list *list = &builder->file->groups;
    struct form_group *groups = arena_array(builder->arena, list->count, sizeof *groups);
    uint32_t seen = 0;
    for (unsigned i = 0; groups != NULL && i < list->count; i++) {
        const struct file_item *item = &list->items[i];
        groups[i].id = build_text(builder, "groups", (int)i, "id", item->id, false);
        groups[i].label = build_text2(builder, "groups", (int)i, "label", &item->label, false);
        groups[i].tiers = item->tiers;
        refuse_twin(builder, "groups", list, i);
        if (item->tiers == 0 || (item->tiers & seen) != 0) {
            build_fault(builder, "groups", (int)i, "tiers",
                        item->tiers == 0 ? "name the tiers of the group"
                                         : "a tier of it is in a group above: each is in one");
        }
        seen |= item->tiers;
    }
    builder->form->groups = groups;
    builder->form->group_count = groups != NULL ? list->count : 0;
}

/* Without a word of the file: STT and the rows' labels; of lines the labels alone. */
static void default_stub(struct builder *builder)
{
    static const struct text2 ordinal = {"STT", "No."};
    static const struct text2 unit = {"Đơn vị", "Unit"};
    static const struct text2 item = {"Nội dung", "Item"};
    struct form *form = builder->form;
    const bool lines = form->rows == ROWS_LINES;
    struct form_stub *stub = arena_array(builder->arena, 2, sizeof *stub);
    if (stub == NULL) {
        return;
    }
    stub[0] = (struct form_stub){STUB_ORDINAL, {&ordinal, 1}, "(1)"};
    stub[1] = (struct form_stub){STUB_LABEL, {lines ? &item : &unit, 1}, lines ? "" : "(2)"};
    form->stub = lines ? stub + 1 : stub;
    form->stub_count = lines ? 1 : 2;
}

static void build_stub(struct builder *builder)
{
    const struct file_list *list = &builder->file->stub;
    struct form_stub *stub = arena_array(builder->arena, list->count, sizeof *stub);
    unsigned seen = 0;
    if (list->count == 0) {
        default_stub(builder);
        return;
    }
    for (unsigned i = 0; stub != NULL && i < list->count; i++) {
        const struct file_item *item = &list->items[i];
        stub[i].kind = item->stub;
        stub[i].captions = build_captions(builder, "stub", (int)i, &item->caption);
        stub[i].number = build_number(builder, "stub", (int)i, item->number);
        if ((seen >> item->stub & 1U) != 0) {
            build_fault(builder, "stub", (int)i, "id", "it stands here twice: keep one of them");
        }
        seen |= 1U << item->stub;
    }
    if ((seen >> STUB_LABEL & 1U) == 0) {
        build_fault(builder, "stub", -1, NULL, "\"label\", the name of a row, is missing: add it");
    }
    builder->form->stub = stub;
    builder->form->stub_count = stub != NULL ? list->count : 0;
}

static int counted_figure(void *context, struct slice id)
{
    const struct form *form = context;
    const struct form_figure *figure = form_figure_find(form, id);
    const bool counts = figure != NULL && figure->value.count != 0 && figure->under.count == 0;
    return counts ? (int)(figure - form->figures) : -1;
}

static void build_checks(struct builder *builder)
{
    const struct file_list *list = &builder->file->checks;
    struct form_check *checks = arena_array(builder->arena, list->count, sizeof *checks);
    struct expression_fault fault;
    for (unsigned i = 0; checks != NULL && i < list->count; i++) {
        const struct file_item *item = &list->items[i];
        struct file_text text = item->text;
        text.vi = text.vi != NULL ? text.vi : item->value;
        checks[i].id = build_text(builder, "checks", (int)i, "id", item->id, false);
        checks[i].text = build_text2(builder, "checks", (int)i, "text", &text, false);
        refuse_twin(builder, "checks", list, i);
        if (expression_parse_check(item->value, counted_figure, builder->form, &checks[i],
                                   &fault) != STATUS_OK) {
            build_fault(builder, "checks", (int)i, "value", "%s", fault.text);
        }
    }
    builder->form->checks = checks;
    builder->form->check_count = checks != NULL ? list->count : 0;
}

/* A sentence is tried with nothing in its places: what may stand where. */
struct trial {
    const struct form *form;
    const struct form_sentence *sentence;
    bool inside; /* `several` or a part of `each`, where neither can stand */
    bool of_tier;
    bool note;
};

static bool try_place(void *context, const struct sentence_place *place, struct buffer *out)
{
    const struct trial *trial = context;
    (void)out;
    switch (place->kind) {
    case PLACE_SEVERAL:
        return !trial->inside && trial->sentence->several.vi[0] != '\0';
    case PLACE_EACH:
        return !trial->inside && trial->sentence->each.text.vi[0] != '\0';
    case PLACE_LINE:
        return !trial->note;
    case PLACE_TIER:
        return trial->of_tier;
    case PLACE_FIGURE:
        return !trial->of_tier || place->scope < 0;
    default:
        return true;
    }
}

static void try_text(struct builder *builder, struct trial *trial, const char *list, int index,
                     const char *key, const struct text2 *text)
{
    const char *const texts[] = {text->vi, text->en};
    bool good = true;
    for (unsigned i = 0; i < 2 && good; i++) {
        struct buffer out;
        struct slice bad = {0};
        buffer_init(&out, SENTENCE_BYTES_MAX);
        good = sentence_write(builder->form, texts[i], try_place, trial, &out, &bad);
        buffer_fini(&out);
        if (!good) {
            build_fault(builder, list, index, key,
                        "nothing is known to stand in the place \"%.*s\": there are {from}, {to}, "
                        "{unit}, {area}, {tier_count}, {line}, a figure as {ID} or {ID.COLUMN}, of "
                        "a ratio {ID.n} and {ID.d}, and {each} and {several} where they are given",
                        SLICE_ARG(bad));
        }
    }
}

static void try_sentence(struct builder *builder, const char *list, int index, const char *key,
                         const struct form_sentence *sentence)
{
    const struct form_each *each = &sentence->each;
    struct trial trial = {
        .form = builder->form, .sentence = sentence, .note = strcmp(list, "notes") == 0};
    try_text(builder, &trial, list, index, key, &sentence->text);
    trial.inside = true;
    try_text(builder, &trial, list, index, "several", &sentence->several);
    try_text(builder, &trial, list, index, "each.begin", &each->begin);
    try_text(builder, &trial, list, index, "each.between", &each->between);
    try_text(builder, &trial, list, index, "each.end", &each->end);
    try_text(builder, &trial, list, index, "each.alone", &each->alone);
    trial.of_tier = true;
    try_text(builder, &trial, list, index, "each.text", &each->text);
    if ((each->text.vi[0] != '\0' && strstr(sentence->text.vi, "{each}") == NULL) ||
        (sentence->several.vi[0] != '\0' && strstr(sentence->text.vi, "{several}") == NULL)) {
        build_fault(builder, list, index, each->text.vi[0] != '\0' ? "each" : "several",
                    "the sentence has no place for it: write {%s} where it stands",
                    each->text.vi[0] != '\0' ? "each" : "several");
    }
    if (builder->form->rows != ROWS_LINES && each->text.vi[0] != '\0') {
        build_fault(builder, list, index, "each",
                    "only a form with \"rows: lines\" has tiers to name");
    }
}

static void build_notes(struct builder *builder)
{
    const struct form_file *file = builder->file;
    struct form_sentence *notes = arena_array(builder->arena, file->note_count, sizeof *notes);
    for (unsigned i = 0; notes != NULL && i < file->note_count; i++) {
        const struct file_note *note = &file->notes[i];
        struct text2 text = {.vi =
                                 build_text(builder, "notes", (int)i, "vi", note->text.vi, false)};
        text.en = note->text.en != NULL
                      ? build_text(builder, "notes", (int)i, "en", note->text.en, false)
                      : text.vi;
        notes[i] = build_sentence(builder, "notes", (int)i, text, &note->several, &note->each);
        try_sentence(builder, "notes", (int)i, "vi", &notes[i]);
    }
    builder->form->notes = notes;
    builder->form->note_count = notes != NULL ? file->note_count : 0;
}

void build_rest(struct builder *builder)
{
    build_scopes(builder);
    build_groups(builder);
    build_stub(builder);
    build_checks(builder);
    if (builder->faults->count != 0) {
        return; /* sentences name what is missing now */
    }
    for (unsigned i = 0; builder->form->rows == ROWS_LINES && i < builder->form->shown_count; i++) {
        try_sentence(builder, "lines", (int)i, "sentence", &builder->form->figures[i].sentence);
    }
    build_notes(builder);
}
