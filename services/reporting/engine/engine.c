/* SPDX-License-Identifier: Apache-2.0
 *
 * The report's head and notes, and the order of the steps.
 */
#include "services/reporting/engine/engine_internal.h"

#include <string.h>

#include "base/localday.h"
#include "base/require.h"

const char *engine_unit_label(const struct engine *engine, const struct unit *unit)
{
    const bool english = engine->input->english && unit->name_en.size != 0;
    return arena_string(engine->arena, english ? unit->name_en : unit->name);
}

const char *engine_day_text(const struct engine *engine, int32_t day)
{
    char iso[DATE_TEXT_SIZE];
    const struct date date = localday_date(day);
    localday_format(day, iso);
    return engine->input->english
               ? arena_string(engine->arena, slice_text(iso))
               : arena_printf(engine->arena, "%02d/%02d/%04d", date.day, date.month, date.year);
}

const char *engine_row_label(const struct engine *engine, const struct scope_row *row)
{
    const bool english = engine->input->english;
    switch (row->kind) {
    case SCOPE_UNIT:
        break;
    case SCOPE_SPLIT:
        return arena_printf(engine->arena, english ? "%s (split)" : "%s (đã chia tách)",
                            engine_unit_label(engine, row->unit));
    case SCOPE_OUTSIDE:
    case SCOPE_OUTSIDE_TIER:
        return arena_printf(engine->arena,
                            english ? "Units outside the tree of %s" : "Đơn vị ngoài cây ngày %s",
                            engine_day_text(engine, engine->input->tree_day));
    }
    return engine_unit_label(engine, row->unit);
}

char *engine_copy(const struct engine *engine, const char *text)
{
    return arena_string(engine->arena, slice_text(text));
}

static enum status fill_head(struct engine *engine)
{
    const struct engine_input *input = engine->input;
    const struct form *form = input->form;
    const struct unit *root = input->scope.rows[0].unit;
    Hoso__V1__Report *report = engine->report;
    char from[DATE_TEXT_SIZE];
    char to[DATE_TEXT_SIZE];
    localday_format(input->days.from, from);
    localday_format(input->days.to - 1, to);
    report->form = engine_copy(engine, form->id);
    report->title = engine_copy(engine, text_in(form->title, input->english));
    report->legal_basis = engine_copy(engine, form->legal_basis);
    report->paper = engine_copy(engine, form->paper);
    report->counted_in = engine_copy(engine, text_in(form->counted_in, input->english));
    report->digest = engine_copy(engine, form->digest);
    report->unit = arena_string(engine->arena, root->id);
    report->unit_name = message_text(engine_unit_label(engine, root));
    report->period = arena_alloc(engine->arena, sizeof *report->period);
    if (report->period != NULL) {
        hoso__v1__period__init(report->period);
        report->period->from = arena_string(engine->arena, slice_text(from));
        report->period->to = arena_string(engine->arena, slice_text(to));
    }
    return engine->arena->exceeded ? STATUS_TOO_LARGE : STATUS_OK;
}

static void parse_identities(struct engine *engine)
{
    for (unsigned i = 0; i < IDENTITY_COUNT; i++) {
        struct expression_fault fault;
        require(expression_parse(identities[i].residual, "", NULL, NULL, &engine->residuals[i],
                                 &fault) == STATUS_OK);
    }
}

enum status engine_run(const struct engine_input *input, struct arena *arena,
                       Hoso__V1__Report *report, unsigned *ret_violations)
{
    static enum status (*const steps[])(struct engine *) = {
        fill_head, engine_sum, engine_records, engine_notes, engine_rows, engine_checks};
    require(input->scope.count != 0);
    struct engine *engine = arena_alloc(arena, sizeof *engine);
    if (engine == NULL) {
        return STATUS_TOO_LARGE;
    }
    engine->input = input;
    engine->arena = arena;
    engine->report = report;
    engine->sides = input->compared.with != HOSO__V1__COMPARISON__COMPARISON_UNSPECIFIED ? 2 : 1;
    engine->half = 2 * input->form->figure_count + IDENTITY_COUNT;
    engine->width = engine->sides * engine->half;
    parse_identities(engine);
    hoso__v1__report__init(report);
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < sizeof steps / sizeof *steps && status == STATUS_OK; i++) {
        status = steps[i](engine);
    }
    *ret_violations = engine->violations;
    return status;
}
