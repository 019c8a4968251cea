/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads each unit's own figures once, turns them into a vector, and adds the vectors up the tree in
 * one backward pass (children stand after their parents).
 */
#include "services/reporting/engine/engine_internal.h"

#include <string.h>

/* What most terms ask for: measures over all slots, added up once for all of them. */
struct slotless {
    int64_t from[MEASURE_COUNT];
    int64_t to[MEASURE_COUNT];
};

static void sum_slots(const struct figures *figures, struct slotless *ret_sums)
{
    *ret_sums = (struct slotless){.from = {0}};
    for (unsigned measure = figures_next(figures, 0); measure < MEASURE_COUNT;
         measure = figures_next(figures, measure + 1)) {
        for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
            ret_sums->from[measure] += figures->from[measure][slot];
            ret_sums->to[measure] += figures->to[measure][slot];
        }
    }
}

static int64_t term_value(const struct term *term, const struct figures *figures,
                          const struct slotless *all, uint16_t slots)
{
    const int64_t from = all->from[term->measure];
    const int64_t to = all->to[term->measure];
    if ((term->slots & slots) != SLOTS_ALL) {
        return figures_value(figures, (enum measure)term->measure, (enum side)term->side,
                             term->slots & slots);
    }
    return term->side == SIDE_OPEN ? from : term->side == SIDE_CLOSE ? to : to - from;
}

static int64_t evaluate(const struct expression *expression, const struct figures *figures,
                        const struct slotless *all, uint16_t days, uint16_t slots)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < expression->count; i++) {
        const struct term *term = &expression->terms[i];
        if (term->days == days) {
            sum += term->coefficient * term_value(term, figures, all, slots);
        }
    }
    return sum;
}

void engine_evaluate(const struct engine *engine, const struct figures *figures,
                     struct engine_side side, uint16_t slots, int64_t *sums)
{
    const struct form *form = engine->input->form;
    const uint16_t days = form->shifts[side.shift];
    struct slotless all;
    sum_slots(figures, &all);
    sums += (size_t)side.index * engine->half;
    for (unsigned i = 0; i < form->figure_count; i++) {
        *sums++ += evaluate(&form->figures[i].value, figures, &all, days, slots);
        *sums++ += evaluate(&form->figures[i].under, figures, &all, days, slots);
    }
    for (unsigned i = 0; i < IDENTITY_COUNT; i++) {
        const struct parsed_value *residual = &engine->residuals[i];
        const struct expression expression = {residual->value, residual->value_count};
        *sums++ += evaluate(&expression, figures, &all, days, slots);
    }
}

void engine_add(const struct engine *engine, int64_t *sums, const int64_t *addend)
{
    for (unsigned i = 0; i < engine->width; i++) {
        sums[i] += addend[i];
    }
}

bool engine_any(const struct engine *engine, const int64_t *sums)
{
    for (unsigned side = 0; side < engine->sides; side++, sums += engine->half) {
        for (unsigned i = 0; i < 2 * engine->input->form->figure_count; i++) {
            if (sums[i] != 0) {
                return true;
            }
        }
    }
    return false;
}

struct figures *engine_totals(const struct engine *engine, struct engine_side side)
{
    return &engine->totals[side.index * engine->input->form->shift_count + side.shift];
}

int64_t *engine_new_sums(struct engine *engine)
{
    return arena_array(engine->arena, engine->width, sizeof(int64_t));
}

/* A stock, or the sum of a flow, below zero at either end; or a flow below zero in between. */
static bool any_negative(const struct figures *figures)
{
    int64_t signs = 0;
    for (unsigned measure = figures_next(figures, 0); measure < MEASURE_COUNT;
         measure = figures_next(figures, measure + 1)) {
        const int64_t flow = measure_is_stock((enum measure)measure) ? 0 : -1;
        for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
            const int64_t from = figures->from[measure][slot];
            const int64_t to = figures->to[measure][slot];
            signs |= from | to | ((to - from) & flow);
        }
    }
    return signs < 0;
}

/* Anything in the period: a flow, or a stock at one of its ends. */
static bool counts(const struct figures *figures)
{
    for (unsigned measure = figures_next(figures, 0); measure < MEASURE_COUNT;
         measure = figures_next(figures, measure + 1)) {
        const bool stock = measure_is_stock((enum measure)measure);
        for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
            const int64_t from = figures->from[measure][slot];
            const int64_t to = figures->to[measure][slot];
            if (from != to || (stock && from != 0)) {
                return true;
            }
        }
    }
    return false;
}

static struct days shifted(const struct engine *engine, struct engine_side side)
{
    const struct engine_input *input = engine->input;
    const struct days *of = side.index == 0 ? &input->days : &input->compared.days;
    const int32_t days = input->form->shifts[side.shift];
    return (struct days){of->from + days, of->to + days};
}

static const struct figures_source *source_of(const struct engine *engine, struct engine_side side)
{
    return side.index == 0 ? &engine->input->source : &engine->input->compared.source;
}

/* Through the shifts of one side, then of the other; false after the last. */
static bool next_side(const struct engine *engine, struct engine_side *side)
{
    if (++side->shift == engine->input->form->shift_count) {
        *side = (struct engine_side){.index = side->index + 1};
    }
    return side->index < engine->sides;
}

/* The unit's vector of the part, made when it is first needed. */
static int64_t *own_part(struct engine *engine, uint32_t row, uint32_t part)
{
    const size_t at = (size_t)engine->places[row] * engine->part_count + part;
    if (engine->own_parts[at] == NULL) {
        engine->own_parts[at] = engine_new_sums(engine);
    }
    return engine->own_parts[at];
}

static void add_part(struct engine *engine, uint32_t row, uint32_t part, const int64_t *sums)
{
    int64_t *own = engine_any(engine, sums) ? own_part(engine, row, part) : NULL;
    if (own != NULL) {
        engine_add(engine, own, sums);
        engine_add(engine, engine->parts_total + (size_t)row * engine->width, sums);
    }
}

static void add_slot_parts(struct engine *engine, uint32_t row, const struct figures *figures,
                           struct engine_side side, int64_t *scratch)
{
    const struct slot_part *parts = NULL;
    const unsigned count = slot_parts(engine->input->form->rows, &parts);
    for (unsigned i = 0; i < count; i++) {
        memset(scratch, 0, engine->width * sizeof *scratch);
        engine_evaluate(engine, figures, side, slot_part_slots(&parts[i]), scratch);
        add_part(engine, row, i, scratch);
    }
}

static void read_unit(struct engine *engine, uint32_t row, const struct unit *unit,
                      struct figures *figures, int64_t *scratch)
{
    struct engine_side side = {.index = 0};
    bool counted = false;
    do {
        const struct figures_source *source = source_of(engine, side);
        figures_clear(figures);
        source->read(source->context, unit->id, shifted(engine, side), figures);
        engine_evaluate(engine, figures, side, SLOTS_ALL, engine_own(engine, row));
        add_slot_parts(engine, row, figures, side, scratch);
        figures_add(engine_totals(engine, side), figures);
        if (engine->negative == NULL && any_negative(figures)) {
            engine->negative = unit;
        }
        counted = counted || (side.shift == 0 && counts(figures));
    } while (next_side(engine, &side));
    if (counted && engine->input->scope.rows[row].kind == SCOPE_OUTSIDE_TIER) {
        engine_name(engine, &engine->outside, unit);
    }
}

static enum status read_units(struct engine *engine)
{
    const struct scope *scope = &engine->input->scope;
    struct figures *figures = arena_alloc(engine->arena, sizeof *figures);
    int64_t *scratch = engine_new_sums(engine);
    engine->totals =
        arena_array(engine->arena, (size_t)engine->sides * engine->input->form->shift_count,
                    sizeof *engine->totals);
    if (figures == NULL || scratch == NULL || engine->totals == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < scope->count; i++) {
        for (uint32_t unit = scope->rows[i].unit_first; unit < scope->rows[i].unit_end; unit++) {
            read_unit(engine, i, scope->units[unit], figures, scratch);
        }
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

/* The cells of a field follow each other, and evaluating is linear: their figures are added up and
 * evaluated once. */
struct part_scan {
    struct engine *engine;
    uint32_t part; /* of the cells just visited; part_count = one that the catalogue has not */
    bool open;
    struct figures *figures; /* theirs so far */
    int64_t *scratch;
    uint32_t row;
    struct engine_side side;
};

static void end_part(struct part_scan *scan)
{
    struct engine *engine = scan->engine;
    if (scan->open && scan->part < engine->part_count) {
        memset(scan->scratch, 0, engine->width * sizeof *scan->scratch);
        engine_evaluate(engine, scan->figures, scan->side, SLOTS_ALL, scan->scratch);
        add_part(engine, scan->row, scan->part, scan->scratch);
    }
    figures_clear(scan->figures);
    scan->open = false;
}

/* The part of a cell; part_count = none: it shows in the check that parts add up to their unit. */
static uint32_t part_of_cell(const struct engine *engine, const struct ledger_cell *cell)
{
    const struct catalogue *catalogue = engine->input->catalogue;
    if (engine->procedures != NULL) {
        const struct procedure *procedure = catalogue_procedure(catalogue, cell->procedure);
        return procedure != NULL ? (uint32_t)(procedure - engine->procedures) : engine->part_count;
    }
    if (cell->field.size == 0) {
        return engine->part_count - 1;
    }
    const struct field *field = catalogue_field(catalogue, cell->field);
    return field != NULL ? (uint32_t)(field - engine->fields) : engine->part_count;
}

static void visit_cell(void *context, const struct ledger_cell *cell, const struct figures *figures)
{
    struct part_scan *scan = context;
    const struct engine *engine = scan->engine;
    const bool same_field = scan->open && engine->fields != NULL &&
                            scan->part + 1 < engine->part_count &&
                            slice_equal(engine->fields[scan->part].id, cell->field);
    const uint32_t part = same_field ? scan->part : part_of_cell(engine, cell);
    if (!scan->open || part != scan->part) {
        end_part(scan);
        scan->part = part;
        scan->open = true;
    }
    figures_add(scan->figures, figures);
}

static void scan_unit(struct part_scan *scan, const struct unit *unit)
{
    const struct engine *engine = scan->engine;
    scan->side = (struct engine_side){.index = 0};
    do {
        const struct figures_source *source = source_of(engine, scan->side);
        source->scan(source->context, unit->id, shifted(engine, scan->side), visit_cell, scan);
        end_part(scan);
    } while (next_side(engine, &scan->side));
}

static enum status scan_parts(struct engine *engine)
{
    const struct scope *scope = &engine->input->scope;
    struct part_scan scan = {.engine = engine};
    scan.figures = arena_alloc(engine->arena, sizeof *scan.figures);
    scan.scratch = engine_new_sums(engine);
    if (scan.figures == NULL || scan.scratch == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (; scan.row < scope->count; scan.row++) {
        const struct scope_row *row = &scope->rows[scan.row];
        for (uint32_t unit = row->unit_first; unit < row->unit_end; unit++) {
            scan_unit(&scan, scope->units[unit]);
        }
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

/* A unit without others below it has its own parts for sums; its parent gets vectors of its own. */
static void add_parts(struct engine *engine, uint32_t place, uint32_t parent_place)
{
    for (uint32_t part = 0; part < engine->part_count; part++) {
        const size_t at = (size_t)place * engine->part_count + part;
        const size_t above = (size_t)parent_place * engine->part_count + part;
        if (engine->part_sums[at] == NULL) {
            continue;
        }
        if (engine->part_sums[above] == engine->own_parts[above]) {
            int64_t *sums = engine_new_sums(engine);
            if (sums == NULL) {
                return; /* the arena remembers */
            }
            if (engine->own_parts[above] != NULL) {
                engine_add(engine, sums, engine->own_parts[above]);
            }
            engine->part_sums[above] = sums;
        }
        engine_add(engine, engine->part_sums[above], engine->part_sums[at]);
    }
}

static void add_up(struct engine *engine)
{
    const uint32_t count = engine->input->scope.count;
    const size_t parts = (size_t)engine->place_count * engine->part_count;
    memcpy(engine->sums, engine->own, (size_t)count * engine->width * sizeof *engine->sums);
    if (parts != 0) {
        memcpy(engine->part_sums, engine->own_parts, parts * sizeof *engine->part_sums);
    }
    for (uint32_t i = count; i-- > 0;) {
        const uint32_t parent = engine->input->scope.rows[i].parent;
        if (parent != i) {
            engine_add(engine, engine->sums + (size_t)parent * engine->width,
                       engine->sums + (size_t)i * engine->width);
            if (parts != 0 && engine->places[i] != engine->places[parent]) {
                add_parts(engine, engine->places[i], engine->places[parent]);
            }
        }
    }
}

bool engine_has_row(const struct engine *engine, uint32_t row)
{
    const uint32_t depth = engine->procedures != NULL ? 1 : engine->input->depth;
    return depth == 0 || engine->input->scope.rows[row].depth < depth;
}

/* Rows that are shown have vectors of parts; parents stand before their children. */
static void give_places(struct engine *engine)
{
    const struct scope *scope = &engine->input->scope;
    for (uint32_t row = 0; row < scope->count; row++) {
        engine->places[row] = engine_has_row(engine, row) ? engine->place_count++
                                                          : engine->places[scope->rows[row].parent];
    }
}

/* Which parts there are, and room for them. */
static enum status prepare_parts(struct engine *engine)
{
    const struct engine_input *input = engine->input;
    const struct slot_part *parts = NULL;
    engine->part_count = slot_parts(input->form->rows, &parts);
    if (input->form->rows == ROWS_FIELDS) {
        engine->fields = catalogue_fields(input->catalogue, &engine->part_count);
        engine->part_count++;
    } else if (input->form->rows == ROWS_PROCEDURES) {
        engine->procedures = catalogue_procedures(input->catalogue, &engine->part_count);
    }
    if (engine->part_count == 0) {
        return STATUS_OK;
    }
    engine->places = arena_array(engine->arena, input->scope.count, sizeof *engine->places);
    if (engine->places == NULL) {
        return STATUS_TOO_LARGE;
    }
    give_places(engine);
    const size_t count = (size_t)engine->place_count * engine->part_count;
    engine->own_parts = arena_array(engine->arena, count, sizeof *engine->own_parts);
    engine->part_sums = arena_array(engine->arena, count, sizeof *engine->part_sums);
    engine->parts_total = arena_array(engine->arena, (size_t)input->scope.count * engine->width,
                                      sizeof *engine->parts_total);
    return engine->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

enum status engine_sum(struct engine *engine)
{
    const size_t count = engine->input->scope.count;
    const enum form_rows rows = engine->input->form->rows;
    engine->own = arena_array(engine->arena, count * engine->width, sizeof *engine->own);
    engine->sums = arena_array(engine->arena, count * engine->width, sizeof *engine->sums);
    if (engine->own == NULL || engine->sums == NULL) {
        return STATUS_TOO_LARGE;
    }
    enum status status = prepare_parts(engine);
    if (status == STATUS_OK) {
        status = read_units(engine);
    }
    if (status == STATUS_OK && (rows == ROWS_FIELDS || rows == ROWS_PROCEDURES)) {
        status = scan_parts(engine);
    }
    if (status == STATUS_OK) {
        add_up(engine);
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : status;
}
