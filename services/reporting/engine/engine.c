/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads each unit's own figures once, turns them into a vector, and adds the vectors up the tree in
 * one backward pass (children stand after their parents).
 */
#include "services/reporting/engine/engine_internal.h"

#include "base/localday.h"
#include "base/require.h"

static int64_t evaluate(const struct expression *expression, const struct figures *figures)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < expression->count; i++) {
        const struct term *term = &expression->terms[i];
        sum += term->coefficient * figures_value(figures, (enum measure)term->measure,
                                                 (enum side)term->side, term->slots);
    }
    return sum;
}

void engine_evaluate(const struct engine *engine, const struct figures *figures, int64_t *sums)
{
    const struct form *form = engine->input->form;
    for (unsigned i = 0; i < form->figure_count; i++) {
        *sums++ += evaluate(&form->figures[i].value, figures);
        *sums++ += evaluate(&form->figures[i].under, figures);
    }
    for (unsigned i = 0; i < identity_count; i++) {
        *sums++ += evaluate(&identities[i].residual, figures);
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
    for (unsigned i = 0; i < 2 * engine->input->form->figure_count; i++) {
        if (sums[i] != 0) {
            return true;
        }
    }
    return false;
}

const char *engine_unit_label(const struct engine *engine, const struct unit *unit)
{
    const bool english = engine->input->english && unit->name_en.size != 0;
    return arena_string(engine->arena, english ? unit->name_en : unit->name);
}

static bool any_negative(const struct figures *figures)
{
    for (unsigned measure = 0; measure < MEASURE_COUNT; measure++) {
        const bool flow = !measure_is_stock((enum measure)measure);
        for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
            const int64_t from = figures->from[measure][slot];
            const int64_t to = figures->to[measure][slot];
            if (from < 0 || to < 0 || (flow && to < from)) {
                return true;
            }
        }
    }
    return false;
}

static void read_unit(struct engine *engine, const struct unit *unit, struct figures *figures)
{
    engine->input->source.read(engine->input->source.context, unit->id, figures);
    figures_add(&engine->total, figures);
    if (engine->negative == NULL && any_negative(figures)) {
        engine->negative = unit;
    }
}

static enum status read_units(struct engine *engine)
{
    const struct scope *scope = &engine->input->scope;
    struct figures *figures = arena_alloc(engine->arena, sizeof *figures);
    if (figures == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < scope->count; i++) {
        const struct scope_row *row = &scope->rows[i];
        for (uint32_t unit = row->unit_first; unit < row->unit_end; unit++) {
            memset(figures, 0, sizeof *figures);
            read_unit(engine, scope->units[unit], figures);
            engine_evaluate(engine, figures, engine->own + (size_t)i * engine->width);
        }
    }
    return STATUS_OK;
}

static int64_t *field_sums(struct engine *engine, uint32_t row, uint32_t field)
{
    int64_t **sums = &engine->fields[(size_t)row * engine->field_count + field];
    if (*sums == NULL) {
        *sums = arena_array(engine->arena, engine->width, sizeof **sums);
    }
    return *sums;
}

/* The cells of a field follow each other, and evaluating is linear: their figures are added up and
 * evaluated once. */
struct field_scan {
    struct engine *engine;
    const struct field *field; /* of the cells just visited; NULL = none */
    struct figures *figures;   /* theirs so far */
    int64_t *scratch;
    uint32_t row;
};

static void end_field(struct field_scan *scan)
{
    struct engine *engine = scan->engine;
    if (scan->field == NULL) {
        return;
    }
    memset(scan->scratch, 0, engine->width * sizeof *scan->scratch);
    engine_evaluate(engine, scan->figures, scan->scratch);
    if (engine_any(engine, scan->scratch)) {
        int64_t *sums = field_sums(engine, scan->row, (uint32_t)(scan->field - engine->field_list));
        if (sums != NULL) {
            engine_add(engine, sums, scan->scratch);
            engine_add(engine, engine->own_fields + (size_t)scan->row * engine->width,
                       scan->scratch);
        }
    }
    memset(scan->figures, 0, sizeof *scan->figures);
    scan->field = NULL;
}

/* One (field, procedure) cell of a unit. A field that the catalogue does not have is left out here
 * and shows in the check that fields add up to their unit. */
static void visit_field(void *context, const struct ledger_cell *cell,
                        const struct figures *figures)
{
    struct field_scan *scan = context;
    if (scan->field == NULL || !slice_equal(scan->field->id, cell->field)) {
        end_field(scan);
        scan->field = catalogue_field(scan->engine->input->catalogue, cell->field);
    }
    if (scan->field != NULL) {
        figures_add(scan->figures, figures);
    }
}

static enum status scan_fields(struct engine *engine)
{
    const struct scope *scope = &engine->input->scope;
    const struct figures_source *source = &engine->input->source;
    engine->field_list = catalogue_fields(engine->input->catalogue, &engine->field_count);
    engine->fields = arena_array(engine->arena, (size_t)scope->count * engine->field_count,
                                 sizeof *engine->fields);
    engine->own_fields = arena_array(engine->arena, (size_t)scope->count * engine->width,
                                     sizeof *engine->own_fields);
    struct field_scan scan = {.engine = engine};
    scan.figures = arena_alloc(engine->arena, sizeof *scan.figures);
    scan.scratch = arena_array(engine->arena, engine->width, sizeof *scan.scratch);
    if (engine->fields == NULL || engine->own_fields == NULL || scan.figures == NULL ||
        scan.scratch == NULL) {
        return STATUS_TOO_LARGE;
    }
    for (; scan.row < scope->count; scan.row++) {
        const struct scope_row *row = &scope->rows[scan.row];
        for (uint32_t unit = row->unit_first; unit < row->unit_end; unit++) {
            source->scan(source->context, scope->units[unit]->id, visit_field, &scan);
            end_field(&scan);
        }
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

static void add_fields_to_parent(struct engine *engine, uint32_t row)
{
    for (uint32_t field = 0; field < engine->field_count; field++) {
        const int64_t *sums = engine->fields[(size_t)row * engine->field_count + field];
        int64_t *above =
            sums != NULL ? field_sums(engine, engine->input->scope.rows[row].parent, field) : NULL;
        if (above != NULL) {
            engine_add(engine, above, sums);
        }
    }
}

static void add_up(struct engine *engine)
{
    const uint32_t count = engine->input->scope.count;
    memcpy(engine->sums, engine->own, (size_t)count * engine->width * sizeof *engine->sums);
    for (uint32_t i = count; i-- > 0;) {
        const uint32_t parent = engine->input->scope.rows[i].parent;
        if (parent != i) {
            engine_add(engine, engine->sums + (size_t)parent * engine->width,
                       engine->sums + (size_t)i * engine->width);
            if (engine->fields != NULL) {
                add_fields_to_parent(engine, i);
            }
        }
    }
}

static enum status sum_rows(struct engine *engine)
{
    const size_t count = engine->input->scope.count;
    engine->own = arena_array(engine->arena, count * engine->width, sizeof *engine->own);
    engine->sums = arena_array(engine->arena, count * engine->width, sizeof *engine->sums);
    if (engine->own == NULL || engine->sums == NULL) {
        return STATUS_TOO_LARGE;
    }
    enum status status = read_units(engine);
    if (status == STATUS_OK && engine->input->form->rows == ROWS_FIELDS_UNDER_UNITS) {
        status = scan_fields(engine);
    }
    if (status == STATUS_OK) {
        add_up(engine);
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : status;
}

static enum status fill_head(struct engine *engine)
{
    const struct engine_input *input = engine->input;
    const struct unit *root = input->scope.rows[0].unit;
    Hoso__V1__Report *report = engine->report;
    char from[DATE_TEXT_SIZE];
    char to[DATE_TEXT_SIZE];
    localday_format(input->from_day, from);
    localday_format(input->to_day - 1, to);
    report->form = message_text(input->form->id);
    report->title = message_text(text_in(input->form->title, input->english));
    report->unit = arena_string(engine->arena, root->id);
    report->unit_name = message_text(engine_unit_label(engine, root));
    report->period = arena_alloc(engine->arena, sizeof *report->period);
    if (report->period != NULL) {
        hoso__v1__period__init(report->period);
        report->period->from = arena_string(engine->arena, slice_text(from));
        report->period->to = arena_string(engine->arena, slice_text(to));
    }
    if (engine->arena->exceeded) {
        return STATUS_TOO_LARGE;
    }
    return form_columns(input->form, input->english, engine->arena, &report->columns,
                        &report->n_columns);
}

enum status report_add_note(Hoso__V1__Report *report, struct arena *arena, const char *note)
{
    char **notes = arena_array(arena, report->n_notes + 1, sizeof *notes);
    if (notes == NULL || note == NULL) {
        return STATUS_TOO_LARGE;
    }
    if (report->n_notes != 0) {
        memcpy(notes, report->notes, report->n_notes * sizeof *notes);
    }
    notes[report->n_notes++] = message_text(note);
    report->notes = notes;
    return STATUS_OK;
}

/* True for every form, so that a reader never has to guess (counting rules §3.6). */
static const struct text2 common_notes[] = {
    {"Trước hạn: giải quyết trước ngày hẹn trả. Đúng hạn: giải quyết đúng ngày hẹn trả, hoặc hồ sơ "
     "không có ngày hẹn. Quá hạn: giải quyết sau ngày hẹn trả. So sánh theo ngày, không theo giờ.",
     "Early: resolved before the due day. On time: resolved on the due day, or without a due date. "
     "Late: resolved after it. Days are compared, not hours."},
    {"Đang giải quyết bị coi là quá hạn từ đầu ngày sau ngày hẹn trả; hồ sơ đang chờ bổ sung, chờ "
     "nghĩa vụ tài chính hoặc dừng xử lý không tính quá hạn.",
     "In process counts as overdue from the day after the due day; a dossier that waits for a "
     "supplement or a payment or is stopped is never overdue."},
};

static enum status fill_notes(struct engine *engine)
{
    const struct form *form = engine->input->form;
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < form->note_count && status == STATUS_OK; i++) {
        status = report_add_note(engine->report, engine->arena,
                                 text_in(form->notes[i], engine->input->english));
    }
    for (unsigned i = 0; i < COUNT_OF(common_notes) && status == STATUS_OK; i++) {
        status = report_add_note(engine->report, engine->arena,
                                 text_in(common_notes[i], engine->input->english));
    }
    return status;
}

enum status engine_run(const struct engine_input *input, struct arena *arena,
                       Hoso__V1__Report *report, unsigned *ret_violations)
{
    require(input->scope.count != 0);
    struct engine *engine = arena_alloc(arena, sizeof *engine);
    if (engine == NULL) {
        return STATUS_TOO_LARGE;
    }
    engine->input = input;
    engine->arena = arena;
    engine->report = report;
    engine->width = 2 * input->form->figure_count + identity_count;
    hoso__v1__report__init(report);
    enum status status = fill_head(engine);
    status = status == STATUS_OK ? sum_rows(engine) : status;
    status = status == STATUS_OK ? engine_records(engine) : status;
    status = status == STATUS_OK ? fill_notes(engine) : status;
    status = status == STATUS_OK ? engine_rows(engine) : status;
    status = status == STATUS_OK ? engine_checks(engine) : status;
    *ret_violations = engine->violations;
    return status;
}
