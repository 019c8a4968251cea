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

/* A form is in force for some years; a report of other days on it is possible, and says so. */
static enum status note_validity(struct engine *engine)
{
    static const struct text2 note = {
        "Biểu này không có hiệu lực trong toàn bộ kỳ báo cáo: xem ngày hiệu lực của biểu.",
        "This form is not in force in all of the period: see its dates of validity."};
    const struct engine_input *input = engine->input;
    if (input->days.from >= input->form->valid_from && input->days.to <= input->form->valid_to) {
        return STATUS_OK;
    }
    return report_add_note(engine->report, engine->arena, text_in(note, input->english));
}

enum status engine_notes(struct engine *engine)
{
    const struct form *form = engine->input->form;
    const bool english = engine->input->english;
    enum status status = STATUS_OK;
    for (unsigned i = 0; i < form->note_count && status == STATUS_OK; i++) {
        char *note = NULL;
        status = engine_sentence(engine, &form->notes[i], &note);
        if (status == STATUS_OK) {
            status = report_add_note(engine->report, engine->arena, note);
        }
    }
    for (unsigned i = 0; i < COUNT_OF(common_notes) && status == STATUS_OK; i++) {
        status = report_add_note(engine->report, engine->arena, text_in(common_notes[i], english));
    }
    return status == STATUS_OK ? note_validity(engine) : status;
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
    require(input->scope.count != 0);
    struct engine *engine = arena_alloc(arena, sizeof *engine);
    if (engine == NULL) {
        return STATUS_TOO_LARGE;
    }
    engine->input = input;
    engine->arena = arena;
    engine->report = report;
    engine->width = 2 * input->form->figure_count + IDENTITY_COUNT;
    parse_identities(engine);
    hoso__v1__report__init(report);
    enum status status = fill_head(engine);
    status = status == STATUS_OK ? engine_sum(engine) : status;
    status = status == STATUS_OK ? engine_records(engine) : status;
    status = status == STATUS_OK ? engine_notes(engine) : status;
    status = status == STATUS_OK ? engine_rows(engine) : status;
    status = status == STATUS_OK ? engine_checks(engine) : status;
    *ret_violations = engine->violations;
    return status;
}
