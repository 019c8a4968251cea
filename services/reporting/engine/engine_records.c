/* SPDX-License-Identifier: Apache-2.0
 *
 * Which rows a report has: units in the catalogue's order, under each its parts; what a unit counts
 * alone where there are units below it, too; subtotals. And what a row's id means.
 */
#include "services/reporting/engine/engine_internal.h"

#include <string.h>

#define OWN "own"
#define OUTSIDE "outside"
#define NO_FIELD "no_field"

static const struct slot_part levels[] = {
    {"full",
     {"Dịch vụ công trực tuyến toàn trình", "Fully online public services"},
     LEVEL_FULL,
     CLASS_NONE},
    {"partial",
     {"Dịch vụ công trực tuyến một phần", "Partly online public services"},
     LEVEL_PARTIAL,
     CLASS_NONE},
    {"not_online",
     {"Không cung cấp trực tuyến", "Not offered online"},
     LEVEL_NOT_ONLINE,
     CLASS_NONE},
};
static const struct slot_part classes[] = {
    {"administrative",
     {"Quy định, hành vi hành chính", "Administrative rules and acts"},
     LEVEL_NONE_GIVEN,
     CLASS_ADMINISTRATIVE},
    {"business",
     {"Quy định kinh doanh theo mục IX Nghị quyết 97/NQ-CP ngày 08/7/2023",
      "Business regulations, section IX of Resolution 97/NQ-CP of 08/7/2023"},
     LEVEL_NONE_GIVEN,
     CLASS_BUSINESS},
};

const struct tier_name tier_names[] = {
    [TIER_NONE] = {"tier_other", {"Cộng đơn vị khác", "Other units, subtotal"}},
    [TIER_PROVINCE] = {"tier_province", {"Cộng cấp tỉnh", "Provinces, subtotal"}},
    [TIER_DEPARTMENT] = {"tier_department", {"Cộng sở, ban, ngành", "Departments, subtotal"}},
    [TIER_DISTRICT] = {"tier_district", {"Cộng cấp huyện", "Districts, subtotal"}},
    [TIER_COMMUNE] = {"tier_commune", {"Cộng cấp xã", "Communes, subtotal"}},
    [TIER_NATION] = {"tier_nation", {"Cộng cấp quốc gia", "Nations, subtotal"}},
    [TIER_MINISTRY] = {"tier_ministry", {"Cộng bộ, ngành", "Ministries, subtotal"}},
};
const unsigned tier_count = COUNT_OF(tier_names);

uint16_t slot_part_slots(const struct slot_part *part)
{
    return (uint16_t)(part->of_petition != CLASS_NONE ? slots_of_class(part->of_petition)
                                                      : slots_of(CHANNEL_NONE, part->level));
}

unsigned slot_parts(enum form_rows rows, const struct slot_part **ret_parts)
{
    *ret_parts = rows == ROWS_LEVELS ? levels : classes;
    return rows == ROWS_LEVELS ? COUNT_OF(levels) : rows == ROWS_CLASSES ? COUNT_OF(classes) : 0;
}

enum tier engine_government(const struct scope *scope, uint32_t row)
{
    while (scope->rows[row].tier == TIER_DEPARTMENT || scope->rows[row].kind == SCOPE_OUTSIDE) {
        if (scope->rows[row].parent == row) {
            return TIER_PROVINCE;
        }
        row = scope->rows[row].parent;
    }
    return scope->rows[row].tier;
}

static bool in_tiers(uint32_t tiers, enum tier tier)
{
    return (tiers >> (unsigned)tier & 1U) != 0;
}

bool engine_scope_has(const struct form_scope *form_scope, const struct scope *scope, uint32_t row)
{
    return form_scope->tiers == 0 || in_tiers(form_scope->tiers, engine_government(scope, row));
}

static bool is_empty(const struct engine *engine, const int64_t *sums)
{
    return sums == NULL || !engine_any(engine, sums);
}

static const char *pick(const struct engine *engine, struct slice vi, struct slice en)
{
    return arena_string(engine->arena, engine->input->english && en.size != 0 ? en : vi);
}

static struct record *add_record(struct engine *engine, Hoso__V1__RowKind kind,
                                 const struct scope_row *row, const int64_t *sums)
{
    struct record *record = &engine->records[engine->record_count++];
    *record = (struct record){
        .kind = kind, .row = row, .level = row->depth, .id = "", .label = "", .sums = sums};
    return record;
}

/* Everything of the part that is not the same for a unit with all below it and for the unit alone.
 */
static void add_part_record(struct engine *engine, uint32_t row, uint32_t part, const int64_t *sums,
                            bool own)
{
    const struct slot_part *parts = NULL;
    const struct scope_row *at = &engine->input->scope.rows[row];
    struct record *record = add_record(engine, HOSO__V1__ROW_KIND__ROW_KIND_DETAIL, at, sums);
    const char *prefix = own ? OWN "." : at->kind == SCOPE_OUTSIDE ? OUTSIDE "." : "";
    record->level += own ? 2 : 1;
    record->id = own ? OWN : at->kind == SCOPE_OUTSIDE ? OUTSIDE : "";
    if (slot_parts(engine->input->form->rows, &parts) != 0) {
        record->id = arena_printf(engine->arena, "%s%s", prefix, parts[part].id);
        record->label = text_in(parts[part].label, engine->input->english);
    } else if (engine->procedures != NULL) {
        record->procedure = &engine->procedures[part];
        record->label = arena_string(engine->arena, record->procedure->name);
    } else if (part == engine->part_count - 1) {
        static const struct text2 label = {"Chưa có lĩnh vực (hồ sơ chưa tiếp nhận)",
                                           "No field yet (not received)"};
        record->id = arena_printf(engine->arena, "%s" NO_FIELD, prefix);
        record->label = text_in(label, engine->input->english);
    } else {
        record->field = &engine->fields[part];
        record->label = pick(engine, record->field->name, record->field->name_en);
    }
}

/* Fields and procedures without any figure are left out, unless all are wanted. */
static bool is_shown(const struct engine *engine, uint32_t part, const int64_t *sums)
{
    const struct slot_part *parts = NULL;
    const bool always = slot_parts(engine->input->form->rows, &parts) != 0;
    const bool no_field = engine->fields != NULL && part == engine->part_count - 1;
    return always || !is_empty(engine, sums) || (engine->input->all_rows && !no_field);
}

static void add_parts(struct engine *engine, uint32_t row, bool own)
{
    int64_t **vectors = own ? engine->own_parts : engine->part_sums;
    for (uint32_t part = 0; part < engine->part_count; part++) {
        const int64_t *sums = vectors[(size_t)engine->places[row] * engine->part_count + part];
        if (is_shown(engine, part, sums)) {
            add_part_record(engine, row, part, sums != NULL ? sums : engine_new_sums(engine), own);
        }
    }
}

/* The first of the rows below a row follows it. */
static bool has_children(const struct engine *engine, uint32_t row)
{
    return engine->input->scope.rows[row].end > row + 1 && engine_has_row(engine, row + 1);
}

/* "Riêng …": only where a unit has both. */
static void add_own(struct engine *engine, uint32_t row)
{
    const struct scope_row *at = &engine->input->scope.rows[row];
    const int64_t *own = engine_own(engine, row);
    if (!engine->input->form->subtotals || !has_children(engine, row) || is_empty(engine, own)) {
        return;
    }
    struct record *record = add_record(engine, HOSO__V1__ROW_KIND__ROW_KIND_OWN, at, own);
    const char *name = engine_unit_label(engine, at->unit);
    record->level++;
    record->id = OWN;
    record->label =
        arena_printf(engine->arena, engine->input->english ? "%s alone" : "Riêng %s", name);
    add_parts(engine, row, true);
}

/* The tree of the day has the unit, or there is something in what it has no more. */
static bool is_there(const struct engine *engine, uint32_t row)
{
    return engine->input->scope.rows[row].kind == SCOPE_UNIT ||
           !is_empty(engine, engine_own(engine, row));
}

/* The sum of what the units of these tiers count alone, and how many there are. */
static unsigned sum_tiers(const struct engine *engine, uint32_t tiers, int64_t *sums)
{
    const struct scope *scope = &engine->input->scope;
    unsigned count = 0;
    for (uint32_t i = 0; i < scope->count; i++) {
        if (in_tiers(tiers, scope->rows[i].tier) && is_there(engine, i)) {
            engine_add(engine, sums, engine_own(engine, i));
            count++;
        }
    }
    return count;
}

/* A tier of one unit needs no sum, nor does the only tier. */
static void add_subtotals(struct engine *engine)
{
    static const enum tier order[] = {TIER_NATION,   TIER_MINISTRY, TIER_PROVINCE, TIER_DEPARTMENT,
                                      TIER_DISTRICT, TIER_COMMUNE,  TIER_NONE};
    const struct scope *scope = &engine->input->scope;
    for (unsigned i = 0; i < COUNT_OF(order) && engine->input->form->subtotals; i++) {
        const enum tier tier = order[i];
        int64_t *sums = engine_new_sums(engine);
        const unsigned count = sums != NULL ? sum_tiers(engine, 1U << tier, sums) : 0;
        if (count >= 2 && count < scope->count) {
            struct record *record =
                add_record(engine, HOSO__V1__ROW_KIND__ROW_KIND_GROUP, &scope->rows[0], sums);
            record->level = 1;
            record->id = tier_names[tier].id;
            record->label = text_in(tier_names[tier].subtotal, engine->input->english);
        }
    }
}

/* What is history alone has a row only where there is something in it. */
static bool is_printed(const struct engine *engine, uint32_t row)
{
    const enum scope_kind kind = engine->input->scope.rows[row].kind;
    const int64_t *sums = engine->sums + (size_t)row * engine->width;
    return engine_has_row(engine, row) &&
           (kind == SCOPE_UNIT || (kind != SCOPE_OUTSIDE_TIER && engine_any(engine, sums)));
}

static void unit_records(struct engine *engine)
{
    const struct scope *scope = &engine->input->scope;
    for (uint32_t i = 0; i < scope->count; i++) {
        const struct scope_row *row = &scope->rows[i];
        if (!is_printed(engine, i)) {
            continue;
        }
        struct record *record = add_record(engine, HOSO__V1__ROW_KIND__ROW_KIND_UNIT, row,
                                           engine->sums + (size_t)i * engine->width);
        record->label = engine_row_label(engine, row);
        record->id = row->kind == SCOPE_OUTSIDE ? OUTSIDE : "";
        add_parts(engine, i, false);
        if (i == 0 && engine->procedures == NULL) {
            add_subtotals(engine);
        }
        add_own(engine, i);
    }
}

/* A group and its units, each alone. */
static void add_group(struct engine *engine, const char *id, const char *label, uint32_t tiers)
{
    const struct scope *scope = &engine->input->scope;
    int64_t *sums = engine_new_sums(engine);
    if (sums == NULL || sum_tiers(engine, tiers, sums) == 0) {
        return;
    }
    struct record *record =
        add_record(engine, HOSO__V1__ROW_KIND__ROW_KIND_GROUP, &scope->rows[0], sums);
    record->level = 1;
    record->id = id;
    record->label = label;
    for (uint32_t i = 0; i < scope->count; i++) {
        const struct scope_row *row = &scope->rows[i];
        if (in_tiers(tiers, row->tier) && engine_has_row(engine, i) && is_there(engine, i)) {
            record =
                add_record(engine, HOSO__V1__ROW_KIND__ROW_KIND_OWN, row, engine_own(engine, i));
            record->level = 2;
            record->id = row->unit != NULL
                             ? OWN
                             : arena_printf(engine->arena, OUTSIDE ".%s", tier_names[row->tier].id);
            record->label = engine_row_label(engine, row);
        }
    }
}

/* What no group names stands in one of its own, so that the groups add up. */
static void tier_records(struct engine *engine)
{
    static const struct text2 other = {"Đơn vị khác", "Other units"};
    const struct form *form = engine->input->form;
    const struct scope_row *root = &engine->input->scope.rows[0];
    const bool english = engine->input->english;
    uint32_t rest = (1U << tier_count) - 1;
    struct record *record =
        add_record(engine, HOSO__V1__ROW_KIND__ROW_KIND_UNIT, root, engine->sums);
    record->label = engine_unit_label(engine, root->unit);
    for (unsigned i = 0; i < form->group_count; i++) {
        const struct form_group *group = &form->groups[i];
        add_group(engine, group->id, text_in(group->label, english), group->tiers);
        rest &= ~group->tiers;
    }
    add_group(engine, tier_names[TIER_NONE].id, text_in(other, english), rest);
}

/* Only the scopes that any unit of the tree is in: what ended is in the total alone, or with the
 * units of its tier. */
static enum status scope_records(struct engine *engine)
{
    const struct form *form = engine->input->form;
    const struct scope *scope = &engine->input->scope;
    for (unsigned i = 0; i < form->scope_count; i++) {
        const struct form_scope *form_scope = &form->scopes[i];
        int64_t *sums = engine_new_sums(engine);
        bool any = false;
        for (uint32_t row = 0; row < scope->count && sums != NULL; row++) {
            if (engine_scope_has(form_scope, scope, row)) {
                engine_add(engine, sums, engine_own(engine, row));
                any = any || scope->rows[row].kind == SCOPE_UNIT || form_scope->tiers == 0;
            }
        }
        if (any) {
            engine->records[engine->record_count++] =
                (struct record){.scope = form_scope,
                                .label = text_in(form_scope->label, engine->input->english),
                                .sums = sums};
        }
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

/* No more records than there can be. */
static size_t most_records(const struct engine *engine)
{
    const size_t units = engine->input->scope.count;
    const size_t groups = engine->input->form->group_count + tier_count + 1;
    size_t parts = 0;
    for (uint32_t place = 0; place < engine->place_count; place++) {
        for (uint32_t part = 0; part < engine->part_count; part++) {
            const size_t at = (size_t)place * engine->part_count + part;
            parts += is_shown(engine, part, engine->part_sums[at]);
            parts += is_shown(engine, part, engine->own_parts[at]);
        }
    }
    return 2 * units + groups + parts + engine->input->form->scope_count;
}

enum status engine_records(struct engine *engine)
{
    engine->records = arena_array(engine->arena, most_records(engine), sizeof *engine->records);
    if (engine->records == NULL) {
        return STATUS_TOO_LARGE;
    }
    switch (engine->input->form->rows) {
    case ROWS_LINES:
        return scope_records(engine);
    case ROWS_TIERS:
        tier_records(engine);
        break;
    default:
        unit_records(engine);
        break;
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

/* "own" and "own.full" begin with "own". */
static bool take_prefix(const char **id, const char *prefix)
{
    const size_t size = strlen(prefix);
    const char *end = *id + size;
    if (strncmp(*id, prefix, size) != 0 || (*end != '\0' && *end != '.')) {
        return false;
    }
    *id = *end == '.' ? end + 1 : end;
    return true;
}

/* What a row's id says, in a form that is not made of lines. */
static bool parse_row(const struct form *form, const char *id, struct engine_cell *cell)
{
    const struct slot_part *parts = NULL;
    const unsigned part_count = slot_parts(form->rows, &parts);
    cell->own = take_prefix(&id, OWN);
    cell->outside = !cell->own && take_prefix(&id, OUTSIDE);
    for (unsigned i = 0; i < part_count; i++) {
        if (strcmp(parts[i].id, id) == 0) {
            cell->slots = slot_part_slots(&parts[i]);
            return true;
        }
    }
    if (form->rows == ROWS_FIELDS && strcmp(id, NO_FIELD) == 0) {
        cell->no_field = true;
        return true;
    }
    uint32_t rest = (1U << tier_count) - 1;
    for (unsigned i = 0; i < form->group_count; i++) {
        rest &= ~form->groups[i].tiers;
        if (strcmp(form->groups[i].id, id) == 0) {
            cell->tiers = form->groups[i].tiers;
            return true;
        }
    }
    for (unsigned tier = 0; tier < tier_count; tier++) {
        if (strcmp(tier_names[tier].id, id) == 0) {
            cell->tiers = form->rows == ROWS_TIERS && !cell->outside ? rest : 1U << tier;
            return true;
        }
    }
    return id[0] == '\0';
}

/* "13" and "(13)" name the column that is numbered "(13)" or "(13)=…" on paper. */
static const struct form_figure *figure_of_number(const struct form *form, const char *text)
{
    const size_t size = strspn(text + (text[0] == '('), "0123456789");
    const char *digits = text + (text[0] == '(');
    if (size == 0 || (digits[size] != '\0' && strcmp(digits + size, ")") != 0)) {
        return NULL;
    }
    for (unsigned i = 0; i < form->shown_count; i++) {
        const char *number = form->figures[i].number;
        if (number != NULL && number[0] == '(' && strncmp(number + 1, digits, size) == 0 &&
            number[1 + size] == ')') {
            return &form->figures[i];
        }
    }
    return NULL;
}

enum status engine_cell_find(const struct form *form, const char *column, const char *row,
                             struct engine_cell *ret_cell, const char **ret_which)
{
    const bool lines = form->rows == ROWS_LINES;
    struct engine_cell cell = {.slots = SLOTS_ALL};
    cell.figure = form_figure_find(form, slice_text(lines ? row : column));
    if (lines) {
        cell.scope = form_scope_find(form, slice_text(column));
    } else if (cell.figure == NULL) {
        cell.figure = figure_of_number(form, column);
    }
    *ret_which = cell.figure == NULL && lines ? "row" : "column";
    if (cell.figure == NULL || (lines && cell.scope == NULL)) {
        return STATUS_NOT_FOUND;
    }
    if (!lines && !parse_row(form, row, &cell)) {
        *ret_which = "row";
        return STATUS_NOT_FOUND;
    }
    *ret_cell = cell;
    return STATUS_OK;
}

bool engine_cell_covers(const struct engine_cell *cell, const struct scope *scope, uint32_t at,
                        uint32_t row)
{
    return (!cell->own || row == at) &&
           (!cell->outside || scope->rows[row].kind == SCOPE_OUTSIDE_TIER) &&
           (cell->tiers == 0 || in_tiers(cell->tiers, scope->rows[row].tier)) &&
           (cell->scope == NULL || engine_scope_has(cell->scope, scope, row));
}
